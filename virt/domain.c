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

static const struct cause {
	int state;
	int reason;
	enum guest_cause cause;
} causes[] = {
	{ VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_MIGRATED, CAUSE_MIGRATED },
	{ VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY, CAUSE_MIGRATED },
	{ VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_RESTORED, CAUSE_RESTORED },
	{ VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_FROM_SNAPSHOT, CAUSE_RESTORED },
	{ VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, CAUSE_MIGRATING },
	{ VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY, CAUSE_MIGRATING },
	{ VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_SAVE, CAUSE_SAVED },
	{ VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_FROM_SNAPSHOT, CAUSE_RESTORED },
	{ VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_IOERROR, CAUSE_DISK },
	{ VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_WATCHDOG, CAUSE_WATCHDOG },
	{ VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_CRASHED, CAUSE_CRASHED },
	{ VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_MIGRATED, CAUSE_MIGRATED },
	{ VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SAVED, CAUSE_SAVED },
	{ VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_CRASHED, CAUSE_CRASHED },
	{ VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_FAILED, CAUSE_FAILED },
	{ VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_DESTROYED, CAUSE_FORCED },
	{ VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_DAEMON, CAUSE_FORCED },
};

static enum guest_state read_state(virDomainPtr dom, enum guest_cause *cause)
{
	int state, reason;

	*cause = CAUSE_NONE;
	if (virDomainGetState(dom, &state, &reason, 0) < 0 || state < 0 ||
	    (size_t)state >= sizeof(states))
		return GUEST_UNKNOWN;
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (causes[i].state == state && causes[i].reason == reason)
			*cause = causes[i].cause;
	return states[state];
}

enum guest_state domain_state(virDomainPtr dom)
{
	enum guest_cause cause;

	return read_state(dom, &cause);
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
	enum guest_cause cause;
	struct domain_xml xml;

	if (!name || virDomainGetUUID(dom, m->uuid) < 0)
		return DOMAIN_FAILED;
	if (strlen(name) > GUEST_MAX)
		return DOMAIN_UNNAMED;
	strcpy(m->name, name);
	m->state = (uint8_t)read_state(dom, &cause);
	m->cause = (uint8_t)cause;
	if (domain_read_xml(dom, &xml) < 0)
		return failure();
	/* Not the one of its look-up: it may have ended since, and begun anew. */
	m->id = xml.id;
	/* The daemon is clearing up after it, and says why it ended when that is done. */
	if (m->id == 0 && m->state != GUEST_OFF && m->state != GUEST_CRASHED)
		m->state = GUEST_SHUTTING_DOWN;
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
