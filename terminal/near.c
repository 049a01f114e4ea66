/* SPDX-License-Identifier: ISC */
/* See near.h. Pure. */
#include "terminal/near.h"

#include <stddef.h>
#include <string.h>

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, where two letters in the wrong order count as one change. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NEAR_MAX + 1][NEAR_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na >= NEAR_MAX || nb >= NEAR_MAX)
		return NEAR_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		row[i][0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = row[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			best = least(best, least(row[i - 1][j], row[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = least(best, row[i - 2][j - 2] + 1);
			row[i][j] = best;
		}
	}
	return row[na][nb];
}

bool near_is(const char *typed, const char *meant, unsigned *best)
{
	unsigned d = distance(typed, meant);

	if (d >= *best || d > 1 + strlen(meant) / 4 || d >= strlen(meant))
		return false;
	*best = d;
	return true;
}
