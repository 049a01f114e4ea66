/* SPDX-License-Identifier: ISC */
/* See bottom.h. Pure. */
#include "terminal/screen/bottom.h"

#include <string.h>
#include <wchar.h>

#include "ipc/text.h"
#include "terminal/screen/track.h"

enum { TAB = 8, REPEAT_MAX = 1000 };

void bottom_init(struct bottom *b, unsigned rows, unsigned cols)
{
	*b = (struct bottom){.rows = rows, .cols = cols, .top = 1, .end = rows};
}

void bottom_free(struct bottom *b)
{
	cells_free(&b->cells);
	b->is_known = false;
}

/* Blank cells take the background colour of now, as xterm's do. */
static void erase(struct bottom *b, unsigned from, unsigned to)
{
	cells_erase(&b->cells, from, to, b->cursor.style.back);
}

static void erase_row(struct bottom *b)
{
	erase(b, 1, b->cols);
	b->is_known = b->cells.count;
}

void bottom_enter(struct bottom *b, unsigned rows, unsigned cols, bool is_clear)
{
	bottom_free(b);
	bottom_init(b, rows, cols);
	cells_init(&b->cells, cols);
	if (is_clear)
		erase_row(b);
}

static bool is_here(const struct bottom *b)
{
	return b->cursor.row == b->rows;
}

/* The column is not known: nor is, where it would matter, the row. */
static bool is_lost(struct bottom *b)
{
	if (b->cursor.col)
		return false;
	if (is_here(b) || b->cursor.row + 1 >= b->end)
		b->is_known = false;
	return true;
}

static void move_to(struct bottom *b, unsigned row, unsigned col)
{
	unsigned least = b->cursor.has_origin ? b->top : 1;
	unsigned most = b->cursor.has_origin ? b->end : b->rows;

	row = row < least ? least : row > most ? most : row;
	b->cursor.row = row;
	b->cursor.col = col > b->cols ? b->cols : col;
}

/* Text moves up or down between the margins: what comes into the bottom row? */
static void scroll_up(struct bottom *b, unsigned from)
{
	if (b->end == b->rows && from <= b->rows)
		erase_row(b);
}

static void scroll_down(struct bottom *b, unsigned from)
{
	if (b->end == b->rows && from == b->rows)
		erase_row(b);
	else if (b->end == b->rows)
		b->is_known = false;               /* a row that nobody kept */
}

/* Behind the last column: whether the next character still wraps, terminals disagree. */
static void doubt_wrap(struct bottom *b)
{
	if (b->cursor.col > b->cols)
		b->cursor.col = 0;
}

static void line_feed(struct bottom *b)
{
	if (b->cursor.row == 0)
		b->is_known = false;
	else if (b->cursor.row == b->end)
		scroll_up(b, b->top);
	else if (b->cursor.row < b->rows)
		b->cursor.row++;
}

static void reverse_feed(struct bottom *b)
{
	if (b->cursor.row == 0)
		b->is_known = false;
	else if (b->cursor.row == b->top)
		scroll_down(b, b->top);
	else if (b->cursor.row > 1)
		b->cursor.row--;
}

static void put(struct bottom *b, const char *bytes, size_t len, unsigned width)
{
	b->last_col = 0;
	if (b->cursor.row == 0 || (is_here(b) && (b->inserts || b->is_drawing)))
		b->is_known = false;
	if (is_lost(b)) {
		b->cursor.row = 0;                 /* it may have come to the next one */
		return;
	}
	if (b->cursor.col + width - 1 > b->cols) {
		if (b->no_wrap) {
			b->cursor.col = b->cols - width + 1;
		} else {
			b->cursor.col = 1;
			line_feed(b);
		}
	}
	if (is_here(b)) {
		cells_put(&b->cells, b->cursor.col, bytes, len, width, &b->cursor.style);
		b->last_col = b->cursor.col;
	}
	b->cursor.col += width;
	if (b->no_wrap && b->cursor.col > b->cols)
		b->cursor.col = b->cols;
}

static void put_point(struct bottom *b, uint32_t point, const char *bytes, size_t len)
{
	int width = wcwidth((wchar_t)point);

	b->last = point;
	if (width == 0)
		cells_combine(&b->cells, b->last_col, bytes, len);
	else
		put(b, bytes, len, width < 0 ? 1 : (unsigned)width);
}

void bottom_text(struct bottom *b, const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint32_t point;
		size_t n;

		if (b->part_len == sizeof(b->part) || (text[i] & 0xc0) != 0x80)
			b->part_len = 0;
		b->part[b->part_len++] = text[i];
		n = text_decode(&point, b->part, b->part_len);
		if (n)
			put_point(b, point, (const char *)b->part, n);
	}
}

static void tab(struct bottom *b)
{
	unsigned next = (b->cursor.col - 1) / TAB * TAB + TAB + 1;

	if (b->cursor.col > b->cols)
		b->cursor.col = 0;
	else if (b->cursor.col)
		b->cursor.col = next > b->cols ? b->cols : next;
}

