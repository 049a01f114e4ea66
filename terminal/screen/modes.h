/* SPDX-License-Identifier: ISC */
/*
 * The modes of a terminal that are more than on or off: scroll region and margins,
 * character sets, tab stops, the saved cursor, the cursor's shape, the keyboard protocols,
 * the title. Fed with what track.h's parser hears; paint.c carries them over. Pure.
 *
 * Sources: ECMA-48, xterm's ctlseqs, kitty's keyboard protocol.
 */
#ifndef TERMINAL_SCREEN_MODES_H
#define TERMINAL_SCREEN_MODES_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "terminal/screen/style.h"
#include "terminal/screen/track.h"

enum {
	MODES_KITTY_DEPTH = 8,       /* flags pushed; deeper ones fall off at the bottom */
	MODES_TITLE_SIZE = 128,
	MODES_TABS = 1000,           /* columns */
};

struct modes_sets {
	uint8_t set[4];              /* G0 to G3: 0 line drawings, A British, B all others */
	uint8_t shift;               /* which of them text is in */
};

struct modes_saved {
	uint16_t row, col;           /* from 0 */
	bool is_pending;             /* the next character wraps first */
	struct style pen;
	struct modes_sets sets;
};

struct modes_kitty {
	uint8_t flags[MODES_KITTY_DEPTH];
	uint8_t depth;               /* of what was pushed: flags[depth] is in force */
};

struct modes {
	uint16_t top, end;           /* scroll region, from 1; 0: the whole screen */
	uint16_t left, right;        /* margins, from 1; 0: none */
	struct modes_sets sets;
	bool uses_sets;              /* any was ever named or shifted to */
	struct modes_saved saved[2]; /* of the main and the alternate screen */
	uint8_t cursor_shape;        /* as DECSCUSR has it */
	uint8_t other_keys;          /* xterm's modifyOtherKeys */
	uint16_t mouse[2];           /* what it tells, and how: the mode set last; 0: one was reset */
	struct modes_kitty kitty[2];
	uint32_t tabs[(MODES_TABS + 31) / 32];    /* a bit for each stop */
	char title[MODES_TITLE_SIZE];             /* "": never set */
};

void modes_init(struct modes *m);

/* A private mode was switched. */
void modes_switch(struct modes *m, uint32_t number, bool is_on);

/* DECSTBM as t has parsed it, from 1. False: no region, so nothing happens. */
bool modes_region(const struct track *t, unsigned rows, uint32_t *top, uint32_t *end);

/* A CSI as t has parsed it (rows: of the screen, col: the cursor, from 0), a charset. */
void modes_csi(struct modes *m, const struct track *t, uint8_t final, unsigned rows, unsigned col);
void modes_charset(struct modes *m, const struct track *t, uint8_t final);
void modes_set_title(struct modes *m, const char *text, size_t len);

bool modes_is_tab(const struct modes *m, unsigned col);
void modes_set_tab(struct modes *m, unsigned col, bool is_on);

/* What acts on keys, and the title: appended where the two differ. */
void modes_carry(struct buf *out, const struct modes *from, const struct modes *to,
		 bool is_alternate);

/* Appends what makes `from` be `to` where they differ. */
void modes_carry_sets(struct buf *out, const struct modes_sets *from, const struct modes_sets *to);

#endif
