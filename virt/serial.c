/* SPDX-License-Identifier: ISC */
/*
 * See serial.h. The XML is libvirt's own, with what serial_xml.c adds. It is asked for with
 * its secrets (a display's password), which would be lost else, and shown to nobody.
 */
#include "virt/serial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virt/serial_xml.h"

/* What stands in the way, in words; false: nothing does, the new XML is in *made. */
static bool refuse(struct act *a, const char *xml, struct serial_xml *made)
{
	switch (serial_xml_add(xml, strlen(xml), made)) {
	case SERIAL_XML_MADE:
		return false;
	case SERIAL_XML_THERE:
		outcome_refuse(a, REFUSED_FAILED, "the guest has a console already: %s%s", made->alias,
			       virDomainIsActive(a->dom) == 1
			       ? " (one that was added while it ran is there when it is started anew)"
			       : "");
		return true;
	case SERIAL_XML_BAD:
	case SERIAL_XML_MEMORY:
		break;
	}
	outcome_refuse(a, REFUSED_FAILED, "the guest's XML cannot be read or changed by the gateway: "
		       "add <serial type='pty'/> to its <devices> with virsh edit");
	return true;
}

/* false: what became of it is said in the result. */
static bool prepare(struct act *a, struct serial_xml *made)
{
	char *xml;
	bool ok;

	memset(made, 0, sizeof(*made));
	if (virDomainIsPersistent(a->dom) == 0) {
		outcome_refuse(a, REFUSED_FAILED, "the guest is a transient one: it has no definition "
			       "that could be changed; who creates it has to add a serial console");
		return false;
	}
	xml = virDomainGetXMLDesc(a->dom, VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE);
	if (!xml) {
		outcome_fail(a, "read the guest's definition");
		return false;
	}
	ok = !refuse(a, xml, made);
	explicit_bzero(xml, strlen(xml));
	free(xml);
	return ok;
}

static void put_detail(struct act *a, const struct serial_xml *made)
{
	int len = snprintf(a->detail, sizeof(a->detail), "%s%s", made->change, made->needs);

	a->result.detail = (struct bytes){ (const uint8_t *)a->detail, (size_t)len };
}

static const char *when(const struct act *a)
{
	return virDomainIsActive(a->dom) == 1
		? "when it is shut down and started again (a reboot from within is not enough)"
		: "when it is started";
}

void serial_show(struct act *a)
{
	struct serial_xml made;

	if (prepare(a, &made)) {
		put_detail(a, &made);
		outcome_done(a, "this would be added to the guest's definition, and be there %s",
			     when(a));
	}
	serial_xml_free(&made);
}

void serial_add(struct act *a)
{
	struct serial_xml made;
	virDomainPtr defined;

	if (prepare(a, &made)) {
		defined = virDomainDefineXML(a->conn, made.xml);
		explicit_bzero(made.xml, strlen(made.xml));
		put_detail(a, &made);
		if (defined)
			outcome_done(a, "a serial console was added to the guest's definition; "
				     "it is there %s", when(a));
		else
			outcome_fail(a, "change the guest's definition");
		virDomainFree(defined);
	}
	serial_xml_free(&made);
}
