/* SPDX-License-Identifier: ISC */
/* See visit.h. The table at the end says what console may say of a number, and when. */
#include "terminal/visit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NUMBERS_STEP = 16,
	ALWAYS = 1 << 15,        /* the state of what is about no number, or 0 */
	LIVING = VISIT_ATTACHED | VISIT_LEFT,
};

void visit_init(struct visit *v, int fd, void *who)
{
	const struct visit_ears *ears = v->ears;

	*v = (struct visit){ .ears = ears, .who = who };
	wire_init(&v->wire, fd);
}

static void set_free(struct attachment *at)
{
	if (!at)
		return;
	at->state = ATTACHMENT_FREE;
	at->credit = 0;
}

void visit_close(struct visit *v)
{
	wire_close(&v->wire);
	for (size_t i = 0; i < v->count; i++)
		set_free(v->numbers[i].at);
	free(v->numbers);
	v->numbers = NULL;
	v->count = v->room = 0;
}

bool visit_is_open(const struct visit *v)
{
	return v->wire.fd >= 0;
}

/* -- numbers -- */

/* New ones are the largest, so the table is in order by itself. */
struct visit_number *visit_new_number(struct visit *v, enum visit_kind kind)
{
	if (v->count == VISIT_NUMBERS_MAX || !visit_is_open(v))
		return NULL;
	if (v->count == v->room) {
		size_t room = v->room + NUMBERS_STEP + v->room / 2;
		struct visit_number *more = realloc(v->numbers, room * sizeof(*more));

		if (!more)
			return NULL;
		v->numbers = more;
		v->room = room;
	}
	v->numbers[v->count] = (struct visit_number){ .handle = ++v->last, .kind = (uint16_t)kind };
	return &v->numbers[v->count++];
}

static int compare(const void *key, const void *member)
{
	uint32_t a = *(const uint32_t *)key, b = ((const struct visit_number *)member)->handle;

	return (a > b) - (a < b);
}

struct visit_number *visit_find_number(const struct visit *v, uint32_t handle)
{
	if (v->count == 0)
		return NULL;
	return bsearch(&handle, v->numbers, v->count, sizeof(*v->numbers), compare);
}

static void drop_number(struct visit *v, struct visit_number *n)
{
	size_t i = (size_t)(n - v->numbers);

	memmove(n, n + 1, (v->count - i - 1) * sizeof(*n));
	v->count--;
}

uint32_t visit_pending(const struct visit *v, enum visit_kind kind)
{
	for (size_t i = v->count; i-- > 0;)
		if (v->numbers[i].kind == kind)
			return v->numbers[i].handle;
	return 0;
}

/* What is heard: the visit, and the number it is about, which the rule has let through. */
struct heard {
	struct visit *v;
	struct visit_number *number;
};

static struct attachment *ended(const struct heard *h)
{
	struct attachment *at = h->number->at;

	set_free(at);
	drop_number(h->v, h->number);
	return at;
}

/* -- guests, peers, acts -- */

static int hear_guest(void *ctx, struct message *m)
{
	struct visit *v = ((struct heard *)ctx)->v;

	if (v->ears->guest)
		v->ears->guest(v->who, &m->u.guest);
	return 0;
}

static int hear_guest_gone(void *ctx, struct message *m)
{
	struct visit *v = ((struct heard *)ctx)->v;

	if (v->ears->guest_gone)
		v->ears->guest_gone(v->who, &m->u.guest_gone);
	return 0;
}

static int hear_list_end(void *ctx, struct message *m)
{
	struct visit *v = ((struct heard *)ctx)->v;

	if (v->ears->list_end)
		v->ears->list_end(v->who, &m->u.list_end);
	return 0;
}

static int hear_peer(void *ctx, struct message *m)
{
	const struct heard *h = ctx;

	if (h->number->kind != VISIT_LEFT && h->v->ears->peer)
		h->v->ears->peer(h->v->who, &m->u.peer);
	return 0;
}

/* Of a question it is the answer's end; an attachment goes on. */
static int hear_peers_end(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;

	if (!h->number || h->number->kind == VISIT_LEFT)
		return 0;
	if (h->number->kind != VISIT_ATTACHED)
		drop_number(v, h->number);
	if (v->ears->peers_end)
		v->ears->peers_end(v->who, m->u.handle.handle);
	return 0;
}

