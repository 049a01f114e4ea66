/* SPDX-License-Identifier: ISC */
/* See listen.h. */
#include "gate/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/log.h"
#include "ipc/loop.h"
#include "ipc/message.h"

enum {
	BACKLOG = 128,
	BURST = 32,           /* connections of one socket, then others have their turn */
	PAUSE_MS = 1000,      /* when there is no descriptor left */
};

struct listener {
	struct listener *next;
	struct listen_at at;
	int ipv6_only;
	int fd;                         /* -1: closed */
	struct loop_watch watch;        /* fd -1: not in the loop */
	struct loop_timer pause;
	bool is_starved;                /* said so, and nothing was accepted since */
};

struct wanted {
	const struct listen_at *items;
	size_t count;
};

static struct listener *listeners;      /* owned */
static listen_fn arrived;               /* NULL: nobody is accepted yet */

static bool is_wildcard(const struct sockaddr_storage *address)
{
	struct sockaddr_in6 in6;

	memcpy(&in6, address, sizeof(in6));
	return in6.sin6_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
}

/* [::] takes IPv4 as well, unless 0.0.0.0 with that port has a socket of its own. */
static int takes_ipv6_only(const struct wanted *want, const struct config_address *at)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memcpy(&in6, &at->address, sizeof(in6));
	for (size_t i = 0; i < want->count; i++) {
		memcpy(&in, &want->items[i].address.address, sizeof(in));
		if (in.sin_family == AF_INET && in.sin_port == in6.sin6_port &&
		    in.sin_addr.s_addr == htonl(INADDR_ANY))
			return 1;
	}
	return !is_wildcard(&at->address);
}

static int open_socket(const struct config_address *at, int ipv6_only)
{
	const int on = 1;
	int family = at->address.ss_family;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int saved;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (family != AF_INET6 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &ipv6_only, sizeof(ipv6_only)) == 0) &&
	    bind(fd, (const void *)&at->address, at->length) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* On a machine without IPv6, [::] is all of IPv4. */
static int open_address(const struct config_address *at, int ipv6_only)
{
	struct config_address other = { .length = sizeof(struct sockaddr_in) };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6;
	int fd = open_socket(at, ipv6_only);

	if (fd >= 0 || errno != EAFNOSUPPORT || ipv6_only || !is_wildcard(&at->address))
		return fd;
	memcpy(&in6, &at->address, sizeof(in6));
	in.sin_port = in6.sin6_port;
	memcpy(&other.address, &in, sizeof(in));
	return open_socket(&other, 0);
}

static void on_ready(void *owner, unsigned events);

/* New, or after a pause: from now on the loop accepts from it. */
static void begin_accepting(void *owner)
{
	struct listener *l = owner;

	if (loop_add(&l->watch, l->fd, LOOP_READ, on_ready, l) < 0)
		log_error("cannot accept on %s: %s", l->at.address.text, strerror(errno));
}

/* Without a descriptor accept(2) fails, and the socket stays readable: do not spin. */
static void pause_accepting(struct listener *l)
{
	if (!l->is_starved)
		log_error("cannot accept on %s for a while: %s", l->at.address.text, strerror(errno));
	l->is_starved = true;
	loop_remove(&l->watch);
	loop_timer_set(&l->pause, PAUSE_MS, begin_accepting, l);
}

/* accept(2): what was wrong with the one connection that is gone, or with nothing. */
static bool is_passing(int error)
{
	static const int passing[] = {
		EAGAIN, EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH,
		EHOSTDOWN, EHOSTUNREACH, ENONET, EOPNOTSUPP, EPERM,
	};

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (error == passing[i])
			return true;
	return false;
}

