/* SPDX-License-Identifier: ISC */
/*
 * See run.h. wait, send, and --for of start, reset and reboot: on a console from some byte
 * on, something is done, and then a line is looked for. What is done comes after the first
 * byte that is looked at, so nothing is missed in between.
 */
#include "terminal/run_hunt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "terminal/ask.h"
#include "terminal/expect.h"
#include "terminal/notice.h"
#include "terminal/pace.h"
#include "terminal/reading.h"
#include "terminal/run.h"
#include "terminal/spell.h"

struct hunt {
	bool has_regex, is_found;
	struct expression regex;
	struct expect expect;
	enum guest_act act;          /* 0 none */
	bool is_asked, is_done;      /* the act */
	bool has_run;                /* the guest ran since it was asked for */

	bool sends;
	bool is_stdin, input_ended;
	struct buf input;            /* what is still to be sent */
	struct pace pace;
	size_t unsure;               /* bytes under way */
	bool has_keyboard;
};

static const struct stage hunt_stage;

_Static_assert((int)COMMAND_LINE_MAX <= (int)INPUT_WINDOW, "a text fits into the input");

void run_hunt_free(struct session *s)
{
	struct hunt *h = s->hunt;

	if (!h)
		return;
	if (h->has_regex) {
		expect_free(&h->expect);
		expression_free(&h->regex);
	}
	buf_free(&h->input);
	free(h);
	s->hunt = NULL;
}

/* -- beginning -- */

static struct hunt *start(struct session *s)
{
	const struct command_options *o = &s->command.options;
	struct hunt *h = calloc(1, sizeof(*h));

	if (!h) {
		run_fail(s, REFUSED_FAILED, "out of memory");
		return NULL;
	}
	s->hunt = h;
	buf_init(&h->input, INPUT_WINDOW);
	if (!(o->given & OPTION_FOR))
		return h;
	if (run_compile(s, &h->regex, o->regex) < 0)
		return NULL;
	h->has_regex = true;
	expect_init(&h->expect, &h->regex, o->given & OPTION_RAW);
	return h;
}

static void begin(struct session *s, uint32_t flags, const struct position *from)
{
	session_enter(s, &hunt_stage);
	run_timer(s);
	reading_ask(s, s->command.arg[0], flags, from, NULL);
}

void run_wait(struct session *s)
{
	const struct command_options *o = &s->command.options;
	struct position from = { .kind = POSITION_NOW };

	if (!(o->given & OPTION_FOR)) {
		run_fail(s, REFUSED_USAGE, "wait wants --for REGEX: wait web1 --for 'login:'");
		return;
	}
	if (o->given & OPTION_FROM && run_position(s, &from, "from", o->from) < 0)
		return;
	if (start(s))
		begin(s, ATTACH_READ_ONLY, &from);
}

void run_hunt_act(struct session *s, enum guest_act act)
{
	static const struct position now = { .kind = POSITION_NOW };
	struct hunt *h = start(s);

	if (!h)
		return;
	h->act = act;
	begin(s, ATTACH_READ_ONLY, &now);
}

void run_send(struct session *s)
{
	static const struct position now = { .kind = POSITION_NOW };
	const struct command *c = &s->command;
	uint8_t bytes[COMMAND_LINE_MAX];
	char why[96];
	struct hunt *h;
	size_t len = 0;

	if (strcmp(c->arg[1], "-") != 0 && spell_read(bytes, &len, c->arg[1]) < 0) {
		snprintf(why, sizeof(why), "\\x wants two hexadecimal digits, at character %zu of "
			 "the text", len + 1);
		run_fail(s, REFUSED_USAGE, why);
		return;
	}
	h = start(s);
	if (!h)
		return;
	h->sends = true;
	h->is_stdin = strcmp(c->arg[1], "-") == 0;
	h->input_ended = !h->is_stdin || s->input_ended;
	buf_append(&h->input, bytes, len);
	if (c->options.given & OPTION_PACED)
		pace_begin(&h->pace);
	begin(s, ATTACH_CREDIT | (c->options.given & OPTION_TAKE ? ATTACH_TAKE : 0u), &now);
}

/* -- the end -- */

