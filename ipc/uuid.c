/* SPDX-License-Identifier: ISC */
/* See uuid.h. */
#include "ipc/uuid.h"

#include <stdio.h>

void uuid_write(char out[static UUID_TEXT_SIZE], const uint8_t uuid[UUID_SIZE])
{
	char *at = out;

	for (int i = 0; i < UUID_SIZE; i++)
		at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      uuid[i]);
}
