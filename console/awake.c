/* SPDX-License-Identifier: ISC */
/* See awake.h. */
#include "console/awake.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "ipc/log.h"
#include "ipc/loop.h"

/* Microseconds of wake-up latency that may be; a file that was just opened asks for ANY. */
enum { NO_LATENCY = 0, ANY_LATENCY = 2000 * 1000 * 1000 };

static int latency_fd = -1;
static struct loop_timer held;
/* What may still be taken, in parts of a ms, as it was at a time of loop_now(). */
static uint64_t spare = (uint64_t)AWAKE_SPARE_MS * AWAKE_SHARE;
static uint64_t counted_at;

static void forget(void)
{
	loop_timer_clear(&held);
	if (latency_fd >= 0)
		close(latency_fd);
	latency_fd = -1;
}

static void ask(int32_t us)
{
	if (write(latency_fd, &us, sizeof(us)) == (ssize_t)sizeof(us))
		return;
	log_warn("processors cannot be kept awake: %s", strerror(errno));
	forget();
}

/* One part a ms comes in; a ms awake costs AWAKE_SHARE. */
static void count(bool was_awake)
{
	const uint64_t most = (uint64_t)AWAKE_SPARE_MS * AWAKE_SHARE;
	uint64_t ms = loop_now() - counted_at;
	uint64_t cost = was_awake ? ms * AWAKE_SHARE : 0;

	counted_at += ms;
	spare = spare + ms > cost ? spare + ms - cost : 0;
	if (spare > most)
		spare = most;
}

static void let_sleep(void *owner)
{
	(void)owner;
	count(true);
	ask(ANY_LATENCY);
}

void awake_open(int fd)
{
	forget();
	latency_fd = fd;
}

void awake_configure(bool wanted)
{
	if (!wanted)
		forget();
}

void awake_for(size_t len)
{
	bool is_awake = loop_timer_is_set(&held);

	if (latency_fd < 0 || len > AWAKE_KEYS_MAX)
		return;
	count(is_awake);
	if (spare < AWAKE_MS * AWAKE_SHARE)
		return;
	loop_timer_set(&held, AWAKE_MS, let_sleep, NULL);
	if (!is_awake)
		ask(NO_LATENCY);
}
