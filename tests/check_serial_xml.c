/* SPDX-License-Identifier: ISC */
/* Tests of virt/serial_xml.c: which domains get a serial console, and what it looks like. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "virt/domain_xml.h"
#include "virt/serial_xml.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define DOMAIN(type, arch, devices) "<domain type='" type "'>\n  <name>g</name>\n  <os>\n" \
	"    <type arch='" arch "'>hvm</type>\n  </os>\n" devices "</domain>\n"
#define DEVICES(inner) "  <devices>\n" inner "  </devices>\n"
#define DISK "    <disk type='file'/>\n"
#define ADDED_SERIAL(port) "    <serial type='pty'>\n      <target port='" port "'/>\n    </serial>\n"
#define ADDED_TWIN "    <console type='pty'>\n      <target type='serial' port='0'/>\n    </console>\n"
#define ADDED_SCLP "    <console type='pty'>\n      <target type='sclp' port='0'/>\n    </console>\n"
#define TCP "    <serial type='tcp'><target port='0'/></serial>\n"
#define TCP_TWIN "    <console type='tcp'><target type='serial' port='0'/></console>\n"
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

/* made: the whole new XML, with ' for ". */
static const struct made_row {
	const char *name;
	const char *xml;
	const char *made;
	const char *alias;          /* the console that is there then */
	const char *needs;          /* a part of what the guest's system needs */
} made_rows[] = {
	{ "an x86 guest with a disk", DOMAIN("kvm", "x86_64", DEVICES(DISK)),
	  DOMAIN("kvm", "x86_64", DEVICES(DISK ADDED_SERIAL("0") ADDED_TWIN)), "serial0",
	  "console=ttyS0 " },
	{ "a getty for it", DOMAIN("kvm", "x86_64", DEVICES(DISK)),
	  DOMAIN("kvm", "x86_64", DEVICES(DISK ADDED_SERIAL("0") ADDED_TWIN)), "serial0",
	  "systemctl enable --now serial-getty@ttyS0\n" },
	{ "ARM", DOMAIN("qemu", "aarch64", DEVICES(DISK)),
	  DOMAIN("qemu", "aarch64", DEVICES(DISK ADDED_SERIAL("0") ADDED_TWIN)), "serial0",
	  "console=ttyAMA0 " },
	{ "POWER", DOMAIN("kvm", "ppc64le", DEVICES(DISK)),
	  DOMAIN("kvm", "ppc64le", DEVICES(DISK ADDED_SERIAL("0") ADDED_TWIN)), "serial0",
	  "console=hvc0 " },
	{ "s390x has its own console", DOMAIN("kvm", "s390x", DEVICES(DISK)),
	  DOMAIN("kvm", "s390x", DEVICES(DISK ADDED_SCLP)), "console0", "console=ttysclp0 " },
	{ "a container", DOMAIN("lxc", "x86_64", DEVICES(DISK)),
	  DOMAIN("lxc", "x86_64", DEVICES(DISK "    <console type='pty'/>\n")), "console0",
	  "/dev/console" },
	{ "a serial line of another backend keeps its port",
	  DOMAIN("kvm", "x86_64", DEVICES(TCP TCP_TWIN)),
	  DOMAIN("kvm", "x86_64", DEVICES(TCP TCP_TWIN ADDED_SERIAL("1"))), "serial1",
	  "console=ttyS1 " },
	{ "no devices at all", DOMAIN("kvm", "x86_64", ""),
	  NULL, "serial0", "console=ttyS0 " },
	{ "empty devices", DOMAIN("kvm", "x86_64", "  <devices/>\n"), NULL, "serial0",
	  "console=ttyS0 " },
	{ "names with entities stay", DOMAIN("kvm", "x86_64", DEVICES("    <disk type='a&lt;&amp;b'/>\n")),
	  DOMAIN("kvm", "x86_64",
		 DEVICES("    <disk type='a&lt;&amp;b'/>\n" ADDED_SERIAL("0") ADDED_TWIN)),
	  "serial0", "console=ttyS0 " },
};

static void single_quotes(char *text)
{
	for (; *text; text++)
		if (*text == '"')
			*text = '\'';
}

