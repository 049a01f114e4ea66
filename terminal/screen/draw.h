/* SPDX-License-Identifier: ISC */
/*
 * The strokes that paint.c paints with: moves, colours, glyphs and whole rows, each with
 * as few bytes as it can be had for. Each keeps p->shown up to date. Pure.
 */
#ifndef TERMINAL_SCREEN_DRAW_H
#define TERMINAL_SCREEN_DRAW_H

#include "terminal/screen/paint.h"

void draw_move(struct paint *p, unsigned row, unsigned col);
void draw_style(struct paint *p, const struct style *style);

/* Makes a row look as it does there. */
void draw_row(struct paint *p, const struct picture *now, unsigned row);

/* Prints the last glyph of the cursor's row over itself, so that the next one wraps. */
void draw_again(struct paint *p, const struct picture *now, unsigned row_number);

/* Out of the line drawings. */
void draw_text_again(struct paint *p);

#endif
