/* SPDX-License-Identifier: ISC */
/* See domain_xml.h. */
#include "virt/domain_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/buf.h"

enum { PARSE_FLAGS = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING };

/*
 * The devices virDomainOpenConsole() looks at, in the order in which it falls back to
 * their first one when it is given no alias. It has no such fall-back to <parallel>.
 */
static const char *const device_kinds[] = { "console", "serial", "parallel" };
enum { KIND_CONSOLE, KIND_SERIAL, KIND_PARALLEL, KIND_COUNT };

static bool is_named(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

static const xmlNode *next_named(const xmlNode *node, const char *name)
{
	while (node && !is_named(node, name))
		node = node->next;
	return node;
}

static const xmlNode *child_named(const xmlNode *node, const char *name)
{
	return node ? next_named(node->children, name) : NULL;
}

/*
 * Copies an attribute when it is there, fits, and consists of letters, digits and what
 * `also` has. What is written there ends up in lists and on screens.
 */
static bool get_attribute(const xmlNode *node, const char *name, const char *also, char *out,
			  size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const xmlAttr *a = node ? xmlHasProp(node, (const xmlChar *)name) : NULL;
	const char *value = a && a->children ? (const char *)a->children->content : NULL;
	size_t len = 0;

	out[0] = '\0';
	/* More than one child is text around an entity's reference. */
	if (!value || a->children->next)
		return false;
	while (value[len] && (strchr(plain, value[len]) || strchr(also, value[len])))
		len++;
	if (value[len] || len == 0 || len >= size)
		return false;
	memcpy(out, value, len + 1);
	return true;
}

static bool has_value(const xmlNode *node, const char *name, const char *value)
{
	char got[32];

	return get_attribute(node, name, "-", got, sizeof(got)) && strcmp(got, value) == 0;
}

static const struct domain_device *find_alias(const struct domain_xml *d, const char *alias)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->devices[i].alias, alias) == 0)
			return &d->devices[i];
	return NULL;
}

static void add_device(struct domain_xml *d, const xmlNode *node, const char *prefix,
		       unsigned index)
{
	struct domain_device *dev = &d->devices[d->count];

	if (d->count == DOMAIN_DEVICES_MAX)
		return;
	get_attribute(node, "type", "-", dev->backend, sizeof(dev->backend));
	dev->openable = strcmp(dev->backend, "pty") == 0;
	dev->serial = strcmp(prefix, "serial") == 0;
	if (!get_attribute(child_named(node, "alias"), "name", "-_", dev->alias,
			   sizeof(dev->alias)))
		snprintf(dev->alias, sizeof(dev->alias), "%s%u", prefix, index);
	if (!find_alias(d, dev->alias))
		d->count++;
}

/*
 * The first <console> of target type serial is another name for the first <serial>
 * (libvirt: virDomainDefAddConsoleCompat): it takes its alias, and its backend is the
 * <serial>'s.
 */
static const xmlNode *twin_serial(const xmlNode *console, const xmlNode *devices)
{
	const xmlNode *serial = child_named(devices, "serial");

	return has_value(child_named(console, "target"), "type", "serial") ? serial : NULL;
}

static void add_consoles(struct domain_xml *d, const xmlNode *devices)
{
	const xmlNode *node = child_named(devices, "console");
	const xmlNode *serial = node ? twin_serial(node, devices) : NULL;
	unsigned index = 0;

	if (serial) {
		add_device(d, serial, "serial", 0);
		node = next_named(node->next, "console");
		index = 1;
	}
	for (; node; node = next_named(node->next, "console"))
		add_device(d, node, "console", index++);
}

static void add_devices(struct domain_xml *d, const xmlNode *devices)
{
	add_consoles(d, devices);
	for (int kind = KIND_SERIAL; kind < KIND_COUNT; kind++) {
		const char *name = device_kinds[kind];
		unsigned index = 0;

		for (const xmlNode *node = child_named(devices, name); node;
		     node = next_named(node->next, name))
			add_device(d, node, name, index++);
	}
}

/* A port libvirt has given: decimal, 1 to 65535. Before a start it is -1 or 0. */
static bool get_port(const xmlNode *graphics, const char *name, char *port, size_t size)
{
	unsigned long n = 0;

	if (!get_attribute(graphics, name, "", port, size))
		return false;
	for (const char *p = port; *p; p++) {
		if (*p < '0' || *p > '9')
			return false;
		n = n * 10 + (unsigned long)(*p - '0');
	}
	return n >= 1 && n <= 65535;
}

