/* SPDX-License-Identifier: ISC */
/* See attach.h. The stage of a session that is on a guest's console, or asks for one. */
#include "terminal/attach.h"

#include <stdio.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/uuid.h"
#include "terminal/ask.h"
#include "terminal/hearing.h"
#include "terminal/pasting.h"
#include "terminal/replay.h"
#include "terminal/typing.h"

enum { SLOW_MS = 2000 };

static const struct stage attach_stage;

struct notice_about attach_about(const struct session *s)
{
	const struct attach *a = &s->attach;

	return (struct notice_about){
		.name = *a->name ? a->name : "the guest",
		.host = *a->host ? a->host : "the host",
		.escape = a->escape.key < 0 ? "" : a->escape_name,
		.may = a->info.may,
	};
}

/* Another console than the first of the guest has its alias behind it, if it was asked for so. */
const char *attach_log_name(const struct session *s, char out[static ATTACH_LOG_NAME_SIZE])
{
	const struct attach *a = &s->attach;
	char suffix[ALIAS_MAX + 2], alias[4 * ALIAS_MAX + 1];
	size_t len = strlen(a->phrase), end;

	end = (size_t)snprintf(suffix, sizeof(suffix), ":%s", a->info.alias);
	session_escape(s, alias, sizeof(alias), a->info.alias);
	if (a->device[0] || (len > end && strcmp(a->phrase + len - end, suffix) == 0))
		snprintf(out, ATTACH_LOG_NAME_SIZE, "%s:%s", a->name, alias);
	else
		snprintf(out, ATTACH_LOG_NAME_SIZE, "%s", a->name);
	return out;
}

void attach_timer(struct session *s, enum attach_timer timer, int64_t ms)
{
	s->attach.due[timer] = ms < 0 ? -1 : clock_ms() + ms;
}

void attach_wrap_lines(struct buf *out, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		buf_printf(out, "[gate: %.*s]\n", (int)n, text);
		n += end != NULL;
		text += n;
		len -= n;
	}
}

void attach_put_lines(struct session *s, const struct buf *lines)
{
	struct attach *a = &s->attach;

	if (!lines->len)
		return;
	if (!s->has_terminal) {
		buf_append(&s->err, lines->data, lines->len);
		return;
	}
	talk_lines(&a->talk, (const char *)lines->data, lines->len);
	if (!talk_is_waiting(&a->talk))
		attach_timer(s, TIMER_WAITING, -1);
	else if (a->due[TIMER_WAITING] < 0)
		attach_timer(s, TIMER_WAITING, TALK_WAIT_MS);
	if (a->talk.has_bottom)
		attach_timer(s, TIMER_BOTTOM, TALK_SHOWN_MS);
}

void attach_say_lines(struct session *s, const char *text, size_t len)
{
	struct buf lines;

	if (s->attach.options.given & OPTION_QUIET)
		return;
	buf_init(&lines, ATTACH_LINES_MAX);
	attach_wrap_lines(&lines, text, len);
	attach_put_lines(s, &lines);
	buf_free(&lines);
}

/* "alice took the keyboard" would puzzle alice, who did it in her other window. */
void attach_holder(const struct session *s, char *out, size_t size, const char *user)
{
	if (*user && strcmp(user, s->user) == 0)
		snprintf(out, size, "another session of yours");
	else
		session_escape(s, out, size, user);
}

