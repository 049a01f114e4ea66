/* SPDX-License-Identifier: ISC */
/*
 * Writes what makes the visitor's terminal show the guest's screen: the difference and no
 * more, the cursor's row first. It never writes a query. When a frame is complete, cells,
 * cursor, colours and modes are equal, so that the guest's own bytes may follow.
 * Pure: compares two pictures, appends to a buffer.
 */
#ifndef TERMINAL_SCREEN_PAINT_H
#define TERMINAL_SCREEN_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/buf.h"
#include "terminal/screen/picture.h"

struct paint {
	struct picture shown;        /* the visitor's terminal */
	bool is_known;               /* its cells are what shown has */
	uint64_t scrolled;           /* rows that the painter scrolled up itself */
	unsigned next;               /* row where an unfinished frame goes on */
	struct buf *out;             /* of the present frame */
	size_t limit;
	bool is_drawing;             /* line drawings are switched on just now */
	bool is_lost;                /* the cursor may be elsewhere than shown has it */
};

/* The visitor's terminal is as `shown`, but for what stands on it unless is_known. */
int paint_begin(struct paint *p, const struct picture *shown, bool is_known);
void paint_free(struct paint *p);

/*
 * Appends one frame of about `limit` bytes (it may go over by a row and by what the modes
 * need). True: the terminal is as `now` when it has them. False: call again, with whatever
 * the guest's screen is then. now and shown have the same size.
 */
bool paint_frame(struct paint *p, const struct picture *now, struct buf *out, size_t limit);

/* Makes the terminal empty and plain, for a page that is none of the guest's. */
void paint_clear(struct paint *p, struct buf *out);

/* What a complete frame would write differs from nothing. */
bool paint_is_done(const struct paint *p, const struct picture *now);

#endif