START_TEST(made)
{
	const struct made_row *row = &made_rows[_i];
	struct serial_xml s;
	struct domain_xml d;

	ck_assert_msg(serial_xml_add(row->xml, strlen(row->xml), &s) == SERIAL_XML_MADE, "%s",
		      row->name);
	ck_assert_int_eq(domain_xml_parse(&d, s.xml, strlen(s.xml)), 0);
	ck_assert_msg(domain_xml_find(&d, row->alias) && domain_xml_find(&d, "")->openable,
		      "%s: %s", row->name, s.xml);
	ck_assert_str_eq(domain_xml_find(&d, "")->alias, row->alias);
	ck_assert_msg(strncmp(s.xml, HEAD, sizeof(HEAD) - 1) == 0, "%s", s.xml);
	single_quotes(s.xml);
	if (row->made)
		ck_assert_msg(strcmp(s.xml + sizeof(HEAD) - 1, row->made) == 0, "%s: %s", row->name,
			      s.xml);
	ck_assert_msg(strstr(s.needs, row->needs), "%s: %s", row->name, s.needs);
	serial_xml_free(&s);
}
END_TEST

START_TEST(change_is_shown)
{
	const char *xml = DOMAIN("kvm", "x86_64", DEVICES(DISK));
	struct serial_xml s;

	ck_assert_int_eq(serial_xml_add(xml, strlen(xml), &s), SERIAL_XML_MADE);
	ck_assert_str_eq(s.change,
			 "   <devices>\n"
			 "     ...\n"
			 "+    <serial type='pty'>\n"
			 "+      <target port='0'/>\n"
			 "+    </serial>\n"
			 "+    <console type='pty'>\n"
			 "+      <target type='serial' port='0'/>\n"
			 "+    </console>\n"
			 "   </devices>\n");
	serial_xml_free(&s);
	serial_xml_free(&s);
}
END_TEST

/* What is made has a console: a second time there is nothing to do. */
START_TEST(twice)
{
	const struct made_row *row = &made_rows[_i];
	struct serial_xml first, second;

	ck_assert_int_eq(serial_xml_add(row->xml, strlen(row->xml), &first), SERIAL_XML_MADE);
	ck_assert_int_eq(serial_xml_add(first.xml, strlen(first.xml), &second), SERIAL_XML_THERE);
	ck_assert_str_eq(second.alias, row->alias);
	ck_assert_ptr_null(second.xml);
	serial_xml_free(&first);
}
END_TEST

static const struct other_row {
	const char *name;
	const char *xml;
	enum serial_xml_result result;
	const char *alias;
} other_rows[] = {
	{ "a serial console is there", DOMAIN("kvm", "x86_64", DEVICES(ADDED_SERIAL("0"))),
	  SERIAL_XML_THERE, "serial0" },
	{ "a virtio console is there", DOMAIN("kvm", "x86_64",
	  DEVICES("<console type='pty'><target type='virtio' port='0'/></console>")),
	  SERIAL_XML_THERE, "console0" },
	{ "a container's is there", DOMAIN("lxc", "x86_64", DEVICES("<console type='pty'/>")),
	  SERIAL_XML_THERE, "console0" },
	{ "behind one of another backend", DOMAIN("kvm", "x86_64", DEVICES(TCP ADDED_SERIAL("1"))),
	  SERIAL_XML_THERE, "serial1" },
	{ "nothing", "", SERIAL_XML_BAD, "" },
	{ "cut off", "<domain><devices>", SERIAL_XML_BAD, "" },
	{ "another document", "<network/>", SERIAL_XML_BAD, "" },
	{ "an external entity",
	  "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain>&x;</domain>",
	  SERIAL_XML_BAD, "" },
};

START_TEST(others)
{
	const struct other_row *row = &other_rows[_i];
	struct serial_xml s;

	ck_assert_msg(serial_xml_add(row->xml, strlen(row->xml), &s) == row->result, "%s", row->name);
	ck_assert_msg(strcmp(s.alias, row->alias) == 0, "%s: %s", row->name, s.alias);
	ck_assert_ptr_null(s.xml);
	ck_assert_str_eq(s.change, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("serial_xml");
	TCase *tcase = tcase_create("tables");

	tcase_add_loop_test(tcase, made, 0, ARRAY_SIZE(made_rows));
	tcase_add_loop_test(tcase, twice, 0, ARRAY_SIZE(made_rows));
	tcase_add_loop_test(tcase, others, 0, ARRAY_SIZE(other_rows));
	tcase_add_test(tcase, change_is_shown);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
