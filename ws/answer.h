/* SPDX-License-Identifier: ISC */
/*
 * HTTP answers as text: status line, our own headers, and the short bodies of refusals.
 * Every answer ends its connection. Pure.
 */
#ifndef WS_ANSWER_H
#define WS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "ipc/buf.h"

enum { ANSWER_HEAD_MAX = 16384 };    /* embed-from may be long */

/* Status line and the headers that all answers have; length -1: until the connection ends. */
void answer_begin(struct buf *out, unsigned status, const char *type, long length);
/* One header more; then the empty line. */
void answer_header(struct buf *out, const char *name, const char *value);
void answer_end(struct buf *out);

/* A whole answer: the status's words, or text, as its body. */
void answer_status(struct buf *out, unsigned status, const char *text);

/* 401; asks for a password only who is no browser. */
void answer_unauthorized(struct buf *out, bool is_browser);

/*
 * The value of the page's Content-Security-Policy. hashes: of its scripts, quoted, blanks
 * between. embed_from: who may frame it besides nobody.
 */
void answer_policy(struct buf *out, const char *hashes, const struct config_list *embed_from);

#endif
