/* SPDX-License-Identifier: ISC */
/*
 * See client.h. Of libwebsockets 4.1.6 only what holds: `in` is never read at an upgrade (it
 * may be freed), a write happens in a writeable callback, of what fits into one TLS record,
 * as the library copies the rest; and while an HTTP answer is under way this file looks at
 * the socket itself, as the library would spin.
 */
#include "ws/client.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "ipc/log.h"
#include "ipc/loop.h"
#include "ipc/tcp.h"
#include "ws/answer.h"
#include "ws/piece.h"
#include "ws/progress.h"
#include "ws/server.h"
#include "ws/spin.h"

enum {
	PING_MS = 15000,
	SILENT_MS = 40000,           /* with nothing from a WebSocket, not even a pong: at 45 s */
	AT_ONCE_MAX = 1024,          /* bytes of a piece that does not wait for the loop */
	BURST = 8,                   /* pieces in one turn, if the socket takes them */
};

enum state { HEAD, ANSWERING, OPEN, CLOSED };

struct client {
	const struct client_ears *ears;
	void *who;
	struct lws_context *context;
	struct lws *wsi;             /* NULL: gone */
	int fd;
	enum state state;
	bool is_tls;
	bool is_agreed;              /* to the upgrade */
	bool is_browser;
	bool is_ending;
	bool is_over;                /* the process has no more to do */
	enum close_code code;
	char reason[124];            /* 123 bytes fit into a close frame */
	STAILQ_HEAD(, piece) queue;
	size_t queued;
	bool is_full;                /* room() is awaited */
	struct buf message;          /* a message or a body, as far as it came */
	lws_sorted_usec_list_t wake;
	struct loop_timer farewell;
	struct loop_timer pulse;
	uint64_t heard_at;           /* ms of loop_now() */
	struct progress progress;
	struct loop_watch watch;     /* of the socket while an answer is under way */
	struct spin spin;
	bool had_event;
};

static void set_wake(struct client *c);

/* The library hands out no place for it at the head's callbacks, and there is one. */
static struct client client;

static void wake(lws_sorted_usec_list_t *entry)
{
	(void)entry;
	client.had_event = true;
	loop_poll();
	set_wake(&client);
}

/* The loop's next timer; the library may be about to wait, or be asked to for the next time. */
static void set_wake(struct client *c)
{
	int ms = c->is_over ? 0 : loop_wait_ms();

	if (ms >= 0)
		lws_sul_schedule(c->context, 0, &c->wake, wake, (lws_usec_t)ms * LWS_US_PER_MS + 1);
}

static void end_turns(struct client *c)
{
	c->is_over = true;
	set_wake(c);
}

/* -- the head -- */

static int hear_head(struct client *c, struct lws *wsi, bool is_upgrade)
{
	struct head h;
	int status;

	head_read(&h, wsi, is_upgrade);
	c->is_browser = h.is_browser;
	status = h.is_broken ? 400 : c->ears->head(c->who, &h);
	if (h.is_broken)
		log_info("refused: a head that is not understood");
	explicit_bzero(h.authorization, sizeof(h.authorization));
	return status;
}

/* -- the queue -- */

static int write_some(struct client *c);

/*
 * A key's answer goes out at once, without another turn of the library's loop: alone, and with
 * nothing of the library's own unsent, it may.
 */
static void write_soon(struct client *c, const struct piece *last)
{
	if (c->state != OPEN || last->len > AT_ONCE_MAX || last != STAILQ_FIRST(&c->queue) ||
	    lws_partial_buffered(c->wsi))
		lws_callback_on_writable(c->wsi);
	else if (write_some(c) < 0)
		end_turns(c);
}

static void put(struct client *c, enum lws_write_protocol kind, const uint8_t *head,
		size_t head_len, const void *data, size_t len)
{
	struct piece *p;

	if (!c->wsi || c->is_ending)
		return;
	p = c->queued + len <= CLIENT_QUEUE_MAX ? piece_new(kind, head, head_len, data, len) : NULL;
	if (!p) {
		log_warn("the client does not read what it asks for");
		end_turns(c);
		return;
	}
	STAILQ_INSERT_TAIL(&c->queue, p, entry);
	c->queued += p->len;
	if (c->queued > CLIENT_QUEUE_HIGH)
		c->is_full = true;
	write_soon(c, p);
}

void client_send_text(struct client *c, const struct buf *text)
{
	put(c, LWS_WRITE_TEXT, NULL, 0, text->data, text->len);
}

void client_send_binary(struct client *c, const uint8_t *head, size_t head_len,
			const uint8_t *data, size_t len)
{
	put(c, LWS_WRITE_BINARY, head, head_len, data, len);
}

