/* SPDX-License-Identifier: ISC */
/*
 * See connection.h. The loop is our own poll(2): libssh's cannot change what it waits
 * for, and calls back from inside a write.
 */
#include "sshd/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "config/config.h"
#include "ipc/clock.h"
#include "ipc/log.h"
#include "ipc/tcp.h"
#include "sshd/chan.h"
#include "sshd/login.h"
#include "sshd/probe.h"

enum {
	FAREWELL_MS = 2000,
	/* A client without channels, where none can come, leaves by itself: nearly always. */
	STRANDED_MS = 5000,
};

_Static_assert((int)VISITS_WAITING_MAX == (int)SSHD_CHANNELS_MAX, "each channel may wait for one");

enum { POLL_SSH, POLL_DOOR, POLL_CHANS, POLL_COUNT = POLL_CHANS + SSHD_CHANNELS_MAX };

struct connection {
	ssh_session ssh;
	ssh_event event;
	int fd;
	struct wire door;
	struct login login;
	struct chan_host host;
	struct chan channels[SSHD_CHANNELS_MAX];
	struct probe probe;
	struct ssh_counter_struct counted;
	bool has_news;              /* since the last turn, and poll will not tell */
	size_t first;               /* of the channels: whose turn is the first now */
	uint64_t handshake_deadline;
	bool is_keyed;              /* the key exchange is done */
	bool is_in;                 /* the login is done and the first visit asked for */
	uint64_t stranded_since;    /* it has no channel and can get none; 0: it is not */
	const char *reason;         /* not NULL: it is over */
	const char *farewell;       /* what the client is told; NULL nothing */
	char no_keys[320];          /* a reason */
};

static void end(struct connection *c, const char *reason, const char *farewell)
{
	if (c->reason)
		return;
	c->reason = reason;
	c->farewell = farewell;
}

/* -- setting up -- */

/* Our own address as the client reached it; IPv4 in IPv6 is shown as IPv4. */
static void read_address(struct chan_host *h, int fd)
{
	struct sockaddr_storage ss = { 0 };
	const struct sockaddr_in6 *in6 = (const void *)&ss;
	const struct sockaddr_in *in = (const void *)&ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0)
		return;
	if (ss.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, h->address, sizeof(h->address));
	else if (ss.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &in6->sin6_addr, h->address, sizeof(h->address));
	else if (ss.ss_family == AF_INET)
		inet_ntop(AF_INET, &in->sin_addr, h->address, sizeof(h->address));
	if (ss.ss_family == AF_INET || ss.ss_family == AF_INET6)
		h->port = ntohs(ss.ss_family == AF_INET ? in->sin_port : in6->sin6_port);
}

static ssh_channel on_channel(ssh_session ssh, void *arg)
{
	struct connection *c = arg;

	(void)ssh;
	if (c->login.state != LOGIN_DONE)
		return NULL;
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++)
		if (!chan_is_open(&c->channels[i]))
			return chan_open(&c->channels[i], &c->host);
	return NULL;
}

/* Refuses GSSAPI before libssh calls into it, which would read files and ask DNS. */
static ssh_string on_gssapi(ssh_session ssh, const char *user, int n, ssh_string *oids, void *arg)
{
	(void)ssh;
	(void)user;
	(void)n;
	(void)oids;
	(void)arg;
	return NULL;
}

static int set_up_ssh(struct connection *c, const struct connection_start *start)
{
	static struct ssh_server_callbacks_struct callbacks = {
		.gssapi_select_oid_function = on_gssapi,
		.channel_open_request_session_function = on_channel,
	};

	c->ssh = ssh_new();
	c->event = ssh_event_new();
	if (!c->ssh || !c->event)
		return -1;
	/* Not "yes", which would offer "zlib", too: that begins before the login. */
	ssh_options_set(c->ssh, SSH_OPTIONS_COMPRESSION, "none,zlib@openssh.com");
	if (ssh_bind_accept_fd(start->bind, c->ssh, c->fd) != SSH_OK)
		return -1;
	ssh_set_blocking(c->ssh, 0);
	ssh_set_counters(c->ssh, NULL, &c->counted);
	callbacks.userdata = c;
	ssh_callbacks_init(&callbacks);
	ssh_set_server_callbacks(c->ssh, &callbacks);
	return 0;
}

static int set_up(struct connection *c, const struct connection_start *start)
{
	uint64_t now = clock_ms();
	const struct config *config = start->config;

	c->fd = start->socket;
	wire_init(&c->door, start->door);
	/* libssh leaves it blocking and would sleep in send(2) with a client that stopped. */
	tcp_set_up(c->fd);
	read_address(&c->host, c->fd);
	if (sandbox_enter(start->walls) < 0) {
		log_error("cannot set up the sandbox: %s", strerror(errno));
		return -1;
	}
	if (set_up_ssh(c, start) < 0) {
		log_error("libssh: %s", c->ssh ? ssh_get_error(c->ssh) : "out of memory");
		return -1;
	}
	c->handshake_deadline = now + (uint64_t)config->gate.handshake_grace;
	login_init(&c->login, c->ssh, &c->door, config, now + (uint64_t)config->gate.login_grace);
	c->host.ssh = c->ssh;
	c->host.config = config;
	c->host.login = &c->login;
	c->host.now = c->host.typed_at = now;
	visits_init(&c->host.visits, &c->door);
	link_init(&c->host.link);
	probe_init(&c->probe, c->ssh, c->fd);
	return 0;
}

