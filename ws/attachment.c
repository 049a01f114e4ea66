/* SPDX-License-Identifier: ISC */
/* See attachment.h. */
#include "ws/attachment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/log.h"
#include "ws/session.h"
#include "ws/tell.h"

enum {
	HEARD = ATTACHMENT_OPEN | ATTACHMENT_LEAVING,
	ANY = ATTACHMENT_ASKED | HEARD,
	LAST_WORDS_MS = 50,
	FILE_PIECE = 16384,
	ALONE = 4096,         /* a shorter message of the hub's was all there was */
};

static void got_visit(void *owner, int fd, const char *why);

/* In the order of the view's policies. */
_Static_assert((int)VIEW_SKIP == CONFIG_SLOW_SKIP && (int)VIEW_RAW == CONFIG_SLOW_RAW, "the same");

static int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void send_frame(void *who, const uint8_t *data, size_t len, uint64_t position)
{
	struct attachment *a = who;
	uint8_t head[PROTOCOL_HEAD];

	protocol_put_head(head, a->handle, position);
	client_send_binary(session_client(a->session), head, sizeof(head), data, len);
}

static void send_text(void *who, const struct buf *text)
{
	struct attachment *a = who;

	session_pass(a->session, text);
}

static const struct outlet_ears outlet_ears = { send_frame, send_text };

static void begin_output(struct attachment *a, const struct ask *ask)
{
	const struct config *c = session_config(a->session);

	sieve_init(&a->sieve, c->console.filter == CONFIG_FILTER_STRICT && !ask->history);
	outlet_init(&a->outlet, a->handle, CLIENT_PIECE, &outlet_ears, a);
	if (!ask->paint || ask->history)
		return;
	outlet_pace(&a->outlet, (enum view_policy)c->console.slow_link,
		    ask->from.kind == POSITION_OFFSET);
	if (ask->rows && ask->cols)
		outlet_resize(&a->outlet, ask->rows, ask->cols);
}

struct attachment *attachment_new(struct session *s, const struct ask *a)
{
	struct attachment *at = calloc(1, sizeof(*at));

	if (!at)
		return NULL;
	*at = (struct attachment){
		.session = s, .peer = PEER_CLOSED, .handle = a->handle, .file = -1,
		.request = {
			.handle = a->handle, .from = a->from, .until = a->until,
			.flags = (a->read_only ? ATTACH_READ_ONLY : 0u) |
				 (a->take ? ATTACH_TAKE : 0u) | (a->prefix ? ATTACH_PREFIX : 0u) |
				 (a->history ? ATTACH_HISTORY : 0u) |
				 (a->stamps ? ATTACH_STAMPS : 0u) |
				 (a->exact_credit ? ATTACH_CREDIT : 0u),
		},
	};
	memcpy(at->request.guest, a->guest, sizeof(at->request.guest));
	memcpy(at->request.device, a->device, sizeof(at->request.device));
	at->peer.state = ATTACHMENT_WANTED;
	begin_output(at, a);
	door_want(session_door(s), &at->want, got_visit, at);
	return at;
}

static void close_file(struct attachment *a)
{
	if (a->file >= 0)
		close(a->file);
	a->file = -1;
}

void attachment_free(struct attachment *a)
{
	if (!a)
		return;
	door_forget(session_door(a->session), &a->want);
	loop_timer_clear(&a->last_words);
	loop_timer_clear(&a->turn);
	outlet_free(&a->outlet);
	sieve_free(&a->sieve);
	peer_close(&a->peer);
	close_file(a);
	free(a);
}

/* -- what console says -- */

static void fail(struct attachment *a)
{
	session_end(a->session, CLOSE_FAILED, "out of memory");
}

static void put_sieved(void *who, const struct sieved *s)
{
	struct attachment *a = who;

	if (outlet_put(&a->outlet, s->data, s->len, s->position, s->is_even) < 0)
		fail(a);
}

/* The client's queue may fill up meanwhile, which is no reason to turn. */
static void flush(struct attachment *a)
{
	a->is_turning = true;
	outlet_flush(&a->outlet);
	a->is_turning = false;
}

/* What has its place among the bytes waits with them. */
static void put_text(struct attachment *a, const struct buf *text)
{
	if (text->full || outlet_put_text(&a->outlet, text) < 0)
		fail(a);
}

