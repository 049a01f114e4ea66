/* SPDX-License-Identifier: ISC */
/* See nearest.h. */
#include "ipc/nearest.h"

#include <string.h>

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Both words are at most NEAREST_NONE long. */
static unsigned distance(const char *a, const char *b)
{
	unsigned cost[NEAREST_NONE + 1][NEAREST_NONE + 1];
	size_t a_length = strlen(a), b_length = strlen(b);

	for (size_t i = 0; i <= a_length; i++) {
		for (size_t j = 0; j <= b_length; j++) {
			if (i == 0 || j == 0) {
				cost[i][j] = (unsigned)(i + j);
				continue;
			}
			cost[i][j] = smaller(cost[i - 1][j], cost[i][j - 1]) + 1;
			cost[i][j] =
				smaller(cost[i][j], cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost[i][j] = smaller(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	}
	return cost[a_length][b_length];
}

bool nearest_is(const char *typed, const char *meant, unsigned *best)
{
	size_t a = strlen(typed), b = strlen(meant);
	unsigned found;

	if (a > NEAREST_NONE || b > NEAREST_NONE)
		return false;
	found = distance(typed, meant);
	if (found >= *best || found * 3 > (a > b ? a : b))
		return false;
	*best = found;
	return true;
}
