/* SPDX-License-Identifier: ISC */
/*
 * JSON (RFC 8259) as commands print it and the audit has it: objects and arrays written
 * straight into a buffer, commas and escapes put in here. Pure. A full buffer is seen
 * at its end, as `full`.
 */
#ifndef IPC_JSON_H
#define IPC_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "ipc/uuid.h"

struct json {
	struct buf *out;
	bool is_first;           /* nothing yet in the innermost bracket */
};

void json_init(struct json *j, struct buf *out);

/* key is NULL inside an array and at the top. bracket is { or [, and } or ]. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);

/* What comes next in an array begins a line. */
void json_line(struct json *j);

/* Invalid UTF-8 becomes U+FFFD; controls and bidirectional marks become \uNNNN. */
void json_string(struct json *j, const char *key, const char *value);
void json_bytes(struct json *j, const char *key, const void *value, size_t len);
void json_uuid(struct json *j, const char *key, const uint8_t uuid[UUID_SIZE]);
void json_null(struct json *j, const char *key);
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);

/* An array of the words between the blanks. */
void json_words(struct json *j, const char *key, const char *words);

#endif
