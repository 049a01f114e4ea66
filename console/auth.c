/* SPDX-License-Identifier: ISC */
/* See auth.h. */
#include "console/auth.h"

#include "console/sharing.h"
#include "console/visit.h"
#include "ipc/log.h"
#include "ipc/peer.h"

enum { STATE_AUTH = 1 };

static struct peer auth = PEER_CLOSED;

static int take_identity(void *owner, struct message *m)
{
	(void)owner;
	visit_open(m);
	return 0;
}

static int take_void_ticket(void *owner, struct message *m)
{
	(void)owner;
	visit_ticket_void(m->u.void_ticket.id);
	return 0;
}

static void auth_gone(void *owner)
{
	(void)owner;
	sharing_auth_gone();
}

static const struct wire_rule auth_rules[] = {
	{ MSG_IDENTITY, STATE_AUTH, take_identity },
	{ MSG_VOID_TICKET, STATE_AUTH, take_void_ticket },
	{ MSG_TICKET_MADE, STATE_AUTH, sharing_made },
	{ MSG_TICKET_FOUND, STATE_AUTH, sharing_found },
	{ MSG_TICKETS_END, STATE_AUTH, sharing_end },
};
static const struct peer_kind auth_kind = {
	"auth", auth_rules, sizeof(auth_rules) / sizeof(auth_rules[0]), auth_gone, NULL,
};

void auth_open(int fd)
{
	if (peer_is_open(&auth)) {
		peer_close(&auth);
		sharing_auth_gone();
	}
	if (peer_open(&auth, fd, &auth_kind, STATE_AUTH, NULL) < 0)
		log_error("the way to auth cannot be opened");
}

int auth_send(enum message_type type, const void *fields)
{
	return peer_is_open(&auth) ? peer_send(&auth, type, fields) : -1;
}
