/* SPDX-License-Identifier: ISC */
/* See paint.h. What is written keeps to what every terminal since the VT100 understands. */
#include "terminal/screen/paint.h"

#include <string.h>

#include "terminal/screen/draw.h"
#include "terminal/screen/scroll.h"

/* Modes that paint_frame() itself goes out of and back into. */
#define OWN_BITS (TRACK_BIT(TRACK_SYNC) | TRACK_BIT(TRACK_ORIGIN) | TRACK_BIT(TRACK_WRAP) | \
		  TRACK_BIT(TRACK_MARGINS) | TRACK_BIT(TRACK_INSERT))

int paint_begin(struct paint *p, const struct picture *shown, bool is_known)
{
	p->is_known = is_known;
	p->next = 0;
	p->scrolled = 0;
	if (picture_copy(&p->shown, shown) < 0)
		return -1;
	/* Not all terminals bring the sets back with the cursor, or with the main screen. */
	if (shown->modes.uses_sets)
		p->shown.modes.sets = (struct modes_sets){ .shift = UINT8_MAX };
	return 0;
}

void paint_free(struct paint *p)
{
	picture_free(&p->shown);
	*p = (struct paint){ 0 };
}

/* -- before the cells -- */

static bool has(const struct picture *p, unsigned bit)
{
	return p->bits & TRACK_BIT(bit);
}

/* Cells are painted with absolute addresses, in ASCII, overwriting. */
static void make_plain(struct paint *p)
{
	static const struct {
		unsigned bit;
		const char *off;
	} modes[] = {
		{ TRACK_SYNC, "\033[?2026l" }, { TRACK_ORIGIN, "\033[?6l" },
		{ TRACK_INSERT, "\033[4l" }, { TRACK_MARGINS, "\033[?69l" },
		{ TRACK_WRAP, "\033[?7h" },
	};
	struct modes_sets plain = p->shown.modes.sets;

	for (int i = 0; i < 4; i++)
		if (!plain.set[i])
			plain.set[i] = 'B';
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!has(&p->shown, modes[i].bit))
			continue;
		buf_append_str(p->out, modes[i].off);
		p->shown.bits &= ~TRACK_BIT(modes[i].bit);
		p->is_lost = true;
	}
	plain.set[0] = 'B';
	plain.shift = 0;
	modes_carry_sets(p->out, &p->shown.modes.sets, &plain);
	p->shown.modes.sets = plain;
}

static bool saved_is_same(const struct modes_saved *a, const struct modes_saved *b)
{
	return a->row == b->row && a->col == b->col && a->is_pending == b->is_pending &&
	       style_is_same(&a->pen, &b->pen) &&
	       memcmp(&a->sets, &b->sets, sizeof(a->sets)) == 0;
}

static void set_region(struct paint *p, uint16_t top, uint16_t end)
{
	struct modes *m = &p->shown.modes;

	if (m->top == top && m->end == end)
		return;
	if (top)
		buf_printf(p->out, "\033[%u;%ur", top, end);
	else
		buf_append_str(p->out, "\033[r");
	m->top = top;
	m->end = end;
	p->is_lost = true;
}

/* Where and as what the cursor was saved on the screen that now has on. */
static void go_to_saved(struct paint *p, const struct picture *now)
{
	const struct modes_saved *saved = &now->modes.saved[now->is_alternate];
	unsigned row = saved->row < now->rows ? saved->row : now->rows - 1u;

	if (saved->is_pending && saved->col == now->cols - 1)
		draw_again(p, now, row);
	else
		draw_move(p, row, saved->col < now->cols ? saved->col : now->cols - 1u);
	draw_style(p, &saved->pen);
}

/* The guest's main screen, also while it has the alternate one on. */
static struct picture main_of(const struct picture *now)
{
	struct picture behind = *now;

	behind.is_alternate = false;
	return behind;
}

