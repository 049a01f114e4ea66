/* SPDX-License-Identifier: ISC */
/*
 * One TCP connection to the web endpoint, in a process of its own: behind the walls before
 * its first byte is read; one request, and what follows from it.
 */
#ifndef WS_SERVE_H
#define WS_SERVE_H

#include <stdbool.h>

#include "ipc/sandbox.h"

struct config;

struct serve_start {
	int socket;                     /* this process's own */
	int door;
	bool is_plain;                  /* http on a loopback address */
	const char *peer;               /* numeric, for the log */
	unsigned port;
	const struct config *config;
	const struct sandbox *walls;
};

/* Returns when the connection is over; the process then exits. */
void serve_run(const struct serve_start *start);

#endif
