/* SPDX-License-Identifier: ISC */
/*
 * See screen_inner.h. libvterm gets no sequence as the guest sent it, not even its ESC, but one
 * of the same meaning with sane numbers: a tab repeated two thousand million times would keep
 * libvterm 0.1.4 busy for seconds, and a repeat (REP) before any character for ever; and no
 * string at all. What it does not know is kept in the picture's modes.
 */
#include "terminal/screen/screen_inner.h"

#include <stdio.h>
#include <string.h>

static void move_to(struct screen *s, unsigned row, unsigned col)
{
	bool has_origin = s->track.changed & TRACK_BIT(TRACK_ORIGIN);
	unsigned first = has_origin && s->now.modes.top ? s->now.modes.top - 1u : 0;
	char text[32];

	snprintf(text, sizeof(text), "\033[%u;%uH", row > first ? row - first + 1 : 1, col + 1);
	screen_write(s, text);
	s->now.is_pending = false;
}

void screen_end_wait(struct screen *s)
{
	if (s->now.is_pending)
		move_to(s, s->now.row, s->now.col);
}

void screen_forget_region(struct screen *s)
{
	unsigned row = s->now.row, col = s->now.col;

	s->now.modes.top = s->now.modes.end = 0;
	screen_write(s, "\033[r");
	move_to(s, row, col);
}

static void save_cursor(struct screen *s, bool is_alternate)
{
	s->now.modes.saved[is_alternate] = (struct modes_saved){
		(uint16_t)s->now.row, (uint16_t)s->now.col, s->now.is_pending, s->now.pen,
		s->now.modes.sets,
	};
}

static void use_sets(struct screen *s, struct modes_sets sets)
{
	static const char *const shifts[] = { "\017", "\016", "\033n", "\033o" };
	char text[4] = "\033";

	for (int i = 0; i < 4; i++) {
		text[1] = (char)('(' + i);
		text[2] = (char)sets.set[i];
		screen_write(s, text);
	}
	screen_write(s, shifts[sets.shift & 3]);
	s->now.modes.sets = sets;
}

/* Only a character brings libvterm there. */
static void wait_to_wrap(struct screen *s)
{
	s->is_mute = true;
	screen_write(s, "x");
	s->is_mute = false;
	s->now.is_pending = true;
}

void screen_end_wide(struct screen *s)
{
	bool is_pending = s->now.is_pending;

	move_to(s, s->now.row, s->now.cols - 1);
	if (is_pending)
		wait_to_wrap(s);
}

/* libvterm has one saved cursor for both screens, and without its character sets. */
static void restore_cursor(struct screen *s, bool is_alternate)
{
	struct modes_saved saved = s->now.modes.saved[is_alternate];

	s->now.pen = saved.pen;
	use_sets(s, saved.sets);
	move_to(s, saved.row, saved.col);
	if (saved.is_pending && s->now.col == s->now.cols - 1 &&
	    !(s->track.changed & TRACK_BIT(TRACK_WRAP)))
		wait_to_wrap(s);
}

/* -- what libvterm is told instead -- */

/* The sequences that move or erase, with the most that their numbers may be. */
enum most { ROWS, COLS, PLACE };

static const struct {
	char final;
	enum most most;
} known[] = {
	{ 'C', COLS }, { 'D', COLS }, { 'G', PLACE }, { 'H', PLACE }, { 'I', COLS }, { 'J', PLACE },
	{ 'K', PLACE }, { 'L', ROWS }, { 'M', ROWS }, { 'S', ROWS }, { 'T', ROWS },
	{ 'X', COLS }, { 'Z', COLS }, { '`', PLACE }, { 'a', COLS }, { 'd', PLACE },
	{ 'e', ROWS }, { 'f', PLACE }, { 'g', PLACE }, { 'j', COLS }, { 'k', ROWS },
};

static uint32_t bound(const struct screen *s, uint32_t value, enum most most)
{
	const uint32_t bounds[] = { s->now.rows, s->now.cols, 9999 };

	return value < bounds[most] ? value : bounds[most];
}

/* libvterm takes some of those that are none, too. */
static void pass_on_region(struct screen *s, const struct track *t)
{
	uint32_t top, end;
	char text[32];

	if (!modes_region(t, s->now.rows, &top, &end))
		return;
	snprintf(text, sizeof(text), "\033[%u;%ur", top, end);
	screen_write(s, text);
	s->now.is_pending = false;
}

