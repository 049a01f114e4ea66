/* SPDX-License-Identifier: ISC */
/* See filter.h. Pure. */
#include "terminal/filter.h"

#include <string.h>

#include "ipc/text.h"

enum parse { GROUND, CHARACTER, ESCAPE, INTERMEDIATE, CSI, NUMBER, SWALLOW, AFTER_STRING };

enum { ESC = 0x1b, BEL = 0x07, CAN = 0x18, SUB = 0x1a, DEL = 0x7f, ST = 0x9c };

/*
 * Control sequences that a replay may have: without a private marker, and with no more
 * numbers than given. s and u with numbers are margins and keys, T with five the mouse.
 */
static const struct {
	char final;
	uint8_t numbers;
} harmless[] = {
	{'@', 1}, {'A', 1}, {'B', 1}, {'C', 1}, {'D', 1}, {'E', 1}, {'F', 1}, {'G', 1}, {'H', 2},
	{'I', 1}, {'J', 1}, {'K', 1}, {'L', 1}, {'M', 1}, {'P', 1}, {'S', 1}, {'T', 1}, {'X', 1},
	{'Z', 1}, {'`', 1}, {'a', 1}, {'b', 1}, {'d', 1}, {'e', 1}, {'f', 2}, {'m', 255}, {'s', 0},
	{'u', 0},
};

/* Strings that write the clipboard or ask for it: xterm's, kitty's, iTerm2's. */
static const struct {
	unsigned number;
	const char *start;
} clipboard[] = {{52, ""}, {5522, ""}, {1337, "Copy"}};

void filter_init(struct filter *f, enum filter_kind kind)
{
	*f = (struct filter){.kind = (uint8_t)kind, .is_start = kind == FILTER_REPLAY};
}

static void hold(struct filter *f, uint8_t c)
{
	f->held[f->len++] = c;
}

static void drop(struct filter *f)
{
	f->parse = GROUND;
	f->len = 0;
}

static int pass(struct filter *f, struct buf *out)
{
	int r = buf_append(out, f->held, f->len);

	f->is_start = false;
	drop(f);
	return r;
}

/*
 * Leaves a sequence out. Live, CAN stands for it: were there nothing, what is before and
 * what is behind could be a sequence that is not known here.
 */
static int take_out(struct filter *f, struct buf *out)
{
	static const uint8_t cancel = CAN;

	drop(f);
	return f->kind == FILTER_STRICT ? buf_append(out, &cancel, 1) : 0;
}

static bool is_string(uint8_t c)
{
	return c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X';
}

/* How many bytes introduce the sequence that is held. */
static size_t introducer(const struct filter *f)
{
	return f->held[0] == ESC || f->held[0] == 0xc2 ? 2 : 1;
}

/* A string begins: of a replay it is left out, of live output one with a number is read. */
static int begin_string(struct filter *f, uint8_t family, struct buf *out)
{
	if (f->kind == FILTER_STRICT && family != ']')
		return pass(f, out);               /* what follows passes like text */
	f->parse = f->kind == FILTER_STRICT ? NUMBER : SWALLOW;
	return 0;
}

/* -- CSI -- */

static const uint8_t *parameters(const struct filter *f, size_t *len)
{
	*len = f->len - introducer(f) - 1;         /* without the final byte */
	return f->held + introducer(f);
}

static unsigned numbers(const uint8_t *at, size_t len)
{
	unsigned n = len ? 1 : 0;

	for (size_t i = 0; i < len; i++)
		n += at[i] == ';' || at[i] == ':';
	return n;
}

/* The first number, one that is too large as UINT_MAX. */
static unsigned first(const uint8_t *at, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len && at[i] >= '0' && at[i] <= '9'; i++)
		n = n > 100000 ? n : n * 10 + (at[i] - '0');
	return n;
}

/* Only numbers, no marker and no intermediate. */
static bool is_plain(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] > ';')
			return false;
	return len == 0 || at[len - 1] >= '0';
}

static bool is_for_replay(const struct filter *f)
{
	uint8_t final = f->held[f->len - 1];
	size_t len;
	const uint8_t *at = parameters(f, &len);

	if (f->is_eight_bit || !is_plain(at, len))
		return false;
	if (final == 'J' && first(at, len) > 2)    /* the person's scrollback */
		return false;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if ((uint8_t)harmless[i].final == final)
			return numbers(at, len) <= harmless[i].numbers;
	return false;
}

/* CSI 20 t and 21 t report the icon's and the window's title. */
static bool is_title_report(const struct filter *f)
{
	size_t len;
	const uint8_t *at = parameters(f, &len);
	unsigned n = first(at, len);

	return f->held[f->len - 1] == 't' && is_plain(at, len) && (n == 20 || n == 21);
}

