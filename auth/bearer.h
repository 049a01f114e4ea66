/* SPDX-License-Identifier: ISC */
/*
 * Those who come with a token or a ticket: auth's parent asks here for its doors'
 * children, and answers console's questions about tickets. Has the one table of
 * credentials, the clock and the chance it needs. Never blocks.
 */
#ifndef AUTH_BEARER_H
#define AUTH_BEARER_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "ipc/message.h"
#include "ipc/peer.h"

/* Whose login a connection belongs to. */
struct bearer_login {
	uint64_t conn;                    /* gate's number of the connection that began it */
	uint64_t since;                   /* seconds since the epoch; 0: nobody is logged in */
	char user[USER_MAX + 1];
	char ticket[TICKET_ID_MAX + 1];   /* "" none */
};

/* A login with a password or key, of this connection. */
void bearer_log_in(struct bearer_login *login, uint64_t conn, const char *user);

/* answer->ok: login is filled in, and its connections are one more. */
void bearer_resume(const struct config *config, const char *token, struct bearer_login *login,
		   struct msg_credential *answer);
void bearer_use_ticket(const char *token, uint64_t conn, struct bearer_login *login,
		       struct msg_credential *answer);

/*
 * Whether what the login came by is still good: a ticket may have been revoked since. Of one
 * whose guest went to another host the identity has that host then.
 */
bool bearer_is_good(const struct bearer_login *login, struct msg_identity *identity);

/* The token of a login, for who is logged in. */
void bearer_token(const struct config *config, const struct bearer_login *login,
		  struct msg_token *answer);

/* The connection is gone; or its person left for good, so that no token brings it back. */
void bearer_leave(const struct bearer_login *login);
void bearer_log_out(const struct bearer_login *login);

/* Rules for console's messages; ctx is the struct peer to answer on. */
int bearer_take_moved(void *ctx, struct message *m);      /* MSG_TICKETS_MOVED */
int bearer_take_make(void *ctx, struct message *m);
int bearer_take_find(void *ctx, struct message *m);
int bearer_take_drop(void *ctx, struct message *m);

#endif
