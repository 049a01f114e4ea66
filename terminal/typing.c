/* SPDX-License-Identifier: ISC */
/* See typing.h. */
#include "terminal/typing.h"

#include <stdio.h>
#include <string.h>

#include "ipc/clock.h"
#include "terminal/acting.h"
#include "terminal/ask.h"
#include "terminal/attach.h"
#include "terminal/paging.h"
#include "terminal/pasting.h"
#include "terminal/replay.h"

enum {
	FULL_MS = 1000,
	ANSWER_MS = 100,         /* the rest of a terminal's answer comes at once */
};

static bool may_type(const struct session *s)
{
	const struct attach *a = &s->attach;

	return a->info.may_type && !(a->flags & ATTACH_READ_ONLY);
}

/* A free keyboard is given to whoever types first: then the input is simply sent. */
static bool has_keyboard(const struct session *s)
{
	const struct attach *a = &s->attach;

	return may_type(s) && (a->keyboard.yours || !a->keyboard.held);
}

static bool is_known(const struct session *s)
{
	return s->attach.is_attached && s->attach.has_keyboard;
}

static void complain(struct session *s)
{
	struct attach *a = &s->attach;

	if (a->has_complained)
		return;
	a->has_complained = true;
	if (a->flags & ATTACH_READ_ONLY)
		attach_say(s, NOTICE_READING_ONLY);
	else
		attach_say(s, a->info.may_type ? NOTICE_NOT_YOURS : NOTICE_MAY_NOT_TYPE);
}

void typing_send(struct session *s)
{
	struct attach *a = &s->attach;

	if (!is_known(s))
		return;
	if (a->typed.len && !has_keyboard(s)) {
		if (a->pace.is_on)
			pasting_end(s, "stopped");
		buf_clear(&a->typed);
		complain(s);
		return;
	}
	while (a->typed.len) {
		size_t wanted = a->pace.is_on ? pace_next(&a->pace, a->typed.data, a->typed.len)
					      : a->typed.len;
		long n = wanted ? ask_input(&s->visit, &a->at, a->typed.data, wanted) : 0;

		if (n <= 0)
			break;
		if (a->pace.is_on)
			pace_sent(&a->pace, a->typed.data, (size_t)n, clock_ms());
		buf_consume(&a->typed, (size_t)n);
		a->is_deaf = false;
		attach_timer(s, TIMER_FULL, -1);
	}
	pasting_go_on(s);
}

void typing_full(struct session *s)
{
	s->attach.is_deaf = true;
	attach_say(s, NOTICE_DEAF);
}

void typing_put(struct session *s, const uint8_t *data, size_t len)
{
	struct attach *a = &s->attach;
	size_t from = a->typed.len;

	if (len > a->typed.max - from)             /* is_deaf, or it would not be here */
		return;
	buf_append(&a->typed, data, len);
	if (!s->has_terminal && a->options.given & OPTION_CR)
		for (size_t i = from; i < a->typed.len; i++)
			if (a->typed.data[i] == '\n')
				a->typed.data[i] = '\r';
	attach_timer(s, TIMER_SILENT, -1);
}

/* Typing is a right, too, and --read-only gives it up. */
static uint8_t may_keys(const struct session *s)
{
	uint8_t may = s->attach.info.may & (uint8_t)~MAY_TYPE;

	return may_type(s) ? may | MAY_TYPE : may;
}

static void do_help(struct session *s, const struct escape_event *ev)
{
	struct buf text;

	(void)ev;
	buf_init(&text, ATTACH_LINES_MAX);
	notice_help(&text, s->attach.escape_name, may_keys(s));
	paging_help(s, (const char *)text.data, text.len);
	buf_free(&text);
}

