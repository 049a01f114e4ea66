/* SPDX-License-Identifier: ISC */
/*
 * The process `ws`: the only one that speaks HTTP and WebSocket. The parent keeps the
 * certificate and libwebsockets' context, and forks a child for every connection that gate
 * hands in; it never reads a byte from the network itself, and tells gate when a child
 * begins and ends. Its sessions outlive it.
 *
 * gate sends the certificate (MSG_TLS) before the end of the configuration it goes with;
 * without one only plain connections are handed in.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/role.h"
#include "ws/serve.h"
#include "ws/server.h"

/* A connection's child, until it is reaped. */
struct visitor {
	LIST_ENTRY(visitor) entry;
	uint64_t conn;
	pid_t pid;
	struct peer link;      /* its log */
};

static LIST_HEAD(, visitor) visitors = LIST_HEAD_INITIALIZER(visitors);
static struct config *config;
static char certificate_error[TEXT_MAX + 1];
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

/* Made as whom gate has said to be, and once: before the first certificate, or without one. */
static void start_server(void)
{
	if (!server_context() && server_start() < 0)
		fatal("libwebsockets or OpenSSL does not start");
}

/* A pair that does not fit makes the whole configuration one that is refused. */
static int take_certificate(void *ctx, struct message *m)
{
	(void)ctx;
	certificate_error[0] = '\0';
	start_server();
	server_set_certificate(m->u.tls.chain, m->u.tls.key, certificate_error,
			       sizeof(certificate_error));
	wire_wipe();
	return 0;
}

static void run_child(const struct msg_conn *m, int socket, int door)
{
	struct serve_start start = {
		.socket = socket, .door = door, .is_plain = m->plain, .peer = m->peer,
		.port = m->port, .config = config, .walls = &walls,
	};

	log_prefix("ws[%llu]", (unsigned long long)m->conn);
	serve_run(&start);
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

static int configured(struct config *fresh, char *err, size_t errsize)
{
	bool is_bad = certificate_error[0];

	if (is_bad)
		memcpy(err, certificate_error, errsize < sizeof(certificate_error)
		       ? errsize : sizeof(certificate_error));
	certificate_error[0] = '\0';
	if (is_bad)
		return -1;
	config_free(config);
	free(config);
	config = fresh;
	return 0;
}

static int prepare(void)
{
	start_server();
	return sandbox_compile(&walls, SANDBOX_WS_SESSION);
}

static const struct wire_rule rules[] = {
	{ MSG_TLS, ROLE_STARTING | ROLE_RUNNING, take_certificate },
	{ MSG_CONN, ROLE_RUNNING, take_connection },
};

static const struct role ws = {
	.id = ROLE_WS,
	.name = "ws",
	.sandbox = SANDBOX_WS,
	.rules = rules,
	.nrules = sizeof(rules) / sizeof(rules[0]),
	.configured = configured,
	.prepare = prepare,
	.child_ended = child_ended,
};

int main(void)
{
	return role_main(&ws);
}
