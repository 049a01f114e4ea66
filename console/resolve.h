/* SPDX-License-Identifier: ISC */
/*
 * From what a person typed to a guest and a console of it. Guests that the person may
 * not see take no part: they do not exist. Pure.
 */
#ifndef CONSOLE_RESOLVE_H
#define CONSOLE_RESOLVE_H

#include <stdbool.h>

#include "console/inventory.h"

struct config;
struct rules_person;

struct resolved {
	struct guest *guest;             /* NULL: see code and text */
	unsigned rights;                 /* enum config_right, on that guest */
	char alias[ALIAS_MAX + 1];       /* "" none was named */
	enum refusal code;
	char text[TEXT_MAX + 1];
};

/*
 * phrase: a name, host/name or UUID, each also with :alias behind it; an exact name
 * wins over the split at the last colon. With prefix a unique beginning of a name is
 * enough, where nothing fits exactly. Unknown, forbidden and ambiguous names are refused
 * with a text for the person.
 */
void resolve_guest(struct resolved *r, const struct config *config,
		   const struct rules_person *who, const char *phrase, bool prefix);

/*
 * Which console: alias as typed ("" the default). 0 and the alias to open in
 * out[ALIAS_MAX + 1], or -1 with code and text in r.
 */
int resolve_console(struct resolved *r, const char *alias, char *out);

#endif
