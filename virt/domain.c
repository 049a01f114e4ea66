/* SPDX-License-Identifier: ISC */
/* See domain.h. */
#include "virt/domain.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t states[] = {
	[VIR_DOMAIN_NOSTATE] = GUEST_UNKNOWN,
	[VIR_DOMAIN_RUNNING] = GUEST_RUNNING,
	[VIR_DOMAIN_BLOCKED] = GUEST_RUNNING,
	[VIR_DOMAIN_PAUSED] = GUEST_PAUSED,
	[VIR_DOMAIN_SHUTDOWN] = GUEST_SHUTTING_DOWN,
	[VIR_DOMAIN_SHUTOFF] = GUEST_OFF,
	[VIR_DOMAIN_CRASHED] = GUEST_CRASHED,
	[VIR_DOMAIN_PMSUSPENDED] = GUEST_SUSPENDED,
};

enum guest_state domain_state(virDomainPtr dom)
{
	int state, reason;

	if (virDomainGetState(dom, &state, &reason, 0) < 0 || state < 0 ||
	    (size_t)state >= sizeof(states))
		return GUEST_UNKNOWN;
	return states[state];
}

int domain_read_xml(virDomainPtr dom, struct domain_xml *xml)
{
	char *text = virDomainGetXMLDesc(dom, 0);

	if (!text)
		return -1;
	/* One we cannot read is a guest without consoles, not one that is missing. */
	if (domain_xml_parse(xml, text, strlen(text)) < 0)
		memset(xml, 0, sizeof(*xml));
	free(text);
	return 0;
}

static enum domain_result failure(void)
{
	return virGetLastErrorCode() == VIR_ERR_NO_DOMAIN ? DOMAIN_GONE : DOMAIN_FAILED;
}

enum domain_result domain_read(virDomainPtr dom, struct msg_domain *m)
{
	const char *name = virDomainGetName(dom);
	unsigned id = virDomainGetID(dom);
	struct domain_xml xml;

	if (!name || virDomainGetUUID(dom, m->uuid) < 0)
		return DOMAIN_FAILED;
	if (strlen(name) > GUEST_MAX)
		return DOMAIN_UNNAMED;
	strcpy(m->name, name);
	m->state = (uint8_t)domain_state(dom);
	if (domain_read_xml(dom, &xml) < 0)
		return failure();
	/* libvirt says -1 for one that is off; it may have ended since it was looked up. */
	m->id = id == (unsigned)-1 || !xml.active ? 0 : id;
	domain_xml_consoles(&xml, m->consoles);
	memcpy(m->displays, xml.displays, sizeof(m->displays));
	return DOMAIN_READ;
}

enum domain_result domain_read_uuid(virConnectPtr conn, struct msg_domain *m)
{
	virDomainPtr dom = virDomainLookupByUUID(conn, m->uuid);
	enum domain_result result;

	if (!dom)
		return failure();
	result = domain_read(dom, m);
	/* A transient domain that ended may still be found for a moment. */
	if (result == DOMAIN_READ && m->id == 0 && virDomainIsPersistent(dom) == 0)
		result = DOMAIN_GONE;
	virDomainFree(dom);
	return result;
}
