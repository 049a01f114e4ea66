/* SPDX-License-Identifier: ISC */
/* See expect.h. Pure. */
#include "terminal/expect.h"

#include <string.h>

void expect_init(struct expect *e, struct expression *expression, bool is_raw)
{
	e->expression = expression;
	e->is_raw = is_raw;
	e->is_held = e->is_told = e->is_failed = false;
	e->due = -1;
	buf_init(&e->held, READABLE_TEXT_MAX + EXPECT_OVERLAP + EXPECT_BLOCK);
	readable_init(&e->readable);
	buf_init(&e->block, EXPECT_BLOCK + READABLE_TEXT_MAX + EXPECT_OVERLAP + 2);
	buf_init(&e->carry, EXPECT_OVERLAP);
}

void expect_free(struct expect *e)
{
	buf_free(&e->block);
	buf_free(&e->carry);
	buf_free(&e->held);
}

static void let_go(struct expect *e)
{
	buf_clear(&e->held);
	e->is_held = false;
	e->due = -1;
}

/* False: found() has enough. */
static bool tell_held(struct expect *e, expect_found *found, void *who)
{
	bool goes_on = found(who, (const char *)e->held.data, e->held.len);

	let_go(e);
	return goes_on;
}

void expect_tick(struct expect *e, int64_t now, expect_found *found, void *who)
{
	if (!e->is_held || now < e->due)
		return;
	tell_held(e, found, who);
	e->is_told = true;
	if (e->is_raw)
		buf_clear(&e->block);
}

void expect_break(struct expect *e, expect_found *found, void *who)
{
	expect_tick(e, INT64_MAX, found, who);
	readable_break(&e->readable);
	buf_clear(&e->block);
	buf_clear(&e->carry);
	e->is_told = false;
}

/* -- looking at lines -- */

struct line { size_t from, to; };

static struct line line_around(const struct buf *b, size_t at)
{
	const uint8_t *before = at ? memrchr(b->data, '\n', at) : NULL;
	const uint8_t *after = memchr(b->data + at, '\n', b->len - at);

	return (struct line){ before ? (size_t)(before - b->data) + 1 : 0,
			      after ? (size_t)(after - b->data) : b->len };
}

/* Each for itself: over many lines a match would be looked for from each of them on. */
static int find_by_line(struct expect *e, size_t from, struct line *line)
{
	const char *text = (const char *)e->block.data;
	size_t so, eo;

	for (; from < e->block.len; from = line->to + 1) {
		int r;

		*line = line_around(&e->block, from);
		line->from = from;
		r = expression_find(e->expression, text + from, line->to - from, &so, &eo);
		if (r != 0)
			return r;
	}
	return 0;
}

/* A match that goes beyond its line counts only when the line fits by itself. */
static int find_in(struct expect *e, size_t from, struct line *line)
{
	const char *text = (const char *)e->block.data;
	size_t so, eo;
	int r;

	if (e->expression->fits_lf)
		return find_by_line(e, from, line);
	r = expression_find(e->expression, text + from, e->block.len - from, &so, &eo);
	if (r <= 0)
		return r;
	if (from + so == e->block.len && text[e->block.len - 1] == '\n')
		return 0;                          /* ^$ behind the last line */
	*line = line_around(&e->block, from + so);
	if (line->from < from)
		line->from = from;
	if (from + eo <= line->to)
		return 1;
	r = expression_find(e->expression, text + line->from, line->to - line->from, &so, &eo);
	return r == 0 ? 2 : r;
}

/* The last line fits before it is at its end. */
static void hold(struct expect *e, const char *text, size_t len, int64_t now)
{
	if (!e->is_held)
		e->due = now + EXPECT_SETTLE_MS;
	e->is_held = true;
	buf_clear(&e->held);
	buf_append(&e->held, text, len);
}

/* What was held is the first line of the block; it is whole now, and was told of or not. */
static bool settle(struct expect *e, bool was_told, expect_found *found, void *who)
{
	if (was_told)
		let_go(e);
	return was_told || tell_held(e, found, who);
}

