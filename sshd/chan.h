/* SPDX-License-Identifier: ISC */
/*
 * One session channel of a connection: collects the client's requests, starts a session
 * (terminal/session.h) on a visit, and moves bytes between the two.
 *
 * libssh calls back while it reads and also while it writes, so a callback only notes
 * what was asked for; all work with the session is done in chan_turn().
 */
#ifndef SSHD_CHAN_H
#define SSHD_CHAN_H

#include <libssh/libssh.h>
#include <libssh/callbacks.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "ipc/buf.h"
#include "sshd/request.h"
#include "sshd/visits.h"

#include "terminal/link.h"

struct config;
struct login;
struct session;

enum {
	CHAN_CHUNK = 4096,          /* room for input that is kept between two of them */
	/* A peer that ignores our window (1.28 MB at most) is no SSH client. */
	CHAN_UNREAD_MAX = 4 * 1024 * 1024,
};

/* What all channels of a connection share. */
struct chan_host {
	ssh_session ssh;
	const struct config *config;
	struct login *login;
	struct visits visits;
	char address[64];           /* ours, as the client reached it */
	unsigned port;
	uint64_t now;               /* ms, of this turn */
	uint64_t typed_at;          /* when the last input came */
	struct link link;           /* to the client, with all channels on it */
	bool is_abused;             /* a channel broke the protocol: end the connection */
};

struct chan {
	struct chan_host *host;
	ssh_channel ssh;            /* NULL: not in use */
	struct ssh_channel_callbacks_struct callbacks;
	struct request request;
	struct session *session;    /* NULL before it starts and after its end */

	uint32_t unread;            /* bytes of input that libssh holds */
	struct buf chunk;           /* read from libssh, not yet taken by the session */
	size_t chunk_at;

	uint64_t waits_since;       /* for a visit; 0: it does not */
	uint64_t took_at;           /* when the last visit came */
	uint64_t not_before;        /* and when it may have the next one */
	unsigned failures;          /* visits in a row that were over at once */
	bool is_resized;
	bool is_left;               /* the client closed it */
	bool input_ended;
	bool is_ending;             /* only exit status, EOF and close are left to do */
	bool status_sent;
	int status;
};

/* Takes an unused struct for a channel the client opens. NULL: refuse it. */
ssh_channel chan_open(struct chan *c, struct chan_host *host);

/* Not in use before its chan_open() and after its end. */
static inline bool chan_is_open(const struct chan *c) { return c->ssh != NULL; }

/* What to wait for, and for how long at most (ms, -1: for ever). */
void chan_poll(const struct chan *c, struct pollfd *p);
int chan_timeout(const struct chan *c);

/* All there is to do after a poll. */
void chan_turn(struct chan *c, short revents);

#endif