static int hear_act_done(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;

	drop_number(v, h->number);
	if (v->ears->act_done)
		v->ears->act_done(v->who, &m->u.act_done);
	return 0;
}

static int hear_visit_end(void *ctx, struct message *m)
{
	struct visit *v = ((struct heard *)ctx)->v;

	v->is_ended = true;
	snprintf(v->why, sizeof(v->why), "%s", m->u.visit_end.text);
	return 0;
}

/* -- attachments -- */

static int hear_log_file(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;

	if (h->number->kind != VISIT_ASKED || !v->ears->log_file)
		return 0;
	v->ears->log_file(v->who, h->number->at, &m->u.log_file, m->fds);
	m->nfds = 0;
	return 0;
}

static int hear_attached(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;
	struct attachment *at = h->number->at;
	struct msg_handle left = { h->number->handle };

	if (h->number->kind == VISIT_LEFT_EARLY) {
		h->number->kind = VISIT_LEFT;
		return wire_send(&v->wire, MSG_DETACH, &left);
	}
	h->number->kind = VISIT_ATTACHED;
	at->state = ATTACHMENT_ATTACHED;
	at->credit = INPUT_WINDOW;
	at->epoch = m->u.attached.epoch;
	at->next = m->u.attached.offset;
	at->head = m->u.attached.head;
	if (v->ears->attached)
		v->ears->attached(v->who, at, &m->u.attached);
	return 0;
}

/* Whoever asked may have left the stage to one that cares for other things. */
static bool is_heard(const struct visit_ears *ears, unsigned kind)
{
	if (kind == VISIT_ACT)
		return ears->refused && ears->act_done;
	if (kind & (VISIT_TICKET | VISIT_TICKETS))
		return ears->refused && ears->ticket;
	if (kind & (VISIT_INFO | VISIT_WHO))
		return ears->refused && ears->peers_end;
	return ears->refused && kind & (VISIT_ASKED | VISIT_ATTACHED | ALWAYS);
}

static int hear_refused(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;
	unsigned kind = h->number ? h->number->kind : ALWAYS;
	struct attachment *at = h->number ? h->number->at : NULL;

	if (h->number && !(kind & LIVING))                      /* what was refused is over */
		ended(h);
	if (is_heard(v->ears, kind))
		v->ears->refused(v->who, at, &m->u.refused);
	return 0;
}

static int hear_detached(void *ctx, struct message *m)
{
	const struct heard *h = ctx;

	(void)m;
	if (h->number)
		drop_number(h->v, h->number);
	return 0;
}

static int hear_output(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;
	const struct msg_output *output = &m->u.output;
	struct attachment *at = h->number->at;

	if (h->number->kind == VISIT_LEFT)
		return 0;
	if (output->offset < at->next)
		return -1;
	if (output->offset > at->next && v->ears->gap)
		v->ears->gap(v->who, at, output->offset - at->next);
	if (at->state != ATTACHMENT_ATTACHED)
		return 0;
	at->next = output->offset + output->data.len;
	if (v->ears->output)
		v->ears->output(v->who, at, output);
	return 0;
}

static int hear_credit(void *ctx, struct message *m)
{
	const struct heard *h = ctx;

	if (h->number->kind == VISIT_LEFT)
		return 0;
	if (m->u.credit.count > INPUT_WINDOW - h->number->at->credit)
		return -1;
	h->number->at->credit += m->u.credit.count;
	return 0;
}

/* One that was left is confirmed as gone by DETACHED, whatever became of the guest. */
static int hear_state(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;
	struct attachment *at = h->number->at;

	if (h->number->kind == VISIT_LEFT)
		return 0;
	if (m->u.state.gone)
		ended(h);
	if (v->ears->state)
		v->ears->state(v->who, at, &m->u.state);
	return 0;
}

/* Goes back, and the same bytes come again. */
static int hear_replaying(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;
	struct attachment *at = h->number->at;

	if (h->number->kind == VISIT_LEFT)
		return 0;
	at->next = m->u.replaying.offset;
	at->head = m->u.replaying.head;
	if (v->ears->replaying)
		v->ears->replaying(v->who, at, &m->u.replaying);
	return 0;
}

static int hear_keyboard(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	const struct visit *v = h->v;

	if (h->number->kind != VISIT_LEFT && v->ears->keyboard)
		v->ears->keyboard(v->who, h->number->at, &m->u.keyboard);
	return 0;
}