static int end_csi(struct filter *f, struct buf *out)
{
	bool passes = f->kind == FILTER_STRICT ? !is_title_report(f) : is_for_replay(f);

	if (passes && f->held[f->len - 1] == 'm')
		f->has_colour = true;
	return passes ? pass(f, out) : take_out(f, out);
}

static int feed_csi(struct filter *f, uint8_t c, struct buf *out)
{
	if (c == DEL)                              /* ignored there */
		return 0;
	if (f->len == FILTER_HELD_MAX)
		return take_out(f, out);
	hold(f, c);
	return c >= 0x40 ? end_csi(f, out) : 0;
}

/* -- ESC and what is no CSI -- */

static int feed_escape(struct filter *f, uint8_t c, struct buf *out)
{
	hold(f, c);
	if (c == '[') {
		f->parse = CSI;
	} else if (is_string(c)) {
		return begin_string(f, c, out);
	} else if (c < 0x30) {
		f->parse = INTERMEDIATE;
	} else if (f->kind == FILTER_STRICT || strchr("78DEM", c)) {
		return pass(f, out);
	} else {
		drop(f);
	}
	return 0;
}

/* Of a replay only what names a set of 94 characters for G0 or G1. */
static int feed_intermediate(struct filter *f, uint8_t c, struct buf *out)
{
	if (f->len == FILTER_HELD_MAX)
		return take_out(f, out);
	hold(f, c);
	if (c < 0x30)
		return 0;
	if (f->kind == FILTER_STRICT)
		return pass(f, out);
	if (f->len != 3 || (f->held[1] != '(' && f->held[1] != ')') || c == DEL) {
		drop(f);
		return 0;
	}
	f->has_sets = true;
	return pass(f, out);
}

/* -- strings -- */

/* Of an OSC in live output, as far as it is held: 1 it is of the clipboard, 0 who knows, -1 no. */
static int is_of_clipboard(const struct filter *f)
{
	const uint8_t *at = f->held + introducer(f), *end = f->held + f->len;
	unsigned number = first(at, (size_t)(end - at));

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	if (at == end)
		return 0;
	for (size_t i = 0; i < sizeof(clipboard) / sizeof(clipboard[0]); i++) {
		size_t wanted = strlen(clipboard[i].start), n = (size_t)(end - at) - 1;

		if (clipboard[i].number != number || *at != ';')
			continue;
		if (memcmp(at + 1, clipboard[i].start, n < wanted ? n : wanted) == 0)
			return n >= wanted;
	}
	return -1;
}

static int feed_number(struct filter *f, uint8_t c, struct buf *out)
{
	int is_bad;

	hold(f, c);
	is_bad = is_of_clipboard(f);
	if (is_bad == 0 && f->len < FILTER_HELD_MAX)
		return 0;
	if (is_bad >= 0) {                         /* zeros without end hide something */
		take_out(f, out);
		f->parse = SWALLOW;
		return out->full ? -1 : 0;
	}
	f->len--;
	if (pass(f, out) < 0)
		return -1;
	return filter_feed(f, &c, 1, out);
}

static int feed_swallow(struct filter *f, uint8_t c, struct buf *out)
{
	(void)out;
	if (c == ST && f->is_eight_bit)
		drop(f);
	return 0;
}

static int feed_after_string(struct filter *f, uint8_t c, struct buf *out)
{
	f->parse = ESCAPE;
	if (c != '\\')
		return feed_escape(f, c, out);
	drop(f);
	return 0;
}

/* -- controls -- */

static int put_control(struct filter *f, uint8_t c, struct buf *out)
{
	if (f->kind == FILTER_REPLAY && (c < '\b' || c > 0x0f))
		return 0;
	f->has_sets |= c == 0x0e;
	return buf_append(out, &c, 1);
}

static int begin_escape(struct filter *f, enum parse parse)
{
	drop(f);
	f->parse = (uint8_t)parse;
	f->is_eight_bit = false;
	hold(f, ESC);
	return 0;
}

/*
 * What ends a string that is left out: the controls that do, ESC with a backslash or not,
 * and a line's end, so that one without an end is a line at most.
 */
static int control_in_swallow(struct filter *f, uint8_t c, struct buf *out)
{
	if (c == ESC)
		return begin_escape(f, AFTER_STRING);
	if (c != BEL && c != CAN && c != SUB && c != '\n' && c != '\r')
		return 0;
	drop(f);
	return c == '\n' || c == '\r' ? put_control(f, c, out) : 0;
}

