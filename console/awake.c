/* SPDX-License-Identifier: ISC */
/* See awake.h. */
#include "console/awake.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/log.h"
#include "ipc/loop.h"

/* Microseconds of wake-up latency that may be; a file that was just opened asks for ANY. */
enum { NO_LATENCY = 0, ANY_LATENCY = 2000 * 1000 * 1000 };
enum { SPARE_MAX = AWAKE_SPARE_MS * AWAKE_SHARE };

static int latency_fd = -1;
static bool is_awake;
static struct loop_timer until;
/* What may still be taken, in parts of a ms, as it was at a time of clock_ms(). Below 0: owed. */
static int64_t spare = SPARE_MAX;
static int64_t counted_at;

/*
 * One part a ms comes in; a ms awake costs AWAKE_SHARE. By the clock of now and not the loop's:
 * on a busy machine the time may have been long.
 */
static void count(void)
{
	int64_t ms = clock_ms() - counted_at;

	counted_at += ms;
	spare += is_awake ? ms - ms * AWAKE_SHARE : ms;
	if (spare > SPARE_MAX)
		spare = SPARE_MAX;
	if (spare < -SPARE_MAX)
		spare = -SPARE_MAX;
}

static void forget(void)
{
	count();
	is_awake = false;
	loop_timer_clear(&until);
	if (latency_fd >= 0)
		close(latency_fd);
	latency_fd = -1;
}

static void ask(int32_t us)
{
	is_awake = us == NO_LATENCY;
	if (write(latency_fd, &us, sizeof(us)) == (ssize_t)sizeof(us))
		return;
	log_warn("processors cannot be kept awake: %s (stay-awake in serialgate.conf)",
		 strerror(errno));
	forget();
}

static void let_sleep(void *owner)
{
	(void)owner;
	count();
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
	if (latency_fd < 0 || len > AWAKE_KEYS_MAX)
		return;
	count();
	if (spare < (int64_t)AWAKE_MS * AWAKE_SHARE)
		return;
	loop_timer_set(&until, AWAKE_MS, let_sleep, NULL);
	if (!is_awake)
		ask(NO_LATENCY);
}
