/* SPDX-License-Identifier: ISC */
/*
 * The other end of a connection, with libwebsockets kept inside: one request's head, a
 * body or a WebSocket's messages, and a bounded queue of what is sent back. One a
 * process; whoever listens decides, nothing is decided here.
 */
#ifndef WS_CLIENT_H
#define WS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "ws/head.h"

enum {
	CLIENT_TEXT_MAX = 32768,          /* of a message to us, text or... */
	CLIENT_BINARY_MAX = 16384 + 4,    /* ...binary */
	CLIENT_BODY_MAX = 65536,
	CLIENT_PIECE = 16352,             /* bytes of a frame that fits into one TLS record */
	CLIENT_QUEUE_HIGH = 128 * 1024,   /* bytes queued: give it nothing more that can wait */
	CLIENT_QUEUE_LOW = 32 * 1024,     /* ...until there are so few: ears->room() */
	CLIENT_QUEUE_MAX = 4 * 1024 * 1024,   /* it does not read what cannot wait: it is ended */
	CLIENT_FAREWELL_MS = 2000,        /* for a close to be answered */
};

/* Close codes: docs/websocket.md. */
enum close_code {
	CLOSE_NORMAL = 1000,
	CLOSE_TOO_BIG = 1009,
	CLOSE_FAILED = 1011,
	CLOSE_TRY_AGAIN = 4100,
	CLOSE_LOGOUT = 4200,
	CLOSE_LOGIN_OVER = 4201,
	CLOSE_LOGIN_GRACE = 4202,
	CLOSE_IDLE = 4203,
	CLOSE_VISIT_ENDED = 4204,
	CLOSE_RULES = 4400,
	CLOSE_NOT_ALLOWED = 4403,
	CLOSE_NO_GUEST = 4404,
};

/* Texts and bytes are good during the call; a text may be overwritten, and is wiped after it. */
struct client_ears {
	/* The head is complete. 0: go on (an upgrade is agreed to); a status: refuse it so. */
	int (*head)(void *who, const struct head *head);
	void (*opened)(void *who);                 /* the WebSocket is open */
	void (*text)(void *who, char *text, size_t len);
	void (*binary)(void *who, const uint8_t *data, size_t len);
	void (*body)(void *who, const uint8_t *data, size_t len);   /* all of a POST's */
	void (*room)(void *who);
};

struct client;
struct lws_context;
struct lws_vhost;

/* Takes over the socket. NULL: libwebsockets does not take it. */
struct client *client_open(struct lws_context *context, struct lws_vhost *vhost, int fd,
			   bool is_tls, const struct client_ears *ears, void *who);

/* Waits for what comes next and handles it, timers of the loop included. -1: it is over. */
int client_turn(struct client *c);

/* Whether it got as far as a request. */
bool client_has_asked(const struct client *c);

/* Queues one message, or bytes of an HTTP answer. Nothing after client_end(). */
void client_send_text(struct client *c, const struct buf *text);
void client_send_binary(struct client *c, const uint8_t *head, size_t head_len,
			const uint8_t *data, size_t len);
void client_send_http(struct client *c, const void *data, size_t len);
size_t client_queued(const struct client *c);

/* The end, once what is queued has left: with a close frame or without; reason is copied. */
void client_end(struct client *c, enum close_code code, const char *reason);
bool client_is_ending(const struct client *c);

#endif
