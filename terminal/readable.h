/* SPDX-License-Identifier: ISC */
/*
 * A console's bytes as lines a person or an expression can read: carriage returns,
 * backspaces, erasing and cursor movements have their effect on the line, colours, modes and
 * strings for terminals are dropped, what is invisible or broken is escaped as ipc/text.h
 * does it. Bytes may be split anywhere. A character counts as one column. Pure, and bounded
 * whatever comes.
 *
 * Sources: ECMA-48; xterm's ctlseqs.
 */
#ifndef TERMINAL_READABLE_H
#define TERMINAL_READABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"

enum {
	READABLE_COLUMNS_MAX = 4096,     /* of a line; a longer one comes in pieces */
	READABLE_TEXT_MAX = 10 * READABLE_COLUMNS_MAX,
	READABLE_VALUES = 4,
};

enum readable_event {
	READABLE_MORE,       /* all bytes are used up; the line is not at its end */
	READABLE_LINE,       /* the line is whole */
	READABLE_CUT,        /* so is the first piece of a line that is too long */
	READABLE_FADING,     /* what stands there is about to be overwritten or erased */
};

struct readable {
	uint32_t cell[READABLE_COLUMNS_MAX + 16];
	size_t len, col;
	size_t fresh;                /* characters written since the line began or last faded */
	bool has_returned;           /* the cursor went back since then */
	bool is_over;                /* the line was handed out: the next byte begins another */

	uint8_t parse;               /* where in a sequence it is */
	uint8_t pending[4];          /* of a character that is not whole */
	uint8_t pending_len, pending_need;
	uint8_t designates;          /* the set that the next byte of ESC ( or ) is for */
	bool is_drawing[2];          /* G0, G1: DEC's line drawing set */
	uint8_t shifted;             /* 1: G1 */
	unsigned value[READABLE_VALUES], count;
	size_t skipped;              /* bytes of a string for the terminal */
	uint32_t last;               /* for REP */
};

void readable_init(struct readable *r);

/*
 * How many bytes it used; *event says why it stopped. The text is good until the next call.
 */
size_t readable_feed(struct readable *r, const uint8_t *in, size_t len,
		     enum readable_event *event);

/* Appends the line as it stands, without an LF: UTF-8, at most READABLE_TEXT_MAX bytes. */
void readable_text(const struct readable *r, struct buf *out);

/* The line ends here, because there is nothing more or something is missing. */
void readable_break(struct readable *r);

#endif
