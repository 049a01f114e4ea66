/* SPDX-License-Identifier: ISC */
/*
 * How often a refusal is logged: each reason at most once a second, with the number of
 * connections since its last line; nothing is left uncounted. Pure.
 */
#ifndef GATE_TALLY_H
#define GATE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "gate/limits.h"

enum { TALLY_MS = 1000 };

struct tally {
	unsigned count[LIMITS_VERDICTS];     /* not yet logged */
	uint64_t silent_until[LIMITS_VERDICTS];
};

/* One more. */
void tally_add(struct tally *t, enum limits_verdict why);

/* How many to write a line for at `now`; 0: none, or its second is not over. */
unsigned tally_take(struct tally *t, enum limits_verdict why, uint64_t now);

/* Whether some are left to be logged later. */
bool tally_is_waiting(const struct tally *t);

#endif
