/* SPDX-License-Identifier: ISC */
/*
 * What is done to guests: whether a person may, and then a child of virt does it. A guest
 * that somebody watches is started paused, and resumed when its lines are open, so that
 * the first byte it prints is the first one shown. An act goes on when its visitor leaves.
 */
#ifndef CONSOLE_ACTS_H
#define CONSOLE_ACTS_H

#include "ipc/message.h"

enum {
	ACTS_PER_VISIT = 4,          /* under way */
	ACTS_PER_USER = 8,           /* also those whose visits left: virt has room for 64 */
	ACTS_DEADLINE_MS = 60000,
	ACTS_LINE_MS = 5000,         /* a line that does not open by then is not waited for */
};

struct guest;
struct visit;

int acts_act(void *visit, struct message *m);          /* MSG_ACT */

/* A line of a guest opened. */
void acts_line_opened(const struct guest *g);

/* A visit ends. */
void acts_forget(const struct visit *v);

#endif
