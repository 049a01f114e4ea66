/* SPDX-License-Identifier: ISC */
/* See outlet.h. */
#include "ws/outlet.h"

#include <stdlib.h>
#include <string.h>

#include "ws/tell.h"

/*
 * Makes a terminal as the painter takes it to be when it begins: no mode that outlives a
 * full-screen program, on the main screen. (DECSTR leaves some of them alone.)
 */
static const char plain_terminal[] =
	"\030\033[!p\033[?1049l\033[?9;1000;1002;1003;1004;1005;1006;1015;2004l\033[=0u\033[>4;0m";

void outlet_init(struct outlet *o, uint32_t handle, size_t piece, const struct outlet_ears *ears,
		 void *who)
{
	*o = (struct outlet){ .ears = ears, .who = who, .handle = handle, .piece = piece };
	TAILQ_INIT(&o->spans);
	buf_init(&o->out, OUTLET_MOST);
	link_init(&o->link);
}

static void drop(struct outlet *o, struct span *s)
{
	TAILQ_REMOVE(&o->spans, s, entry);
	o->texts -= s->text.len;
	buf_free(&s->text);
	free(s);
}

void outlet_free(struct outlet *o)
{
	struct span *next;

	for (struct span *s = TAILQ_FIRST(&o->spans); s; s = next) {
		next = TAILQ_NEXT(s, entry);
		drop(o, s);
	}
	buf_free(&o->out);
	if (o->has_view)
		view_free(&o->view);
	o->has_view = false;
}

void outlet_pace(struct outlet *o, enum view_policy policy, bool is_strange)
{
	o->is_paced = true;
	o->policy = policy;
	o->is_strange = is_strange;
}

void outlet_resize(struct outlet *o, unsigned rows, unsigned cols)
{
	if (!o->is_paced)
		return;
	if (o->has_view)
		view_resize(&o->view, rows, cols);
	else
		view_init(&o->view, &o->out, &o->link, o->policy, rows, cols);
	o->has_view = true;
}

void outlet_begin(struct outlet *o, uint64_t offset)
{
	o->taken = o->queued = offset;
	if (TAILQ_EMPTY(&o->spans))
		o->told = offset;
}

/* -- what waits -- */

static struct span *add(struct outlet *o)
{
	struct span *s = calloc(1, sizeof(*s));

	if (s)
		TAILQ_INSERT_TAIL(&o->spans, s, entry);
	return s;
}

static int add_bytes(struct outlet *o, size_t len, uint64_t position, bool is_even)
{
	struct span *s = TAILQ_LAST(&o->spans, spans);
	bool goes_on = s && !s->is_text && s->is_even && is_even && s->position == position - len;

	if (!goes_on)
		s = add(o);
	if (!s)
		return -1;
	s->len += len;
	s->position = position;
	s->is_even = is_even;
	o->covered += len;
	o->queued = position;
	return 0;
}

static int put_text(struct outlet *o, const struct buf *text, uint64_t gap)
{
	struct span *s;

	if (text->full)
		return -1;
	if (TAILQ_EMPTY(&o->spans)) {
		o->told += gap;
		o->ears->text(o->who, text);
		return 0;
	}
	s = add(o);
	if (!s)
		return -1;
	s->is_text = true;
	s->gap = gap;
	buf_init(&s->text, text->len);
	o->texts += text->len;
	return buf_append(&s->text, text->data, text->len);
}

int outlet_put_text(struct outlet *o, const struct buf *text)
{
	return put_text(o, text, 0);
}

static void send_frame(struct outlet *o, struct span *s, const uint8_t *data, size_t len);

/* Nothing is kept of what need not wait. */
static void send_at_once(struct outlet *o, const uint8_t *data, struct span s)
{
	size_t all = s.len;

	do {
		size_t n = s.len < o->piece ? s.len : o->piece;

		send_frame(o, &s, data + (all - s.len), n);
	} while (s.len > 0);
}

int outlet_put(struct outlet *o, const uint8_t *data, size_t len, uint64_t position, bool is_even)
{
	struct buf *to = o->has_view ? view_buffer(&o->view) : &o->out;

	o->taken = position;
	if (!o->is_paced) {
		send_at_once(o, data, (struct span){ .len = len, .position = position,
						     .is_even = is_even });
		return 0;
	}
	if (buf_append(to, data, len) < 0)
		return -1;
	return to == &o->out ? add_bytes(o, len, position, is_even) : 0;
}

