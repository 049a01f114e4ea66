/* SPDX-License-Identifier: ISC */
/*
 * A visit: one logged-in person's socket. Who it is came from auth with the socket; what
 * they ask for is checked against the access rules at every request. visit.c knows who is
 * there; what may be asked for is in listing.c, attaching.c, company.c, acts.c and sharing.c.
 */
#ifndef CONSOLE_VISIT_H
#define CONSOLE_VISIT_H

#include "console/hub.h"
#include "console/rules.h"

enum {
	VISIT_VIEWERS_MAX = 1024,
	VISIT_PER_CONN_MAX = 20,     /* visits of one connection: its channels, and some that end */
	VISIT_SOCKET_BYTES = 131072,
	VISIT_END_MS = 2000,         /* who is told to go has so long to read it */
	VISIT_BURST = 2048,          /* requests of a connection that are answered at once, */
	VISIT_RATE = 50,             /* and a second from then on */
	VISIT_RECORDS = 65536,       /* bytes for gate that it has not taken: requests wait, */
	VISIT_RECORDS_MS = 20,       /* so long each */
};

struct visit {
	struct visit *prev, *next;
	struct peer peer;
	uint64_t conn;
	uint8_t endpoint;
	char user[USER_MAX + 1];
	char name[USER_MAX + 1];     /* as others see them: the user, or whose ticket it is */
	char address[PEER_MAX + 1];
	char method[64];
	struct rules_person person;  /* groups owned */
	char ticket[TICKET_ID_MAX + 1];    /* by which somebody came; "" the user themselves */
	char ticket_host[HOST_MAX + 1];
	uint8_t ticket_uuid[UUID_SIZE];
	struct loop_timer end;       /* a ticket runs out; or, told so, its visitor has to be gone */
	struct loop_timer hold;      /* it asked for too much: until then it is not read */
	uint64_t spent_at;           /* ms of loop_now() up to which requests are forgotten; */
	unsigned spent;              /* the rest: of all visits of the connection, if it is the first */
	unsigned files;              /* that it was sent and may not have read */
	bool is_over;
	struct viewer *viewers;
	unsigned nviewers;
	unsigned nacts;              /* under way */
	unsigned nquestions;         /* to auth, under way */
	bool watches;                /* wants to hear of changes of the guest list */
	bool listing;                /* a listing is under way */
	bool owes_end;               /* a LIST_END is due when it has caught up */
	uint64_t seen;               /* the last change of the inventory it was told of */
};

/* The configuration in force. Rights are checked anew for all that is open. Not owned. */
void visit_configure(const struct config *config);
const struct config *visit_config(void);

/* Takes over the socket of the message. A visit that cannot be made is closed and logged. */
void visit_open(struct message *identity);

/* Reads from visits that came before the hosts were known. */
void visit_open_waiting(void);

/* All visits: NULL begins, NULL is the end. */
struct visit *visit_next(const struct visit *v);

/* Says why and lets go of all it has; it is heard no more, and freed when its visitor is gone. */
void visit_end(struct visit *v, const char *why);

/* A ticket is void: whoever came by it has to go. */
void visit_ticket_void(const char *id);

/*
 * A request of its visitor, more than a key: who makes too many of them waits, and nobody
 * else does. Each may be a line in log and audit, and a walk over all guests.
 */
void visit_charge(struct visit *v);

/* Its socket is full: its viewers are flushed again when it is not. */
void visit_wait_writable(struct visit *v);

/* How somebody's name, or address, is told to v: who came by a ticket learns nobody's. */
const char *visit_tells_name(const struct visit *v, const char *name);
const char *visit_tells_address(const struct visit *v, const char *address);

/* The rights (enum config_right) on a guest; the viewer of a number, NULL: none. */
unsigned visit_rights(const struct visit *v, const struct guest *g);
struct viewer *visit_viewer(const struct visit *v, uint32_t handle);

/* Rights on a console may have changed: who may not see it any more is told and let go. */
void visit_recheck_viewers(struct console *c);

/* Answers REFUSED; visit_refuse() is also a line in the log. */
void visit_answer_no(struct visit *v, uint32_t handle, enum refusal code, const char *text);
void visit_refuse(struct visit *v, uint32_t handle, enum refusal code, const char *text);

/* One line in the log: who did what to a console. */
void visit_log(const struct visit *v, const char *did, const struct console *c);

#endif
