/* SPDX-License-Identifier: ISC */
/* See tcp.h. */
#include "ipc/tcp.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/clock.h"

enum {
	KEEP_IDLE_S = 30,
	KEEP_INTERVAL_S = 10,
	KEEP_COUNT = 3,
	UNACKNOWLEDGED_MS = 60000,
	/*
	 * Bytes that wait in the kernel for the network. With megabytes of one channel there, all
	 * others of a slow link would wait for minutes, and who is behind would show late.
	 */
	UNSENT_MAX = 128 * 1024,
};

static const struct {
	int level, option, value;
} options[] = {
	{ IPPROTO_TCP, TCP_NODELAY, 1 },
	{ SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S },
	{ IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S },
	{ IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT },
	{ IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS },
	{ IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MAX },
};

void tcp_set_up(int fd)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].option, &options[i].value,
			   sizeof(options[i].value));
	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
}

void tcp_acknowledge(int fd)
{
	const int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

void tcp_close_gently(int fd, unsigned ms)
{
	int64_t until = clock_ms() + ms, left;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char piece[16384];

	shutdown(fd, SHUT_WR);
	while ((left = until - clock_ms()) > 0 && poll(&p, 1, (int)left) > 0)
		if (recv(fd, piece, sizeof(piece), MSG_DONTWAIT) <= 0)
			break;
	close(fd);
}
