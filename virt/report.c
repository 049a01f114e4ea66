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

static void (*on_gone)(void);

void report_end(int status)
{
	_exit(status);
}

static void console_gone(void) __attribute__((noreturn));
static void console_gone(void)
{
	if (on_gone)
		on_gone();
	report_end(0);
}

static void out_of_time(int signal_number)
{
	(void)signal_number;
	if (last_words_len > 0)
		send(console.fd, last_words, (size_t)last_words_len,
		     MSG_NOSIGNAL | MSG_DONTWAIT);
	_exit(1);
}

void report_open(int fd, void (*gone)(void))
{
	struct sigaction act = { .sa_handler = out_of_time };

	on_gone = gone;
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
		console_gone();
}

void report_send(enum message_type type, const void *fields)
{
	int sent;

	while ((sent = wire_try_send(&console, type, fields)) == 0)
		wait_until_writable();
	if (sent < 0)
		console_gone();
}

int report_receive(struct message *m)
{
	int received = wire_receive(&console, m);

	if (received >= 0)
		return received;
	if (errno == EPROTO)
		log_warn("console sent something that is not a message");
	console_gone();
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
