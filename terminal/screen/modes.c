/* SPDX-License-Identifier: ISC */
/* See modes.h. Pure. */
#include "terminal/screen/modes.h"

#include <string.h>

static void init_sets(struct modes_sets *s)
{
	*s = (struct modes_sets){ .set = { 'B', 'B', 'B', 'B' } };
}

void modes_init(struct modes *m)
{
	*m = (struct modes){ 0 };
	init_sets(&m->sets);
	init_sets(&m->saved[0].sets);
	init_sets(&m->saved[1].sets);
	for (unsigned col = 0; col < MODES_TABS; col += 8)
		modes_set_tab(m, col, true);
}

bool modes_is_tab(const struct modes *m, unsigned col)
{
	return col < MODES_TABS && m->tabs[col / 32] >> (col % 32) & 1;
}

void modes_set_tab(struct modes *m, unsigned col, bool is_on)
{
	if (col >= MODES_TABS)
		return;
	if (is_on)
		m->tabs[col / 32] |= UINT32_C(1) << (col % 32);
	else
		m->tabs[col / 32] &= ~(UINT32_C(1) << (col % 32));
}

/* -- what is heard -- */

static uint32_t second(const struct track *t)
{
	return t->count > 1 ? t->value[1] : 0;
}

bool modes_region(const struct track *t, unsigned rows, uint32_t *top, uint32_t *end)
{
	*top = t->value[0] ? t->value[0] : 1;
	*end = second(t) && second(t) < rows ? second(t) : rows;
	return *top < *end;
}

static void set_region(struct modes *m, const struct track *t, unsigned rows)
{
	uint32_t top, end;

	if (!modes_region(t, rows, &top, &end))
		return;
	m->top = m->end = 0;
	if (top > 1 || end < rows) {
		m->top = (uint16_t)top;
		m->end = (uint16_t)end;
	}
}

static void set_kitty(struct modes_kitty *k, const struct track *t)
{
	uint8_t flags = (uint8_t)(t->value[0] & 0x1f), *now = &k->flags[k->depth];
	uint32_t n = t->value[0] ? t->value[0] : 1;

	if (t->marker == '=') {
		*now = second(t) == 2 ? *now | flags : second(t) == 3 ? *now & ~flags : flags;
	} else if (t->marker == '>') {
		if (k->depth + 1 == MODES_KITTY_DEPTH)
			memmove(k->flags, k->flags + 1, MODES_KITTY_DEPTH - 1);
		else
			k->depth++;
		k->flags[k->depth] = flags;
	} else if (n > k->depth) {
		*k = (struct modes_kitty){ 0 };
	} else {
		k->depth = (uint8_t)(k->depth - n);
	}
}

static void soft_reset(struct modes *m, bool is_alternate)
{
	m->saved[is_alternate] = (struct modes_saved){ 0 };
	init_sets(&m->saved[is_alternate].sets);
	m->top = m->end = m->left = m->right = 0;
	init_sets(&m->sets);
}

static void clear_tabs(struct modes *m, uint32_t what, unsigned col)
{
	if (what == 0)
		modes_set_tab(m, col, false);
	else if (what == 3)
		memset(m->tabs, 0, sizeof(m->tabs));
}

static void plain_csi(struct modes *m, const struct track *t, uint8_t final, unsigned rows,
		      unsigned col)
{
	if (final == 'r')
		set_region(m, t, rows);
	else if (final == 'g')
		clear_tabs(m, t->value[0], col);
}

void modes_csi(struct modes *m, const struct track *t, uint8_t final, unsigned rows, unsigned col)
{
	bool is_alternate = track_is_alternate(t);

	if (!t->marker && !t->between)
		plain_csi(m, t, final, rows, col);
	else if (final == 'u' && t->marker && t->marker != '?')
		set_kitty(&m->kitty[is_alternate], t);
	else if (final == 'm' && t->marker == '>' && (t->value[0] == 4 || t->value[0] == 0))
		m->other_keys = (uint8_t)(second(t) & 3);
	else if (final == 'q' && t->between == ' ')
		m->cursor_shape = t->value[0] <= 6 ? (uint8_t)t->value[0] : 0;
	else if (final == 'p' && t->between == '!')
		soft_reset(m, is_alternate);
}

static const uint16_t mouse_modes[2][6] = {
	{ 9, 1000, 1001, 1002, 1003 }, { 1016, 1005, 1006, 1015 },
};

void modes_switch(struct modes *m, uint32_t number, bool is_on)
{
	for (int i = 0; i < 2; i++)
		for (const uint16_t *mode = mouse_modes[i]; *mode; mode++)
			if (*mode == number)
				m->mouse[i] = is_on ? *mode : 0;
}

void modes_charset(struct modes *m, const struct track *t, uint8_t final)
{
	m->uses_sets = true;
	m->sets.set[(t->between - '(') & 3] = final == '0' || final == 'A' ? final : 'B';
}

/* Only what can neither end the sequence nor be anything but text. */
void modes_set_title(struct modes *m, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < sizeof(m->title); i++)
		if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
			m->title[n++] = text[i];
	/* No half character at the end. */
	while (n + 1 == sizeof(m->title) && (unsigned char)m->title[n - 1] >= 0x80)
		n--;
	m->title[n] = '\0';
}

/* -- carrying over -- */

static void carry_kitty(struct buf *out, const struct modes_kitty *from,
			const struct modes_kitty *to)
{
	if (from->depth == to->depth && memcmp(from->flags, to->flags, to->depth + 1u) == 0)
		return;
	if (from->depth)
		buf_printf(out, "\033[<%uu", from->depth);
	buf_printf(out, "\033[=%uu", to->flags[0]);
	for (unsigned i = 1; i <= to->depth; i++)
		buf_printf(out, "\033[>%uu", to->flags[i]);
}

void modes_carry(struct buf *out, const struct modes *from, const struct modes *to,
		 bool is_alternate)
{
	carry_kitty(out, &from->kitty[is_alternate], &to->kitty[is_alternate]);
	/* In xterm each ends the others, in VTE they are on or off one by one: the last goes last. */
	for (int i = 0; i < 2; i++)
		if (from->mouse[i] != to->mouse[i])
			buf_printf(out, "\033[?%u%c", to->mouse[i] ? to->mouse[i] : mouse_modes[i][0],
				   to->mouse[i] ? 'h' : 'l');
	if (from->other_keys != to->other_keys)
		buf_printf(out, "\033[>4;%um", to->other_keys);
	if (from->cursor_shape != to->cursor_shape)
		buf_printf(out, "\033[%u q", to->cursor_shape);
	if (strcmp(from->title, to->title) != 0)
		buf_printf(out, "\033]2;%s\033\\", to->title);
}

void modes_carry_sets(struct buf *out, const struct modes_sets *from, const struct modes_sets *to)
{
	static const char *const shifts[] = { "\017", "\016", "\033n", "\033o" };

	for (unsigned i = 0; i < 4; i++)
		if (from->set[i] != to->set[i])
			buf_printf(out, "\033%c%c", '(' + (int)i, to->set[i]);
	if (from->shift != to->shift)
		buf_append_str(out, shifts[to->shift & 3]);
}
