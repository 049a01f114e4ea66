/* SPDX-License-Identifier: ISC */
/* See tally.h. */
#include "gate/tally.h"

#include <limits.h>

void tally_add(struct tally *t, enum limits_verdict why)
{
	if (t->count[why] < UINT_MAX)
		t->count[why]++;
}

unsigned tally_take(struct tally *t, enum limits_verdict why, uint64_t now)
{
	unsigned n = t->count[why];

	if (n == 0 || now < t->silent_until[why])
		return 0;
	t->count[why] = 0;
	t->silent_until[why] = now + TALLY_MS;
	return n;
}

bool tally_is_waiting(const struct tally *t)
{
	for (int i = 0; i < LIMITS_VERDICTS; i++)
		if (t->count[i])
			return true;
	return false;
}