static int tell_in_place(void *ctx, struct message *m)
{
	struct attachment *a = ctx;
	struct buf text;

	buf_init(&text, TELL_MAX);
	if (tell_message(&text, m) < 0)
		fail(a);
	else
		put_text(a, &text);
	buf_free(&text);
	return 0;
}

/* Told, and nothing else follows from it. */
static int pass_on(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	session_tell(a->session, m);
	return 0;
}

/* Who goes on at the byte he had gets what he missed as it was. */
static bool is_replay(const struct attachment *a, const struct msg_attached *at)
{
	return !(a->request.flags & ATTACH_HISTORY) &&
	       (at->from != POSITION_OFFSET || at->missed == UINT64_MAX);
}

static int hear_attached(void *ctx, struct message *m)
{
	struct attachment *a = ctx;
	const struct msg_attached *at = &m->u.attached;

	a->peer.state = ATTACHMENT_OPEN;
	a->next = at->offset;
	a->credit = INPUT_WINDOW;
	outlet_begin(&a->outlet, at->offset);
	sieve_begin(&a->sieve, at->offset, is_replay(a, at) ? at->head : at->offset);
	session_tell(a->session, m);
	return 0;
}

static bool is_drained(const struct attachment *a, size_t len)
{
	char byte;

	return len < ALONE || recv(a->peer.wire.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static int hear_output(void *ctx, struct message *m)
{
	struct attachment *a = ctx;
	const struct msg_output *o = &m->u.output;

	if (o->offset < a->next)
		return -1;
	if (o->offset > a->next && outlet_gap(&a->outlet, o->offset - a->next) < 0)
		fail(a);
	a->next = o->offset + o->data.len;
	if (sieve_feed(&a->sieve, o->data.data, o->data.len, a->next, put_sieved, a) < 0)
		fail(a);
	if (a->outlet.is_paced)
		outlet_drained(&a->outlet, is_drained(a, o->data.len), clock_us());
	attachment_flow(a);
	return 0;
}

static int hear_replaying(void *ctx, struct message *m)
{
	struct attachment *a = ctx;
	const struct msg_replaying *r = &m->u.replaying;

	a->next = r->offset;
	tell_in_place(a, m);
	outlet_begin(&a->outlet, r->offset);
	sieve_begin(&a->sieve, r->offset, r->head);
	return 0;
}

static int hear_credit(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	if (m->u.credit.count > INPUT_WINDOW - a->credit)
		return -1;
	a->credit += m->u.credit.count;
	session_tell(a->session, m);
	return 0;
}

/* What ends the attachment: the client is told by this very message. */
static int hear_end(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	flush(a);
	session_tell(a->session, m);
	session_drop(a->session, a);
	return 0;
}

static void words_are_over(void *owner)
{
	struct attachment *a = owner;

	session_drop(a->session, a);
}

/* A kick takes the guest first, and then says why the whole visit is over. */
static int hear_state(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	tell_in_place(a, m);
	if (!m->u.state.gone)
		return 0;
	flush(a);
	a->handle = 0;
	a->peer.state = ATTACHMENT_GONE;
	loop_timer_set(&a->last_words, LAST_WORDS_MS, words_are_over, a);
	return 0;
}

static int hear_refused(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	return a->peer.state == ATTACHMENT_ASKED ? hear_end(ctx, m) : pass_on(ctx, m);
}

static int hear_visit_end(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	session_visit_ended(a->session, m);
	return 0;
}

/* A file's bytes come before all that follows: the visit is not read meanwhile. */
static int hear_log_file(void *ctx, struct message *m)
{
	struct attachment *a = ctx;
	const struct msg_log_file *f = &m->u.log_file;

	close_file(a);
	a->file = m->fds[0];
	m->fds[0] = -1;
	a->file_offset = f->offset + f->skip;
	a->file_left = f->len;
	session_tell(a->session, m);
	if (f->skip > INT64_MAX || lseek(a->file, (off_t)f->skip, SEEK_SET) < 0)
		close_file(a);
	attachment_flow(a);
	return 0;
}

static void visit_gone(void *owner)
{
	struct attachment *a = owner;
	struct session *s = a->session;

	flush(a);
	if (a->peer.state != ATTACHMENT_GONE)
		session_tell_away(s, a->handle, a->peer.state == ATTACHMENT_LEAVING);
	session_drop(s, a);
}

static const struct wire_rule rules[] = {
	{ MSG_ATTACHED, ATTACHMENT_ASKED, hear_attached },
	{ MSG_REFUSED, ANY, hear_refused },
	{ MSG_LOG_FILE, ATTACHMENT_ASKED, hear_log_file },
	{ MSG_OUTPUT, HEARD, hear_output },
	{ MSG_CREDIT, HEARD, hear_credit },
	{ MSG_STATE, HEARD, hear_state },
	{ MSG_KEYBOARD, HEARD, pass_on },
	{ MSG_LOST, HEARD, pass_on },
	{ MSG_PEER, HEARD, pass_on },
	{ MSG_WHO_END, HEARD, pass_on },
	{ MSG_REPLAYING, HEARD, hear_replaying },
	{ MSG_STAMP, HEARD, tell_in_place },
	{ MSG_BOOT, HEARD, tell_in_place },
	{ MSG_DETACHED, HEARD, hear_end },
	{ MSG_VISIT_END, ANY | ATTACHMENT_GONE, hear_visit_end },
};

static const struct peer_kind kind = {
	"visit", rules, sizeof(rules) / sizeof(rules[0]), visit_gone, NULL,
};

static void got_visit(void *owner, int fd, const char *why)
{
	struct attachment *a = owner;

	if (fd >= 0 && peer_open(&a->peer, fd, &kind, ATTACHMENT_ASKED, a) == 0 &&
	    peer_send(&a->peer, MSG_ATTACH, &a->request) == 0)
		return;
	session_tell_refused(a->session, a->handle, REFUSED_FAILED,
			     why ? why : "the console service is away: try again");
	session_drop(a->session, a);
}

/* -- flow -- */

/* Bytes that may be sent now. */
static uint64_t room(const struct attachment *a)
{
	uint64_t flight = a->outlet.sent - a->outlet.shown;

	if (client_queued(session_client(a->session)) > CLIENT_QUEUE_HIGH)
		return 0;
	if (a->peer.state == ATTACHMENT_LEAVING)
		return UINT64_MAX;
	return flight < ATTACHMENT_WINDOW ? ATTACHMENT_WINDOW - flight : 0;
}

static void send_file(struct attachment *a)
{
	uint8_t piece[FILE_PIECE];

	while (a->file >= 0 && a->file_left > 0 && room(a) > 0) {
		size_t want = a->file_left < FILE_PIECE ? (size_t)a->file_left : FILE_PIECE;
		ssize_t n = read(a->file, piece, want);

		if (n <= 0) {
			close_file(a);     /* it was cut short meanwhile */
			return;
		}
		a->file_offset += (uint64_t)n;
		a->file_left -= (uint64_t)n;
		if (outlet_put(&a->outlet, piece, (size_t)n, a->file_offset, true) < 0) {
			fail(a);
			return;
		}
	}
	if (a->file_left == 0)
		close_file(a);
}

static void time_turn(void *owner)
{
	attachment_flow(owner);
}

/* What is paced waits in the outlet: the visit is read on. */
static void turn_outlet(struct attachment *a)
{
	int64_t now = clock_us(), due;

	a->is_turning = true;
	if (outlet_turn(&a->outlet, room(a), now) < 0)
		fail(a);
	a->is_turning = false;
	due = outlet_due(&a->outlet, now);
	if (due < 0)
		loop_timer_clear(&a->turn);
	else
		loop_timer_set(&a->turn, (uint64_t)(due - now) / 1000 + 1, time_turn, a);
}

void attachment_flow(struct attachment *a)
{
	bool is_full;

	if (!peer_is_open(&a->peer) || a->is_turning)
		return;
	send_file(a);
	if (a->outlet.is_paced)
		turn_outlet(a);
	is_full = a->outlet.is_paced ? outlet_is_full(&a->outlet) : room(a) == 0;
	peer_pause(&a->peer, a->file >= 0 || is_full);
}

int attachment_shown(struct attachment *a, uint64_t count)
{
	if (outlet_ack(&a->outlet, count, clock_us()) < 0)
		return -1;
	attachment_flow(a);
	return 0;
}
