/* SPDX-License-Identifier: ISC */
/*
 * See screen.h. libvterm knows where text goes; what it does not know or tell (faint and
 * hidden text, a saved cursor for each screen, keyboard protocols, whether the next
 * character wraps) is followed with track.h's parser, in step with it: at each
 * sequence libvterm is fed up to there, and then the sequence is acted on.
 */
#include "terminal/screen/screen_inner.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ipc/text.h"

enum { BLOCK = 64 };        /* bytes that are looked at together */

void screen_write(struct screen *s, const char *text)
{
	vterm_input_write(s->vt, text, strlen(text));
}

static void give(struct screen *s, const uint8_t *bytes, size_t len)
{
	if (len)
		vterm_input_write(s->vt, (const char *)bytes, len);
}

/* Bytes that are no character: libvterm would read its memory for them. */
static void give_up_part(struct screen *s)
{
	if (s->part_len)
		screen_write(s, "\357\277\275");
	s->part_len = 0;
}

static void keep_last(struct screen *s, const uint8_t *bytes, size_t len)
{
	memcpy(s->last, bytes, len);
	s->last_len = len;
}

/* With the character just printed, or with nothing; libvterm forgets it in the last column. */
static void combine(struct screen *s)
{
	struct picture *p = &s->now;
	struct glyph *g = picture_row(p, s->at_row) + s->at_col;
	unsigned i = 0;

	if (!s->last_len)
		return;
	if (!g->chars[0])
		*g = (struct glyph){ .chars = { ' ' }, .front = p->pen.front, .back = p->pen.back,
				     .flags = p->pen.flags, .width = 1 };
	while (i < GLYPH_CHARS && g->chars[i])
		i++;
	if (i < GLYPH_CHARS)
		g->chars[i] = s->point;
	g->is_drawn = false;
}

/*
 * libvterm lets wide ones wrap in the last column even when nothing is to, and leaves that
 * column as it is when they do.
 */
static void give_wide(struct screen *s)
{
	struct picture *p = &s->now;
	struct glyph space = glyph_space(p->pen);
	bool has_room = p->col + 1 < p->cols;

	if (!has_room && s->track.changed & TRACK_BIT(TRACK_WRAP))
		return;
	if (!has_room && !p->is_pending)
		picture_put(p, p->row, p->col, &space);
	screen_write(s, "\xe4\xb8\x80");
	if (s->at_col + 2 >= p->cols)
		screen_end_wide(s);
}

/* How wide it is, is not left to libvterm's tables: it gets another one of that width. */
static void give_character(struct screen *s, uint32_t point)
{
	int width = wcwidth((wchar_t)point);

	s->point = point;
	if (width == 2)
		give_wide(s);
	else if (width == 0)
		combine(s);
	else
		screen_write(s, "x");
	s->point = 0;
}

/* One byte over 0x7f: whole characters are handed on. */
static void give_high(struct screen *s, uint8_t c)
{
	size_t wanted;
	uint32_t point;

	if ((c & 0xc0) != 0x80 || s->part_len == 0)
		give_up_part(s);
	s->part[s->part_len++] = c;
	wanted = *s->part < 0xc2 ? 1 : *s->part < 0xe0 ? 2 : *s->part < 0xf0 ? 3 : 4;
	if (s->part_len < wanted)
		return;
	if (text_decode(&point, s->part, s->part_len) == wanted && point >= 0xa0) {
		give_character(s, point);
		keep_last(s, s->part, wanted);
		s->part_len = 0;
	} else {
		give_up_part(s);
	}
}

static bool is_feed(uint8_t c)
{
	return c >= '\n' && c <= '\f';
}

static void give_text(struct screen *s, const uint8_t *in, size_t len)
{
	while (len) {
		size_t n = 0;

		while (n < len && in[n] < 0x80 && !is_feed(n ? in[n - 1] : 0))
			n++;
		if (n)
			give_up_part(s);
		give(s, in, n);
		if (n && is_feed(in[n - 1]))
			screen_end_wait(s);
		if (n)
			keep_last(s, in + n - 1, in[n - 1] >= 0x20);
		for (; n < len && in[n] >= 0x80; n++)
			give_high(s, in[n]);
		in += n;
		len -= n;
	}
}

