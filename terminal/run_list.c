/* SPDX-License-Identifier: ISC */
/* See run.h. list, info, ssh-config and who: what console knows of guests and their company. */
#include "terminal/ask.h"
#include "terminal/run.h"

#include "terminal/roster.h"

static const struct stage list_stage, print_stage, info_stage, who_stage;

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
		.is_verb = run_is_verb,
	};
	session_enter(s, &list_stage);
	session_list(s, false);
}

void run_list(struct session *s)
{
	start_report(s, s->command.options.given & OPTION_JSON ? REPORT_JSON : REPORT_TEXT);
}

void run_ssh_config(struct session *s)
{
	start_report(s, REPORT_SSH_CONFIG);
}

static void say_why_empty(struct session *s, const struct msg_list_end *m)
{
	if (*m->down)
		run_say_foreign(s, "no answer from: ", m->down, "");
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
		run_say_foreign(s, "no guest fits '", r->pattern, "'");
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

void run_info(struct session *s)
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

/* -- who -- */

static void who_ask(struct session *s)
{
	dossier_clear(&s->dossier);
	ask_company(&s->visit, s->command.count ? s->command.arg[0] : "");
}

void run_who(struct session *s)
{
	session_enter(s, &who_stage);
	who_ask(s);
}

static void who_hear_end(void *who, uint32_t handle)
{
	struct session *s = who;
	const struct dossier *d = &s->dossier;
	struct buf text;

	(void)handle;
	buf_init(&text, SESSION_OUT_MAX);
	if (s->command.options.given & OPTION_JSON)
		roster_json(&text, d->peers, d->count);
	else
		roster_print(&text, d->peers, d->count, !s->has_terminal || s->is_utf8);
	session_print(s, (const char *)text.data, text.len);
	buf_free(&text);
	session_end(s, 0);
}

static const struct visit_ears list_ears = {
	.guest = session_hear_guest, .guest_gone = session_hear_guest_gone,
	.list_end = list_hear_end, .refused = run_hear_refused,
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
	.refused = run_hear_refused,
};

static const struct stage info_stage = {
	.ears = &info_ears,
	.back = info_ask,
};

static const struct visit_ears who_ears = {
	.peer = info_hear_peer, .peers_end = who_hear_end, .refused = run_hear_refused,
};

static const struct stage who_stage = {
	.ears = &who_ears,
	.back = who_ask,
};
