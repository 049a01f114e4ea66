/* SPDX-License-Identifier: ISC */
/* See wire.h. */
#include "ipc/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/log.h"

struct wire_queued {
	struct wire_queued *next;
	size_t len;
	unsigned nfds;
	int fds[MESSAGE_FDS_MAX];
	uint8_t data[];
};

union control {
	struct cmsghdr align;
	/* Room for more than is allowed, so that a surplus is seen and not cut off. */
	char room[CMSG_SPACE(sizeof(int) * (MESSAGE_FDS_MAX + 2))];
};

static uint8_t inbox[MESSAGE_MAX];
static size_t inbox_len;

/* Not on the stack: each forked child would touch, and so own, all its pages. */
static _Thread_local uint8_t outbox[MESSAGE_MAX];

int wire_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
}

void wire_init(struct wire *w, int fd)
{
	*w = (struct wire){ .fd = fd, .limit = WIRE_QUEUE_BYTES };
	w->tail = &w->head;
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
}

static void close_fds(const int *fds, unsigned nfds)
{
	for (unsigned i = 0; i < nfds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void drop_head(struct wire *w)
{
	struct wire_queued *q = w->head;

	w->head = q->next;
	if (!w->head)
		w->tail = &w->head;
	w->queued -= q->len;
	close_fds(q->fds, q->nfds);
	explicit_bzero(q->data, q->len);
	free(q);
}

void wire_close(struct wire *w)
{
	while (w->head)
		drop_head(w);
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* 1 sent, 0 the socket is full or held, -1 gone. */
static int transmit(struct wire *w, const uint8_t *data, size_t len, const int *fds, unsigned nfds)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control = { 0 };
	struct cmsghdr *c;

	if (nfds) {
		h.msg_control = control.room;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	w->is_held = false;
	while (sendmsg(w->fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EINTR)
			continue;
		w->is_held = errno == ETOOMANYREFS;
		return errno == EAGAIN || errno == ENOBUFS || w->is_held ? 0 : -1;
	}
	return 1;
}

static int enqueue(struct wire *w, const uint8_t *data, size_t len, const int *fds, unsigned nfds)
{
	struct wire_queued *q = NULL;

	if (len <= w->limit - w->queued)
		q = malloc(sizeof(*q) + len);
	if (!q) {
		close_fds(fds, nfds);
		errno = ENOBUFS;
		return -1;
	}
	*q = (struct wire_queued){ .len = len, .nfds = nfds };
	memcpy(q->data, data, len);
	if (nfds)
		memcpy(q->fds, fds, sizeof(int) * nfds);
	*w->tail = q;
	w->tail = &q->next;
	w->queued += len;
	return 0;
}

int wire_send_fds(struct wire *w, enum message_type type, const void *fields,
		  const int *fds, unsigned nfds)
{
	int len = message_encode(outbox, sizeof(outbox), type, fields);
	int sent = 0;

	if (w->fd < 0 || len < 0 || nfds != message_fds(type)) {
		close_fds(fds, nfds);
		errno = w->fd < 0 ? EPIPE : EINVAL;
		return -1;
	}
	if (!w->head)
		sent = transmit(w, outbox, (size_t)len, fds, nfds);
	if (sent == 0)
		sent = enqueue(w, outbox, (size_t)len, fds, nfds);
	else
		close_fds(fds, nfds);
	/* It may have been a key or a password; bulk goes through wire_try_send. */
	explicit_bzero(outbox, (size_t)len);
	return sent < 0 ? -1 : 0;
}

int wire_send(struct wire *w, enum message_type type, const void *fields)
{
	return wire_send_fds(w, type, fields, NULL, 0);
}

int wire_try_send(struct wire *w, enum message_type type, const void *fields)
{
	int len;

	if (w->fd < 0)
		return -1;
	if (w->head)
		return 0;
	len = message_encode(outbox, sizeof(outbox), type, fields);
	return len < 0 ? -1 : transmit(w, outbox, (size_t)len, NULL, 0);
}

int wire_flush(struct wire *w)
{
	w->is_held = false;
	while (w->head) {
		struct wire_queued *q = w->head;
		int sent = transmit(w, q->data, q->len, q->fds, q->nfds);

		if (sent <= 0)
			return sent;
		drop_head(w);
	}
	return 0;
}

/* Moves the descriptors of a datagram into m; -1 when it carried anything else. */
static int collect_fds(struct msghdr *h, struct message *m)
{
	size_t n = 0;
	int fds[MESSAGE_FDS_MAX + 2];
	bool is_foreign = false;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			is_foreign = true;
			continue;
		}
		if (bytes > sizeof(fds) - n * sizeof(int))
			bytes = sizeof(fds) - n * sizeof(int);
		memcpy(fds + n, CMSG_DATA(c), bytes);
		n += bytes / sizeof(int);
	}
	if (is_foreign || n > MESSAGE_FDS_MAX || (h->msg_flags & (MSG_CTRUNC | MSG_TRUNC))) {
		bool is_ours = !is_foreign && n <= MESSAGE_FDS_MAX && !(h->msg_flags & MSG_TRUNC);

		/* Fewer came than our room holds: this process has no descriptors left. */
		close_fds(fds, (unsigned)n);
		errno = is_ours ? EMFILE : EPROTO;
		return -1;
	}
	memcpy(m->fds, fds, n * sizeof(int));
	m->nfds = (unsigned)n;
	return 0;
}

int wire_receive(struct wire *w, struct message *m)
{
	struct iovec iov = { inbox, sizeof(inbox) };
	union control control;
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.room, .msg_controllen = sizeof(control.room),
	};
	ssize_t n;

	m->type = MSG_NONE;
	m->nfds = 0;
	/* A peer that ended with something unread is told of once, before its last words. */
	do
		n = recvmsg(w->fd, &h, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		errno = 0;
		return -1;
	}
	inbox_len = (size_t)n;
	if (collect_fds(&h, m) < 0) {
		/* Not the peer's fault: this message is lost, and nothing else. */
		if (errno != EMFILE)
			return -1;
		log_error("out of descriptors: a message was dropped");
		return 0;
	}
	if (message_decode(m, inbox, (size_t)n) == 0 && m->nfds == message_fds(m->type))
		return 1;
	wire_discard(m);
	errno = EPROTO;
	return -1;
}

