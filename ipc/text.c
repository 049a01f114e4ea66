/* SPDX-License-Identifier: ISC */
/* See text.h. */
#include "ipc/text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* Code points that print nothing, break lines or turn the direction of text. */
static const struct { uint32_t first, last; } hidden[] = {
	{ 0x00, 0x1f }, { 0x7f, 0x9f },
	{ 0xad, 0xad },                          /* soft hyphen */
	{ 0x061c, 0x061c },                      /* Arabic letter mark */
	{ 0x115f, 0x1160 }, { 0x3164, 0x3164 },  /* Hangul fillers */
	{ 0x180e, 0x180e },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e },  /* zero width, marks, separators, bidi */
	{ 0x2060, 0x206f }, { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff }, { 0xfff0, 0xfffb },
	{ 0xe0000, 0xe0fff },                    /* tags, variation selectors */
	{ 0xd800, 0xdfff },
};

static bool is_hidden(uint32_t point)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (point >= hidden[i].first && point <= hidden[i].last)
			return true;
	return false;
}

size_t text_decode(uint32_t *point, const uint8_t *in, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n;
	uint32_t p;

	if (len == 0)
		return 0;
	if (in[0] < 0x80) {
		*point = in[0];
		return 1;
	}
	n = (in[0] & 0xe0) == 0xc0 ? 2 : (in[0] & 0xf0) == 0xe0 ? 3 : (in[0] & 0xf8) == 0xf0 ? 4 : 0;
	if (n == 0 || n > len)
		return 0;
	p = in[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		p = p << 6 | (in[i] & 0x3fu);
	}
	if (p < least[n] || p > 0x10ffff || (p >= 0xd800 && p <= 0xdfff))
		return 0;
	*point = p;
	return n;
}

static size_t escape(char *out, size_t size, const char *in, size_t len, bool ascii)
{
	const uint8_t *at = (const uint8_t *)in;
	size_t used = 0;

	if (size == 0)
		return 0;
	while (len) {
		char piece[12];
		uint32_t point;
		size_t n = text_decode(&point, at, len);
		int plen;

		if (n == 0) {
			plen = snprintf(piece, sizeof(piece), "\\x%02x", at[0]);
			n = 1;
		} else if (point < 0x20 || point == 0x7f) {
			plen = snprintf(piece, sizeof(piece), "\\x%02x", (unsigned)point);
		} else if (is_hidden(point) || (ascii && point > 0x7e)) {
			plen = snprintf(piece, sizeof(piece), "\\u{%x}", (unsigned)point);
		} else {
			memcpy(piece, at, n);
			plen = (int)n;
		}
		if (used + (size_t)plen >= size)
			break;
		memcpy(out + used, piece, (size_t)plen);
		used += (size_t)plen;
		at += n;
		len -= n;
	}
	out[used] = '\0';
	return used;
}

size_t text_escape(char *out, size_t size, const char *in, size_t len)
{
	return escape(out, size, in, len, false);
}

size_t text_escape_ascii(char *out, size_t size, const char *in, size_t len)
{
	return escape(out, size, in, len, true);
}

static size_t columns_of(const uint8_t *at, size_t len, size_t *bytes)
{
	uint32_t point;
	int w;

	*bytes = text_decode(&point, at, len);
	if (*bytes == 0) {
		*bytes = 1;
		return 1;
	}
	w = wcwidth((wchar_t)point);
	return w < 0 ? 1 : (size_t)w;
}

size_t text_fit(const char *s, size_t columns)
{
	size_t len = strlen(s);
	size_t used = 0, col = 0;

	while (used < len) {
		size_t n;
		size_t w = columns_of((const uint8_t *)s + used, len - used, &n);

		if (col + w > columns)
			break;
		col += w;
		used += n;
	}
	return used;
}

size_t text_columns(const char *s)
{
	size_t len = strlen(s);
	size_t col = 0;

	for (size_t used = 0, n; used < len; used += n)
		col += columns_of((const uint8_t *)s + used, len - used, &n);
	return col;
}
