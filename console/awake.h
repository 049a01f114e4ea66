/* SPDX-License-Identifier: ISC */
/*
 * While the echo of a key is due, no processor sleeps. Key and echo pass about twenty
 * processes, one after the other, each a few microseconds of work; on a machine that has
 * nothing else to do each of them finds its processor asleep, and to wake that takes longer
 * than the work (50 to 100 us in a virtual machine, about as much from a deep sleep state of
 * real hardware). So the kernel is asked for a wake-up latency of 0 from the key on for up to
 * two milliseconds: PM QoS, Documentation/power/pm_qos_interface.rst; a request lasts no longer
 * than its file is open.
 *
 * A processor that must not sleep takes power, so this is done for what a person types and
 * not for a paste, and for no more than a quarter of the time, whoever types what.
 */
#ifndef CONSOLE_AWAKE_H
#define CONSOLE_AWAKE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	AWAKE_KEYS_MAX = 16,         /* bytes: a key, or a few that came together */
	AWAKE_MS = 2,                /* of loop_now(), so 1 to 2: echo and its way to the visitor */
	AWAKE_SHARE = 4,             /* one part in so many of the time, */
	AWAKE_SPARE_MS = 1000,       /* of which so much may be taken in advance, or is owed */
};

/* /dev/cpu_dma_latency, open for writing; it is ours now, in place of an earlier one. */
void awake_open(int fd);

/* Not wanted: closes it. */
void awake_configure(bool wanted);

/* len bytes are on their way to a guest. Without the file this does nothing. */
void awake_for(size_t len);

#endif
