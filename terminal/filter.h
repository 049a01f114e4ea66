/* SPDX-License-Identifier: ISC */
/*
 * What must not reach a person's terminal is taken out of the guest's output. A replay
 * loses all that a terminal would answer to and all that would outlive it: what passes is
 * text, colours, the cursor's movements and the character sets. Live output, where the
 * configuration asks for it, loses only what writes the clipboard or reports a title.
 * Sequences may be split anywhere, and the output may begin in the middle of one. Pure.
 *
 * It parses as terminals do (ECMA-48, xterm's ctlseqs), and where they differ the
 * sequence's introducer is lost: without it the rest is text to all of them.
 */
#ifndef TERMINAL_FILTER_H
#define TERMINAL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"

enum filter_kind { FILTER_REPLAY, FILTER_STRICT };

enum { FILTER_HELD_MAX = 256 };  /* bytes of one sequence; longer ones go */

struct filter {
	uint8_t kind;                /* enum filter_kind */
	uint8_t parse;               /* where in a sequence it is */
	bool is_eight_bit;           /* the sequence was begun by a C1 byte */
	bool is_start;               /* of a replay: what comes may be a character's rest */
	bool has_colour, has_sets;   /* a replay left them as it liked */
	uint16_t len;
	uint8_t held[FILTER_HELD_MAX];
};

void filter_init(struct filter *f, enum filter_kind kind);

/* Appends what passes. 0, or -1: out is full. */
int filter_feed(struct filter *f, const uint8_t *in, size_t len, struct buf *out);

/*
 * The replay is over, what comes next is not for the filter: colours and character sets
 * are put back. The start of a sequence that may pass goes out, so that its end makes it
 * whole: call it before our own lines, which wait for that. 0, or -1: out is full.
 */
int filter_end(struct filter *f, struct buf *out);

#endif
