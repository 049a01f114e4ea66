/* SPDX-License-Identifier: ISC */
/*
 * The access rules: which guests a person may see, and what they may do with them.
 * Nothing is allowed that no [access] section allows. Pure.
 */
#ifndef CONSOLE_RULES_H
#define CONSOLE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct config_access;

enum { RULES_GROUPS_MAX = 512 };

/* Who somebody is, as auth says. Strings are the caller's. */
struct rules_person {
	const char *user;
	char **groups;
	size_t ngroups;
	/* Who came by a ticket of that user: for this guest alone, and no other rights. */
	const char *only_host;       /* NULL: the user themselves */
	const uint8_t *only_uuid;
	unsigned at_most;            /* enum config_right */
};

/*
 * The rights (enum config_right) of a person on a guest: those of all fitting sections
 * together; without CONFIG_MAY_VIEW none at all. A pattern of the form of a UUID fits
 * only that; one with a slash fits host/name; any other fits the name (fnmatch(3)).
 */
unsigned rules_rights(const struct config *config, const struct rules_person *who,
		      const char *host, const char *name, const uint8_t uuid[16]);

#endif
