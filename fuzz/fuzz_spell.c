/* SPDX-License-Identifier: ISC */
/* Any text for send: no longer than it was, and without backslashes it is itself. */
#include <stdlib.h>
#include <string.h>

#include "terminal/spell.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	uint8_t *out = malloc(size + 1);
	size_t len;
	int r;

	memcpy(text, data, size);
	text[size] = '\0';
	r = spell_read(out, &len, text);
	if (len > strlen(text) || (r < 0 && strncmp(text + len, "\\x", 2) != 0))
		abort();
	if (!strchr(text, '\\') && (len != strlen(text) || memcmp(out, text, len) != 0))
		abort();
	free(text);
	free(out);
	return 0;
}