static void do_remind(struct session *s, const struct escape_event *ev)
{
	struct buf text;

	(void)ev;
	if (s->attach.acting.asks) {
		acting_remind(s);
		return;
	}
	buf_init(&text, TEXT_MAX);
	notice_reminder(&text, s->attach.escape_name, may_keys(s));
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

static void do_arm(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	typing_send(s);                            /* what comes next may be to leave */
	paging_end(s);
	view_hurry(&s->attach.view);
	acting_cancel(s);
	s->attach.in_answer = false;
	s->attach.pace.is_ending = true;
	pasting_go_on(s);
	attach_timer(s, TIMER_REMIND, ESCAPE_REMIND_MS);
}

static void do_cancel(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	acting_cancel(s);
}

static void do_key(struct session *s, const struct escape_event *ev)
{
	acting_key(s, ev->text);
}

/* -- what the terminal says by itself -- */

/* To a question of the guest's; the mouse, the focus and pastes are not. */
static bool is_answer(const uint8_t *data, size_t len)
{
	if (len < 2 || data[0] != KEY_ESC)
		return false;
	return strchr("]P_^X\\", data[1]) || (data[1] == '[' && strchr("Rcntyux", data[len - 1]));
}

/*
 * An answer is the guest's only from whoever has the keyboard, and only to what it asked just
 * now. Whatever it says, it is nothing that the person typed.
 */
static void do_report(struct session *s, const struct escape_event *ev)
{
	struct attach *a = &s->attach;
	bool is_to_it = is_answer(ev->data, ev->len);
	bool is_wanted = is_to_it ? a->keyboard.yours && !replay_is_recent(s) : true;

	if (is_wanted && is_known(s) && has_keyboard(s)) {
		typing_put(s, ev->data, ev->len);
		return;
	}
	a->in_answer = is_to_it && ev->len == 2 && ev->data[1] != '\\';
	if (a->in_answer)
		attach_timer(s, TIMER_ANSWER, ANSWER_MS);
}

/* What of the bytes belongs to an answer that nobody wants: it ends with BEL, or with ESC. */
static size_t skip_answer(struct session *s, const struct escape_event *ev)
{
	const uint8_t *end;

	if (!s->attach.in_answer)
		return 0;
	end = ev->len ? memchr(ev->data, 0x07, ev->len) : NULL;
	s->attach.in_answer = !end && ev->data[0] != KEY_ESC;
	return end ? (size_t)(end - ev->data) + 1 : s->attach.in_answer ? ev->len : 0;
}

static void do_bytes(struct session *s, const struct escape_event *ev)
{
	size_t used = skip_answer(s, ev);

	while (paging_is_on(s) && used < ev->len)
		used += paging_key(s, ev->data + used, ev->len - used);
	if (used < ev->len)
		view_hurry(&s->attach.view);
	typing_put(s, ev->data + used, ev->len - used);
}

static void do_send(struct session *s, const struct escape_event *ev)
{
	typing_put(s, ev->data, ev->len);
}

static void do_detach(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	attach_detach(s, false);
}

static void do_menu(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	attach_detach(s, true);
}

static void do_who(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	ask_who(&s->visit, &s->attach.at);
}

static void do_take(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	if (s->attach.is_attached && !may_type(s)) {
		s->attach.has_complained = false;
		complain(s);
	} else {
		ask_take(&s->visit, &s->attach.at);
	}
}

static void do_give(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	ask_give(&s->visit, &s->attach.at);
}

static void do_force(struct session *s, const struct escape_event *ev)
{
	const struct attach *a = &s->attach;
	static const char text[] =
		"nobody outside has this console: there is nothing to take over\n";

	(void)ev;
	if (a->has_state && (a->state.line == LINE_BUSY || a->state.line == LINE_STOLEN))
		ask_force(&s->visit, &s->attach.at);
	else
		attach_say_lines(s, text, sizeof(text) - 1);
}

static void do_paste(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	pasting_toggle(s);
}

static void do_linear(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	attach_set_linear(s, !s->attach.linear);
}

static void do_replay(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	replay_ask_lines(s);
}

static void do_boot(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	replay_ask_boot(s);
}

static void do_power(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	acting_power(s);
}

static void do_sysrq(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	acting_sysrq(s);
}

static void do_break(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	acting_break(s);
}

static void do_size(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	acting_size(s);
}

static void (*const acts[])(struct session *s, const struct escape_event *ev) = {
	[ESCAPE_NOTHING] = NULL, [ESCAPE_BYTES] = do_bytes, [ESCAPE_REPORT] = do_report,
	[ESCAPE_ARMED] = do_arm, [ESCAPE_CANCEL] = do_cancel, [ESCAPE_UNKNOWN] = do_remind,
	[ESCAPE_DETACH] = do_detach, [ESCAPE_SEND] = do_send, [ESCAPE_HELP] = do_help,
	[ESCAPE_MENU] = do_menu, [ESCAPE_WHO] = do_who, [ESCAPE_TAKE] = do_take,
	[ESCAPE_GIVE] = do_give, [ESCAPE_FORCE] = do_force, [ESCAPE_BREAK] = do_break,
	[ESCAPE_SYSRQ] = do_sysrq, [ESCAPE_POWER] = do_power, [ESCAPE_REPLAY] = do_replay,
	[ESCAPE_BOOT] = do_boot, [ESCAPE_SIZE] = do_size, [ESCAPE_PASTE] = do_paste,
	[ESCAPE_LINEAR] = do_linear,
	[ESCAPE_KEY] = do_key,
};
_Static_assert(sizeof(acts) / sizeof(acts[0]) == ESCAPE_ACTIONS, "one for each action");

static void act(struct session *s, const struct escape_event *ev)
{
	if (ev->action > ESCAPE_ARMED)
		attach_timer(s, TIMER_REMIND, -1);
	if (acts[ev->action])
		acts[ev->action](s, ev);
}

/*
 * When no more can be taken the escape key must work all the same: what is offered is
 * searched for one that leaves, and if there is one, all before it is given up. A person
 * whose input does not get on for a while loses what comes next, so that their keys are
 * seen however much they pasted; a program without a terminal just waits.
 */
static size_t leave_in(struct session *s, const uint8_t *data, size_t len)
{
	struct escape probe = s->attach.escape;
	size_t used = 0;

	while (used < len) {
		struct escape_event ev;

		used += escape_feed(&probe, data + used, len - used, &ev);
		if (ev.action == ESCAPE_DETACH || ev.action == ESCAPE_MENU) {
			act(s, &ev);
			return used;
		}
	}
	return 0;
}

static size_t wait_for_room(struct session *s, const uint8_t *data, size_t len)
{
	const struct stage *here = s->stage;
	size_t used = leave_in(s, data, len);

	if (s->stage == here && s->has_terminal && !s->attach.pace.is_on &&
	    s->attach.due[TIMER_FULL] < 0)
		attach_timer(s, TIMER_FULL, FULL_MS);
	return used;
}

size_t typing_input(struct session *s, const uint8_t *data, size_t len)
{
	const struct stage *here = s->stage;
	struct attach *a = &s->attach;
	size_t used = 0;

	while (used < len && s->stage == here) {
		struct escape_event ev;
		size_t room = a->typed.max - a->typed.len, n = len - used;

		if (room <= KEYS_MAX) {
			typing_send(s);
			if (a->typed.max - a->typed.len > room)
				continue;
			if (!a->is_deaf)
				return used + wait_for_room(s, data + used, n);
		} else if (n > room - KEYS_MAX) {
			n = room - KEYS_MAX;
		}
		used += escape_feed(&a->escape, data + used, n, &ev);
		act(s, &ev);
	}
	if (s->stage != here)
		return used;
	attach_timer(s, TIMER_HELD, escape_is_holding(&a->escape) ? KEYS_WAIT_MS : -1);
	typing_send(s);
	return used;
}

void typing_flush(struct session *s)
{
	const struct stage *here = s->stage;
	struct escape_event ev;

	escape_flush(&s->attach.escape, &ev);
	act(s, &ev);
	if (s->stage == here)
		typing_send(s);
}

void typing_remind(struct session *s)
{
	if (s->attach.escape.is_armed)
		do_remind(s, NULL);
}

void typing_answer_ends(struct session *s)
{
	s->attach.in_answer = false;
}
