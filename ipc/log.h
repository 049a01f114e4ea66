/* SPDX-License-Identifier: ISC */
/*
 * One event, one line, one prefix. Children log through their parent, parents through
 * gate (MSG_LOG), gate to syslog(3) or standard error. A full way to the parent drops
 * lines and counts them; the next line that goes through says how many. Foreign text is
 * escaped here (text_escape), so callers pass it as it came.
 */
#ifndef IPC_LOG_H
#define IPC_LOG_H

#include <stdint.h>
#include <syslog.h>

struct wire;

/* The prefix of all lines: "auth", "sshd[12]". Copied, at most 31 bytes. */
void log_prefix(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Where lines go: the wire to the parent; NULL: standard error. */
void log_to(struct wire *parent);

/* gate's own: a function that puts finished lines where they belong. */
void log_to_sink(void (*sink)(int priority, const char *line));

/*
 * One line: sent to the parent at once or, where its socket is full, dropped and counted;
 * it never waits behind other messages.
 */
void log_line(int priority, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Passes on a finished line of a child, as it is. */
void log_forward(int priority, const char *line);

#define log_error(...) log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARNING, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)

/* Logs and exits with 1. For process files only. */
void fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
