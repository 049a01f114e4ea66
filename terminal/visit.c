/* SPDX-License-Identifier: ISC */
/* See visit.h. */
#include "terminal/visit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	ANY = VISIT_FREE | VISIT_ASKED | VISIT_ATTACHED,
	OLD_OR_NEW = VISIT_ATTACHED | VISIT_LEAVING
};

void visit_init(struct visit *v, int fd, void *who)
{
	const struct visit_ears *ears = v->ears;

	*v = (struct visit){ .ears = ears, .who = who, .state = VISIT_FREE };
	wire_init(&v->wire, fd);
}

void visit_close(struct visit *v)
{
	wire_close(&v->wire);
	v->state = VISIT_FREE;
	v->info = v->act = v->leaving = v->lists = 0;
	v->credit = 0;
}

bool visit_is_open(const struct visit *v)
{
	return v->wire.fd >= 0;
}

/* -- what console says -- */

enum whose { PRESENT, PAST, NOBODYS };

static enum whose whose(const struct visit *v, uint32_t handle)
{
	if (handle == 0 || handle > v->last)
		return NOBODYS;
	return handle == v->handle && v->state != VISIT_FREE ? PRESENT : PAST;
}

/* 1: for the listener; 0: about an attachment that was left; -1: console is wrong. */
static int check(const struct visit *v, uint32_t handle)
{
	switch (whose(v, handle)) {
	case PRESENT:
		return v->state == VISIT_ATTACHED ? 1 : -1;
	case PAST:
		return v->leaving ? 0 : -1;
	case NOBODYS:
		break;
	}
	return -1;
}

static void one_left(struct visit *v)
{
	if (v->leaving)
		v->leaving--;
}

static int hear_guest(void *ctx, struct message *m)
{
	struct visit *v = ctx;

	if (v->ears->guest)
		v->ears->guest(v->who, &m->u.guest);
	return 0;
}

static int hear_guest_gone(void *ctx, struct message *m)
{
	struct visit *v = ctx;

	if (v->ears->guest_gone)
		v->ears->guest_gone(v->who, &m->u.guest_gone);
	return 0;
}

static int hear_list_end(void *ctx, struct message *m)
{
	struct visit *v = ctx;

	if (v->lists)
		v->lists--;
	if (v->ears->list_end)
		v->ears->list_end(v->who, &m->u.list_end);
	return 0;
}

static int hear_peer(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	uint32_t handle = m->u.peer.handle;

	if (handle != v->info || handle == 0) {
		int r = check(v, handle);

		if (r <= 0)
			return r;
	}
	if (v->ears->peer)
		v->ears->peer(v->who, &m->u.peer);
	return 0;
}

static int hear_who_end(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.handle.handle);

	if (r > 0 && v->ears->peers_end)
		v->ears->peers_end(v->who, m->u.handle.handle);
	return r < 0 ? -1 : 0;
}

static int hear_info_end(void *ctx, struct message *m)
{
	struct visit *v = ctx;

	if (m->u.handle.handle == 0 || m->u.handle.handle != v->info)
		return -1;
	v->info = 0;
	if (v->ears->peers_end)
		v->ears->peers_end(v->who, m->u.handle.handle);
	return 0;
}

static int hear_attached(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	struct msg_handle left = { m->u.attached.handle };

	switch (whose(v, left.handle)) {
	case PRESENT:
		if (v->state != VISIT_ASKED)
			return -1;
		v->state = VISIT_ATTACHED;
		v->credit = INPUT_WINDOW;
		v->next = m->u.attached.offset;
		if (v->ears->attached)
			v->ears->attached(v->who, &m->u.attached);
		return 0;
	case PAST:                                 /* left before it came */
		return v->leaving ? wire_send(&v->wire, MSG_DETACH, &left) : -1;
	case NOBODYS:
		break;
	}
	return -1;
}

static int hear_refused(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	uint32_t handle = m->u.refused.handle;

	if (handle && handle == v->act) {
		v->act = 0;
		if (!v->ears->act_done)            /* whoever asked is not here any more */
			return 0;
	} else if (handle && handle == v->info)
		v->info = 0;
	else if (whose(v, handle) == PAST) {
		one_left(v);
		return 0;
	} else if (whose(v, handle) == PRESENT && v->state == VISIT_ASKED)
		v->state = VISIT_FREE;
	else if (handle && whose(v, handle) == NOBODYS)
		return -1;
	if (v->ears->refused)
		v->ears->refused(v->who, &m->u.refused);
	return 0;
}

