/* SPDX-License-Identifier: ISC */
/*
 * The options of all commands, a row each: their names, values, help, and the sentences
 * that say what is wrong with one. Which command takes which, its row in the table of
 * verbs says. Pure.
 */
#ifndef TERMINAL_OPTIONS_H
#define TERMINAL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/buf.h"
#include "ipc/message.h"

enum {
	OPTIONS_TIMEOUT_MAX = 604800,
	OPTIONS_VALID = 600,        /* seconds that a ticket is good for, if not said */
	OPTIONS_VALID_MAX = 604800,
	OPTIONS_LINES_MAX = 1000000,
	OPTIONS_POSITION_SIZE = 64,
	OPTIONS_REGEX_SIZE = 513,
	OPTIONS_WHY_SIZE = 512,
};

enum command_option_bit {
	OPTION_READ_ONLY = 1, OPTION_TAKE = 2, OPTION_WAIT = 4, OPTION_QUIET = 8,
	OPTION_ESCAPE = 16, OPTION_DEVICE = 32, OPTION_TIMEOUT = 64, OPTION_CR = 128,
	OPTION_JSON = 256, OPTION_REPLAY_LINES = 512, OPTION_REPLAY_FROM = 1024,
	OPTION_LINES = 1 << 12, OPTION_FROM = 1 << 13, OPTION_UNTIL = 1 << 14,
	OPTION_BOOT = 1 << 15, OPTION_FOLLOW = 1 << 16, OPTION_RAW = 1 << 17,
	OPTION_TIMESTAMPS = 1 << 18, OPTION_FOR = 1 << 19, OPTION_PACED = 1 << 20,
	OPTION_YES = 1 << 21, OPTION_TYPE = 1 << 22, OPTION_ONCE = 1 << 23,
	OPTION_VALID = 1 << 24, OPTION_LIST = 1 << 25, OPTION_REVOKE = 1 << 26,
	OPTION_LINEAR = 1 << 27,
	OPTION_HELP = 1 << 30,      /* of every command */
};

struct command_options {
	unsigned given;             /* command_option_bit */
	int escape;                 /* with OPTION_ESCAPE: control byte or ESCAPE_KEY_NONE */
	unsigned timeout;           /* with OPTION_TIMEOUT: seconds */
	unsigned lines;
	unsigned valid;             /* with OPTION_VALID: seconds */
	char ticket[TICKET_ID_MAX + 1];
	unsigned boot;              /* with OPTION_BOOT: so many boots ago */
	char device[ALIAS_MAX + 1];
	char from[OPTIONS_POSITION_SIZE], until[OPTIONS_POSITION_SIZE];   /* position.h reads them */
	char regex[OPTIONS_REGEX_SIZE];
};

/*
 * One option, without its dashes; next is the word behind it, NULL none. 1: next was its
 * value; 0; -1 and why (escaped, no newline).
 */
int options_take(struct command_options *o, const char *text, const char *next,
		 char why[OPTIONS_WHY_SIZE]);

/* Whether all that are given belong to that verb and go together. 0, or -1 and why. */
int options_check(const struct command_options *o, unsigned allowed, const char *verb,
		  char why[OPTIONS_WHY_SIZE]);

/* There is an option of exactly that name (len bytes of it). */
bool options_is_name(const char *name, size_t len);

/* One line for each. */
void options_help(struct buf *out, unsigned allowed);

#endif
