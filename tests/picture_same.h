/* SPDX-License-Identifier: ISC */
/*
 * Whether two terminals look and act the same: for the tests of the painter and its fuzz
 * target. One is the guest's screen, the other stands for the visitor's terminal.
 */
#ifndef TESTS_PICTURE_SAME_H
#define TESTS_PICTURE_SAME_H

#include <stdio.h>
#include <string.h>

#include "terminal/screen/picture.h"

/* Those that are on or off and that are carried: not what is more, nor 47, 1047, 1049, 2026. */
#define SAME_BITS (((TRACK_BIT(TRACK_KEYPAD) << 1) - 1) & ~UINT64_C(7) & ~TRACK_BIT(TRACK_SYNC))

static inline bool same_saved(const struct modes_saved *a, const struct modes_saved *b,
			      const struct picture *p)
{
	/* A window that became smaller since has no such place. */
	return (a->row == b->row || a->row >= p->rows || b->row >= p->rows) &&
	       (a->col == b->col || a->col >= p->cols || b->col >= p->cols) &&
	       a->is_pending == b->is_pending && style_is_same(&a->pen, &b->pen) && memcmp(&a->sets, &b->sets, sizeof(a->sets)) == 0;
}

static inline unsigned same_col(const struct picture *p)
{
	return p->is_pending ? p->cols : p->col;
}

/* NULL, or what differs. */
static inline const char *picture_difference(const struct picture *a, const struct picture *b)
{
	const struct modes *m = &a->modes, *n = &b->modes;
	bool on = a->is_alternate;
	static char text[80];

	if (a->rows != b->rows || a->cols != b->cols || on != b->is_alternate)
		return "screen";
	for (unsigned r = 0; r < a->rows; r++)
		for (unsigned c = 0; c < a->cols; c++)
			if (memcmp(&picture_row(a, r)[c], &picture_row(b, r)[c],
				   sizeof(struct glyph)) != 0) {
				snprintf(text, sizeof(text), "glyph %u,%u: U+%04x U+%04x", r, c,
					 picture_row(a, r)[c].chars[0],
					 picture_row(b, r)[c].chars[0]);
				return text;
			}
	if (a->row != b->row || same_col(a) != same_col(b)) {
		snprintf(text, sizeof(text), "cursor %u,%u %u,%u", a->row, same_col(a), b->row,
			 same_col(b));
		return text;
	}
	if (!style_is_same(&a->pen, &b->pen))
		return "pen";
	if ((a->bits ^ b->bits) & SAME_BITS) {
		snprintf(text, sizeof(text), "modes %llx %llx", (unsigned long long)a->bits,
			 (unsigned long long)b->bits);
		return text;
	}
	if (m->top != n->top || m->end != n->end)
		return "scroll region";
	if (memcmp(&m->sets, &n->sets, sizeof(m->sets)) != 0)
		return "character sets";
	if (m->cursor_shape != n->cursor_shape || m->other_keys != n->other_keys)
		return "cursor's shape or keys";
	if (memcmp(&m->kitty[on].flags, &n->kitty[on].flags, m->kitty[on].depth + 1u) != 0 ||
	    m->kitty[on].depth != n->kitty[on].depth)
		return "kitty's keyboard";
	for (unsigned col = 0; col < a->cols; col++)
		if (modes_is_tab(m, col) != modes_is_tab(n, col))
			return "tab stops";
	if (!same_saved(&m->saved[on], &n->saved[on], a))
		return "saved cursor";
	if (strcmp(m->title, n->title) != 0)
		return "title";
	return NULL;
}

#endif