void client_send_http(struct client *c, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		size_t n = len < CLIENT_PIECE ? len : CLIENT_PIECE;

		put(c, LWS_WRITE_HTTP, NULL, 0, at, n);
		at += n;
		len -= n;
	}
}

size_t client_queued(const struct client *c)
{
	return c->queued;
}

/* -1: the end. */
static int write_first(struct client *c)
{
	struct piece *p = STAILQ_FIRST(&c->queue);
	int n = piece_write(p, c->wsi);

	STAILQ_REMOVE_HEAD(&c->queue, entry);
	c->queued -= p->len;
	c->progress.sent += p->len;
	piece_free(p);
	return n < 0 ? -1 : 0;
}

/* Writes what the socket takes. -1: the end. */
static int write_some(struct client *c)
{
	for (int i = 0; i < BURST && !STAILQ_EMPTY(&c->queue); i++) {
		if (i > 0 && lws_send_pipe_choked(c->wsi))
			break;
		if (write_first(c) < 0)
			return -1;
	}
	if (c->is_full && c->queued <= CLIENT_QUEUE_LOW) {
		c->is_full = false;
		c->ears->room(c->who);
	}
	if (!STAILQ_EMPTY(&c->queue)) {
		lws_callback_on_writable(c->wsi);
		return 0;
	}
	if (!c->is_ending)
		return 0;
	if (c->state == OPEN)
		lws_close_reason(c->wsi, (enum lws_close_status)c->code,
				 (unsigned char *)c->reason, strlen(c->reason));
	return -1;
}

static void farewell_over(void *owner)
{
	end_turns(owner);
}

void client_end(struct client *c, enum close_code code, const char *reason)
{
	if (c->is_ending)
		return;
	c->is_ending = true;
	c->code = code;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	loop_timer_set(&c->farewell, CLIENT_FAREWELL_MS, farewell_over, c);
	if (c->wsi)
		lws_callback_on_writable(c->wsi);
	else
		end_turns(c);
}

bool client_is_ending(const struct client *c)
{
	return c->is_ending || c->is_over;
}

/* Also what ends a close that the library began and the client does not answer. */
static void pulse(void *owner)
{
	struct client *c = owner;

	if (progress_look(&c->progress, c->fd))
		c->heard_at = loop_now();
	if (loop_now() - c->heard_at >= SILENT_MS) {
		log_info("closing: the client is silent");
		end_turns(c);
		return;
	}
	if (!c->is_ending)
		put(c, LWS_WRITE_PING, NULL, 0, "", 0);
	loop_timer_set(&c->pulse, PING_MS, pulse, c);
}

/* -- what comes in -- */

static void end_broken(struct client *c, enum close_code code, const char *why)
{
	log_info("refused: %s", why);
	client_end(c, code, why);
}

static int hear_message(struct client *c, struct lws *wsi, const void *in, size_t len)
{
	bool is_binary = lws_frame_is_binary(wsi);
	size_t max = is_binary ? CLIENT_BINARY_MAX : CLIENT_TEXT_MAX;

	if (c->is_ending)
		return 0;
	if (lws_is_first_fragment(wsi))
		buf_clear(&c->message);
	if (c->message.len + len > max || lws_remaining_packet_payload(wsi) > max ||
	    buf_append(&c->message, in, len) < 0) {
		end_broken(c, CLOSE_TOO_BIG, "a message that is too large");
		return 0;
	}
	if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
		return 0;
	if (is_binary)
		c->ears->binary(c->who, c->message.data, c->message.len);
	else
		c->ears->text(c->who, (char *)c->message.data, c->message.len);
	if (!is_binary && c->message.len)
		explicit_bzero(c->message.data, c->message.len);
	buf_clear(&c->message);
	return 0;
}

/*
 * The client has nothing to say while it is answered: it left, or breaks the rule of one
 * request a connection.
 */
static void on_socket(void *owner, unsigned events)
{
	struct client *c = owner;
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	(void)events;
	if (n > 0 && !c->is_tls)
		log_info("refused: more than one request on a connection");
	end_turns(c);
}

static void watch_socket(struct client *c)
{
	if (c->watch.fd < 0 && loop_add(&c->watch, c->fd, LOOP_READ, on_socket, c) < 0)
		end_turns(c);
}

static void put_refusal(const struct client *c, struct buf *out, unsigned status)
{
	if (status == 401)
		answer_unauthorized(out, c->is_browser);
	else
		answer_status(out, status, NULL);
}

static void refuse(struct client *c, unsigned status)
{
	struct buf text;

	buf_init(&text, ANSWER_HEAD_MAX);
	put_refusal(c, &text, status);
	client_send_http(c, text.data, text.len);
	client_end(c, CLOSE_NORMAL, "");
	buf_free(&text);
}

static int refuse_more(void)
{
	log_info("refused: more than one request on a connection");
	return -1;
}

