/* SPDX-License-Identifier: ISC */
/* From a place as it was asked for (enum position_kind) to an offset in a ring. Pure. */
#ifndef CONSOLE_POSITION_H
#define CONSOLE_POSITION_H

#include <stdint.h>

#include "console/ring.h"
#include "ipc/message.h"

enum {
	POSITION_SCREEN_LINES = 24,  /* a screenful for a newcomer, */
	POSITION_SCREEN_BYTES = 4096,/* no more than that */
};

#define POSITION_UNKNOWN UINT64_MAX  /* missed: of another epoch, so nobody knows */
#define POSITION_NEVER UINT64_MAX    /* left: this user was never here */

struct place {
	uint64_t offset;             /* kept, or the head */
	uint64_t missed;             /* bytes before it that were asked for too, POSITION_UNKNOWN */
	enum position_kind kind;     /* what was found in the end */
};

/* left: where the user who asks left, or POSITION_NEVER. */
struct place position_find(const struct ring *r, uint64_t epoch, const struct position *p,
			   uint64_t left);

#endif
