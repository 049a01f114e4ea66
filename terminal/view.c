/* SPDX-License-Identifier: ISC */
/* See view.h. */
#include "terminal/view.h"

#include <string.h>

enum {
	CUT_MAX = 4096,         /* a sequence longer than that is broken off */
	FRAME_LEAST = 128,
	FRAME_MOST = 65536,
};

void view_init(struct view *v, struct buf *out, const struct link *link, enum view_policy policy,
	       unsigned rows, unsigned cols)
{
	*v = (struct view){ .out = out, .link = policy == VIEW_RAW ? NULL : link, .policy = policy };
	buf_init(&v->staged, VIEW_STAGED_MAX);
	buf_init(&v->tail, VIEW_TAIL_MAX);
	buf_init(&v->lag, 2 * VIEW_LAG_MAX);
	/* Earlier bytes are none of the guest's. */
	v->done = out->len;
	v->since = -1;
	v->is_drained = true;
	v->rows = rows;
	v->cols = cols;
}

void view_free(struct view *v)
{
	screen_free(v->screen);
	paint_free(&v->paint);
	buf_free(&v->staged);
	buf_free(&v->tail);
	buf_free(&v->lag);
	*v = (struct view){ 0 };
}

struct buf *view_buffer(struct view *v)
{
	return v->is_slow ? &v->staged : v->out;
}

bool view_is_full(const struct view *v)
{
	return v->is_stopped || v->staged.len >= 2 * VIEW_STAGED_LOW;
}

/* Without a screen it stays raw. */
static void give_up(struct view *v)
{
	if (v->is_slow)
		buf_append(v->out, v->staged.data, v->staged.len);
	v->is_slow = v->is_stopped = false;
	v->link = NULL;
	screen_free(v->screen);
	v->screen = NULL;
	buf_free(&v->staged);
	buf_free(&v->lag);
}

static bool has_screen(struct view *v)
{
	if (!v->screen && v->link)
		v->screen = screen_new(v->rows, v->cols);
	if (!v->screen)
		give_up(v);
	return v->screen;
}

static void catch_up(struct view *v)
{
	if (has_screen(v) && v->lag.len)
		screen_feed(v->screen, v->lag.data, v->lag.len);
	buf_clear(&v->lag);
}

static void make_room(struct view *v)
{
	if (!has_screen(v))
		return;
	buf_consume(&v->lag, screen_skim(v->screen, v->lag.data, v->lag.len));
	if (v->lag.len > VIEW_LAG_MAX / 2)
		catch_up(v);
}

void view_sent(struct view *v, const uint8_t *data, size_t len)
{
	size_t n = len < v->done ? len : v->done;

	v->sent += len;
	v->done -= n;
	if (!v->link || len == n)
		return;
	if (v->lag.len + len > VIEW_LAG_MAX)
		make_room(v);
	if (buf_append(&v->lag, data + n, len - n) == 0)
		return;
	catch_up(v);
	if (v->screen)
		screen_feed(v->screen, data + n, len - n);
}

/* What comes after a silence has been waiting since now, not since the silence began. */
void view_drained(struct view *v, bool is_drained, int64_t now)
{
	if (is_drained || v->is_drained) {
		v->drained_at = now;
		v->drained_sent = v->sent;
	}
	v->is_drained = is_drained;
}

static void take(struct view *v, const uint8_t *data, size_t len)
{
	v->taken += len;
	if (v->policy == VIEW_PAINT) {
		screen_feed(v->screen, data, len);
		return;
	}
	if (len >= VIEW_TAIL_MAX) {
		buf_clear(&v->tail);
		data += len - VIEW_TAIL_MAX;
		len = VIEW_TAIL_MAX;
	}
	if (v->tail.len + len > VIEW_TAIL_MAX)
		buf_consume(&v->tail, v->tail.len + len - VIEW_TAIL_MAX);
	buf_append(&v->tail, data, len);
}

static void take_staged(struct view *v)
{
	if (v->staged.len)
		take(v, v->staged.data, v->staged.len);
	buf_clear(&v->staged);
}

/* A line that tells of it may be painted over before anybody sees it. */
void view_missed(struct view *v, uint64_t count)
{
	if (v->is_slow)
		v->missed += count;
}

void view_ask(struct view *v, bool is_on)
{
	if (v->link)
		v->asked = is_on ? UINT64_MAX :
			   v->asked && !v->is_slow ? v->sent + v->out->len : 0;
}

void view_hurry(struct view *v)
{
	v->asked = 0;
}

