/* SPDX-License-Identifier: ISC */
/*
 * The process `console`: who may do what, and everything about consoles that is not
 * libvirt's. Asks virt for lines and watches; gets visits from auth and from nobody else.
 */
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "console/auth.h"
#include "console/awake.h"
#include "console/disk_keep.h"
#include "console/host.h"
#include "console/hub.h"
#include "console/logging.h"
#include "console/visit.h"
#include "ipc/role.h"

enum {
	MAPPED_FROM = 65536,         /* bytes; a ring is never smaller */
	RECORDS_MAX = 64 * 1024 * 1024,  /* for gate: the ends of all attachments, at one blow */
};

static struct config *config;

static void take_sibling(enum role_id who, int fd)
{
	if (who == ROLE_VIRT) {
		host_virt(fd);
		return;
	}
	if (who == ROLE_AUTH)
		auth_open(fd);
	else
		close(fd);
}

static int take_latency(void *ctx, struct message *m)
{
	(void)ctx;
	awake_open(m->fds[0]);
	m->fds[0] = -1;
	return 0;
}

static int take_configuration(struct config *new, char *err, size_t errsize)
{
	(void)err;
	(void)errsize;
	awake_configure(new->console.stay_awake == CONFIG_AWAKE_KEYS);
	keep_configure(new);
	logging_configure(new);
	/* The new rules first: what they take away is gone before new guests come in. */
	visit_configure(new);
	host_configure(new);
	config_replace(&config, new);
	return 0;
}

/* Before the walls: from then on no process of ours can be made. */
static int start_log(void)
{
	logging_open(disk_keep_start());
	role_gate()->wire.limit = RECORDS_MAX;
	return 0;
}

static const struct wire_rule rules[] = {
	{ MSG_AWAKE, ROLE_STARTING | ROLE_RUNNING, take_latency },
};

static const struct role console = {
	.id = ROLE_CONSOLE,
	.name = "console",
	.sandbox = SANDBOX_CONSOLE,
	.rules = rules,
	.nrules = sizeof(rules) / sizeof(rules[0]),
	.configured = take_configuration,
	.prepare = start_log,
	.sibling = take_sibling,
};

int main(void)
{
	/* Rings are mapped, each by itself, for as long as this runs: untouched pages cost nothing. */
	mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
	return role_main(&console);
}
