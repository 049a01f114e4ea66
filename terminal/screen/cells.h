/* SPDX-License-Identifier: ISC */
/*
 * One row of a terminal's screen: characters with what combines with them, and how they
 * look. Columns are counted from 1; what lies beyond the row is left out. Pure: memory only.
 */
#ifndef TERMINAL_SCREEN_CELLS_H
#define TERMINAL_SCREEN_CELLS_H

#include <stddef.h>

#include "ipc/buf.h"
#include "terminal/screen/style.h"

enum { CELL_TEXT_SIZE = 12 };        /* bytes of a character with what combines with it */

struct cell {
	char text[CELL_TEXT_SIZE];   /* UTF-8; "" behind a wide character */
	struct style style;
};

struct cells {
	struct cell *cell;           /* owned; NULL: no memory, or not kept */
	unsigned count;
};

void cells_init(struct cells *c, unsigned count);
void cells_free(struct cells *c);

/* Blanks with that colour behind them. */
void cells_erase(struct cells *c, unsigned from, unsigned to, uint32_t back);

/* width: 1 or 2 columns. */
void cells_put(struct cells *c, unsigned col, const char *text, size_t len, unsigned width,
	       const struct style *style);
void cells_combine(struct cells *c, unsigned col, const char *text, size_t len);

/* From col on everything goes n columns to the left or to the right. */
void cells_shift_left(struct cells *c, unsigned col, unsigned n, uint32_t back);
void cells_shift_right(struct cells *c, unsigned col, unsigned n, uint32_t back);

/* The whole row, from no style on. */
void cells_print(const struct cells *c, struct buf *out);

#endif