void view_resize(struct view *v, unsigned rows, unsigned cols)
{
	v->is_known = v->paint.is_known = false;
	if (v->screen || v->lag.len)
		catch_up(v);
	/* What came before has wrapped in the old window. */
	if (v->is_slow)
		take_staged(v);
	v->rows = rows;
	v->cols = cols;
	if (v->screen && screen_resize(v->screen, rows, cols) < 0)
		give_up(v);
	if (v->is_slow && picture_resize(&v->paint.shown, rows, cols) < 0)
		v->paint.shown.rows = 0;
}

/* -- from raw to slow -- */

static int64_t trip(const struct view *v)
{
	return v->link->trip < 0 ? 0 : v->link->trip;
}

/* What waits in out has waited too long, and is too much for the link. */
static bool waits(const struct view *v, int64_t now)
{
	int64_t age = v->since < 0 ? 0 : now - v->since - trip(v);

	return age >= VIEW_TOO_LATE_US ||
	       (age >= VIEW_LATE_US && link_time(v->link, v->out->len, now) >= LINK_FLIGHT_US);
}

/* More waits behind than can be seen from here. */
static bool is_behind(const struct view *v, int64_t now)
{
	int64_t for_us = v->is_drained ? 0 : now - v->drained_at;

	return for_us >= VIEW_BEHIND_US + trip(v) &&
	       v->sent - v->drained_sent < (uint64_t)for_us * (VIEW_BEHIND_RATE / 1000000);
}

/* Keeps in mind since when the oldest bytes of out have been there. */
static void follow_age(struct view *v, int64_t now)
{
	if (v->out->len == 0)
		v->since = -1;
	else if (v->since < 0 || v->sent >= v->until) {
		v->since = now;
		v->until = v->sent + v->out->len;
	}
}

/* What was asked for may wait, and so what stands behind it. */
static void stay_young(struct view *v, int64_t now)
{
	v->since = -1;
	v->drained_at = now;
	v->drained_sent = v->sent;
}

/*
 * The terminal may be in the middle of a sequence: it gets the rest of that, and nothing more
 * of what waits.
 */
static size_t end_of_sequence(struct view *v)
{
	static const uint8_t cancel = 0x18;
	size_t at = v->done;

	while (!screen_is_between(v->screen) && at < v->out->len && at - v->done < CUT_MAX)
		screen_feed(v->screen, v->out->data + at++, 1);
	if (!screen_is_between(v->screen) && v->done < v->out->len) {
		screen_feed(v->screen, &cancel, 1);
		v->out->data[v->done] = cancel;
		at = v->done + 1;
	}
	return at;
}

static void become_slow(struct view *v, int64_t now)
{
	size_t kept;

	catch_up(v);
	buf_free(&v->lag);
	if (!v->screen)
		return;
	kept = end_of_sequence(v);
	if (v->policy == VIEW_PAINT &&
	    paint_begin(&v->paint, screen_picture(v->screen), v->is_known) < 0)
		return;
	v->is_slow = true;
	v->is_known = true;
	v->scrolled = screen_picture(v->screen)->scrolled;
	v->taken = v->weighed = 0;
	v->framed_at = v->weighed_at = now;
	v->is_calm = false;
	take(v, v->out->data + kept, v->out->len - kept);
	v->out->len = v->done = kept;
}

/* -- while it is slow -- */

/* What was written has arrived, or nearly so: whoever types sees the answer in the next frame. */
static bool may_write(const struct view *v, int64_t now)
{
	return v->out->len == 0 && now - v->framed_at >= VIEW_PAUSE_US &&
	       link_time(v->link, 0, now) <= VIEW_PAUSE_US;
}

static size_t frame_size(const struct view *v, int64_t now)
{
	uint64_t rate = link_rate(v->link, now), size = rate * VIEW_FRAME_US / 1000000;

	if (!rate)
		return LINK_FIRST;
	return size < FRAME_LEAST ? FRAME_LEAST : size > FRAME_MOST ? FRAME_MOST : (size_t)size;
}

static bool is_calm(const struct view *v, int64_t now)
{
	uint64_t came = v->taken + v->staged.len - v->weighed, time = (uint64_t)(now - v->weighed_at);

	return came == 0 || came * 1000000 < link_rate(v->link, now) / 2 * time;
}

/* For a while the link could have carried what came as it was. */
static void weigh(struct view *v, int64_t now)
{
	if (!is_calm(v, now))
		v->is_calm = false;
	if (now - v->weighed_at < VIEW_CALM_US)
		return;
	v->is_calm = is_calm(v, now);
	v->weighed = v->taken + v->staged.len;
	v->weighed_at = now;
}