static int hear_lost(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	const struct visit *v = h->v;

	if (h->number->kind != VISIT_LEFT && v->ears->lost)
		v->ears->lost(v->who, h->number->at, &m->u.lost);
	return 0;
}

static int hear_stamp(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	const struct visit *v = h->v;

	if (h->number->kind != VISIT_LEFT && v->ears->stamp)
		v->ears->stamp(v->who, h->number->at, &m->u.stamp);
	return 0;
}

static int hear_boot(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	const struct visit *v = h->v;

	if (h->number->kind != VISIT_LEFT && v->ears->boot)
		v->ears->boot(v->who, h->number->at, &m->u.boot);
	return 0;
}

static int hear_ticket(void *ctx, struct message *m)
{
	const struct heard *h = ctx;
	struct visit *v = h->v;

	if (h->number->kind == VISIT_TICKET)
		drop_number(v, h->number);
	if (v->ears->ticket)
		v->ears->ticket(v->who, &m->u.ticket);
	return 0;
}

/* NOTHING: the answer to what was asked of one that went at the same moment. */
static const struct wire_rule rules[] = {
	{ MSG_GUEST, ALWAYS, hear_guest },
	{ MSG_GUEST_GONE, ALWAYS, hear_guest_gone },
	{ MSG_LIST_END, ALWAYS, hear_list_end },
	{ MSG_VISIT_END, ALWAYS, hear_visit_end },
	{ MSG_PEER, VISIT_INFO | VISIT_WHO | LIVING, hear_peer },
	{ MSG_INFO_END, VISIT_INFO, hear_peers_end },
	{ MSG_WHO_END, VISIT_WHO | VISIT_TICKETS | LIVING | VISIT_NOTHING, hear_peers_end },
	{ MSG_TICKET, VISIT_TICKET | VISIT_TICKETS, hear_ticket },
	{ MSG_LOG_FILE, VISIT_ASKED | VISIT_LEFT_EARLY, hear_log_file },
	{ MSG_ATTACHED, VISIT_ASKED | VISIT_LEFT_EARLY, hear_attached },
	{ MSG_REFUSED,
	  VISIT_ASKED | VISIT_LEFT_EARLY | LIVING | VISIT_INFO | VISIT_WHO | VISIT_ACT |
		  VISIT_TICKET | VISIT_TICKETS | ALWAYS,
	  hear_refused },
	{ MSG_DETACHED, VISIT_LEFT | VISIT_NOTHING, hear_detached },
	{ MSG_OUTPUT, LIVING, hear_output },
	{ MSG_CREDIT, LIVING, hear_credit },
	{ MSG_STATE, LIVING, hear_state },
	{ MSG_KEYBOARD, LIVING, hear_keyboard },
	{ MSG_LOST, LIVING, hear_lost },
	{ MSG_REPLAYING, LIVING, hear_replaying },
	{ MSG_STAMP, LIVING, hear_stamp },
	{ MSG_BOOT, LIVING, hear_boot },
	{ MSG_ACT_DONE, VISIT_ACT, hear_act_done },
};
enum { RULES = sizeof(rules) / sizeof(rules[0]) };

static bool is_about_number(uint16_t type)
{
	return type != MSG_GUEST && type != MSG_GUEST_GONE && type != MSG_LIST_END &&
	       type != MSG_VISIT_END;
}

/* Every struct of a message about a number begins with it. */
static int dispatch(struct visit *v, struct message *m)
{
	struct heard heard = { .v = v };
	unsigned state = ALWAYS;

	v->has_spoken = true;
	if (is_about_number(m->type)) {
		uint32_t handle = m->u.handle.handle;

		heard.number = visit_find_number(v, handle);
		if (heard.number)
			state = heard.number->kind;
		else if (handle)
			state = handle <= v->last ? VISIT_NOTHING : 0;
	}
	return wire_dispatch(rules, RULES, state, m, &heard);
}

int visit_read(struct visit *v, bool (*stop)(void *who))
{
	struct message m;

	while (visit_is_open(v) && !v->is_ended && !stop(v->who)) {
		int r = wire_receive(&v->wire, &m);

		if (r == 0)
			return 0;
		if (r > 0 && dispatch(v, &m) == 0)
			continue;
		if (r > 0)
			errno = EPROTO;
		r = errno;
		visit_close(v);
		errno = r;
		return -1;
	}
	return 0;
}
