/* SPDX-License-Identifier: ISC */
/* See picture.h. Pure. */
#include "terminal/screen/picture.h"

#include <stdlib.h>
#include <string.h>

struct glyph glyph_blank(uint32_t back)
{
	return (struct glyph){ .back = back, .width = 1 };
}

struct glyph glyph_space(struct style style)
{
	enum {
		/* lines, reversed, struck out */
		SEEN = STYLE_LINES | 1 << STYLE_OVER | 1 << 7 | 1 << 9,
	};

	if (!(style.flags & SEEN))
		return glyph_blank(style.back);
	return (struct glyph){ .chars = { ' ' }, .front = style.front, .back = style.back,
			       .flags = style.flags, .width = 1 };
}

/* The line drawings of the VT100, by their bytes from 0x60 on. */
static const uint16_t drawings[] = {
	0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b, 0x2518,
	0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524,
	0x2534, 0x252c, 0x2502, 0x2a7d, 0x2a7e, 0x03c0, 0x2260, 0x00a3, 0x00b7,
};

char glyph_drawing(uint32_t c)
{
	for (unsigned i = 0; i < sizeof(drawings) / sizeof(drawings[0]); i++)
		if (drawings[i] == c)
			return (char)(0x60 + i);
	return 0;
}

static void plane_free(struct plane *p)
{
	free(p->glyphs);
	free(p->row);
	*p = (struct plane){ 0 };
}

static void fill(struct glyph *g, unsigned count, uint32_t back)
{
	struct glyph blank = glyph_blank(back);

	for (unsigned i = 0; i < count; i++)
		g[i] = blank;
}

static int plane_init(struct plane *p, unsigned rows, unsigned cols)
{
	p->glyphs = calloc((size_t)rows * cols, sizeof(*p->glyphs));
	p->row = calloc(rows, sizeof(*p->row));
	if (!p->glyphs || !p->row) {
		plane_free(p);
		return -1;
	}
	for (unsigned r = 0; r < rows; r++) {
		p->row[r] = p->glyphs + (size_t)r * cols;
		fill(p->row[r], cols, STYLE_DEFAULT);
	}
	return 0;
}

bool picture_is_possible(unsigned rows, unsigned cols)
{
	return rows && cols && rows <= PICTURE_ROWS_MAX &&
	       (size_t)rows * cols <= PICTURE_GLYPHS_MAX;
}

int picture_init(struct picture *p, unsigned rows, unsigned cols)
{
	*p = (struct picture){ .rows = rows, .cols = cols };
	modes_init(&p->modes);
	if (!picture_is_possible(rows, cols))
		return -1;
	return plane_init(&p->plane[0], rows, cols);
}

void picture_free(struct picture *p)
{
	plane_free(&p->plane[0]);
	plane_free(&p->plane[1]);
}

static unsigned lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* A wide glyph whose other half was cut off is none. */
static void mend(struct glyph *row, unsigned cols)
{
	if (row[cols - 1].width == 2)
		row[cols - 1] = glyph_blank(row[cols - 1].back);
}

static int plane_resize(struct plane *old, const struct picture *p, unsigned rows, unsigned cols,
			unsigned first)
{
	struct plane fresh;

	if (!old->glyphs)
		return 0;
	if (plane_init(&fresh, rows, cols) < 0)
		return -1;
	for (unsigned r = 0; r < rows && r + first < p->rows; r++) {
		memcpy(fresh.row[r], old->row[r + first],
		       lesser(cols, p->cols) * sizeof(struct glyph));
		mend(fresh.row[r], lesser(cols, p->cols));
	}
	plane_free(old);
	*old = fresh;
	return 0;
}

/* How many rows go over the top of a window that became so low. */
static unsigned surplus(unsigned row, unsigned rows)
{
	return row >= rows ? row - rows + 1 : 0;
}

/* What is in rows that go up goes with them. */
static void move_saved(struct modes_saved *s, unsigned up, unsigned cols)
{
	s->row = (uint16_t)(s->row - lesser(s->row, up));
	s->col = (uint16_t)lesser(s->col, cols - 1);
	s->is_pending = false;
}

int picture_resize(struct picture *p, unsigned rows, unsigned cols)
{
	unsigned main_row = p->is_alternate ? p->main_row : p->row;

	if (!picture_is_possible(rows, cols))
		return -1;
	if (plane_resize(&p->plane[0], p, rows, cols, surplus(main_row, rows)) < 0 ||
	    plane_resize(&p->plane[1], p, rows, cols, surplus(p->row, rows)) < 0)
		return -1;
	move_saved(&p->modes.saved[0], surplus(main_row, rows), cols);
	if (p->is_alternate)
		move_saved(&p->modes.saved[1], surplus(p->row, rows), cols);
	p->main_row = lesser(p->main_row, rows - 1);
	p->rows = rows;
	p->cols = cols;
	p->row = lesser(p->row, rows - 1);
	p->col = lesser(p->col, cols - 1);
	p->is_pending = false;
	return 0;
}

static int plane_copy(struct plane *to, const struct plane *from, unsigned rows, unsigned cols)
{
	if (!from->glyphs) {
		plane_free(to);
		return 0;
	}
	if (!to->glyphs && plane_init(to, rows, cols) < 0)
		return -1;
	for (unsigned r = 0; r < rows; r++)
		memcpy(to->row[r], from->row[r], cols * sizeof(struct glyph));
	return 0;
}

