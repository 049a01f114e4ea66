/* SPDX-License-Identifier: ISC */
/*
 * One attachment: a cursor in the ring and what its person is owed. Output goes from the
 * ring straight into the visit's socket whenever that takes it; nothing is queued.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console/hub.h"
#include "console/host.h"
#include "console/visit.h"

enum { OUTPUT_PIECE = 32768 };

struct viewer *viewer_new(struct visit *visit, struct console *c, uint32_t handle, bool read_only)
{
	struct viewer *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->visit = visit;
	v->console = c;
	v->handle = handle;
	v->read_only = read_only;
	v->cursor = c->ring.head;
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
	take_out(v);
	line_forget_viewer(c, v);
	keyboard_leave(v);
	buf_free(&v->input);
	free(v);
	hub_viewers_changed(c);
}

static void fill_state(struct msg_state *m, const struct viewer *v)
{
	const struct console *c = v->console;

	*m = (struct msg_state){
		.handle = v->handle,
		.guest = (uint8_t)c->guest->state,
		.line = (uint8_t)c->line.state,
		.host_up = host_is_up(c->guest->host),
		.run = c->guest->id,
		.resets = c->guest->resets,
	};
	snprintf(m->text, sizeof(m->text), "%s",
		 m->host_up ? c->line.text : host_failure(c->guest->host));
}

static void send_keyboard(struct viewer *v)
{
	const struct console *c = v->console;
	struct msg_keyboard m = {
		.handle = v->handle,
		.yours = c->holder == v,
		.held = c->holder != NULL,
		.denied = !v->may_type && !v->read_only,
		.cause = c->holder_cause,
	};

	if (c->holder) {
		snprintf(m.holder, sizeof(m.holder), "%s", c->holder->visit->user);
		snprintf(m.holder_peer, sizeof(m.holder_peer), "%s", c->holder->visit->address);
	}
	snprintf(m.by, sizeof(m.by), "%s", c->holder_by);
	v->news &= ~(unsigned)NEWS_KEYBOARD;
	peer_send(&v->visit->peer, MSG_KEYBOARD, &m);
}

static void send_debts(struct viewer *v)
{
	for (unsigned why = 0; why < 3; why++) {
		struct msg_lost lost = { v->handle, (uint8_t)why, v->lost[why] };

		if (v->lost[why])
			peer_send(&v->visit->peer, MSG_LOST, &lost);
		v->lost[why] = 0;
	}
	/* A key's credit is not worth waking its visitor for: the window is far from used up. */
	if (v->credit >= CREDIT_PIECE) {
		struct msg_credit credit = { v->handle, v->credit };

		v->credit = 0;
		peer_send(&v->visit->peer, MSG_CREDIT, &credit);
	}
}

/* One piece of output. 1 sent or nothing to send, 0 the socket is full, -1 gone. */
static int send_output(struct viewer *v, bool *more)
{
	struct msg_output m = { .handle = v->handle };
	uint64_t gap;
	int sent;

	/* A gap shows in the offset: as one, however often the cursor was overtaken. */
	m.data.len = ring_peek(&v->console->ring, &v->cursor, &gap, &m.data.data);
	*more = m.data.len > 0;
	if (!*more)
		return 1;
	if (m.data.len > OUTPUT_PIECE)
		m.data.len = OUTPUT_PIECE;
	m.offset = v->cursor;
	sent = wire_try_send(&v->visit->peer.wire, MSG_OUTPUT, &m);
	if (sent == 1)
		v->cursor += m.data.len;
	return sent;
}

void viewer_flush(struct viewer *v)
{
	struct peer *peer = &v->visit->peer;
	bool more = true;

	if (!peer_is_open(peer))
		return;
	if (wire_is_waiting(&peer->wire)) {
		visit_wait_writable(v->visit);
		return;
	}
	if (v->news & NEWS_KEYBOARD)
		send_keyboard(v);
	send_debts(v);
	while (more) {
		int sent = send_output(v, &more);

		if (sent < 0)
			return;
		if (sent == 0) {
			visit_wait_writable(v->visit);
			return;
		}
	}
	/* "The guest is off" comes behind the guest's last byte. */
	if ((v->news & NEWS_STATE) && v->cursor >= v->console->state_at) {
		struct msg_state m;

		fill_state(&m, v);
		v->news &= ~(unsigned)NEWS_STATE;
		peer_send(peer, MSG_STATE, &m);
	}
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
	viewer_flush(v);
	return 0;
}

void viewer_gone(struct viewer *v, const char *why)
{
	struct msg_state m;
	struct visit *visit = v->visit;

	fill_state(&m, v);
	m.gone = 1;
	snprintf(m.text, sizeof(m.text), "%s", why);
	viewer_free(v);
	peer_send(&visit->peer, MSG_STATE, &m);
}
