/* SPDX-License-Identifier: ISC */
/* See spell.h. Pure. */
#include "terminal/spell.h"

#include <ctype.h>
#include <string.h>

static uint8_t digit(char c)
{
	return (uint8_t)(isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

int spell_read(uint8_t *out, size_t *len, const char *text)
{
	static const char names[] = "rnte\\", bytes[] = "\r\n\t\033\\";
	const char *at = text, *name;
	size_t n = 0;

	while (*at) {
		if (at[0] != '\\' || !at[1]) {
			out[n++] = (uint8_t)*at++;
			continue;
		}
		name = strchr(names, at[1]);
		if (name) {
			out[n++] = (uint8_t)bytes[name - names];
			at += 2;
		} else if (at[1] != 'x') {
			out[n++] = (uint8_t)*at++;
		} else if (isxdigit((unsigned char)at[2]) && isxdigit((unsigned char)at[3])) {
			out[n++] = (uint8_t)(digit(at[2]) << 4 | digit(at[3]));
			at += 4;
		} else {
			*len = (size_t)(at - text);
			return -1;
		}
	}
	*len = n;
	return 0;
}
