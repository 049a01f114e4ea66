/* SPDX-License-Identifier: ISC */
/*
 * A full screen of text rows that remembers what it last painted and paints only the
 * rows that changed, so that a live menu is cheap on a slow line. Pure: writes into a buffer.
 */
#ifndef TERMINAL_ROWS_H
#define TERMINAL_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/buf.h"

enum { ROWS_MAX = 1000 };

struct rows {
	char **last;             /* as painted; NULL: not known */
	unsigned count;
	bool is_entered;         /* the alternate screen is ours */
	unsigned cursor_row, cursor_col;   /* 1-based; 0: hidden */
	unsigned shown_row, shown_col;     /* where it was left */
};

void rows_init(struct rows *r);
void rows_free(struct rows *r);

/* Enter and leave the alternate screen. */
void rows_enter(struct rows *r, struct buf *out);
void rows_leave(struct rows *r, struct buf *out);

/* Another size: everything is painted anew. 0; -1 without memory: nothing is remembered then. */
int rows_resize(struct rows *r, unsigned count);

/*
 * Puts row (0-based): escaped text, colours allowed, no wider than the screen. When out has
 * no room it is left out and `full` is set: paint again later.
 */
void rows_put(struct rows *r, struct buf *out, unsigned row, const char *text);

/* After the last row: places or hides the cursor. */
void rows_end(struct rows *r, struct buf *out);

#endif
