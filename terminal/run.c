/* SPDX-License-Identifier: ISC */
/*
 * The stage of a session that runs a command: the table of commands, which one is meant, and
 * what all of them need. See run.h.
 */
#include "terminal/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ipc/clock.h"
#include "terminal/ask.h"
#include "terminal/position.h"

enum { TEXT_PAGE_MAX = 16384 };

static const struct stage whole_stage;

static void run_attach(struct session *s);
static void run_help(struct session *s);

enum {
	HUNT_OPTIONS = OPTION_FOR | OPTION_TIMEOUT | OPTION_RAW | OPTION_DEVICE | OPTION_QUIET,
};
#define HUNT_HELP "\n  With --for it is on the console before it does it, and misses nothing.\n"

static const struct command_verb verbs[] = {
	{"list", "[PATTERN]", 0, 1, OPTION_JSON, "the guests you may see",
	 "\n  PATTERN is a part of a name, or with * ? [ ] a pattern for all of it.\n", run_list},
	{"info", "GUEST", 1, 1, OPTION_JSON, "state, consoles, displays, and who is there",
	 "\n  GUEST is the full name, HOST/NAME or the UUID.\n", run_info},
	{"attach", "GUEST", 1, 1,
	 OPTION_READ_ONLY | OPTION_TAKE | OPTION_WAIT | OPTION_QUIET | OPTION_LINEAR | OPTION_ESCAPE |
		 OPTION_DEVICE | OPTION_TIMEOUT | OPTION_CR | OPTION_REPLAY_LINES |
		 OPTION_REPLAY_FROM,
	 "its console: what a guest's name alone means",
	 "\n  GUEST is a name (with a terminal the start of one will do), HOST/NAME or a\n"
	 "  UUID, each with :ALIAS for one of several consoles. Without a terminal (ssh -t\n"
	 "  makes one) bytes pass as they are, our own lines go to standard error, and the\n"
	 "  end of the guest is the end (status 6) unless --wait is given.\n",
	 run_attach},
	{"log", "GUEST", 1, 1,
	 OPTION_LINES | OPTION_FROM | OPTION_UNTIL | OPTION_BOOT | OPTION_FOLLOW | OPTION_RAW |
		 OPTION_TIMESTAMPS | OPTION_DEVICE | OPTION_TIMEOUT | OPTION_QUIET,
	 "what its console printed",
	 "\n  All that is kept, as readable text: what moved the cursor has had its effect,\n"
	 "  a line appears when it is whole. Without --follow it opens no console, and\n"
	 "  nobody there sees you. A gate does not see that the reader of a pipe is gone\n"
	 "  (log --follow | head stays): bound it with --timeout, or use wait.\n",
	 run_log},
	{"wait", "GUEST --for REGEX", 1, 1,
	 OPTION_FOR | OPTION_TIMEOUT | OPTION_FROM | OPTION_RAW | OPTION_DEVICE | OPTION_WAIT |
		 OPTION_QUIET,
	 "until it prints a line that fits; prints the line",
	 "\n  From now on, or from a position; a line counts before it is at its end, as a\n"
	 "  prompt has none. 0 it came, 5 timed out, 6 the guest went away.\n",
	 run_wait},
	{"send", "GUEST TEXT...", 2, COMMAND_REST,
	 OPTION_TAKE | OPTION_PACED | OPTION_FOR | OPTION_TIMEOUT | OPTION_RAW | OPTION_DEVICE |
		 OPTION_CR | OPTION_QUIET,
	 "type a text, or with - standard input",
	 "\n  The text is the rest of the line as it is, behind one blank: \\r is Enter, and\n"
	 "  none is added; \\n \\t \\e \\xHH \\\\ are understood. Options stand before it. It\n"
	 "  takes the keyboard when that is free or yours elsewhere, and fails (1) when\n"
	 "  somebody else has it.\n",
	 run_send},
	{"who", "[GUEST]", 0, 1, OPTION_JSON, "who is on which console", "", run_who},
	{"watch", "REGEX [PATTERN]", 1, 2, OPTION_RAW | OPTION_TIMEOUT | OPTION_QUIET | OPTION_JSON,
	 "lines that fit, of all guests, as JSON",
	 "\n  One JSON object a line: guest, host, console, time, line. PATTERN is of guests,\n"
	 "  as for list. It opens their consoles, also of guests that come later, and goes\n"
	 "  on until it is interrupted.\n",
	 run_watch},
	{"start", "GUEST", 1, 1, HUNT_OPTIONS, "power it on, or go on with one that is paused",
	 HUNT_HELP, run_act},
	{"shutdown", "GUEST", 1, 1, OPTION_TIMEOUT, "ask it to shut down", "", run_act},
	{"reboot", "GUEST", 1, 1, HUNT_OPTIONS, "ask it to restart", HUNT_HELP, run_act},
	{"reset", "GUEST", 1, 1, HUNT_OPTIONS, "restart it at once, as by its reset button",
	 HUNT_HELP, run_act},
	{"poweroff", "GUEST", 1, 1, OPTION_TIMEOUT, "off at once, as by pulling the plug", "",
	 run_act},
	{"nmi", "GUEST", 1, 1, OPTION_TIMEOUT, "a non-maskable interrupt", "", run_act},
	{"break", "GUEST", 1, 1, OPTION_TIMEOUT, "a BREAK on its line (GUEST:ALIAS: on that one)",
	 "", run_act},
	{"sysrq", "GUEST KEY", 2, 2, OPTION_TIMEOUT, "a Magic SysRq key of Linux; h is its help",
	 "", run_sysrq},
	{"kick", "USER|ID", 1, 1, OPTION_TIMEOUT, "end somebody's visits (who shows IDs)", "",
	 run_kick},
	{"add-serial", "GUEST", 1, 1, OPTION_YES | OPTION_TIMEOUT,
	 "give it a serial console where it has none",
	 "\n  Shows the change to the guest's definition and what its own system needs;\n"
	 "  makes it with --yes, or asks on a terminal.\n",
	 run_add_serial},
	{"ticket", "GUEST", 0, 1,
	 OPTION_TYPE | OPTION_ONCE | OPTION_VALID | OPTION_LIST | OPTION_REVOKE | OPTION_JSON,
	 "a link to one guest, for somebody without a login",
	 "\n  Watching only, without --type; never more than you may yourself at that moment.\n"
	 "  Needs the right share. ticket --list shows yours, ticket --revoke ID ends one.\n",
	 run_ticket},
	{"ssh-config", "", 0, 0, 0, "a block for each guest, for ~/.ssh/config", "",
	 run_ssh_config},
	{"help", "[COMMAND]", 0, 1, 0, "this list, or more about one command", "", run_help},
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

bool run_is_verb(const char *name)
{
	return command_find(verbs, VERBS, name);
}

const char *run_nearest_verb(const char *name)
{
	return command_nearest(verbs, VERBS, name);
}

void run_say_foreign(struct session *s, const char *before, const char *foreign, const char *after)
{
	char shown[SHOWN_NAME_SIZE], line[SHOWN_NAME_SIZE + 256];

	session_escape(s, shown, sizeof(shown), foreign);
	snprintf(line, sizeof(line), "%s%s%s", before, shown, after);
	session_say(s, line);
}

void run_fail(struct session *s, int status, const char *text)
{
	session_say(s, text);
	session_end(s, status);
}

void run_hear_refused(void *who, struct attachment *at, const struct msg_refused *m)
{
	struct session *s = who;

	(void)at;
	run_say_foreign(s, "", m->text, "");
	session_end(s, m->code);
}

int run_compile(struct session *s, struct expression *e, const char *text)
{
	char why[EXPRESSION_WHY_SIZE];

	if (expression_compile(e, text, why) == 0)
		return 0;
	run_fail(s, REFUSED_USAGE, why);
	return -1;
}

int run_position(struct session *s, struct position *p, const char *option, const char *text)
{
	char before[64];

	if (position_parse(p, text, (int64_t)time(NULL)) == 0)
		return 0;
	snprintf(before, sizeof(before), "--%s takes a position, not '", option);
	run_say_foreign(s, before, text, "': EPOCH.OFFSET as printed here, left, boot, boot-1, 10m "
			"(so long ago) or 2026-11-22T10:00");
	session_end(s, REFUSED_USAGE);
	return -1;
}

size_t run_input(struct session *s, const uint8_t *data, size_t len)
{
	static const uint8_t interrupt = 0x03;

	if (!s->has_terminal)                      /* nobody's: it stays where it is */
		return 0;
	if (memchr(data, interrupt, len) ||
	    (s->escape_key >= 0 && memchr(data, s->escape_key, len)))
		session_end(s, s->hunt ? REFUSED_FAILED : 0);
	return len;
}

void run_timer(struct session *s)
{
	const struct command_options *o = &s->command.options;

	s->run_due = o->given & OPTION_TIMEOUT ? clock_ms() + (int64_t)o->timeout * 1000 : -1;
}

bool run_is_late(struct session *s)
{
	char text[64];

	if (s->is_over || s->run_due < 0 || clock_ms() < s->run_due)
		return false;
	snprintf(text, sizeof(text), "timed out after %u s", s->command.options.timeout);
	run_fail(s, REFUSED_TIMEOUT, text);
	return true;
}

void run_free(struct session *s)
{
	run_log_free(s);
	run_hunt_free(s);
	run_watch_free(s);
}

/* -- usage and help -- */

static void print_error(struct session *s, const struct buf *text)
{
	if (s->has_terminal)
		session_print(s, (const char *)text->data, text->len);
	else
		buf_append(&s->err, text->data, text->len);
}

void run_usage(struct session *s)
{
	struct buf text;

	buf_init(&text, TEXT_PAGE_MAX);
	command_usage(&text, verbs, VERBS);
	print_error(s, &text);
	buf_free(&text);
	session_end(s, REFUSED_USAGE);
}

static void run_help(struct session *s)
{
	const struct command_verb *verb = NULL;
	struct buf text;

	if (s->command.count) {
		verb = command_find(verbs, VERBS, s->command.arg[0]);
		if (!verb) {
			run_say_foreign(s, "there is no command '", s->command.arg[0], "'");
			session_end(s, REFUSED_USAGE);
			return;
		}
	}
	buf_init(&text, TEXT_PAGE_MAX);
	if (verb)
		command_help(&text, verb);
	else
		command_usage(&text, verbs, VERBS);
	session_print(s, (const char *)text.data, text.len);
	buf_free(&text);
	session_end(s, 0);
}

/* -- attach -- */

static void run_attach(struct session *s)
{
	bool is_bare = s->command.is_bare;

	attach_start(s, s->command.arg[0], &s->command.options, s->has_terminal ? ATTACH_PREFIX : 0,
		     false);
	s->attach.is_bare = is_bare;
}

void run_named(struct session *s, const struct session_start *start)
{
	const struct command_verb *attach = command_find(verbs, VERBS, "attach");
	const char *text = start->options ? start->options : "";

	if (start->command)
		session_say(s, "a guest in the user name and a command together: say one of them");
	else if (command_parse_login(&s->command, attach, text, start->separator) < 0)
		session_say(s, s->command.why);
	else {
		attach_start(s, start->guest, &s->command.options,
			     s->has_terminal ? ATTACH_PREFIX : 0, false);
		return;
	}
	session_end(s, REFUSED_USAGE);
}

/* -- the whole string may be a guest's name: only one with blanks needs a question -- */

static void parse(struct session *s)
{
	if (command_parse(&s->command, verbs, VERBS, s->whole) < 0) {
		session_say(s, s->command.why);
		session_end(s, REFUSED_USAGE);
		return;
	}
	s->command.verb->run(s);
}

static void whole_ask(struct session *s)
{
	ask_info(&s->visit, s->whole, true);
}

static void whole_hear_end(void *who, uint32_t handle)
{
	struct session *s = who;
	struct command_options none = { .escape = ESCAPE_KEY_NONE };

	(void)handle;
	attach_start(s, s->whole, &none, 0, false);
	s->attach.is_bare = true;
}

static void whole_hear_refused(void *who, struct attachment *at, const struct msg_refused *m)
{
	(void)at;
	(void)m;
	parse(who);
}

void run_start(struct session *s, const char *line)
{
	size_t len;

	line += strspn(line, " \t\r\n");
	s->whole = strdup(line);
	if (!s->whole) {
		session_end(s, REFUSED_FAILED);
		return;
	}
	len = strlen(line);
	while (len && strchr(" \t\r\n", line[len - 1]))
		len--;
	s->whole[len] = '\0';
	if (len == 0) {
		run_usage(s);
	} else if (strpbrk(s->whole, " \t") && len <= GUEST_PHRASE_MAX) {
		session_enter(s, &whole_stage);
		whole_ask(s);
	} else {
		parse(s);
	}
}

static const struct visit_ears whole_ears = {
	.peers_end = whole_hear_end, .refused = whole_hear_refused,
};

static const struct stage whole_stage = {
	.ears = &whole_ears,
	.back = whole_ask,
};

