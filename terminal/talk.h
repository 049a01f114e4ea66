/* SPDX-License-Identifier: ISC */
/*
 * Our own lines among the guest's bytes on a person's terminal. Guest bytes pass as they
 * are; a line of ours waits until no sequence and no character is cut by it, and stands
 * on a line of its own, or on the bottom row while the guest has an alternate screen.
 * Also puts the terminal back at the end. Pure: writes into a buffer.
 */
#ifndef TERMINAL_TALK_H
#define TERMINAL_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "terminal/screen/bottom.h"
#include "terminal/screen/track.h"

enum {
	TALK_WAIT_MS = 250,      /* how long a line waits for a sequence to end */
	TALK_SHOWN_MS = 4000,    /* how long it stays on the bottom row */
	TALK_WAITING_MAX = 65536,
};

struct talk {
	struct buf *out;
	struct track track;
	struct bottom bottom;    /* the guest's row under our line */
	bool is_utf8;
	bool has_bottom;         /* a line of ours is on the bottom row */
	struct buf waiting;      /* lines, LF after each */
};

void talk_init(struct talk *t, struct buf *out, unsigned rows, unsigned cols, bool is_utf8);
void talk_free(struct talk *t);
void talk_resize(struct talk *t, unsigned rows, unsigned cols);

/* Bytes of the guest. 0, or -1: out is full. */
int talk_guest(struct talk *t, const uint8_t *data, size_t len);

/* Lines of ours, LF after each, escaped: shown now or as soon as they may. */
void talk_lines(struct talk *t, const char *lines, size_t len);

/* How many rows such a line takes: one that is too long is broken between words. */
size_t talk_rows(const struct talk *t, const char *line, size_t len);

/* Lines wait: call talk_press() when TALK_WAIT_MS pass; it breaks off the guest's sequence. */
bool talk_is_waiting(const struct talk *t);
void talk_press(struct talk *t);

/* Takes our line off the bottom row again. */
void talk_clear_bottom(struct talk *t);

/* The person leaves: is_sure as track_reset() has it. */
void talk_leave(struct talk *t, bool is_sure);

#endif