/* More than fills the screen does the same as fewer that end in the same column. */
void screen_repeat(struct screen *s, uint32_t count)
{
	const struct picture *p = &s->now;
	const struct glyph *g = picture_row(p, s->at_row) + s->at_col;
	unsigned in_row = g->width == 2 && p->cols > 1 ? p->cols / 2 : p->cols;
	uint32_t most = in_row * (p->rows + 1);
	uint8_t again[4];
	size_t len = s->last_len;

	if (count > most)
		count = most + (count - most) % in_row;
	memcpy(again, s->last, len);
	while (count-- && len)
		give_text(s, again, len);
}

static void keep(struct screen *s, const uint8_t *in, size_t len)
{
	size_t room = sizeof(s->osc) - s->osc_len;

	memcpy(s->osc + s->osc_len, in, len < room ? len : room);
	s->osc_len += len < room ? len : room;
}

/* They act inside a sequence, too, before it does. */
static void give_controls(struct screen *s, const uint8_t *in, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (in[i] < 0x20)
			give_text(s, in + i, 1);
}

void screen_catch_up(struct screen *s, size_t end)
{
	if (end > s->fed && s->muted == ']')
		keep(s, s->in + s->fed, end - s->fed);
	else if (end > s->fed && (s->muted == '[' || s->muted == 0x1b))
		give_controls(s, s->in + s->fed, end - s->fed);
	else if (end > s->fed && !s->muted)
		give_text(s, s->in + s->fed, end - s->fed);
	s->fed = end;
}

static void feed_all(struct screen *s, const uint8_t *in, size_t len)
{
	s->in = in;
	s->fed = 0;
	track_feed(&s->track, in, len);
	screen_catch_up(s, len);
	s->now.bits = s->track.changed;
}

/* -- runs of plain lines, also coloured ones -- */

/* Text, line ends and tabs: what moves the cursor only forward, and changes no mode. */
static bool is_plain(uint8_t c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t' || c == 0x07;
}

/* As many at a time as a compiler can look at without a branch. */
static bool is_plain_block(const uint8_t *in, size_t *lines)
{
	uint8_t is_bad = 0, ends = 0;

	for (unsigned i = 0; i < BLOCK; i++) {
		uint8_t c = in[i];

		is_bad |= (uint8_t)((c < 0x20) & (c != '\n') & (c != '\r') & (c != '\t')) |
			  (uint8_t)(c == 0x7f);
		ends = (uint8_t)(ends + (c == '\n'));
	}
	*lines += is_bad ? 0 : ends;
	return !is_bad;
}

/*
 * A whole SGR or EL, which neither move the cursor: logs are full of them. Its length; 0: it
 * is something else.
 */
static size_t sequence_length(const uint8_t *in, size_t len)
{
	size_t i = 2;

	if (len < 3 || in[0] != 0x1b || in[1] != '[')
		return 0;
	while (i < len && in[i] >= '0' && in[i] <= ';')
		i++;
	return i < len && (in[i] == 'm' || in[i] == 'K') ? i + 1 : 0;
}

static size_t plain_length(const uint8_t *in, size_t len, size_t *lines)
{
	size_t i = 0, n = 1;

	*lines = 0;
	while (n) {
		while (i + BLOCK <= len && is_plain_block(in + i, lines))
			i += BLOCK;
		while (i < len && is_plain(in[i]))
			*lines += in[i++] == '\n';
		n = sequence_length(in + i, len - i);
		i += n;
	}
	return i;
}

/* Of what is left out only the colours last. */
static void feed_colours(struct screen *s, const uint8_t *in, size_t len)
{
	const uint8_t *end = in + len, *at = memchr(in, 0x1b, len);

	while (at) {
		size_t n = sequence_length(at, (size_t)(end - at));

		if (at[n - 1] == 'm')
			feed_all(s, at, n);
		at = memchr(at + n, 0x1b, (size_t)(end - at) - n);
	}
}

/*
 * Where the last lines that matter begin: at a carriage return, so that the column is known,
 * and with twice as many line ends behind it as the screen has rows. The first half of
 * them takes the cursor to the bottom, whatever stood there; the second half
 * moves all that is older over the top. 0: there is nothing to leave out.
 */
