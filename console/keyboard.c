/* SPDX-License-Identifier: ISC */
/*
 * Who may type: one viewer at a time. First come, first served; taken visibly; free when
 * its holder leaves or gives it up, and then the first who types has it.
 */
#include <stdio.h>
#include <string.h>

#include "console/hub.h"
#include "console/visit.h"

static void pass(struct console *c, struct viewer *to, enum keyboard_cause cause, const char *by)
{
	struct viewer *from = c->holder;

	c->holder = to;
	c->holder_cause = (uint8_t)cause;
	snprintf(c->holder_by, sizeof(c->holder_by), "%s", by);
	if (from && from != to)
		viewer_drop_input(from, LOSS_KEYBOARD);
	for (struct viewer *v = c->viewers; v; v = v->next) {
		v->news |= NEWS_KEYBOARD;
		viewer_flush(v);
	}
	hub_viewers_changed(c);
}

void keyboard_arrive(struct viewer *v, bool take)
{
	struct viewer *holder = v->console->holder;

	v->news |= NEWS_KEYBOARD;
	if (!v->may_type)
		return;
	if (!holder)
		pass(v->console, v, KEYBOARD_FIRST, "");
	else if (strcmp(holder->visit->user, v->visit->user) == 0)
		pass(v->console, v, KEYBOARD_SAME_USER, v->visit->user);
	else if (take)
		pass(v->console, v, KEYBOARD_TAKEN, v->visit->user);
}

void keyboard_leave(struct viewer *v)
{
	if (v->console->holder == v)
		pass(v->console, NULL, KEYBOARD_LEFT, v->visit->user);
}

void keyboard_take(struct viewer *v)
{
	/* Also when it has it already or may not: the answer says how things stand. */
	if (v->may_type && v->console->holder != v) {
		pass(v->console, v, v->console->holder ? KEYBOARD_TAKEN : KEYBOARD_FIRST,
		     v->visit->user);
		return;
	}
	v->news |= NEWS_KEYBOARD;
	viewer_flush(v);
}

void keyboard_give(struct viewer *v)
{
	if (v->console->holder == v)
		pass(v->console, NULL, KEYBOARD_GIVEN, v->visit->user);
}

bool keyboard_claim(struct viewer *v)
{
	if (!v->console->holder && v->may_type)
		pass(v->console, v, KEYBOARD_FIRST, v->visit->user);
	return v->console->holder == v;
}
