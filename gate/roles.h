/* SPDX-License-Identifier: ISC */
/*
 * The processes that gate starts: which there are, whom each becomes, what part of the
 * configuration it gets, which siblings it talks to. Starts them, watches them, starts
 * them again with a back-off. Never waits for one: a role that does not read, breaks the
 * protocol or does not get ready is killed.
 */
#ifndef GATE_ROLES_H
#define GATE_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/config.h"
#include "gate/users.h"
#include "ipc/message.h"
#include "ipc/wire.h"

/* What they are told; it must stay until the next roles_configure(). */
struct roles_config {
	const struct config *config;
	const struct user *users;        /* CONFIG_USERS of them; NULL: all stay who we are */
	unsigned wanted;                 /* ROLES_BIT of those that are to run */
};

struct roles_setup {
	struct roles_config with;
	/* What a role may say; the state bit of a role is ROLES_BIT(its id). */
	const struct wire_rule *rules;
	size_t nrules;
	void (*all_ready)(void);         /* once: every one is ready for the first time */
	void (*cannot_start)(void);      /* one ended before that, or took too long */
	void (*ended)(enum role_id who); /* a process of that role was reaped */
	/* It took what it was last told; false: it refused that and goes on as before. */
	void (*answered)(enum role_id who, bool ok);
};

#define ROLES_BIT(id) (1u << (id))
#define ROLES_ALL (ROLES_BIT(ROLE_COUNT) - 1)

/* Starts those that are wanted, from the loop's next turn on. */
void roles_start(const struct roles_setup *setup);

/*
 * A new configuration: those that run get theirs anew, those that are wanted now are
 * started, those that are not wanted any more end.
 */
void roles_configure(const struct roles_config *with);

/* Others are wanted: as above, but those that run on are told nothing. */
void roles_want(unsigned wanted);

/* The way to a role that is ready to work; NULL while it is not. */
struct peer *roles_peer(enum role_id id);

/* A process was reaped. Whether it was one of the roles. */
bool roles_reaped(pid_t pid, int status);
bool roles_owns(pid_t pid);

/* Closes all sockets, which ends them, and starts none again. */
void roles_close(void);

/* For a rule of setup.rules: whose message it is, from its ctx. */
enum role_id roles_who(const void *ctx);

/* Rules for setup.rules: MSG_LOG, MSG_READY, MSG_REFUSE_CONFIG. ctx as wire.h has it. */
int roles_take_log(void *ctx, struct message *m);
int roles_take_ready(void *ctx, struct message *m);
int roles_take_refusal(void *ctx, struct message *m);

#endif
