/* SPDX-License-Identifier: ISC */
/* See attach.h. The stage of a session that is on a guest's console, or asks for one. */
#include "terminal/attach.h"

#include <stdio.h>
#include <string.h>

#include "terminal/typing.h"

enum { SILENT_MS = 1000, SLOW_MS = 2000, LINES_MAX = 32768 };

static const struct stage attach_stage;

struct notice_about attach_about(const struct session *s)
{
	const struct attach *a = &s->attach;

	return (struct notice_about){
		.name = *a->name ? a->name : "the guest",
		.host = *a->host ? a->host : "the host",
		.escape = a->escape.key < 0 ? "" : a->escape_name,
	};
}

void attach_timer(struct session *s, enum attach_timer timer, int64_t ms)
{
	s->attach.due[timer] = ms < 0 ? -1 : session_now() + ms;
}

/* [gate: ...] around each line. */
static void wrap_lines(struct buf *out, const char *text, size_t len)
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

/* Finished lines, wherever they may stand. */
static void put_lines(struct session *s, const struct buf *lines)
{
	struct attach *a = &s->attach;

	if (!lines->len)
		return;
	if (!s->has_terminal) {
		buf_append(&s->err, lines->data, lines->len);
		return;
	}
	talk_lines(&a->talk, (const char *)lines->data, lines->len);
	attach_timer(s, TIMER_WAITING, talk_is_waiting(&a->talk) ? TALK_WAIT_MS : -1);
	if (a->talk.has_bottom)
		attach_timer(s, TIMER_BOTTOM, TALK_SHOWN_MS);
}

void attach_say_lines(struct session *s, const char *text, size_t len)
{
	struct buf lines;

	if (s->attach.options.given & OPTION_QUIET)
		return;
	buf_init(&lines, LINES_MAX);
	wrap_lines(&lines, text, len);
	put_lines(s, &lines);
	buf_free(&lines);
}

void attach_say(struct session *s, enum notice_kind kind)
{
	struct notice_about about = attach_about(s);
	char holder[SHOWN_NAME_SIZE];
	struct buf text;

	session_escape(s, holder, sizeof(holder), s->attach.keyboard.holder);
	about.holder = holder;
	buf_init(&text, LINES_MAX);
	notice_say(&text, kind, &about);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

/* -- asking, and asking again -- */

static void ask(struct session *s)
{
	struct attach *a = &s->attach;

	ask_attach(&s->visit, a->phrase, a->device, a->flags);
	attach_timer(s, TIMER_SLOW, SLOW_MS);
}

static int escape_of(const struct session *s, const struct command_options *o)
{
	if (o->given & OPTION_ESCAPE)
		return o->escape;
	return s->has_terminal ? s->escape_key : ESCAPE_KEY_NONE;
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
	escape_name(a->escape_name, a->escape.key);
	talk_init(&a->talk, &s->out, s->rows, s->cols, s->is_utf8);
	buf_init(&a->typed, s->has_terminal ? TYPED_MAX : INPUT_WINDOW);
	buf_init(&a->pages, LINES_MAX);
	buf_init(&a->who, LINES_MAX);
	if (o.given & OPTION_TIMEOUT)
		attach_timer(s, TIMER_END, (int64_t)o.timeout * 1000);
	ask(s);
}

void attach_free(struct session *s)
{
	struct attach *a = &s->attach;

	talk_free(&a->talk);
	buf_free(&a->typed);
	buf_free(&a->pages);
	buf_free(&a->who);
}

/* -- leaving -- */

/* Puts the terminal back. What of the output is still here is not worth waiting for. */
static void restore(struct session *s)
{
	struct attach *a = &s->attach;
	bool is_sure = s->out.len <= DETACH_KEEP;

	if (!s->has_terminal || !a->is_attached)
		return;
	if (!is_sure)
		buf_clear(&s->out);
	talk_leave(&a->talk, is_sure);
}

static void leave(struct session *s)
{
	restore(s);
	ask_detach(&s->visit);
	attach_free(s);
	s->attach.is_attached = false;
}

/* To the menu with a message, or the end of the session with its status. */
static void finish(struct session *s, int status, const char *message, bool to_menu)
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
	finish(s, 0, "", to_menu);
}

