/* SPDX-License-Identifier: ISC */
/*
 * An expression of a stranger and, behind the first LF, what a console prints: no match
 * without the literal, every match within the text.
 */
#include <stdlib.h>
#include <string.h>

#include "terminal/expect.h"

static bool found(void *who, const char *line, size_t len)
{
	if (memchr(line, '\n', len))
		abort();
	return ++*(unsigned *)who < 100;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct expect e;
	const uint8_t *end = size ? memchr(data, '\n', size < 40 ? size : 40) : NULL;
	char why[EXPRESSION_WHY_SIZE] = "", text[41] = "";
	struct expression x;
	unsigned hits = 0;

	if (!end)
		return 0;
	memcpy(text, data, (size_t)(end - data));
	if (expression_compile(&x, text, why) < 0) {
		if (!*why || strpbrk(why, "\n\033"))
			abort();
		return 0;
	}
	size -= (size_t)(end - data);
	expect_init(&e, &x, size % 2);
	expect_feed(&e, end, size / 2, 0, found, &hits);
	expect_feed(&e, end + size / 2, size - size / 2, 0, found, &hits);
	expect_tick(&e, INT64_MAX, found, &hits);
	expect_free(&e);
	expression_free(&x);
	return 0;
}
