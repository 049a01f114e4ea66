/* SPDX-License-Identifier: ISC */
/* See hearing.h. */
#include "terminal/hearing.h"

#include <stdio.h>
#include <string.h>

#include "terminal/acting.h"
#include "terminal/attach.h"
#include "terminal/paging.h"
#include "terminal/pasting.h"
#include "terminal/reading.h"
#include "terminal/replay.h"
#include "terminal/typing.h"

enum {
	SILENT_MS = 1000,
	BOOT_SILENT_MS = 10000,  /* firmware may take so long before it prints */
	LATE_MS = 1000,
};

static void set_names(struct session *s)
{
	struct attach *a = &s->attach;
	char label[GUESTS_LABEL_SIZE];

	if (a->info.unique)
		snprintf(label, sizeof(label), "%s", a->info.name);
	else
		snprintf(label, sizeof(label), "%s/%s", a->info.host, a->info.name);
	session_escape(s, a->name, sizeof(a->name), label);
	session_escape(s, a->host, sizeof(a->host), a->info.host);
}

static void say_banner(struct session *s)
{
	struct attach *a = &s->attach;
	struct notice_about about = attach_about(s);
	char name[SHOWN_NAME_SIZE];
	struct buf lines;

	if (a->options.given & OPTION_QUIET)
		return;
	buf_init(&lines, ATTACH_LINES_MAX);
	session_escape(s, name, sizeof(name), a->info.name);
	notice_banner(&lines, name, a->escape.key);
	attach_put_lines(s, &lines);
	buf_clear(&lines);
	if (a->is_bare && !s->has_terminal)
		notice_say(&lines, NOTICE_NO_TERMINAL, &about);
	about.count = a->info.viewers ? a->info.viewers - 1u : 0;
	if (about.count)
		notice_say(&lines, about.count == 1 ? NOTICE_ONE_OTHER : NOTICE_OTHERS, &about);
	session_tell_notice(s, &lines);
	attach_say_lines(s, (const char *)lines.data, lines.len);
	buf_free(&lines);
}

static void hear_attached(void *who, struct attachment *at, const struct msg_attached *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;

	(void)at;
	a->info = *m;
	a->is_attached = true;
	a->has_complained = false;
	attach_timer(s, TIMER_SLOW, -1);
	attach_timer(s, TIMER_RETRY, -1);
	set_names(s);
	if (a->is_returning)
		attach_say(s, NOTICE_CONSOLE_BACK);
	else
		say_banner(s);
	replay_attached(s, m);
	a->is_returning = false;
	a->retries = 0;
	if (s->has_terminal && !a->has_seen_output)
		attach_timer(s, TIMER_SILENT, SILENT_MS);
}

/* Just after console came back it may not know the guest yet. */
static bool wants_retry(struct session *s, uint8_t code)
{
	struct attach *a = &s->attach;

	if (!a->is_returning || a->retries++ >= RETRIES)
		return false;
	if (code != REFUSED_NO_GUEST && code != REFUSED_FAILED)
		return false;
	attach_timer(s, TIMER_RETRY, RETRY_MS);
	return true;
}

static void hear_refused(void *who, struct attachment *at, const struct msg_refused *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	char text[TEXT_MAX * 2], line[TEXT_MAX * 3];
	const char *near = NULL;

	if (!at) {
		acting_refused(s, m);
		return;
	}
	session_escape(s, text, sizeof(text), m->text);
	if (at->state == ATTACHMENT_ATTACHED) {    /* of a wish on the console */
		size_t n = (size_t)snprintf(line, sizeof(line), "%s\n", text);

		attach_say_lines(s, line, n);
		return;
	}
	if (wants_retry(s, m->code))
		return;
	if (a->is_bare && m->code == REFUSED_NO_GUEST)
		near = run_nearest_verb(a->phrase);
	snprintf(line, sizeof(line), "%s%s%s%s", text, near ? "; did you mean the command '" : "",
		 near ? near : "", near ? "'?" : "");
	attach_finish(s, m->code, line, false);
}

static void hear_output(void *who, struct attachment *at, const struct msg_output *m)
{
	struct session *s = who;

	(void)at;
	if (m->data.len == 0)
		return;
	s->attach.has_seen_output = true;
	attach_timer(s, TIMER_SILENT, -1);
	replay_output(s, m);
	pasting_output(s, m->data.data, m->data.len);
}

