/* SPDX-License-Identifier: ISC */
/*
 * Visits for the channels of one connection: one is asked for at the door at a time,
 * and what comes is kept until a channel takes it, whoever waits longest first. The first
 * is asked for as soon as the login is done, so that it is there when the client's first
 * channel is.
 */
#ifndef SSHD_VISITS_H
#define SSHD_VISITS_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/wire.h"

enum {
	VISITS_RETRY_MS = 500,
	VISITS_WAITING_MAX = 10,    /* as many as there may be channels */
};

struct visits {
	struct wire *door;          /* not owned */
	int spare;                  /* owned; -1 none */
	bool asked;
	uint64_t retry_at;          /* after a refusal: not before */
	char refusal[TEXT_MAX + 1]; /* the last one's text */
	const void *waiting[VISITS_WAITING_MAX];   /* who waits, in the order they came */
	unsigned nwaiting;
};

void visits_init(struct visits *v, struct wire *door);

/* Asks for a visit unless there is one, one is under way, or it is too early. */
void visits_ask(struct visits *v, uint64_t now);

/*
 * Puts who (a channel) into the line of those who wait, unless it stands there, and asks
 * as visits_ask() does. The visit, the caller's from now on, when there is one and who is
 * the first in line; then the next one is asked for. Else -1.
 */
int visits_take(struct visits *v, const void *who, uint64_t now);

/* There is one, and who is the first in line. */
bool visits_is_ready(const struct visits *v, const void *who);

/* Who has what it wants, or wants none any more, leaves the line. */
void visits_leave(struct visits *v, const void *who);

/* None will come any more: the door is closed. */
bool visits_are_over(const struct visits *v);

/* Reads what the door says. Closes the door when it is gone or broke a rule. */
void visits_read_door(struct visits *v, uint64_t now);

#endif
