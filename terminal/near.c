/* SPDX-License-Identifier: ISC */
/* See near.h. Pure. */
#include "terminal/near.h"

#include <stddef.h>
#include <string.h>

/* Levenshtein's distance. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NEAR_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na >= NEAR_MAX || nb >= NEAR_MAX)
		return NEAR_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = corner + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = row[j];
			row[j] = best;
		}
	}
	return row[nb];
}

bool near_is(const char *typed, const char *meant, unsigned *best)
{
	unsigned d = distance(typed, meant);

	if (d >= *best || d > 1 + strlen(meant) / 4 || d >= strlen(meant))
		return false;
	*best = d;
	return true;
}
