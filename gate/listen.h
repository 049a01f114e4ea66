/* SPDX-License-Identifier: ISC */
/*
 * The listening sockets: bound as the configuration says, accepted from in the loop. What
 * is accepted is the callee's; this file reads nothing from it.
 */
#ifndef GATE_LISTEN_H
#define GATE_LISTEN_H

#include <stddef.h>

#include "config/config.h"

/* fd is close-on-exec, non-blocking, and the callee's. */
typedef void (*listen_fn)(int fd, const struct sockaddr_storage *from, socklen_t length);

/*
 * Binds what is new in `want` and closes what is no longer in it; what stays is not
 * touched. Nobody is accepted from a new one before listen_accept(). 0, or -1 with err,
 * and then it listens where it did before.
 */
int listen_set(const struct config_addresses *want, char *err, size_t errsize);

/* Puts all sockets into the loop; for each connection fn is called. */
void listen_accept(listen_fn fn);

/* Logs where it listens. */
void listen_log(void);

void listen_close(void);

#endif