/* To the cursor that is saved on the main screen when the alternate one comes. */
static void enter_alternate(struct paint *p, const struct picture *now)
{
	const struct modes_saved *saved = &now->modes.saved[0];
	const struct picture behind = main_of(now);

	p->shown.is_alternate = false;
	go_to_saved(p, &behind);
	p->shown.is_alternate = true;
	modes_carry_sets(p->out, &p->shown.modes.sets, &saved->sets);
	if (p->shown.row == now->main_row) {
		buf_append_str(p->out, "\033[?1049h");
	} else {                                   /* left elsewhere: that row stays in sight */
		buf_append_str(p->out, "\0337");
		buf_printf(p->out, "\033[%uH\033[?1047h", now->main_row + 1);
	}
	buf_append_str(p->out, "\033[m\033[2J");
	modes_carry_sets(p->out, &saved->sets, &p->shown.modes.sets);
	p->shown.modes.saved[0] = *saved;
	p->shown.main_row = now->main_row;
}

/* Some terminals bring the sets back that were saved, some leave them as they are. */
static void leave_alternate(struct paint *p)
{
	struct modes_sets *sets = &p->shown.modes.sets, plain = p->shown.modes.saved[0].sets;

	buf_append_str(p->out, "\033[?1049l\033[m\033(B\017");
	plain.set[0] = sets->set[0] = 'B';
	plain.shift = sets->shift = 0;
	for (int i = 1; i < 4; i++)
		if (sets->set[i] != plain.set[i])
			sets->set[i] = 0;
	modes_carry_sets(p->out, sets, &plain);
	*sets = plain;
}

/* Some terminals have a scroll region and tab stops for each screen, some for both. */
static void forget_places(struct paint *p)
{
	struct modes *m = &p->shown.modes, fresh;

	buf_append_str(p->out, "\033[r");
	m->top = m->end = 0;
	modes_init(&fresh);
	if (memcmp(m->tabs, fresh.tabs, sizeof(m->tabs)) != 0)
		memset(m->tabs, 0xff, sizeof(m->tabs));
}

static int switch_screens(struct paint *p, const struct picture *now)
{
	if (p->shown.is_alternate == now->is_alternate)
		return 0;
	set_region(p, 0, 0);
	if (picture_alternate(&p->shown, now->is_alternate) < 0)
		return -1;
	if (now->is_alternate) {
		enter_alternate(p, now);
		p->shown.pen = (struct style){ 0 };
		picture_erase(&p->shown, (struct area){ 0, now->rows, 0, now->cols },
			      STYLE_DEFAULT);
	} else {
		leave_alternate(p);
		p->shown.pen = (struct style){ 0 };
	}
	forget_places(p);
	p->is_lost = true;
	return 0;
}

/* Who knows what stands there: it goes over the top, to be found by scrolling back. */
static void clear(struct paint *p)
{
	set_region(p, 0, 0);
	draw_style(p, &(struct style){ 0 });
	buf_printf(p->out, "\033[%u;1H", p->shown.rows);
	for (unsigned i = 0; i < p->shown.rows && !p->shown.is_alternate; i++)
		buf_append_str(p->out, "\n");
	buf_append_str(p->out, "\033[H\033[2J");
	picture_erase(&p->shown, (struct area){ 0, p->shown.rows, 0, p->shown.cols },
		      STYLE_DEFAULT);
	p->shown.row = p->shown.col = 0;
	p->shown.is_pending = false;
	p->shown.modes.saved[p->shown.is_alternate].row = UINT16_MAX;
	p->is_lost = false;
	p->is_known = true;
}

static bool row_is_same(const struct picture *a, unsigned row_a, const struct picture *b,
			unsigned row_b)
{
	return memcmp(picture_row(a, row_a), picture_row(b, row_b),
		      a->cols * sizeof(struct glyph)) == 0;
}

/* What went up row by row on the guest's screen goes up on the visitor's, and is kept there. */
static void scroll(struct paint *p, const struct picture *now)
{
	unsigned best = scroll_best(&p->shown, now);

	if (!best)
		return;
	set_region(p, 0, 0);
	draw_style(p, &(struct style){ 0 });
	draw_move(p, now->rows - 1, 0);
	for (unsigned i = 0; i < best; i++)
		buf_append_str(p->out, "\n");
	p->scrolled += best;
	picture_scroll(&p->shown, (struct area){ 0, now->rows, 0, now->cols }, (int)best, 0,
		       STYLE_DEFAULT);
}

