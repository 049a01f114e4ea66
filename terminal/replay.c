/* SPDX-License-Identifier: ISC */
/* See replay.h. */
#include "terminal/replay.h"

#include <string.h>
#include <time.h>

#include "ipc/clock.h"
#include "terminal/attach.h"
#include "terminal/ask.h"
#include "terminal/position.h"

enum {
	KEY_LINES = 60,          /* what ^] r shows */
	RECENT_MS = 1000,        /* a terminal answers within this, however far away */
	PIECE_MAX = 4 * MESSAGE_DATA_MAX,
	TAIL_MAX = 1024,         /* of a line that has not ended, kept for behind our own line */
};

void replay_init(struct session *s)
{
	struct replay *r = &s->attach.replay;

	buf_init(&r->tail, PIECE_MAX);
	filter_init(&r->filter, FILTER_REPLAY);
	filter_init(&r->strict, FILTER_STRICT);
	r->recent = -1;
}

void replay_free(struct session *s)
{
	buf_free(&s->attach.replay.tail);
}

struct position replay_from(const struct session *s)
{
	const struct command_options *o = &s->attach.options;
	struct position p = {.kind = s->has_terminal ? POSITION_DEFAULT : POSITION_NOW};

	if (o->given & OPTION_REPLAY_LINES)
		p = (struct position){.kind = o->lines ? POSITION_LINES : POSITION_NOW,
				      .value = o->lines};
	else if (o->given & OPTION_REPLAY_FROM)
		position_parse(&p, o->from, time(NULL));
	return p;
}

static void ask(struct session *s, struct position from)
{
	s->attach.replay.asked = from.kind;
	ask_replay(&s->visit, &s->attach.at, &from);
}

void replay_ask_lines(struct session *s)
{
	ask(s, (struct position){.kind = POSITION_LINES, .value = KEY_LINES});
}

void replay_ask_boot(struct session *s)
{
	ask(s, (struct position){.kind = POSITION_BOOT});
}

static void say(struct session *s, void (*what)(struct buf *out, const struct past *past))
{
	struct buf text;

	buf_init(&text, ATTACH_LINES_MAX);
	what(&text, &s->attach.replay.past);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

/* -- what reaches the client -- */

static void put(struct session *s, const uint8_t *data, size_t len)
{
	struct attach *a = &s->attach;

	if (!len)
		return;
	if (!s->has_terminal) {
		buf_append(&s->out, data, len);
		return;
	}
	attach_show(s, data, len);
	if (!talk_is_waiting(&a->talk))
		attach_timer(s, TIMER_WAITING, -1);
}

static void put_live(struct session *s, const uint8_t *data, size_t len)
{
	struct buf passed;

	if (!s->is_strict || !s->has_terminal) {
		put(s, data, len);
		return;
	}
	buf_init(&passed, 2 * MESSAGE_DATA_MAX);
	filter_feed(&s->attach.replay.strict, data, len, &passed);
	put(s, passed.data, passed.len);
	buf_free(&passed);
}

/* All but the line that has not ended, unless that is a long one. */
static void put_tail(struct session *s, bool is_all)
{
	struct buf *tail = &s->attach.replay.tail;
	const uint8_t *end = tail->len ? memrchr(tail->data, '\n', tail->len) : NULL;
	size_t n = end ? (size_t)(end - tail->data) + 1 : 0;

	if (is_all || tail->len - n > TAIL_MAX || !s->has_terminal)
		n = tail->len;
	put(s, tail->data, n);
	buf_consume(tail, n);
}

/* -- from the beginning to the end -- */

static void begin(struct session *s, const struct past *past, bool is_logged)
{
	struct replay *r = &s->attach.replay;
	char name[ATTACH_LOG_NAME_SIZE];

	filter_init(&r->filter, FILTER_REPLAY);
	buf_clear(&r->tail);
	r->past = *past;
	r->is_on = past->head > past->offset;
	view_ask(&s->attach.view, r->is_on && past->is_asked);
	r->past.log = is_logged ? attach_log_name(s, name) : NULL;
	say(s, past_begin);
	r->past.log = NULL;
}

/* A prompt that waits for its answer stands behind our line, where the cursor is. */
static void end(struct session *s)
{
	struct replay *r = &s->attach.replay;

	if (!r->is_on)
		return;
	r->is_on = false;
	r->recent = clock_ms() + RECENT_MS;
	filter_end(&r->filter, &r->tail);
	put_tail(s, false);
	say(s, past_end);
	put_tail(s, true);
	view_ask(&s->attach.view, false);
}

void replay_attached(struct session *s, const struct msg_attached *m)
{
	/* That console was away, and what that means, is told already. */
	bool is_told = s->attach.is_returning && m->missed == UINT64_MAX;

	begin(s, &(struct past){
		.from = m->from, .epoch = m->epoch, .offset = m->offset, .head = m->head,
		.missed = is_told ? 0 : m->missed,
		.is_asked = !s->attach.is_returning && s->attach.options.given &
			    (OPTION_REPLAY_LINES | OPTION_REPLAY_FROM),
	}, m->logged);
}

void replay_again(struct session *s, const struct msg_replaying *m)
{
	begin(s, &(struct past){
		.from = s->attach.replay.asked, .epoch = s->attach.at.epoch,
		.offset = m->offset, .head = m->head, .missed = m->missed, .is_asked = true,
	}, m->logged);
}

bool replay_is_empty(const struct session *s)
{
	const struct past *past = &s->attach.replay.past;

	return past->head == past->offset &&
	       (past->from == POSITION_LINES || past->from == POSITION_OLDEST);
}

void replay_boot(struct session *s, const struct msg_boot *m)
{
	struct buf text;

	put_tail(s, true);
	buf_init(&text, ATTACH_LINES_MAX);
	past_boot(&text, s->attach.name, m->time);
	attach_say_lines(s, (const char *)text.data, text.len);
	buf_free(&text);
}

void replay_output(struct session *s, const struct msg_output *m)
{
	struct replay *r = &s->attach.replay;
	uint64_t before = r->is_on && m->offset < r->past.head ? r->past.head - m->offset : 0;
	size_t n = before < m->data.len ? (size_t)before : m->data.len;

	if (n) {
		filter_feed(&r->filter, m->data.data, n, &r->tail);
		put_tail(s, false);
	}
	if (n == before)
		end(s);
	if (n < m->data.len)
		put_live(s, m->data.data + n, m->data.len - n);
}

bool replay_is_recent(const struct session *s)
{
	const struct replay *r = &s->attach.replay;

	return r->is_on || (r->recent >= 0 && clock_ms() < r->recent);
}
