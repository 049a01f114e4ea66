/* SPDX-License-Identifier: ISC */
/*
 * The nearest of some words to a mistyped one. options.c calls it to explain
 * an unknown section or key. It never allocates.
 */
#include "config/nearest.h"

#include <string.h>

#define WORD_MAX 64

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours; both words are at most WORD_MAX long. */
static unsigned distance(const char *a, const char *b)
{
	unsigned cost[WORD_MAX + 1][WORD_MAX + 1];
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

const char *nearest_find(const char *word, const char *const *words, size_t count)
{
	const char *best = NULL;
	size_t length = strlen(word);
	unsigned best_distance = WORD_MAX;

	if (length > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(words[i]);
		unsigned found;

		if (other > WORD_MAX)
			continue;
		found = distance(word, words[i]);
		if (found < best_distance && found * 3 <= (length > other ? length : other)) {
			best = words[i];
			best_distance = found;
		}
	}
	return best;
}
