/* SPDX-License-Identifier: ISC */
/*
 * The visitor's side of the visit: asks console, and hears what it says. It keeps the
 * handle of the present attachment and the credit for its input, lets each message in
 * only when it may come, and hands it on to whoever listens. It prints nothing.
 */
#ifndef TERMINAL_VISIT_H
#define TERMINAL_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"
#include "ipc/wire.h"

/* Who listens: a NULL member hears nothing. Messages about a past attachment are left out. */
struct visit_ears {
	void (*guest)(void *who, const struct msg_guest *m);
	void (*guest_gone)(void *who, const struct msg_guest_gone *m);
	void (*list_end)(void *who, const struct msg_list_end *m);
	void (*peer)(void *who, const struct msg_peer *m);
	void (*peers_end)(void *who, uint32_t handle);        /* of WHO and of INFO */
	void (*attached)(void *who, const struct msg_attached *m);
	void (*refused)(void *who, const struct msg_refused *m);
	void (*output)(void *who, const struct msg_output *m);
	void (*gap)(void *who, uint64_t count);               /* bytes missed before the next output */
	void (*state)(void *who, const struct msg_state *m);
	void (*keyboard)(void *who, const struct msg_keyboard *m);
	void (*lost)(void *who, const struct msg_lost *m);
	void (*replaying)(void *who, const struct msg_replaying *m);
	void (*stamp)(void *who, const struct msg_stamp *m);
	void (*boot)(void *who, const struct msg_boot *m);
	void (*act_done)(void *who, const struct msg_act_done *m);   /* no: refused, by its handle */
};

/* States of the attachment; what console may say depends on it. */
enum visit_state {
	VISIT_FREE = 1,          /* none */
	VISIT_ASKED = 2,         /* asked for */
	VISIT_ATTACHED = 4,
	VISIT_LEAVING = 8,       /* and an earlier one is not confirmed as gone */
};

struct visit {
	struct wire wire;
	const struct visit_ears *ears;
	void *who;
	enum visit_state state;
	uint32_t last;           /* last number given to an attachment or an info */
	uint32_t handle;         /* of the present attachment */
	uint32_t info;           /* of the info that is asked for; 0 none */
	uint32_t act;            /* of the act that is asked for; 0 none */
	unsigned leaving;        /* attachments that were left and not confirmed */
	unsigned lists;          /* lists asked for and not ended */
	size_t credit;           /* bytes of input that may be sent now */
	uint64_t next;           /* offset at which the next output begins, if nothing is missed */
	bool is_ended;           /* console ended it: there is no other to be asked for */
	char why[TEXT_MAX + 1];  /* then; as it came */
};

/* Takes over the socket (-1: none yet). */
void visit_init(struct visit *v, int fd, void *who);
void visit_close(struct visit *v);
bool visit_is_open(const struct visit *v);

/*
 * Reads and hands on until there is nothing left, stop(who) says so or the visit is ended.
 * 0; -1: console is gone (errno 0) or broke a rule (errno EPROTO): the socket is closed then.
 */
int visit_read(struct visit *v, bool (*stop)(void *who));

/* All ask_: 0, or -1 when console is gone. What cannot be asked now is left out silently. */
int ask_list(struct visit *v, bool watch);
int ask_info(struct visit *v, const char *guest, bool probe);
int ask_attach(struct visit *v, const char *guest, const char *device, uint32_t flags,
	       const struct position *from, const struct position *until);   /* NULL: now */
int ask_detach(struct visit *v);        /* from here on the attachment is not heard any more */
int ask_take(struct visit *v);
int ask_give(struct visit *v);
int ask_who(struct visit *v);
int ask_force(struct visit *v);
int ask_replay(struct visit *v, const struct position *from);

/* guest: the full name or UUID, :ALIAS for BREAK. One at a time: until it is done, v->act. */
int ask_act(struct visit *v, const char *guest, enum guest_act act, uint8_t key);

/* Sends at most credit bytes. How many, or -1. */
long ask_input(struct visit *v, const uint8_t *data, size_t len);

#endif
