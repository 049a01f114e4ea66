/* SPDX-License-Identifier: ISC */
/*
 * Our end of a line: the socket to the child of virt that holds a console's stream.
 * Opened when the console is wanted and its guest runs; opened anew when it ends, with a
 * back-off; killed by closing it when the guest does not read its input.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "console/acts.h"
#include "console/awake.h"
#include "console/host.h"
#include "console/hub.h"
#include "ipc/backoff.h"
#include "ipc/log.h"

enum { STATE_OPENING = 1, STATE_OPENED = 2 };

static void retry_later(struct line *l);

static struct console *owner_of(struct line *l)
{
	return (struct console *)((char *)l - offsetof(struct console, line));
}

/* -- input under way: which viewer's bytes come back as done -- */

static void note_sent(struct line *l, struct viewer *v, uint32_t count)
{
	unsigned last = (l->first + l->nsent - 1) % LINE_SEGMENTS;

	l->unacked += count;
	if (l->nsent && l->sent[last].viewer == v) {
		l->sent[last].count += count;
		return;
	}
	last = (l->first + l->nsent++) % LINE_SEGMENTS;
	l->sent[last].viewer = v;
	l->sent[last].count = count;
}

static void settle_sent(struct line *l, uint32_t count, bool lost, enum input_loss why)
{
	l->unacked -= count;
	while (count) {
		struct viewer *v = l->sent[l->first].viewer;
		uint32_t n = l->sent[l->first].count;

		if (n > count)
			n = count;
		count -= n;
		l->sent[l->first].count -= n;
		if (v) {
			viewer_credit(v, n);
			if (lost)
				v->lost[why] += n;
		}
		if (l->sent[l->first].count == 0) {
			l->first = (l->first + 1) % LINE_SEGMENTS;
			l->nsent--;
		}
		if (v)
			output_flush(v);
	}
}

static void lose_input(struct console *c, enum input_loss why)
{
	settle_sent(&c->line, c->line.unacked, true, why);
	if (c->holder) {
		viewer_drop_input(c->holder, why);
		output_flush(c->holder);
	}
}

/* -- a guest that does not read -- */

static void stuck_due(void *owner)
{
	struct line *l = owner;
	struct console *c = owner_of(l);
	uint64_t since = loop_now() - l->stuck_at;

	if (l->stuck_at && since < LINE_STUCK_EVERY_MS) {
		loop_timer_set(&l->stuck, LINE_STUCK_EVERY_MS - since, stuck_due, l);
		return;
	}
	log_info("%s/%s: the guest has not read its input for %d s: %u bytes dropped, line opened anew",
		 c->guest->name, c->alias, LINE_STUCK_MS / 1000, l->unacked);
	l->stuck_at = loop_now();
	lose_input(c, LOSS_STUCK);
	/*
	 * The child may sit in a call that never returns; the end of its socket ends it. To take
	 * the console by force from the dead would be quicker, and libvirt 9.0's end: it frees
	 * a stream whose input waits twice when its client goes and it is aborted at a time.
	 */
	line_close(c, LINE_OPENING);
	l->cut_at = loop_now();
	l->failures = 0;
	retry_later(l);
}

/* What holds the console may still be the line that was cut off. */
static bool is_held_by_us(const struct line *l)
{
	return l->cut_at && loop_now() - l->cut_at < LINE_LET_GO_MS;
}

/* Does anybody who is still here wait for input to be read? */
static bool is_awaited(const struct line *l)
{
	for (unsigned i = 0; i < l->nsent; i++)
		if (l->sent[(l->first + i) % LINE_SEGMENTS].viewer)
			return true;
	return false;
}

static void watch_stuck(struct line *l)
{
	if (is_awaited(l))
		loop_timer_set(&l->stuck, LINE_STUCK_MS, stuck_due, l);
	else
		loop_timer_clear(&l->stuck);
}

/* Stretches of those who left become one: their number is bounded by those who are here. */
static void merge_left(struct line *l)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < l->nsent; i++) {
		unsigned from = (l->first + i) % LINE_SEGMENTS;
		unsigned last = (l->first + kept - 1) % LINE_SEGMENTS;

		if (kept && !l->sent[from].viewer && !l->sent[last].viewer)
			l->sent[last].count += l->sent[from].count;
		else
			l->sent[(l->first + kept++) % LINE_SEGMENTS] = l->sent[from];
	}
	l->nsent = kept;
}

void line_forget_viewer(struct console *c, const struct viewer *v)
{
	struct line *l = &c->line;

	for (unsigned i = 0; i < l->nsent; i++)
		if (l->sent[(l->first + i) % LINE_SEGMENTS].viewer == v)
			l->sent[(l->first + i) % LINE_SEGMENTS].viewer = NULL;
	merge_left(l);
	if (!is_awaited(l) && !(c->holder && c->holder->input.len))
		loop_timer_clear(&l->stuck);
}

