/* SPDX-License-Identifier: ISC */
/* See penalty.h. */
#include "gate/penalty.h"

static struct penalty_row *row_for(struct penalty_table *t, const struct source *s, uint64_t now)
{
	struct penalty_row *oldest = &t->rows[0];
	struct penalty_row *row;

	for (size_t i = 0; i < t->count; i++) {
		row = &t->rows[i];
		if (source_is_equal(&row->source, s))
			return row;
		if (row->added < oldest->added)
			oldest = row;
	}
	row = t->count < PENALTY_SOURCES_MAX ? &t->rows[t->count++] : oldest;
	*row = (struct penalty_row){ .source = *s, .until = now, .added = now };
	return row;
}

void penalty_add(struct penalty_table *t, const struct source *s, uint64_t now, uint64_t add,
		 uint64_t most)
{
	struct penalty_row *row = row_for(t, s, now);

	if (row->until < now)
		row->until = now;
	row->until += add;
	if (row->until > now + most)
		row->until = now + most;
	row->added = now;
}

uint64_t penalty_left(const struct penalty_table *t, const struct source *s, uint64_t now)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct penalty_row *row = &t->rows[i];

		if (source_is_equal(&row->source, s))
			return row->until > now ? row->until - now : 0;
	}
	return 0;
}
