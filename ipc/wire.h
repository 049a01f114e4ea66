/* SPDX-License-Identifier: ISC */
/*
 * One end of a SEQPACKET socket that carries messages and descriptors (unix(7),
 * cmsg(3)). Sending never blocks: what the socket does not take waits in a bounded
 * queue. A peer that breaks a rule (unknown type, wrong length, missing or surplus
 * descriptor) is an error; the caller closes the wire.
 */
#ifndef IPC_WIRE_H
#define IPC_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum {
	WIRE_QUEUE_BYTES = 1048576, /* waiting messages; one more is ENOBUFS */
	WIRE_HELD_MS = 100,         /* after so long one that is held is tried again */
};

struct wire_queued;

struct wire {
	int fd;                     /* -1 when closed; non-blocking */
	struct wire_queued *head;
	struct wire_queued **tail;
	size_t queued;              /* bytes waiting */
	size_t limit;               /* WIRE_QUEUE_BYTES unless changed */
	/*
	 * What waits has descriptors, and the kernel lets no more of this user's travel (as many
	 * as a process may have, of all its sockets: unix(7), ETOOMANYREFS). The socket counts as
	 * writable all the same, so it is not waited for, but time.
	 */
	bool is_held;
};

/* A connected pair, close-on-exec. 0, or -1 with errno. */
int wire_pair(int fds[2]);

/* Takes over fd (may be -1) and makes it non-blocking. */
void wire_init(struct wire *w, int fd);

/* Closes the socket and drops what waits. Safe to repeat. */
void wire_close(struct wire *w);

/*
 * Sends the message, or queues it behind others. The descriptors are this call's from
 * now on, whatever it returns: sent, queued or closed. 0, or -1 with errno: ENOBUFS
 * (queue full), EINVAL (cannot be encoded), else the peer is gone.
 */
int wire_send(struct wire *w, enum message_type type, const void *fields);
int wire_send_fds(struct wire *w, enum message_type type, const void *fields,
		  const int *fds, unsigned nfds);

/* Like wire_send, but never queues: 1 sent, 0 the socket is full, -1 gone. No descriptors. */
int wire_try_send(struct wire *w, enum message_type type, const void *fields);

/* Sends what waits, as far as the socket takes it. 0 or -1. */
int wire_flush(struct wire *w);
static inline bool wire_is_waiting(const struct wire *w) { return w->head; }

/*
 * Receives one message into m. 1; 0 when there is none; -1 when the peer is gone
 * (errno 0) or broke a rule (EPROTO). A message whose descriptors do not fit in this process
 * any more is dropped and logged, and counts as none. Bytes in m stay valid until the next
 * wire_receive() of this process. The descriptors are the caller's: see wire_dispatch().
 */
int wire_receive(struct wire *w, struct message *m);

/*
 * The same, waiting up to timeout_ms in all (-1 for ever) and sending meanwhile what waits;
 * 0 is a time-out, and -1 may have the errno of poll(2), too. For children that may block.
 */
int wire_wait(struct wire *w, struct message *m, int timeout_ms);

/* Bytes of the message received last. */
size_t wire_received(void);

/* Closes the descriptors of a message that nobody kept. */
void wire_discard(struct message *m);

/* Overwrites the message received last: after one with a secret was handled. */
void wire_wipe(void);

/* What a peer may send: in which of its states (a bit mask), and who takes it. */
struct wire_rule {
	uint16_t type;
	unsigned states;
	int (*handle)(void *ctx, struct message *m);   /* 0, or -1: end this peer */
};

/*
 * Finds the rule for m in the peer's present state, calls it, closes descriptors it did
 * not keep. What handle returned, or -1 with errno EPROTO when no rule allows m.
 */
int wire_dispatch(const struct wire_rule *rules, size_t nrules, unsigned state,
		  struct message *m, void *ctx);

#endif
