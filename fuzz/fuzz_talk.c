/* SPDX-License-Identifier: ISC */
/*
 * A hostile guest's output with our lines among it: its bytes all pass, in order, and putting
 * the terminal back leaves nothing to put back.
 */
#include <stdlib.h>
#include <string.h>

#include "terminal/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size ? data[0] % 9 + 1u : 1, at = 0;
	struct track again;
	struct talk t;
	struct buf out;

	buf_init(&out, 1 << 22);
	talk_init(&t, &out, 24, 80, true);
	for (size_t used = 0; used < size; used += step) {
		size_t n = size - used < step ? size - used : step;

		talk_guest(&t, data + used, n);
		if (used % 5 == 0)
			talk_lines(&t, "[gate: us]\n", 11);
		if (used % 17 == 0)
			talk_press(&t);
		if (used % 13 == 0)
			talk_clear_bottom(&t);
	}
	for (size_t i = 0; i < out.len && at < size; i++)
		at += out.data[i] == data[at];
	if (at != size)
		abort();
	talk_leave(&t, size % 2);
	track_init(&again, NULL);
	track_feed(&again, out.data, out.len);
	if (again.changed || again.kitty_depth[0] || again.kitty_depth[1] ||
	    !track_is_between(&again))
		abort();
	talk_free(&t);
	buf_free(&out);
	return 0;
}