/* Looks at the block. False: found() has enough. */
static bool look(struct expect *e, int64_t now, expect_found *found, void *who)
{
	bool was_held, first_told = false;
	size_t from = 0;
	const char *text;
	struct line line;

	if (buf_append(&e->block, "", 1) == 0)     /* some regexec(3) look for a NUL all the same */
		e->block.len--;
	text = (const char *)e->block.data;
	was_held = e->is_held && e->block.len && memchr(text, '\n', e->block.len);
	while (from < e->block.len) {
		int r = find_in(e, from, &line);

		if (r < 0)
			e->is_failed = true;
		if (r <= 0)
			break;
		if (r == 1 && line.to == e->block.len) {
			if (was_held && !settle(e, first_told, found, who))
				return false;
			was_held = false;
			hold(e, text + line.from, line.to - line.from, now);
			break;
		}
		first_told |= r == 1 && line.from == 0;
		if (r == 1 && !found(who, text + line.from, line.to - line.from))
			return false;
		from = line.to + 1;
	}
	return !was_held || settle(e, first_told, found, who);
}

/* -- readable text -- */

static void add_line(struct expect *e)
{
	if (e->carry.len)
		buf_append(&e->block, e->carry.data, e->carry.len);
	readable_text(&e->readable, &e->block);
}

static void keep_overlap(struct expect *e)
{
	struct buf text;
	size_t n;

	buf_init(&text, READABLE_TEXT_MAX);
	readable_text(&e->readable, &text);
	n = text.len < EXPECT_OVERLAP ? text.len : EXPECT_OVERLAP;
	buf_clear(&e->carry);
	if (n)
		buf_append(&e->carry, text.data + text.len - n, n);
	buf_free(&text);
}

static bool take_line(struct expect *e, enum readable_event event, int64_t now,
		      expect_found *found, void *who)
{
	bool is_told = e->is_told, goes_on = true;

	if (event == READABLE_LINE)
		e->is_told = false;
	if (!is_told) {
		add_line(e);
		buf_append_str(&e->block, "\n");
	}
	if (event == READABLE_CUT)
		keep_overlap(e);
	if (event == READABLE_LINE)
		buf_clear(&e->carry);
	if (e->block.len >= EXPECT_BLOCK || e->is_held) {
		goes_on = look(e, now, found, who);
		buf_clear(&e->block);
	}
	return goes_on;
}

static void feed_readable(struct expect *e, const uint8_t *data, size_t len, int64_t now,
			  expect_found *found, void *who)
{
	size_t used = 0;

	while (used < len) {
		enum readable_event event;

		used += readable_feed(&e->readable, data + used, len - used, &event);
		if (event != READABLE_MORE && !take_line(e, event, now, found, who))
			return;
	}
	if (!e->is_told && !e->readable.is_over)
		add_line(e);
	look(e, now, found, who);
	buf_clear(&e->block);
}

/* -- bytes -- */

/* What was looked at and is not a whole line stays, as much of it as counts. */
static void keep_tail(struct expect *e)
{
	const uint8_t *end = e->block.len ? memrchr(e->block.data, '\n', e->block.len) : NULL;

	if (end)
		buf_consume(&e->block, (size_t)(end - e->block.data) + 1);
	if (e->block.len > READABLE_COLUMNS_MAX)
		buf_consume(&e->block, e->block.len - EXPECT_OVERLAP);
}

static void feed_raw(struct expect *e, const uint8_t *data, size_t len, int64_t now,
		     expect_found *found, void *who)
{
	while (len) {
		size_t n = len < EXPECT_BLOCK ? len : EXPECT_BLOCK;
		const uint8_t *end = e->is_told ? memchr(data, '\n', n) : NULL;

		if (e->is_told) {                  /* the rest of that line */
			n = end ? (size_t)(end - data) + 1 : n;
			e->is_told = !end;
		} else {
			buf_append(&e->block, data, n);
			if (!look(e, now, found, who))
				return;
			keep_tail(e);
		}
		data += n;
		len -= n;
	}
}

void expect_feed(struct expect *e, const uint8_t *data, size_t len, int64_t now,
		 expect_found *found, void *who)
{
	(e->is_raw ? feed_raw : feed_readable)(e, data, len, now, found, who);
}
