/* SPDX-License-Identifier: ISC */
/* See attachment.h. */
#include "ws/attachment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/log.h"
#include "ws/session.h"
#include "ws/tell.h"

enum {
	HEARD = ATTACHMENT_OPEN | ATTACHMENT_LEAVING,
	ANY = ATTACHMENT_ASKED | HEARD,
	LAST_WORDS_MS = 50,
	FILE_PIECE = 16384,
};

static void got_visit(void *owner, int fd, const char *why);

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
	peer_close(&a->peer);
	close_file(a);
	free(a);
}

/* -- what console says -- */

/* Bytes that end at position, in frames of a good size. */
static void send_output(struct attachment *a, const uint8_t *data, size_t len, uint64_t position)
{
	uint8_t head[PROTOCOL_HEAD];

	a->sent += len;
	while (len > 0) {
		size_t n = len < CLIENT_PIECE ? len : CLIENT_PIECE;

		len -= n;
		protocol_put_head(head, a->handle, position - len);
		client_send_binary(session_client(a->session), head, sizeof(head), data, n);
		data += n;
	}
}

/* Told, and nothing else follows from it. */
static int pass_on(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	session_tell(a->session, m);
	return 0;
}

static int hear_attached(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	a->peer.state = ATTACHMENT_OPEN;
	a->next = m->u.attached.offset;
	a->credit = INPUT_WINDOW;
	session_tell(a->session, m);
	return 0;
}

static int hear_output(void *ctx, struct message *m)
{
	struct attachment *a = ctx;
	const struct msg_output *o = &m->u.output;

	if (o->offset < a->next)
		return -1;
	if (o->offset > a->next)
		session_tell_gap(a->session, a->handle, o->offset - a->next);
	a->next = o->offset + o->data.len;
	send_output(a, o->data.data, o->data.len, a->next);
	attachment_flow(a);
	return 0;
}

static int hear_replaying(void *ctx, struct message *m)
{
	struct attachment *a = ctx;

	a->next = m->u.replaying.offset;
	session_tell(a->session, m);
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

	session_tell(a->session, m);
	if (!m->u.state.gone)
		return 0;
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
	{ MSG_STAMP, HEARD, pass_on },
	{ MSG_BOOT, HEARD, pass_on },
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

static bool may_send(const struct attachment *a)
{
	if (client_queued(session_client(a->session)) > CLIENT_QUEUE_HIGH)
		return false;
	return a->sent - a->shown < ATTACHMENT_WINDOW || a->peer.state == ATTACHMENT_LEAVING;
}

static void send_file(struct attachment *a)
{
	uint8_t piece[FILE_PIECE];

	while (a->file >= 0 && a->file_left > 0 && may_send(a)) {
		size_t want = a->file_left < FILE_PIECE ? (size_t)a->file_left : FILE_PIECE;
		ssize_t n = read(a->file, piece, want);

		if (n <= 0) {
			close_file(a);     /* it was cut short meanwhile */
			return;
		}
		a->file_offset += (uint64_t)n;
		a->file_left -= (uint64_t)n;
		send_output(a, piece, (size_t)n, a->file_offset);
	}
	if (a->file_left == 0)
		close_file(a);
}

void attachment_flow(struct attachment *a)
{
	if (!peer_is_open(&a->peer))
		return;
	send_file(a);
	peer_pause(&a->peer, a->file >= 0 || !may_send(a));
}

/* -- what the client says -- */

static int take_about(struct attachment *a, enum message_type type)
{
	struct msg_handle m = { a->handle };

	if (a->peer.state == ATTACHMENT_OPEN)
		peer_send(&a->peer, type, &m);
	return 0;
}

static int take_detach(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	if (a->peer.state == ATTACHMENT_OPEN) {
		take_about(a, MSG_DETACH);
		a->peer.state = ATTACHMENT_LEAVING;
		attachment_flow(a);
	} else if (a->peer.state != ATTACHMENT_LEAVING) {
		session_tell_away(a->session, a->handle, true);
		session_drop(a->session, a);
	}
	return 0;
}

static int take_resize(struct attachment *a, const struct ask *ask)
{
	a->rows = ask->rows;
	a->cols = ask->cols;
	return 0;
}

static int take_take(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_TAKE);
}

static int take_give(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_GIVE);
}

static int take_who(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_WHO);
}

static int take_force(struct attachment *a, const struct ask *ask)
{
	(void)ask;
	return take_about(a, MSG_FORCE);
}

static int take_replay(struct attachment *a, const struct ask *ask)
{
	struct msg_replay m = { .handle = a->handle, .from = ask->from };

	if (a->peer.state == ATTACHMENT_OPEN)
		peer_send(&a->peer, MSG_REPLAY, &m);
	return 0;
}

static int take_ack(struct attachment *a, const struct ask *ask)
{
	if (ask->count > a->sent || ask->count < a->shown)
		return -1;
	a->shown = ask->count;
	attachment_flow(a);
	return 0;
}

static const struct taker {
	enum ask_kind kind;
	int (*take)(struct attachment *a, const struct ask *ask);
} takers[] = {
	{ ASK_DETACH, take_detach }, { ASK_RESIZE, take_resize }, { ASK_TAKE, take_take },
	{ ASK_GIVE, take_give }, { ASK_WHO, take_who }, { ASK_FORCE, take_force },
	{ ASK_REPLAY, take_replay }, { ASK_ACK, take_ack },
};

int attachment_take(struct attachment *a, const struct ask *ask)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (takers[i].kind == ask->kind)
			return takers[i].take(a, ask);
	return -1;
}

int attachment_input(struct attachment *a, struct bytes data)
{
	struct msg_data m = { .handle = a->handle, .data = data };

	/* What was typed while it was leaving is nobody's. */
	if (a->peer.state == ATTACHMENT_LEAVING)
		return 0;
	if (data.len > a->credit)
		return -1;
	a->credit -= (uint32_t)data.len;
	peer_send(&a->peer, MSG_INPUT, &m);
	return 0;
}
