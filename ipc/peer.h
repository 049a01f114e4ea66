/* SPDX-License-Identifier: ISC */
/*
 * A wire in the loop: what every role does with every socket it has. Receives, checks
 * each message against the rules for the peer's present state, hands it on; sends what
 * waits when the socket takes it; tells the owner when the peer is gone or was ended for
 * breaking a rule.
 */
#ifndef IPC_PEER_H
#define IPC_PEER_H

#include "ipc/loop.h"
#include "ipc/wire.h"

/* What kind of peer it is; one const of it for each kind. */
struct peer_kind {
	const char *name;                  /* for the log: "visit", "line" */
	const struct wire_rule *rules;
	size_t nrules;
	void (*gone)(void *owner);         /* the peer is closed already; frees the owner */
	void (*writable)(void *owner);     /* may be NULL: all is sent and the socket takes more;
	                                      called while peer_want_writable() is on */
};

struct peer {
	struct wire wire;
	struct loop_watch watch;
	struct loop_timer held;            /* the wire is: to try again */
	const struct peer_kind *kind;
	unsigned state;                    /* one bit; rules name the states they hold in */
	void *owner;
	bool want_writable;
	bool is_paused;
	bool *closed;                      /* set while messages are handled: see peer_close */
};

/* What a peer is before peer_open() and after peer_close(). */
#define PEER_CLOSED { .wire = { .fd = -1 }, .watch = { .fd = -1 } }

/* Takes over fd. 0, or -1 with errno (fd is closed then). */
int peer_open(struct peer *p, int fd, const struct peer_kind *kind, unsigned state, void *owner);

/* Closes without calling gone(). Safe to repeat and from inside a handler. */
void peer_close(struct peer *p);
static inline bool peer_is_open(const struct peer *p) { return p->wire.fd >= 0; }

/* As wire_send. A failure is remembered: the peer's end comes through gone() later. */
int peer_send(struct peer *p, enum message_type type, const void *fields);
int peer_send_fds(struct peer *p, enum message_type type, const void *fields,
		  const int *fds, unsigned nfds);

/* While it is paused its messages wait in the socket; its end is noticed all the same. */
void peer_pause(struct peer *p, bool on);

/* Turns the calls of writable() on or off. */
void peer_want_writable(struct peer *p, bool on);

#endif
