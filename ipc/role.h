/* SPDX-License-Identifier: ISC */
/*
 * What all roles but gate have in common: fd 3, becoming who gate says, configuration,
 * siblings, the walls, children's ends, and the loop until gate goes away.
 */
#ifndef IPC_ROLE_H
#define IPC_ROLE_H

#include <sys/types.h>

#include "ipc/peer.h"
#include "ipc/sandbox.h"

struct config;

/* States of the way to gate, for a role's own rules: before READY, and after. */
enum { ROLE_STARTING = 1, ROLE_RUNNING = 2 };

struct role {
	enum role_id id;
	const char *name;                /* "auth": prefix of its log lines */
	enum sandbox_kind sandbox;
	const struct wire_rule *rules;   /* what gate may send beyond the common messages */
	size_t nrules;

	/*
	 * A whole configuration came, first or anew. 0: it is the role's from now on. -1
	 * with a text, and it stays the caller's, who frees it: the first one ends the
	 * process, a later one is refused and the old one stays.
	 */
	int (*configured)(struct config *config, char *err, size_t errsize);
	/* Once, after the first configuration, before the walls: warm-up. 0, or -1 with errno. */
	int (*prepare)(void);
	/* A socket to a sibling; replaces the one before. */
	void (*sibling)(enum role_id who, int fd);
	/* A child was reaped. */
	void (*child_ended)(pid_t pid, int status);
};

/* Does not return before gate is gone. The exit status of the process. */
int role_main(const struct role *role);

/* The way to gate. */
struct peer *role_gate(void);

#endif
