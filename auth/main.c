/* SPDX-License-Identifier: ISC */
/*
 * auth: who somebody is, by PAM and by public key. The parent gets a door from gate for
 * each connection and forks a child that keeps it; only the child calls PAM. Never sees
 * libvirt, never reads a byte from the network.
 */
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auth/doors.h"
#include "config/config.h"
#include "ipc/log.h"
#include "ipc/role.h"

static struct config *config;
static struct sandbox door_walls;

/* Children that are there keep the configuration they were forked with. */
static int take_config(struct config *fresh, char *err, size_t errsize)
{
	(void)err;
	(void)errsize;
	doors_configure(fresh);
	config_replace(&config, fresh);
	return 0;
}

/* What every child would load and read for itself: NSS modules, time zone, the filter. */
static int warm_up(void)
{
	gid_t groups[64];
	int n = 64;
	const struct passwd *me = getpwuid(getuid());

	if (me)
		getgrouplist(me->pw_name, me->pw_gid, groups, &n);
	getpwnam("nobody");
	getgrnam("nogroup");
	tzset();
	return sandbox_compile(&door_walls, SANDBOX_AUTH_DOOR);
}

static void take_sibling(enum role_id who, int fd)
{
	if (who == ROLE_CONSOLE)
		doors_set_console(fd);
	else
		close(fd);
}

static int take_door(void *ctx, struct message *m)
{
	(void)ctx;
	if (!config)
		return -1;
	doors_open(&m->u.conn, m->fds[0], &door_walls);
	m->fds[0] = -1;
	return 0;
}

static const struct wire_rule rules[] = {
	{ MSG_DOOR, ROLE_RUNNING, take_door },
};

static const struct role role = {
	.id = ROLE_AUTH,
	.name = "auth",
	.sandbox = SANDBOX_AUTH,
	.rules = rules,
	.nrules = sizeof(rules) / sizeof(rules[0]),
	.configured = take_config,
	.prepare = warm_up,
	.sibling = take_sibling,
	.child_ended = doors_child_ended,
};

int main(void)
{
	return role_main(&role);
}
