/* SPDX-License-Identifier: ISC */
/*
 * Connections on their way in: asks the limits, makes the door, hands one end with the
 * peer's address to auth, the other with the connection to sshd or ws. Those who may not come
 * in are closed at once. Reads nothing from any of them.
 */
#ifndef GATE_VISITORS_H
#define GATE_VISITORS_H

#include <sys/socket.h>
#include <sys/types.h>

#include "config/config.h"
#include "gate/listen.h"
#include "ipc/message.h"

/* Takes over the limits of the configuration, at first or anew. 0, or -1: no memory. */
int visitors_configure(const struct config *config);

/* A connection was accepted (a listen_fn); fd is this call's. */
void visitors_arrive(int fd, const struct sockaddr_storage *from, socklen_t length,
		     const struct listen_at *at);

/* A process that is not a role's parent was reaped: perhaps a session's. */
void visitors_reaped(pid_t pid);

/* sshd's or ws's parent is gone: nobody tells any more of connections that ended with it. */
void visitors_recount(enum role_id who);

/* Rules for gate's peers: MSG_CONN_PID, MSG_CONN_END, MSG_LOGIN. */
int visitors_take_pid(void *ctx, struct message *m);
int visitors_take_end(void *ctx, struct message *m);
int visitors_take_login(void *ctx, struct message *m);

#endif
