/* SPDX-License-Identifier: ISC */
/* See screen_inner.h: libvterm tells what to draw, and it is drawn into the picture. */
#include "terminal/screen/screen_inner.h"

#include <string.h>

/* libvterm would insert one column for a wide character, too, and not outside the region. */
static void insert(struct picture *p, unsigned row, unsigned col, unsigned width)
{
	struct area a = { row, row + 1, col, p->cols };
	struct glyph space = glyph_space(p->pen);

	/* Wide ones that it tears, at the cursor and at the end of the row. */
	if (picture_row(p, row)[col].width == 0)
		picture_put(p, row, col, &space);
	if (col + width < p->cols && picture_row(p, row)[p->cols - width].width == 0)
		picture_put(p, row, p->cols - width, &space);
	picture_scroll(p, a, 0, -(int)width, p->pen.back);
}

static int on_glyph(VTermGlyphInfo *info, VTermPos pos, void *who)
{
	struct screen *s = who;
	struct picture *p = &s->now;
	struct glyph g = {
		.front = p->pen.front, .back = p->pen.back, .flags = p->pen.flags,
		.width = info->width == 2 ? 2 : 1,
		.is_drawn = p->modes.sets.set[p->modes.sets.shift] == '0',
	};

	if (info->width == 0 || s->is_mute)        /* combines with nothing */
		return 1;
	g.chars[0] = s->point ? s->point : info->chars[0];
	if (g.chars[0] == 0 || g.chars[0] == ' ')
		g = glyph_space(p->pen);
	if (s->point || !glyph_drawing(g.chars[0]))
		g.is_drawn = false;
	if (s->track.changed & TRACK_BIT(TRACK_INSERT))
		insert(p, (unsigned)pos.row, (unsigned)pos.col, g.width);
	picture_put(p, (unsigned)pos.row, (unsigned)pos.col, &g);
	s->at_row = (unsigned)pos.row;
	s->at_col = (unsigned)pos.col;
	p->row = (unsigned)pos.row;
	p->col = (unsigned)pos.col;
	p->is_pending = pos.col + info->width >= (int)p->cols &&
			!(s->track.changed & TRACK_BIT(TRACK_WRAP));
	if (p->is_pending)                         /* behind the first half of a wide one, too */
		p->col = p->cols - 1;
	return 1;
}

static int on_cursor(VTermPos pos, VTermPos old, int visible, void *who)
{
	struct picture *p = &((struct screen *)who)->now;

	(void)visible;
	if (p->is_pending && p->row == (unsigned)pos.row && pos.col == old.col)
		return 1;
	if (p->row != (unsigned)pos.row || p->col != (unsigned)pos.col)
		p->is_pending = false;
	p->row = (unsigned)pos.row;
	p->col = (unsigned)pos.col;
	return 1;
}

static struct area area_of(VTermRect r)
{
	return (struct area){ (unsigned)r.start_row, (unsigned)r.end_row, (unsigned)r.start_col,
			      (unsigned)r.end_col };
}

static int on_scroll(VTermRect rect, int downward, int rightward, void *who)
{
	struct picture *p = &((struct screen *)who)->now;

	if (((struct screen *)who)->is_mute)
		return 1;
	picture_scroll(p, area_of(rect), downward, rightward, p->pen.back);
	return 1;
}

static int on_erase(VTermRect rect, int selective, void *who)
{
	struct picture *p = &((struct screen *)who)->now;

	(void)selective;
	picture_erase(p, area_of(rect), p->pen.back);
	return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *who)
{
	struct picture *p = &((struct screen *)who)->now;

	if (property == VTERM_PROP_ALTSCREEN)
		return picture_alternate(p, value->boolean) == 0;
	return 1;
}

static int on_bell(void *who)
{
	((struct screen *)who)->now.bells++;
	return 1;
}

/* A window that became lower keeps the cursor's row. */
static int on_resize(int rows, int cols, VTermPos *delta, void *who)
{
	struct picture *p = &((struct screen *)who)->now;

	delta->row = p->row >= (unsigned)rows ? rows - 1 - (int)p->row : 0;
	return picture_resize(p, (unsigned)rows, (unsigned)cols) == 0;
}

const VTermStateCallbacks screen_callbacks = {
	.putglyph = on_glyph,
	.movecursor = on_cursor,
	.scrollrect = on_scroll,
	.erase = on_erase,
	.settermprop = on_property,
	.bell = on_bell,
	.resize = on_resize,
};