static size_t last_lines(const uint8_t *in, size_t len, unsigned rows)
{
	size_t wanted = 2 * (size_t)rows + 1, i = len;

	while (i > 0 && wanted)
		wanted -= in[--i] == '\n';
	while (i > 0 && in[i] != '\r')
		i--;
	return wanted ? 0 : i;
}

/* Below a scroll region nothing scrolls; nothing plain leaves one, and from above it is entered. */
static bool scrolls(const struct screen *s)
{
	return track_is_between(&s->track) && !s->now.modes.left &&
	       (!s->now.modes.top || s->now.row < s->now.modes.end) &&
	       !(s->track.changed & TRACK_BIT(TRACK_MARGINS));
}

/*
 * The plain bytes at the start of in are taken care of; how many. Where they are all of in,
 * the last lines that matter may be left for another time: *len is without them then.
 */
static size_t feed_plain(struct screen *s, const uint8_t *in, size_t *len, bool leaves_last)
{
	size_t lines, n, from, first;

	if (!scrolls(s))
		return 0;
	n = plain_length(in, *len, &lines);
	from = lines > 2 * (size_t)s->now.rows ? last_lines(in, n, s->now.rows) : 0;
	/* The first line ends whatever the bytes before the run have begun. */
	first = from ? (size_t)((const uint8_t *)memchr(in, '\n', n) - in) + 1 : 0;
	if (first >= from) {
		feed_all(s, in, n);
		return n;
	}
	feed_all(s, in, first);
	feed_colours(s, in + first, from - first);
	if (!s->now.is_alternate && s->now.modes.top <= 1)
		s->now.scrolled += lines - 2 * (size_t)s->now.rows - 1;
	if (leaves_last && n == *len)
		n = *len = from;
	else
		feed_all(s, in + from, n - from);
	return n;
}

static size_t feed(struct screen *s, const uint8_t *in, size_t len, bool leaves_last)
{
	const uint8_t *start = in;

	while (len) {
		size_t n = feed_plain(s, in, &len, leaves_last);
		const uint8_t *end;

		in += n;
		len -= n;
		end = memchr(in, '\n', len);
		n = end ? (size_t)(end - in) + 1 : len;
		if (n)
			feed_all(s, in, n);
		in += n;
		len -= n;
	}
	return (size_t)(in - start);
}

void screen_feed(struct screen *s, const uint8_t *in, size_t len)
{
	feed(s, in, len, false);
}

size_t screen_skim(struct screen *s, const uint8_t *in, size_t len)
{
	return feed(s, in, len, true);
}

/* -- the rest -- */

/* Queries are the visitor's terminal's to answer, never ours. */
static void ignore_answer(const char *bytes, size_t len, void *who)
{
	(void)bytes;
	(void)len;
	(void)who;
}

struct screen *screen_new(unsigned rows, unsigned cols)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->vt = vterm_new((int)rows, (int)cols);
	if (!s->vt || picture_init(&s->now, rows, cols) < 0) {
		screen_free(s);
		return NULL;
	}
	vterm_set_utf8(s->vt, 1);
	vterm_output_set_callback(s->vt, ignore_answer, s);
	s->state = vterm_obtain_state(s->vt);
	vterm_state_set_callbacks(s->state, &screen_callbacks, s);
	vterm_state_reset(s->state, 1);
	track_init(&s->track, NULL);
	s->track.ear = (struct track_ear){ screen_hear, s };
	return s;
}

void screen_free(struct screen *s)
{
	if (!s)
		return;
	if (s->vt)
		vterm_free(s->vt);
	picture_free(&s->now);
	free(s);
}

int screen_resize(struct screen *s, unsigned rows, unsigned cols)
{
	if (!picture_is_possible(rows, cols))
		return -1;
	/* So do terminals; and libvterm 0.1.4 would scroll lines that are no more, in its heap. */
	screen_forget_region(s);
	vterm_set_size(s->vt, (int)rows, (int)cols);
	if (s->now.rows != rows || s->now.cols != cols)
		return -1;
	return 0;
}

bool screen_is_between(const struct screen *s)
{
	return track_is_between(&s->track);
}

const struct picture *screen_picture(const struct screen *s)
{
	return &s->now;
}
