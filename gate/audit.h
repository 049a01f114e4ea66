/* SPDX-License-Identifier: ISC */
/*
 * The audit: one line of JSON for each login, logout, attachment, its end, and each act,
 * into the log and, by a child, into a file. Every beginning gets its end: what is open is
 * remembered here and in the state file. Never waits for a disk.
 */
#ifndef GATE_AUDIT_H
#define GATE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/message.h"

struct config;

/*
 * Before the roles start; the loop is there. Reads the state file: what a gate before us
 * left open is ended now.
 */
void audit_start(const struct config *config);

/* A new configuration, or the same: the audit file is opened anew. */
void audit_configure(const struct config *config);

/* Somebody logged in or failed; is_here: the connection is still there. */
void audit_login(const struct msg_login *login, bool is_here);

/* A connection ended; cause: NULL, or what ended it if not itself. */
void audit_conn_ended(uint64_t conn, const char *cause);

/* console died: its attachments are over. */
void audit_console_ended(void);

/* A process was reaped: whether it was the child that writes. */
bool audit_reaped(pid_t pid);

/* All that is open ends with the gate; the child writes that, and ends. */
void audit_close(void);

/* A rule for gate's peers: MSG_AUDIT. */
int audit_take(void *ctx, struct message *m);

#endif