/* -- the cells -- */

/* Row by row, the cursor's first, then on from where the last frame stopped. */
static bool paint_rows(struct paint *p, const struct picture *now)
{
	draw_row(p, now, now->row);
	for (unsigned i = 0; i < now->rows; i++) {
		unsigned row = (p->next + i) % now->rows;

		if (row_is_same(&p->shown, row, now, row))
			continue;
		if (p->out->len >= p->limit) {
			p->next = row;
			return false;
		}
		draw_row(p, now, row);
	}
	p->next = 0;
	return true;
}

/*
 * What stands on the main screen under the alternate one comes to light when the guest goes
 * back, raw by then: it is painted before the alternate one is. True: all of it is.
 */
static bool paint_main(struct paint *p, const struct picture *now)
{
	struct picture behind = main_of(now);
	bool is_same = p->is_known && p->shown.main_row == now->main_row &&
		       saved_is_same(&p->shown.modes.saved[0], &now->modes.saved[0]);

	for (unsigned r = 0; r < now->rows && is_same; r++)
		is_same = memcmp(p->shown.plane[0].row[r], now->plane[0].row[r],
				 now->cols * sizeof(struct glyph)) == 0;
	if (is_same)
		return true;
	if (switch_screens(p, &behind) < 0)
		return false;
	if (!p->is_known)
		clear(p);
	scroll(p, &behind);
	is_same = paint_rows(p, &behind);
	draw_text_again(p);
	return is_same;
}

/* -- after the cells -- */

static void carry_tabs(struct paint *p, const struct picture *now)
{
	struct modes *m = &p->shown.modes;

	if (memcmp(m->tabs, now->modes.tabs, sizeof(m->tabs)) == 0)
		return;
	buf_append_str(p->out, "\033[3g");
	for (unsigned col = 0; col < now->cols; col++)
		if (modes_is_tab(&now->modes, col)) {
			draw_move(p, p->shown.row, col);
			buf_append_str(p->out, "\033H");
		}
	memcpy(m->tabs, now->modes.tabs, sizeof(m->tabs));
}

/* Only that of the screen which is on can be set. */
static void carry_saved(struct paint *p, const struct picture *now)
{
	struct modes_saved seen = now->modes.saved[now->is_alternate], *to = &seen;
	struct modes_saved *from = &p->shown.modes.saved[now->is_alternate];

	/* In a window that has become smaller; when it grows again the place is there again. */
	if (seen.row >= now->rows)
		seen.row = (uint16_t)(now->rows - 1);
	if (seen.col >= now->cols)
		seen.col = (uint16_t)(now->cols - 1);
	if (saved_is_same(from, to))
		return;
	go_to_saved(p, now);
	modes_carry_sets(p->out, &p->shown.modes.sets, &to->sets);
	buf_append_str(p->out, "\0337");
	p->is_lost |= p->shown.is_pending;
	p->shown.is_pending = false;
	modes_carry_sets(p->out, &to->sets, &p->shown.modes.sets);
	*from = *to;
}

/*
 * That of the alternate screen while it is off: where somebody goes back there without
 * saving the cursor anew. So seldom that it may flash up.
 */
static void carry_saved_behind(struct paint *p, const struct picture *now)
{
	struct picture behind = *now;

	if (now->is_alternate ||
	    saved_is_same(&p->shown.modes.saved[1], &now->modes.saved[1]))
		return;
	behind.is_alternate = p->shown.is_alternate = true;
	behind.modes.saved[1].is_pending = false;
	buf_append_str(p->out, "\033[?47h");
	p->is_lost = true;
	carry_saved(p, &behind);
	buf_append_str(p->out, "\033[?47l");
	p->shown.is_alternate = false;
	p->shown.modes.saved[1] = now->modes.saved[1];
	p->is_lost = true;
}

