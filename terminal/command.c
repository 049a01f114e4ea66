/* SPDX-License-Identifier: ISC */
/* See command.h. Pure. */
#include "terminal/command.h"

#include <stdio.h>
#include <string.h>

#include "ipc/nearest.h"
#include "ipc/text.h"
#include "terminal/escape.h"

enum { SHOWN_SIZE = 80 };

/* The words of a line, one after the other; they go into c->text. */
struct reader {
	struct command *c;
	const char *at;             /* in the line */
	char *out;
};

static int fail(struct command *c, const char *before, const char *what, const char *after)
{
	char shown[SHOWN_SIZE];

	text_escape(shown, sizeof(shown), what, strlen(what));
	snprintf(c->why, sizeof(c->why), "%s%s%s", before, shown, after);
	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Quotes group, also inside a word; a backslash is itself. 1, 0 there is none, -1. */
static int next_word(struct reader *r, char **word)
{
	char quote = '\0';

	while (is_blank(*r->at))
		r->at++;
	if (!*r->at)
		return 0;
	*word = r->out;
	for (; *r->at && (quote || !is_blank(*r->at)); r->at++) {
		if (quote ? *r->at == quote : *r->at == '\'' || *r->at == '"')
			quote = quote ? '\0' : *r->at;
		else
			*r->out++ = *r->at;
	}
	*r->out++ = '\0';
	return quote ? fail(r->c, "a quotation mark is never closed", "", "") : 1;
}

const struct command_verb *command_find(const struct command_verb *verbs, size_t nverbs,
					const char *name)
{
	for (size_t i = 0; i < nverbs; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

const char *command_nearest(const struct command_verb *verbs, size_t nverbs, const char *name)
{
	const char *found = NULL;
	unsigned best = NEAREST_NONE;

	for (size_t i = 0; i < nverbs; i++)
		if (nearest_is(name, verbs[i].name, &best))
			found = verbs[i].name;
	return found;
}

static int too_many(struct command *c, const char *word)
{
	char first[SHOWN_SIZE], after[SHOWN_SIZE + 128];

	if (c->is_bare) {
		text_escape(first, sizeof(first), c->arg[0], strlen(c->arg[0]));
		snprintf(after, sizeof(after), ". '%s' is no command ('help' lists them), and "
			 "behind a guest's name stand options alone. Is it one name with a blank? Then "
			 "quote it twice: ssh ... \"'my guest'\"", first);
		return fail(c, "one word too many: ", word, after);
	}
	return fail(c, "one word too many: ", word, ". What has blanks in it wants quotes twice, "
		    "because your shell takes one pair: ssh ... \"info 'my guest'\"");
}

static int too_few(struct command *c)
{
	char what[SHOWN_SIZE];

	snprintf(what, sizeof(what), "%s wants %s", c->verb->name, c->verb->arguments);
	return fail(c, what, "", "");
}

/* A word that is no option: the verb, or an argument. */
static int take_word(struct command *c, const struct command_verb *verbs, size_t nverbs,
		     const char *word)
{
	if (!c->verb) {
		c->verb = command_find(verbs, nverbs, word);
		if (c->verb)
			return 0;
		c->verb = command_find(verbs, nverbs, "attach");
		c->is_bare = true;
	}
	if (c->count == c->verb->most || c->count == COMMAND_ARGS_MAX)
		return too_many(c, word);
	c->arg[c->count++] = word;
	return 0;
}

/* "-json": nobody's guest is called that, and if one is, it stands behind --. */
static int one_dash(struct command *c, const char *word)
{
	char hint[3 * SHOWN_SIZE], shown[SHOWN_SIZE];

	text_escape(shown, sizeof(shown), word, strlen(word));
	snprintf(hint, sizeof(hint), ": options have two dashes, -%s (and a guest called %s stands "
		 "behind --, as in: info -- %s)", shown, shown, shown);
	return fail(c, "", word, hint);
}

/* Reads an option and, where it takes one, its value. */
static int read_option(struct reader *r, const char *text)
{
	struct reader ahead = *r;
	char *next = NULL;
	int used;

	if (next_word(&ahead, &next) < 0)
		return -1;
	used = options_take(&r->c->options, text, next, r->c->why);
	if (used > 0)
		*r = ahead;
	return used < 0 ? -1 : 0;
}

static bool is_at_rest(const struct command *c)
{
	return c->verb && c->verb->most == COMMAND_REST && c->count == 1;
}

/*
 * What stands behind the one blank after the last word, as it is; `-` alone may be followed
 * by options. 1 when that was all.
 */
static int take_rest(struct reader *r, bool is_over)
{
	const char *at = r->at + (is_blank(*r->at) ? 1 : 0);
	const char *word = at + strspn(at, " \t\r\n");

	if (!*at || (!is_over && strncmp(word, "--", 2) == 0))
		return 0;
	if (!is_over && word[0] == '-' && (word[1] == '\0' || is_blank(word[1])))
		return 0;
	r->c->arg[r->c->count++] = strcpy(r->out, at);
	return 1;
}

static int read_words(struct reader *r, const struct command_verb *verbs, size_t nverbs)
{
	struct command *c = r->c;
	bool is_over = false;
	char *word;
	int n;

	for (;;) {
		if (is_at_rest(c) && take_rest(r, is_over))
			return 0;
		n = next_word(r, &word);
		if (n <= 0)
			return n;
		if (!is_over && strcmp(word, "--") == 0) {
			is_over = true;
			continue;
		}
		if (!is_over && strncmp(word, "--", 2) == 0)
			n = read_option(r, word + 2);
		else if (!is_over && word[0] == '-' &&
			 options_is_name(word + 1, strcspn(word + 1, "=")))
			n = one_dash(c, word);
		else
			n = take_word(c, verbs, nverbs, word);
		if (n < 0)
			return -1;
	}
}

/* VERB --help is help VERB, whatever else is there or missing. */
static void turn_to_help(struct command *c, const struct command_verb *verbs, size_t nverbs)
{
	const struct command_verb *help = command_find(verbs, nverbs, "help");

	c->count = c->verb && !c->is_bare && c->verb != help;
	c->arg[0] = c->count ? c->verb->name : NULL;
	c->verb = help;
}

int command_parse(struct command *c, const struct command_verb *verbs, size_t nverbs,
		  const char *line)
{
	struct reader r = { .c = c, .at = line, .out = c->text };

	*c = (struct command){ .options.escape = ESCAPE_KEY_NONE };
	if (strlen(line) >= COMMAND_LINE_MAX)
		return fail(c, "the command is too long", "", "");
	if (read_words(&r, verbs, nverbs) < 0)
		return -1;
	if (c->options.given & OPTION_HELP) {
		turn_to_help(c, verbs, nverbs);
		return 0;
	}
	if (!c->verb)
		return fail(c, "which guest?", "", "");
	if (c->count < c->verb->least)
		return too_few(c);
	return options_check(&c->options, c->verb->options, c->verb->name, c->why);
}

int command_parse_login(struct command *c, const struct command_verb *verb, const char *text,
			char separator)
{
	char between[2] = { separator, '\0' };
	char *piece, *rest = c->text;

	*c = (struct command){ .verb = verb, .options.escape = ESCAPE_KEY_NONE };
	if (strlen(text) >= sizeof(c->text))
		return fail(c, "the options are too long", "", "");
	memcpy(c->text, text, strlen(text) + 1);
	while (*rest) {
		piece = strsep(&rest, between);
		if (options_take(&c->options, piece, NULL, c->why) < 0)
			return -1;
		if (!rest)
			break;
	}
	return options_check(&c->options, verb->options, verb->name, c->why);
}

static int copy_part(char *out, size_t size, const char *from, size_t len)
{
	if (len >= size)
		return -1;
	memcpy(out, from, len);
	out[len] = '\0';
	return 0;
}

int command_split_login(const char *name, char separator, char user[USER_MAX + 1],
			char guest[GUEST_PHRASE_MAX + 1], char opts[COMMAND_OPTIONS_SIZE])
{
	char between[2] = { separator, '\0' };
	size_t len = strcspn(name, between);
	const char *at = name + len;

	guest[0] = opts[0] = '\0';
	if (len == 0 || copy_part(user, USER_MAX + 1, name, len) < 0)
		return -1;
	if (*at == '\0')
		return 0;
	len = strcspn(++at, between);
	if (copy_part(guest, GUEST_PHRASE_MAX + 1, at, len) < 0)
		return -1;
	at += len;
	return *at ? copy_part(opts, COMMAND_OPTIONS_SIZE, at + 1, strlen(at + 1)) : 0;
}

void command_usage(struct buf *out, const struct command_verb *verbs, size_t nverbs)
{
	char head[SHOWN_SIZE];

	buf_append_str(out, "Usage: ssh -t USER@GATE [GUEST]    a guest's console, or the menu\n"
			    "       ssh USER+GUEST@GATE         the same, where only a user name "
			    "can be set\n"
			    "       ssh USER@GATE COMMAND       one of these:\n\n");
	for (size_t i = 0; i < nverbs; i++) {
		snprintf(head, sizeof(head), "%s%s%s", verbs[i].name,
			 *verbs[i].arguments ? " " : "", verbs[i].arguments);
		buf_printf(out, "  %-22s %s\n", head, verbs[i].brief);
	}
	buf_append_str(out,
		       "\n'help COMMAND' tells more about one. Exit status: 0 done or detached,\n"
		       "1 it failed, 2 wrong usage, 3 not allowed, 4 no such guest or console,\n"
		       "5 timed out, 6 the guest went away.\n");
}

void command_help(struct buf *out, const struct command_verb *verb)
{
	buf_printf(out, "%s%s%s\n\n  %s\n", verb->name, *verb->arguments ? " " : "",
		   verb->arguments, verb->brief);
	if (*verb->help)
		buf_printf(out, "%s", verb->help);
	if (verb->options)
		buf_append_str(out, "\nOptions:\n");
	options_help(out, verb->options);
}
