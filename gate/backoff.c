/* SPDX-License-Identifier: ISC */
/* See backoff.h. */
#include "gate/backoff.h"

uint64_t backoff_next(struct backoff *b, uint64_t lived)
{
	uint64_t wait = lived >= BACKOFF_GOOD_LIFE ? 0 : b->next;

	b->next = wait == 0 ? BACKOFF_FIRST : wait * 2;
	if (b->next > BACKOFF_MOST)
		b->next = BACKOFF_MOST;
	return wait;
}
