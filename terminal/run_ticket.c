/* SPDX-License-Identifier: ISC */
/*
 * See run.h. Tickets: links that let somebody without an account see one guest. The link is
 * data, on standard output; what it is worth is said on standard error.
 */
#include <stdio.h>
#include <string.h>

#include "ipc/date.h"
#include "ipc/json.h"
#include "terminal/ask.h"
#include "terminal/run.h"

enum { LINE_MAX_BYTES = 4096 };

static const struct stage made_stage, list_stage, revoke_stage;

static void put_json(struct session *s, const struct msg_ticket *m, const char *url)
{
	struct json j;
	struct buf text;

	buf_init(&text, LINE_MAX_BYTES);
	json_init(&j, &text);
	json_open(&j, NULL, '{');
	json_string(&j, "id", m->id);
	json_string(&j, "guest", m->guest);
	json_bool(&j, "type", m->type);
	json_bool(&j, "once", m->once);
	json_number(&j, "uses", m->uses);
	json_number(&j, "until", m->until);
	if (m->token[0])
		json_string(&j, "token", m->token);
	if (m->token[0] && *url)
		json_string(&j, "url", url);
	json_close(&j, '}');
	buf_append(&text, "\n", 1);
	session_print(s, (const char *)text.data, text.len);
	explicit_bzero(text.data, text.len);
	buf_free(&text);
}

/* -- one is made -- */

static void ask(struct session *s)
{
	const struct command_options *o = &s->command.options;
	struct msg_ask_ticket m = {
		.type = (o->given & OPTION_TYPE) != 0, .once = (o->given & OPTION_ONCE) != 0,
		.valid = o->given & OPTION_VALID ? o->valid : OPTIONS_VALID,
	};

	snprintf(m.guest, sizeof(m.guest), "%s", s->command.arg[0]);
	ask_ticket(&s->visit, &m);
}

static void say_what_it_is(struct session *s, const struct msg_ticket *m)
{
	char until[DATE_SIZE], guest[SHOWN_NAME_SIZE], line[SHOWN_NAME_SIZE + 256];

	date_write(until, m->until);
	session_escape(s, guest, sizeof(guest), m->guest);
	snprintf(line, sizeof(line),
		 "ticket %s for %s: whoever has it may %s, %suntil %s; ticket --revoke %s ends it",
		 m->id, guest, m->type ? "watch and type" : "watch", m->once ? "once, " : "", until,
		 m->id);
	session_say(s, line);
}

static void hear_made(void *who, const struct msg_ticket *m)
{
	struct session *s = who;
	char url[LINE_MAX_BYTES] = "";

	if (s->public_url[0])
		snprintf(url, sizeof(url), "%s/#ticket=%s", s->public_url, m->token);
	if (s->command.options.given & OPTION_JSON) {
		put_json(s, m, url);
	} else {
		const char *data = *url ? url : m->token;

		session_print(s, data, strlen(data));
		session_print(s, "\n", 1);
		say_what_it_is(s, m);
		if (!*url)
			session_say(s, "a link is the gateway's web address, /#ticket= and this; set "
				       "public-url in [web] to have it whole");
	}
	explicit_bzero(url, sizeof(url));
	session_end(s, 0);
}

/* -- those that are there -- */

static void hear_listed(void *who, const struct msg_ticket *m)
{
	struct session *s = who;
	char until[DATE_SIZE], guest[SHOWN_NAME_SIZE], line[SHOWN_NAME_SIZE + 256];

	if (s->command.options.given & OPTION_JSON) {
		put_json(s, m, "");
		return;
	}
	date_write(until, m->until);
	session_escape(s, guest, sizeof(guest), m->guest);
	snprintf(line, sizeof(line), "%-10s %-5s %-5s %4u  %s  %s\n", m->id,
		 m->type ? "type" : "watch", m->once ? "once" : "", m->uses, until, guest);
	session_print(s, line, strlen(line));
}

static void hear_list_end(void *who, uint32_t handle)
{
	(void)handle;
	session_end(who, 0);
}

static void list_tickets(struct session *s)
{
	static const char head[] = "ID         MAY         USES  UNTIL                 GUEST\n";

	session_enter(s, &list_stage);
	if (!(s->command.options.given & OPTION_JSON))
		session_print(s, head, strlen(head));
	ask_tickets(&s->visit);
}

static void hear_revoked(void *who, const struct msg_act_done *m)
{
	struct session *s = who;

	run_say_foreign(s, "", m->text, "");
	session_end(s, 0);
}

void run_ticket(struct session *s)
{
	const struct command_options *o = &s->command.options;
	unsigned what = o->given & (OPTION_LIST | OPTION_REVOKE);

	if (what && s->command.count)
		run_fail(s, REFUSED_USAGE, "--list and --revoke take no guest");
	else if (!what && !s->command.count)
		run_fail(s, REFUSED_USAGE, "for which guest? ticket GUEST, or --list, or --revoke ID");
	else if (o->given & OPTION_LIST)
		list_tickets(s);
	else if (o->given & OPTION_REVOKE) {
		session_enter(s, &revoke_stage);
		ask_revoke(&s->visit, o->ticket);
	} else {
		session_enter(s, &made_stage);
		ask(s);
	}
}

static void lost(struct session *s)
{
	run_fail(s, REFUSED_FAILED, "the console service was restarted meanwhile: look with ticket "
		 "--list what became of it");
}

static const struct visit_ears made_ears = {
	.ticket = hear_made, .refused = run_hear_refused,
};
static const struct stage made_stage = { .ears = &made_ears, .back = lost };

static const struct visit_ears list_ears = {
	.ticket = hear_listed, .peers_end = hear_list_end, .refused = run_hear_refused,
};
static const struct stage list_stage = { .ears = &list_ears, .back = lost };

static const struct visit_ears revoke_ears = {
	.act_done = hear_revoked, .refused = run_hear_refused,
};
static const struct stage revoke_stage = { .ears = &revoke_ears, .back = lost };
