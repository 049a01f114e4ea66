/* SPDX-License-Identifier: ISC */
/*
 * What is sent to a viewer. Output goes from the ring straight into the visit's socket
 * whenever that takes it; nothing is queued. What belongs to an offset (a boot in a replay,
 * a time) goes out when the cursor gets there; all else is one pending value a kind.
 */
#include <stdio.h>
#include <string.h>

#include "console/host.h"
#include "console/hub.h"
#include "console/visit.h"

enum { OUTPUT_PIECE = 32768 };

void output_fill_state(struct msg_state *m, const struct viewer *v)
{
	const struct console *c = v->console;

	*m = (struct msg_state){
		.handle = v->handle,
		.guest = (uint8_t)c->guest->state,
		.line = (uint8_t)hub_line_told(c),
		.host_up = host_is_up(c->guest->host),
		.run = c->guest->id,
		.resets = c->guest->resets,
		.cause = (uint8_t)c->guest->cause,
		.unique = inventory_is_unique(c->guest),
	};
	strcpy(m->host, c->guest->host);
	strcpy(m->name, c->guest->name);
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
		snprintf(m.holder, sizeof(m.holder), "%s",
			 visit_tells_name(v->visit, c->holder->visit->name));
		snprintf(m.holder_peer, sizeof(m.holder_peer), "%s",
			 visit_tells_address(v->visit, c->holder->visit->address));
	}
	snprintf(m.by, sizeof(m.by), "%s", visit_tells_name(v->visit, c->holder_by));
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
	if (v->credit >= CREDIT_PIECE || (v->credit && v->wants_credit)) {
		struct msg_credit credit = { v->handle, v->credit };

		v->credit = 0;
		peer_send(&v->visit->peer, MSG_CREDIT, &credit);
	}
}

/* At a boot in a replay: tells of it. 1 done, 0 the socket is full, -1 gone. *end: the next. */
static int send_boot(struct viewer *v, uint64_t *end)
{
	const struct ring_boot *b;
	int sent = 1;

	*end = UINT64_MAX;
	if (v->boot_from < v->cursor)
		v->boot_from = v->cursor;
	if (v->boot_from >= v->live)
		return 1;
	b = ring_boot_from(&v->console->ring, v->boot_from);
	if (b && b->offset == v->cursor && b->offset < v->live) {
		struct msg_boot m = { v->handle, b->offset, b->time };

		sent = wire_try_send(&v->visit->peer.wire, MSG_BOOT, &m);
		if (sent != 1)
			return sent;
		v->boot_from = v->cursor + 1;
		b = ring_boot_from(&v->console->ring, v->boot_from);
	}
	if (b && b->offset < v->live)
		*end = b->offset;
	return sent;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The same for the time at which the byte under the cursor was printed. */
static int send_stamp(struct viewer *v, uint64_t *end)
{
	const struct marks *marks = &v->console->ring.marks;
	const struct mark *mark = v->has_stamps ? marks_find(marks, v->cursor) : NULL;
	struct msg_stamp m = { .handle = v->handle, .offset = v->cursor };
	int sent;

	*end = UINT64_MAX;
	if (!mark)
		return 1;
	*end = marks_end(marks, mark);
	if (v->cursor < v->stamp_from)
		return 1;
	m.time = mark->first;
	sent = wire_try_send(&v->visit->peer.wire, MSG_STAMP, &m);
	if (sent == 1)
		/* The last mark grows, and another may come behind it. */
		v->stamp_from = least(*end, v->console->ring.head);
	return sent;
}

/* One piece of output. 1 sent or nothing to send, 0 the socket is full, -1 gone. */
static int send_output(struct viewer *v, bool *more)
{
	struct msg_output m = { .handle = v->handle };
	uint64_t gap, boot, stamp;
	int sent;

	/* A gap shows in the offset: as one, however often the cursor was overtaken. */
	m.data.len = ring_peek(&v->console->ring, &v->cursor, &gap, &m.data.data);
	*more = m.data.len > 0 && v->cursor < v->until;
	if (!*more)
		return 1;
	sent = send_boot(v, &boot);
	if (sent == 1)
		sent = send_stamp(v, &stamp);
	if (sent != 1)
		return sent;
	m.data.len = (size_t)least(least(m.data.len, OUTPUT_PIECE),
				   least(least(boot, stamp), v->until) - v->cursor);
	m.offset = v->cursor;
	sent = wire_try_send(&v->visit->peer.wire, MSG_OUTPUT, &m);
	if (sent != 1)
		return sent;
	v->cursor += m.data.len;
	v->bytes_out += m.data.len;
	if (v->cursor > v->seen)
		v->seen = v->cursor;
	return sent;
}

/* "The guest is off" comes behind the guest's last byte. */
static bool has_caught_up(const struct viewer *v)
{
	return v->cursor >= v->console->state_at || v->cursor >= v->until;
}

void output_flush(struct viewer *v)
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
	/* Somebody of this visit waits for room: what there is of it is not for who comes by. */
	if (peer->want_writable)
		return;
	while (more) {
		int sent = send_output(v, &more);

		if (sent < 0)
			return;
		if (sent == 0) {
			visit_wait_writable(v->visit);
			return;
		}
	}
	if ((v->news & NEWS_STATE) && has_caught_up(v)) {
		struct msg_state m;

		output_fill_state(&m, v);
		v->news &= ~(unsigned)NEWS_STATE;
		peer_send(peer, MSG_STATE, &m);
	}
}