static void on_ready(void *owner, unsigned events)
{
	struct listener *l = owner;
	struct sockaddr_storage from;

	(void)events;
	for (int i = 0; i < BURST; i++) {
		socklen_t length = sizeof(from);
		int fd = accept4(l->fd, (void *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (!is_passing(errno))
				pause_accepting(l);
			return;
		}
		l->is_starved = false;
		arrived(fd, &from, length, &l->at);
	}
}

static void close_socket(struct listener *l)
{
	loop_remove(&l->watch);
	loop_timer_clear(&l->pause);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}

/* Puts it into the list; -1 with errno when it cannot be bound (it is freed then). */
static int open_listener(struct listener *l)
{
	l->watch.fd = -1;
	l->fd = open_address(&l->at.address, l->ipv6_only);
	if (l->fd < 0) {
		free(l);
		return -1;
	}
	l->next = listeners;
	listeners = l;
	return 0;
}

static void close_first(void)
{
	struct listener *l = listeners;

	listeners = l->next;
	close_socket(l);
	free(l);
}

static bool is_at(const struct listener *l, const struct config_address *at)
{
	return l->at.address.length == at->length &&
	       memcmp(&l->at.address.address, &at->address, at->length) == 0;
}

/* What it was asked for with; NULL: it is not wanted any more. */
static const struct listen_at *find_wanted(const struct listener *l, const struct wanted *want)
{
	for (size_t i = 0; i < want->count; i++) {
		const struct listen_at *at = &want->items[i];

		if (is_at(l, &at->address) && l->at.endpoint == at->endpoint &&
		    l->ipv6_only == takes_ipv6_only(want, &at->address))
			return at;
	}
	return NULL;
}

/* Closes those that are not wanted, and returns them: they may have to come back. */
static struct listener *take_unwanted(const struct wanted *want)
{
	struct listener *gone = NULL;

	for (struct listener **at = &listeners; *at;) {
		struct listener *l = *at;

		if (find_wanted(l, want)) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		close_socket(l);
		l->next = gone;
		gone = l;
	}
	return gone;
}

static bool is_open(const struct config_address *at)
{
	for (const struct listener *l = listeners; l; l = l->next)
		if (is_at(l, at))
			return true;
	return false;
}

static int open_wanted(const struct wanted *want, char *err, size_t errsize)
{
	for (size_t i = 0; i < want->count; i++) {
		const struct config_address *at = &want->items[i].address;
		struct listener *l;

		if (is_open(at))
			continue;
		l = calloc(1, sizeof(*l));
		if (l) {
			l->at = want->items[i];
			l->ipv6_only = takes_ipv6_only(want, at);
		}
		if (!l || open_listener(l) < 0) {
			snprintf(err, errsize, "cannot listen on %s: %s", at->text,
				 strerror(errno));
			return -1;
		}
	}
	return 0;
}

static void put_back(struct listener *gone)
{
	for (struct listener *next; gone; gone = next) {
		struct config_address at = gone->at.address;

		next = gone->next;
		if (open_listener(gone) < 0)
			log_error("cannot listen on %s again: %s", at.text, strerror(errno));
	}
}

static void add_to_loop(void)
{
	for (struct listener *l = listeners; l && arrived; l = l->next)
		if (l->watch.fd < 0 && !loop_timer_is_set(&l->pause))
			begin_accepting(l);
}

/* With a new certificate an address of the web is plain no longer. */
static void update_open(const struct wanted *want)
{
	for (struct listener *l = listeners; l; l = l->next)
		l->at = *find_wanted(l, want);
}

int listen_set(const struct listen_at *items, size_t count, char *err, size_t errsize)
{
	const struct wanted want = { items, count };
	struct listener *gone = take_unwanted(&want);
	const struct listener *staying = listeners;
	int r = open_wanted(&want, err, errsize);

	if (r < 0) {
		while (listeners != staying)
			close_first();
		put_back(gone);
		gone = NULL;
	}
	for (struct listener *next; gone; gone = next) {
		next = gone->next;
		free(gone);
	}
	if (r == 0)
		update_open(&want);
	add_to_loop();
	return r;
}

void listen_accept(listen_fn fn)
{
	arrived = fn;
	add_to_loop();
}

void listen_log(void)
{
	for (const struct listener *l = listeners; l; l = l->next)
		log_info("listening on %s%s", l->at.address.text,
			 l->at.endpoint == ENDPOINT_SSH ? "" : l->at.plain ? " (http)" : " (https)");
}

void listen_close(void)
{
	while (listeners)
		close_first();
}
