/* SPDX-License-Identifier: ISC */
/* See readable.h. Pure. */
#include "terminal/readable.h"

#include <string.h>

#include "ipc/text.h"

enum {
	BROKEN = 0x1000000,          /* a cell with a byte that is no character */
	VALUE_MAX = 9999,
	STRING_MAX = 65536,          /* a string for the terminal is over then, ended or not */
	TAB_STOP = 8,
	FADE_RATIO = 16,             /* so that a spinner on a long line costs little */
	SLACK = 16,                  /* cells beyond the bound that one byte may fill */
};
enum parse { GROUND, ESCAPE, DESIGNATE, CSI, CSI_OTHER, OSC, STRING, STRING_ESCAPE };

void readable_init(struct readable *r)
{
	*r = (struct readable){ 0 };
}

static void start_line(struct readable *r)
{
	r->len = r->col = r->fresh = 0;
	r->is_over = r->has_returned = false;
}

void readable_break(struct readable *r)
{
	start_line(r);
	r->parse = GROUND;
	r->pending_len = 0;
}

/* -- writing into the line -- */

static void pad_to(struct readable *r, size_t col)
{
	if (col > READABLE_COLUMNS_MAX)
		col = READABLE_COLUMNS_MAX;
	while (r->len < col)
		r->cell[r->len++] = ' ';
}

/* There is room: see must_stop(). */
static void put(struct readable *r, uint32_t point)
{
	pad_to(r, r->col);
	if (r->col >= READABLE_COLUMNS_MAX + SLACK)
		return;
	r->cell[r->col++] = point;
	if (r->col > r->len)
		r->len = r->col;
	r->fresh++;
	r->last = point;
}

/* The line drawing set in letters that survive everywhere. */
static uint32_t drawn(uint8_t c)
{
	static const char corners[] = "jklmntuvw";

	if (c == 'q' || c == 'o' || c == 'p' || c == 'r' || c == 's')
		return '-';
	if (c == 'x')
		return '|';
	return strchr(corners, c) ? '+' : c == 'a' ? '#' : c;
}

static void put_broken(struct readable *r)
{
	for (uint8_t i = 0; i < r->pending_len; i++)
		put(r, BROKEN | r->pending[i]);
	r->pending_len = 0;
}

static uint8_t length_of(uint8_t lead)
{
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 1;
}

static void take_high(struct readable *r, uint8_t c)
{
	uint32_t point;

	if (r->pending_len && (c & 0xc0) != 0x80)
		put_broken(r);
	if (r->pending_len == 0)
		r->pending_need = length_of(c);
	r->pending[r->pending_len++] = c;
	if (r->pending_len < r->pending_need)
		return;
	if (text_decode(&point, r->pending, r->pending_len) == r->pending_len) {
		r->pending_len = 0;
		put(r, point);
	} else {
		put_broken(r);
	}
}

/* -- control characters -- */

static enum readable_event end_line(struct readable *r)
{
	r->is_over = true;
	return READABLE_LINE;
}

/* Where the cursor goes to another row: what stands here is a line, if anything does. */
static enum readable_event leave_row(struct readable *r)
{
	if (r->len)
		return end_line(r);
	r->col = 0;
	return READABLE_MORE;
}

static enum readable_event move_left(struct readable *r, unsigned n)
{
	r->col = n < r->col ? r->col - n : 0;
	r->has_returned = true;
	return READABLE_MORE;
}

static enum readable_event control(struct readable *r, uint8_t c)
{
	switch (c) {
	case '\n': case '\v': case '\f':
		r->parse = GROUND;
		return end_line(r);
	case '\r':
		r->col = 0;
		r->has_returned = true;
		break;
	case '\b':
		move_left(r, 1);
		break;
	case '\t':
		r->col = (r->col / TAB_STOP + 1) * TAB_STOP;
		break;
	case 0x0e: case 0x0f:                      /* SO: G1, SI: G0 */
		r->shifted = c == 0x0e;
		break;
	case 0x1b:
		r->parse = ESCAPE;
		break;
	case 0x18: case 0x1a:                      /* CAN and SUB break a sequence off */
		r->parse = GROUND;
		break;
	}
	return READABLE_MORE;
}

/* -- sequences -- */

static enum readable_event move_right(struct readable *r, unsigned n)
{
	r->col += n;
	if (r->col > READABLE_COLUMNS_MAX)
		r->col = READABLE_COLUMNS_MAX;
	return READABLE_MORE;
}

static enum readable_event move_to(struct readable *r, unsigned n)
{
	r->col = 0;
	r->has_returned = true;
	return move_right(r, n - 1);
}

static enum readable_event move_row(struct readable *r, unsigned n)
{
	(void)n;
	return leave_row(r);
}

