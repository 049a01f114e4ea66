/* SPDX-License-Identifier: ISC */
/* See ask.h. */
#include "sshd/ask.h"

#include <errno.h>
#include <poll.h>

#include "ipc/clock.h"

static int fail(struct ask *a, const char *reason, const char *farewell)
{
	a->reason = reason;
	a->farewell = farewell;
	return -1;
}

/* Waits until the door has something to read or is gone. 0 or -1. */
static int wait_for_door(struct ask *a)
{
	for (;;) {
		bool out = wire_is_waiting(a->door);
		struct pollfd p[] = {
			{ a->door->fd, (short)(POLLIN | (out ? POLLOUT : 0)), 0 },
			{ a->client, POLLRDHUP, 0 },
		};
		uint64_t now = clock_ms();

		if (now >= a->deadline)
			return fail(a, "login grace is over",
				    "Too slow: the time to log in is over.");
		if (poll(p, 2, (int)(a->deadline - now)) < 0 && errno != EINTR)
			return fail(a, "poll failed", NULL);
		if (p[1].revents)
			return fail(a, "the client left during login", NULL);
		if (p[0].revents & POLLOUT)
			wire_flush(a->door);
		if (p[0].revents & ~POLLOUT)
			return 0;
	}
}

int ask_door(struct ask *a, enum message_type type, const void *fields, struct message *m)
{
	int r = wire_send(a->door, type, fields);

	while (r == 0) {
		if (wait_for_door(a) < 0)
			return -1;
		r = wire_receive(a->door, m);
	}
	if (r > 0)
		return 0;
	return fail(a, "the login service is gone", "The login service is away. Try again.");
}
