/* SPDX-License-Identifier: ISC */
/* Requests for what lies before a ring, while the child that writes logs looks for it. */
#ifndef CONSOLE_FINDING_H
#define CONSOLE_FINDING_H

#include <stdbool.h>

#include "ipc/peer.h"

struct console;
struct visit;

enum {
	FINDINGS_MAX = 4,            /* of one visit, under way */
	FINDING_FILES_MAX = 256,     /* sent to the visits of one connection and not read yet */
	FINDING_FILES_ALL = 2048,    /* the same of all connections */
};

typedef void finding_go_on(struct visit *v, const struct msg_attach *a, bool has_files);

/* As logging_find(); disk is the way to the child. */
bool finding_ask(struct peer *disk, struct visit *v, const struct msg_attach *a,
		 const struct console *c, finding_go_on *go_on);

int finding_file(void *ctx, struct message *m);        /* MSG_DISK_FILE ... */
int finding_found(void *ctx, struct message *m);

/* Whether one of that number of a visit is under way. */
bool finding_has(const struct visit *v, uint32_t handle);
void finding_forget(const struct visit *v);

/* No answer will come any more. */
void finding_give_up(void);

#endif
