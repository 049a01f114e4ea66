/* SPDX-License-Identifier: ISC */
/* See connections.h. */
#include "ipc/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/peer.h"
#include "ipc/role.h"

/* A connection's child, until it is reaped. */
struct connection {
	LIST_ENTRY(connection) entry;
	uint64_t conn;
	pid_t pid;
	struct peer link;      /* its log */
};

static LIST_HEAD(, connection) connections = LIST_HEAD_INITIALIZER(connections);
static const char *name;
static void (*run)(const struct msg_conn *m, int socket, int door);

void connections_init(const char *role, void (*child)(const struct msg_conn *, int, int))
{
	name = role;
	run = child;
}

/* The child is ending; what is to be done is done when it is reaped. */
static void link_gone(void *owner)
{
	(void)owner;
}

static const struct wire_rule link_rules[] = {
	{ MSG_LOG, 1, child_take_log },
};

static const struct peer_kind link_kind = { "connection", link_rules, 1, link_gone, NULL };

static struct connection *find(pid_t pid)
{
	struct connection *c;

	LIST_FOREACH(c, &connections, entry)
		if (c->pid == pid)
			return c;
	return NULL;
}

void connections_ended(pid_t pid, int status)
{
	struct connection *c = find(pid);
	struct msg_conn_end end;
	struct message m;

	if (!c)
		return;
	/* Its last lines may still be under way. */
	while (peer_is_open(&c->link) && wire_receive(&c->link.wire, &m) > 0)
		wire_dispatch(link_rules, 1, 1, &m, c);
	if (WIFSIGNALED(status))
		log_warn("connection %llu: its process died of signal %d",
			 (unsigned long long)c->conn, WTERMSIG(status));
	end.conn = c->conn;
	peer_send(role_gate(), MSG_CONN_END, &end);
	peer_close(&c->link);
	LIST_REMOVE(c, entry);
	free(c);
}

static void run_child(const struct message *m)
{
	log_prefix("%s[%llu]", name, (unsigned long long)m->u.conn.conn);
	run(&m->u.conn, m->fds[0], m->fds[1]);
	_exit(0);
}

int connections_take(void *ctx, struct message *m)
{
	static struct wire link;
	struct connection *c = calloc(1, sizeof(*c));
	struct msg_conn_end end = { m->u.conn.conn };
	struct msg_conn_pid started = { .conn = m->u.conn.conn };
	struct child child;

	(void)ctx;
	if (!c)
		goto fail;
	c->conn = m->u.conn.conn;
	c->pid = child_fork(&child, &link, m->fds, 2, false);
	if (c->pid < 0)
		goto fail;
	if (c->pid == 0)
		run_child(m);
	LIST_INSERT_HEAD(&connections, c, entry);
	/* Without its log a connection is still one. */
	if (peer_open(&c->link, child.link.fd, &link_kind, 1, c) < 0)
		log_warn("connection %llu: no way for its log", (unsigned long long)c->conn);
	started.pid = (uint32_t)c->pid;
	peer_send(role_gate(), MSG_CONN_PID, &started);
	return 0;
fail:
	log_error("connection %llu: no process for it: %s", (unsigned long long)end.conn,
		  strerror(errno));
	peer_send(role_gate(), MSG_CONN_END, &end);
	free(c);
	return 0;
}
