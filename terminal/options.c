/* SPDX-License-Identifier: ISC */
/* See options.h. Pure. */
#include "terminal/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/nearest.h"
#include "ipc/text.h"
#include "terminal/escape.h"
#include "terminal/position.h"

enum { SHOWN_SIZE = 80 };

static int set_escape(struct command_options *o, const char *value)
{
	return escape_parse(&o->escape, value);
}

/* A whole number from least to most, with nothing behind it but the unit, if there is one. */
static int read_number(unsigned *out, const char *value, char unit, unsigned least, unsigned most)
{
	char *end;
	unsigned long n;

	if (*value < '0' || *value > '9')
		return -1;
	n = strtoul(value, &end, 10);
	if (unit && *end == unit)
		end++;
	if (*end || n < least || n > most)
		return -1;
	*out = (unsigned)n;
	return 0;
}

static int set_timeout(struct command_options *o, const char *value)
{
	return read_number(&o->timeout, value, 's', 1, OPTIONS_TIMEOUT_MAX);
}

static int set_lines(struct command_options *o, const char *value)
{
	return read_number(&o->lines, value, '\0', 0, OPTIONS_LINES_MAX);
}

/* As journalctl has it: 0 is this boot, -1 the one before; boot-1 is a position's word for it. */
static int set_boot(struct command_options *o, const char *value)
{
	if (strncmp(value, "boot", 4) == 0)
		value += 4;
	if (*value == '-')
		value++;
	else if (strcmp(value, "0") != 0 && *value)
		return -1;
	return *value ? read_number(&o->boot, value, '\0', 0, 1000) : 0;
}

static int set_text(char *out, size_t size, const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len >= size)
		return -1;
	memcpy(out, value, len + 1);
	return 0;
}

static int set_device(struct command_options *o, const char *value)
{
	return set_text(o->device, sizeof(o->device), value);
}

static int set_from(struct command_options *o, const char *value)
{
	return set_text(o->from, sizeof(o->from), value);
}

static int set_until(struct command_options *o, const char *value)
{
	return set_text(o->until, sizeof(o->until), value);
}

/* What it means depends on when it is asked for. */
static int set_replay_from(struct command_options *o, const char *value)
{
	struct position any;

	return position_parse(&any, value, INT32_MAX) < 0 ? -1 : set_from(o, value);
}

/* 90, 90s, 10m, 2h, 7d. */
static int set_valid(struct command_options *o, const char *value)
{
	static const struct { char name; unsigned seconds; } units[] = {
		{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400},
	};
	unsigned long n, unit = 1;
	char *end;

	if (*value < '0' || *value > '9')
		return -1;
	n = strtoul(value, &end, 10);
	for (size_t i = 0; *end && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strchr(end, units[i].name) == end) {
			unit = units[i].seconds;
			end++;
			break;
		}
	}
	if (*end || n == 0 || n > OPTIONS_VALID_MAX / unit)
		return -1;
	o->valid = (unsigned)(n * unit);
	return 0;
}

static int set_ticket(struct command_options *o, const char *value)
{
	return set_text(o->ticket, sizeof(o->ticket), value);
}

static int set_regex(struct command_options *o, const char *value)
{
	return set_text(o->regex, sizeof(o->regex), value);
}

static const struct option {
	const char *name;
	unsigned bit;
	const char *value;         /* what the usage calls it; NULL: takes none */
	int (*set)(struct command_options *o, const char *value);
	const char *wanted;        /* what else a wrong value is compared with; NULL: value */
	const char *help;
} options[] = {
	{"read-only", OPTION_READ_ONLY, NULL, NULL, NULL,
	 "watch only: nothing that is typed is sent"},
	{"take", OPTION_TAKE, NULL, NULL, NULL, "take the keyboard at once"},
	{"wait", OPTION_WAIT, NULL, NULL, NULL,
	 "wait for a guest that is off, and stay when it stops"},
	{"quiet", OPTION_QUIET, NULL, NULL, NULL, "none of our own lines"},
	{"linear", OPTION_LINEAR, NULL, NULL, NULL,
	 "with a terminal: text lines only, for screen readers and paper"},
	{"escape", OPTION_ESCAPE, "^A|none", set_escape, NULL, "another escape key, or none"},
	{"device", OPTION_DEVICE, "ALIAS", set_device, NULL,
	 "this console of the guest, such as serial1"},
	{"timeout", OPTION_TIMEOUT, "S", set_timeout, "a number of seconds",
	 "end after so many seconds, with status 5"},
	{"cr", OPTION_CR, NULL, NULL, NULL, "without a terminal: send CR where the input has LF"},
	{"json", OPTION_JSON, NULL, NULL, NULL, "the answer as JSON"},
	{"replay-lines", OPTION_REPLAY_LINES, "N", set_lines, "a number of lines",
	 "show so many lines of before first; 0 none"},
	{"replay-from", OPTION_REPLAY_FROM, "POS", set_replay_from,
	 "EPOCH.OFFSET, left, boot, boot-1, 10m or 2026-11-22T10:00",
	 "what came since: EPOCH.OFFSET, left, boot, boot-1, 10m, a time"},
	{"lines", OPTION_LINES, "N", set_lines, "a number of lines",
	 "begin so many lines before the newest byte"},
	{"from", OPTION_FROM, "POS", set_from, NULL,
	 "begin at EPOCH.OFFSET, left, boot-1, 10m, 2026-11-22T10:00"},
	{"until", OPTION_UNTIL, "POS", set_until, NULL, "end there"},
	{"boot", OPTION_BOOT, "[-K]", set_boot, "0 for this boot, -1 for the one before",
	 "what this boot printed, or the one K boots ago"},
	{"follow", OPTION_FOLLOW, NULL, NULL, NULL, "go on with what is printed from now on"},
	{"raw", OPTION_RAW, NULL, NULL, NULL, "the bytes as they were, instead of readable text"},
	{"timestamps", OPTION_TIMESTAMPS, NULL, NULL, NULL,
	 "when each line was begun, in front of it"},
	{"for", OPTION_FOR, "REGEX", set_regex, NULL,
	 "wait for a line that fits (POSIX extended), print it"},
	{"paced", OPTION_PACED, NULL, NULL, NULL, "slowly: at the pace of the guest's echo"},
	{"yes", OPTION_YES, NULL, NULL, NULL, "do it without asking"},
	{"type", OPTION_TYPE, NULL, NULL, NULL, "who has it may type, too, as far as you may"},
	{"once", OPTION_ONCE, NULL, NULL, NULL, "good for one visit"},
	{"valid", OPTION_VALID, "TIME", set_valid, "a time such as 90s, 10m, 2h or 7d",
	 "how long it is good: 90s, 10m (if not said), 2h, 7d at most"},
	{"list", OPTION_LIST, NULL, NULL, NULL, "your tickets"},
	{"revoke", OPTION_REVOKE, "ID", set_ticket, NULL, "end that one, and who came by it"},
	{"help", OPTION_HELP, NULL, NULL, NULL, "about this command"},
};
enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