void bottom_control(struct bottom *b, uint8_t c)
{
	b->part_len = 0;
	b->last_col = 0;
	if (c == '\r')
		b->cursor.col = 1;
	else if (c >= '\n' && c <= '\f')
		line_feed(b), doubt_wrap(b);
	else if (c == '\b' && b->cursor.col)
		b->cursor.col =
			b->cursor.col > b->cols ? b->cols - 1 : b->cursor.col - (b->cursor.col > 1);
	else if (c == '\t')
		tab(b);
	else if (c == 0x0e || c == 0x0f)
		b->is_drawing = c == 0x0e;
}

void bottom_charset(struct bottom *b, uint8_t set)
{
	b->is_drawing = set != 'B';
}

void bottom_escape(struct bottom *b, uint8_t final)
{
	if (final != '7' && final != '[')
		doubt_wrap(b);
	if (final != '[')
		b->last_col = 0;
	if (final == 'D' || final == 'E')
		line_feed(b);
	if (final == 'E')
		b->cursor.col = 1;
	if (final == 'M')
		reverse_feed(b);
	if (final == '7')
		b->saved = b->cursor;
	if (final == '8')                          /* never saved: row 0, not known */
		b->cursor = b->saved;
	if (final == 'c')
		bottom_enter(b, b->rows, b->cols, false);
}

/* -- CSI -- */

static unsigned first(const struct track *t, unsigned standard)
{
	return t->value[0] ? t->value[0] > 10000 ? 10000 : t->value[0] : standard;
}

static unsigned second(const struct track *t)
{
	return t->count > 1 && t->value[1] ? t->value[1] > 10000 ? 10000 : t->value[1] : 1;
}

static void up(struct bottom *b, const struct track *t)
{
	unsigned n = first(t, 1);

	/* Not all terminals stop at a margin: there the row is not known any more. */
	if (b->cursor.row >= b->top && b->cursor.row < n + b->top && b->top > 1)
		b->cursor.row = 0;
	else if (b->cursor.row)
		b->cursor.row = b->cursor.row > n ? b->cursor.row - n : 1;
}

static void down(struct bottom *b, const struct track *t)
{
	unsigned n = first(t, 1);

	if (b->cursor.row <= b->end && b->cursor.row + n > b->end && b->end < b->rows)
		b->cursor.row = 0;
	else if (b->cursor.row)
		b->cursor.row = b->cursor.row + n < b->rows ? b->cursor.row + n : b->rows;
}

static void right(struct bottom *b, const struct track *t)
{
	unsigned n = b->cursor.col + first(t, 1);

	if (b->cursor.col)
		b->cursor.col = n > b->cols ? b->cols : n;
}

static void left(struct bottom *b, const struct track *t)
{
	unsigned n = first(t, 1);

	if (b->cursor.col > b->cols)
		b->cursor.col = b->cols;
	if (b->cursor.col)
		b->cursor.col = b->cursor.col > n ? b->cursor.col - n : 1;
}

static void next_line(struct bottom *b, const struct track *t)
{
	down(b, t);
	b->cursor.col = 1;
}

static void previous_line(struct bottom *b, const struct track *t)
{
	up(b, t);
	b->cursor.col = 1;
}

static void column(struct bottom *b, const struct track *t)
{
	unsigned n = first(t, 1);

	b->cursor.col = n > b->cols ? b->cols : n;
}

static void row(struct bottom *b, const struct track *t)
{
	move_to(b, first(t, 1) + (b->cursor.has_origin ? b->top - 1 : 0), b->cursor.col);
}

static void place(struct bottom *b, const struct track *t)
{
	move_to(b, first(t, 1) + (b->cursor.has_origin ? b->top - 1 : 0), second(t));
}

/* 0 from the cursor on, 1 up to it, 2 all. */
static void erase_line(struct bottom *b, const struct track *t)
{
	unsigned col = b->cursor.col > b->cols ? b->cols : b->cursor.col;

	if (b->cursor.row == 0)
		b->is_known = false;
	if (!is_here(b) || (t->value[0] < 2 && is_lost(b)))
		return;
	if (t->value[0] == 0)
		erase(b, col, b->cols);
	else if (t->value[0] == 1)
		erase(b, 1, col);
	else if (t->value[0] == 2)
		erase_row(b);
	if (t->value[0] == 0 && col == 1)
		erase_row(b);
}

static void erase_screen(struct bottom *b, const struct track *t)
{
	if (t->value[0] == 2 || (t->value[0] == 0 && b->cursor.row && !is_here(b)))
		erase_row(b);
	else if (t->value[0] < 2)
		erase_line(b, t);
}

static bool is_between_margins(const struct bottom *b)
{
	return b->cursor.row >= b->top && b->cursor.row <= b->end;
}

/* Some terminals go to the first column here, some stay. */
static void lose_column(struct bottom *b)
{
	if (b->cursor.col != 1)
		b->cursor.col = 0;
}

