/* SPDX-License-Identifier: ISC */
/*
 * What a person asks for in words: the command of an SSH exec request, and guest and
 * options inside a login name. Splits, checks against the tables of verbs and options,
 * and says in a sentence what is wrong. The session acts on it. Pure.
 */
#ifndef TERMINAL_COMMAND_H
#define TERMINAL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/buf.h"
#include "ipc/message.h"
#include "terminal/options.h"

struct session;

enum {
	COMMAND_LINE_MAX = 4096,    /* bytes of a command, NUL included */
	COMMAND_ARGS_MAX = 2,
	COMMAND_WHY_SIZE = OPTIONS_WHY_SIZE,
	COMMAND_REST = 255,         /* for `most`: the string behind the first is the last, as it is */
	COMMAND_OPTIONS_SIZE = 256, /* of a login name, NUL included */
};

/* A row of the table of verbs, which belongs to who runs them. */
struct command_verb {
	const char *name;
	const char *arguments;      /* as the usage shows them */
	unsigned least, most;       /* arguments */
	unsigned options;           /* command_option_bit that it takes */
	const char *brief;          /* one line */
	const char *help;           /* what the line does not say; lines with LF, or "" */
	void (*run)(struct session *s);
};

struct command {
	const struct command_verb *verb;
	bool is_bare;               /* a guest alone: the verb is attach */
	const char *arg[COMMAND_ARGS_MAX];
	unsigned count;             /* of arg */
	struct command_options options;
	char text[COMMAND_LINE_MAX];       /* what arg points into */
	char why[COMMAND_WHY_SIZE];        /* after -1: for a person, escaped, no newline */
};

/*
 * 0, or -1 and c->why. verbs must have rows for "attach" and "help": --help behind a command
 * is help about it.
 */
int command_parse(struct command *c, const struct command_verb *verbs, size_t nverbs,
		  const char *line);

/* Options out of a login name, "read-only+escape=^A", for that verb. 0, or -1 and c->why. */
int command_parse_login(struct command *c, const struct command_verb *verb, const char *options,
			char separator);

/*
 * Cuts a login name such as alice+web1+read-only: user, guest ("" none), and the rest
 * ("" none). A separator of '\0' cuts nothing. 0; -1: no user, or a part is too long.
 */
int command_split_login(const char *name, char separator, char user[USER_MAX + 1],
			char guest[GUEST_PHRASE_MAX + 1], char options[COMMAND_OPTIONS_SIZE]);

/* NULL: there is no such verb. */
const struct command_verb *command_find(const struct command_verb *verbs, size_t nverbs,
					const char *name);

/* The verb that was probably meant; NULL: none is near. */
const char *command_nearest(const struct command_verb *verbs, size_t nverbs, const char *name);

/* All verbs, one line each; and one verb with its options. Lines end with LF. */
void command_usage(struct buf *out, const struct command_verb *verbs, size_t nverbs);
void command_help(struct buf *out, const struct command_verb *verb);

#endif
