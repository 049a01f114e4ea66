/* SPDX-License-Identifier: ISC */
/*
 * The audit's lines: one JSON object (RFC 8259) each, whatever bytes the names have.
 * Time is passed in. Pure.
 */
#ifndef GATE_RECORD_H
#define GATE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/message.h"

struct buf;

enum record_kind {
	RECORD_LOGIN,
	RECORD_LOGOUT,
	RECORD_EVENT,           /* who->event says which */
};

struct record {
	enum record_kind kind;
	uint64_t now;           /* ms since the epoch */
	uint64_t began;         /* LOGOUT, DETACH: when its beginning was; 0: not known */
	const char *cause;      /* LOGOUT, DETACH: what ended it if not its own end; NULL */
	bool bytes_unknown;     /* DETACH: who counted them is gone */
	const struct msg_audit *who;
};

/* Appends the line without its LF; at most RECORD_LINE_MAX bytes, or out->full is set. */
void record_write(struct buf *out, const struct record *r);

/* The line that says how many before it were not written. */
void record_write_lost(struct buf *out, uint64_t now, uint64_t lines);

#endif