static enum readable_event blank(struct readable *r, size_t from, size_t to)
{
	if (to >= r->len)
		r->len = from < r->len ? from : r->len;
	else
		for (; from < to; from++)
			r->cell[from] = ' ';
	return READABLE_MORE;
}

static enum readable_event erase_line(struct readable *r, unsigned n)
{
	(void)n;
	if (r->count && r->value[0] == 1)
		return blank(r, 0, r->col + 1);
	return blank(r, r->count && r->value[0] == 2 ? 0 : r->col, r->len);
}

static enum readable_event erase_screen(struct readable *r, unsigned n)
{
	if (r->count && r->value[0] >= 2)
		return leave_row(r);
	return erase_line(r, n);
}

static enum readable_event erase_some(struct readable *r, unsigned n)
{
	return r->col < r->len ? blank(r, r->col, r->col + n) : READABLE_MORE;
}

static enum readable_event delete_some(struct readable *r, unsigned n)
{
	size_t left = r->col < r->len ? r->len - r->col : 0;

	if (n > left)
		n = (unsigned)left;
	memmove(r->cell + r->col, r->cell + r->col + n, (left - n) * sizeof(*r->cell));
	r->len -= n;
	return READABLE_MORE;
}

static enum readable_event insert_some(struct readable *r, unsigned n)
{
	size_t room = READABLE_COLUMNS_MAX > r->len ? READABLE_COLUMNS_MAX - r->len : 0;

	if (r->col >= r->len)
		return READABLE_MORE;
	if (n > room)
		n = (unsigned)room;
	memmove(r->cell + r->col + n, r->cell + r->col, (r->len - r->col) * sizeof(*r->cell));
	r->len += n;
	for (unsigned i = 0; i < n; i++)
		r->cell[r->col + i] = ' ';
	return READABLE_MORE;
}

static enum readable_event repeat(struct readable *r, unsigned n)
{
	while (n-- && r->last && r->col < READABLE_COLUMNS_MAX)
		put(r, r->last);
	return READABLE_MORE;
}

/* n: the first value, and 1 where it is missing or 0. */
static const struct {
	uint8_t final;
	bool erases;
	enum readable_event (*act)(struct readable *r, unsigned n);
} finals[] = {
	{'C', false, move_right}, {'D', false, move_left}, {'G', false, move_to},
	{'`', false, move_to}, {'a', false, move_right}, {'A', false, move_row},
	{'B', false, move_row}, {'E', false, move_row}, {'F', false, move_row},
	{'H', false, move_row}, {'d', false, move_row}, {'e', false, move_row},
	{'f', false, move_row}, {'J', true, erase_screen}, {'K', true, erase_line},
	{'X', true, erase_some}, {'P', true, delete_some}, {'@', false, insert_some},
	{'b', false, repeat},
};
enum { FINALS = sizeof(finals) / sizeof(finals[0]) };

static enum readable_event take_csi(struct readable *r, uint8_t c)
{
	if (c >= '0' && c <= '9' && r->count <= READABLE_VALUES) {
		unsigned *v = &r->value[(r->count ? r->count : 1) - 1];

		r->count += !r->count;
		*v = *v * 10 + (c - '0') > VALUE_MAX ? VALUE_MAX : *v * 10 + (c - '0');
	} else if (c == ';' || c == ':') {
		r->count = r->count ? r->count + 1 : 2;
		if (r->count > READABLE_VALUES)
			r->parse = CSI_OTHER;
	} else if (c < 0x40) {                     /* intermediate, private: none that we know */
		r->parse = CSI_OTHER;
	} else {
		r->parse = GROUND;
		for (size_t i = 0; i < FINALS; i++)
			if (finals[i].final == c)
				return finals[i].act(r, r->value[0] ? r->value[0] : 1);
	}
	return READABLE_MORE;
}

static enum readable_event take_escape(struct readable *r, uint8_t c)
{
	r->parse = GROUND;
	switch (c) {
	case '[':
		r->parse = CSI;
		r->count = 0;
		memset(r->value, 0, sizeof(r->value));
		break;
	case ']':
		r->parse = OSC;
		break;
	case 'P': case 'X': case '^': case '_':
		r->parse = STRING;
		break;
	case '(': case ')':
		r->parse = DESIGNATE;
		r->designates = c == ')';
		return READABLE_MORE;
	case 'D': case 'E': case 'M': case 'c':    /* IND, NEL, RI, RIS */
		return leave_row(r);
	default:
		if (c < 0x30)                      /* an intermediate byte: one more follows */
			r->parse = ESCAPE;
	}
	r->skipped = 0;
	return READABLE_MORE;
}

/* A title ends with its line at the latest: what was cut off must not swallow a log. */
static void take_string(struct readable *r, uint8_t c)
{
	if (c == 0x07 || c == 0x18 || c == 0x1a || (c == '\n' && r->parse == OSC) ||
	    ++r->skipped > STRING_MAX)
		r->parse = GROUND;
	else if (c == 0x1b)
		r->parse = STRING_ESCAPE;
}

