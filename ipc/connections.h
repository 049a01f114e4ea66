/* SPDX-License-Identifier: ISC */
/*
 * The parent's half of a role that takes connections (sshd, ws): gate hands one in, a
 * child is forked for it, gate is told when it begins and when it is over. Sessions
 * outlive this parent. One table a process.
 */
#ifndef IPC_CONNECTIONS_H
#define IPC_CONNECTIONS_H

#include <sys/types.h>

#include "ipc/message.h"

/*
 * What a child does with its socket and its door, which are its own from here on; the
 * process ends when it returns. name: the role's, for the child's log.
 */
void connections_init(const char *name,
		      void (*run)(const struct msg_conn *m, int socket, int door));

/* The rule for MSG_CONN. */
int connections_take(void *ctx, struct message *m);

/* For role.h's child_ended. */
void connections_ended(pid_t pid, int status);

#endif
