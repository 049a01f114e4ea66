/* SPDX-License-Identifier: ISC */
/*
 * One line of authorized_keys, as a stranger may write it into his own file. A match
 * must mean that the key stands in the line, and that no option stands before it that is
 * not known.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authorized_keys.h"

static const char blob[] = "\0\0\0\x0bssh-ed25519\0\0\0\x01x";
static const char encoded[] = "AAAAC3NzaC1lZDI1NTE5AAAAAXg=";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data;

	for (int shared = 0; shared < 2; shared++) {
		struct authorized_keys_query q = {
			"ssh-ed25519", { (const uint8_t *)blob, sizeof(blob) - 1 }, "192.0.2.7",
			20261122120000, 20261122130000, shared,
		};
		char user[USER_MAX + 1];
		enum authorized_keys_result r = authorized_keys_match(&q, line, size, user);
		bool matches = r == KEYS_MATCH;

		if ((unsigned)r >= KEYS_RESULT_COUNT || strlen(user) > USER_MAX)
			abort();
		if (matches && (!memmem(line, size, encoded, sizeof(encoded) - 1) ||
				memmem(line, size, "command=", 8) == line))
			abort();
		if ((user[0] != '\0') != (matches && shared))
			abort();
	}
	return 0;
}