/* CUU, CUD, CPL, CNL: libvterm's go on behind the margins of the region. */
static void step(struct screen *s, const struct track *t, uint8_t final)
{
	const struct picture *p = &s->now;
	const struct modes *m = &p->modes;
	unsigned first = m->top && p->row + 1 >= m->top ? m->top - 1u : 0;
	unsigned last = m->top && p->row < m->end ? m->end - 1u : p->rows - 1;
	unsigned count = bound(s, t->value[0] ? t->value[0] : 1, ROWS);
	unsigned col = final == 'E' || final == 'F' ? 0 : p->col;

	if (final == 'A' || final == 'F')
		move_to(s, p->row - first > count ? p->row - count : first, col);
	else
		move_to(s, last - p->row > count ? p->row + count : last, col);
}

/* ICH, DCH: libvterm does so only inside the scroll region, ECMA-48 anywhere. */
static void shift(struct screen *s, const struct track *t, uint8_t final)
{
	struct picture *p = &s->now;
	struct area a = { p->row, p->row + 1, p->col, p->cols };
	int count = (int)bound(s, t->value[0] ? t->value[0] : 1, COLS);

	picture_scroll(p, a, 0, final == 'P' ? count : -count, p->pen.back);
}

static void pass_on(struct screen *s, const struct track *t, uint8_t final)
{
	char text[32];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if ((uint8_t)known[i].final != final)
			continue;
		if (t->count > 1)
			snprintf(text, sizeof(text), "\033[%u;%u%c", bound(s, t->value[0], known[i].most),
				 bound(s, t->value[1], known[i].most), final);
		else if (t->value[0])
			snprintf(text, sizeof(text), "\033[%u%c", bound(s, t->value[0], known[i].most),
				 final);
		else
			snprintf(text, sizeof(text), "\033[%c", final);
		screen_write(s, text);
	}
}

/* -- modes -- */

static void pass_on_mode(struct screen *s, const char *marker, unsigned number, bool on)
{
	char text[32];

	snprintf(text, sizeof(text), "\033[%s%u%c", marker, number, on ? 'h' : 'l');
	screen_write(s, text);
}

static void set_mode(struct screen *s, unsigned number, bool on)
{
	if (number == 1049 && on)
		save_cursor(s, s->now.is_alternate);
	if (number == 47 || number == 1047 || number == 1049)
		pass_on_mode(s, "?", 1047, on);
	if (number == 1049 && !on)
		restore_cursor(s, false);
	if (number == 1048 && on)
		save_cursor(s, s->now.is_alternate);
	if (number == 1048 && !on)
		restore_cursor(s, s->now.is_alternate);
	if (number == 6 || number == 7 || number == 69)
		pass_on_mode(s, "?", number, on);
	if (number == 6)
		s->now.is_pending = false;
	/* What waited overwrites the last column now: not so libvterm. */
	if (number == 7 && !on)
		screen_end_wait(s);
}

static void hear_modes(struct screen *s, const struct track *t, bool on)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->marker == '?') {
			modes_switch(&s->now.modes, t->value[i], on);
			set_mode(s, t->value[i], on);
		} else if (!t->marker && t->value[i] == 20) {
			pass_on_mode(s, "", t->value[i], on);
		}
}

static void reset(struct screen *s)
{
	char title[MODES_TITLE_SIZE];

	screen_write(s, "\033c");
	memcpy(title, s->now.modes.title, sizeof(title));
	modes_init(&s->now.modes);
	memcpy(s->now.modes.title, title, sizeof(title));
	s->now.pen = (struct style){ 0 };
	picture_alternate(&s->now, false);
	picture_erase(&s->now, (struct area){ 0, s->now.rows, 0, s->now.cols }, STYLE_DEFAULT);
	s->now.is_pending = false;
}

static bool is_in_region(const struct screen *s)
{
	const struct modes *m = &s->now.modes;

	return !m->top || (s->now.row + 1 >= m->top && s->now.row < m->end);
}

static void hear_plain_csi(struct screen *s, const struct track *t, uint8_t final)
{
	if (final == 'm')
		style_set(&s->now.pen, t->value, t->count, t->joined);
	else if (final == 's' && !(t->changed & TRACK_BIT(TRACK_MARGINS)))
		save_cursor(s, s->now.is_alternate);
	else if (final == 'u')
		restore_cursor(s, s->now.is_alternate);
	else if (final == 'r')
		pass_on_region(s, t);
	else if (final == 'A' || final == 'B' || final == 'E' || final == 'F')
		step(s, t, final);
	else if (final == 'b')
		screen_repeat(s, t->value[0] ? t->value[0] : 1);
	else if (final == '@' || final == 'P')
		shift(s, t, final);
	else
		pass_on(s, t, final);
	/* ECMA-48 8.3.32, 8.3.67: to the line's home; libvterm leaves the cursor in its column. */
	if ((final == 'L' || final == 'M') && is_in_region(s))
		screen_write(s, "\r");
	if (strchr("CDGH`adefjk", final))
		s->now.is_pending = false;
}

