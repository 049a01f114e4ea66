/* SPDX-License-Identifier: ISC */
/*
 * One attachment: who it is, where it reads in the ring, what its person typed and is owed.
 * A reader is one, too, but for all others it is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console/audit.h"
#include "console/hub.h"
#include "console/position.h"
#include "console/visit.h"

struct viewer *viewer_new(struct visit *visit, struct console *c, const struct viewer_wish *wish)
{
	static uint64_t last_number;
	struct viewer *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->visit = visit;
	v->console = c;
	v->handle = wish->handle;
	v->read_only = wish->read_only;
	v->is_reader = wish->is_reader;
	v->has_stamps = wish->has_stamps;
	v->wants_credit = wish->wants_credit;
	v->until = wish->until;
	v->seen = wish->from;
	viewer_replay(v, wish->from);
	v->number = ++last_number;
	v->since = (uint64_t)time(NULL);
	v->news = NEWS_STATE;
	buf_init(&v->input, INPUT_WINDOW);
	v->next = c->viewers;
	c->viewers = v;
	v->next_of_visit = visit->viewers;
	visit->viewers = v;
	visit->nviewers++;
	return v;
}

void viewer_replay(struct viewer *v, uint64_t from)
{
	v->cursor = from;
	v->live = v->console->ring.head;
	v->boot_from = v->stamp_from = from;
}

unsigned viewer_count(const struct console *c)
{
	unsigned n = 0;

	for (const struct viewer *v = c->viewers; v; v = v->next)
		n += !v->is_reader;
	return n;
}

/* Somebody who came by a ticket is not the user who made it. */
static bool is_of(const struct viewer *v, const char *user)
{
	return !v->is_reader && !v->visit->ticket[0] && strcmp(v->visit->user, user) == 0;
}

static bool is_here(const struct console *c, const char *user)
{
	for (const struct viewer *v = c->viewers; v; v = v->next)
		if (is_of(v, user))
			return true;
	return false;
}

uint64_t viewer_left(const struct visit *visit, const struct console *c)
{
	uint64_t offset = POSITION_NEVER;

	if (!visit->ticket[0] && !is_here(c, visit->user))
		left_find(&c->left, visit->user, &offset);
	return offset;
}

static void take_out(struct viewer *v)
{
	struct viewer **at;

	for (at = &v->console->viewers; *at != v; at = &(*at)->next)
		;
	*at = v->next;
	for (at = &v->visit->viewers; *at != v; at = &(*at)->next_of_visit)
		;
	*at = v->next_of_visit;
	v->visit->nviewers--;
}

void viewer_free(struct viewer *v)
{
	struct console *c;

	if (!v)
		return;
	c = v->console;
	audit_detached(v);
	take_out(v);
	line_forget_viewer(c, v);
	keyboard_leave(v);
	if (is_of(v, v->visit->user) && !is_here(c, v->visit->user))
		left_note(&c->left, v->visit->user, v->seen);
	buf_free(&v->input);
	free(v);
	keep_viewers_changed(c);
}

void viewer_credit(struct viewer *v, uint32_t count)
{
	v->outstanding -= count < v->outstanding ? count : v->outstanding;
	v->credit += count;
}

void viewer_drop_input(struct viewer *v, enum input_loss why)
{
	uint32_t count = (uint32_t)v->input.len;

	if (!count)
		return;
	buf_clear(&v->input);
	v->lost[why] += count;
	viewer_credit(v, count);
}

int viewer_input(struct viewer *v, struct bytes data)
{
	struct console *c = v->console;

	if (data.len > INPUT_WINDOW - v->outstanding)
		return -1;
	v->outstanding += (uint32_t)data.len;
	if (buf_append(&v->input, data.data, data.len) < 0)
		return -1;
	if (!keyboard_claim(v))
		viewer_drop_input(v, LOSS_KEYBOARD);
	else if (c->line.state != LINE_OPEN && c->line.state != LINE_OPENING)
		viewer_drop_input(v, LOSS_LINE);
	else
		line_pump(c);
	output_flush(v);
	return 0;
}

void viewer_gone(struct viewer *v, enum refusal how, const char *why)
{
	struct msg_state m;
	struct visit *visit = v->visit;

	output_fill_state(&m, v);
	m.gone = how;
	snprintf(m.text, sizeof(m.text), "%s", why);
	viewer_free(v);
	peer_send(&visit->peer, MSG_STATE, &m);
}
