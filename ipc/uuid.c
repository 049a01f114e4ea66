/* SPDX-License-Identifier: ISC */
/* See uuid.h. */
#include "ipc/uuid.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool has_dash_before(int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_write(char out[static UUID_TEXT_SIZE], const uint8_t uuid[UUID_SIZE])
{
	char *at = out;

	for (int i = 0; i < UUID_SIZE; i++)
		at += sprintf(at, has_dash_before(i) ? "-%02x" : "%02x", uuid[i]);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int uuid_parse(uint8_t uuid[static UUID_SIZE], const char *text)
{
	if (strnlen(text, UUID_TEXT_SIZE) != UUID_TEXT_SIZE - 1)
		return -1;
	for (int i = 0, at = 0; i < UUID_SIZE; i++, at += 2) {
		int high, low;

		if (has_dash_before(i) && text[at++] != '-')
			return -1;
		high = hex((char)tolower((unsigned char)text[at]));
		low = hex((char)tolower((unsigned char)text[at + 1]));
		if (high < 0 || low < 0)
			return -1;
		uuid[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