void line_pump(struct console *c)
{
	struct line *l = &c->line;
	struct viewer *v = c->holder;
	struct msg_line_data m;

	if (!v || !v->input.len || l->state != LINE_OPEN)
		return;
	m.data.data = v->input.data;
	m.data.len = v->input.len;
	if (m.data.len > INPUT_WINDOW - l->unacked)
		m.data.len = INPUT_WINDOW - l->unacked;
	/* Also when what fills the window is another's, who left it behind. */
	if (!loop_timer_is_set(&l->stuck))
		loop_timer_set(&l->stuck, LINE_STUCK_MS, stuck_due, l);
	if (!m.data.len || l->nsent == LINE_SEGMENTS)
		return;
	awake_for(m.data.len);
	if (peer_send(&l->peer, MSG_LINE_INPUT, &m) < 0)
		return;
	c->is_awaited = true;
	note_sent(l, v, (uint32_t)m.data.len);
	v->bytes_in += m.data.len;
	buf_consume(&v->input, m.data.len);
}

/* -- the life of a line -- */

static void set_state(struct console *c, enum line_state state, const char *text)
{
	struct line *l = &c->line;

	l->state = state;
	snprintf(l->text, sizeof(l->text), "%s", text);
}

static void hang_up(struct line *l)
{
	peer_close(&l->peer);
	l->asked = false;
	loop_timer_clear(&l->retry);
	loop_timer_clear(&l->stuck);
}

void line_close(struct console *c, enum line_state state)
{
	hang_up(&c->line);
	lose_input(c, LOSS_LINE);
	set_state(c, state, "");
}

/*
 * Viewers hear of what became of the line, unless it opens meanwhile: the console of a
 * container that starts may end a few times until its init holds the other side. Or news
 * comes that its guest is off: libvirt has none, and answers nothing that concerns the guest,
 * until the process is reaped whose end was the console's.
 */
static void tell_if_it_stays(struct console *c)
{
	bool starts = c->run_at && loop_now() - c->run_at < SETTLE_END_MS;

	hub_tell_within(c, starts || c->line.state == LINE_CLOSED ? SETTLE_END_MS : SETTLE_MS);
}

bool line_is_unclear(const struct console *c)
{
	const struct line *l = &c->line;
	bool waits = l->asked || (l->state == LINE_OPENING && peer_is_open(&l->peer));

	return waits && l->ended_at && loop_now() - l->ended_at < SETTLE_MAX_MS;
}

static void retry_due(void *owner)
{
	struct line *l = owner;

	line_update(owner_of(l));
}

/* A failure that may pass: again after a pause that doubles. */
static void retry_later(struct line *l)
{
	uint64_t pause = backoff_pause(l->failures, LINE_RETRY_MS, LINE_RETRY_MAX_MS);

	loop_timer_set(&l->retry, pause, retry_due, l);
	l->failures++;
}

static int take_open(void *owner, struct message *m)
{
	struct console *c = owner;

	if (!c->alias[0])
		strcpy(c->alias, m->u.line_open.alias);
	c->line.peer.state = STATE_OPENED;
	c->line.opened_at = loop_now();
	c->line_from = c->ring.head;
	set_state(c, LINE_OPEN, "");
	hub_tell(c);
	line_pump(c);
	acts_line_opened(c->guest);
	return 0;
}

static int take_failed(void *owner, struct message *m)
{
	struct console *c = owner;
	struct line *l = &c->line;
	enum line_state state = m->u.line_failed.line < LINE_STATE_COUNT ?
				(enum line_state)m->u.line_failed.line : LINE_FAILED;

	hang_up(l);
	if (state == LINE_BUSY && (l->failures < BUSY_TRIES || is_held_by_us(l))) {
		/*
		 * libvirt lets go of a line that was killed, ours or an earlier gateway's, late.
		 * What was typed meanwhile waits.
		 */
		set_state(c, LINE_OPENING, "");
		retry_later(l);
		return 0;
	}
	lose_input(c, LOSS_LINE);
	set_state(c, state, m->u.line_failed.text);
	if (state == LINE_CLOSED)
		host_refresh(c->guest->host, c->guest->uuid);
	if (state != LINE_NO_CONSOLE)
		retry_later(l);
	tell_if_it_stays(c);
	return 0;
}

static int take_data(void *owner, struct message *m)
{
	struct console *c = owner;

	hub_output(c, m->u.line_data.data);
	return 0;
}

static int take_done(void *owner, struct message *m)
{
	struct console *c = owner;
	struct line *l = &c->line;

	if (m->u.line_done.count > l->unacked)
		return -1;
	settle_sent(l, m->u.line_done.count, false, LOSS_LINE);
	watch_stuck(l);
	line_pump(c);
	return 0;
}