/* -- what console says -- */

static void set_names(struct session *s, const struct msg_attached *m)
{
	struct attach *a = &s->attach;
	char label[GUESTS_LABEL_SIZE];

	if (m->unique)
		snprintf(label, sizeof(label), "%s", m->name);
	else
		snprintf(label, sizeof(label), "%s/%s", m->host, m->name);
	session_escape(s, a->name, sizeof(a->name), label);
	session_escape(s, a->host, sizeof(a->host), m->host);
}

static void say_banner(struct session *s)
{
	struct attach *a = &s->attach;
	struct notice_about about = attach_about(s);
	char name[SHOWN_NAME_SIZE];
	struct buf lines;

	if (a->options.given & OPTION_QUIET)
		return;
	buf_init(&lines, LINES_MAX);
	session_escape(s, name, sizeof(name), a->info.name);
	notice_banner(&lines, name, a->escape.key);
	put_lines(s, &lines);
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

static void hear_attached(void *who, const struct msg_attached *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;

	a->info = *m;
	a->is_attached = true;
	a->has_complained = false;
	attach_timer(s, TIMER_SLOW, -1);
	attach_timer(s, TIMER_RETRY, -1);
	set_names(s, m);
	if (a->is_returning)
		attach_say(s, NOTICE_CONSOLE_BACK);
	else
		say_banner(s);
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

static void hear_refused(void *who, const struct msg_refused *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	char text[TEXT_MAX * 2], line[TEXT_MAX * 3];
	const char *near = NULL;

	session_escape(s, text, sizeof(text), m->text);
	if (s->visit.state == VISIT_ATTACHED) {    /* of a wish on the console */
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
	finish(s, m->code, line, false);
}

static void hear_output(void *who, const struct msg_output *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;

	if (m->data.len == 0)
		return;
	a->has_seen_output = true;
	attach_timer(s, TIMER_SILENT, -1);
	if (!s->has_terminal) {
		buf_append(&s->out, m->data.data, m->data.len);
		return;
	}
	talk_guest(&a->talk, m->data.data, m->data.len);
	if (!talk_is_waiting(&a->talk))
		attach_timer(s, TIMER_WAITING, -1);
}

static void hear_gap(void *who, const struct msg_gap *m)
{
	struct session *s = who;
	struct notice_about about = attach_about(s);
	struct buf text;

	about.count = m->count;
	buf_init(&text, LINES_MAX);
	notice_say(&text, NOTICE_GAP, &about);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

/* Without a terminal and --wait, some states are the end. */
static int end_of(const struct msg_state *m)
{
	static const int by_line[LINE_STATE_COUNT] = {
		[LINE_NO_CONSOLE] = REFUSED_NO_GUEST, [LINE_BUSY] = REFUSED_FAILED,
		[LINE_FAILED] = REFUSED_FAILED, [LINE_STOLEN] = REFUSED_GONE,
	};

	if (!m->host_up || m->guest == GUEST_OFF || m->guest == GUEST_CRASHED)
		return REFUSED_GONE;
	return m->line < LINE_STATE_COUNT ? by_line[m->line] : 0;
}

static void hear_state(void *who, const struct msg_state *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	struct notice_about about = attach_about(s);
	char words[TEXT_MAX * 2];
	struct buf text;
	int end = 0;

	session_escape(s, words, sizeof(words), m->text);
	about.text = words;
	buf_init(&text, LINES_MAX);
	if (m->gone)
		notice_say(&text, NOTICE_GONE, &about);
	if (!m->gone && !s->has_terminal && !(a->options.given & OPTION_WAIT))
		end = end_of(m);
	about.is_waiting = !end;
	if (!m->gone)
		notice_state(&text, a->has_state ? &a->state : NULL, m, &about);
	a->has_state = true;
	a->state = *m;
	if (m->gone && text.len) {
		text.data[text.len - 1] = '\0';    /* the LF */
		finish(s, REFUSED_GONE, (const char *)text.data, false);
	} else {
		attach_say_lines(s, (const char *)text.data, text.len);
	}
	buf_free(&text);
	if (end)
		session_end(s, end);
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

static void hear_keyboard(void *who, const struct msg_keyboard *m)
{
	struct session *s = who;
	struct attach *a = &s->attach;
	struct notice_about about = attach_about(s);
	char holder[SHOWN_NAME_SIZE], by[SHOWN_NAME_SIZE];
	struct buf text;

	session_escape(s, holder, sizeof(holder), m->holder);
	session_escape(s, by, sizeof(by), m->by);
	about.holder = holder;
	about.by = by;
	buf_init(&text, LINES_MAX);
	if (!hear_rights(s, !m->denied))
		notice_keyboard(&text, a->has_keyboard ? &a->keyboard : NULL, m, &about);
	a->keyboard = *m;
	a->has_keyboard = true;
	a->has_complained = false;
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
	typing_send(s);
}

static void hear_lost(void *who, const struct msg_lost *m)
{
	struct session *s = who;
	struct notice_about about = attach_about(s);
	char holder[SHOWN_NAME_SIZE];
	struct buf text;

	if (m->cause == LOSS_KEYBOARD && s->attach.has_complained)
		return;
	session_escape(s, holder, sizeof(holder), s->attach.keyboard.holder);
	about.holder = holder;
	about.count = m->count;
	buf_init(&text, LINES_MAX);
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
	buf_init(&lines, 2 * LINES_MAX);
	wrap_lines(&lines, (const char *)a->who.data, a->who.len);
	put_lines(s, &lines);
	buf_clear(&a->who);
	buf_free(&lines);
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
		attach_say(s, NOTICE_SILENT_WATCHING);
	else
		attach_say(s, a->info.output_seen ? NOTICE_SILENT : NOTICE_SILENT_EVER);
}

static void time_end(struct session *s)
{
	char text[64];

	snprintf(text, sizeof(text), "timed out after %u s", s->attach.options.timeout);
	finish(s, REFUSED_TIMEOUT, text, false);
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
	[TIMER_FULL] = typing_full,
};

static void turn(struct session *s)
{
	int64_t now = session_now();

	for (int i = 0; i < TIMER_COUNT && s->stage == &attach_stage; i++) {
		if (s->attach.due[i] < 0 || s->attach.due[i] > now)
			continue;
		s->attach.due[i] = -1;
		timers[i](s);
	}
	if (s->stage == &attach_stage)
		typing_send(s);
}

static int64_t due(struct session *s)
{
	int64_t first = -1;

	for (int i = 0; i < TIMER_COUNT; i++)
		if (s->attach.due[i] >= 0 && (first < 0 || s->attach.due[i] < first))
			first = s->attach.due[i];
	return first;
}

static void resized(struct session *s)
{
	s->attach.talk.rows = s->rows;
	s->attach.talk.cols = s->cols;
}

/* -- console goes away and comes back -- */

static void away(struct session *s)
{
	struct attach *a = &s->attach;

	attach_say(s, NOTICE_CONSOLE_LOST);
	if (a->is_attached) {
		guest_uuid_text(a->phrase, a->info.uuid);
		snprintf(a->device, sizeof(a->device), "%s", a->info.alias);
		a->flags &= ~(uint32_t)(ATTACH_PREFIX | ATTACH_FORCE | ATTACH_TAKE);
		if (a->has_keyboard && a->keyboard.yours)
			a->flags |= ATTACH_TAKE;
		a->is_returning = true;
	}
	a->is_attached = a->has_state = a->has_keyboard = false;
	attach_timer(s, TIMER_SLOW, -1);
}

static const struct stage attach_stage = {
	.ears = {
		.guest = session_hear_guest, .guest_gone = session_hear_guest_gone,
		.list_end = session_hear_list_end, .peer = hear_peer, .peers_end = hear_peers_end,
		.attached = hear_attached, .refused = hear_refused, .output = hear_output,
		.gap = hear_gap, .state = hear_state, .keyboard = hear_keyboard, .lost = hear_lost,
	},
	.input = typing_input,
	.resized = resized,
	.turn = turn,
	.due = due,
	.away = away,
	.back = ask,
	.leave = leave,
};
