/* SPDX-License-Identifier: ISC */
/*
 * The role virt: the only one that knows libvirt. This is its parent: console asks it
 * for a watch of a host, a line to a console or an act on a guest and gives a socket
 * along; it forks a child with that socket and forgets it. It must never block and never
 * open a connection to libvirt: a child forked from a process with one would share its
 * socket.
 */
#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "ipc/log.h"
#include "ipc/role.h"
#include "virt/act.h"
#include "virt/events.h"
#include "virt/line.h"
#include "virt/watch.h"
#include "virt/workers.h"

static struct config *config;
static struct peer console = { .wire.fd = -1 };
static struct sandbox watch_walls, line_walls, line_open_walls, act_walls;

static const char *find_uri(const struct config *c, const char *host)
{
	for (size_t i = 0; i < c->host_count; i++)
		if (strcmp(c->hosts[i].name, host) == 0)
			return c->hosts[i].uri;
	return NULL;
}

/* Answers on the socket of a child that is not to be. Takes it over. */
static void refuse(int *fd, enum message_type type, const void *fields)
{
	struct wire w;

	wire_init(&w, *fd);
	*fd = -1;
	wire_try_send(&w, type, fields);
	wire_close(&w);
}

static void enter(const struct sandbox *walls)
{
	if (sandbox_enter(walls) < 0)
		fatal("cannot set up the sandbox: %s", strerror(errno));
}

static void start_watch(const struct msg_watch_host *order, const char *uri, int *fd)
{
	struct msg_host down = { .up = 0 };
	pid_t pid = uri ? workers_fork(WORKER_WATCH, order->host, order->host, *fd) : -1;

	if (pid == 0) {
		enter(&watch_walls);
		watch_run(uri, *fd);
	}
	if (pid > 0)
		return;
	snprintf(down.text, sizeof(down.text), "cannot watch host %s: %s", order->host,
		 uri ? strerror(errno) : "it is not in the configuration");
	log_warn("%s", down.text);
	refuse(fd, MSG_HOST, &down);
}

enum { LABEL_SIZE = 16 };

static void write_label(char label[LABEL_SIZE], const uint8_t *uuid)
{
	snprintf(label, LABEL_SIZE, "%02x%02x%02x%02x", uuid[0], uuid[1], uuid[2], uuid[3]);
}

static void start_line(const struct msg_open_line *order, const char *uri, int *fd)
{
	struct msg_line_failed failed = { .line = LINE_FAILED };
	char label[LABEL_SIZE];
	pid_t pid = -1;

	write_label(label, order->uuid);
	if (uri)
		pid = workers_fork(WORKER_LINE, order->host, label, *fd);
	if (pid == 0) {
		enter(&line_walls);
		line_run(uri, order, &line_open_walls, *fd);
	}
	if (pid > 0)
		return;
	snprintf(failed.text, sizeof(failed.text), "cannot open a line to host %s: %s",
		 order->host, uri ? strerror(errno) : "it is not in the configuration");
	log_warn("%s", failed.text);
	refuse(fd, MSG_LINE_FAILED, &failed);
}

static void start_act(const struct msg_do_act *order, const char *uri, int *fd)
{
	struct msg_act_result failed = { .code = REFUSED_FAILED };
	char label[LABEL_SIZE];
	pid_t pid = -1;

	write_label(label, order->uuid);
	if (uri)
		pid = workers_fork(WORKER_ACT, order->host, label, *fd);
	if (pid == 0) {
		enter(&act_walls);
		act_run(uri, order, *fd);
	}
	if (pid > 0)
		return;
	snprintf(failed.text, sizeof(failed.text), "cannot reach host %s: %s", order->host,
		 !uri ? "it is not in the configuration" : errno == EAGAIN
		 ? "too many acts are under way; try again in a moment" : strerror(errno));
	log_warn("%s", failed.text);
	refuse(fd, MSG_ACT_RESULT, &failed);
}

static int take_watch(void *owner, struct message *m)
{
	(void)owner;
	start_watch(&m->u.watch_host, find_uri(config, m->u.watch_host.host), &m->fds[0]);
	return 0;
}

static int take_line(void *owner, struct message *m)
{
	(void)owner;
	start_line(&m->u.open_line, find_uri(config, m->u.open_line.host), &m->fds[0]);
	return 0;
}

static int take_act(void *owner, struct message *m)
{
	(void)owner;
	start_act(&m->u.do_act, find_uri(config, m->u.do_act.host), &m->fds[0]);
	return 0;
}

static void console_gone(void *owner)
{
	(void)owner;
	workers_kill();
}

static const struct wire_rule console_rules[] = {
	{ MSG_WATCH_HOST, 1, take_watch },
	{ MSG_OPEN_LINE, 1, take_line },
	{ MSG_DO_ACT, 1, take_act },
};
static const struct peer_kind console_kind = {
	"console", console_rules, sizeof(console_rules) / sizeof(console_rules[0]),
	console_gone, NULL,
};

/* A new socket means a new console: nobody listens to the children of the old one. */
static void take_sibling(enum role_id who, int fd)
{
	if (who != ROLE_CONSOLE) {
		log_warn("a socket to a role that virt has nothing to do with");
		refuse(&fd, MSG_NONE, NULL);
		return;
	}
	if (peer_is_open(&console)) {
		peer_close(&console);
		workers_kill();
	}
	if (peer_open(&console, fd, &console_kind, 1, NULL) < 0)
		log_error("console: %s", strerror(errno));
}

/* A child keeps the address it was forked with; console asks for another one. */
static void end_moved(const struct config *old, const struct config *fresh)
{
	for (size_t i = 0; i < old->host_count; i++) {
		const char *uri = find_uri(fresh, old->hosts[i].name);

		if (!uri || strcmp(uri, old->hosts[i].uri) != 0)
			workers_kill_host(old->hosts[i].name);
	}
}

static int configured(struct config *fresh, char *err, size_t errsize)
{
	(void)err;
	(void)errsize;
	if (config)
		end_moved(config, fresh);
	config_replace(&config, fresh);
	return 0;
}

/* libvirt would print them on standard error; who asked gets them as a result. */
static void ignore_error(void *arg, virErrorPtr error)
{
	(void)arg;
	(void)error;
}

/* All that children need and can share. */
static int prepare(void)
{
	virSetErrorFunc(NULL, ignore_error);
	errno = EINVAL;
	if (virInitialize() < 0)
		return -1;
	events_register();
	xmlInitParser();
	if (sandbox_compile(&watch_walls, SANDBOX_WATCH) < 0 ||
	    sandbox_compile(&line_walls, SANDBOX_LINE) < 0 ||
	    sandbox_compile(&line_open_walls, SANDBOX_LINE_OPEN) < 0 ||
	    sandbox_compile(&act_walls, SANDBOX_ACT) < 0)
		return -1;
	return 0;
}

static const struct role role = {
	.id = ROLE_VIRT,
	.name = "virt",
	.sandbox = SANDBOX_VIRT,
	.configured = configured,
	.prepare = prepare,
	.sibling = take_sibling,
	.child_ended = workers_ended,
};

int main(void)
{
	return role_main(&role);
}
