/* SPDX-License-Identifier: ISC */
/* See audit.h. */
#include "console/audit.h"

#include <stdio.h>
#include <string.h>

#include "console/hub.h"
#include "console/visit.h"
#include "ipc/role.h"

void audit_begin(struct msg_audit *m, enum audit_event event, const struct visit *v,
		 const struct guest *guest, const char *alias)
{
	*m = (struct msg_audit){
		.event = (uint8_t)event,
		.conn = v->conn,
		.endpoint = v->endpoint,
	};
	strcpy(m->user, v->user);
	strcpy(m->peer, v->address);
	strcpy(m->method, v->method);
	snprintf(m->alias, sizeof(m->alias), "%s", alias);
	if (!guest)
		return;
	strcpy(m->host, guest->host);
	strcpy(m->guest, guest->name);
	memcpy(m->uuid, guest->uuid, UUID_SIZE);
}

void audit_end(struct msg_audit *m, bool ok)
{
	m->ok = ok;
	peer_send(role_gate(), MSG_AUDIT, m);
}

static void begin(struct msg_audit *m, enum audit_event event, const struct viewer *v)
{
	audit_begin(m, event, v->visit, v->console->guest, v->console->alias);
	m->attachment = v->number;
}

void audit_attached(const struct viewer *v)
{
	struct msg_audit m;

	begin(&m, AUDIT_ATTACH, v);
	snprintf(m.detail, sizeof(m.detail), "%s", v->is_reader ? "reads what is kept" :
		 v->read_only ? "read-only" : "");
	audit_end(&m, true);
}

void audit_detached(const struct viewer *v)
{
	struct msg_audit m;

	begin(&m, AUDIT_DETACH, v);
	m.bytes_to_guest = v->bytes_in;
	m.bytes_from_guest = v->bytes_out;
	audit_end(&m, true);
}

void audit_keyboard(const struct viewer *to, const struct viewer *from)
{
	struct msg_audit m;

	begin(&m, AUDIT_KEYBOARD, to);
	snprintf(m.detail, sizeof(m.detail), "%s", from->visit->name);
	audit_end(&m, true);
}

void audit_ticket(const struct visit *v, const struct guest *guest, const char *did,
		  const char *id, bool ok)
{
	struct msg_audit m;

	audit_begin(&m, AUDIT_TICKET, v, guest, "");
	snprintf(m.detail, sizeof(m.detail), "%s %s", did, id);
	audit_end(&m, ok);
}