/* DECSTR: libvterm's would bring tab stops and modes back that are none of it. */
static void soft_reset(struct screen *s)
{
	bool is_pending = s->now.is_pending;
	unsigned row = s->now.row, col = s->now.col;

	s->now.pen = (struct style){ 0 };
	use_sets(s, s->now.modes.sets);
	screen_write(s, "\033[r\033[?6l");
	move_to(s, row, col);
	if (is_pending)
		wait_to_wrap(s);
}

static void hear_csi(struct screen *s, const struct track *t, uint8_t final)
{
	modes_csi(&s->now.modes, t, final, s->now.rows, s->now.col);
	if (!t->marker && !t->between)
		hear_plain_csi(s, t, final);
	if (!t->between && (final == 'h' || final == 'l'))
		hear_modes(s, t, final == 'h');
	if (final == 'p' && t->between == '!') {
		soft_reset(s);
	}
}

static void shift_to(struct screen *s, uint8_t set)
{
	s->now.modes.sets.shift = set;
	s->now.modes.uses_sets = true;
	use_sets(s, s->now.modes.sets);
}

static void set_tab(struct screen *s)
{
	screen_write(s, "\033H");
	modes_set_tab(&s->now.modes, s->now.col, true);
}

static void hear_escape(struct screen *s, uint8_t final)
{
	if (final == 'D' || final == 'M')
		screen_end_wait(s);
	if (final == 'D')
		screen_write(s, "\033D");
	else if (final == 'M')
		screen_write(s, "\033M");
	else if (final == 'E')
		screen_write(s, "\033E");
	else if (final == '7')
		save_cursor(s, s->now.is_alternate);
	else if (final == '8')
		restore_cursor(s, s->now.is_alternate);
	else if (final == 'c')
		reset(s);
	else if (final == 'H')
		set_tab(s);
	else if (final == 'n' || final == 'o')
		shift_to(s, final == 'n' ? 2 : 3);
}

static void hear_charset(struct screen *s, const struct track *t, uint8_t final)
{
	modes_charset(&s->now.modes, t, final);
	use_sets(s, s->now.modes.sets);
}

/* DECALN: libvterm fills the screen, and leaves the region and the cursor as they are. */
static void align(struct screen *s)
{
	screen_write(s, "\033#8");
	screen_forget_region(s);
	move_to(s, 0, 0);
}

static void begin(struct screen *s, const struct track *t, uint8_t what)
{
	screen_catch_up(s, t->used - 1);
	s->fed = t->used;
	s->osc_len = 0;
	s->muted = what;
}

/* The byte that ended it is libvterm's again, unless it belonged to the string. */
static void end(struct screen *s, const struct track *t, uint8_t final)
{
	bool is_osc = s->muted == ']' && (final == 0x07 || final == 0x1b);

	screen_catch_up(s, t->used - 1);
	s->muted = 0;
	s->fed = t->used - (final != 0x07);
	if (is_osc && s->osc_len >= 2 && s->osc[1] == ';' && (s->osc[0] == '0' || s->osc[0] == '2'))
		modes_set_title(&s->now.modes, s->osc + 2, s->osc_len - 2);
}

static void hear_whole(struct screen *s, const struct track *t, enum track_event event,
		       uint8_t final)
{
	s->muted = 0;
	if (event == TRACK_CSI)
		hear_csi(s, t, final);
	else if (event == TRACK_ESCAPE)
		hear_escape(s, final);
	else if (event == TRACK_CHARSET)
		hear_charset(s, t, final);
	else if (t->between == '#' && final == '8')
		align(s);
}

void screen_hear(void *who, const struct track *t, enum track_event event, uint8_t final)
{
	struct screen *s = who;

	if (event == TRACK_BEGIN) {
		begin(s, t, final);
		return;
	}
	if (event == TRACK_BREAK) {
		end(s, t, final);
	} else {
		screen_catch_up(s, t->used);
		if (event == TRACK_SHIFT)          /* maybe inside of a sequence */
			shift_to(s, final == 0x0e);
		else
			hear_whole(s, t, event, final);
	}
	s->last_len = 0;
}