static int put_gap(struct outlet *o, uint64_t count)
{
	struct buf text;
	int r;

	buf_init(&text, TELL_MAX);
	tell_gap(&text, o->handle, count);
	r = put_text(o, &text, count);
	buf_free(&text);
	return r;
}

/* While it is slow, they are among all the others that are not shown. */
int outlet_gap(struct outlet *o, uint64_t count)
{
	if (!o->is_slow)
		return put_gap(o, count);
	o->missed += count;
	return 0;
}

void outlet_drained(struct outlet *o, bool is_drained, int64_t now)
{
	if (o->has_view)
		view_drained(&o->view, is_drained, now);
}

bool outlet_is_full(const struct outlet *o)
{
	return o->out.len >= OUTLET_FULL || o->texts >= OUTLET_FULL ||
	       (o->has_view && view_is_full(&o->view));
}

/* -- sending -- */

/* A span whose bytes are not the console's own stands for its offset when it is all sent. */
static uint64_t position_behind(const struct outlet *o, const struct span *s)
{
	if (s->is_even)
		return s->position - s->len;
	return s->len ? o->told : s->position;
}

static void send_frame(struct outlet *o, struct span *s, const uint8_t *data, size_t len)
{
	s->len -= len;
	o->told = position_behind(o, s);
	o->sent += len;
	o->ears->frame(o->who, data, len, o->told);
}

static size_t send_first(struct outlet *o, const uint8_t *data, uint64_t room, size_t piece)
{
	struct span *s = TAILQ_FIRST(&o->spans);
	size_t n = s->len < piece ? s->len : piece;

	n = n < room ? n : (size_t)room;
	if (s->is_text) {
		o->told += s->gap;
		o->ears->text(o->who, &s->text);
	} else {
		send_frame(o, s, data, n);
	}
	if (s->len == 0)
		drop(o, s);
	return n;
}

/* What may be sent at its beginning: texts, and bytes as far as there is room. */
static size_t send_some(struct outlet *o, uint64_t room, size_t piece)
{
	size_t done = 0;

	while (!TAILQ_EMPTY(&o->spans)) {
		const struct span *s = TAILQ_FIRST(&o->spans);

		/* clang-tidy does not see that what is freed is no more in the list. */
		if (s->len > 0 && room == done)  /* NOLINT(clang-analyzer-unix.Malloc) */
			break;
		done += send_first(o, o->out.data + done, room - done, piece);
	}
	if (o->has_view)
		view_sent(&o->view, o->out.data, done);
	buf_consume(&o->out, done);
	o->covered -= done;
	return done;
}

/*
 * A painted link is a full one, and carries what it is seen to carry: the rate that follows
 * from single answers is too high where the round trip was taken with texts ahead.
 */
static uint64_t slow_room(const struct outlet *o)
{
	uint64_t trip = o->link.trip < 0 ? 0 : (uint64_t)o->link.trip;
	uint64_t most = o->carried * (trip + OUTLET_SLOW_US) / 1000000;
	uint64_t flight = link_flight(&o->link);

	if (most < LINK_FIRST)
		most = LINK_FIRST;
	return flight < most ? most - flight : 0;
}

static void count_carried(struct outlet *o, int64_t now)
{
	int64_t time = now - o->counted_at;

	if (time < OUTLET_COUNT_US)
		return;
	o->carried = (o->shown - o->counted) * 1000000 / (uint64_t)time;
	o->counted = o->shown;
	o->counted_at = now;
}

static uint64_t paced_room(const struct outlet *o, uint64_t room, int64_t now)
{
	uint64_t has = link_room(&o->link, now), most = o->is_slow ? slow_room(o) : has;

	has = has < most ? has : most;
	if (has < room)
		room = has;
	return room < OUTLET_LEAST && room < o->out.len ? 0 : room;
}

static size_t piece_for(const struct outlet *o, int64_t now)
{
	uint64_t rate = link_rate(&o->link, now), n = rate / OUTLET_SOON;

	if (!rate || n > o->piece)
		return o->piece;
	return n < OUTLET_SMALL ? OUTLET_SMALL : (size_t)n;
}