/* -- bytes -- */

static enum readable_event take_ground(struct readable *r, uint8_t c)
{
	if (c >= 0x80) {
		take_high(r, c);
		return READABLE_MORE;
	}
	if (r->pending_len)
		put_broken(r);
	if (c < 0x20)
		return control(r, c);
	if (c != 0x7f)
		put(r, r->is_drawing[r->shifted] ? drawn(c) : c);
	return READABLE_MORE;
}

static enum readable_event take(struct readable *r, uint8_t c)
{
	if (r->parse == GROUND)
		return take_ground(r, c);
	if (r->parse == OSC || r->parse == STRING) {
		take_string(r, c);
		return READABLE_MORE;
	}
	if (r->parse == STRING_ESCAPE) {           /* ST, or the next sequence */
		r->parse = GROUND;
		return c == '\\' ? READABLE_MORE : take_escape(r, c);
	}
	if (c < 0x20)
		return control(r, c);
	if (c >= 0x80) {
		r->parse = GROUND;
		return take_ground(r, c);
	}
	if (r->parse == DESIGNATE) {
		r->is_drawing[r->designates] = c == '0';
		r->parse = GROUND;
		return READABLE_MORE;
	}
	if (r->parse == CSI_OTHER) {
		if (c >= 0x40)
			r->parse = GROUND;
		return READABLE_MORE;
	}
	return r->parse == CSI ? take_csi(r, c) : take_escape(r, c);
}

static bool is_erasing(uint8_t c)
{
	for (size_t i = 0; i < FINALS; i++)
		if (finals[i].final == c)
			return finals[i].erases;
	return false;
}

/* Before a byte is taken: the line is full, or what stands there will not be there any more. */
static enum readable_event must_stop(struct readable *r, uint8_t c)
{
	bool writes = r->parse == GROUND && c >= 0x20;

	if (writes && r->col >= READABLE_COLUMNS_MAX) {
		r->is_over = true;
		return READABLE_CUT;
	}
	if (!writes && !(r->parse == CSI && is_erasing(c)))
		return READABLE_MORE;
	if (writes && (r->col >= r->len || !r->has_returned))
		return READABLE_MORE;
	if (r->fresh == 0 || r->fresh * FADE_RATIO < r->len)
		return READABLE_MORE;
	r->fresh = 0;
	r->has_returned = false;
	return READABLE_FADING;
}

/* What most of all output is: text at the end of the line. */
static size_t take_plain(struct readable *r, const uint8_t *in, size_t len)
{
	uint32_t *cell = r->cell + r->len;
	size_t n = 0;

	if (r->parse != GROUND || r->pending_len || r->col != r->len || r->is_drawing[r->shifted])
		return 0;
	if (len > READABLE_COLUMNS_MAX - r->len)
		len = READABLE_COLUMNS_MAX - r->len;
	for (; n < len && in[n] >= 0x20 && in[n] < 0x7f; n++)
		cell[n] = in[n];
	if (n)
		r->last = cell[n - 1];
	r->len += n;
	r->col += n;
	r->fresh += n;
	return n;
}

size_t readable_feed(struct readable *r, const uint8_t *in, size_t len, enum readable_event *event)
{
	size_t used = 0;

	if (r->is_over)
		start_line(r);
	while (used < len) {
		if (r->len <= READABLE_COLUMNS_MAX)
			used += take_plain(r, in + used, len - used);
		if (used == len)
			break;
		*event = must_stop(r, in[used]);
		if (*event != READABLE_MORE)
			return used;
		*event = take(r, in[used++]);
		if (*event != READABLE_MORE)
			return used;
	}
	*event = READABLE_MORE;
	return used;
}

/* -- the line as text -- */

static size_t encode(uint8_t out[4], uint32_t p)
{
	size_t n = p < 0x80 ? 1 : p < 0x800 ? 2 : p < 0x10000 ? 3 : 4;
	static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (p & BROKEN || n == 1) {
		out[0] = (uint8_t)p;
		return 1;
	}
	for (size_t i = n - 1; i > 0; i--, p >>= 6)
		out[i] = 0x80 | (p & 0x3f);
	out[0] = (uint8_t)(leads[n] | p);
	return n;
}

void readable_text(const struct readable *r, struct buf *out)
{
	char piece[256], bytes[4];
	size_t n = 0;

	for (size_t i = 0; i < r->len; i++) {
		uint32_t p = r->cell[i];

		if (n > sizeof(piece) - 16) {
			buf_append(out, piece, n);
			n = 0;
		}
		if (p >= 0x20 && p < 0x7f) {
			piece[n++] = (char)p;
			continue;
		}
		n += text_escape(piece + n, 16, bytes, encode((uint8_t *)bytes, p));
	}
	buf_append(out, piece, n);
}