void attach_say(struct session *s, enum notice_kind kind)
{
	struct notice_about about = attach_about(s);
	char holder[SHOWN_NAME_SIZE];
	struct buf text;

	attach_holder(s, holder, sizeof(holder), s->attach.keyboard.holder);
	about.holder = holder;
	buf_init(&text, ATTACH_LINES_MAX);
	notice_say(&text, kind, &about);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

/* -- asking, and asking again -- */

static void ask(struct session *s)
{
	struct attach *a = &s->attach;
	struct msg_attach m = { .flags = a->flags, .from = a->from };

	snprintf(m.guest, sizeof(m.guest), "%s", a->phrase);
	snprintf(m.device, sizeof(m.device), "%s", a->device);
	ask_attach(&s->visit, &a->at, &m);
	attach_timer(s, TIMER_SLOW, SLOW_MS);
}

static int escape_of(const struct session *s, const struct command_options *o)
{
	if (o->given & OPTION_ESCAPE)
		return o->escape;
	return s->has_terminal ? s->escape_key : ESCAPE_KEY_NONE;
}

/* A terminal that cannot address its cursor cannot be painted on. */
static enum view_policy policy_of(const struct session *s)
{
	enum view_policy policy = (enum view_policy)s->slow_link;

	return (s->is_dumb || s->is_linear) && policy == VIEW_PAINT ? VIEW_SKIP : policy;
}

static void start_view(struct session *s)
{
	if (s->attach.options.given & OPTION_LINEAR)
		s->is_linear = true;
	if (s->is_linear)
		s->attach.linear = linear_new();
	view_init(&s->attach.view, &s->out, s->link, policy_of(s), s->rows, s->cols);
}

/* The bytes that the link has no time for are left out, and the person is told. */
static void show(struct session *s)
{
	struct attach *a = &s->attach;
	struct notice_about about = attach_about(s);
	struct buf text;

	view_turn(&a->view, clock_us());
	a->talk.out = view_buffer(&a->view);
	about.count = (view_take_skipped(&a->view) + 1023) / 1024;
	if (!about.count)
		return;
	buf_init(&text, ATTACH_LINES_MAX);
	notice_say(&text, a->view.policy == VIEW_SKIP ? NOTICE_SKIPPED : NOTICE_PAINTED, &about);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
	view_turn(&a->view, clock_us());
}

void attach_start(struct session *s, const char *phrase, const struct command_options *options,
		  uint32_t flags, bool is_from_menu)
{
	struct attach *a = &s->attach;
	struct command_options o = *options;     /* may be the command's own: s->command stays */

	session_enter(s, &attach_stage);
	attach_free(s);
	*a = (struct attach){ .options = o, .is_from_menu = is_from_menu, .flags = flags };
	for (int i = 0; i < TIMER_COUNT; i++)
		a->due[i] = -1;
	snprintf(a->phrase, sizeof(a->phrase), "%s", phrase);
	snprintf(a->device, sizeof(a->device), "%s", o.given & OPTION_DEVICE ? o.device : "");
	if (o.given & OPTION_READ_ONLY)
		a->flags |= ATTACH_READ_ONLY;
	if (o.given & OPTION_TAKE)
		a->flags |= ATTACH_TAKE;
	escape_init(&a->escape, escape_of(s, &o));
	a->escape.has_terminal = s->has_terminal;
	escape_name(a->escape_name, a->escape.key);
	replay_init(s);
	a->from = replay_from(s);
	talk_init(&a->talk, &s->out, s->rows, s->cols, s->is_utf8);
	if (s->has_terminal)
		start_view(s);
	buf_init(&a->typed, s->has_terminal ? TYPED_MAX : INPUT_WINDOW);
	buf_init(&a->pages, ATTACH_LINES_MAX);
	buf_init(&a->who, ATTACH_LINES_MAX);
	if (o.given & OPTION_TIMEOUT)
		attach_timer(s, TIMER_END, (int64_t)o.timeout * 1000);
	ask(s);
}

/* -- text lines only -- */

void attach_show(struct session *s, const uint8_t *data, size_t len)
{
	struct attach *a = &s->attach;
	struct buf lines;

	if (!a->linear) {
		talk_guest(&a->talk, data, len);
		return;
	}
	buf_init(&lines, 16 * MESSAGE_DATA_MAX);
	linear_feed(a->linear, data, len, &lines);
	talk_guest(&a->talk, lines.data, lines.len);
	buf_free(&lines);
	a->linear_at = clock_ms();
	if (a->due[TIMER_LINEAR] >= 0)
		return;
	a->linear_since = a->linear_at;
	attach_timer(s, TIMER_LINEAR, LINEAR_PAUSE_MS);
}

/* Lines go on after a gap; half a screen of a full-screen program would be a lie. */
void attach_clear(struct session *s)
{
	static const char wipe[] = "\030\033[m\033[H\033[2J";
	struct attach *a = &s->attach;

	if (s->has_terminal && !a->linear && track_is_alternate(&a->talk.track))
		talk_guest(&a->talk, (const uint8_t *)wipe, sizeof(wipe) - 1);
}

/* Also without a pause: an echo of keys that come without one, and what is overwritten for long. */
static void time_linear(struct session *s)
{
	struct attach *a = &s->attach;
	int64_t now = clock_ms(), paused = now - a->linear_at;
	struct buf rest;

	if (!a->linear)
		return;
	if (paused < LINEAR_PAUSE_MS && now - a->linear_since < LINEAR_LATE_MS &&
	    !linear_goes_on(a->linear)) {
		attach_timer(s, TIMER_LINEAR, LINEAR_PAUSE_MS - paused);
		return;
	}
	buf_init(&rest, 2 * READABLE_TEXT_MAX);
	linear_pause(a->linear, &rest);
	talk_guest(&a->talk, rest.data, rest.len);
	buf_free(&rest);
}

void attach_set_linear(struct session *s, bool is_on)
{
	struct attach *a = &s->attach;

	if (!s->has_terminal)
		return;
	linear_free(a->linear);
	a->linear = is_on ? linear_new() : NULL;
	s->is_linear = a->linear != NULL;
	if (a->linear) {
		track_reset(&a->talk.track, a->talk.out, !a->view.is_slow);
		a->talk.track.is_dirty = true;
	}
	if (!a->view.is_slow)
		a->view.policy = policy_of(s);
	attach_say(s, a->linear ? NOTICE_LINEAR : NOTICE_NOT_LINEAR);
}

void attach_free(struct session *s)
{
	struct attach *a = &s->attach;

	talk_free(&a->talk);
	linear_free(a->linear);
	a->linear = NULL;
	view_free(&a->view);
	replay_free(s);
	buf_free(&a->typed);
	buf_free(&a->pages);
	buf_free(&a->who);
}

/* -- leaving -- */

/* Puts the terminal back. What of the output is still here is not worth waiting for. */
static void restore(struct session *s)
{
	struct attach *a = &s->attach;
	bool is_sure = s->out.len <= DETACH_KEEP && !a->view.is_slow;

	if (!s->has_terminal || !(a->is_attached || a->has_seen_output))
		return;
	if (!is_sure)
		buf_clear(&s->out);
	a->talk.out = &s->out;
	talk_leave(&a->talk, is_sure);
}

static void leave(struct session *s)
{
	restore(s);
	ask_detach(&s->visit, &s->attach.at);
	attach_free(s);
	s->attach.is_attached = s->attach.has_seen_output = false;
}

void attach_finish(struct session *s, int status, const char *message, bool to_menu)
{
	bool is_menu = s->has_terminal && (to_menu || s->attach.is_from_menu);
	char text[MENU_MESSAGE_SIZE];

	snprintf(text, sizeof(text), "%s", message);
	if (is_menu) {
		browse_start(s, true, text);
		return;
	}
	leave(s);
	if (*text)
		session_say(s, text);
	session_end(s, status);
}

void attach_detach(struct session *s, bool to_menu)
{
	attach_finish(s, 0, "", to_menu);
}

/* -- timers -- */

static void time_waiting(struct session *s)
{
	talk_press(&s->attach.talk);
	if (s->attach.talk.has_bottom)
		attach_timer(s, TIMER_BOTTOM, TALK_SHOWN_MS);
}

static void time_bottom(struct session *s)
{
	talk_clear_bottom(&s->attach.talk);
}

static void time_silent(struct session *s)
{
	const struct attach *a = &s->attach;

	if (!a->has_state || a->state.guest != GUEST_RUNNING || a->state.line != LINE_OPEN ||
	    a->has_seen_output)
		return;
	if (!a->info.may_type || a->flags & ATTACH_READ_ONLY ||
	    (a->keyboard.held && !a->keyboard.yours))
		attach_say(s, replay_is_empty(s) ? NOTICE_SILENT_WATCHING_NEW : NOTICE_SILENT_WATCHING);
	else if (a->info.output_seen)
		attach_say(s, replay_is_empty(s) ? NOTICE_SILENT_NEW : NOTICE_SILENT);
	else
		attach_say(s, NOTICE_SILENT_EVER);
}

static void time_end(struct session *s)
{
	char text[64];

	snprintf(text, sizeof(text), "timed out after %u s", s->attach.options.timeout);
	attach_finish(s, REFUSED_TIMEOUT, text, false);
}

static void time_slow(struct session *s)
{
	if (s->has_terminal && !s->attach.is_attached)
		attach_say(s, NOTICE_ATTACHING);
}

static void time_retry(struct session *s)
{
	if (visit_is_open(&s->visit))
		ask(s);
}

static void (*const timers[TIMER_COUNT])(struct session *s) = {
	[TIMER_HELD] = typing_flush, [TIMER_REMIND] = typing_remind, [TIMER_WAITING] = time_waiting,
	[TIMER_BOTTOM] = time_bottom, [TIMER_SILENT] = time_silent, [TIMER_END] = time_end,
	[TIMER_SLOW] = time_slow, [TIMER_RETRY] = time_retry,
	[TIMER_FULL] = typing_full, [TIMER_PACE] = pasting_time, [TIMER_PROGRESS] = pasting_progress,
	[TIMER_ANSWER] = typing_answer_ends, [TIMER_LATE] = hearing_late,
	[TIMER_LINEAR] = time_linear,
};

static void turn(struct session *s)
{
	int64_t now = clock_ms();

	for (int i = 0; i < TIMER_COUNT && s->stage == &attach_stage; i++) {
		if (s->attach.due[i] < 0 || s->attach.due[i] > now)
			continue;
		s->attach.due[i] = -1;
		timers[i](s);
	}
	if (s->stage == &attach_stage)
		typing_send(s);
	if (s->stage == &attach_stage && s->has_terminal)
		show(s);
}

static int64_t due(struct session *s)
{
	int64_t first = view_due(&s->attach.view, clock_us());

	if (first >= 0)
		first = first / 1000 + 1;
	for (int i = 0; i < TIMER_COUNT; i++)
		if (s->attach.due[i] >= 0 && (first < 0 || s->attach.due[i] < first))
			first = s->attach.due[i];
	return first;
}

static void resized(struct session *s)
{
	talk_resize(&s->attach.talk, s->rows, s->cols);
	view_resize(&s->attach.view, s->rows, s->cols);
}

/* -- console goes away and comes back -- */

static void away(struct session *s)
{
	struct attach *a = &s->attach;

	if (!s->is_away)
		attach_say(s, NOTICE_CONSOLE_LOST);
	if (a->is_attached) {
		uuid_write(a->phrase, a->info.uuid);
		snprintf(a->device, sizeof(a->device), "%s", a->info.alias);
		a->flags &= ~(uint32_t)(ATTACH_PREFIX | ATTACH_TAKE);
		if (a->has_keyboard && a->keyboard.yours)
			a->flags |= ATTACH_TAKE;
		a->from = (struct position){.kind = POSITION_OFFSET, .epoch = a->at.epoch,
					    .value = a->at.next};
		a->is_returning = true;
	}
	a->is_attached = a->has_state = a->has_keyboard = false;
	attach_timer(s, TIMER_SLOW, -1);
}

static const struct stage attach_stage = {
	.ears = &hearing_ears,
	.input = typing_input,
	.resized = resized,
	.turn = turn,
	.due = due,
	.away = away,
	.back = ask,
	.leave = leave,
};
