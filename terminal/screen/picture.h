/* SPDX-License-Identifier: ISC */
/*
 * What a terminal shows and the modes it is in, as plain data: screen.c keeps that of the
 * guest's screen, paint.c that of the visitor's terminal, and the painter compares them.
 * Rows and columns are counted from 0. Pure: memory only.
 */
#ifndef TERMINAL_SCREEN_PICTURE_H
#define TERMINAL_SCREEN_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "terminal/screen/modes.h"
#include "terminal/screen/style.h"

enum {
	GLYPH_CHARS = 4,             /* a character and what combines with it */
	PICTURE_GLYPHS_MAX = 160000, /* a larger window is not kept, */
	PICTURE_ROWS_MAX = 1000,     /* nor a higher one: a line feed costs a move of all its rows */
};

/*
 * One cell, so made that two which look the same are equal byte by byte: a blank has no
 * character and of its style only what can be seen.
 */
struct glyph {
	uint32_t chars[GLYPH_CHARS]; /* 0 behind the last */
	uint32_t front, back;        /* as in struct style */
	uint16_t flags;
	uint8_t width;               /* 1 or 2; 0 behind a wide one */
	uint8_t is_drawn;            /* came from the set of line drawings, not from UTF-8 */
};
_Static_assert(sizeof(struct glyph) == 28, "nothing between the members");

struct plane {
	struct glyph *glyphs;        /* owned; NULL: not there */
	struct glyph **row;          /* owned; rows scroll by moving these */
};

struct picture {
	unsigned rows, cols;
	struct plane plane[2];       /* the main screen; the alternate one, once it was used */
	bool is_alternate;
	unsigned row, col;           /* the cursor */
	unsigned main_row;           /* where it was when the alternate screen came */
	bool is_pending;             /* the next character wraps first */
	struct style pen;
	uint64_t bits;               /* modes, as struct track has them in `changed` */
	struct modes modes;
	unsigned bells;              /* rung so far */
	uint64_t scrolled;           /* rows that have left the main screen at its top */
};

bool picture_is_possible(unsigned rows, unsigned cols);

/* A blank screen. 0, or -1: too large, or no memory. */
int picture_init(struct picture *p, unsigned rows, unsigned cols);
void picture_free(struct picture *p);

/* Rows are cut off and added below, after as many went over the top as keep the cursor's row. */
int picture_resize(struct picture *p, unsigned rows, unsigned cols);

/* Makes `to`, of any size or zeroed, equal to `from`. 0 or -1; then nothing of `to` is kept. */
int picture_copy(struct picture *to, const struct picture *from);

/* The glyphs of a row of the screen that is on. */
struct glyph *picture_row(const struct picture *p, unsigned row);

/* Switches screens; 0, or -1 without memory: then it stays. */
int picture_alternate(struct picture *p, bool on);

struct glyph glyph_blank(uint32_t back);

/* A space in that style: blank, unless more than its background can be seen. */
struct glyph glyph_space(struct style style);

/* The byte that the line drawing set shows as that character; 0: none. */
char glyph_drawing(uint32_t c);

/* Puts one glyph of 1 or 2 columns; halves of wide ones that it cuts become spaces of its style. */
void picture_put(struct picture *p, unsigned row, unsigned col, const struct glyph *g);

/* end_row and end_col are one behind. */
struct area {
	unsigned row, end_row, col, end_col;
};
void picture_erase(struct picture *p, struct area a, uint32_t back);

/*
 * Moves what is in the area up and to the left (negative: down, right), blanks what is free,
 * and what is left of a wide glyph that was torn.
 */
void picture_scroll(struct picture *p, struct area a, int up, int left, uint32_t back);

#endif
