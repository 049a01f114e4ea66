/* SPDX-License-Identifier: ISC */
/* See screen_inner.h: libvterm tells what to draw, and it is drawn into the picture. */
#include "terminal/screen_inner.h"

#include <string.h>

static bool is_blank(const struct glyph *g)
{
	enum {
		/* lines, reversed, struck out */
		SEEN = STYLE_LINES | 1 << STYLE_OVER | 1 << 7 | 1 << 9,
	};

	return g->chars[0] == 0 || (g->chars[0] == ' ' && !g->chars[1] && !(g->flags & SEEN));
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
	for (unsigned i = 0; i < GLYPH_CHARS && info->chars[i]; i++)
		g.chars[i] = info->chars[i];
	if (is_blank(&g))
		g = glyph_blank(g.back);
	if (g.chars[1] || !glyph_drawing(g.chars[0]))
		g.is_drawn = false;
	picture_put(p, (unsigned)pos.row, (unsigned)pos.col, &g);
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
	unsigned first = p->row >= (unsigned)rows ? p->row - (unsigned)rows + 1 : 0;

	delta->row = -(int)first;
	return picture_resize(p, (unsigned)rows, (unsigned)cols, first) == 0;
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
