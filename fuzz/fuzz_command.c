/* SPDX-License-Identifier: ISC */
/* Exec strings and login names of strangers: refused with a printable reason, or taken whole. */
#include <stdlib.h>
#include <string.h>

#include "terminal/command.h"

static const struct command_verb verbs[] = {
	{ "list", "[PATTERN]", 0, 1, OPTION_JSON, "", "", NULL },
	{ "info", "GUEST", 1, 1, OPTION_JSON, "", "", NULL },
	{ "attach", "GUEST", 1, 1, ~(unsigned)OPTION_JSON, "", "", NULL },
	{ "help", "[COMMAND]", 0, 1, 0, "", "", NULL },
	{ "send", "GUEST TEXT", 2, COMMAND_REST, OPTION_FOR | OPTION_PACED, "", "", NULL },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char user[USER_MAX + 1], guest[GUEST_PHRASE_MAX + 1], options[COMMAND_OPTIONS_SIZE];
	char *line = malloc(size + 1);
	struct command c;

	memcpy(line, data, size);
	line[size] = '\0';
	if (command_parse(&c, verbs, 5, line) < 0) {
		if (!*c.why || strpbrk(c.why, "\n\r\033"))
			abort();
	} else if (!c.verb || c.count < c.verb->least || c.count > c.verb->most ||
		   (!(c.options.given & OPTION_HELP) && c.options.given & ~c.verb->options)) {
		abort();
	}
	if (command_split_login(line, '+', user, guest, options) == 0) {
		if (!*user || strchr(user, '+') || strchr(guest, '+'))
			abort();
		if (command_parse_login(&c, &verbs[2], options, '+') < 0 && !*c.why)
			abort();
	}
	command_nearest(verbs, 5, line);
	free(line);
	return 0;
}
