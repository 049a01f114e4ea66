/* SPDX-License-Identifier: ISC */
/* See peer.h. */
#include "ipc/peer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ipc/log.h"

enum {
	PEER_BURST = 32,      /* so many messages of one peer, then the others have their turn */
	PEER_ALONE = 4096,    /* bytes: a shorter message mostly comes alone, so do not look */
	TELL_MS = 60000,
};

static void tell_held(const struct peer *p)
{
	static uint64_t told;

	if (told && loop_now() - told < TELL_MS)
		return;
	told = loop_now();
	log_warn("%s: too many descriptors are under way to processes that do not take them: "
		 "what it is sent waits", p->kind->name);
}

static void held_due(void *owner);

static void set_events(struct peer *p)
{
	bool out = (wire_is_waiting(&p->wire) || p->want_writable) && !p->wire.is_held;

	if (p->wire.is_held && !loop_timer_is_set(&p->held)) {
		loop_timer_set(&p->held, WIRE_HELD_MS, held_due, p);
		tell_held(p);
	}
	loop_want(&p->watch, (p->is_paused ? 0u : LOOP_READ) | (out ? LOOP_WRITE : 0u));
}

static void held_due(void *owner)
{
	struct peer *p = owner;

	wire_flush(&p->wire);
	set_events(p);
}

static void end(struct peer *p, int reason)
{
	const struct peer_kind *kind = p->kind;
	void *owner = p->owner;

	if (reason == EPROTO)
		log_warn("%s ended: it broke the protocol", kind->name);
	peer_close(p);
	kind->gone(owner);
}

static void receive_some(struct peer *p)
{
	struct message m;
	bool closed = false;

	p->closed = &closed;
	/* One that is paused is here for its end, which may stand behind a message. */
	for (int i = 0; i < PEER_BURST && (i == 0 || !p->is_paused); i++) {
		int r = wire_receive(&p->wire, &m);

		if (r == 0)
			break;
		if (r > 0) {
			r = wire_dispatch(p->kind->rules, p->kind->nrules, p->state, &m, p->owner);
			if (r < 0 && errno == EPROTO && !closed)
				log_warn("%s: %s is not allowed or not valid here", p->kind->name,
					 message_name(m.type));
		}
		if (closed)
			return;
		if (r < 0) {
			p->closed = NULL;
			end(p, errno);
			return;
		}
		if (p->is_paused || wire_received() < PEER_ALONE)
			break;
	}
	p->closed = NULL;
}

static void on_ready(void *arg, unsigned events)
{
	struct peer *p = arg;

	if (events & LOOP_WRITE) {
		bool closed = false;

		/* A failed write is followed by the end of file below. */
		wire_flush(&p->wire);
		if (p->want_writable && !wire_is_waiting(&p->wire)) {
			p->closed = &closed;
			p->kind->writable(p->owner);
			if (closed)
				return;
			p->closed = NULL;
		}
		set_events(p);
	}
	if (events & LOOP_READ)
		receive_some(p);
}

int peer_open(struct peer *p, int fd, const struct peer_kind *kind, unsigned state, void *owner)
{
	*p = (struct peer){ .kind = kind, .state = state, .owner = owner };
	wire_init(&p->wire, fd);
	if (loop_add(&p->watch, fd, LOOP_READ, on_ready, p) == 0)
		return 0;
	wire_close(&p->wire);
	return -1;
}

void peer_close(struct peer *p)
{
	if (p->wire.fd < 0)
		return;
	loop_remove(&p->watch);
	loop_timer_clear(&p->held);
	wire_close(&p->wire);
	if (p->closed)
		*p->closed = true;
	p->closed = NULL;
}

int peer_send_fds(struct peer *p, enum message_type type, const void *fields,
		  const int *fds, unsigned nfds)
{
	int r = wire_send_fds(&p->wire, type, fields, fds, nfds);

	if (r < 0 && p->wire.fd >= 0) {
		/* A peer that left is no news; one that does not read, or our own mistake, is. */
		if (errno == ENOBUFS || errno == EINVAL)
			log_warn("%s ended: cannot send %s: %s", p->kind->name,
				 message_name(type), strerror(errno));
		/* Not here: the caller may be in the middle of the owner's data. */
		shutdown(p->wire.fd, SHUT_RDWR);
	}
	set_events(p);
	return r;
}

int peer_send(struct peer *p, enum message_type type, const void *fields)
{
	return peer_send_fds(p, type, fields, NULL, 0);
}

void peer_want_writable(struct peer *p, bool on)
{
	p->want_writable = on;
	set_events(p);
}

void peer_pause(struct peer *p, bool on)
{
	p->is_paused = on;
	set_events(p);
}
