/* SPDX-License-Identifier: ISC */
/*
 * What a client of serialgate.v1 is told: messages of the door and of a visit, and a few
 * of our own, as the JSON text of docs/websocket.md. Pure. A full buffer is seen at its
 * end, as `full`.
 */
#ifndef WS_TELL_H
#define WS_TELL_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "ipc/buf.h"
#include "ipc/message.h"

enum { TELL_MAX = 256 * 1024 };    /* bytes of one text: 20000 bytes of PAM's, escaped */

/* What is decoded in m. 0, or -1: it is nothing to be told, or is broken. */
int tell_message(struct buf *out, const struct message *m);

struct tell_hello {
	uint32_t window;
	uint32_t attachments;
	const struct config *config;
	uint64_t now;                  /* seconds since the epoch */
};
void tell_hello(struct buf *out, const struct tell_hello *hello);

void tell_pong(struct buf *out, uint64_t id);
void tell_gap(struct buf *out, uint32_t handle, uint64_t count);
void tell_painting(struct buf *out, uint32_t handle, bool is_on, uint64_t skipped);
void tell_away(struct buf *out, uint32_t handle, const char *text);
void tell_refused(struct buf *out, uint32_t handle, enum refusal code, const char *text);

/* One guest without a type, for GET /guests. */
struct json;
void tell_guest(struct json *j, const struct msg_guest *m);

#endif
