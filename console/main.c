/* SPDX-License-Identifier: ISC */
/*
 * The process `console`: who may do what, and everything about consoles that is not
 * libvirt's. Asks virt for lines and watches; gets visits from auth and from nobody else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "console/host.h"
#include "console/hub.h"
#include "console/visit.h"
#include "ipc/log.h"
#include "ipc/role.h"

enum { STATE_AUTH = 1 };

static struct config *config;
static struct peer auth = PEER_CLOSED;

static int take_identity(void *owner, struct message *m)
{
	(void)owner;
	visit_open(m);
	return 0;
}

static void auth_gone(void *owner)
{
	(void)owner;
}

static const struct wire_rule auth_rules[] = { { MSG_IDENTITY, STATE_AUTH, take_identity } };
static const struct peer_kind auth_kind = { "auth", auth_rules, 1, auth_gone, NULL };

static void take_sibling(enum role_id who, int fd)
{
	if (who == ROLE_VIRT) {
		host_virt(fd);
		return;
	}
	if (who != ROLE_AUTH) {
		close(fd);
		return;
	}
	peer_close(&auth);
	if (peer_open(&auth, fd, &auth_kind, STATE_AUTH, NULL) < 0)
		log_error("the way to auth cannot be opened");
}

static int take_configuration(struct config *new, char *err, size_t errsize)
{
	struct config *old = config;

	(void)err;
	(void)errsize;
	config = new;
	hub_configure(new);
	/* The new rules first: what they take away is gone before new guests come in. */
	visit_configure(new);
	host_configure(new);
	config_free(old);
	free(old);
	return 0;
}

static const struct role console = {
	.id = ROLE_CONSOLE,
	.name = "console",
	.sandbox = SANDBOX_CONSOLE,
	.configured = take_configuration,
	.sibling = take_sibling,
};

int main(void)
{
	return role_main(&console);
}
