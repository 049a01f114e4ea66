/* SPDX-License-Identifier: ISC */
/*
 * One attached console of a session of serialgate.v1, on a visit of its own, so that one
 * that is not read holds up no other. Output goes on as long as the client acknowledges
 * what it has shown; else the visit is not read, and the hub lets the client miss bytes.
 * One that wants it painted is read on: outlet.h sees to what a slow link gets of it.
 */
#ifndef WS_ATTACHMENT_H
#define WS_ATTACHMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "ws/door.h"
#include "ws/outlet.h"
#include "ws/protocol.h"
#include "ws/sieve.h"

enum { ATTACHMENT_WINDOW = 256 * 1024 };   /* bytes under way, not acknowledged */

struct session;

enum attachment_state {
	ATTACHMENT_WANTED = 1,       /* no visit yet */
	ATTACHMENT_ASKED = 2,
	ATTACHMENT_OPEN = 4,
	ATTACHMENT_LEAVING = 8,
	ATTACHMENT_GONE = 16,        /* over for the client: it waits for why the visit ends */
};

struct attachment {
	LIST_ENTRY(attachment) entry;
	struct session *session;
	struct want want;
	struct peer peer;            /* its state: enum attachment_state */
	struct msg_attach request;
	uint32_t handle;             /* 0: GONE */
	uint64_t next;               /* offset of the next byte, if none is missed */
	struct sieve sieve;
	struct outlet outlet;
	bool is_turning;             /* the outlet is, just now */
	struct loop_timer turn;
	uint32_t credit;             /* bytes of input that may come */
	struct loop_timer last_words;
	int file;                    /* a log file under way; -1 none */
	uint64_t file_offset, file_left;
};

/* NULL: no memory. */
struct attachment *attachment_new(struct session *s, const struct ask *a);
void attachment_free(struct attachment *a);

/* So many bytes of its frames were shown in all. -1: more than were sent. */
int attachment_shown(struct attachment *a, uint64_t count);

/* The client's queue has room again, or has none: reads on, or stops. */
void attachment_flow(struct attachment *a);

#endif
