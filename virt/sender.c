/* SPDX-License-Identifier: ISC */
/* See sender.h. */
#include "virt/sender.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "ipc/message.h"

/*
 * One piece is one message to the daemon, which holds a handful of them while the pty is
 * full. Large pieces keep a paste fast and the guest's buffer full; the credit for a
 * piece comes back when all of it was taken.
 */
enum { PIECE_MAX = 1024, STACK_BYTES = 128 * 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;

/* Guarded by lock: a circle of bytes. What is being sent still counts as waiting. */
static uint8_t ring[INPUT_WINDOW];
static size_t start, waiting;

static virStreamPtr stream;
static int done_fd = -1;

static size_t copy_piece(uint8_t *piece)
{
	size_t len, first;

	pthread_mutex_lock(&lock);
	while (waiting == 0)
		pthread_cond_wait(&filled, &lock);
	len = waiting < PIECE_MAX ? waiting : PIECE_MAX;
	first = len < INPUT_WINDOW - start ? len : INPUT_WINDOW - start;
	memcpy(piece, ring + start, first);
	memcpy(piece + first, ring, len - first);
	pthread_mutex_unlock(&lock);
	return len;
}

static int drop_piece(size_t len)
{
	uint64_t count = len;

	pthread_mutex_lock(&lock);
	start = (start + len) % INPUT_WINDOW;
	waiting -= len;
	pthread_mutex_unlock(&lock);
	return write(done_fd, &count, sizeof(count)) < 0 ? -1 : 0;
}

/* 0, or -1: the stream is over; the event loop hears of it and says why. */
static int send_piece(const uint8_t *piece, size_t len)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };
	size_t sent = 0;

	while (sent < len) {
		int n = virStreamSend(stream, (const char *)piece + sent, len - sent);

		/* The remote driver of libvirt 9 waits by itself; one that does not says -2. */
		if (n == -2)
			nanosleep(&pause, NULL);
		else if (n < 0)
			return -1;
		else
			sent += (size_t)n;
	}
	return 0;
}

static void *run(void *arg)
{
	uint8_t piece[PIECE_MAX];
	size_t len;

	(void)arg;
	do
		len = copy_piece(piece);
	while (send_piece(piece, len) == 0 && drop_piece(len) == 0);
	return NULL;
}

int sender_start(virStreamPtr st)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int r;

	stream = st;
	done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (done_fd < 0)
		return -1;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&thread, &attr, run, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return r == 0 ? done_fd : -1;
}

int sender_put(const uint8_t *data, size_t len)
{
	size_t end, first;
	int r = -1;

	pthread_mutex_lock(&lock);
	if (len <= INPUT_WINDOW - waiting) {
		end = (start + waiting) % INPUT_WINDOW;
		first = len < INPUT_WINDOW - end ? len : INPUT_WINDOW - end;
		memcpy(ring + end, data, first);
		memcpy(ring, data + first, len - first);
		waiting += len;
		r = 0;
	}
	pthread_mutex_unlock(&lock);
	if (r == 0)
		pthread_cond_signal(&filled);
	return r;
}

uint32_t sender_take_done(void)
{
	uint64_t count;

	if (read(done_fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
		return 0;
	return (uint32_t)count;
}

bool sender_is_idle(void)
{
	bool idle;

	pthread_mutex_lock(&lock);
	idle = waiting == 0;
	pthread_mutex_unlock(&lock);
	return idle;
}
