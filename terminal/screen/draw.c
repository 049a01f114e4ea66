/* SPDX-License-Identifier: ISC */
/* See draw.h. Pure. */
#include "terminal/screen/draw.h"

#include <string.h>

enum {
	SKIP_MIN = 5,           /* glyphs that are right: fewer are printed again */
	ERASE_MIN = 10,         /* blanks in a row: fewer are printed */
	ERASE_LINE_MIN = 3,     /* blanks up to the end of the row */
};

/* -- moves -- */

/* A line feed there moves the cursor, and nothing else. Below a region not all agree. */
static bool may_feed(const struct paint *p)
{
	const struct modes *m = &p->shown.modes;
	unsigned row = p->shown.row + 1;

	return row < p->shown.rows && (!m->top || (row >= m->top && row < m->end));
}

static void move_absolute(struct paint *p, unsigned row, unsigned col)
{
	if (col)
		buf_printf(p->out, "\033[%u;%uH", row + 1, col + 1);
	else if (row)
		buf_printf(p->out, "\033[%uH", row + 1);
	else
		buf_append_str(p->out, "\033[H");
}

static void move_right(struct paint *p, unsigned count)
{
	if (count == 1)
		buf_append_str(p->out, "\033[C");
	else
		buf_printf(p->out, "\033[%uC", count);
}

/* False: it is not near, or there is no shorter way. */
static bool move_near(struct paint *p, unsigned row, unsigned col)
{
	const struct picture *s = &p->shown;

	if (col == 0 && row == s->row)
		buf_append_str(p->out, "\r");
	else if (col == 0 && row == s->row + 1 && may_feed(p))
		buf_append_str(p->out, "\r\n");
	else if (row == s->row && col > s->col)
		move_right(p, col - s->col);
	else if (row == s->row && col + 1 == s->col)
		buf_append_str(p->out, "\b");
	else
		return false;
	return true;
}

void draw_move(struct paint *p, unsigned row, unsigned col)
{
	struct picture *s = &p->shown;

	if (!p->is_lost && row == s->row && col == s->col)
		return;
	if (p->is_lost || !move_near(p, row, col))
		move_absolute(p, row, col);
	s->row = row;
	s->col = col;
	s->is_pending = false;
	p->is_lost = false;
}

/* -- glyphs -- */

void draw_style(struct paint *p, const struct style *style)
{
	style_change(p->out, &p->shown.pen, style);
	p->shown.pen = *style;
}

static void put_point(struct buf *out, uint32_t c)
{
	char b[4];
	size_t n;

	if (c < 0x80)
		b[0] = (char)c, n = 1;
	else if (c < 0x800)
		b[0] = (char)(0xc0 | c >> 6), n = 2;
	else if (c < 0x10000)
		b[0] = (char)(0xe0 | c >> 12), n = 3;
	else
		b[0] = (char)(0xf0 | (c >> 18 & 7)), n = 4;
	for (size_t i = 1; i < n; i++)
		b[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3f));
	buf_append(out, b, n);
}

void draw_text_again(struct paint *p)
{
	if (p->is_drawing)
		buf_append_str(p->out, "\033(B");
	p->is_drawing = false;
}

static void put_text(struct paint *p, const struct glyph *g)
{
	char byte = g->is_drawn ? glyph_drawing(g->chars[0]) : 0;

	if (byte) {
		if (!p->is_drawing)
			buf_append_str(p->out, "\033(0");
		p->is_drawing = true;
		buf_append(p->out, &byte, 1);
		return;
	}
	draw_text_again(p);
	if (!g->chars[0])
		buf_append_str(p->out, " ");
	for (unsigned i = 0; i < GLYPH_CHARS && g->chars[i]; i++)
		put_point(p->out, g->chars[i]);
}

