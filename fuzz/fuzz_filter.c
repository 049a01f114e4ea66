/* SPDX-License-Identifier: ISC */
/*
 * A hostile guest's output in a replay: what passes would pass again unchanged, nothing of it
 * makes a terminal answer, and a terminal that saw it has nothing left to put back.
 */
#include <stdlib.h>
#include <string.h>

#include "terminal/filter.h"
#include "terminal/screen/track.h"

static void feed(struct filter *f, const uint8_t *data, size_t size, size_t step, struct buf *out)
{
	for (size_t used = 0; used < size; used += step)
		if (filter_feed(f, data + used, size - used < step ? size - used : step, out) < 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size ? data[0] % 9 + 1u : 1;
	struct buf out, again;
	struct track track;
	struct filter f;

	buf_init(&out, 1 << 22);
	buf_init(&again, 1 << 22);
	filter_init(&f, size % 5 ? FILTER_REPLAY : FILTER_STRICT);
	feed(&f, data, size, step, &out);
	if (f.kind == FILTER_REPLAY) {
		for (size_t i = 0; i < out.len; i++)
			if (out.data[i] == 0x05 || (out.data[i] == 0x1b && i + 1 < out.len &&
						    strchr("]P_^XZc=> %#", out.data[i + 1])))
				abort();
		filter_end(&f, &out);
		track_init(&track, NULL);
		track_feed(&track, out.data, out.len);
		if (track.changed || track.kitty_depth[0])
			abort();
	}
	filter_init(&f, (enum filter_kind)f.kind);
	feed(&f, out.data, out.len, 7, &again);
	if (again.len > out.len || (again.len && memcmp(out.data, again.data, again.len) != 0))
		abort();
	buf_free(&out);
	buf_free(&again);
	return 0;
}