static int hear_detached(void *ctx, struct message *m)
{
	struct visit *v = ctx;

	if (whose(v, m->u.handle.handle) != PAST || !v->leaving)
		return -1;
	v->leaving--;
	return 0;
}

static int hear_output(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	const struct msg_output *output = &m->u.output;
	int r = check(v, output->handle);

	if (r <= 0)
		return r;
	if (output->offset < v->next)
		return -1;
	if (output->offset > v->next && v->ears->gap)
		v->ears->gap(v->who, output->offset - v->next);
	v->next = output->offset + output->data.len;
	if (v->ears->output)
		v->ears->output(v->who, output);
	return 0;
}

static int hear_credit(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.credit.handle);

	if (r <= 0)
		return r;
	if (m->u.credit.count > INPUT_WINDOW - v->credit)
		return -1;
	v->credit += m->u.credit.count;
	return 0;
}

static int hear_state(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.state.handle);

	if (r == 0 && m->u.state.gone)             /* it went while we were leaving */
		one_left(v);
	if (r <= 0)
		return r;
	if (m->u.state.gone)
		v->state = VISIT_FREE;
	if (v->ears->state)
		v->ears->state(v->who, &m->u.state);
	return 0;
}

static int hear_keyboard(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.keyboard.handle);

	if (r > 0 && v->ears->keyboard)
		v->ears->keyboard(v->who, &m->u.keyboard);
	return r < 0 ? -1 : 0;
}

static int hear_lost(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.lost.handle);

	if (r > 0 && v->ears->lost)
		v->ears->lost(v->who, &m->u.lost);
	return r < 0 ? -1 : 0;
}

/* Goes back, and the same bytes come again. */
static int hear_replaying(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.replaying.handle);

	if (r <= 0)
		return r;
	v->next = m->u.replaying.offset;
	if (v->ears->replaying)
		v->ears->replaying(v->who, &m->u.replaying);
	return 0;
}

static int hear_stamp(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.stamp.handle);

	if (r > 0 && v->ears->stamp)
		v->ears->stamp(v->who, &m->u.stamp);
	return r < 0 ? -1 : 0;
}

static int hear_boot(void *ctx, struct message *m)
{
	struct visit *v = ctx;
	int r = check(v, m->u.boot.handle);

	if (r > 0 && v->ears->boot)
		v->ears->boot(v->who, &m->u.boot);
	return r < 0 ? -1 : 0;
}

static int hear_act_done(void *ctx, struct message *m)
{
	struct visit *v = ctx;

	if (m->u.act_done.handle == 0 || m->u.act_done.handle != v->act)
		return -1;
	v->act = 0;
	if (v->ears->act_done)
		v->ears->act_done(v->who, &m->u.act_done);
	return 0;
}

static int hear_visit_end(void *ctx, struct message *m)
{
	struct visit *v = ctx;

	v->is_ended = true;
	snprintf(v->why, sizeof(v->why), "%s", m->u.visit_end.text);
	return 0;
}

static const struct wire_rule rules[] = {
	{ MSG_GUEST, ANY, hear_guest },
	{ MSG_GUEST_GONE, ANY, hear_guest_gone },
	{ MSG_LIST_END, ANY, hear_list_end },
	{ MSG_PEER, ANY, hear_peer },
	{ MSG_INFO_END, ANY, hear_info_end },
	{ MSG_WHO_END, OLD_OR_NEW, hear_who_end },
	{ MSG_ATTACHED, VISIT_ASKED | VISIT_LEAVING, hear_attached },
	{ MSG_REFUSED, ANY, hear_refused },
	{ MSG_DETACHED, VISIT_LEAVING, hear_detached },
	{ MSG_OUTPUT, OLD_OR_NEW, hear_output },
	{ MSG_CREDIT, OLD_OR_NEW, hear_credit },
	{ MSG_STATE, OLD_OR_NEW, hear_state },
	{ MSG_KEYBOARD, OLD_OR_NEW, hear_keyboard },
	{ MSG_LOST, OLD_OR_NEW, hear_lost },
	{ MSG_REPLAYING, OLD_OR_NEW, hear_replaying },
	{ MSG_STAMP, OLD_OR_NEW, hear_stamp },
	{ MSG_BOOT, OLD_OR_NEW, hear_boot },
	{ MSG_ACT_DONE, ANY, hear_act_done },
	{ MSG_VISIT_END, ANY, hear_visit_end },
};

