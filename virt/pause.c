/* SPDX-License-Identifier: ISC */
/* See pause.h. */
#include "virt/pause.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static int event_fd = -1;
static atomic_bool cut, pausing;

int pause_prepare(void)
{
	event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return event_fd < 0 ? -1 : 0;
}

bool pause_make(long microseconds)
{
	const struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000 };
	struct pollfd p = { .fd = event_fd, .events = POLLIN };
	uint64_t count;

	pausing = true;
	/* One who cuts from here on sees that, and writes. */
	if (!cut && ppoll(&p, 1, &t, NULL) > 0 && read(event_fd, &count, sizeof(count)) < 0)
		cut = true;
	pausing = false;
	return atomic_exchange(&cut, false);
}

void pause_cut(void)
{
	uint64_t one = 1;

	cut = true;
	if (pausing && write(event_fd, &one, sizeof(one)) < 0)
		return;
}
