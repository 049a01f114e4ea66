/* SPDX-License-Identifier: ISC */
/* See scroll.h. Pure. */
#include "terminal/screen/scroll.h"

#include <string.h>

enum {
	GAIN_LEAST = 3,         /* rows that must be saved */
	ROWS_MOST = 256,        /* in a higher window it is not looked for: the search is quadratic */
};

static uint64_t row_hash(const struct picture *p, unsigned row)
{
	const struct glyph *g = picture_row(p, row);
	uint64_t h = 0;

	for (unsigned col = 0; col < p->cols; col++) {
		uint32_t words[sizeof(*g) / 4];

		memcpy(words, &g[col], sizeof(words));
		for (size_t i = 0; i < sizeof(words) / 4; i++)
			h = (h ^ words[i]) * UINT64_C(0x100000001b3) + 1;
	}
	return h;
}

/* How many rows more would be right if the screen had scrolled up by n. */
static int gain_of(const uint64_t *shown, const uint64_t *now, unsigned rows, unsigned n)
{
	int gain = 0;

	for (unsigned r = 0; r < rows; r++)
		gain += (r + n < rows && shown[r + n] == now[r]) - (shown[r] == now[r]);
	return gain;
}

/* By hashes: two rows that are taken for the same cost a few bytes, no more. */
unsigned scroll_best(const struct picture *shown, const struct picture *now)
{
	uint64_t from[ROWS_MOST], to[ROWS_MOST];
	int most = GAIN_LEAST - 1;
	unsigned best = 0;

	if (now->rows > ROWS_MOST)
		return 0;
	for (unsigned r = 0; r < now->rows; r++) {
		from[r] = row_hash(shown, r);
		to[r] = row_hash(now, r);
	}
	for (unsigned n = 1; n < now->rows; n++) {
		int gain = gain_of(from, to, now->rows, n);

		if (gain > most) {
			most = gain;
			best = n;
		}
	}
	return best;
}
