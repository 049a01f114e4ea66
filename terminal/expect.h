/* SPDX-License-Identifier: ISC */
/*
 * Looks for an expression in what a console prints, line by line: in readable text or, raw,
 * in the bytes; across pieces, and on the last line before it is at its end, as a prompt has
 * none. A line that fits before its end gets a short time for the rest of it. Pure: the time
 * comes from the caller.
 */
#ifndef TERMINAL_EXPECT_H
#define TERMINAL_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "terminal/expression.h"
#include "terminal/readable.h"

enum {
	EXPECT_BLOCK = 32768,        /* bytes of lines that are looked at together */
	EXPECT_SETTLE_MS = 100,      /* for the rest of a line that fits already */
	EXPECT_OVERLAP = 1024,       /* of a line that is too long, looked at with its next piece */
};

struct expect {
	struct expression *expression;       /* not owned: several may look for the same */
	bool is_raw;
	struct readable readable;
	struct buf block;            /* lines that were not looked at, LF after each */
	struct buf carry;            /* the end of the last piece of a line that is too long */
	bool is_held;                /* the last line fits; it is told when it is whole, or at due */
	struct buf held;             /* as it stood then */
	int64_t due;                 /* ms; -1 nothing is held */
	bool is_told;                /* of this line: what is still to come of it is not looked at */
	bool is_failed;              /* there was no memory for it */
};

/* A line that fits, without its LF. False: enough. */
typedef bool expect_found(void *who, const char *line, size_t len);

void expect_init(struct expect *e, struct expression *expression, bool is_raw);
void expect_free(struct expect *e);

/* Looks at all of it, unless found() has enough: then what is left is dropped. */
void expect_feed(struct expect *e, const uint8_t *data, size_t len, int64_t now,
		 expect_found *found, void *who);

/* Tells what is held when it is due; at once, with INT64_MAX. */
void expect_tick(struct expect *e, int64_t now, expect_found *found, void *who);

/* Something is missing here: what stands before it and what follows are two lines. */
void expect_break(struct expect *e, expect_found *found, void *who);

#endif