static int begin_answer(struct client *c, struct lws *wsi)
{
	int status;

	if (c->state != HEAD)
		return refuse_more();
	c->state = ANSWERING;
	/* The library gives an answer five seconds; ours has its own deadlines. */
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	status = hear_head(c, wsi, false);
	if (status)
		refuse(c, (unsigned)status);
	if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) <= 0)
		watch_socket(c);
	return 0;
}

static int hear_body(struct client *c, const void *in, size_t len)
{
	return len && !c->is_ending ? buf_append(&c->message, in, len) : 0;
}

/* An upgrade, to whatever: the library's pointer to its name may be stale. */
static int confirm_upgrade(struct client *c, struct lws *wsi)
{
	int status;

	/* What is no WebSocket and no h2c was refused by the library, which then asks all the
	 * same, with the head gone. */
	if (c->state != HEAD || lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) <= 0) {
		log_info("refused: an upgrade to something unknown");
		return -1;
	}
	c->state = ANSWERING;
	status = hear_head(c, wsi, true);
	c->is_agreed = status == 0;
	if (status) {
		struct buf text;

		/* There is no writeable callback on this way out. */
		buf_init(&text, LWS_PRE + ANSWER_HEAD_MAX);
		for (size_t i = 0; i < LWS_PRE; i++)
			buf_append(&text, "", 1);
		put_refusal(c, &text, (unsigned)status);
		lws_write(wsi, text.data + LWS_PRE, text.len - LWS_PRE, LWS_WRITE_HTTP_HEADERS);
		buf_free(&text);
		return -1;
	}
	return 0;
}

static int take_event(struct client *c, struct lws *wsi, enum lws_callback_reasons reason,
		      void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return confirm_upgrade(c, wsi);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return c->is_agreed ? 0 : -1;
	case LWS_CALLBACK_ESTABLISHED:
		c->state = OPEN;
		c->heard_at = loop_now();
		loop_timer_set(&c->pulse, PING_MS, pulse, c);
		c->ears->opened(c->who);
		return 0;
	case LWS_CALLBACK_RECEIVE_PONG:
		c->heard_at = loop_now();
		return 0;
	case LWS_CALLBACK_RECEIVE:
		c->heard_at = loop_now();
		return hear_message(c, wsi, in, len);
	case LWS_CALLBACK_HTTP:
		return begin_answer(c, wsi);
	case LWS_CALLBACK_HTTP_BODY:
		return hear_body(c, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		/* With more behind the body the library says so again and again. */
		if (c->watch.fd >= 0)
			return refuse_more();
		watch_socket(c);
		if (!c->is_ending)
			c->ears->body(c->who, c->message.data, c->message.len);
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_some(c);
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_RX:
		return -1;
	default:
		return 0;
	}
}

int client_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len);

int client_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		    size_t len)
{
	struct client *c = &client;

	(void)user;
	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) {
		server_take_tls(user);
		return 0;
	}
	if (reason == LWS_CALLBACK_RAW_RX_FILE) {
		c->had_event = true;
		return loop_poll();
	}
	if (!c->wsi || wsi != c->wsi)
		return 0;
	if (reason == LWS_CALLBACK_WSI_DESTROY) {
		loop_remove(&c->watch);
		c->wsi = NULL;
		end_turns(c);
		return 0;
	}
	c->had_event = true;
	return take_event(c, wsi, reason, in, len);
}

/* -- one connection -- */

struct client *client_open(struct lws_context *context, struct lws_vhost *vhost, int fd,
			   bool is_tls, const struct client_ears *ears, void *who)
{
	struct client *c = &client;
	lws_sock_file_fd_type socket = { .sockfd = fd }, loop = { .filefd = loop_fd() };

	*c = (struct client){ .ears = ears, .who = who, .context = context, .fd = fd,
			      .is_tls = is_tls, .watch = { .fd = -1 } };
	STAILQ_INIT(&c->queue);
	buf_init(&c->message, CLIENT_BODY_MAX);
	if (!lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, loop, "http", NULL))
		return NULL;
	c->wsi = lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_HTTP | LWS_ADOPT_SOCKET |
					    (is_tls ? LWS_ADOPT_ALLOW_SSL : 0),
					    socket, NULL, NULL);
	return c->wsi ? c : NULL;
}

int client_turn(struct client *c)
{
	struct timespec now;

	if (c->state == HEAD)
		tcp_acknowledge(c->fd);
	set_wake(c);
	c->had_event = false;
	if (lws_service(c->context, 0) < 0)
		return -1;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (spin_turn(&c->spin, c->had_event, now.tv_sec)) {
		log_warn("the library turns in circles");
		return -1;
	}
	return c->is_over ? -1 : 0;
}

bool client_has_asked(const struct client *c)
{
	return c->state != HEAD;
}
