/* SPDX-License-Identifier: ISC */
/*
 * What the system knows about a user: the passwd entry and the groups, through NSS.
 * Called in a door's child, where a slow directory holds up nobody else. A user that
 * only PAM knows (pam_pwdfile) has no entry and no groups.
 */
#ifndef AUTH_IDENTITY_H
#define AUTH_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config/config.h"
#include "ipc/buf.h"

struct identity {
	bool known;        /* has a passwd entry; the rest means something only then */
	uid_t uid;
	gid_t gid;
	char *home;        /* owned */
	gid_t *groups;     /* owned; the primary one among them */
	size_t ngroups;
};

/* Fills id. 0; -1 with errno when NSS or memory fails (then known is false). */
int identity_find(struct identity *id, const char *user);
void identity_free(struct identity *id);

/*
 * Packs (pack_put_bytes) the names of those groups of id that some [access] section
 * mentions. 0, or -1: they do not fit.
 */
int identity_pack_groups(const struct identity *id, const struct config *config,
			 struct buf *out);

/*
 * Whether a name may be somebody's: not empty, at most USER_MAX bytes, UTF-8, no control
 * characters. Pure.
 */
bool identity_name_is_good(const char *user);

#endif