int picture_copy(struct picture *to, const struct picture *from)
{
	struct plane planes[2];

	if (to->rows != from->rows || to->cols != from->cols)
		picture_free(to);
	memcpy(planes, to->plane, sizeof(planes));
	*to = *from;
	memcpy(to->plane, planes, sizeof(planes));
	for (int i = 0; i < 2; i++)
		if (plane_copy(&to->plane[i], &from->plane[i], to->rows, to->cols) < 0) {
			picture_free(to);
			return -1;
		}
	return 0;
}

struct glyph *picture_row(const struct picture *p, unsigned row)
{
	return p->plane[p->is_alternate].row[row];
}

int picture_alternate(struct picture *p, bool on)
{
	if (!p->plane[on].glyphs && plane_init(&p->plane[on], p->rows, p->cols) < 0)
		return -1;
	if (on && !p->is_alternate)
		p->main_row = p->row;
	p->is_alternate = on;
	return 0;
}

/* What a glyph or an erasure from col to end cuts in two is gone. */
static void cut(struct glyph *row, unsigned cols, unsigned col, unsigned end, struct style style)
{
	if (col > 0 && col < cols && row[col].width == 0)
		row[col - 1] = glyph_space(style);
	if (end < cols && row[end].width == 0)
		row[end] = glyph_space(style);
}

void picture_put(struct picture *p, unsigned row, unsigned col, const struct glyph *g)
{
	struct glyph *r = picture_row(p, row);
	unsigned end = col + g->width;

	if (col >= p->cols || end > p->cols)
		return;
	cut(r, p->cols, col, end, (struct style){ g->front, g->back, g->flags });
	r[col] = *g;
	if (g->width == 2)
		r[col + 1] = (struct glyph){ .front = g->front, .back = g->back,
					     .flags = g->flags };
}

void picture_erase(struct picture *p, struct area a, uint32_t back)
{
	for (unsigned r = a.row; r < a.end_row && a.col < a.end_col; r++) {
		cut(picture_row(p, r), p->cols, a.col, a.end_col, (struct style){ .back = back });
		fill(picture_row(p, r) + a.col, a.end_col - a.col, back);
	}
}

static void reverse(struct glyph **row, unsigned count)
{
	for (unsigned i = 0; i < count / 2; i++) {
		struct glyph *r = row[i];

		row[i] = row[count - 1 - i];
		row[count - 1 - i] = r;
	}
}

/* Whole rows: only pointers move. */
static void rotate(struct picture *p, struct area a, unsigned up)
{
	struct glyph **row = p->plane[p->is_alternate].row + a.row;
	unsigned count = a.end_row - a.row;

	if (up == 1) {                             /* by far the most frequent */
		struct glyph *first = row[0];

		memmove(row, row + 1, (count - 1) * sizeof(*row));
		row[count - 1] = first;
		return;
	}
	reverse(row, up);
	reverse(row + up, count - up);
	reverse(row, count);
}

static void scroll_rows(struct picture *p, struct area a, int up, uint32_t back)
{
	unsigned count = a.end_row - a.row;
	unsigned n = lesser((unsigned)abs(up), count);
	struct area free = a;

	if (up > 0 && a.row == 0 && !p->is_alternate)
		p->scrolled += n;
	rotate(p, a, up > 0 ? n % count : (count - n) % count);
	if (up > 0)
		free.row = a.end_row - n;
	else
		free.end_row = a.row + n;
	for (unsigned r = free.row; r < free.end_row; r++)
		fill(picture_row(p, r), p->cols, back);
}

static void shift_columns(struct glyph *row, unsigned count, int left, uint32_t back)
{
	unsigned n = lesser((unsigned)abs(left), count);

	if (left > 0) {
		memmove(row, row + n, (count - n) * sizeof(*row));
		fill(row + count - n, n, back);
	} else {
		memmove(row + n, row, (count - n) * sizeof(*row));
		fill(row, n, back);
	}
}

/* Part of the columns, between margins: seldom, so row by row. */
static void scroll_part(struct picture *p, struct area a, int up, uint32_t back)
{
	unsigned count = a.end_row - a.row;
	unsigned n = lesser((unsigned)abs(up), count);

	for (unsigned i = 0; i < count; i++) {
		unsigned to = up > 0 ? a.row + i : a.end_row - 1 - i;
		struct glyph *g = picture_row(p, to) + a.col;

		if (i + n < count)
			memmove(g, picture_row(p, up > 0 ? to + n : to - n) + a.col,
				(a.end_col - a.col) * sizeof(*g));
		else
			fill(g, a.end_col - a.col, back);
	}
}

/* Wide glyphs that a shift has torn. */
static void mend_row(struct glyph *row, unsigned cols, uint32_t back)
{
	for (unsigned c = 0; c < cols; c++) {
		bool has_half = c + 1 < cols && row[c + 1].width == 0;

		if (row[c].width == 2 && !has_half)
			row[c] = glyph_blank(back);
		if (row[c].width == 0 && (c == 0 || row[c - 1].width != 2))
			row[c] = glyph_blank(back);
	}
}

void picture_scroll(struct picture *p, struct area a, int up, int left, uint32_t back)
{
	if (a.row >= a.end_row || a.col >= a.end_col)
		return;
	if (up && !left && a.col == 0 && a.end_col == p->cols) {
		scroll_rows(p, a, up, back);
		return;
	}
	if (up)
		scroll_part(p, a, up, back);
	for (unsigned r = a.row; r < a.end_row; r++) {
		if (left)
			shift_columns(picture_row(p, r) + a.col, a.end_col - a.col, left, back);
		mend_row(picture_row(p, r), p->cols, back);
	}
}
