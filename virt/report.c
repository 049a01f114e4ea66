/* SPDX-License-Identifier: ISC */
/* See report.h. */
#include "virt/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/log.h"

static struct wire console = { .fd = -1 };

/* Encoded in advance: a signal handler may send, but not encode. */
static uint8_t last_words[2048];
static int last_words_len;

void report_end(int status)
{
	_exit(status);
}

static void out_of_time(int signal_number)
{
	(void)signal_number;
	if (last_words_len > 0)
		send(console.fd, last_words, (size_t)last_words_len,
		     MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(1);
}

void report_open(int fd)
{
	struct sigaction act = { .sa_handler = out_of_time };

	wire_init(&console, fd);
	sigaction(SIGALRM, &act, NULL);
}

int report_fd(void)
{
	return console.fd;
}

static void wait_until_writable(void)
{
	struct pollfd p = { .fd = console.fd, .events = POLLOUT };

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	if (p.revents & (POLLHUP | POLLERR))
		report_end(0);
}

void report_send(enum message_type type, const void *fields)
{
	int sent;

	while ((sent = wire_try_send(&console, type, fields)) == 0)
		wait_until_writable();
	if (sent < 0)
		report_end(0);
}

int report_receive(struct message *m)
{
	int received = wire_receive(&console, m);

	if (received >= 0 || errno != EPROTO)
		return received;
	log_warn("console sent something that is not a message");
	report_end(1);
}

void report_deadline(unsigned seconds, enum message_type type, const void *fields)
{
	alarm(0);
	last_words_len = message_encode(last_words, sizeof(last_words), type, fields);
	alarm(seconds);
}

void report_deadline_off(void)
{
	alarm(0);
}
