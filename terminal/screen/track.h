/* SPDX-License-Identifier: ISC */
/*
 * What the guest's output does to the person's terminal: whether our own lines may go in
 * between just now, and what has to be put back when the person leaves. It reads the
 * bytes as they pass and never changes them; sequences may be split anywhere. Pure.
 *
 * Sources: ECMA-48, xterm's ctlseqs, kitty's keyboard protocol, the mode 2026 and 2048 notes.
 */
#ifndef TERMINAL_SCREEN_TRACK_H
#define TERMINAL_SCREEN_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"

struct bottom;
struct track;

enum { TRACK_PARAMS_MAX = 32 };

/* What somebody who listens is told of, when the last byte of it has come. */
enum track_event {
	TRACK_CSI,
	TRACK_ESCAPE,                /* ESC and one byte that is no start of something longer */
	TRACK_CHARSET,               /* t->between: which of ( ) * + */
	TRACK_OTHER,                 /* ESC, t->between (% or # or the like) and one byte */
	TRACK_SHIFT,                 /* SO, SI */
	TRACK_BEGIN,                 /* ESC; and after it [ a CSI, ] an OSC, P _ ^ X another string */
	TRACK_BREAK,                 /* by that byte a string has ended, a sequence was broken off */
};

struct track_ear {
	void (*hear)(void *who, const struct track *t, enum track_event event, uint8_t final);
	void *who;
};

struct track {
	uint8_t parse;              /* where in a sequence it is */
	uint8_t utf8_left;          /* bytes missing of a character */
	uint8_t marker;             /* private marker of a CSI: < = > ? or 0 */
	uint8_t between;            /* intermediate byte, 0 none */
	uint8_t count;
	uint32_t joined;            /* bit i: value i was behind a colon */
	uint32_t value[TRACK_PARAMS_MAX];

	bool at_start;              /* cursor in the first column */
	bool is_dirty;              /* there may be text on its row */
	uint64_t changed;           /* modes that are not as they should be: bits of the table */
	uint64_t touched;           /* modes that ever were not */
	uint16_t kitty_depth[2];    /* flags pushed on the main and the alternate screen */

	struct bottom *bottom;      /* not owned; told of all while the alternate screen is on */
	struct track_ear ear;       /* may be empty */
	size_t used;                /* bytes of the present track_feed() up to the event */
};

/* bottom may be NULL. */
void track_init(struct track *t, struct bottom *bottom);
void track_feed(struct track *t, const uint8_t *in, size_t len);

/* Not inside a sequence or a character: other bytes may go in between. */
bool track_is_between(const struct track *t);

/* The guest has an alternate screen. */
bool track_is_alternate(const struct track *t);

/* Bits of `changed` that a painter has to know; track.c asserts that they are the table's. */
enum {
	TRACK_SYNC = 14, TRACK_ORIGIN = 20, TRACK_WRAP = 21, TRACK_MARGINS = 23,
	TRACK_INSERT = 25, TRACK_KEYPAD = 28,
};
#define TRACK_BIT(n) (UINT64_C(1) << (n))
#define TRACK_MOUSE (UINT64_C(0x1ff) << 3)     /* all that have to do with the mouse */

/*
 * Appends what switches the modes that differ from those of `from` to those of `to` (both
 * as in `changed`). The alternate screen is left out, and so is what is more than on or off.
 */
void track_carry(struct buf *out, uint64_t from, uint64_t to);

/*
 * Appends what puts the terminal back as it was. is_sure: all bytes reached the
 * terminal; otherwise some were dropped and every mode ever touched is put back.
 * 0, or -1: out is full. The tracker starts anew.
 */
int track_reset(struct track *t, struct buf *out, bool is_sure);

#endif