void outlet_flush(struct outlet *o)
{
	send_some(o, UINT64_MAX, o->piece);
}

int outlet_ack(struct outlet *o, uint64_t count, int64_t now)
{
	if (count > o->sent || count < o->shown)
		return -1;
	o->shown = count;
	if (o->is_paced) {
		link_arrived(&o->link, count, now);
		count_carried(o, now);
	}
	return 0;
}

/* -- painting -- */

/*
 * The view took bytes back out of `out`, to do with them what it does: all behind them is
 * behind the same offset then. Texts among them stay, but for what is missing there, too.
 */
static void cut_spans(struct outlet *o)
{
	struct span *s, *next;
	size_t left = o->out.len;
	bool is_cut = false;

	o->queued = o->told;
	for (s = TAILQ_FIRST(&o->spans); s; s = next) {
		size_t cut = s->len > left ? s->len - left : 0;

		next = TAILQ_NEXT(s, entry);
		s->len -= cut;
		left -= s->len;
		if (cut)
			s->position = s->is_even ? s->position - cut : o->queued;
		if (!s->is_text && !is_cut)
			o->queued = s->position;
		is_cut |= cut > 0;
		if (is_cut)
			o->missed += s->gap;
		if (is_cut && s->len == 0 && (!s->is_text || s->gap))
			drop(o, s);
	}
	o->covered = o->out.len;
}

static int tell_painting_is(struct outlet *o, bool is_on, uint64_t skipped)
{
	struct buf text;
	int r;

	buf_init(&text, TELL_MAX);
	tell_painting(&text, o->handle, is_on, skipped);
	r = put_text(o, &text, 0);
	buf_free(&text);
	return r;
}

/* The view's own bytes at the end of out stand for all that was taken. */
static int cover(struct outlet *o)
{
	size_t more = o->out.len - o->covered;

	return more ? add_bytes(o, more, o->taken, false) : 0;
}

/* The painter takes the terminal to be plain; after a broken link it may be anything. */
static int make_plain(struct outlet *o)
{
	size_t len = sizeof(plain_terminal) - 1;

	if (!o->is_strange)
		return 0;
	o->is_strange = false;
	if (buf_append(&o->out, plain_terminal, len) < 0)
		return -1;
	o->view.done += len;
	return add_bytes(o, len, o->queued, false);
}

static int begin_slow(struct outlet *o)
{
	cut_spans(o);
	if (o->policy != VIEW_PAINT)
		return 0;
	return tell_painting_is(o, true, 0) < 0 ? -1 : make_plain(o);
}

/* The newest bytes come behind a gap, which is counted so that their offsets fit. */
static int end_skipping(struct outlet *o, int64_t now)
{
	uint64_t before = o->queued, more;
	int r = 0;

	view_turn(&o->view, now);
	more = o->out.len - o->covered;
	if (o->taken > before + more)
		r = put_gap(o, o->taken - more - before);
	return r < 0 || (more && add_bytes(o, more, o->taken, true) < 0) ? -1 : 0;
}

static int end_slow(struct outlet *o, int64_t now)
{
	uint64_t skipped = view_take_skipped(&o->view) + o->missed;

	o->missed = 0;
	if (o->policy == VIEW_SKIP)
		return end_skipping(o, now);
	return cover(o) < 0 ? -1 : tell_painting_is(o, false, skipped);
}

static int turn_view(struct outlet *o, int64_t now)
{
	bool was_slow = o->is_slow;

	view_turn(&o->view, now);
	o->is_slow = o->view.is_slow;
	if (o->is_slow && !was_slow)
		return begin_slow(o);
	if (!o->is_slow && was_slow)
		return end_slow(o, now);
	return cover(o);
}

int outlet_turn(struct outlet *o, uint64_t room, int64_t now)
{
	size_t n;

	if (o->has_view && turn_view(o, now) < 0)
		return -1;
	n = send_some(o, paced_room(o, room, now), piece_for(o, now));
	if (n == 0)
		return 0;
	link_sent(&o->link, n, now);
	/* A mark costs nothing here: an answer is the count that reaches it. */
	if (link_wants_mark(&o->link, now))
		link_mark(&o->link, now);
	return 0;
}

int64_t outlet_due(const struct outlet *o, int64_t now)
{
	return o->has_view ? view_due(&o->view, now) : -1;
}
