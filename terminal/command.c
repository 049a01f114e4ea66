/* SPDX-License-Identifier: ISC */
/* See command.h. Pure. */
#include "terminal/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/text.h"
#include "terminal/escape.h"

enum { NEAR_MAX = 24, SHOWN_SIZE = 80 };

struct words {
	char *word[COMMAND_WORDS_MAX];
	unsigned count;
};

static int set_escape(struct command_options *o, const char *value)
{
	return escape_parse(&o->escape, value);
}

static int set_timeout(struct command_options *o, const char *value)
{
	char *end;
	unsigned long n;

	if (*value < '0' || *value > '9')
		return -1;
	n = strtoul(value, &end, 10);
	if (*end == 's')
		end++;
	if (*end || n == 0 || n > COMMAND_TIMEOUT_MAX)
		return -1;
	o->timeout = (unsigned)n;
	return 0;
}

static int set_device(struct command_options *o, const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len > ALIAS_MAX)
		return -1;
	memcpy(o->device, value, len + 1);
	return 0;
}

static const struct option {
	const char *name;
	unsigned bit;
	const char *value;         /* what the usage calls it; NULL: takes none */
	int (*set)(struct command_options *o, const char *value);
	const char *help;
} options[] = {
	{"read-only", OPTION_READ_ONLY, NULL, NULL, "watch only: nothing that is typed is sent"},
	{"take", OPTION_TAKE, NULL, NULL, "take the keyboard at once"},
	{"wait", OPTION_WAIT, NULL, NULL,
	 "without a terminal: wait for a guest that is off, stay when it stops"},
	{"quiet", OPTION_QUIET, NULL, NULL, "none of our own lines"},
	{"escape", OPTION_ESCAPE, "^A|none", set_escape, "another escape key, or none"},
	{"device", OPTION_DEVICE, "ALIAS", set_device,
	 "this console of the guest, such as serial1"},
	{"timeout", OPTION_TIMEOUT, "S", set_timeout, "end after so many seconds, with status 5"},
	{"cr", OPTION_CR, NULL, NULL, "without a terminal: send CR where the input has LF"},
	{"json", OPTION_JSON, NULL, NULL, "the answer as JSON"},
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

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

/* Quotes group, also inside a word; a backslash is itself. The words go into c->text. */
static int split(struct command *c, struct words *w, const char *line)
{
	char *out = c->text;
	char quote = '\0';
	bool in_word = false;

	w->count = 0;
	for (; *line; line++) {
		if (!quote && is_blank(*line)) {
			if (in_word)
				*out++ = '\0';
			in_word = false;
			continue;
		}
		if (!in_word) {
			if (w->count == COMMAND_WORDS_MAX)
				return fail(c, "too many words", "", "");
			w->word[w->count++] = out;
			in_word = true;
		}
		if (quote ? *line == quote : *line == '\'' || *line == '"')
			quote = quote ? '\0' : *line;
		else
			*out++ = *line;
	}
	*out = '\0';
	if (quote)
		return fail(c, "a quotation mark is never closed", "", "");
	return 0;
}

/* Levenshtein's distance; words of NEAR_MAX bytes and more are near to nothing. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NEAR_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na >= NEAR_MAX || nb >= NEAR_MAX)
		return NEAR_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = corner + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = row[j];
			row[j] = best;
		}
	}
	return row[nb];
}

static bool is_near(const char *typed, const char *meant, unsigned *best)
{
	unsigned d = distance(typed, meant);

	if (d >= *best || d > 1 + strlen(meant) / 4 || d >= strlen(meant))
		return false;
	*best = d;
	return true;
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
	unsigned best = NEAR_MAX;

	for (size_t i = 0; i < nverbs; i++)
		if (is_near(name, verbs[i].name, &best))
			found = verbs[i].name;
	return found;
}

static int unknown_option(struct command *c, const char *name)
{
	const char *found = NULL;
	unsigned best = NEAR_MAX;
	char hint[SHOWN_SIZE] = "", bare[NEAR_MAX];

	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(name, "="), name);
	for (size_t i = 0; i < OPTIONS; i++)
		if (is_near(bare, options[i].name, &best))
			found = options[i].name;
	if (found)
		snprintf(hint, sizeof(hint), "; did you mean --%s?", found);
	fail(c, "unknown option --", name, hint);
	return -1;
}

static const struct option *find_option(const char *name, size_t len)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0)
			return &options[i];
	return NULL;
}

/* One option, without its dashes; next is the word behind it. 1: next was its value; 0; -1. */
static int take_option(struct command *c, const char *text, const char *next)
{
	size_t len = strcspn(text, "=");
	const struct option *o = find_option(text, len);
	const char *value = text[len] ? text + len + 1 : NULL;
	bool is_next = false;
	char what[SHOWN_SIZE];

	if (!o)
		return unknown_option(c, text);
	snprintf(what, sizeof(what), "--%s", o->name);
	if (!o->value && value)
		return fail(c, what, "", " takes no value");
	if (o->value && !value && next) {
		value = next;
		is_next = true;
	}
	if (o->value && !value)
		return fail(c, what, "", " needs a value");
	if (o->set && o->set(&c->options, value) < 0) {
		snprintf(what, sizeof(what), "--%s takes %s, not ", o->name,
			 o->bit == OPTION_TIMEOUT ? "a number of seconds" : o->value);
		return fail(c, what, value, "");
	}
	c->options.given |= o->bit;
	return is_next;
}

static int check_options(struct command *c)
{
	unsigned wrong = c->options.given & ~c->verb->options;
	char what[SHOWN_SIZE];

	for (size_t i = 0; i < OPTIONS; i++) {
		if (wrong & options[i].bit) {
			snprintf(what, sizeof(what), "%s takes no --", c->verb->name);
			return fail(c, what, options[i].name, "");
		}
	}
	if (c->options.given & OPTION_READ_ONLY && c->options.given & OPTION_TAKE)
		return fail(c, "--read-only and --take together make no sense", "", "");
	return 0;
}

static int too_many(struct command *c, const char *word)
{
	char first[SHOWN_SIZE], after[SHOWN_SIZE + 128];

	if (c->is_bare) {
		text_escape(first, sizeof(first), c->arg[0], strlen(c->arg[0]));
		snprintf(after, sizeof(after), ". '%s' is no command ('help' lists them), and "
			 "behind a guest's name stands nothing. Is it one name with a blank? Then "
			 "quote it twice: ssh ... \"'my guest'\"", first);
		return fail(c, "one word too many: ", word, after);
	}
	return fail(c, "one word too many: ", word, ". A name with blanks wants quotes twice, "
		    "because your shell takes one pair: ssh ... \"info 'my guest'\"");
}

/* The verb, and the words that are left over for it. */
static int take_words(struct command *c, const struct command_verb *verbs, size_t nverbs,
		      char **word, unsigned count)
{
	char what[SHOWN_SIZE];

	c->verb = command_find(verbs, nverbs, word[0]);
	if (c->verb) {
		word++;
		count--;
	} else {
		c->verb = command_find(verbs, nverbs, "attach");
		c->is_bare = true;
	}
	for (unsigned i = 0; i < count; i++) {
		if (i == c->verb->most || i == COMMAND_ARGS_MAX)
			return too_many(c, word[i]);
		c->arg[c->count++] = word[i];
	}
	if (c->count < c->verb->least) {
		snprintf(what, sizeof(what), "%s wants %s", c->verb->name, c->verb->arguments);
		return fail(c, what, "", "");
	}
	return 0;
}

int command_parse(struct command *c, const struct command_verb *verbs, size_t nverbs,
		  const char *line)
{
	struct words w;
	unsigned left = 0;
	bool is_over = false;

	*c = (struct command){ .options.escape = ESCAPE_KEY_NONE };
	if (strlen(line) >= COMMAND_LINE_MAX)
		return fail(c, "the command is too long", "", "");
	if (split(c, &w, line) < 0)
		return -1;
	for (unsigned i = 0; i < w.count; i++) {
		int used;

		if (is_over || strncmp(w.word[i], "--", 2) != 0) {
			w.word[left++] = w.word[i];
			continue;
		}
		if (w.word[i][2] == '\0') {
			is_over = true;
			continue;
		}
		used = take_option(c, w.word[i] + 2, i + 1 < w.count ? w.word[i + 1] : NULL);
		if (used < 0)
			return -1;
		i += (unsigned)used;
	}
	if (left == 0)
		return fail(c, "which guest?", "", "");
	if (take_words(c, verbs, nverbs, w.word, left) < 0)
		return -1;
	return check_options(c);
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
		if (take_option(c, piece, NULL) < 0)
			return -1;
		if (!rest)
			break;
	}
	return check_options(c);
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
			    "       ssh USER+GUEST@GATE         the same for clients that set only "
			    "a user name\n"
			    "       ssh USER@GATE COMMAND       one of these:\n\n");
	for (size_t i = 0; i < nverbs; i++) {
		snprintf(head, sizeof(head), "%s%s%s", verbs[i].name,
			 *verbs[i].arguments ? " " : "", verbs[i].arguments);
		buf_printf(out, "  %-22s %s\n", head, verbs[i].brief);
	}
	buf_append_str(out,
		       "\n'help COMMAND' tells more about one. Exit status: 0 done or detached, "
		       "1 it failed,\n2 wrong usage, 3 not allowed, 4 no such guest or console, "
		       "5 timed out,\n6 the guest went away.\n");
}

void command_help(struct buf *out, const struct command_verb *verb)
{
	char head[SHOWN_SIZE];

	buf_printf(out, "%s%s%s\n\n  %s\n", verb->name, *verb->arguments ? " " : "",
		   verb->arguments, verb->brief);
	if (*verb->help)
		buf_printf(out, "%s", verb->help);
	if (verb->options)
		buf_append_str(out, "\nOptions:\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		if (!(verb->options & options[i].bit))
			continue;
		snprintf(head, sizeof(head), "--%s%s%s", options[i].name,
			 options[i].value ? "=" : "", options[i].value ? options[i].value : "");
		buf_printf(out, "  %-18s %s\n", head, options[i].help);
	}
}
