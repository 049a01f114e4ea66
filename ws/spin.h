/* SPDX-License-Identifier: ISC */
/* Notices when a library's loop comes back at once, again and again, with nothing. Pure. */
#ifndef WS_SPIN_H
#define WS_SPIN_H

#include <stdbool.h>
#include <time.h>

enum { SPIN_MAX = 20000 };     /* turns without an event, in one second */

struct spin {
	unsigned turns;
	time_t second;
};

/* After each turn; now: seconds of any clock. True: it is going round in circles. */
bool spin_turn(struct spin *s, bool had_event, time_t now);

#endif
