/* SPDX-License-Identifier: ISC */
/*
 * The visitor's side of the door, in the loop: one question at a time about the login,
 * then visits, also one at a time, for whoever wants one. Nothing is decided here.
 */
#ifndef WS_DOOR_H
#define WS_DOOR_H

#include <stdbool.h>
#include <sys/queue.h>

#include "ipc/peer.h"
#include "ipc/secret.h"

struct door_ears {
	/* METHODS, PROMPT, AUTH_RESULT or TOKEN. */
	void (*said)(void *who, const struct message *m);
	/* auth is gone; visits that were wanted were refused before. Once more for each later. */
	void (*gone)(void *who, bool is_wanted);
};

/* Lives inside whoever wants a visit; fd is theirs, or -1 with the reason. */
struct want {
	STAILQ_ENTRY(want) entry;
	bool is_waiting;
	void (*got)(void *owner, int fd, const char *why);
	void *owner;
};

struct door {
	struct peer peer;
	const struct door_ears *ears;
	void *who;
	bool is_asked;               /* about the login: an answer is awaited */
	bool is_in;
	STAILQ_HEAD(, want) wants;   /* the first one is asked for */
	struct loop_timer refusal;   /* of wants that came after its end */
};

/* Takes over the socket. 0 or -1. */
int door_open(struct door *d, int fd, const struct door_ears *ears, void *who);

/* All of them: 0, or -1: an answer is awaited, or the door is gone. */
int door_ask_methods(struct door *d, const char *user);
int door_login(struct door *d, const char *user, const char *method);
int door_answer(struct door *d, uint8_t count, struct bytes packed);
int door_answer_one(struct door *d, const struct secret *answer);
int door_resume(struct door *d, const char *token);
int door_use_ticket(struct door *d, const char *token);
int door_ask_token(struct door *d);
void door_logout(struct door *d);

/* got() is called later, never from here. */
void door_want(struct door *d, struct want *w, void (*got)(void *, int, const char *), void *owner);
void door_forget(struct door *d, struct want *w);

#endif