static int fail(char *why, const char *before, const char *what, const char *after)
{
	char shown[SHOWN_SIZE];

	text_escape(shown, sizeof(shown), what, strlen(what));
	snprintf(why, OPTIONS_WHY_SIZE, "%s%s%s", before, shown, after);
	return -1;
}

static int unknown(char *why, const char *name)
{
	const char *found = NULL;
	unsigned best = NEAREST_NONE;
	char hint[SHOWN_SIZE] = "", bare[NEAREST_NONE + 2];

	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(name, "="), name);
	for (size_t i = 0; i < OPTIONS; i++)
		if (nearest_is(bare, options[i].name, &best))
			found = options[i].name;
	if (found)
		snprintf(hint, sizeof(hint), "; did you mean --%s?", found);
	return fail(why, "unknown option --", name, hint);
}

static const struct option *find(const char *name, size_t len)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0)
			return &options[i];
	return NULL;
}

bool options_is_name(const char *name, size_t len)
{
	return find(name, len);
}

static bool is_optional(const struct option *o)
{
	return o->value && o->value[0] == '[';
}

int options_take(struct command_options *o, const char *text, const char *next,
		 char why[OPTIONS_WHY_SIZE])
{
	size_t len = strcspn(text, "=");
	const struct option *row = find(text, len);
	const char *value = text[len] ? text + len + 1 : NULL;
	bool is_next = false;
	char what[SHOWN_SIZE + 64];

	if (!row)
		return unknown(why, text);
	snprintf(what, sizeof(what), "--%s", row->name);
	if (!row->value && value)
		return fail(why, what, "", " takes no value");
	if (row->value && !value && next && !is_optional(row)) {
		value = next;
		is_next = true;
	}
	if (row->value && !value && !is_optional(row))
		return fail(why, what, "", " needs a value");
	if (row->set && value && row->set(o, value) < 0) {
		snprintf(what, sizeof(what), "--%s takes %s, not ", row->name,
			 row->wanted ? row->wanted : row->value);
		return fail(why, what, value, "");
	}
	o->given |= row->bit;
	return is_next;
}

/* Pairs that make no sense together. */
static const struct { unsigned one, other; const char *why; } pairs[] = {
	{OPTION_READ_ONLY, OPTION_TAKE, "--read-only and --take"},
	{OPTION_RAW, OPTION_TIMESTAMPS, "--raw and --timestamps"},
	{OPTION_LIST, OPTION_REVOKE, "--list and --revoke"},
	{OPTION_LINES, OPTION_FROM, "--lines and --from"},
	{OPTION_LINES, OPTION_BOOT, "--lines and --boot"},
	{OPTION_FROM, OPTION_BOOT, "--from and --boot"},
	{OPTION_REPLAY_LINES, OPTION_REPLAY_FROM, "--replay-lines and --replay-from"},
};

int options_check(const struct command_options *o, unsigned allowed, const char *verb,
		  char why[OPTIONS_WHY_SIZE])
{
	unsigned wrong = o->given & ~allowed & ~(unsigned)OPTION_HELP;
	char what[SHOWN_SIZE];

	for (size_t i = 0; i < OPTIONS; i++) {
		if (wrong & options[i].bit) {
			snprintf(what, sizeof(what), "%s takes no --", verb);
			return fail(why, what, options[i].name, "");
		}
	}
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (o->given & pairs[i].one && o->given & pairs[i].other)
			return fail(why, pairs[i].why, "", " together make no sense");
	return 0;
}

void options_help(struct buf *out, unsigned allowed)
{
	char head[SHOWN_SIZE];

	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *o = &options[i];

		if (!(allowed & o->bit))
			continue;
		if (is_optional(o))
			snprintf(head, sizeof(head), "--%s[=%s", o->name, o->value + 1);
		else
			snprintf(head, sizeof(head), "--%s%s%s", o->name, o->value ? "=" : "",
				 o->value ? o->value : "");
		buf_printf(out, "  %-18s %s\n", head, o->help);
	}
}
