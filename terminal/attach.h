/* SPDX-License-Identifier: ISC */
/*
 * What the attach stage offers to its own parts: lines among the guest's output, timers,
 * and the ways to leave.
 */
#ifndef TERMINAL_ATTACH_H
#define TERMINAL_ATTACH_H

#include "terminal/notice.h"
#include "terminal/stage.h"

enum { ATTACH_LINES_MAX = 32768 };   /* bytes of our own lines at a time */

/* What the sentences are about; fill in what is particular. */
struct notice_about attach_about(const struct session *s);

/* How the command log calls this console; escaped. Returns out. */
enum { ATTACH_LOG_NAME_SIZE = SHOWN_NAME_SIZE + 4 * ALIAS_MAX + 2 };
const char *attach_log_name(const struct session *s, char out[static ATTACH_LOG_NAME_SIZE]);

/* Sentences with LF, as our own lines; nothing with --quiet. */
void attach_say_lines(struct session *s, const char *text, size_t len);
void attach_say(struct session *s, enum notice_kind kind);

/* How a sentence calls a user: other sessions of one's own are called that. */
void attach_holder(const struct session *s, char *out, size_t size, const char *user);

/* [gate: ...] around each line; and finished lines, wherever they may stand, quiet or not. */
void attach_wrap_lines(struct buf *out, const char *text, size_t len);
void attach_put_lines(struct session *s, const struct buf *lines);

void attach_timer(struct session *s, enum attach_timer timer, int64_t ms);   /* -1: off */

/* Bytes are missing: what they would have drawn is not to be guessed. */
void attach_clear(struct session *s);

/* Text lines only, from now on or no longer. */
void attach_set_linear(struct session *s, bool is_on);

/* The guest's bytes, of now or of a replay, to a person's terminal. */
void attach_show(struct session *s, const uint8_t *data, size_t len);

/* The person leaves: to the menu where they came from it or ask for it, else it is the end. */
void attach_detach(struct session *s, bool to_menu);

/* The same with a message (escaped, "" none) and, where it is the end, a status. */
void attach_finish(struct session *s, int status, const char *message, bool to_menu);

#endif
