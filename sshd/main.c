/* SPDX-License-Identifier: ISC */
/*
 * The process `sshd`: the only one that speaks SSH. The parent keeps the host keys and
 * forks a child for every connection that gate hands in; it never reads a byte from the
 * network itself, and tells gate when a child begins and ends. Its sessions outlive it.
 *
 * gate sends the host keys (MSG_KEY) before the end of the configuration they go with.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/role.h"
#include "sshd/connection.h"
#include "sshd/hostkeys.h"
#include "sshd/warmup.h"

/* A connection's child, until it is reaped. */
struct visitor {
	LIST_ENTRY(visitor) entry;
	uint64_t conn;
	pid_t pid;
	struct peer link;      /* its log */
};

static LIST_HEAD(, visitor) visitors = LIST_HEAD_INITIALIZER(visitors);
static struct config *config;
static ssh_bind server;
static struct hostkeys incoming;
static bool incoming_is_bad;
static struct sandbox walls;

/* -- from children -- */

static int take_log(void *ctx, struct message *m)
{
	(void)ctx;
	log_forward(m->u.log.priority, m->u.log.text);
	return 0;
}

/* The child is ending; what is to be done is done when it is reaped. */
static void link_gone(void *owner)
{
	(void)owner;
}

static const struct wire_rule link_rules[] = {
	{ MSG_LOG, 1, take_log },
};

static const struct peer_kind link_kind = { "connection", link_rules, 1, link_gone, NULL };

static struct visitor *find_visitor(pid_t pid)
{
	struct visitor *v;

	LIST_FOREACH(v, &visitors, entry)
		if (v->pid == pid)
			return v;
	return NULL;
}

static void child_ended(pid_t pid, int status)
{
	struct visitor *v = find_visitor(pid);
	struct msg_conn_end end;
	struct message m;

	if (!v)
		return;
	/* Its last lines may still be under way. */
	while (peer_is_open(&v->link) && wire_receive(&v->link.wire, &m) > 0)
		wire_dispatch(link_rules, 1, 1, &m, v);
	if (WIFSIGNALED(status))
		log_warn("connection %llu: its process died of signal %d",
			 (unsigned long long)v->conn, WTERMSIG(status));
	end.conn = v->conn;
	peer_send(role_gate(), MSG_CONN_END, &end);
	peer_close(&v->link);
	LIST_REMOVE(v, entry);
	free(v);
}

/* -- from gate -- */

static int take_key(void *ctx, struct message *m)
{
	(void)ctx;
	if (hostkeys_add(&incoming, (const char *)m->u.key.text.data, m->u.key.text.len) < 0)
		incoming_is_bad = true;
	wire_wipe();
	return 0;
}

static void run_child(const struct msg_conn *m, int socket, int door)
{
	struct connection_start start = {
		.socket = socket, .door = door, .peer = m->peer, .port = m->port,
		.config = config, .bind = server, .walls = &walls,
	};

	log_prefix("sshd[%llu]", (unsigned long long)m->conn);
	connection_run(&start);
	_exit(0);
}

static int take_connection(void *ctx, struct message *m)
{
	static struct wire link;
	struct visitor *v = calloc(1, sizeof(*v));
	struct msg_conn_end end = { m->u.conn.conn };
	struct msg_conn_pid started = { .conn = m->u.conn.conn };
	struct child child;

	(void)ctx;
	if (!v)
		goto fail;
	v->conn = m->u.conn.conn;
	v->pid = child_fork(&child, &link, m->fds, 2, false);
	if (v->pid < 0)
		goto fail;
	if (v->pid == 0)
		run_child(&m->u.conn, m->fds[0], m->fds[1]);
	LIST_INSERT_HEAD(&visitors, v, entry);
	/* Without its log a connection is still one. */
	if (peer_open(&v->link, child.link.fd, &link_kind, 1, v) < 0)
		log_warn("connection %llu: no way for its log", (unsigned long long)v->conn);
	started.pid = (uint32_t)v->pid;
	peer_send(role_gate(), MSG_CONN_PID, &started);
	return 0;
fail:
	log_error("connection %llu: no process for it: %s", (unsigned long long)end.conn,
		  strerror(errno));
	peer_send(role_gate(), MSG_CONN_END, &end);
	free(v);
	return 0;
}

/* -- the role -- */

/* No keys with a later configuration: the old ones stay. */
static int take_keys(char *err, size_t errsize)
{
	ssh_bind fresh;

	if (incoming_is_bad) {
		snprintf(err, errsize, "ssh host-key: a file is not a private key in OpenSSH or "
			 "PEM form without a passphrase, or there are more than %d", HOSTKEYS_MAX);
		return -1;
	}
	if (incoming.count == 0 && server)
		return 0;
	fresh = hostkeys_bind(&incoming, err, errsize);
	if (!fresh)
		return -1;
	ssh_bind_free(server);
	server = fresh;
	return 0;
}

static int configured(struct config *fresh, char *err, size_t errsize)
{
	int r = take_keys(err, errsize);

	incoming_is_bad = false;
	hostkeys_free(&incoming);
	if (r < 0)
		return -1;
	config_free(config);
	free(config);
	config = fresh;
	return 0;
}

static int prepare(void)
{
	if (warmup_run(server) < 0)
		return -1;
	return sandbox_compile(&walls, SANDBOX_SSHD_SESSION);
}

static const struct wire_rule rules[] = {
	{ MSG_KEY, ROLE_STARTING | ROLE_RUNNING, take_key },
	{ MSG_CONN, ROLE_RUNNING, take_connection },
};

static const struct role sshd = {
	.id = ROLE_SSHD,
	.name = "sshd",
	.sandbox = SANDBOX_SSHD,
	.rules = rules,
	.nrules = sizeof(rules) / sizeof(rules[0]),
	.configured = configured,
	.prepare = prepare,
	.child_ended = child_ended,
};

int main(int argc, char **argv)
{
	/* gate opens the new file; this process, without rights, fills it. */
	if (argc == 2 && strcmp(argv[1], "--host-key") == 0) {
		if (hostkeys_generate(STDOUT_FILENO) == 0)
			return 0;
		fprintf(stderr, "sshd: cannot make a host key\n");
		return 1;
	}
	return role_main(&sshd);
}
