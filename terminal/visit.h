/* SPDX-License-Identifier: ISC */
/*
 * The visitor's side of the visit: hears what console says. Every number that was given
 * to an attachment or to a question stands in one table with what may be said of it;
 * what may not come now ends the visit, the rest is handed on to whoever listens. It
 * prints nothing. What is asked is in ask.h.
 */
#ifndef TERMINAL_VISIT_H
#define TERMINAL_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"
#include "ipc/wire.h"

enum { VISIT_NUMBERS_MAX = 2048 };   /* attachments and questions at the same time */

enum attachment_state { ATTACHMENT_FREE, ATTACHMENT_ASKED, ATTACHMENT_ATTACHED };

/*
 * A console that this visit reads and types to. The memory is whose it is, and must stay
 * until the state is FREE: refused, detached, gone, or the visit closed. All 0 at first.
 */
struct attachment {
	uint32_t handle;
	uint8_t state;           /* enum attachment_state */
	size_t credit;           /* bytes of input that may be sent now */
	uint64_t epoch;
	uint64_t next;           /* offset at which the next output begins, if nothing is missed */
	uint64_t head;           /* what is before it is a replay */
};

/*
 * Who listens: a NULL member hears nothing. Attachments that were left are not heard any
 * more. A refusal is of an attachment (being asked for, and FREE now; or a wish of one that is
 * ATTACHED), or of a question: at is NULL then, and m->handle the number of it.
 */
struct visit_ears {
	void (*guest)(void *who, const struct msg_guest *m);
	void (*guest_gone)(void *who, const struct msg_guest_gone *m);
	void (*list_end)(void *who, const struct msg_list_end *m);
	void (*peer)(void *who, const struct msg_peer *m);
	void (*peers_end)(void *who, uint32_t handle);        /* of WHO, ASK_WHO, INFO, ASK_TICKETS */
	void (*attached)(void *who, struct attachment *at, const struct msg_attached *m);
	void (*refused)(void *who, struct attachment *at, const struct msg_refused *m);
	void (*output)(void *who, struct attachment *at, const struct msg_output *m);
	/* bytes missed before the next output, which is not heard if it is left then */
	void (*gap)(void *who, struct attachment *at, uint64_t count);
	void (*state)(void *who, struct attachment *at, const struct msg_state *m);
	void (*keyboard)(void *who, struct attachment *at, const struct msg_keyboard *m);
	void (*lost)(void *who, struct attachment *at, const struct msg_lost *m);
	void (*replaying)(void *who, struct attachment *at, const struct msg_replaying *m);
	void (*stamp)(void *who, struct attachment *at, const struct msg_stamp *m);
	void (*boot)(void *who, struct attachment *at, const struct msg_boot *m);
	/* before it is attached; the descriptors, of the file and its index, are the listener's */
	void (*log_file)(void *who, struct attachment *at, const struct msg_log_file *m,
			 const int fds[2]);
	void (*ticket)(void *who, const struct msg_ticket *m);       /* one of several: peers_end */
	void (*act_done)(void *who, const struct msg_act_done *m);   /* no: refused, by its handle */
};

/* What a number stands for; a mask of these says what may be said of it. */
enum visit_kind {
	VISIT_NOTHING = 1,       /* a number that is done with */
	VISIT_ASKED = 2,         /* an attachment that is asked for */
	VISIT_ATTACHED = 4,
	VISIT_LEFT_EARLY = 8,    /* asked for and left before it came */
	VISIT_LEFT = 16,         /* left, and that is not confirmed */
	VISIT_INFO = 32,
	VISIT_WHO = 64,
	VISIT_ACT = 128,         /* also kick and revoke: what ACT_DONE answers */
	VISIT_TICKET = 256,      /* one that is to be made */
	VISIT_TICKETS = 512,     /* those that are there */
};

struct visit_number {
	uint32_t handle;
	uint16_t kind;           /* enum visit_kind */
	struct attachment *at;   /* ASKED, ATTACHED */
};

struct visit {
	struct wire wire;
	const struct visit_ears *ears;
	void *who;
	uint32_t last;           /* number given last */
	struct visit_number *numbers;     /* those in use, in their order */
	size_t count, room;
	bool has_spoken;         /* console is at its other end */
	bool is_ended;           /* console ended it: there is no other to be asked for */
	char why[TEXT_MAX + 1];  /* then; as it came */
};

/* Takes over the socket (-1: none yet). */
void visit_init(struct visit *v, int fd, void *who);
/* All attachments are FREE then. */
void visit_close(struct visit *v);
bool visit_is_open(const struct visit *v);

/*
 * Reads and hands on until there is nothing left, stop(who) says so or the visit is ended.
 * 0; -1: console is gone (errno 0) or broke a rule (errno EPROTO): the socket is closed then.
 */
int visit_read(struct visit *v, bool (*stop)(void *who));

/* A question of that kind is not answered yet: its number; 0 there is none. */
uint32_t visit_pending(const struct visit *v, enum visit_kind kind);

/*
 * For ask.c. A new number for that; NULL: too many, or no memory. Pointers last until the
 * next change.
 */
struct visit_number *visit_new_number(struct visit *v, enum visit_kind kind);
struct visit_number *visit_find_number(const struct visit *v, uint32_t handle);

#endif
