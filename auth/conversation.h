/* SPDX-License-Identifier: ISC */
/*
 * PAM's conversation (pam_conv(3)) over the door: what modules say and ask goes to the
 * visitor, the answers come back. Messages without a prompt are kept for the next round
 * or for the result. Runs in a door's child and may wait for the visitor; the parent
 * holds the deadline.
 */
#ifndef AUTH_CONVERSATION_H
#define AUTH_CONVERSATION_H

#include <stdbool.h>
#include <stdint.h>

#include <security/pam_appl.h>

#include "ipc/buf.h"
#include "ipc/wire.h"

enum conversation_way {
	CONVERSATION_FULL,         /* any number of rounds */
	CONVERSATION_ONE_SECRET,   /* the password method: one hidden prompt in all */
	CONVERSATION_SILENT,       /* a key's login: nothing can be asked */
};

enum conversation_end {
	CONVERSATION_GOING,
	CONVERSATION_INTERRUPTED,  /* another request came instead of answers; it is in `next` */
	CONVERSATION_GONE,         /* the visitor left or broke the protocol */
};

enum { CONVERSATION_TEXT_MAX = 20000 };

struct conversation {
	struct wire *door;
	enum conversation_way way;
	enum conversation_end end;
	struct buf text;           /* said and not yet shown: UTF-8, lines separated by LF */
	unsigned answers;          /* rounds that were answered */
	uint64_t last;             /* when the last answers came: monotonic ms; 0: never */
	unsigned delay;            /* microseconds that modules want failures delayed by */
	struct message *next;      /* of the caller; its bytes hold until the next wire_wait() */
};

void conversation_init(struct conversation *c, struct wire *door, enum conversation_way way,
		       struct message *next);
void conversation_free(struct conversation *c);

/* The callbacks for PAM: struct pam_conv's conv, and the item PAM_FAIL_DELAY. */
int conversation_speak(int n, const struct pam_message **messages,
		       struct pam_response **responses, void *conversation);
void conversation_delay(int result, unsigned microseconds, void *conversation);

#endif
