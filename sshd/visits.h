/* SPDX-License-Identifier: ISC */
/*
 * Visits for the channels of one connection: one is asked for at the door at a time,
 * and what comes is kept until a channel takes it. The first is asked for as soon as
 * the login is done, so that it is there when the client's first channel is.
 */
#ifndef SSHD_VISITS_H
#define SSHD_VISITS_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/wire.h"

enum { VISITS_RETRY_MS = 500 };

struct visits {
	struct wire *door;          /* not owned */
	int spare;                  /* owned; -1 none */
	bool asked;
	uint64_t retry_at;          /* after a refusal: not before */
	char refusal[TEXT_MAX + 1]; /* the last one's text */
};

void visits_init(struct visits *v, struct wire *door);

/* Asks for a visit unless there is one, one is under way, or it is too early. */
void visits_ask(struct visits *v, uint64_t now);

/* The spare visit, the caller's from now on; -1 there is none. */
int visits_take(struct visits *v);

/* None will come any more: the door is closed. */
bool visits_are_over(const struct visits *v);

/* Reads what the door says. Closes the door when it is gone or broke a rule. */
void visits_read_door(struct visits *v, uint64_t now);

#endif
