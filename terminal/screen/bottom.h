/* SPDX-License-Identifier: ISC */
/*
 * What stands in the bottom row of the guest's alternate screen, so that a line of ours
 * can be shown there and the guest's put back. It follows the cursor as far as that row
 * needs, and admits it when it lost it. Fed by track.h's parser; terminal/talk.h paints. Pure.
 */
#ifndef TERMINAL_SCREEN_BOTTOM_H
#define TERMINAL_SCREEN_BOTTOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "terminal/screen/cells.h"
#include "terminal/screen/style.h"

struct track;

struct bottom_cursor {
	unsigned row, col;           /* 1-based; 0: not known; col may be one too far */
	struct style style;
	bool has_origin;
};

struct bottom {
	unsigned rows, cols;
	struct cells cells;          /* none without memory, and then nothing is known */
	bool is_known;               /* cells are what the row shows */
	struct bottom_cursor cursor, saved;
	unsigned top, end;           /* scroll region */
	bool no_wrap, inserts, is_drawing;
	uint8_t part[4];             /* of a UTF-8 character */
	size_t part_len;
	uint32_t last;               /* character printed last, for REP */
	unsigned last_col;           /* its column, where it was in this row; 0: elsewhere */
};

void bottom_init(struct bottom *b, unsigned rows, unsigned cols);
void bottom_free(struct bottom *b);

/* The guest has its alternate screen from here on, cleared or not. */
void bottom_enter(struct bottom *b, unsigned rows, unsigned cols, bool is_clear);

/* What the parser saw; csi and escape as t has parsed them. */
void bottom_text(struct bottom *b, const uint8_t *text, size_t len);
void bottom_control(struct bottom *b, uint8_t c);
void bottom_csi(struct bottom *b, const struct track *t, uint8_t final);
void bottom_escape(struct bottom *b, uint8_t final);
void bottom_charset(struct bottom *b, uint8_t set);

/* Prints the row from its first column on. False: it is not known. */
bool bottom_print(const struct bottom *b, struct buf *out);

#endif
