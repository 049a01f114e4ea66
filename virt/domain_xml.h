/* SPDX-License-Identifier: ISC */
/*
 * What a domain's XML says about consoles and displays (libvirt.org/formatdomain.html):
 * which devices virDomainOpenConsole() can open, under which alias, which of them it
 * takes when it is given none, and which it cannot open and why. The watch reads every
 * domain's XML with it, a line the XML of its own. XML of a domain that is off has no
 * aliases yet: they are told in advance, as libvirt will give them.
 *
 * Pure: memory only. No file, network or external entity is touched; a document type
 * declaration, which libvirt never writes, is refused.
 */
#ifndef VIRT_DOMAIN_XML_H
#define VIRT_DOMAIN_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum {
	DOMAIN_XML_MAX = 4 * 1024 * 1024,
	DOMAIN_DEVICES_MAX = 64,    /* devices past that are left out */
	DOMAIN_BACKEND_MAX = 31,
};

/* A <serial>, <console> or <parallel>. */
struct domain_device {
	char alias[ALIAS_MAX + 1];             /* serial0 */
	char backend[DOMAIN_BACKEND_MAX + 1];  /* its type: pty, tcp, unix, file */
	bool openable;                         /* of type pty */
	bool serial;                           /* a line that can have a BREAK */
};

struct domain_xml {
	uint32_t id;                           /* of this run; 0: it is off */
	size_t count;
	struct domain_device devices[DOMAIN_DEVICES_MAX];   /* the default one first */
	char displays[CONSOLES_MAX + 1];       /* see message.h: MSG_DOMAIN */
};

/* 0, or -1: not a domain's XML, or longer than DOMAIN_XML_MAX. */
int domain_xml_parse(struct domain_xml *d, const char *xml, size_t len);

/*
 * Writes the aliases that can be opened, default first, separated by blanks; as many as
 * fit whole. out has CONSOLES_MAX + 1 bytes.
 */
void domain_xml_consoles(const struct domain_xml *d, char *out);

/* The device that alias means, "" the default one; NULL when there is none. */
const struct domain_device *domain_xml_find(const struct domain_xml *d, const char *alias);

/*
 * Why alias ("" the default one) cannot be opened and what to do about it, for a person;
 * name is the guest's. out has TEXT_MAX + 1 bytes.
 */
void domain_xml_explain(const struct domain_xml *d, const char *name, const char *alias,
			char *out);

#endif