static void become_raw(struct view *v)
{
	uint64_t gone = screen_picture(v->screen)->scrolled - v->scrolled;

	v->is_slow = v->is_stopped = false;
	v->since = -1;
	if (v->policy == VIEW_SKIP)
		v->skipped = v->taken > v->tail.len ? v->taken - v->tail.len : 0;
	else if (gone > v->paint.scrolled || v->missed)
		v->skipped = v->taken;
	v->skipped += v->missed;
	v->missed = 0;
	paint_free(&v->paint);
}

static void paint(struct view *v, int64_t now)
{
	bool is_complete = paint_frame(&v->paint, screen_picture(v->screen), v->out,
				       frame_size(v, now));

	v->done = v->out->len;
	v->framed_at = now;
	/* In the middle of a sequence the terminal cannot take over. */
	if (is_complete && v->is_calm && screen_is_between(v->screen))
		become_raw(v);
}

/* What no frame needs yet is not fed: a visitor who has stopped costs next to nothing. */
static void make_room_in_staged(struct view *v)
{
	size_t n;

	if (v->staged.len < VIEW_STAGED_LOW)
		return;
	if (v->policy == VIEW_PAINT) {
		n = screen_skim(v->screen, v->staged.data, v->staged.len);
		v->taken += n;
		buf_consume(&v->staged, n);
	}
	if (v->staged.len >= VIEW_STAGED_LOW)
		take_staged(v);
}

/*
 * What is not seen need not be followed either: the owner reads no more, and what it has missed
 * in the end is told by the hub.
 */
static void stand_still(struct view *v, int64_t now)
{
	v->is_calm = false;
	v->weighed = v->taken + v->staged.len;
	v->weighed_at = now;
}

static void slow_turn(struct view *v, int64_t now)
{
	v->is_stopped = link_is_stopped(v->link, now);
	if (v->is_stopped) {
		stand_still(v, now);
		return;
	}
	make_room_in_staged(v);
	weigh(v, now);
	if (v->is_covered || !may_write(v, now))
		return;
	take_staged(v);
	if (v->policy == VIEW_PAINT)
		paint(v, now);
	else if (v->is_calm || now - v->framed_at >= VIEW_BEHIND_US)
		become_raw(v);
}

/* What is left of a skipped flood begins with a whole line. */
static void put_tail(struct view *v)
{
	const uint8_t *at = v->tail.data, *end = at + v->tail.len;
	const uint8_t *line = v->tail.len ? memchr(at, '\n', v->tail.len) : NULL;

	if (line && line + 1 < end)
		at = line + 1;
	buf_append_str(v->out, "\033[m");
	buf_append(v->out, at, (size_t)(end - at));
	buf_clear(&v->tail);
}

void view_turn(struct view *v, int64_t now)
{
	if (!v->link)
		return;
	if (!v->is_slow && v->tail.len && !v->skipped)
		put_tail(v);
	if (v->sent < v->asked)
		stay_young(v, now);
	follow_age(v, now);
	if (!v->is_slow && v->done < v->out->len && (waits(v, now) || is_behind(v, now)))
		become_slow(v, now);
	if (v->is_slow)
		slow_turn(v, now);
}

/* When the link will have taken enough for the next frame. */
static int64_t frame_due(const struct view *v, int64_t now)
{
	int64_t paused = v->framed_at + VIEW_PAUSE_US, taken = v->link->drained_at - VIEW_PAUSE_US;

	return taken > paused && link_time(v->link, 0, now) > VIEW_PAUSE_US ? taken : paused;
}

int64_t view_due(const struct view *v, int64_t now)
{
	int64_t due = -1;

	if (v->is_slow && v->out->len == 0 && !v->is_stopped && !v->is_covered)
		due = frame_due(v, now);
	else if (!v->is_slow && v->since >= 0 && v->link)
		due = v->since + VIEW_LATE_US + trip(v);
	return due >= 0 && due < now + VIEW_NAP_US ? now + VIEW_NAP_US : due;
}

bool view_cover(struct view *v, const void *page, size_t len, int64_t now)
{
	if (!v->link || v->policy != VIEW_PAINT)
		return false;
	if (!v->is_slow)
		become_slow(v, now);
	if (!v->is_slow)
		return false;
	v->is_covered = true;
	paint_clear(&v->paint, v->out);
	buf_append(v->out, page, len);
	v->done = v->out->len;
	return true;
}

void view_uncover(struct view *v)
{
	v->is_covered = false;
}

uint64_t view_take_skipped(struct view *v)
{
	uint64_t n = v->skipped;

	v->skipped = 0;
	return n;
}
