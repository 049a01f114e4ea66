/* SPDX-License-Identifier: ISC */
/*
 * Whether a client that says nothing takes what it is sent: on a slow link its answer to a ping
 * cannot come before all that was sent ahead of the ping. client.c looks from time to time.
 */
#ifndef WS_PROGRESS_H
#define WS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	uint64_t sent;        /* bytes handed to the kernel: the owner counts them */
	uint64_t arrived;     /* of them, the most that were ever seen to be acknowledged */
};

/*
 * fd: the TCP socket. True: more than a few pings is under way there, and more has arrived than
 * when it was looked at before. Never true of one whose kernel alone answers.
 */
bool progress_look(struct progress *p, int fd);

#endif
