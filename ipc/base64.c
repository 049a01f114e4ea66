/* SPDX-License-Identifier: ISC */
/* See base64.h. */
#include "ipc/base64.h"

#include <string.h>

static int value_of(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* How many '=' end the text: 0 to 2. */
static size_t padding(const char *text, size_t len)
{
	size_t n = 0;

	while (n < 2 && n < len && text[len - 1 - n] == '=')
		n++;
	return n;
}

long base64_decode(uint8_t *out, size_t size, const char *text)
{
	size_t len = strlen(text);
	size_t digits = len - padding(text, len);
	uint32_t bits = 0;
	unsigned held = 0;
	size_t n = 0;

	if (len % 4 != 0)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		int v = value_of(text[i]);

		if (v < 0)
			return -1;
		bits = bits << 6 | (uint32_t)v;
		held += 6;
		if (held < 8)
			continue;
		if (n == size)
			return -1;
		held -= 8;
		out[n++] = (uint8_t)(bits >> held);
	}
	/* Bits beyond the last byte are zero, or two texts would mean one key. */
	return bits & ((1u << held) - 1) ? -1 : (long)n;
}