/* -- one turn -- */

/* When this phase ends by itself: ms of clock_ms(), 0 never. */
static uint64_t deadline(const struct connection *c)
{
	uint64_t idle = (uint64_t)c->host.config->gate.idle_timeout;

	if (!c->is_keyed)
		return c->handshake_deadline;
	if (!c->is_in)
		return c->login.ask.deadline;
	if (c->stranded_since)
		return c->stranded_since + STRANDED_MS;
	return idle ? c->host.typed_at + idle : 0;
}

static void end_when_late(struct connection *c)
{
	uint64_t at = deadline(c);

	if (!at || c->host.now < at)
		return;
	if (!c->is_keyed)
		end(c, "handshake grace is over", NULL);
	else if (!c->is_in)
		end(c, "login grace is over", "Too slow: the time to log in is over.");
	else if (c->stranded_since)
		end(c, "the login service was restarted", "The service was restarted: log in again.");
	else
		end(c, "idle for too long", "Nothing was typed for too long.");
}

/* Commands are not held back, so nothing need be known about their link. */
static bool has_terminal(const struct connection *c)
{
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++)
		if (chan_is_open(&c->channels[i]) && c->channels[i].request.has_terminal &&
		    c->channels[i].session)
			return true;
	return false;
}

static int timeout(const struct connection *c)
{
	uint64_t now = clock_ms();
	uint64_t at = deadline(c);
	int ms = -1;

	if (c->has_news)
		return 0;
	if (at)
		ms = at <= now ? 0 : at - now > INT32_MAX ? INT32_MAX : (int)(at - now);
	if (has_terminal(c)) {
		int t = probe_timeout(&c->probe, &c->host.link, clock_us());

		if (t >= 0 && (ms < 0 || t < ms))
			ms = t;
	}
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++) {
		int t = chan_is_open(&c->channels[i]) ? chan_timeout(&c->channels[i]) : -1;

		if (t >= 0 && (ms < 0 || t < ms))
			ms = t;
	}
	return ms;
}

static void fill_poll(struct connection *c, struct pollfd *p)
{
	bool out = ssh_get_status(c->ssh) & SSH_WRITE_PENDING;

	p[POLL_SSH] = (struct pollfd){ c->fd, (short)(POLLIN | (out ? POLLOUT : 0)), 0 };
	/* Before the login is done a callback of libssh reads the door itself. */
	out = wire_is_waiting(&c->door);
	p[POLL_DOOR] = (struct pollfd){ c->door.fd, (short)(out ? POLLOUT : 0), 0 };
	if (c->is_in)
		p[POLL_DOOR].events |= POLLIN;
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++) {
		p[POLL_CHANS + i] = (struct pollfd){ .fd = -1 };
		if (chan_is_open(&c->channels[i]))
			chan_poll(&c->channels[i], &p[POLL_CHANS + i]);
	}
}

/* libssh's own word for a broken greeting is whatever errno happens to be. */
static void end_without_keys(struct connection *c)
{
	const char *version = ssh_get_clientbanner(c->ssh);

	if (version && strncmp(version, "SSH-2.", 6) == 0)
		snprintf(c->no_keys, sizeof(c->no_keys), "no key exchange with %s: %s", version,
			 ssh_get_error(c->ssh));
	else
		snprintf(c->no_keys, sizeof(c->no_keys), "no greeting of SSH 2 from the client");
	end(c, c->no_keys, NULL);
}

static void exchange_keys(struct connection *c)
{
	int r = ssh_handle_key_exchange(c->ssh);

	if (r == SSH_ERROR) {
		end_without_keys(c);
		return;
	}
	/* A quick client may be logged in by the time libssh would say so. */
	if (r != SSH_OK && c->login.state == LOGIN_GOES_ON)
		return;
	c->is_keyed = true;
	/* Not earlier: libssh has nothing to poll before the exchange has begun. */
	if (ssh_event_add_session(c->event, c->ssh) != SSH_OK)
		end(c, "libssh has no event loop", NULL);
	log_info("client %s, %s, %s", ssh_get_clientbanner(c->ssh), ssh_get_kex_algo(c->ssh),
		 ssh_get_cipher_out(c->ssh));
}

