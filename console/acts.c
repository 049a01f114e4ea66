/* SPDX-License-Identifier: ISC */
/* See acts.h. */
#include "console/acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "console/audit.h"
#include "console/host.h"
#include "console/resolve.h"
#include "console/visit.h"
#include "ipc/log.h"

enum { STATE_DOING = 1 };

struct act {
	struct act *next;
	struct visit *visit;         /* NULL: left */
	uint32_t handle;             /* of the request */
	struct peer peer;            /* the child of virt */
	struct loop_timer deadline, line;
	struct msg_do_act order;
	bool is_resuming;            /* the second half of a start */
	struct msg_act_result result;/* of the first, without its detail */
	struct msg_audit record;
};

static const struct {
	const char *name;
	unsigned right;              /* enum config_right */
	const char *right_name;
} kinds[ACT_COUNT] = {
	[ACT_START] = { "start", CONFIG_MAY_POWER, "power" },
	[ACT_SHUTDOWN] = { "shutdown", CONFIG_MAY_POWER, "power" },
	[ACT_REBOOT] = { "reboot", CONFIG_MAY_POWER, "power" },
	[ACT_RESET] = { "reset", CONFIG_MAY_POWER, "power" },
	[ACT_POWEROFF] = { "poweroff", CONFIG_MAY_POWER, "power" },
	[ACT_NMI] = { "nmi", CONFIG_MAY_POWER, "power" },
	[ACT_BREAK] = { "break", CONFIG_MAY_BREAK, "break" },
	[ACT_SYSRQ] = { "sysrq", CONFIG_MAY_BREAK, "break" },
	[ACT_RESUME] = { "resume", CONFIG_MAY_POWER, "power" },
	[ACT_SHOW_SERIAL] = { "show-serial", CONFIG_MAY_ADD_SERIAL, "add-serial" },
	[ACT_ADD_SERIAL] = { "add-serial", CONFIG_MAY_ADD_SERIAL, "add-serial" },
};

static struct act *acts;

static void act_free(struct act *a)
{
	struct act **at;

	for (at = &acts; *at != a; at = &(*at)->next)
		;
	*at = a->next;
	if (a->visit)
		a->visit->nacts--;
	peer_close(&a->peer);
	loop_timer_clear(&a->deadline);
	loop_timer_clear(&a->line);
	free(a);
}

/* Tells how it ended; the act is no more then. */
static void finish(struct act *a, const struct msg_act_result *result)
{
	struct msg_act_done done = { .handle = a->handle, .detail = result->detail };

	log_info("%s of %s/%s by %s: %s", a->record.detail, a->order.host,
		 a->record.guest, a->record.user, result->code ? result->text : "done");
	audit_end(&a->record, result->code == 0);
	host_refresh(a->order.host, a->order.uuid);
	if (a->visit && result->code) {
		visit_answer_no(a->visit, a->handle, (enum refusal)result->code, result->text);
	} else if (a->visit) {
		strcpy(done.text, result->text);
		peer_send(&a->visit->peer, MSG_ACT_DONE, &done);
	}
	act_free(a);
}

static void fail(struct act *a, enum refusal code, const char *text)
{
	struct msg_act_result result = { .code = (uint8_t)code };

	snprintf(result.text, sizeof(result.text), "%s%s", a->is_resuming ?
		 "it was started, but stands paused: " : "", text);
	finish(a, &result);
}

static void deadline_due(void *owner)
{
	fail(owner, REFUSED_TIMEOUT, "libvirt has not answered within a minute; it may still happen");
}

static void child_gone(void *owner)
{
	fail(owner, REFUSED_FAILED, "the process that did it ended without a word");
}

static int take_result(void *owner, struct message *m);

static const struct wire_rule act_rules[] = { { MSG_ACT_RESULT, STATE_DOING, take_result } };
static const struct peer_kind act_kind = { "act", act_rules, 1, child_gone, NULL };

/* 0, or -1: it is finished already. */
static int order_it(struct act *a)
{
	int fds[2] = { -1, -1 };

	if (wire_pair(fds) == 0 && host_do_act(&a->order, fds[1]) == 0) {
		if (peer_open(&a->peer, fds[0], &act_kind, STATE_DOING, a) == 0)
			return 0;
	} else if (fds[0] >= 0) {
		close(fds[0]);
	}
	fail(a, REFUSED_FAILED,
	     "the part of serialgate that speaks with libvirt is starting anew: try again");
	return -1;
}

/* -- started paused: the lines first -- */

static bool is_watched(const struct guest *g)
{
	for (const struct console *c = g->open; c; c = c->next)
		if (keep_is_wanted(c))
			return true;
	return false;
}

static bool all_open(const struct guest *g)
{
	for (const struct console *c = g->open; c; c = c->next)
		if (keep_is_wanted(c) && c->line.state != LINE_OPEN)
			return false;
	return true;
}

static void resume(struct act *a)
{
	loop_timer_clear(&a->line);
	a->is_resuming = true;
	a->order.act = ACT_RESUME;
	a->order.paused = 0;
	order_it(a);
}

static void line_due(void *owner)
{
	struct act *a = owner;

	log_warn("%s/%s: no line to it opened in %d s: resumed all the same", a->order.host,
		 a->record.guest, ACTS_LINE_MS / 1000);
	resume(a);
}

/* Its first half is done: it waits for lines, for those of this run. */
static void resume_if_open(struct act *a)
{
	const struct guest *g = inventory_find(a->order.host, a->order.uuid);

	if (g && g->id && all_open(g))
		resume(a);
}

