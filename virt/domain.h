/* SPDX-License-Identifier: ISC */
/*
 * One domain as libvirt has it now, in our words. Used by watch.c and line.c. Every
 * function here is a call to the daemon and may block: the caller has set a deadline.
 */
#ifndef VIRT_DOMAIN_H
#define VIRT_DOMAIN_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "ipc/message.h"
#include "virt/domain_xml.h"

enum domain_result {
	DOMAIN_READ,
	DOMAIN_GONE,      /* there is none with that UUID, or it is the rest of a transient one */
	DOMAIN_UNNAMED,   /* its name is longer than GUEST_MAX: it cannot be shown */
	DOMAIN_FAILED,    /* see virGetLastErrorMessage() */
};

/* libvirt's state as enum guest_state; GUEST_UNKNOWN also where the call fails. */
enum guest_state domain_state(virDomainPtr dom);

/* 0, or -1 with libvirt's error. XML that cannot be read is one without devices. */
int domain_read_xml(virDomainPtr dom, struct domain_xml *xml);

/* Fills m; `reset` stays as it is. */
enum domain_result domain_read(virDomainPtr dom, struct msg_domain *m);

/* The same by the UUID in m, for a domain that may have ended just now. */
enum domain_result domain_read_uuid(virConnectPtr conn, struct msg_domain *m);

#endif