int visit_read(struct visit *v, bool (*stop)(void *who))
{
	struct message m;

	while (visit_is_open(v) && !v->is_ended && !stop(v->who)) {
		unsigned state = v->state | (v->leaving ? VISIT_LEAVING : 0u);
		int r = wire_receive(&v->wire, &m);

		if (r == 0)
			return 0;
		if (r > 0 &&
		    wire_dispatch(rules, sizeof(rules) / sizeof(rules[0]), state, &m, v) == 0)
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

/* -- what is asked -- */

int ask_list(struct visit *v, bool watch)
{
	struct msg_list m = { watch };

	v->lists++;
	return wire_send(&v->wire, MSG_LIST, &m);
}

int ask_info(struct visit *v, const char *guest, bool probe)
{
	struct msg_info m = { .handle = ++v->last, .probe = probe };

	snprintf(m.guest, sizeof(m.guest), "%s", guest);
	v->info = m.handle;
	return wire_send(&v->wire, MSG_INFO, &m);
}

int ask_attach(struct visit *v, const char *guest, const char *device, uint32_t flags,
	       const struct position *from, const struct position *until)
{
	struct msg_attach m = { .handle = ++v->last, .flags = flags };

	if (from)
		m.from = *from;
	if (until)
		m.until = *until;
	snprintf(m.guest, sizeof(m.guest), "%s", guest);
	snprintf(m.device, sizeof(m.device), "%s", device);
	v->handle = m.handle;
	v->state = VISIT_ASKED;
	v->credit = 0;
	return wire_send(&v->wire, MSG_ATTACH, &m);
}

/* One that is only asked for is given back when it comes: see hear_attached(). */
int ask_detach(struct visit *v)
{
	struct msg_handle m = { v->handle };
	enum visit_state was = v->state;

	v->state = VISIT_FREE;
	v->credit = 0;
	if (was == VISIT_FREE || !visit_is_open(v))
		return 0;
	v->leaving++;
	return was == VISIT_ATTACHED ? wire_send(&v->wire, MSG_DETACH, &m) : 0;
}

static int ask_about(struct visit *v, enum message_type type)
{
	struct msg_handle m = { v->handle };

	return v->state == VISIT_ATTACHED ? wire_send(&v->wire, type, &m) : 0;
}

int ask_take(struct visit *v)
{
	return ask_about(v, MSG_TAKE);
}

int ask_give(struct visit *v)
{
	return ask_about(v, MSG_GIVE);
}

int ask_who(struct visit *v)
{
	return ask_about(v, MSG_WHO);
}

int ask_force(struct visit *v)
{
	return ask_about(v, MSG_FORCE);
}

int ask_replay(struct visit *v, const struct position *from)
{
	struct msg_replay m = { .handle = v->handle, .from = *from };

	return v->state == VISIT_ATTACHED ? wire_send(&v->wire, MSG_REPLAY, &m) : 0;
}

int ask_act(struct visit *v, const char *guest, enum guest_act act, uint8_t key)
{
	struct msg_act m = { .act = act, .key = key };

	if (v->act || !visit_is_open(v))
		return 0;
	m.handle = v->act = ++v->last;
	snprintf(m.guest, sizeof(m.guest), "%s", guest);
	return wire_send(&v->wire, MSG_ACT, &m);
}

long ask_input(struct visit *v, const uint8_t *data, size_t len)
{
	struct msg_data m = { .handle = v->handle };

	if (v->state != VISIT_ATTACHED || v->credit == 0)
		return 0;
	if (len > v->credit)
		len = v->credit;
	m.data = (struct bytes){ data, len };
	if (wire_send(&v->wire, MSG_INPUT, &m) < 0)
		return -1;
	v->credit -= len;
	return (long)len;
}
