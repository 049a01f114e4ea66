/* SPDX-License-Identifier: ISC */
/* See serial_xml.h. */
#include "virt/serial_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virt/domain_xml.h"

/* Blanks stay: libvirt's own layout, with which a person compares. */
enum { PARSE_FLAGS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING };

/*
 * What a guest gets. libvirt picks the device that a <serial> is by architecture and machine
 * (qemuDomainChrTargetDefPostParse); s390x has its SCLP console instead, and a container has
 * consoles only. `tty` is what Linux calls it; %u the port.
 */
struct kind {
	const char *type;            /* of <domain>, NULL: any */
	const char *arch;            /* how <type arch=...> begins, NULL: any */
	const char *device;          /* the XML, %u the port */
	const char *tty;
};

#define SERIAL "    <serial type='pty'>\n      <target port='%u'/>\n    </serial>\n"
#define TWIN "    <console type='pty'>\n      <target type='serial' port='0'/>\n    </console>\n"
#define SCLP "    <console type='pty'>\n      <target type='sclp' port='0'/>\n    </console>\n"
#define PLAIN "    <console type='pty'/>\n"

static const struct kind kinds[] = {
	{ "lxc", NULL, PLAIN, NULL },
	{ NULL, "s390", SCLP, "ttysclp0" },
	{ NULL, "aarch64", SERIAL, "ttyAMA%u" },
	{ NULL, "armv", SERIAL, "ttyAMA%u" },
	{ NULL, "ppc64", SERIAL, "hvc%u" },
	{ NULL, NULL, SERIAL, "ttyS%u" },
};

static xmlNode *child_named(const xmlNode *node, const char *name)
{
	xmlNode *child = node ? node->children : NULL;

	while (child && (child->type != XML_ELEMENT_NODE ||
			 strcmp((const char *)child->name, name) != 0))
		child = child->next;
	return child;
}

static unsigned count_named(const xmlNode *node, const char *name)
{
	unsigned n = 0;

	for (const xmlNode *child = node->children; child; child = child->next)
		n += child->type == XML_ELEMENT_NODE &&
		     strcmp((const char *)child->name, name) == 0;
	return n;
}

static void get_attribute(const xmlNode *node, const char *name, char *out, size_t size)
{
	xmlChar *value = node ? xmlGetProp(node, (const xmlChar *)name) : NULL;

	snprintf(out, size, "%s", value ? (const char *)value : "");
	xmlFree(value);
}

static const struct kind *kind_of(const xmlNode *domain)
{
	const struct kind *k = kinds;
	char type[16], arch[32];

	get_attribute(domain, "type", type, sizeof(type));
	get_attribute(child_named(child_named(domain, "os"), "type"), "arch", arch, sizeof(arch));
	while ((k->type && strcmp(k->type, type) != 0) ||
	       (k->arch && strncmp(k->arch, arch, strlen(k->arch)) != 0))
		k++;
	return k;
}

__attribute__((format(printf, 3, 0)))
static void print_port(char *out, size_t size, const char *format, unsigned port)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(out, size, format, port);
#pragma GCC diagnostic pop
}

/*
 * The first <serial> gets a <console>, as libvirt would make it; where there are devices
 * already, only the next port.
 */
static void write_device(const struct kind *k, const xmlNode *devices, char *out, size_t size)
{
	unsigned serials = count_named(devices, "serial");
	bool first = serials == 0 && count_named(devices, "console") == 0;
	size_t len;

	print_port(out, size, k->device, serials);
	len = strlen(out);
	if (first && strcmp(k->device, SERIAL) == 0)
		snprintf(out + len, size - len, "%s", TWIN);
}

static void write_needs(const struct kind *k, unsigned port, char *out, size_t size)
{
	char tty[16];

	if (!k->tty) {
		snprintf(out, size, "Its init has /dev/console on it; a getty there asks for a login.\n");
		return;
	}
	print_port(tty, sizeof(tty), k->tty, port);
	snprintf(out, size,
		 "Then its own system has to use it. With Linux:\n"
		 "  kernel messages: add console=%s to the kernel's command line\n"
		 "  (GRUB: GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub or grub2-mkconfig)\n"
		 "  a login: systemctl enable --now serial-getty@%s\n", tty, tty);
}

/* Each line with a sign in front, between the lines that show where. */
static void write_change(const char *device, char *out, size_t size)
{
	size_t at = (size_t)snprintf(out, size, "   <devices>\n     ...\n");

	while (*device && at < size) {
		int len = (int)strcspn(device, "\n");

		at += (size_t)snprintf(out + at, size - at, "+%.*s\n", len, device);
		device += len + (device[len] == '\n');
	}
	if (at < size)
		snprintf(out + at, size - at, "   </devices>\n");
}

/* Behind the last device, before the blanks that indent the end of <devices>. */
static int insert(xmlNode *devices, const char *device)
{
	xmlNode *last = devices->last, *added = NULL;
	bool indented = last && xmlIsBlankNode(last);
	int r;

	r = xmlParseInNodeContext(devices, device, (int)strlen(device), PARSE_FLAGS, &added);
	if (r != XML_ERR_OK || !added)
		return -1;
	if (indented)
		xmlNodeSetContent(last, (const xmlChar *)"\n");
	xmlAddChildList(devices, added);
	xmlAddChild(devices, xmlNewText((const xmlChar *)"  "));
	return 0;
}

static enum serial_xml_result make(xmlDoc *doc, struct serial_xml *out)
{
	xmlNode *domain = xmlDocGetRootElement(doc);
	xmlNode *devices = child_named(domain, "devices");
	const struct kind *k = kind_of(domain);
	char device[384];
	xmlChar *text = NULL;
	int len = 0;

	if (!devices)
		devices = xmlNewChild(domain, NULL, (const xmlChar *)"devices", NULL);
	if (!devices)
		return SERIAL_XML_MEMORY;
	write_needs(k, count_named(devices, "serial"), out->needs, sizeof(out->needs));
	write_device(k, devices, device, sizeof(device));
	write_change(device, out->change, sizeof(out->change));
	if (insert(devices, device) < 0)
		return SERIAL_XML_MEMORY;
	xmlDocDumpMemoryEnc(doc, &text, &len, "UTF-8");
	if (text)
		out->xml = strdup((const char *)text);
	xmlFree(text);
	return out->xml ? SERIAL_XML_MADE : SERIAL_XML_MEMORY;
}

enum serial_xml_result serial_xml_add(const char *xml, size_t len, struct serial_xml *out)
{
	const struct domain_device *there;
	struct domain_xml known;
	enum serial_xml_result result;
	xmlDoc *doc;

	memset(out, 0, sizeof(*out));
	/* It has refused what is not fit to be read. */
	if (domain_xml_parse(&known, xml, len) < 0)
		return SERIAL_XML_BAD;
	there = domain_xml_find(&known, "");
	if (there && there->openable) {
		memcpy(out->alias, there->alias, sizeof(out->alias));
		return SERIAL_XML_THERE;
	}
	doc = xmlReadMemory(xml, (int)len, NULL, "UTF-8", PARSE_FLAGS);
	if (!doc)
		return SERIAL_XML_BAD;
	result = make(doc, out);
	xmlFreeDoc(doc);
	return result;
}

void serial_xml_free(struct serial_xml *s)
{
	free(s->xml);
	s->xml = NULL;
}
