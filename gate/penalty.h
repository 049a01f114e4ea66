/* SPDX-License-Identifier: ISC */
/*
 * What sources owe for failed logins. A debt is a time: each failure adds to it, it
 * wears off as time passes, and it never exceeds a most. The table is bounded; when it
 * is full the source that failed longest ago is forgotten. Pure: time is passed in.
 */
#ifndef GATE_PENALTY_H
#define GATE_PENALTY_H

#include <stddef.h>
#include <stdint.h>

#include "gate/source.h"

enum { PENALTY_SOURCES_MAX = 4096 };

struct penalty_row {
	struct source source;
	uint64_t until;  /* ms: when nothing is left of it */
	uint64_t added;  /* ms: the last failure */
};

struct penalty_table {
	struct penalty_row rows[PENALTY_SOURCES_MAX];
	size_t count;
};

/* One more failure of s at `now`: adds `add` ms, to at most `most` ms from now. */
void penalty_add(struct penalty_table *t, const struct source *s, uint64_t now, uint64_t add,
		 uint64_t most);

/* The ms that s still owes at `now`. */
uint64_t penalty_left(const struct penalty_table *t, const struct source *s, uint64_t now);

#endif
