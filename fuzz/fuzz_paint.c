/* SPDX-License-Identifier: ISC */
/*
 * Whatever a guest prints: painted at any moment, in frames of any size, the visitor's
 * terminal ends up like the guest's screen. First byte: sizes; then pieces behind a
 * length each, whose low bits say whether a frame follows and how large.
 */
#include <locale.h>
#include <stdlib.h>

#include "terminal/screen/paint.h"
#include "terminal/screen/screen.h"
#include "tests/picture_same.h"

static bool show(struct paint *p, struct screen *guest, struct screen *visitor, size_t limit)
{
	struct buf out;
	bool done;

	buf_init(&out, 1 << 20);
	done = paint_frame(p, screen_picture(guest), &out, limit);
	screen_feed(visitor, out.data, out.len);
	buf_free(&out);
	return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct screen *guest, *visitor;
	struct paint p = { 0 };
	const char *difference;

	if (size < 2 || !setlocale(LC_CTYPE, "C.UTF-8"))
		return 0;
	guest = screen_new(2 + data[0] % 8, 4 + data[0] / 8);
	visitor = screen_new(2 + data[0] % 8, 4 + data[0] / 8);
	paint_begin(&p, screen_picture(visitor), data[1] & 1);
	for (size_t i = 1; i < size;) {
		size_t n = data[i] / 4, left = size - i - 1;

		screen_feed(guest, data + i + 1, n < left ? n : left);
		if (data[i] & 3)
			show(&p, guest, visitor, (data[i] & 3) * 50u);
		i += 1 + n;
	}
	for (int i = 0; !show(&p, guest, visitor, 1000); i++)
		if (i == 1000)
			abort();
	difference = picture_difference(screen_picture(guest), screen_picture(visitor));
	if (difference) {
		fprintf(stderr, "differs: %s\n", difference);
		abort();
	}
	paint_free(&p);
	screen_free(guest);
	screen_free(visitor);
	return 0;
}
