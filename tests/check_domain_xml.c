/* SPDX-License-Identifier: ISC */
/* Tests of virt/domain_xml.c: which consoles a domain has, and what cannot be read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "virt/domain_xml.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define LIVE(devices) "<domain type='qemu' id='7'><name>g</name><os><type>hvm</type></os>" \
		      "<devices>" devices "</devices></domain>"
#define OFF(devices) "<domain type='qemu'><name>g</name><os><type>hvm</type></os>" \
		     "<devices>" devices "</devices></domain>"

#define LIVE_SERIAL(n) "<serial type='pty'><source path='/dev/pts/" #n "'/>" \
		       "<target type='isa-serial' port='" #n "'/>" \
		       "<alias name='serial" #n "'/></serial>"
#define LIVE_TWIN "<console type='pty' tty='/dev/pts/0'><source path='/dev/pts/0'/>" \
		  "<target type='serial' port='0'/><alias name='serial0'/></console>"
#define OFF_SERIAL "<serial type='pty'><target type='isa-serial' port='0'/></serial>"
#define OFF_TWIN "<console type='pty'><target type='serial' port='0'/></console>"
#define TCP_SERIAL "<serial type='tcp'><source mode='bind' host='127.0.0.1' service='4555'/>" \
		   "<protocol type='telnet'/><target port='0'/><alias name='serial0'/></serial>"
#define TCP_TWIN "<console type='tcp'><target type='serial' port='0'/>" \
		 "<alias name='serial0'/></console>"
#define ENTITIES "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>"

static const struct row {
	const char *name;
	const char *xml;
	const char *consoles;
	const char *displays;
} rows[] = {
	{ "QEMU, running", LIVE(LIVE_SERIAL(0) LIVE_TWIN), "serial0", "" },
	{ "QEMU, off: the alias it will get", OFF(OFF_SERIAL OFF_TWIN), "serial0", "" },
	{ "QEMU, off, without the twin", OFF(OFF_SERIAL), "serial0", "" },
	{ "two serials, running", LIVE(LIVE_SERIAL(0) LIVE_SERIAL(1) LIVE_TWIN),
	  "serial0 serial1", "" },
	{ "two serials, off", OFF(OFF_SERIAL OFF_SERIAL OFF_TWIN), "serial0 serial1", "" },
	{ "serials and a virtio console beside the twin, off",
	  OFF(OFF_SERIAL OFF_SERIAL OFF_TWIN
	      "<console type='pty'><target type='virtio' port='1'/></console>"),
	  "serial0 console1 serial1", "" },
	{ "a virtio console before any twin is the default, as for virsh console",
	  LIVE(LIVE_SERIAL(0) "<console type='pty'><target type='virtio' port='0'/>"
	       "<alias name='console0'/></console>"), "console0 serial0", "" },
	{ "a virtio console, off",
	  OFF(OFF_SERIAL "<console type='pty'><target type='virtio' port='0'/></console>"),
	  "console0 serial0", "" },
	{ "a parallel port comes last", LIVE("<parallel type='pty'><alias name='parallel0'/>"
	  "</parallel>" LIVE_SERIAL(0)), "serial0 parallel0", "" },
	{ "alias of the user's own, off",
	  OFF("<serial type='pty'><alias name='ua-main'/></serial>" OFF_TWIN), "ua-main", "" },
	{ "LXC, running", "<domain type='lxc' id='4711'><devices><console type='pty'>"
	  "<target type='lxc' port='0'/><alias name='console0'/></console></devices></domain>",
	  "console0", "" },
	{ "LXC with two, off", "<domain type='lxc'><devices><console type='pty'>"
	  "<target type='lxc' port='0'/></console><console type='pty'>"
	  "<target type='lxc' port='1'/></console></devices></domain>",
	  "console0 console1", "" },
	{ "no console at all", LIVE(""), "", "" },
	{ "no devices", "<domain id='1'/>", "", "" },
	{ "a tcp serial cannot be opened", LIVE(TCP_SERIAL TCP_TWIN), "", "" },
	{ "a tcp serial before one that can", LIVE(TCP_SERIAL LIVE_SERIAL(1) TCP_TWIN),
	  "serial1", "" },
	{ "file and unix backends", LIVE("<serial type='file'><source path='/x'/></serial>"
	  "<serial type='unix'/>"), "", "" },
	{ "a channel is no console", LIVE("<channel type='pty'><alias name='channel0'/></channel>"),
	  "", "" },
	{ "a serial elsewhere than in devices", "<domain id='1'><metadata>" OFF_SERIAL
	  "</metadata><devices/></domain>", "", "" },
	{ "only the first devices count", "<domain id='1'><devices/><devices>" OFF_SERIAL
	  "</devices></domain>", "", "" },
	{ "an alias with a blank is not taken over",
	  LIVE("<serial type='pty'><alias name='a b'/></serial>"), "serial0", "" },
	{ "an alias with an escape sequence is not taken over",
	  LIVE("<serial type='pty'><alias name='&#xe9;&#9;'/></serial>"), "serial0", "" },
	{ "an alias that is too long is not taken over",
	  LIVE("<serial type='pty'><alias name='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'/></serial>"), "serial0", "" },
	{ "an alias twice", LIVE("<serial type='pty'><alias name='s'/></serial>"
	  "<serial type='pty'><alias name='s'/></serial>"), "s", "" },
	{ "vnc and spice", LIVE("<graphics type='vnc' port='5900' autoport='yes' "
	  "listen='127.0.0.1'><listen type='address' address='127.0.0.1'/></graphics>"
	  "<graphics type='spice' port='5901' tlsPort='5902' listen='0.0.0.0'/>"), "",
	  "vnc://127.0.0.1:5900 spice://0.0.0.0:5901" },
	{ "spice with TLS alone, on IPv6", LIVE("<graphics type='spice' port='-1' tlsPort='5902'>"
	  "<listen type='address' address='::1'/></graphics>"), "", "spice://[::1]?tls-port=5902" },
	{ "no listen address", LIVE("<graphics type='vnc' port='5900'/>"), "",
	  "vnc://localhost:5900" },
	{ "a port not yet known", LIVE("<graphics type='vnc' port='-1' autoport='yes'/>"), "", "" },
	{ "ports that are none", LIVE("<graphics type='vnc' port='65536'/>"
	  "<graphics type='vnc' port='0'/><graphics type='vnc' port='5x'/>"), "", "" },
	{ "a display on a socket", LIVE("<graphics type='vnc' socket='/run/x'/>"), "", "" },
	{ "no display of a guest that is off", OFF("<graphics type='vnc' port='5900'/>"), "", "" },
	{ "sdl is no address", LIVE("<graphics type='sdl' port='1'/>"), "", "" },
	{ "an address with an escape sequence", LIVE("<graphics type='vnc' port='5900' "
	  "listen='a&#x9b;b'/>"), "", "vnc://localhost:5900" },
};

START_TEST(consoles_and_displays)
{
	const struct row *row = &rows[_i];
	struct domain_xml d;
	char consoles[CONSOLES_MAX + 1];

	ck_assert_msg(domain_xml_parse(&d, row->xml, strlen(row->xml)) == 0, "%s", row->name);
	domain_xml_consoles(&d, consoles);
	ck_assert_msg(strcmp(consoles, row->consoles) == 0, "%s: %s", row->name, consoles);
	ck_assert_msg(strcmp(d.displays, row->displays) == 0, "%s: %s", row->name, d.displays);
}
END_TEST

static const struct refused_row {
	const char *name;
	const char *xml;
} refused_rows[] = {
	{ "nothing", "" },
	{ "not XML", "domain" },
	{ "cut off", "<domain><devices><serial type='pty'>" },
	{ "another document", "<network><devices/></network>" },
	{ "a bomb of entities", ENTITIES "<domain><name>&b;</name></domain>" },
	{ "an external entity",
	  "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain>&x;</domain>" },
	{ "an entity nobody declared", "<domain><name>&x;</name></domain>" },
	{ "not UTF-8", "<domain><name>\xff\xfe</name></domain>" },
	{ "a control character", "<domain><name>\x1b</name></domain>" },
};

START_TEST(run)
{
	static const struct { const char *xml; uint32_t id; } runs[] = {
		{ LIVE(LIVE_SERIAL(0)), 7 }, { OFF(OFF_SERIAL), 0 },
		{ "<domain type='lxc' id='4294967295'/>", UINT32_MAX }, { "<domain id='-1'/>", 0 },
		{ "<domain id=''/>", 0 }, { "<domain id='seven'/>", 0 },
	};
	struct domain_xml d;

	ck_assert_int_eq(domain_xml_parse(&d, runs[_i].xml, strlen(runs[_i].xml)), 0);
	ck_assert_uint_eq(d.id, runs[_i].id);
}
END_TEST

START_TEST(refused)
{
	const struct refused_row *row = &refused_rows[_i];
	struct domain_xml d;

	ck_assert_msg(domain_xml_parse(&d, row->xml, strlen(row->xml)) == -1, "%s", row->name);
	ck_assert_uint_eq(d.count, 0);
}
END_TEST

static const struct explain_row {
	const char *name;
	const char *xml;
	const char *alias;
	const char *text;
} explain_rows[] = {
	{ "none at all", LIVE(""), "", "guest 'g' has no serial console: add "
	  "<serial type='pty'/> to its <devices> (virsh edit), start it anew, "
	  "and let its system use it (Linux: console=ttyS0)" },
	{ "of another backend", LIVE(TCP_SERIAL TCP_TWIN), "",
	  "serial0 of guest 'g' is of type tcp: libvirt can only open type pty" },
	{ "of another backend, by name", LIVE(TCP_SERIAL LIVE_SERIAL(1) TCP_TWIN), "serial0",
	  "serial0 of guest 'g' is of type tcp: libvirt can only open type pty; "
	  "there is serial1" },
	{ "no such alias", LIVE(LIVE_SERIAL(0) LIVE_SERIAL(1)), "serial7",
	  "guest 'g' has no console serial7; there is serial0 serial1" },
};

START_TEST(explained)
{
	const struct explain_row *row = &explain_rows[_i];
	struct domain_xml d;
	char text[TEXT_MAX + 1];

	ck_assert_int_eq(domain_xml_parse(&d, row->xml, strlen(row->xml)), 0);
	domain_xml_explain(&d, "g", row->alias, text);
	ck_assert_msg(strcmp(text, row->text) == 0, "%s: %s", row->name, text);
}
END_TEST

START_TEST(found)
{
	const char *xml = LIVE(TCP_SERIAL LIVE_SERIAL(1) TCP_TWIN);
	struct domain_xml d;

	ck_assert_int_eq(domain_xml_parse(&d, xml, strlen(xml)), 0);
	ck_assert_str_eq(domain_xml_find(&d, "")->alias, "serial1");
	ck_assert_str_eq(domain_xml_find(&d, "serial0")->backend, "tcp");
	ck_assert(!domain_xml_find(&d, "serial0")->openable);
	ck_assert_ptr_null(domain_xml_find(&d, "serial2"));
}
END_TEST

/* `n` times `unit` between a head and a tail; to be freed. */
static char *repeated(const char *head, const char *unit, size_t n, const char *tail)
{
	size_t len = strlen(unit);
	char *xml = malloc(strlen(head) + n * len + strlen(tail) + 1);
	char *p;

	ck_assert_ptr_nonnull(xml);
	p = stpcpy(xml, head);
	for (size_t i = 0; i < n; i++, p += len)
		memcpy(p, unit, len);
	strcpy(p, tail);
	return xml;
}

