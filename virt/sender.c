/* SPDX-License-Identifier: ISC */
/* See sender.h. */
#include "virt/sender.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "ipc/clock.h"
#include "ipc/log.h"
#include "virt/pause.h"
#include "virt/report.h"

/*
 * One piece is one message to the daemon. For a guest that does not read, daemon and
 * sockets hold dozens of them, all of which are lost if the line has to be killed: the
 * smaller the pieces, the less. A paste is fast enough with these (MB/s into a guest
 * that reads).
 */
enum { PIECE_MAX = 256, STACK_BYTES = 256 * 1024 };

/*
 * Console is told what was sent when this much is, or after so many ms without more. But not
 * much later where no pause comes: it takes a line that says nothing for seconds for stuck.
 */
enum { DONE_BYTES = 2048, DONE_MS = 20, DONE_LATEST_MS = 500 };

static virStreamPtr stream;
static atomic_bool busy;
static atomic_uint owed;   /* bytes that were sent and not yet told, */
static uint64_t owed_at;   /* the first of them then, ms */

/* 0, or -1: the stream is over; the event loop hears of it and says why. */
static int send_piece(const char *piece, size_t len)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };

	while (len) {
		int n = virStreamSend(stream, piece, len);

		/* The remote driver of libvirt 9 waits by itself; one that does not says -2. */
		if (n == -2) {
			nanosleep(&pause, NULL);
			continue;
		}
		if (n < 0)
			return -1;
		piece += n;
		len -= (size_t)n;
	}
	return 0;
}

static void tell_done(uint32_t at_least)
{
	struct msg_line_done done;

	if (owed < at_least)
		return;
	/* Either thread may be the one to tell, and only one of them. */
	done.count = atomic_exchange(&owed, 0);
	if (done.count)
		report_send(MSG_LINE_DONE, &done);
}

static void owe(uint32_t count)
{
	if (owed == 0)
		owed_at = (uint64_t)clock_ms();
	owed += count;
}

/* How long what is owed may still wait for more, ms; -1: nothing is. */
static int time_to_tell(void)
{
	uint64_t since;

	if (owed == 0)
		return -1;
	since = (uint64_t)clock_ms() - owed_at;
	return since < DONE_LATEST_MS - DONE_MS ? DONE_MS
	       : since < DONE_LATEST_MS ? (int)(DONE_LATEST_MS - since) : 0;
}

void sender_settle(void)
{
	tell_done(1);
}

static int take_input(void *ctx, struct message *m)
{
	const char *data = (const char *)m->u.line_data.data.data;
	size_t left = m->u.line_data.data.len;
	int r = 0;

	(void)ctx;
	busy = true;
	pause_cut();
	while (left && r == 0) {
		uint32_t n = (uint32_t)(left < PIECE_MAX ? left : PIECE_MAX);

		r = send_piece(data, n);
		if (r == 0)
			owe(n);
		tell_done(DONE_BYTES);
		data += n;
		left -= n;
	}
	busy = false;
	errno = 0;
	return r;
}

/* 0, or -1: there will be no more to send. */
static int receive_some(void)
{
	static const struct wire_rule rules[] = { { MSG_LINE_INPUT, 1, take_input } };
	struct message m;
	int r;

	while ((r = report_receive(&m)) > 0) {
		if (wire_dispatch(rules, 1, 1, &m, NULL) == 0)
			continue;
		if (errno != EPROTO)
			return -1;
		log_warn("console sent %s, which is not for a line", message_name(m.type));
		report_end(1);
	}
	return r;
}

/* Console's end is for the event loop to notice, which closes the guest's in order. */
static void *run(void *arg)
{
	struct pollfd p = { .fd = report_fd(), .events = POLLIN };

	(void)arg;
	while (receive_some() == 0) {
		int pause = time_to_tell();

		if (pause == 0 || poll(&p, 1, pause) == 0)
			tell_done(1);
	}
	return NULL;
}

int sender_start(virStreamPtr st)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;

	stream = st;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	errno = pthread_create(&thread, &attr, run, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return errno == 0 ? 0 : -1;
}

bool sender_is_idle(void)
{
	return !busy;
}
