/* SPDX-License-Identifier: ISC */
/*
 * A serial console for a domain that has none: its persistent XML in, the XML with one
 * more device out, and the change as a person can read it. What fits the domain's type and
 * architecture: libvirt.org/formatdomain.html, "Consoles, serial, parallel & channel
 * devices". The act "add-serial" (serial.c) shows it and defines it.
 *
 * Pure: memory only. As in domain_xml.h, a document type declaration is refused.
 */
#ifndef VIRT_SERIAL_XML_H
#define VIRT_SERIAL_XML_H

#include <stddef.h>

#include "ipc/message.h"

enum serial_xml_result {
	SERIAL_XML_MADE,
	SERIAL_XML_THERE,     /* it has a console that can be opened: alias tells which */
	SERIAL_XML_BAD,       /* not a domain's XML, or too long */
	SERIAL_XML_MEMORY,
};

struct serial_xml {
	char alias[ALIAS_MAX + 1];   /* THERE: of the console that it has */
	char *xml;                   /* MADE: the whole new XML, to be freed by serial_xml_free() */
	char change[512];            /* MADE: what is added, one line each with "+" in front */
	char needs[512];             /* MADE: what the guest's own system needs, lines with LF */
};

/* Fills *out; what belongs to other results is empty. */
enum serial_xml_result serial_xml_add(const char *xml, size_t len, struct serial_xml *out);

void serial_xml_free(struct serial_xml *s);

#endif