static bool is_sent(const struct hunt *h)
{
	return h->input_ended && h->input.len == 0 && h->unsure == 0;
}

/* All that was asked for is done; a stream that has no end is cut off by what was looked for. */
static bool is_complete(const struct hunt *h)
{
	if (h->has_regex && !h->is_found)
		return false;
	if (h->act && !h->is_done)
		return false;
	return !h->sends || is_sent(h) || (h->is_stdin && h->is_found);
}

static void end_when_complete(struct session *s)
{
	if (s->stage == &hunt_stage && is_complete(s->hunt))
		session_end(s, 0);
}

/* -- looking -- */

static bool found(void *who, const char *line, size_t len)
{
	struct session *s = who;

	if (s->command.options.given & OPTION_RAW)
		buf_append(&s->out, line, len);
	else
		session_print(s, line, len);
	session_print(s, "\n", 1);
	s->hunt->is_found = true;
	return false;
}

static void hear_output(void *who, struct attachment *at, const struct msg_output *m)
{
	struct session *s = who;
	struct hunt *h = s->hunt;

	(void)at;
	if (h->pace.is_on)
		pace_output(&h->pace, m->data.data, m->data.len);
	if (!h->has_regex || h->is_found)
		return;
	expect_feed(&h->expect, m->data.data, m->data.len, clock_ms(), found, s);
	if (h->expect.is_failed)
		run_fail(s, REFUSED_FAILED, "the expression needs more memory than it may have");
	end_when_complete(s);
}

static void hear_gap(void *who, struct attachment *at, uint64_t count)
{
	struct session *s = who;

	(void)at;
	reading_gap(s, count);
	if (s->hunt->has_regex)
		expect_break(&s->hunt->expect, found, s);
}

/* -- the guest and its console -- */

static void hear_attached(void *who, struct attachment *at, const struct msg_attached *m)
{
	struct session *s = who;
	struct hunt *h = s->hunt;

	(void)at;
	reading_attached(s, m, false);
	if (h->sends && !m->may_type)
		run_fail(s, REFUSED_NOT_ALLOWED, "you may only watch this guest");
	else if (h->act && !h->is_asked) {
		h->is_asked = true;
		ask_act(&s->visit, s->command.arg[0], h->act, 0);
	}
}

static void hear_act_done(void *who, const struct msg_act_done *m)
{
	struct session *s = who;

	run_say_foreign(s, "", m->text, "");
	s->hunt->is_done = true;
	end_when_complete(s);
}

/* What is off before it is started, or on its way through a restart, has not gone away. */
static bool is_expected(struct hunt *h, const struct msg_state *m)
{
	if (!h->act)
		return false;
	if (m->guest == GUEST_RUNNING && h->is_asked)
		h->has_run = true;
	return !h->is_done || !h->has_run;
}

static void hear_state(void *who, struct attachment *at, const struct msg_state *m)
{
	struct session *s = who;
	bool was_ours = s->hunt->act && !(s->hunt->is_done && s->hunt->has_run);
	bool is_ours = is_expected(s->hunt, m) || was_ours;
	bool goes_on = is_ours || s->command.options.given & OPTION_WAIT;
	int end;

	(void)at;
	if (is_ours && !m->gone) {
		reading_expected(s, m);
		return;
	}
	end = reading_state(s, m, goes_on);
	if (!end || (goes_on && !m->gone))
		return;
	if (s->hunt->has_regex && !s->hunt->is_found)
		expect_tick(&s->hunt->expect, INT64_MAX, found, s);
	end_when_complete(s);
	session_end(s, end);
}

/* -- sending -- */

static void hear_keyboard(void *who, struct attachment *at, const struct msg_keyboard *m)
{
	struct session *s = who;
	struct hunt *h = s->hunt;

	(void)at;
	if (!h->sends || is_sent(h))
		return;
	h->has_keyboard = m->yours;
	if (m->denied) {
		run_fail(s, REFUSED_NOT_ALLOWED, "you may only watch this guest");
	} else if (!m->yours && m->held) {
		run_say_foreign(s, "", m->holder, " has the keyboard: --take takes it");
		session_end(s, REFUSED_FAILED);
	}
}

