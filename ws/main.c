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
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/connections.h"
#include "ipc/log.h"
#include "ipc/role.h"
#include "ws/serve.h"
#include "ws/server.h"

static struct config *config;
static char certificate_error[TEXT_MAX + 1];
static struct sandbox walls;

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

	serve_run(&start);
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
	config_replace(&config, fresh);
	return 0;
}

static int prepare(void)
{
	start_server();
	return sandbox_compile(&walls, SANDBOX_WS_SESSION);
}

static const struct wire_rule rules[] = {
	{ MSG_TLS, ROLE_STARTING | ROLE_RUNNING, take_certificate },
	{ MSG_CONN, ROLE_RUNNING, connections_take },
};

static const struct role ws = {
	.id = ROLE_WS,
	.name = "ws",
	.sandbox = SANDBOX_WS,
	.rules = rules,
	.nrules = sizeof(rules) / sizeof(rules[0]),
	.configured = configured,
	.prepare = prepare,
	.child_ended = connections_ended,
};

int main(void)
{
	connections_init("ws", run_child);
	return role_main(&ws);
}
