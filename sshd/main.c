/* SPDX-License-Identifier: ISC */
/*
 * The process `sshd`: the only one that speaks SSH. The parent keeps the host keys and
 * forks a child for every connection that gate hands in; it never reads a byte from the
 * network itself, and tells gate when a child begins and ends. Its sessions outlive it.
 *
 * gate sends the host keys (MSG_KEY) before the end of the configuration they go with.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/connections.h"
#include "ipc/log.h"
#include "ipc/role.h"
#include "sshd/connection.h"
#include "sshd/hostkeys.h"
#include "sshd/warmup.h"

static struct config *config;
static ssh_bind server;
static struct hostkeys incoming;
static bool incoming_is_bad;
static struct sandbox walls;

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

	connection_run(&start);
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
	config_replace(&config, fresh);
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
	{ MSG_CONN, ROLE_RUNNING, connections_take },
};

static const struct role sshd = {
	.id = ROLE_SSHD,
	.name = "sshd",
	.sandbox = SANDBOX_SSHD,
	.rules = rules,
	.nrules = sizeof(rules) / sizeof(rules[0]),
	.configured = configured,
	.prepare = prepare,
	.child_ended = connections_ended,
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
	connections_init("sshd", run_child);
	return role_main(&sshd);
}
