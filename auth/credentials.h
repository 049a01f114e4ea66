/* SPDX-License-Identifier: ISC */
/*
 * What stands for a login without being one: resume tokens, with which a browser comes
 * back after its link broke, and tickets, with which somebody without an account sees one
 * guest. A table in memory, kept by auth's parent; it is gone with that process.
 *
 * A token stands for the login, not for a connection: it is the same for all connections
 * of it, and grows old only while none of them is there. Pure: time and chance are
 * passed in.
 */
#ifndef AUTH_CREDENTIALS_H
#define AUTH_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum {
	CREDENTIALS_TOKENS_MAX = 2048,    /* the one unused for longest makes room */
	CREDENTIALS_TICKETS_MAX = 1024,
	CREDENTIALS_PER_USER_MAX = 64,    /* tickets of one issuer */
	CREDENTIALS_VALID_MAX = 7 * 86400,/* seconds that a ticket may be good for */
	CREDENTIALS_CHANCE = 32,          /* random bytes for each new one */
};

struct credential {
	struct credential *next;
	char token[TOKEN_MAX + 1];        /* secret */
	char user[USER_MAX + 1];
	uint64_t until;                   /* seconds since the epoch */
	char ticket[TICKET_ID_MAX + 1];   /* of a token: by which ticket the login came; "" none */
	/* Of a token. */
	uint64_t login;                   /* gate's number of the connection that logged in */
	unsigned users;                   /* connections of this login that are there */
	uint64_t unused_since;            /* seconds since the epoch, while there are none */
	/* Of a ticket. */
	char host[HOST_MAX + 1];
	uint8_t uuid[UUID_SIZE];
	char guest[GUEST_MAX + 1];
	bool type, once;
	uint32_t uses;
};

struct credentials {
	struct credential *tokens, *tickets;
};

/* Wipes and frees all. */
void credentials_clear(struct credentials *c);

/*
 * The token of a login, made where there is none yet; ticket: by which it came, "" none.
 * NULL without memory, or when the login is not of use any more (its ticket is gone).
 */
struct credential *credentials_token(struct credentials *c, uint64_t login, const char *user,
				     const char *ticket, uint64_t until, uint64_t now,
				     const uint8_t chance[CREDENTIALS_CHANCE]);

/* What a token stands for: NULL when it is unknown, too old, or unused for over `idle` s. */
struct credential *credentials_resume(struct credentials *c, const char *token, uint64_t now,
				      uint64_t idle);

/* A connection of that login is there (+1) or gone (-1). */
void credentials_count(struct credentials *c, uint64_t login, int change, uint64_t now);

/* The login is over: its token is void. */
void credentials_void_login(struct credentials *c, uint64_t login);

/* NULL with why (a sentence for the issuer): too many, too long, no memory. */
struct credential *credentials_ticket(struct credentials *c, const struct msg_ticket_make *make,
				      uint64_t now, const uint8_t chance[CREDENTIALS_CHANCE],
				      const char **why);

/* A ticket that may be used now, counted as used; NULL: there is none such. */
struct credential *credentials_use(struct credentials *c, const char *token, uint64_t now);

/* Tickets for that guest of a host are for the one of another host from now on. */
void credentials_move(struct credentials *c, const struct msg_tickets_moved *m);

/* A ticket by its id; of any user where user is NULL. NULL: none, or its time is over. */
struct credential *credentials_find(struct credentials *c, const char *user, const char *id,
				    uint64_t now);

/* Takes a ticket out, and every token of a login that came by it. */
void credentials_revoke(struct credentials *c, struct credential *ticket);

#endif
