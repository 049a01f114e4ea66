/* SPDX-License-Identifier: ISC */
/*
 * The real console process on a stage, for the check_*.c that include it: the test plays gate,
 * auth and virt, which knows one guest, and whoever comes.
 */
#ifndef CONSOLE_STAGE_H
#define CONSOLE_STAGE_H

#include <sys/wait.h>

#include "ipc/clock.h"
#include "tests/role_stage.h"
#include "tests/suite.h"

enum { WAIT = 30000 };

static const uint8_t uuid[UUID_SIZE] = { 7 };
static struct msg_domain guest = { .name = "web1", .state = GUEST_OFF, .consoles = "serial0" };
static struct wire auth = { .fd = -1 }, virt = { .fd = -1 }, watch = { .fd = -1 };
static pid_t console;
static char directory[64];           /* of logs */

static inline void configure(void)
{
	option("console", "", "log-directory", directory);
	option("host", "h", "", "");
	option("access", "a", "", "");
	option("access", "a", "users", "alice bob");
	option("access", "a", "guests", "*");
	option("access", "a", "may", "view type power");
	options_end();
}

static inline struct message expect(struct wire *w, enum message_type type)
{
	struct message m;

	do
		ck_assert_msg(wire_wait(w, &m, WAIT) == 1, "no %s", message_name(type));
	while (m.type != type);
	return m;
}

/* One host with one guest. */
static inline void tell_of_guest(void)
{
	struct message m = expect(&virt, MSG_WATCH_HOST);

	wire_init(&watch, m.fds[0]);
	memcpy(guest.uuid, uuid, UUID_SIZE);
	wire_send(&watch, MSG_HOST, &(struct msg_host){ 1, "" });
	wire_send(&watch, MSG_DOMAIN, &guest);
	wire_send(&watch, MSG_DOMAINS_END, NULL);
}

static inline void set_up(void)
{
	strcpy(directory, "/tmp/console-stage.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	console = start_role("console", ROLE_CONSOLE);
	configure();
	expect(&gate, MSG_READY);
	join(ROLE_VIRT, &virt);
	join(ROLE_AUTH, &auth);
	tell_of_guest();
}

static inline void tear_down(void)
{
	char command[128];
	int status;

	wire_close(&gate);
	ck_assert_int_eq(waitpid(console, &status, 0), console);
	ck_assert_msg(status == 0, "console ended with %#x", status);
	wire_close(&auth);
	wire_close(&virt);
	wire_close(&watch);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	ck_assert_int_eq(system(command), 0);
}

static inline struct wire come_as(const char *user, uint64_t conn)
{
	struct msg_identity id = { .conn = conn, .endpoint = ENDPOINT_SSH, .peer = "192.0.2.1" };
	struct wire w;
	int fds[2];

	strcpy(id.user, user);
	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(&w, fds[0]);
	ck_assert_int_eq(wire_send_fds(&auth, MSG_IDENTITY, &id, &fds[1], 1), 0);
	return w;
}

static inline struct wire come(uint64_t conn)
{
	return come_as("alice", conn);
}

/* Runs the suite of one program, each test so often; what it returns is the exit status. */
static inline int run_tests(const char *name, const TTest *const *tests, size_t ntests, int times,
			    SFun before, SFun after)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, before, after);
	for (size_t i = 0; i < ntests; i++)
		tcase_add_loop_test(tcase, tests[i], 0, times);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}

#endif
