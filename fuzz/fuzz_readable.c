/* SPDX-License-Identifier: ISC */
/* Any bytes become printable lines within their bound, the same ones however they are split. */
#include <stdlib.h>
#include <string.h>

#include "terminal/readable.h"

static void read_all(struct buf *out, const uint8_t *data, size_t size, size_t step)
{
	static struct readable r;

	readable_init(&r);
	for (size_t used = 0; used < size;) {
		size_t n = size - used < step ? size - used : step;
		enum readable_event event;

		used += readable_feed(&r, data + used, n, &event);
		if (event == READABLE_LINE || event == READABLE_CUT) {
			readable_text(&r, out);
			buf_append_str(out, event == READABLE_LINE ? "\n" : "|\n");
		}
		if (r.len > READABLE_COLUMNS_MAX + 16)
			abort();
	}
	if (!r.is_over)
		readable_text(&r, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, split;

	buf_init(&whole, SIZE_MAX);
	buf_init(&split, SIZE_MAX);
	read_all(&whole, data, size, SIZE_MAX);
	read_all(&split, data, size, 1);
	if (whole.len != split.len || (whole.len && memcmp(whole.data, split.data, whole.len) != 0))
		abort();
	for (size_t i = 0; i < whole.len; i++)
		if ((whole.data[i] < 0x20 && whole.data[i] != '\n') || whole.data[i] == 0x7f)
			abort();
	buf_free(&whole);
	buf_free(&split);
	return 0;
}
