/* SPDX-License-Identifier: ISC */
/*
 * The visit of a session that is no attachment's: the list of guests, questions about
 * them, acts, tickets. It is asked for when it is first needed, and again after console
 * was restarted; until it is there what is asked waits, bounded.
 */
#ifndef WS_CONTROL_H
#define WS_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "ws/door.h"
#include "ws/protocol.h"

enum { CONTROL_REQUESTS_MAX = 32, CONTROL_RETRY_MS = 500 };

struct session;

/* A question of the client whose answer has not come, by its handle; 0: not in use. */
struct control_request {
	uint32_t handle;
	bool is_sent;
	uint16_t type;
	union {
		struct msg_info info;
		struct msg_handle handle;
		struct msg_act act;
		struct msg_kick kick;
		struct msg_ask_ticket ask_ticket;
		struct msg_revoke revoke;
	} u;
};

struct control {
	struct session *session;
	struct want want;
	struct peer peer;
	struct loop_timer retry;     /* the list is watched, and there is no visit */
	bool is_watching;
	bool wants_list;
	struct control_request requests[CONTROL_REQUESTS_MAX];
};

void control_init(struct control *c, struct session *s);

bool control_has(const struct control *c, uint32_t handle);

/* 0, or -1: too many at a time. */
int control_take(struct control *c, const struct ask *a);

/* The client's queue is full, or is not any more. */
void control_flow(struct control *c);

#endif
