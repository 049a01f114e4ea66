/* SPDX-License-Identifier: ISC */
/*
 * A question at the door and the wait for its answer, with an eye on the client and on
 * the time. Before the login only: a session that is logged in never waits for anybody.
 */
#ifndef SSHD_ASK_H
#define SSHD_ASK_H

#include <stdint.h>

#include "ipc/wire.h"

struct ask {
	struct wire *door;    /* not owned */
	int client;           /* the client's socket: its end ends the wait */
	uint64_t deadline;    /* ms of clock_ms() */

	/* After a failure: for the log, and for the client (NULL: nothing). */
	const char *reason;
	const char *farewell;
};

/*
 * Sends the message and receives what comes next into m. 0, or -1 with reason and
 * farewell: the login is over.
 */
int ask_door(struct ask *a, enum message_type type, const void *fields, struct message *m);

#endif