static void get_address(const xmlNode *graphics, char *out, size_t size)
{
	const xmlNode *listen = child_named(graphics, "listen");
	char address[64];

	if (!get_attribute(listen, "address", ".:-%_", address, sizeof(address)) &&
	    !get_attribute(graphics, "listen", ".:-%_", address, sizeof(address)))
		strcpy(address, "localhost");
	snprintf(out, size, strchr(address, ':') ? "[%s]" : "%s", address);
}

/* As `virsh domdisplay` writes them, but with VNC's port as it is. */
static void add_display(struct buf *out, const xmlNode *graphics)
{
	char type[16], address[80], port[8];
	bool plain;

	if (!has_value(graphics, "type", "vnc") && !has_value(graphics, "type", "spice"))
		return;
	get_attribute(graphics, "type", "", type, sizeof(type));
	get_address(graphics, address, sizeof(address));
	plain = get_port(graphics, "port", port, sizeof(port));
	if (plain || get_port(graphics, "tlsPort", port, sizeof(port)))
		buf_printf(out, "%s%s://%s%s%s", out->len ? " " : "", type, address,
			   plain ? ":" : "?tls-port=", port);
}

static void add_displays(struct domain_xml *d, const xmlNode *devices)
{
	struct buf out;

	buf_init(&out, CONSOLES_MAX);
	for (const xmlNode *node = child_named(devices, "graphics"); node;
	     node = next_named(node->next, "graphics"))
		add_display(&out, node);
	if (out.len)
		memcpy(d->displays, out.data, out.len);
	buf_free(&out);
}

static uint32_t get_id(const xmlNode *root)
{
	char text[sizeof("4294967295")];

	return get_attribute(root, "id", "", text, sizeof(text)) ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

int domain_xml_parse(struct domain_xml *d, const char *xml, size_t len)
{
	static const char doctype[] = "<!DOCTYPE";
	const xmlNode *root, *devices;
	xmlDoc *doc;

	memset(d, 0, sizeof(*d));
	if (len > DOMAIN_XML_MAX || memmem(xml, len, doctype, sizeof(doctype) - 1))
		return -1;
	doc = xmlReadMemory(xml, (int)len, NULL, "UTF-8", PARSE_FLAGS);
	if (!doc)
		return -1;
	root = xmlDocGetRootElement(doc);
	if (!root || !is_named(root, "domain") || doc->intSubset) {
		xmlFreeDoc(doc);
		return -1;
	}
	d->id = get_id(root);
	devices = child_named(root, "devices");
	if (devices)
		add_devices(d, devices);
	if (devices && d->id)
		add_displays(d, devices);
	xmlFreeDoc(doc);
	return 0;
}

void domain_xml_consoles(const struct domain_xml *d, char *out)
{
	size_t at = 0;

	for (size_t i = 0; i < d->count; i++) {
		size_t len = strlen(d->devices[i].alias);

		if (!d->devices[i].openable || at + len + 1 > CONSOLES_MAX)
			continue;
		if (at)
			out[at++] = ' ';
		memcpy(out + at, d->devices[i].alias, len);
		at += len;
	}
	out[at] = '\0';
}

const struct domain_device *domain_xml_find(const struct domain_xml *d, const char *alias)
{
	if (alias[0])
		return find_alias(d, alias);
	for (size_t i = 0; i < d->count; i++)
		if (d->devices[i].openable)
			return &d->devices[i];
	return d->count ? &d->devices[0] : NULL;
}

void domain_xml_explain(const struct domain_xml *d, const char *name, const char *alias,
			char *out)
{
	const struct domain_device *dev = domain_xml_find(d, alias);
	char others[CONSOLES_MAX + 1];

	domain_xml_consoles(d, others);
	if (dev)
		snprintf(out, TEXT_MAX + 1, "%s of guest '%s' is of type %s: libvirt can only open "
			 "type pty%s%s", dev->alias, name, dev->backend[0] ? dev->backend : "?",
			 others[0] ? "; there is " : "", others);
	else if (others[0])
		snprintf(out, TEXT_MAX + 1, "guest '%s' has no console %s; there is %s", name,
			 alias, others);
	else
		snprintf(out, TEXT_MAX + 1, "guest '%s' has no serial console: add "
			 "<serial type='pty'/> to its <devices> (virsh edit), start it anew, "
			 "and let its system use it (Linux: console=ttyS0)", name);
}