static void carry_margins(struct paint *p, const struct picture *now)
{
	if (!has(now, TRACK_MARGINS))
		return;
	buf_append_str(p->out, "\033[?69h");
	if (now->modes.left)
		buf_printf(p->out, "\033[%u;%us", now->modes.left, now->modes.right);
	p->is_lost = true;
}

static void place_cursor(struct paint *p, const struct picture *now)
{
	unsigned first = 0;

	if (has(now, TRACK_ORIGIN)) {
		buf_append_str(p->out, "\033[?6h");
		first = now->modes.top ? now->modes.top - 1u : 0;
		buf_printf(p->out, "\033[%u;%uH", now->row - first + 1, now->col + 1);
		p->shown.row = now->row;
		p->shown.col = now->col;
		p->is_lost = false;
	} else {
		draw_move(p, now->row, now->col);
	}
	if (now->is_pending)                       /* as it came about there */
		draw_again(p, now, now->row);
}

/* What the other screen has of its own waits until that is on. */
static void carried(struct modes *shown, const struct modes *now, bool on)
{
	struct modes_kitty kitty = shown->kitty[!on];
	struct modes_saved saved[2] = { shown->saved[0], shown->saved[1] };

	*shown = *now;
	shown->kitty[!on] = kitty;
	memcpy(shown->saved, saved, sizeof(saved));
}

static void finish(struct paint *p, const struct picture *now)
{
	carry_tabs(p, now);
	carry_saved_behind(p, now);
	carry_saved(p, now);
	set_region(p, now->modes.top, now->modes.end);
	carry_margins(p, now);
	place_cursor(p, now);
	draw_text_again(p);
	if (has(now, TRACK_WRAP))
		buf_append_str(p->out, "\033[?7l");
	if (has(now, TRACK_INSERT))
		buf_append_str(p->out, "\033[4h");
	draw_style(p, &now->pen);
	modes_carry_sets(p->out, &p->shown.modes.sets, &now->modes.sets);
	carried(&p->shown.modes, &now->modes, now->is_alternate);
	p->shown.bits = now->bits & ~TRACK_BIT(TRACK_SYNC);
	p->shown.is_pending = now->is_pending;
}

/* What acts on keys goes first: it is what the person types that a slow link makes wait. */
static void carry_modes(struct paint *p, const struct picture *now)
{
	struct modes *m = &p->shown.modes;
	bool on = now->is_alternate;

	/* Each that is switched acts on the others, or not: say once more which is meant. */
	if ((p->shown.bits ^ now->bits) & TRACK_MOUSE)
		m->mouse[0] = m->mouse[1] = UINT16_MAX;
	track_carry(p->out, p->shown.bits, now->bits);
	p->shown.bits = (p->shown.bits & OWN_BITS) | (now->bits & ~OWN_BITS);
	modes_carry(p->out, m, &now->modes, on);
	m->kitty[on] = now->modes.kitty[on];
	memcpy(m->mouse, now->modes.mouse, sizeof(m->mouse));
	m->other_keys = now->modes.other_keys;
	m->cursor_shape = now->modes.cursor_shape;
	memcpy(m->title, now->modes.title, sizeof(m->title));
	if (p->shown.bells != now->bells)
		buf_append_str(p->out, "\a");
	p->shown.bells = now->bells;
}

void paint_clear(struct paint *p, struct buf *out)
{
	p->out = out;
	p->is_drawing = false;
	make_plain(p);
	clear(p);
	p->is_known = false;
}

bool paint_frame(struct paint *p, const struct picture *now, struct buf *out, size_t limit)
{
	bool is_complete;

	p->out = out;
	p->limit = out->len + limit;
	p->is_drawing = false;
	p->is_lost = false;
	if (p->shown.is_pending)
		p->is_lost = true;
	make_plain(p);
	if (now->is_alternate && !paint_main(p, now))
		return false;
	if (switch_screens(p, now) < 0)
		return false;
	carry_modes(p, now);
	if (!p->is_known)
		clear(p);
	scroll(p, now);
	is_complete = paint_rows(p, now);
	draw_text_again(p);
	if (is_complete)
		finish(p, now);
	else
		draw_move(p, now->row, now->col);
	return is_complete;
}
