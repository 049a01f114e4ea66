/* SPDX-License-Identifier: ISC */
/*
 * A child for each piece of work: fork without exec, everything closed that is not its
 * own, its log through a link to its parent. The parent keeps the child's pid and the
 * other end of the link in a table and hears of its end by role.h's `child_ended`.
 */
#ifndef IPC_CHILD_H
#define IPC_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ipc/wire.h"

struct child {
	pid_t pid;                  /* 0: none */
	struct wire link;           /* to the child: its log and what the role defines */
};

/*
 * Forks. In the child (returns 0): only standard input to error, the descriptors of
 * keep[] and the link are open; signals are at their defaults; the link is in `link`
 * and the log goes there; with die_with_parent SIGKILL follows the parent's death
 * (PR_SET_PDEATHSIG: set it again after a change of uid). In the parent: the pid, and
 * c->link is its end, not yet in the loop. -1 with errno.
 */
pid_t child_fork(struct child *c, struct wire *link, const int *keep, size_t nkeep,
		 bool die_with_parent);

/* The rule for MSG_LOG on that link: the line goes to the parent's own log, as it is. */
int child_take_log(void *owner, struct message *m);

/* Closes every descriptor of the process but 0 to 2 and keep[] (close_range(2)). */
void child_close_others(const int *keep, size_t nkeep);

/* Every signal at its default, none blocked. */
void child_reset_signals(void);

#endif