static void hear_lost(void *who, struct attachment *at, const struct msg_lost *m)
{
	struct session *s = who;
	struct notice_about about = { .name = s->reading.name, .host = s->reading.host,
				      .escape = "", .text = "", .holder = "somebody else", .by = "",
				      .count = m->count };
	char line[512];
	struct buf text;

	(void)at;
	buf_init(&text, sizeof(line));
	notice_lost(&text, m->cause, &about);
	snprintf(line, sizeof(line), "%.*s", text.len ? (int)text.len - 1 : 0, (char *)text.data);
	buf_free(&text);
	run_fail(s, REFUSED_FAILED, line);
}

static bool is_ready(const struct session *s)
{
	const struct reading *r = &s->reading;

	return s->hunt->has_keyboard && r->has_state &&
	       (r->state.line == LINE_OPEN || r->state.line == LINE_OPENING);
}

/* Credit that is not there yet is what is under way. */
static void count_unsure(struct session *s)
{
	const struct attachment *at = &s->reading.at;

	if (at->state == ATTACHMENT_ATTACHED)
		s->hunt->unsure = INPUT_WINDOW - at->credit;
}

static void send_input(struct session *s)
{
	struct hunt *h = s->hunt;

	while (h->input.len && is_ready(s)) {
		size_t want = h->pace.is_on ? pace_next(&h->pace, h->input.data, h->input.len)
					    : h->input.len;
		long n = want ? ask_input(&s->visit, &s->reading.at, h->input.data, want) : 0;

		if (n <= 0)
			break;
		if (h->pace.is_on)
			pace_sent(&h->pace, h->input.data, (size_t)n, clock_ms());
		buf_consume(&h->input, (size_t)n);
	}
	count_unsure(s);
}

/* Standard input waits in the client until there is room. */
static size_t hunt_input(struct session *s, const uint8_t *data, size_t len)
{
	struct hunt *h = s->hunt;
	size_t room = h->input.max - h->input.len, from = h->input.len;

	if (!h->is_stdin)
		return run_input(s, data, len);
	if (len > room)
		len = room;
	if (len && buf_append(&h->input, data, len) < 0)
		return 0;
	if (s->command.options.given & OPTION_CR)
		for (size_t i = from; i < h->input.len; i++)
			if (h->input.data[i] == '\n')
				h->input.data[i] = '\r';
	return len;
}

static void hunt_input_end(struct session *s)
{
	s->hunt->input_ended = true;
}

/* -- turns -- */

static void turn(struct session *s)
{
	struct hunt *h = s->hunt;

	if (h->has_regex && !h->is_found)
		expect_tick(&h->expect, clock_ms(), found, s);
	if (h->pace.is_on)
		pace_tick(&h->pace, clock_ms());
	if (h->sends)
		send_input(s);
	end_when_complete(s);
	(void)run_is_late(s);
}

static int64_t sooner(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int64_t due(struct session *s)
{
	const struct hunt *h = s->hunt;
	int64_t first = s->run_due;

	if (h->pace.is_on)
		first = sooner(first, h->pace.due);
	return h->has_regex && !h->is_found ? sooner(first, h->expect.due) : first;
}

static void back(struct session *s)
{
	struct position from = { .kind = POSITION_OFFSET, .epoch = s->reading.at.epoch,
				 .value = s->reading.at.next };
	struct hunt *h = s->hunt;

	if (h->sends || (h->is_asked && !h->is_done)) {
		run_fail(s, REFUSED_FAILED, "the console service was restarted meanwhile: it is "
			 "not known whether all was done");
		return;
	}
	if (h->has_regex)
		expect_break(&h->expect, found, s);
	reading_ask_again(s, s->reading.wish.flags, s->reading.is_known ? &from
									: &s->reading.wish.from);
}

static const struct visit_ears hunt_ears = {
	.attached = hear_attached, .refused = run_hear_refused, .output = hear_output,
	.gap = hear_gap, .state = hear_state, .keyboard = hear_keyboard, .lost = hear_lost,
	.act_done = hear_act_done,
};

static const struct stage hunt_stage = {
	.ears = &hunt_ears,
	.input = hunt_input,
	.input_end = hunt_input_end,
	.turn = turn,
	.due = due,
	.away = reading_away,
	.back = back,
};