static void serve_ssh(struct connection *c)
{
	if (!c->is_in)
		tcp_acknowledge(c->fd);
	if (!c->is_keyed)
		exchange_keys(c);
	else if (ssh_event_dopoll(c->event, 0) == SSH_ERROR)
		end(c, "client left", NULL);
	if (c->login.state == LOGIN_ENDED)
		end(c, c->login.reason, c->login.farewell);
	else if (c->host.is_abused)
		end(c, "client ignores the window", "Flow control was ignored.");
	/* A signature we do not take gets no reply from libssh: nobody is to wait for it. */
	else if (c->is_keyed && c->login.state == LOGIN_GOES_ON &&
		 ssh_get_error_code(c->ssh) == SSH_FATAL)
		end(c, ssh_get_error(c->ssh), "Authentication request not understood.");
}

static void serve_door(struct connection *c, short revents)
{
	if (!revents)
		return;
	if (!c->is_in) {
		if (revents & (POLLHUP | POLLERR))
			end(c, "the login service is gone", "The login service is away. Try again.");
		else
			wire_flush(&c->door);
		return;
	}
	wire_flush(&c->door);
	visits_read_door(&c->host.visits, c->host.now);
}

static void begin_session(struct connection *c)
{
	if (c->is_in || c->login.state != LOGIN_DONE)
		return;
	c->is_in = true;
	c->host.typed_at = c->host.now;
	visits_ask(&c->host.visits, c->host.now);
}

/* No visit can come through a closed door, and none is left. */
static bool is_stranded(const struct connection *c)
{
	if (!c->is_in || !visits_are_over(&c->host.visits))
		return false;
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++)
		if (chan_is_open(&c->channels[i]))
			return false;
	return true;
}

/*
 * One of them may fill the way to the client whenever that has room: so whoever could write
 * goes to the end of the line.
 */
static void serve_channels(struct connection *c, const struct pollfd *p)
{
	size_t first = c->first;

	for (size_t i = 0; i < SSHD_CHANNELS_MAX && !c->reason; i++) {
		size_t at = (first + i) % SSHD_CHANNELS_MAX;
		uint64_t sent = c->host.link.sent;

		if (chan_is_open(&c->channels[at]))
			chan_turn(&c->channels[at], p[at].revents);
		if (c->host.link.sent != sent)
			c->first = (at + 1) % SSHD_CHANNELS_MAX;
	}
}

static void turn(struct connection *c)
{
	struct pollfd p[POLL_COUNT];
	uint64_t packets;

	watchdog_arm(WATCHDOG_SECONDS);
	fill_poll(c, p);
	if (poll(p, POLL_COUNT, timeout(c)) < 0 && errno != EINTR) {
		end(c, "poll failed", NULL);
		return;
	}
	c->host.now = clock_ms();
	if (p[POLL_SSH].revents)
		serve_ssh(c);
	probe_hear(&c->probe, &c->host.link, clock_us());
	begin_session(c);
	serve_door(c, p[POLL_DOOR].revents);
	packets = c->counted.in_packets;
	serve_channels(c, p + POLL_CHANS);
	c->has_news = probe_hear(&c->probe, &c->host.link, clock_us());
	if (has_terminal(c))
		probe_send(&c->probe, &c->host.link, clock_us());
	/* Whatever writes reads, too: an answer, a key, a wider window may have come by now. */
	if (c->counted.in_packets != packets)
		c->has_news = true;
	if (c->is_keyed && !ssh_is_connected(c->ssh))
		end(c, "client left", NULL);
	if (!is_stranded(c))
		c->stranded_since = 0;
	else if (!c->stranded_since)
		c->stranded_since = c->host.now;
	end_when_late(c);
}

/* -- the end -- */

/*
 * libssh closes with whatever it has not sent, and sends at once only what follows a
 * POLLOUT: give it one, and a moment for the rest.
 */
static void flush(struct connection *c)
{
	uint64_t until = clock_ms() + FAREWELL_MS;

	do {
		struct pollfd p = { c->fd, POLLOUT, 0 };
		uint64_t now = clock_ms();

		if (now >= until || poll(&p, 1, (int)(until - now)) <= 0 ||
		    ssh_event_dopoll(c->event, 0) == SSH_ERROR)
			return;
	} while (ssh_is_connected(c->ssh) && (ssh_get_status(c->ssh) & SSH_WRITE_PENDING));
}

static void say_farewell(struct connection *c)
{
	if (!c->farewell || !c->is_keyed || !ssh_is_connected(c->ssh))
		return;
	flush(c);
	ssh_session_set_disconnect_message(c->ssh, c->farewell);
	ssh_disconnect(c->ssh);
}

void connection_run(const struct connection_start *start)
{
	struct connection *c = calloc(1, sizeof(*c));

	log_info("connection from %s port %u", start->peer, start->port);
	if (!c || set_up(c, start) < 0)
		return;
	/* Sends our version; the rest is driven by what comes. */
	exchange_keys(c);
	while (!c->reason)
		turn(c);
	say_farewell(c);
	log_info("closed: %s", c->reason);
}