static void insert_lines(struct bottom *b, const struct track *t)
{
	if (b->cursor.row == 0)
		b->is_known = false;
	else if (is_between_margins(b))
		scroll_down(b, first(t, 1) > b->rows - b->cursor.row ? b->rows : b->cursor.row);
	lose_column(b);
}

static void delete_lines(struct bottom *b, const struct track *t)
{
	(void)t;
	if (b->cursor.row == 0)
		b->is_known = false;
	else if (is_between_margins(b))
		scroll_up(b, b->cursor.row);
	lose_column(b);
}

static void scroll_text_up(struct bottom *b, const struct track *t)
{
	(void)t;
	scroll_up(b, b->top);
}

static void scroll_text_down(struct bottom *b, const struct track *t)
{
	scroll_down(b, first(t, 1) > b->end - b->top ? b->rows : b->top);
}

typedef void shift(struct cells *c, unsigned col, unsigned n, uint32_t back);

static void move_characters(struct bottom *b, const struct track *t, shift *move)
{
	unsigned col = b->cursor.col > b->cols ? b->cols : b->cursor.col;

	if (b->cursor.row == 0)
		b->is_known = false;
	if (is_here(b) && !is_lost(b))
		move(&b->cells, col, first(t, 1), b->cursor.style.back);
}

static void delete_characters(struct bottom *b, const struct track *t)
{
	move_characters(b, t, cells_shift_left);
}

static void insert_characters(struct bottom *b, const struct track *t)
{
	move_characters(b, t, cells_shift_right);
}

static void erase_characters(struct bottom *b, const struct track *t)
{
	unsigned col = b->cursor.col > b->cols ? b->cols : b->cursor.col;

	if (b->cursor.row == 0)
		b->is_known = false;
	if (is_here(b) && !is_lost(b))
		erase(b, col, col + first(t, 1) - 1);
}

static void repeat(struct bottom *b, const struct track *t)
{
	char bytes[8] = " ";

	if (b->last >= 0x80 || b->last < 0x20) {
		b->is_known = b->is_known && !is_here(b);
		return;
	}
	bytes[0] = (char)b->last;
	for (unsigned n = first(t, 1) > REPEAT_MAX ? REPEAT_MAX : first(t, 1); n; n--)
		put_point(b, b->last, bytes, 1);
}

static void margins(struct bottom *b, const struct track *t)
{
	unsigned top = first(t, 1), end = t->count > 1 && t->value[1] ? second(t) : b->rows;

	if (end > b->rows)
		end = b->rows;
	if (top >= end)
		return;
	b->top = top;
	b->end = end;
	move_to(b, b->cursor.has_origin ? top : 1, 1);
}

static void save(struct bottom *b, const struct track *t)
{
	(void)t;
	bottom_escape(b, '7');
}

static void restore(struct bottom *b, const struct track *t)
{
	(void)t;
	bottom_escape(b, '8');
}

static void colours(struct bottom *b, const struct track *t)
{
	style_set(&b->cursor.style, t->value, t->count, t->joined);
}

static void set_modes(struct bottom *b, const struct track *t, bool on)
{
	for (unsigned i = 0; i < t->count; i++) {
		if (t->marker == 0 && t->value[i] == 4)
			b->inserts = on;
		if (t->marker != '?')
			continue;
		if (t->value[i] == 7) {
			b->no_wrap = !on;
			doubt_wrap(b);
		}
		if (t->value[i] == 6) {
			b->cursor.has_origin = on;
			move_to(b, on ? b->top : 1, 1);
		}
		if (t->value[i] == 69 && on)               /* margins left and right: not for us */
			bottom_free(b);
	}
}

static const struct {
	char final;
	void (*act)(struct bottom *b, const struct track *t);
} acts[] = {
	{'A', up}, {'B', down}, {'C', right}, {'D', left}, {'E', next_line}, {'F', previous_line},
	{'G', column}, {'H', place}, {'J', erase_screen}, {'K', erase_line}, {'L', insert_lines},
	{'M', delete_lines}, {'P', delete_characters}, {'S', scroll_text_up},
	{'T', scroll_text_down}, {'X', erase_characters}, {'@', insert_characters}, {'`', column},
	{'a', right}, {'b', repeat}, {'d', row}, {'e', down}, {'f', place}, {'m', colours},
	{'r', margins}, {'s', save}, {'u', restore},
};

void bottom_csi(struct bottom *b, const struct track *t, uint8_t final)
{
	if ((final == 'h' || final == 'l') && !t->between)
		set_modes(b, t, final == 'h');
	if (t->marker || t->between)
		return;
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if ((uint8_t)acts[i].final == final)
			acts[i].act(b, t);
	if (strchr("mbhl", final))
		return;
	doubt_wrap(b);
	b->last_col = 0;
}

bool bottom_print(const struct bottom *b, struct buf *out)
{
	if (b->is_known)
		cells_print(&b->cells, out);
	return b->is_known;
}
