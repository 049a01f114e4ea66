/* SPDX-License-Identifier: ISC */
/*
 * What the files of the screen share: screen.c takes the bytes apart, screen_draw.c draws
 * what libvterm says, screen_follow.c acts on sequences. Only these include it.
 */
#ifndef TERMINAL_SCREEN_SCREEN_INNER_H
#define TERMINAL_SCREEN_SCREEN_INNER_H

#include <vterm.h>

#include "terminal/screen/screen.h"

enum { OSC_KEEP = 160 };             /* bytes of an OSC: a title longer than that is cut */

struct screen {
	VTerm *vt;
	VTermState *state;
	struct track track;
	struct picture now;
	const uint8_t *in;           /* of the present feed */
	size_t fed;                  /* how much of it was dealt with */
	bool is_mute;                /* what libvterm draws is not to be drawn */
	uint8_t muted;               /* what began a sequence that libvterm does not get; 0 none */
	uint8_t part[4];             /* of a UTF-8 character that has not all come */
	size_t part_len;
	uint32_t point;              /* the character that libvterm was given another for */
	uint8_t last[4];             /* the character just printed, if nothing came between */
	size_t last_len;
	unsigned at_row, at_col;     /* where that is */
	char osc[OSC_KEEP];
	size_t osc_len;
};

extern const VTermStateCallbacks screen_callbacks;

/* For libvterm: ASCII. */
void screen_write(struct screen *s, const char *text);

/* Everything up to there to libvterm, or to where it is kept while muted. */
void screen_catch_up(struct screen *s, size_t end);

/* REP: libvterm's ends at the end of the row. */
void screen_repeat(struct screen *s, uint32_t count);

/* A wide character ends the row: libvterm's cursor is in the first column of it. */
void screen_end_wide(struct screen *s);

/* After a line feed it does not: in the last row libvterm's still would. */
void screen_end_wait(struct screen *s);

/* The region is the whole screen again; the cursor stays. */
void screen_forget_region(struct screen *s);

/* A track_ear. */
void screen_hear(void *who, const struct track *t, enum track_event event, uint8_t final);

#endif
