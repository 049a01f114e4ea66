/* SPDX-License-Identifier: ISC */
/*
 * The listening sockets: bound as the configuration says, accepted from in the loop. What
 * is accepted is the callee's; this file reads nothing from it.
 */
#ifndef GATE_LISTEN_H
#define GATE_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum { LISTEN_MAX = 2 * CONFIG_LIST_MAX };

struct listen_at {
	struct config_address address;
	uint8_t endpoint;        /* enum endpoint of ipc/message.h: whose connections these are */
	bool plain;              /* of the web: without TLS */
};

/* fd is close-on-exec, non-blocking, and the callee's. */
typedef void (*listen_fn)(int fd, const struct sockaddr_storage *from, socklen_t length,
			  const struct listen_at *at);

/*
 * Binds what is new in `want` and closes what is no longer in it; what stays is not
 * touched. Nobody is accepted from a new one before listen_accept(). 0, or -1 with err,
 * and then it listens where it did before.
 */
int listen_set(const struct listen_at *want, size_t count, char *err, size_t errsize);

/* Puts all sockets into the loop; for each connection fn is called. */
void listen_accept(listen_fn fn);

/* Logs where it listens. */
void listen_log(void);

void listen_close(void);

#endif