/* What is left of a time-out (-1: for ever) that ends at `until`. */
static int left_ms(int timeout_ms, int64_t until)
{
	int64_t left = until - clock_ms();

	if (timeout_ms < 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

int wire_wait(struct wire *w, struct message *m, int timeout_ms)
{
	struct pollfd p = { .fd = w->fd };
	int64_t until = clock_ms() + timeout_ms;
	bool is_pause;
	int n, ms;

	do {
		if (wire_flush(w) < 0) {
			errno = 0;
			return -1;
		}
		p.events = (short)(POLLIN | (wire_is_waiting(w) && !w->is_held ? POLLOUT : 0));
		ms = left_ms(timeout_ms, until);
		is_pause = w->is_held && (ms < 0 || ms > WIRE_HELD_MS);
		n = poll(&p, 1, is_pause ? WIRE_HELD_MS : ms);
	} while ((n < 0 && errno == EINTR) || (n == 0 && is_pause) ||
		 (n > 0 && !(p.revents & ~POLLOUT)));
	return n > 0 ? wire_receive(w, m) : n;
}

void wire_discard(struct message *m)
{
	close_fds(m->fds, m->nfds);
	m->nfds = 0;
}

size_t wire_received(void)
{
	return inbox_len;
}

void wire_wipe(void)
{
	explicit_bzero(inbox, inbox_len);
}

int wire_dispatch(const struct wire_rule *rules, size_t nrules, unsigned state,
		  struct message *m, void *ctx)
{
	int r = -1;

	errno = EPROTO;
	for (size_t i = 0; i < nrules; i++) {
		if (rules[i].type != m->type)
			continue;
		if (rules[i].states & state)
			r = rules[i].handle(ctx, m);
		break;
	}
	wire_discard(m);
	return r;
}
