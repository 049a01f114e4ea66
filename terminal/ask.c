/* SPDX-License-Identifier: ISC */
/* See ask.h. */
#include "terminal/ask.h"

#include <stdio.h>
#include <string.h>

int ask_list(struct visit *v, bool watch)
{
	struct msg_list m = { watch };

	return wire_send(&v->wire, MSG_LIST, &m);
}

int ask_info(struct visit *v, const char *guest, bool probe)
{
	const struct visit_number *n = visit_new_number(v, VISIT_INFO);
	struct msg_info m = { .probe = probe };

	if (!n)
		return 0;
	m.handle = n->handle;
	snprintf(m.guest, sizeof(m.guest), "%s", guest);
	return wire_send(&v->wire, MSG_INFO, &m);
}

int ask_company(struct visit *v, const char *guest)
{
	const struct visit_number *n = visit_new_number(v, VISIT_WHO);
	struct msg_info m = { .prefix = 0 };

	if (!n)
		return 0;
	m.handle = n->handle;
	snprintf(m.guest, sizeof(m.guest), "%s", guest);
	return wire_send(&v->wire, MSG_ASK_WHO, &m);
}

int ask_attach(struct visit *v, struct attachment *at, const struct msg_attach *wish)
{
	struct visit_number *n = visit_new_number(v, VISIT_ASKED);
	struct msg_attach m = *wish;

	if (!n)
		return 0;
	n->at = at;
	*at = (struct attachment){ .handle = n->handle, .state = ATTACHMENT_ASKED };
	m.handle = n->handle;
	return wire_send(&v->wire, MSG_ATTACH, &m);
}

/* One that is only asked for is given back when it comes: see visit.c. */
int ask_detach(struct visit *v, struct attachment *at)
{
	struct visit_number *n = visit_find_number(v, at->handle);
	struct msg_handle m = { at->handle };
	uint8_t was = at->state;

	at->state = ATTACHMENT_FREE;
	at->credit = 0;
	if (was == ATTACHMENT_FREE || !n)
		return 0;
	n->at = NULL;
	n->kind = was == ATTACHMENT_ATTACHED ? VISIT_LEFT : VISIT_LEFT_EARLY;
	return was == ATTACHMENT_ATTACHED ? wire_send(&v->wire, MSG_DETACH, &m) : 0;
}

static int ask_about(struct visit *v, const struct attachment *at, enum message_type type)
{
	struct msg_handle m = { at->handle };

	return at->state == ATTACHMENT_ATTACHED ? wire_send(&v->wire, type, &m) : 0;
}

int ask_take(struct visit *v, const struct attachment *at)
{
	return ask_about(v, at, MSG_TAKE);
}

int ask_give(struct visit *v, const struct attachment *at)
{
	return ask_about(v, at, MSG_GIVE);
}

int ask_who(struct visit *v, const struct attachment *at)
{
	return ask_about(v, at, MSG_WHO);
}

int ask_force(struct visit *v, const struct attachment *at)
{
	return ask_about(v, at, MSG_FORCE);
}

int ask_replay(struct visit *v, const struct attachment *at, const struct position *from)
{
	struct msg_replay m = { .handle = at->handle, .from = *from };

	return at->state == ATTACHMENT_ATTACHED ? wire_send(&v->wire, MSG_REPLAY, &m) : 0;
}

int ask_act(struct visit *v, const char *guest, enum guest_act act, uint8_t key)
{
	struct msg_act m = { .act = act, .key = key };
	const struct visit_number *n;

	if (visit_pending(v, VISIT_ACT))
		return 0;
	n = visit_new_number(v, VISIT_ACT);
	if (!n)
		return 0;
	m.handle = n->handle;
	snprintf(m.guest, sizeof(m.guest), "%s", guest);
	return wire_send(&v->wire, MSG_ACT, &m);
}

int ask_kick(struct visit *v, const char *who)
{
	const struct visit_number *n = visit_new_number(v, VISIT_ACT);
	struct msg_kick m;

	if (!n)
		return 0;
	m.handle = n->handle;
	snprintf(m.who, sizeof(m.who), "%s", who);
	return wire_send(&v->wire, MSG_KICK, &m);
}

int ask_ticket(struct visit *v, const struct msg_ask_ticket *wish)
{
	const struct visit_number *n = visit_new_number(v, VISIT_TICKET);
	struct msg_ask_ticket m = *wish;

	if (!n)
		return 0;
	m.handle = n->handle;
	return wire_send(&v->wire, MSG_ASK_TICKET, &m);
}

int ask_tickets(struct visit *v)
{
	const struct visit_number *n = visit_new_number(v, VISIT_TICKETS);
	struct msg_handle m;

	if (!n)
		return 0;
	m.handle = n->handle;
	return wire_send(&v->wire, MSG_ASK_TICKETS, &m);
}

int ask_revoke(struct visit *v, const char *id)
{
	const struct visit_number *n = visit_new_number(v, VISIT_ACT);
	struct msg_revoke m;

	if (!n)
		return 0;
	m.handle = n->handle;
	snprintf(m.id, sizeof(m.id), "%s", id);
	return wire_send(&v->wire, MSG_REVOKE, &m);
}

long ask_input(struct visit *v, struct attachment *at, const uint8_t *data, size_t len)
{
	struct msg_data m = { .handle = at->handle };

	if (at->state != ATTACHMENT_ATTACHED || at->credit == 0)
		return 0;
	if (len > at->credit)
		len = at->credit;
	m.data = (struct bytes){ data, len };
	if (wire_send(&v->wire, MSG_INPUT, &m) < 0)
		return -1;
	at->credit -= len;
	return (long)len;
}
