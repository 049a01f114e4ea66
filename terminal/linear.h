/* SPDX-License-Identifier: ISC */
/*
 * A console as text lines only, for screen readers and for paper: no cursor addressing, no
 * colours; a line is printed when it is whole, and what there is of one when the guest
 * pauses. A line that was overwritten meanwhile is printed once more, below. Pure.
 */
#ifndef TERMINAL_LINEAR_H
#define TERMINAL_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "terminal/readable.h"

enum {
	LINEAR_PAUSE_MS = 40,
	LINEAR_LATE_MS = 1000,       /* a line that is overwritten all the time shows so often */
};

struct linear {
	struct readable readable;
	struct buf text, shown;      /* of the present line: as it is, and what was printed */
};

/* NULL: no memory. */
struct linear *linear_new(void);
void linear_free(struct linear *l);

/* Appends what is whole, with CR LF. */
void linear_feed(struct linear *l, const uint8_t *data, size_t len, struct buf *out);

/* What was printed of the line that is not whole still stands, so that the rest fits behind it. */
bool linear_goes_on(struct linear *l);

/* The guest pauses: appends what is new of the line that is not whole. */
void linear_pause(struct linear *l, struct buf *out);

#endif