/* It ended; what that means the guest's present state tells, which is asked for. */
static void ended(struct console *c, enum line_state state, const char *text)
{
	struct line *l = &c->line;

	if (l->opened_at && loop_now() - l->opened_at > LINE_STUCK_MS)
		l->failures = 0;
	line_close(c, state);
	set_state(c, state, text);
	l->ended_at = loop_now();
	host_refresh(c->guest->host, c->guest->uuid);
	/* The daemon answers when it has cleared up after the guest, if it is that which ended. */
	l->asked = state != LINE_STOLEN;
	if (l->asked)
		loop_timer_set(&l->retry, LINE_ASK_MS, retry_due, l);
	/* A reset may have set it, for less long. */
	loop_timer_clear(&c->settle);
	tell_if_it_stays(c);
}

void line_news(struct console *c)
{
	struct line *l = &c->line;

	if (!l->asked)
		return;
	l->asked = false;
	if (l->failures) {
		retry_later(l);
		return;
	}
	/* The first time at once: if it opens, nobody need know. */
	l->failures++;
	loop_timer_set(&l->retry, 0, retry_due, l);
}

static int take_end(void *owner, struct message *m)
{
	struct console *c = owner;

	ended(c, m->u.line_end.stolen ? LINE_STOLEN : LINE_CLOSED, m->u.line_end.text);
	return 0;
}

static void line_gone(void *owner)
{
	struct console *c = owner;

	/* Without a word: its process died. */
	c->line.cut_at = loop_now();
	ended(c, LINE_CLOSED, "");
}

static const struct wire_rule line_rules[] = {
	{ MSG_LINE_OPEN, STATE_OPENING, take_open },
	{ MSG_LINE_FAILED, STATE_OPENING, take_failed },
	{ MSG_LINE_DATA, STATE_OPENED, take_data },
	{ MSG_LINE_DONE, STATE_OPENED, take_done },
	{ MSG_LINE_END, STATE_OPENED, take_end },
};
static const struct peer_kind line_kind = {
	"line", line_rules, sizeof(line_rules) / sizeof(line_rules[0]), line_gone, NULL,
};

static void open_line(struct console *c)
{
	struct line *l = &c->line;
	struct msg_open_line m = { .force = l->force_next };
	int fds[2] = { -1, -1 };

	snprintf(m.host, sizeof(m.host), "%s", c->guest->host);
	memcpy(m.uuid, c->guest->uuid, sizeof(m.uuid));
	snprintf(m.alias, sizeof(m.alias), "%s", c->alias);
	l->force_next = false;
	l->opened_at = 0;
	set_state(c, LINE_OPENING, "");
	if (wire_pair(fds) == 0 && host_open_line(&m, fds[1]) == 0) {
		if (peer_open(&l->peer, fds[0], &line_kind, STATE_OPENING, c) == 0)
			return;
	} else if (fds[0] >= 0) {
		close(fds[0]);
	}
	set_state(c, LINE_FAILED, "the part of serialgate that speaks with libvirt is starting anew");
	retry_later(l);
	tell_if_it_stays(c);
}

/* One that is shutting down has stopped: it is about to be off, or reset. */
static bool runs(const struct guest *g)
{
	return g->id != 0 && g->state != GUEST_SHUTTING_DOWN;
}

void line_update(struct console *c)
{
	struct line *l = &c->line;
	bool can = host_is_up(c->guest->host) && runs(c->guest);

	if (!keep_is_wanted(c)) {
		line_close(c, LINE_CLOSED);
		return;
	}
	if (peer_is_open(&l->peer) && (can || l->state == LINE_OPEN))
		return;
	if (!can) {
		/* Whatever it was, it is over, an opening too; news of a start will come. */
		if (peer_is_open(&l->peer))
			l->cut_at = loop_now();
		hang_up(l);
		set_state(c, LINE_CLOSED, "");
		return;
	}
	if (loop_timer_is_set(&l->retry) || l->state == LINE_STOLEN || l->state == LINE_NO_CONSOLE)
		return;
	open_line(c);
}

void line_force(struct console *c)
{
	struct line *l = &c->line;

	if (peer_is_open(&l->peer) || !host_is_up(c->guest->host) || c->guest->id == 0)
		return;
	l->force_next = true;
	if (is_held_by_us(l)) {
		set_state(c, LINE_OPENING, "");
		loop_timer_set(&l->retry, LINE_LET_GO_MS - (loop_now() - l->cut_at), retry_due, l);
	} else {
		loop_timer_clear(&l->retry);
		open_line(c);
	}
	tell_if_it_stays(c);
}
