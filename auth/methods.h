/* SPDX-License-Identifier: ISC */
/*
 * Which authentication methods a login has passed and which may come next, by the
 * alternatives of `[auth] methods`. Pure.
 */
#ifndef AUTH_METHODS_H
#define AUTH_METHODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum { METHODS_TEXT = 128 };   /* enough for every text of this file, with its NUL */

/* Methods passed, in order; all zero: none. */
struct methods_done {
	uint8_t count;
	uint8_t steps[CONFIG_METHODS];   /* enum config_method */
};

/* RFC 4252's name, and back; -1 for an unknown one. */
const char *methods_name(enum config_method method);
int methods_find(const char *name);

/* Whether some alternative goes on from what is done with this method. */
bool methods_allows(const struct config_methods *config, const struct methods_done *done,
		    enum config_method method);

/* One more is passed. Only what methods_allows() allowed. */
void methods_pass(struct methods_done *done, enum config_method method);

/* Whether what is done is a whole alternative. */
bool methods_is_complete(const struct config_methods *config, const struct methods_done *done);

/* The names that may come next, separated by commas: "publickey,keyboard-interactive". */
void methods_list_next(const struct config_methods *config, const struct methods_done *done,
		       char out[static METHODS_TEXT]);

/* The names that are done: "publickey+keyboard-interactive". */
void methods_list_done(const struct methods_done *done, char out[static METHODS_TEXT]);

#endif
