/* SPDX-License-Identifier: ISC */
/*
 * What a test does that plays gate for the real process of a role: starts
 * libexec/serialgate/NAME with a socket as descriptor 3 and nothing else, says who it is,
 * configures it, gives it siblings, which the test plays, too. Included once by each program,
 * which owns the way to the role.
 */
#ifndef TESTS_ROLE_STAGE_H
#define TESTS_ROLE_STAGE_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/wire.h"

static struct wire gate = { .fd = -1 };

static inline const char *role_program(const char *name)
{
	static char path[512];
	const char *build = getenv("BUILD");

	snprintf(path, sizeof(path), "%s/libexec/serialgate/%s", build ? build : "build", name);
	return path;
}

/* Its pid. What follows is its configuration. */
static inline pid_t start_role(const char *name, enum role_id id)
{
	const struct msg_hello hello = { .role = (uint8_t)id };
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(wire_pair(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(fds[1], 3);
		/* Were they the same, it would be closed by exec(3). */
		fcntl(3, F_SETFD, 0);
		execl(role_program(name), name, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	wire_init(&gate, fds[0]);
	ck_assert_int_eq(wire_send(&gate, MSG_HELLO, &hello), 0);
	return pid;
}

static inline void option(const char *section, const char *name, const char *key, const char *value)
{
	struct msg_config m = { .value = { (const uint8_t *)value, strlen(value) } };

	snprintf(m.section, sizeof(m.section), "%s", section);
	snprintf(m.name, sizeof(m.name), "%s", name);
	snprintf(m.key, sizeof(m.key), "%s", key);
	ck_assert_int_eq(wire_send(&gate, MSG_CONFIG, &m), 0);
}

static inline void options_end(void)
{
	ck_assert_int_eq(wire_send(&gate, MSG_CONFIG_END, NULL), 0);
}

/* A new socket between the role and w, in place of the one before. */
static inline void join(enum role_id who, struct wire *w)
{
	const struct msg_sibling m = { (uint8_t)who };
	int fds[2];

	ck_assert_int_eq(wire_pair(fds), 0);
	wire_close(w);
	wire_init(w, fds[0]);
	ck_assert_int_eq(wire_send_fds(&gate, MSG_SIBLING, &m, &fds[1], 1), 0);
}

#endif