void acts_line_opened(const struct guest *g)
{
	struct act *next;

	for (struct act *a = acts; a; a = next) {
		next = a->next;
		if (loop_timer_is_set(&a->line) && memcmp(a->order.uuid, g->uuid, UUID_SIZE) == 0 &&
		    strcmp(a->order.host, g->host) == 0)
			resume_if_open(a);
	}
}

static int take_result(void *owner, struct message *m)
{
	struct act *a = owner;
	const struct msg_act_result *result = &m->u.act_result;

	peer_close(&a->peer);
	if (a->is_resuming && !result->code) {
		finish(a, &a->result);
	} else if (a->is_resuming) {
		fail(a, (enum refusal)result->code, result->text);
	} else if (!result->code && result->paused) {
		a->result = *result;
		a->result.detail = (struct bytes){ 0 };
		loop_timer_set(&a->line, ACTS_LINE_MS, line_due, a);
		/* The event of the start may be late, or past: look. */
		host_refresh(a->order.host, a->order.uuid);
		resume_if_open(a);
	} else {
		finish(a, result);
	}
	return 0;
}

/* -- asking for one -- */

/* While libvirt hangs each lasts a minute: one person's leave room for everybody else's. */
static unsigned count_of(const char *user)
{
	unsigned n = 0;

	for (const struct act *a = acts; a; a = a->next)
		n += strcmp(a->record.user, user) == 0;
	return n;
}

static int has_room(struct visit *v, uint32_t handle)
{
	if (v->nacts >= ACTS_PER_VISIT) {
		visit_refuse(v, handle, REFUSED_FAILED, "too much is under way: try again");
		return -1;
	}
	if (count_of(v->user) >= ACTS_PER_USER) {
		visit_refuse(v, handle, REFUSED_FAILED, "libvirt has not answered so many requests "
			     "of yours that no more is sent: try again in a minute");
		return -1;
	}
	return 0;
}

static int may(struct visit *v, const struct msg_act *m, struct resolved *r)
{
	char text[160];

	resolve_guest(r, visit_config(), &v->person, m->guest, false);
	if (!r->guest) {
		visit_refuse(v, m->handle, r->code, r->text);
		return -1;
	}
	if (!(r->rights & kinds[m->act].right)) {
		snprintf(text, sizeof(text),
			 "you may not do that to this guest: it needs the right '%s'",
			 kinds[m->act].right_name);
		visit_refuse(v, m->handle, REFUSED_NOT_ALLOWED, text);
		return -1;
	}
	if (m->act != ACT_BREAK && r->alias[0]) {
		visit_refuse(v, m->handle, REFUSED_USAGE, "only BREAK is for one console of a guest");
		return -1;
	}
	return has_room(v, m->handle);
}

static void fill_order(struct msg_do_act *order, const struct msg_act *m, const struct guest *g,
		       const char *alias)
{
	*order = (struct msg_do_act){ .act = m->act, .key = m->key };
	strcpy(order->host, g->host);
	memcpy(order->uuid, g->uuid, UUID_SIZE);
	strcpy(order->alias, alias);
	if (m->act == ACT_START && g->state == GUEST_PAUSED)
		order->act = ACT_RESUME;
	else if (m->act == ACT_START)
		order->paused = g->id == 0 && is_watched(g);
}

static void record(struct act *a, const struct msg_act *m, const struct guest *g)
{
	const char *name = kinds[m->act].name;

	audit_begin(&a->record, AUDIT_ACT, a->visit, g, a->order.alias);
	if (m->act == ACT_SYSRQ)
		snprintf(a->record.detail, sizeof(a->record.detail), "%s %c", name, m->key);
	else
		snprintf(a->record.detail, sizeof(a->record.detail), "%s", name);
}

static bool is_sysrq_key(uint8_t key)
{
	return (key >= '0' && key <= '9') || (key >= 'a' && key <= 'z');
}

int acts_act(void *owner, struct message *message)
{
	struct visit *v = owner;
	const struct msg_act *m = &message->u.act;
	char alias[ALIAS_MAX + 1] = "";
	struct resolved r;
	struct act *a;

	if (m->act == 0 || m->act >= ACT_COUNT)
		return -1;
	visit_charge(v);
	if (may(v, m, &r) < 0)
		return 0;
	if (m->act == ACT_BREAK && resolve_console(&r, r.alias, alias) < 0) {
		visit_refuse(v, m->handle, r.code, r.text);
		return 0;
	}
	if (m->act == ACT_SYSRQ && !is_sysrq_key(m->key)) {
		visit_refuse(v, m->handle, REFUSED_USAGE, "a SysRq key is a letter or a digit");
		return 0;
	}
	a = calloc(1, sizeof(*a));
	if (!a) {
		visit_refuse(v, m->handle, REFUSED_FAILED, "the gateway is out of memory");
		return 0;
	}
	a->peer = (struct peer)PEER_CLOSED;
	a->visit = v;
	a->handle = m->handle;
	a->next = acts;
	acts = a;
	v->nacts++;
	fill_order(&a->order, m, r.guest, alias);
	record(a, m, r.guest);
	loop_timer_set(&a->deadline, ACTS_DEADLINE_MS, deadline_due, a);
	order_it(a);
	return 0;
}

void acts_forget(const struct visit *v)
{
	for (struct act *a = acts; a; a = a->next)
		if (a->visit == v)
			a->visit = NULL;
}
