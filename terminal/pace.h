/* SPDX-License-Identifier: ISC */
/*
 * Types slowly: a line at a time, and the next one when the guest has echoed it. A guest
 * without flow control loses what comes faster than it reads; one that does not echo gets
 * a short time for each line instead. The session owns what is to be typed, sends what
 * pace_next() says, shows this file the guest's output and keeps the time. Pure.
 */
#ifndef TERMINAL_PACE_H
#define TERMINAL_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PACE_PIECE_MAX = 128,    /* bytes at a time of a line that is longer */
	PACE_ECHO_MS = 4000,     /* a guest that echoes gets so long for a line */
	PACE_SILENT_MS = 150,    /* one that does not */
};

struct pace {
	bool is_on;
	bool is_ending;          /* no more is coming */
	bool has_echo;           /* the guest has echoed, and did not fail to since */
	uint64_t lines, bytes;   /* sent */
	int64_t due;             /* ms: then what was sent is given up waiting for; -1 nothing is */
	uint8_t wanted[PACE_PIECE_MAX];
	size_t len, got;         /* of wanted; how much of it has come */
};

void pace_begin(struct pace *p);

/* How many of the bytes that wait may be sent now. */
size_t pace_next(const struct pace *p, const uint8_t *typed, size_t len);
void pace_sent(struct pace *p, const uint8_t *data, size_t len, int64_t now);

/* The guest's output; and that time has passed. True: there may be more to send. */
bool pace_output(struct pace *p, const uint8_t *data, size_t len);
bool pace_tick(struct pace *p, int64_t now);

#endif
