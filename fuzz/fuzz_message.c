/* SPDX-License-Identifier: ISC */
/* Any datagram: refused, or decoded to what encodes to the same bytes again. */
#include <stdlib.h>
#include <string.h>

#include "ipc/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[MESSAGE_MAX];
	struct message m;
	int n;

	memset(&m, 0xaa, sizeof(m));
	if (message_decode(&m, data, size) < 0)
		return 0;
	n = message_encode(again, sizeof(again), m.type, &m.u);
	if (n < 0 || (size_t)n != size || memcmp(again, data, size) != 0)
		abort();
	return 0;
}