static void hear_replaying(void *who, struct attachment *at, const struct msg_replaying *m)
{
	(void)at;
	replay_again(who, m);
}

static void hear_boot(void *who, struct attachment *at, const struct msg_boot *m)
{
	(void)at;
	replay_boot(who, m);
}

static void hear_act_done(void *who, const struct msg_act_done *m)
{
	acting_done(who, m);
}

static void hear_gap(void *who, struct attachment *at, uint64_t count)
{
	struct session *s = who;
	struct notice_about about = attach_about(s);
	char name[ATTACH_LOG_NAME_SIZE];
	struct buf text;

	(void)at;
	view_missed(&s->attach.view, count);
	attach_clear(s);
	about.count = count;
	about.name = attach_log_name(s, name);
	buf_init(&text, ATTACH_LINES_MAX);
	notice_say(&text, s->attach.info.logged ? NOTICE_GAP_LOGGED : NOTICE_GAP, &about);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

/* A guest that prints nothing at all after its start has no console on this line. */
static void watch_boot(struct session *s)
{
	s->attach.info.output_seen = 0;
	s->attach.has_seen_output = false;
	if (s->has_terminal)
		attach_timer(s, TIMER_SILENT, BOOT_SILENT_MS);
}

/* It has another name, or is on another host; there it is the same run. */
static void hear_names(struct session *s, const struct msg_state *m, struct buf *text)
{
	struct attach *a = &s->attach;
	bool has_moved = strcmp(a->info.host, m->host) != 0;
	bool is_renamed = strcmp(a->info.name, m->name) != 0;
	char before[SHOWN_NAME_SIZE];
	struct notice_about about;

	if (m->gone || !m->name[0])
		return;
	snprintf(before, sizeof(before), "%s", a->name);
	if (has_moved)
		session_escape(s, before, sizeof(before), m->name);
	strcpy(a->info.host, m->host);
	strcpy(a->info.name, m->name);
	a->info.unique = m->unique;
	set_names(s);
	if (!has_moved && !is_renamed)
		return;
	about = attach_about(s);
	about.by = before;
	notice_say(text, has_moved ? NOTICE_MOVED : NOTICE_RENAMED, &about);
	if (has_moved) {
		a->state.guest = m->guest;
		a->state.cause = m->cause;
		a->state.run = m->run;
		a->state.resets = m->resets;
		a->state.line = m->line;
	}
}

static void tell_state(struct session *s, const struct msg_state *m)
{
	struct attach *a = &s->attach;
	struct notice_about about;
	char words[TEXT_MAX * 2];
	struct buf text;
	int end = 0;

	buf_init(&text, ATTACH_LINES_MAX);
	hear_names(s, m, &text);
	session_escape(s, words, sizeof(words), m->text);
	about = attach_about(s);
	about.text = words;
	if (m->gone && *words)
		buf_printf(&text, "%s\n", words);
	else if (m->gone)
		notice_say(&text, NOTICE_GONE, &about);
	if (!m->gone && !s->has_terminal && !(a->options.given & OPTION_WAIT))
		end = reading_end(m);
	about.is_waiting = !end;
	if (!m->gone)
		notice_state(&text, a->has_state ? &a->state : NULL, m, &about);
	if (a->has_state && m->run && m->run != a->state.run && m->cause != CAUSE_RESTORED)
		watch_boot(s);
	a->has_complained = a->has_complained && a->has_state && m->guest == a->state.guest;
	a->has_state = true;
	a->state = *m;
	if (m->gone && text.len) {
		text.data[text.len - 1] = '\0';    /* the LF */
		attach_finish(s, m->gone, (const char *)text.data, false);
	} else {
		attach_say_lines(s, (const char *)text.data, text.len);
	}
	buf_free(&text);
	if (end)
		session_end(s, end);
}

/*
 * No news, if it passes: a guest that is started stands paused until its console is open;
 * one that left for another host may be known to have come there in a moment.
 */
static bool is_passing(const struct attach *a, const struct msg_state *m)
{
	bool was_off = a->state.guest == GUEST_OFF || a->state.guest == GUEST_CRASHED;

	return a->has_state && ((m->guest == GUEST_PAUSED && was_off) ||
				(m->guest == GUEST_OFF && m->cause == CAUSE_MIGRATED));
}

void hearing_late(struct session *s)
{
	tell_state(s, &s->attach.late);
}

static void hear_state(void *who, struct attachment *at, const struct msg_state *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	bool is_waiting = a->due[TIMER_LATE] >= 0;

	(void)at;
	a->late = *m;
	if (!m->gone && (is_passing(a, m) || (is_waiting && m->guest == GUEST_PAUSED))) {
		if (!is_waiting)
			attach_timer(s, TIMER_LATE, LATE_MS);
		return;
	}
	attach_timer(s, TIMER_LATE, -1);
	tell_state(s, m);
}

/* Rights that were changed while somebody is on the console. */
static bool hear_rights(struct session *s, bool may_type)
{
	struct attach *a = &s->attach;

	if (a->flags & ATTACH_READ_ONLY || a->info.may_type == may_type)
		return false;
	a->info.may_type = may_type;
	attach_say(s, may_type ? NOTICE_TYPE_TOO : NOTICE_WATCH_ONLY);
	return true;
}

static void hear_keyboard(void *who, struct attachment *at, const struct msg_keyboard *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	struct notice_about about = attach_about(s);
	char holder[SHOWN_NAME_SIZE], by[SHOWN_NAME_SIZE];
	struct buf text;

	(void)at;
	attach_holder(s, holder, sizeof(holder), m->holder);
	attach_holder(s, by, sizeof(by), m->by);
	about.holder = holder;
	about.by = by;
	buf_init(&text, ATTACH_LINES_MAX);
	if (!hear_rights(s, !m->denied))
		notice_keyboard(&text, a->has_keyboard ? &a->keyboard : NULL, m, &about);
	a->keyboard = *m;
	a->has_keyboard = true;
	a->has_complained = false;
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
	typing_send(s);
}

/* A person who types to a guest that is off is told so once, not how many bytes it was. */
static bool is_to_nobody(const struct session *s)
{
	const struct attach *a = &s->attach;

	return s->has_terminal && a->has_state && a->state.guest == GUEST_OFF;
}

static void hear_lost(void *who, struct attachment *at, const struct msg_lost *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	struct notice_about about = attach_about(s);
	char holder[SHOWN_NAME_SIZE];
	struct buf text;

	(void)at;
	if (m->cause == LOSS_LINE && is_to_nobody(s)) {
		if (!a->has_complained)
			attach_say(s, NOTICE_NOT_RUNNING);
		a->has_complained = true;
		return;
	}
	if (m->cause == LOSS_KEYBOARD && a->has_complained)
		return;
	attach_holder(s, holder, sizeof(holder), a->keyboard.holder);
	about.holder = holder;
	about.count = m->count;
	buf_init(&text, ATTACH_LINES_MAX);
	notice_lost(&text, m->cause, &about);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

static void hear_peer(void *who, const struct msg_peer *m)
{
	struct session *s = who;

	report_peer(&s->attach.who, m, !s->has_terminal || s->is_utf8);
}

/* Asked for by name, so --quiet does not keep it back. */
static void hear_peers_end(void *who, uint32_t handle)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	struct buf lines;

	(void)handle;
	if (paging_cover(s, (const char *)a->who.data, a->who.len)) {
		buf_clear(&a->who);
		return;
	}
	buf_init(&lines, 2 * ATTACH_LINES_MAX);
	attach_wrap_lines(&lines, (const char *)a->who.data, a->who.len);
	attach_put_lines(s, &lines);
	buf_clear(&a->who);
	buf_free(&lines);
}

const struct visit_ears hearing_ears = {
	.guest = session_hear_guest,
	.guest_gone = session_hear_guest_gone,
	.list_end = session_hear_list_end,
	.peer = hear_peer,
	.peers_end = hear_peers_end,
	.attached = hear_attached,
	.refused = hear_refused,
	.output = hear_output,
	.gap = hear_gap,
	.state = hear_state,
	.keyboard = hear_keyboard,
	.lost = hear_lost,
	.replaying = hear_replaying,
	.boot = hear_boot,
	.act_done = hear_act_done,
};
