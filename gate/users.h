/* SPDX-License-Identifier: ISC */
/*
 * The users that roles become: their ids and groups, looked up by name. gate does it at
 * the start and at a reload, never in between: a name service may be slow.
 */
#ifndef GATE_USERS_H
#define GATE_USERS_H

#include <stddef.h>
#include <sys/types.h>

enum { USERS_GROUPS_MAX = 128 };

struct user {
	uid_t uid;
	gid_t gid;
	gid_t groups[USERS_GROUPS_MAX];
	size_t ngroups;
};

/* 0, or -1 with what is wrong and what is expected in err. */
int users_find(const char *name, struct user *user, char *err, size_t errsize);

#endif
