/* SPDX-License-Identifier: ISC */
/* The ring under any writes, boots and places asked for: what it gives is what was written. */
#include <stdlib.h>

#include "console/position.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t piece[8192];
	struct ring r;
	uint64_t time = 0;

	if (size < 2 || ring_init(&r, 64 + 32u * data[0], data[1] % 5) < 0)
		return 0;
	for (size_t i = 2; i + 2 < size; i += 3) {
		struct position p = { data[i] >> 4, 0, data[i + 1] * (uint64_t)data[i + 2] };
		uint64_t cursor, gap, held = ring_held(&r);
		const uint8_t *got;
		size_t n = data[i] & 1 ? (size_t)data[i + 1] * 32 : data[i + 2];

		time += (data[i] & 2) * 300;
		if (data[i] & 4)
			ring_boot(&r, r.head, time);
		for (size_t k = 0; k < n; k++)
			piece[k] = (uint8_t)((r.head + k) * 2654435761u >> 13);
		ring_write(&r, piece, n, time);
		cursor = position_find(&r, 0, &p, p.value).offset;
		if (cursor != ring_kept_from(&r, cursor) || cursor > r.head)
			abort();
		while ((n = ring_peek(&r, &cursor, &gap, &got)) > 0)
			for (size_t k = 0; k < n; k++, cursor++)
				if (got[k] != (uint8_t)(cursor * 2654435761u >> 13))
					abort();
		if (cursor != r.head || ring_held(&r) + RING_PART < held)
			abort();
	}
	ring_free(&r);
	return 0;
}
