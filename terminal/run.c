/* SPDX-License-Identifier: ISC */
/* The stage of a session that runs a command: the table of commands, and a function for
 * each. Data goes to standard output, everything else to standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/stage.h"

enum { TEXT_PAGE_MAX = 16384 };

static const struct stage whole_stage, list_stage, print_stage, info_stage;

static void run_list(struct session *s);
static void run_info(struct session *s);
static void run_attach(struct session *s);
static void run_ssh_config(struct session *s);
static void run_help(struct session *s);

static const struct command_verb verbs[] = {
	{"list", "[PATTERN]", 0, 1, OPTION_JSON, "the guests you may see",
	 "\n  PATTERN is a part of a name, or with * ? [ ] a pattern for all of it.\n", run_list},
	{"info", "GUEST", 1, 1, OPTION_JSON, "state, consoles, displays, and who is there",
	 "\n  GUEST is the full name, HOST/NAME or the UUID.\n", run_info},
	{"attach", "GUEST", 1, 1,
	 OPTION_READ_ONLY | OPTION_TAKE | OPTION_WAIT | OPTION_QUIET | OPTION_ESCAPE |
		 OPTION_DEVICE | OPTION_TIMEOUT | OPTION_CR | OPTION_REPLAY_LINES |
		 OPTION_REPLAY_FROM,
	 "its console: what a guest's name alone means",
	 "\n  GUEST is a name (the start of one will do with a terminal), HOST/NAME or a UUID,\n"
	 "  each with :ALIAS for one of several consoles. Without a terminal (ssh -t makes one)\n"
	 "  bytes pass as they are, our own lines go to standard error, and the end of the guest\n"
	 "  is the end (status 6) unless --wait is given.\n",
	 run_attach},
	{"ssh-config", "", 0, 0, 0, "a block for each guest, for ~/.ssh/config", "",
	 run_ssh_config},
	{"help", "[COMMAND]", 0, 1, 0, "this list, or more about one command", "", run_help},
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static bool is_verb(const char *name)
{
	return command_find(verbs, VERBS, name);
}

const char *run_nearest_verb(const char *name)
{
	return command_nearest(verbs, VERBS, name);
}

static void say_foreign(struct session *s, const char *before, const char *foreign,
			const char *after)
{
	char shown[SHOWN_NAME_SIZE], line[SHOWN_NAME_SIZE + 256];

	session_escape(s, shown, sizeof(shown), foreign);
	snprintf(line, sizeof(line), "%s%s%s", before, shown, after);
	session_say(s, line);
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
			say_foreign(s, "there is no command '", s->command.arg[0], "'");
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

/* -- list and ssh-config -- */

static void start_report(struct session *s, enum report_form form)
{
	s->report = (struct report){
		.form = form,
		.guests = &s->guests,
		.pattern = s->command.count ? s->command.arg[0] : NULL,
		.is_utf8 = !s->has_terminal || s->is_utf8,
		.user = s->user,
		.address = s->address,
		.port = s->port,
		.is_verb = is_verb,
	};
	session_enter(s, &list_stage);
	session_list(s, false);
}

static void run_list(struct session *s)
{
	start_report(s, s->command.options.given & OPTION_JSON ? REPORT_JSON : REPORT_TEXT);
}

static void run_ssh_config(struct session *s)
{
	start_report(s, REPORT_SSH_CONFIG);
}

static void say_why_empty(struct session *s, const struct msg_list_end *m)
{
	if (*m->down)
		say_foreign(s, "no answer from: ", m->down, "");
	if (s->guests.count)
		return;
	if (m->hidden)
		session_say(s, "there are guests, but no access section of the configuration lets "
			       "you see one");
	else if (!*m->down)
		session_say(s, "there is no guest");
}

static void list_hear_end(void *who, const struct msg_list_end *m)
{
	struct session *s = who;

	session_hear_list_end(who, m);
	say_why_empty(s, m);
	session_enter(s, &print_stage);
}

/* As much as the client takes, until all is printed. */
static void print_turn(struct session *s)
{
	struct report *r = &s->report;
	struct buf piece;
	bool is_done;

	if (s->out.len >= SESSION_OUT_LOW)
		return;
	buf_init(&piece, SESSION_OUT_MAX);
	is_done = report_print(r, &piece, SESSION_OUT_LOW);
	session_print(s, (const char *)piece.data, piece.len);
	buf_free(&piece);
	if (!is_done)
		return;
	if (r->count == 0 && r->pattern)
		say_foreign(s, "no guest fits '", r->pattern, "'");
	session_end(s, r->count == 0 && r->pattern ? REFUSED_NO_GUEST : 0);
}

static int64_t print_due(struct session *s)
{
	return s->out.len < SESSION_OUT_LOW ? 0 : -1;
}

static void list_back(struct session *s)
{
	session_list(s, false);
}

/* -- info -- */

static void info_ask(struct session *s)
{
	dossier_clear(&s->dossier);
	ask_info(&s->visit, s->command.arg[0], false);
}

static void run_info(struct session *s)
{
	session_enter(s, &info_stage);
	info_ask(s);
}

static void info_hear_guest(void *who, const struct msg_guest *m)
{
	struct session *s = who;

	s->dossier.has_guest = true;
	s->dossier.guest = *m;
}

static void info_hear_peer(void *who, const struct msg_peer *m)
{
	dossier_add(&((struct session *)who)->dossier, m);
}

static void info_hear_end(void *who, uint32_t handle)
{
	struct session *s = who;
	const struct dossier *d = &s->dossier;
	struct buf text;

	(void)handle;
	if (!d->has_guest)
		return;
	buf_init(&text, SESSION_OUT_MAX);
	if (s->command.options.given & OPTION_JSON)
		report_info_json(&text, &d->guest, d->peers, d->count);
	else
		report_info(&text, &d->guest, d->peers, d->count, !s->has_terminal || s->is_utf8);
	session_print(s, (const char *)text.data, text.len);
	buf_free(&text);
	session_end(s, 0);
}

static void hear_refused(void *who, struct attachment *at, const struct msg_refused *m)
{
	struct session *s = who;

	(void)at;
	say_foreign(s, "", m->text, "");
	session_end(s, m->code);
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

static const struct visit_ears list_ears = {
	.guest = session_hear_guest, .guest_gone = session_hear_guest_gone,
	.list_end = list_hear_end, .refused = hear_refused,
};

static const struct stage list_stage = {
	.ears = &list_ears,
	.back = list_back,
};

static const struct visit_ears print_ears;

static const struct stage print_stage = {
	.ears = &print_ears,
	.turn = print_turn,
	.due = print_due,
};

static const struct visit_ears info_ears = {
	.guest = info_hear_guest, .peer = info_hear_peer, .peers_end = info_hear_end,
	.refused = hear_refused,
};

static const struct stage info_stage = {
	.ears = &info_ears,
	.back = info_ask,
};
