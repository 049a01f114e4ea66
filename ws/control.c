/* SPDX-License-Identifier: ISC */
/* See control.h. */
#include "ws/control.h"

#include <stdio.h>
#include <string.h>

#include "ws/session.h"

static void got_visit(void *owner, int fd, const char *why);

void control_init(struct control *c, struct session *s)
{
	*c = (struct control){ .session = s, .peer = PEER_CLOSED };
}

static struct control_request *find(struct control *c, uint32_t handle)
{
	for (size_t i = 0; i < CONTROL_REQUESTS_MAX; i++)
		if (c->requests[i].handle == handle)
			return &c->requests[i];
	return NULL;
}

bool control_has(const struct control *c, uint32_t handle)
{
	for (size_t i = 0; i < CONTROL_REQUESTS_MAX; i++)
		if (c->requests[i].handle == handle)
			return true;
	return false;
}

/* -- what console says -- */

static int pass_on(void *ctx, struct message *m)
{
	struct control *c = ctx;

	session_tell(c->session, m);
	return 0;
}

static uint32_t handle_of(const struct message *m)
{
	switch (m->type) {
	case MSG_REFUSED:
		return m->u.refused.handle;
	case MSG_ACT_DONE:
		return m->u.act_done.handle;
	case MSG_TICKET:
		return m->u.ticket.handle;
	default:
		return m->u.handle.handle;
	}
}

/* The answer, or its last part. */
static int hear_answer(void *ctx, struct message *m)
{
	struct control *c = ctx;
	uint32_t handle = handle_of(m);
	struct control_request *r = handle ? find(c, handle) : NULL;

	session_tell(c->session, m);
	if (r)
		r->handle = 0;
	wire_wipe();
	return 0;
}

/* One of a list, or the one that was asked for. */
static int hear_ticket(void *ctx, struct message *m)
{
	struct control *c = ctx;
	struct control_request *r = find(c, m->u.ticket.handle);

	if (r && r->type == MSG_ASK_TICKET)
		return hear_answer(ctx, m);
	return pass_on(ctx, m);
}

static int hear_visit_end(void *ctx, struct message *m)
{
	struct control *c = ctx;

	session_visit_ended(c->session, m);
	return 0;
}

static const struct wire_rule rules[] = {
	{ MSG_GUEST, 1, pass_on },
	{ MSG_GUEST_GONE, 1, pass_on },
	{ MSG_LIST_END, 1, pass_on },
	{ MSG_PEER, 1, pass_on },
	{ MSG_INFO_END, 1, hear_answer },
	{ MSG_WHO_END, 1, hear_answer },
	{ MSG_ACT_DONE, 1, hear_answer },
	{ MSG_REFUSED, 1, hear_answer },
	{ MSG_TICKET, 1, hear_ticket },
	{ MSG_VISIT_END, 1, hear_visit_end },
};

static void refuse_all(struct control *c, const char *why)
{
	for (size_t i = 0; i < CONTROL_REQUESTS_MAX; i++) {
		uint32_t handle = c->requests[i].handle;

		c->requests[i].handle = 0;
		if (handle)
			session_tell_refused(c->session, handle, REFUSED_FAILED, why);
	}
}

static void want_visit(void *owner)
{
	struct control *c = owner;

	if (!peer_is_open(&c->peer) && !c->want.is_waiting)
		door_want(session_door(c->session), &c->want, got_visit, c);
}

/* Whoever watches the list goes on watching: it comes again, whole. */
static void visit_gone(void *owner)
{
	struct control *c = owner;

	refuse_all(c, "the console service was restarted");
	c->wants_list = c->is_watching;
	if (c->is_watching)
		loop_timer_set(&c->retry, CONTROL_RETRY_MS, want_visit, c);
}

static const struct peer_kind kind = {
	"visit", rules, sizeof(rules) / sizeof(rules[0]), visit_gone, NULL,
};

/* -- what the client asks -- */

