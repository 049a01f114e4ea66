/* SPDX-License-Identifier: ISC */
/* See typing.h. */
#include "terminal/typing.h"

#include <string.h>

#include "terminal/attach.h"

enum { FULL_MS = 1000 };

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

	if (!is_known(s) || a->typed.len == 0)
		return;
	if (!has_keyboard(s)) {
		buf_clear(&a->typed);
		complain(s);
		return;
	}
	while (a->typed.len) {
		long n = ask_input(&s->visit, &a->at, a->typed.data, a->typed.len);

		if (n <= 0)
			return;
		buf_consume(&a->typed, (size_t)n);
		a->is_deaf = false;
		attach_timer(s, TIMER_FULL, -1);
	}
}

void typing_full(struct session *s)
{
	s->attach.is_deaf = true;
	attach_say(s, NOTICE_DEAF);
}

static void take_bytes(struct session *s, const uint8_t *data, size_t len)
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

/* One screen of what waits; on an alternate screen one line. */
static void next_page(struct session *s)
{
	struct attach *a = &s->attach;
	const char *text = (const char *)a->pages.data;
	unsigned rows = track_is_alternate(&a->talk.track) ? 1 : s->rows > 3 ? s->rows - 2 : 1;
	size_t n = 0;
	bool has_more;

	while (rows-- && n < a->pages.len) {
		const char *end = memchr(text + n, '\n', a->pages.len - n);

		n = end ? (size_t)(end - text) + 1 : a->pages.len;
	}
	has_more = n < a->pages.len;
	talk_lines(&a->talk, text, n);
	if (has_more && !track_is_alternate(&a->talk.track))
		talk_lines(&a->talk, "-- any key: more, q: enough --\n", 31);
	buf_consume(&a->pages, n);
}

/* One key is for the page, what is typed behind it for whoever is next. */
static size_t page_key(struct session *s, const uint8_t *data, size_t len)
{
	if (data[0] == 'q' || data[0] == KEY_ESC || data[0] == 0x03)
		buf_clear(&s->attach.pages);
	else
		next_page(s);
	return data[0] == KEY_ESC ? len : 1;
}

static void do_help(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	buf_clear(&s->attach.pages);
	notice_help(&s->attach.pages, s->attach.escape_name);
	next_page(s);
}

static void do_remind(struct session *s, const struct escape_event *ev)
{
	struct buf text;

	(void)ev;
	buf_init(&text, TEXT_MAX);
	notice_reminder(&text, s->attach.escape_name);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

static void do_arm(struct session *s, const struct escape_event *ev)
{
	(void)ev;
	buf_clear(&s->attach.pages);
	attach_timer(s, TIMER_REMIND, ESCAPE_REMIND_MS);
}

static void do_bytes(struct session *s, const struct escape_event *ev)
{
	size_t used = 0;

	while (s->attach.pages.len && used < ev->len)
		used += page_key(s, ev->data + used, ev->len - used);
	take_bytes(s, ev->data + used, ev->len - used);
}

static void do_send(struct session *s, const struct escape_event *ev)
{
	take_bytes(s, ev->data, ev->len);
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

static void (*const acts[])(struct session *s, const struct escape_event *ev) = {
	[ESCAPE_NOTHING] = NULL, [ESCAPE_BYTES] = do_bytes, [ESCAPE_ARMED] = do_arm,
	[ESCAPE_CANCEL] = NULL, [ESCAPE_UNKNOWN] = do_remind, [ESCAPE_DETACH] = do_detach,
	[ESCAPE_SEND] = do_send, [ESCAPE_HELP] = do_help, [ESCAPE_MENU] = do_menu,
	[ESCAPE_WHO] = do_who, [ESCAPE_TAKE] = do_take, [ESCAPE_GIVE] = do_give,
	[ESCAPE_FORCE] = do_force,
};

static void act(struct session *s, const struct escape_event *ev)
{
	if (ev->action != ESCAPE_NOTHING && ev->action != ESCAPE_BYTES &&
	    ev->action != ESCAPE_ARMED)
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

	if (s->stage == here && s->has_terminal && s->attach.due[TIMER_FULL] < 0)
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