START_TEST(more_devices_than_fit)
{
	char *xml = repeated("<domain><devices>", OFF_SERIAL, 1000, "</devices></domain>");
	struct domain_xml d;
	char consoles[CONSOLES_MAX + 1];

	ck_assert_int_eq(domain_xml_parse(&d, xml, strlen(xml)), 0);
	ck_assert_uint_eq(d.count, DOMAIN_DEVICES_MAX);
	domain_xml_consoles(&d, consoles);
	ck_assert_uint_le(strlen(consoles), CONSOLES_MAX);
	ck_assert_str_eq(strrchr(consoles, ' '), " serial57");
	free(xml);
}
END_TEST

START_TEST(deep_and_huge)
{
	char *deep = repeated("<domain><devices>", "<serial>", 100000, "");
	char *huge = repeated("<domain><name>", "0123456789abcdef", DOMAIN_XML_MAX / 16,
			      "</name></domain>");
	struct domain_xml d;

	ck_assert_int_eq(domain_xml_parse(&d, deep, strlen(deep)), -1);
	ck_assert_int_eq(domain_xml_parse(&d, huge, strlen(huge)), -1);
	free(deep);
	free(huge);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("domain_xml");
	TCase *tcase = tcase_create("tables");

	tcase_add_loop_test(tcase, consoles_and_displays, 0, ARRAY_SIZE(rows));
	tcase_add_loop_test(tcase, run, 0, 6);
	tcase_add_loop_test(tcase, refused, 0, ARRAY_SIZE(refused_rows));
	tcase_add_loop_test(tcase, explained, 0, ARRAY_SIZE(explain_rows));
	tcase_add_test(tcase, found);
	tcase_add_test(tcase, more_devices_than_fit);
	tcase_add_test(tcase, deep_and_huge);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