static void send_waiting(struct control *c)
{
	struct msg_list list = { c->is_watching };

	if (c->wants_list)
		peer_send(&c->peer, MSG_LIST, &list);
	c->wants_list = false;
	for (size_t i = 0; i < CONTROL_REQUESTS_MAX; i++) {
		struct control_request *r = &c->requests[i];

		if (r->handle && !r->is_sent)
			peer_send(&c->peer, r->type, &r->u);
		r->is_sent = true;
	}
}

static void got_visit(void *owner, int fd, const char *why)
{
	struct control *c = owner;

	if (fd >= 0 && peer_open(&c->peer, fd, &kind, 1, c) == 0) {
		send_waiting(c);
		return;
	}
	refuse_all(c, why ? why : "the console service is away: try again");
	if (c->wants_list)
		loop_timer_set(&c->retry, CONTROL_RETRY_MS, want_visit, c);
}

static void fill_info(struct control_request *r, const struct ask *a)
{
	r->u.info = (struct msg_info){ .handle = a->handle, .prefix = a->prefix,
				       .probe = a->probe };
	memcpy(r->u.info.guest, a->guest, sizeof(r->u.info.guest));
}

static void fill_handle(struct control_request *r, const struct ask *a)
{
	r->u.handle.handle = a->handle;
}

static void fill_act(struct control_request *r, const struct ask *a)
{
	r->u.act = (struct msg_act){ .handle = a->handle, .act = a->act, .key = a->key };
	memcpy(r->u.act.guest, a->guest, sizeof(r->u.act.guest));
}

static void fill_kick(struct control_request *r, const struct ask *a)
{
	r->u.kick = (struct msg_kick){ .handle = a->handle };
	memcpy(r->u.kick.who, a->user, sizeof(r->u.kick.who));
}

static void fill_ticket(struct control_request *r, const struct ask *a)
{
	r->u.ask_ticket = (struct msg_ask_ticket){ .handle = a->handle, .type = a->type,
						   .once = a->once, .valid = a->valid };
	memcpy(r->u.ask_ticket.guest, a->guest, sizeof(r->u.ask_ticket.guest));
}

static void fill_revoke(struct control_request *r, const struct ask *a)
{
	r->u.revoke = (struct msg_revoke){ .handle = a->handle };
	memcpy(r->u.revoke.id, a->id, sizeof(r->u.revoke.id));
}

static const struct question {
	enum ask_kind kind;
	uint16_t type;
	void (*fill)(struct control_request *r, const struct ask *a);
} questions[] = {
	{ ASK_INFO, MSG_INFO, fill_info },
	{ ASK_WHO_ALL, MSG_ASK_WHO, fill_handle },
	{ ASK_ACT, MSG_ACT, fill_act },
	{ ASK_KICK, MSG_KICK, fill_kick },
	{ ASK_TICKET, MSG_ASK_TICKET, fill_ticket },
	{ ASK_TICKETS, MSG_ASK_TICKETS, fill_handle },
	{ ASK_REVOKE, MSG_REVOKE, fill_revoke },
};

static int take_question(struct control *c, const struct question *q, const struct ask *a)
{
	struct control_request *r = find(c, 0);

	if (!r)
		return -1;
	*r = (struct control_request){ .handle = a->handle, .type = q->type };
	q->fill(r, a);
	return 0;
}

int control_take(struct control *c, const struct ask *a)
{
	if (a->kind == ASK_LIST) {
		c->is_watching = a->watch;
		c->wants_list = true;
	}
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (questions[i].kind == a->kind && take_question(c, &questions[i], a) < 0)
			return -1;
	if (peer_is_open(&c->peer))
		send_waiting(c);
	else
		want_visit(c);
	return 0;
}

void control_flow(struct control *c)
{
	if (peer_is_open(&c->peer))
		peer_pause(&c->peer, client_queued(session_client(c->session)) > CLIENT_QUEUE_HIGH);
}
