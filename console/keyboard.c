/* SPDX-License-Identifier: ISC */
/*
 * Who may type: one viewer at a time. First come, first served; taken visibly; free when
 * its holder leaves or gives it up, and then the first who types has it. A holder who has
 * typed nothing for a configured time loses it to the first who types or asks.
 */
#include <stdio.h>
#include <string.h>

#include "console/audit.h"
#include "console/hub.h"
#include "console/visit.h"

static uint64_t idle_ms;     /* 0: never */

void keyboard_configure(uint64_t idle)
{
	idle_ms = idle;
}

static void pass(struct console *c, struct viewer *to, enum keyboard_cause cause, const char *by)
{
	struct viewer *from = c->holder;

	c->holder = to;
	c->holder_cause = (uint8_t)cause;
	snprintf(c->holder_by, sizeof(c->holder_by), "%s", by);
	if (to)
		to->typed_at = loop_now();
	if (to && from && from != to)
		audit_keyboard(to, from);
	if (from && from != to)
		viewer_drop_input(from, LOSS_KEYBOARD);
	for (struct viewer *v = c->viewers; v; v = v->next) {
		if (v->is_reader)
			continue;
		v->news |= NEWS_KEYBOARD;
		output_flush(v);
	}
	keep_viewers_changed(c);
}

/* Of one person: what somebody does who came by their ticket is not their doing. */
static bool are_same(const struct visit *a, const struct visit *b)
{
	return strcmp(a->user, b->user) == 0 && strcmp(a->ticket, b->ticket) == 0;
}

static bool is_idle(const struct viewer *holder)
{
	return idle_ms && loop_now() - holder->typed_at >= idle_ms;
}

/* Somebody else has it and v wants it: why it may be taken now. */
static enum keyboard_cause cause_to_take(const struct viewer *holder)
{
	if (!holder)
		return KEYBOARD_FIRST;
	return is_idle(holder) ? KEYBOARD_IDLE : KEYBOARD_TAKEN;
}

void keyboard_arrive(struct viewer *v, bool take)
{
	struct viewer *holder = v->console->holder;
	const char *name = v->visit->name;

	v->news |= NEWS_KEYBOARD;
	if (!v->may_type)
		return;
	if (!holder)
		pass(v->console, v, KEYBOARD_FIRST, "");
	else if (are_same(holder->visit, v->visit))
		pass(v->console, v, KEYBOARD_SAME_USER, name);
	else if (take)
		pass(v->console, v, cause_to_take(holder), name);
}

void keyboard_leave(struct viewer *v)
{
	if (v->console->holder == v)
		pass(v->console, NULL, KEYBOARD_LEFT, v->visit->name);
}

void keyboard_take(struct viewer *v)
{
	/* Also when it has it already or may not: the answer says how things stand. */
	if (v->may_type && v->console->holder != v) {
		pass(v->console, v, cause_to_take(v->console->holder), v->visit->name);
		return;
	}
	if (!v->is_reader)
		v->news |= NEWS_KEYBOARD;
	output_flush(v);
}

void keyboard_give(struct viewer *v)
{
	if (v->console->holder == v)
		pass(v->console, NULL, KEYBOARD_GIVEN, v->visit->name);
}

bool keyboard_claim(struct viewer *v)
{
	struct viewer *holder = v->console->holder;

	if (v->may_type && holder != v && (!holder || is_idle(holder)))
		pass(v->console, v, cause_to_take(holder), v->visit->name);
	if (v->console->holder == v)
		v->typed_at = loop_now();
	return v->console->holder == v;
}