/* Inside other sequences they act at once, as terminals have it. */
static int feed_control(struct filter *f, uint8_t c, struct buf *out)
{
	if (f->parse == SWALLOW)
		return control_in_swallow(f, c, out);
	if (f->parse != NUMBER && c != ESC && c != CAN && c != SUB)
		return put_control(f, c, out);
	if (f->parse == NUMBER && pass(f, out) < 0)
		return -1;
	drop(f);                                   /* broken off, it has no effect */
	return c == ESC ? begin_escape(f, ESCAPE) : put_control(f, c, out);
}

/* -- bytes above ASCII -- */

/* A C1 control, as one byte or as UTF-8: held has it. Each stands for ESC and another. */
static int feed_c1(struct filter *f, uint8_t c, struct buf *out)
{
	uint8_t twin = c - 0x40;

	f->is_eight_bit = true;
	if (twin == '[') {
		f->parse = CSI;
		return 0;
	}
	if (is_string(twin))
		return begin_string(f, twin, out);
	return f->kind == FILTER_STRICT ? pass(f, out) : take_out(f, out);
}

static bool is_c1(uint32_t point)
{
	return point >= 0x80 && point < 0xa0;
}

static int feed_lone(struct filter *f, uint8_t c, struct buf *out)
{
	f->len = 0;
	hold(f, c);
	if (is_c1(c))
		return feed_c1(f, c, out);
	return pass(f, out);
}

/* Held bytes are no character: the first stands alone, the others are looked at anew. */
static int split_character(struct filter *f, struct buf *out)
{
	uint8_t bytes[4];
	size_t n = f->len;
	int r;

	memcpy(bytes, f->held, n);
	drop(f);
	r = feed_lone(f, bytes[0], out);
	if (r == 0 && n > 1)
		r = filter_feed(f, bytes + 1, n - 1, out);
	return r;
}

static int feed_character(struct filter *f, uint8_t c, struct buf *out)
{
	uint8_t lead = f->held[0];
	uint32_t point;

	hold(f, c);
	if (text_decode(&point, f->held, f->len)) {
		if (is_c1(point))
			return feed_c1(f, (uint8_t)point, out);
		return pass(f, out);
	}
	if ((c & 0xc0) == 0x80 && f->len < (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4))
		return 0;
	return split_character(f, out);
}

/* Inside a sequence a byte above ASCII is nothing that all terminals agree on. */
static int feed_high(struct filter *f, uint8_t c, struct buf *out)
{
	if (f->parse == SWALLOW)
		return feed_swallow(f, c, out);
	if (f->parse == NUMBER)
		return feed_number(f, c, out);
	if (f->parse != GROUND && take_out(f, out) < 0)
		return -1;
	if (c < 0xc2 || c > 0xf4)
		return feed_lone(f, c, out);
	f->parse = CHARACTER;
	hold(f, c);
	return 0;
}

static int feed_ground(struct filter *f, uint8_t c, struct buf *out)
{
	if (c == DEL && f->kind == FILTER_REPLAY)
		return 0;
	return buf_append(out, &c, 1);
}

static int (*const feeders[])(struct filter *f, uint8_t c, struct buf *out) = {
	[GROUND] = feed_ground, [CHARACTER] = feed_character, [ESCAPE] = feed_escape,
	[INTERMEDIATE] = feed_intermediate, [CSI] = feed_csi, [NUMBER] = feed_number,
	[SWALLOW] = feed_swallow, [AFTER_STRING] = feed_after_string,
};

static int feed_one(struct filter *f, uint8_t c, struct buf *out)
{
	if (f->parse == CHARACTER)
		return feed_character(f, c, out);
	if (f->is_start && (c & 0xc0) == 0x80)
		return 0;
	if (c < 0x20)
		return feed_control(f, c, out);
	return c < 0x80 ? feeders[f->parse](f, c, out) : feed_high(f, c, out);
}

int filter_feed(struct filter *f, const uint8_t *in, size_t len, struct buf *out)
{
	size_t i = 0;

	while (i < len) {
		size_t from = i, before = out->len;

		/* Plain text, most of all output, costs one look a byte. */
		if (f->parse == GROUND)
			while (i < len && in[i] >= 0x20 && in[i] < DEL)
				i++;
		if (i > from)
			buf_append(out, in + from, i - from);
		else
			feed_one(f, in[i++], out);
		f->is_start &= out->len == before;
		if (out->full)
			return -1;
	}
	return 0;
}

int filter_end(struct filter *f, struct buf *out)
{
	bool is_whole = f->parse == GROUND || f->parse == SWALLOW || f->is_eight_bit ||
			(f->parse == INTERMEDIATE && f->len > 2);

	if (f->has_colour)
		buf_append_str(out, "\033[m");
	if (f->has_sets)
		buf_append_str(out, "\017\033(B\033)B");
	if (!is_whole || f->parse == CHARACTER)
		buf_append(out, f->held, f->len);
	filter_init(f, f->kind);
	return out->full ? -1 : 0;
}
