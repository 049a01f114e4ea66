/* SPDX-License-Identifier: ISC */
/*
 * What waits to be written to the other end: a frame, or a part of an HTTP answer. Made and
 * queued by client.c; room for libwebsockets' own head stands before the bytes.
 */
#ifndef WS_PIECE_H
#define WS_PIECE_H

#include <libwebsockets.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct piece {
	STAILQ_ENTRY(piece) entry;
	enum lws_write_protocol kind;
	size_t len;
	uint8_t data[];              /* LWS_PRE bytes, then len */
};

/* A copy of the head and of the bytes behind it. NULL: no memory. */
struct piece *piece_new(enum lws_write_protocol kind, const uint8_t *head, size_t head_len,
			const void *data, size_t len);

/* What lws_write() does with it: bytes written, or -1. */
int piece_write(struct piece *p, struct lws *wsi);

/* Texts are wiped: one may have been a token. */
void piece_free(struct piece *p);

#endif
