/* SPDX-License-Identifier: ISC */
/*
 * One visitor's way to a login, request by request: by key, by PAM, by several methods
 * in a row. Every attempt leaves one line in the log and tells gate. A wrong password
 * and a user that does not exist get the same answer after the same time. Called by
 * door.c in a door's child; may block.
 */
#ifndef AUTH_CLAIM_H
#define AUTH_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/methods.h"
#include "config/config.h"
#include "ipc/buf.h"
#include "ipc/message.h"
#include "ipc/wire.h"

struct claim {
	const struct config *config;
	const struct msg_conn *conn;
	struct wire *door;             /* to the visitor */
	struct wire *link;             /* to the parent */

	bool begun;
	char asked[USER_MAX + 1];      /* the name in the requests */
	char user[USER_MAX + 1];       /* who it is; "" while the shared name hides it */
	struct methods_done done;
	unsigned failures;
	bool must_change;              /* what is done counts once the password is changed */
	bool complete;                 /* logged in: no more requests */
	struct buf groups;             /* packed, for the identity */
	char by[64];                   /* the methods, for the identity; or how else it came */
	struct msg_credential ticket;  /* by which somebody came; its id "": by none */

	bool interrupted;              /* a request came in the middle of a conversation: */
	struct message next;           /* it, valid until the next wire_wait() */
};

void claim_init(struct claim *claim, const struct config *config, const struct msg_conn *conn,
		struct wire *door, struct wire *link);

/* Answer a request. 0; -1 with errno: the visitor is gone (0) or broke a rule (EPROTO). */
int claim_answer_methods(struct claim *claim, const struct msg_ask_methods *ask);
int claim_answer_pam(struct claim *claim, const struct msg_ask_pam *ask);
int claim_answer_key(struct claim *claim, const struct msg_ask_key *ask);

/* by: "resume" or "ticket"; found: what the parent says that it stands for. */
int claim_answer_credential(struct claim *claim, const char *by,
			    const struct msg_credential *found);

/* Who got in, once complete; the groups stay the login's. */
void claim_fill_identity(const struct claim *claim, struct msg_identity *identity);

#endif