/* The glyph at the cursor; it moves on. */
static void put_glyph(struct paint *p, const struct glyph *g)
{
	struct picture *s = &p->shown;
	struct glyph *next = picture_row(s, s->row) + s->col + g->width;
	bool is_cut = s->col + g->width < s->cols && next->width == 0;

	draw_style(p, &(struct style){ .front = g->front, .back = g->back, .flags = g->flags });
	put_text(p, g);
	picture_put(s, s->row, s->col, g);
	if (is_cut)                                /* what is left of it is not the same everywhere */
		next->chars[0] = UINT32_MAX;
	s->col += g->width;
	if (s->col >= s->cols) {
		s->col = s->cols - 1;
		p->is_lost = true;
	}
	/* How wide it is, and whether things combine, terminals do not agree about. */
	if (g->width != 1 || g->chars[1])
		p->is_lost = true;
}

void draw_again(struct paint *p, const struct picture *now, unsigned row_number)
{
	const struct glyph *row = picture_row(now, row_number);
	unsigned col = now->cols - 1;

	if (row[col].width == 0 && col > 0)
		col--;
	draw_move(p, row_number, col);
	put_glyph(p, &row[col]);
	draw_text_again(p);
	p->shown.is_pending = true;
}

/* -- rows -- */

static bool is_same(const struct glyph *a, const struct glyph *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool is_plain_blank(const struct glyph *g)
{
	return g->chars[0] == 0 && g->width == 1 && g->back == STYLE_DEFAULT;
}

/* One behind the last glyph that is not a plain blank. */
static unsigned text_end(const struct glyph *row, unsigned cols)
{
	while (cols && is_plain_blank(&row[cols - 1]))
		cols--;
	return cols;
}

static unsigned count_same(const struct glyph *a, const struct glyph *b, unsigned from,
			   unsigned end)
{
	unsigned n = 0;

	while (from + n < end && is_same(a + from + n, b + from + n))
		n++;
	return n;
}

static unsigned count_blank(const struct glyph *row, unsigned from, unsigned end)
{
	unsigned n = 0;

	while (from + n < end && is_plain_blank(row + from + n))
		n++;
	return n;
}

static void erase(struct paint *p, unsigned count, const char *how)
{
	struct picture *s = &p->shown;
	struct area a = { s->row, s->row + 1, s->col, s->col + count };

	draw_text_again(p);
	draw_style(p, &(struct style){ 0 });
	if (how)
		buf_append_str(p->out, how);
	else
		buf_printf(p->out, "\033[%uX", count);
	picture_erase(s, a, STYLE_DEFAULT);
}

/* From there on, one stroke: what is right is passed over, what is blank erased. The next column. */
static unsigned draw_at(struct paint *p, const struct glyph *to, unsigned row, unsigned col,
			unsigned end)
{
	const struct glyph *from = picture_row(&p->shown, row);
	unsigned same = count_same(from, to, col, end), blank = count_blank(to, col, end);

	if (same && (same >= SKIP_MIN || col + same == end || p->shown.row != row ||
		     p->shown.col != col || p->is_lost))
		return col + same;
	if (to[col].width == 0)                    /* behind a wide one that was printed */
		return col + 1;
	draw_move(p, row, col);
	if (blank >= ERASE_MIN && col + blank < end) {
		erase(p, blank, NULL);
		return col + blank;
	}
	put_glyph(p, &to[col]);
	return col + to[col].width;
}

/* Half of a wide glyph cannot be painted: begin with the whole. */
static unsigned first_difference(const struct glyph *from, const struct glyph *to, unsigned cols)
{
	unsigned col = count_same(from, to, 0, cols);

	while (col > 0 && col < cols && to[col].width == 0)
		col--;
	return col;
}

void draw_row(struct paint *p, const struct picture *now, unsigned row)
{
	const struct glyph *to = picture_row(now, row), *from = picture_row(&p->shown, row);
	unsigned cols = now->cols, end = text_end(to, cols), tail = text_end(from, cols);
	unsigned col = first_difference(from, to, cols);
	bool erases = tail >= end + ERASE_LINE_MIN;

	if (!erases)
		end = tail > end ? tail : end;
	while (col < end)
		col = draw_at(p, to, row, col, end);
	if (!erases)
		return;
	draw_move(p, row, end);
	erase(p, cols - end, "\033[K");
}
