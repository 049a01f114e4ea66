/* SPDX-License-Identifier: ISC */
/* See backoff.h. */
#include "ipc/backoff.h"

uint64_t backoff_pause(unsigned failures, uint64_t first, uint64_t most)
{
	uint64_t pause = first;

	for (unsigned i = 0; i < failures && pause < most; i++)
		pause *= 2;
	return pause < most ? pause : most;
}
