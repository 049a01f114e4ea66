/* SPDX-License-Identifier: ISC */
/*
 * One SSH connection, in a process of its own: behind the walls before its first byte
 * is read, then key exchange, login, and the channels until the client leaves.
 */
#ifndef SSHD_CONNECTION_H
#define SSHD_CONNECTION_H

#include <libssh/server.h>
#include <stdint.h>

#include "ipc/sandbox.h"

struct config;

enum { SSHD_CHANNELS_MAX = 10 };

/* What a connection's process gets from its parent. */
struct connection_start {
	int socket;                     /* the client's; this process's own */
	int door;                       /* to auth's child for this connection */
	const char *peer;               /* numeric, for the log */
	unsigned port;
	const struct config *config;
	ssh_bind bind;                  /* host keys and algorithms */
	const struct sandbox *walls;
};

/* Returns when the connection is over; the process then exits. */
void connection_run(const struct connection_start *start);

#endif
