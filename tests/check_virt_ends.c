/* SPDX-License-Identifier: ISC */
/*
 * The role virt against a real libvirtd: what happens when a guest, QEMU, the daemon,
 * console or virt itself ends, hangs or comes back.
 */
#include "tests/virt_role.h"

START_TEST(reset_keeps_the_line)
{
	struct msg_domain g = { 0 }, before = { 0 };
	struct wire w, line;

	watch(&w, "h");
	listed(&w, "run", &before);
	opened(&line, "run");
	virsh("reset run");
	do
		wait_for_state(&w, "run", GUEST_RUNNING, &g);
	while (!g.reset);
	ck_assert_uint_eq(g.id, before.id);
	read_until(&line, "tiny: ready", 0);
	wire_close(&line);
	wire_close(&w);
}
END_TEST

START_TEST(destroy_and_start)
{
	struct msg_domain g = { 0 };
	struct msg_uuid ask;
	struct message m;
	struct wire w, line;
	uint32_t id;

	watch(&w, "h");
	listed(&w, "run", &g);
	id = g.id;
	opened(&line, "run");
	virsh("destroy run");
	wait_for_end(&line, false);
	wait_for_state(&w, "run", GUEST_OFF, &g);
	ck_assert_uint_eq(g.id, 0);
	virsh("start run");
	wait_for_state(&w, "run", GUEST_RUNNING, &g);
	ck_assert_uint_ne(g.id, id);
	uuid_of("run", ask.uuid);
	while (next(&w, &m, 200) == 1)
		;
	ck_assert_int_eq(wire_send(&w, MSG_REFRESH, &ask), 0);
	wait_for_state(&w, "run", GUEST_RUNNING, &g);
	memset(ask.uuid, 7, sizeof(ask.uuid));
	ck_assert_int_eq(wire_send(&w, MSG_REFRESH, &ask), 0);
	expect(&w, &m, MSG_DOMAIN_GONE);
	wire_close(&w);
}
END_TEST

static enum guest_state listed_state(const char *name)
{
	struct msg_domain g = { 0 };
	struct wire w;

	watch(&w, "h");
	listed(&w, name, &g);
	wire_close(&w);
	return g.state;
}

START_TEST(qemu_dies)
{
	struct wire line;
	char out[64];

	opened(&line, "run");
	ck_assert_int_eq(run(out, sizeof(out), "pkill -9 -f '[g]uest=run,.*%s/'", base), 0);
	wait_for_end(&line, false);
	while (listed_state("run") != GUEST_OFF)
		;
	virsh("start run");
}
END_TEST

START_TEST(guests_come_and_go)
{
	struct msg_domain g = { 0 };
	struct message m;
	struct wire w;

	watch(&w, "h");
	listed(&w, "run", &g);
	libvirt("define", "new tiny --off");
	wait_for_state(&w, "new", GUEST_OFF, &g);
	virsh("undefine new");
	do
		ck_assert_int_eq(next(&w, &m, WAIT_MS), 1);
	while (m.type == MSG_DOMAIN);
	ck_assert_int_eq(m.type, MSG_DOMAIN_GONE);
	ck_assert_mem_eq(m.u.uuid.uuid, g.uuid, UUID_SIZE);
	wire_close(&w);
}
END_TEST

/* Only root may look into a process that is not dumpable; a user's test has 0 twice. */
static int open_files(pid_t pid)
{
	char path[64];
	DIR *dir;
	int n = 0;

	if (geteuid() != 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

START_TEST(daemon_dies_and_comes_back)
{
	struct msg_domain g = { 0 };
	struct message m;
	struct wire w, line;
	int files = 0;
	pid_t pid = 0;

	watch(&w, "h");
	listed(&w, "run", &g);
	ck_assert_int_eq(children(&pid), 1);
	for (int i = 0; i < 5; i++) {
		opened(&line, "run");
		kill(daemon_pid(), SIGKILL);
		wait_for_end(&line, false);
		do
			ck_assert_int_eq(next(&w, &m, WAIT_MS), 1);
		while (m.type == MSG_DOMAIN);
		ck_assert_int_eq(m.type, MSG_HOST);
		ck_assert_int_eq(m.u.host.up, 0);
		libvirt("start", "");
		ck_assert_int_eq(listed(&w, "run", &g), 4);
		ck_assert_int_eq(g.state, GUEST_RUNNING);
		if (i == 0)
			files = open_files(pid);
	}
	ck_assert_int_eq(open_files(pid), files);
	if (geteuid() != 0)
		fprintf(stderr, "skipped: counting a watch's descriptors takes root\n");
	wire_close(&w);
}
END_TEST

START_TEST(daemon_hangs)
{
	struct msg_domain g = { 0 };
	struct message m;
	struct wire w;
	pid_t pid = daemon_pid();
	int64_t start;

	watch(&w, "h");
	listed(&w, "run", &g);
	kill(pid, SIGSTOP);
	start = clock_ms();
	expect(&w, &m, MSG_HOST);
	kill(pid, SIGCONT);
	ck_assert_int_eq(m.u.host.up, 0);
	ck_assert_int_lt(clock_ms() - start, 15000);
	ck_assert_int_eq(listed(&w, "run", &g), 4);
	wire_close(&w);
}
END_TEST

START_TEST(children_end_with_console_and_parent)
{
	struct msg_domain g = { 0 };
	struct wire w, line;
	struct message m;

	watch(&w, "h");
	listed(&w, "run", &g);
	opened(&line, "run");
	new_console();
	wait_for_children(0);
	wire_close(&w);
	wire_close(&line);
	watch(&w, "h");
	listed(&w, "run", &g);
	kill(role_pid, SIGKILL);
	while (next(&w, &m, SHORT_MS) == 1)
		;
	ck_assert_int_eq(next(&w, &m, SHORT_MS), -1);
	wire_close(&w);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		reset_keeps_the_line, destroy_and_start, qemu_dies,
		guests_come_and_go, daemon_dies_and_comes_back, daemon_hangs,
		children_end_with_console_and_parent,
	};

	return run_suite("virt: ends", tests, sizeof(tests) / sizeof(tests[0]));
}
