/* SPDX-License-Identifier: ISC */
/*
 * Looks for a key in the files of authorized keys. A file counts only when nobody but
 * root and its user could have written it (StrictModes of sshd_config(5)); it is read
 * with the rights of the user whose it is, so that neither a symbolic link nor a home
 * on a network shows root's view. Called in a door's child; says in the log why a file
 * was refused.
 */
#ifndef AUTH_KEYFILE_H
#define AUTH_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "auth/authorized_keys.h"
#include "auth/identity.h"
#include "config/config.h"

enum {
	KEYFILE_MAX = 1048576,    /* bytes of one file; a bigger one is refused */
	KEYFILE_WHERE = 512,
};

/* What was found: where the key stands, and whose it is or why it does not count. */
struct keyfile_found {
	enum authorized_keys_result result;
	char where[KEYFILE_WHERE];     /* "PATH:LINE"; "" where the key stands nowhere */
	char user[USER_MAX + 1];       /* shared keys: whose it is */
};

/*
 * Replaces %u, %h and %% of a configured path. The length; -1 where it does not fit, %h
 * is not known (home NULL), or the user's name would leave its directory. Pure.
 */
int keyfile_expand(char *out, size_t size, const char *pattern, const char *user,
		   const char *home);

/*
 * Looks through the configured files of user, id being that user's; whether a line
 * matches. A line that matches wins over one that does not count.
 */
bool keyfile_search_user(const struct config *config, const char *user,
			 const struct identity *id, const struct authorized_keys_query *query,
			 struct keyfile_found *found);

/* The same in the file of shared keys, where there is one. query->shared is set. */
bool keyfile_search_shared(const struct config *config,
			   const struct authorized_keys_query *query,
			   struct keyfile_found *found);

/* Fills now_utc and now_local. */
void keyfile_set_time(struct authorized_keys_query *query);

#endif
