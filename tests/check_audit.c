/* SPDX-License-Identifier: ISC */
/*
 * The audit as gate has it: console's messages and auth's are fed in, the real child writes
 * real files. Disks that are full or hang, children and gates that die: every beginning has
 * one end, and what is lost is said.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "gate/audit.h"
#include "ipc/log.h"
#include "ipc/loop.h"
#include "tests/suite.h"

enum { PATIENCE_MS = 10000, TEXT_SIZE = 4 * 1024 * 1024 };

static char folder[64];
static char text[TEXT_SIZE];
static char logged[65536];
static struct config config;

static const char *in_folder(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void keep_line(int priority, const char *line)
{
	size_t n = strlen(logged);

	(void)priority;
	snprintf(logged + n, sizeof(logged) - n, "%s\n", line);
}

static void nothing(void *owner)
{
	(void)owner;
}

/* A turn of gate's loop; gate's part of a reaped child, too. */
static void turn(void)
{
	struct loop_timer timer = { 0 };
	pid_t pid;

	loop_timer_set(&timer, 5, nothing, NULL);
	loop_turn();
	loop_timer_clear(&timer);
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		audit_reaped(pid);
}

static const char *read_audit(void)
{
	FILE *f = fopen(in_folder("audit"), "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return text;
}

static int count(const char *in, const char *what)
{
	int n = 0;

	for (; (in = strstr(in, what)); in++)
		n++;
	return n;
}

static void await(const char *what, int times)
{
	for (int waited = 0; waited < PATIENCE_MS; waited += 5) {
		if (count(read_audit(), what) >= times)
			return;
		turn();
	}
	ck_abort_msg("not %d times: %s\n%.4000s\n%s", times, what, text, logged);
}

static void await_log(const char *what)
{
	for (int waited = 0; waited < PATIENCE_MS && !strstr(logged, what); waited += 5)
		turn();
	ck_assert_msg(strstr(logged, what) != NULL, "not logged: %s\n%s", what, logged);
}

static void set_option(const char *key, const char *value)
{
	char err[CONFIG_ERROR_SIZE];

	ck_assert_int_eq(config_set(&config, "gate", "", key, value, err, sizeof(err)), 0);
}

static void start(void)
{
	ck_assert_int_eq(config_init(&config), 0);
	set_option("audit-file", in_folder("audit"));
	set_option("state-file", in_folder("state"));
	ck_assert_int_eq(loop_init(), 0);
	log_to_sink(keep_line);
	audit_start(&config);
}

static void set_up(void)
{
	snprintf(folder, sizeof(folder), "/tmp/check_audit.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	signal(SIGPIPE, SIG_IGN);
}

static void tear_down(void)
{
	char command[128];

	audit_close();
	for (int waited = 0; waited < PATIENCE_MS && waitpid(-1, NULL, WNOHANG) >= 0; waited += 5)
		turn();
	umount2(folder, MNT_DETACH);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

/* -- what the roles say -- */

static void log_in(uint64_t conn, bool ok, bool is_here)
{
	const struct msg_login m = { conn, ok, ENDPOINT_SSH, "192.0.2.1", "alice", "publickey" };

	audit_login(&m, is_here);
}

static int tell(enum audit_event event, uint64_t conn, uint64_t attachment)
{
	struct message m = { .type = MSG_AUDIT, .u.audit = {
		.event = (uint8_t)event, .ok = 1, .conn = conn, .attachment = attachment,
		.endpoint = ENDPOINT_SSH, .user = "alice", .peer = "192.0.2.1",
		.method = "publickey", .host = "local", .guest = "web1", .alias = "serial0",
		.bytes_to_guest = 11, .bytes_from_guest = 22 } };

	return audit_take(NULL, &m);
}

START_TEST(test_beginnings_and_ends)
{
	start();
	log_in(1, false, true);
	log_in(2, true, true);
	ck_assert_int_eq(tell(AUDIT_ATTACH, 2, 1), 0);
	ck_assert_int_eq(tell(AUDIT_KEYBOARD, 2, 1), 0);
	ck_assert_int_eq(tell(AUDIT_DETACH, 2, 1), 0);
	audit_conn_ended(2, NULL);
	audit_conn_ended(2, NULL);
	await("\"event\":\"logout\"", 1);
	ck_assert_int_eq(count(text, "\n"), 6);
	ck_assert_int_eq(count(text, "\"event\":\"login\",\"ok\":false"), 1);
	ck_assert_int_eq(count(text, "\"event\":\"login\",\"ok\":true"), 1);
	ck_assert_int_eq(count(text, "\"bytes_to_guest\":11,\"bytes_from_guest\":22"), 1);
}
END_TEST

START_TEST(test_words_of_others_are_refused)
{
	start();
	ck_assert_int_eq(tell(AUDIT_EVENT_COUNT, 1, 1), -1);
	ck_assert_int_eq(tell(0, 1, 1), -1);
}
END_TEST

/* auth's word of a login may come after sshd's of the connection's end. */
START_TEST(test_login_of_one_that_is_gone)
{
	start();
	log_in(5, true, false);
	await("\"event\":\"logout\"", 1);
}
END_TEST

START_TEST(test_console_dies)
{
	start();
	log_in(1, true, true);
	tell(AUDIT_ATTACH, 1, 1);
	tell(AUDIT_ATTACH, 1, 2);
	audit_console_ended();
	audit_console_ended();
	await("\"cause\":\"console died\"", 2);
	ck_assert_int_eq(count(text, "\"event\":\"detach\""), 2);
	ck_assert_int_eq(count(text, "bytes_"), 0);
	/* Its numbers begin anew. */
	tell(AUDIT_ATTACH, 1, 1);
	tell(AUDIT_DETACH, 1, 1);
	await("bytes_to_guest", 1);
}
END_TEST

START_TEST(test_end_of_the_gate)
{
	start();
	log_in(1, true, true);
	tell(AUDIT_ATTACH, 1, 1);
	audit_close();
	await("\"cause\":\"the gate ended\"", 2);
}
END_TEST

/* When its writer is through: it may be about to put a new one in its place. */
static void break_state_off(void)
{
	while (waitpid(-1, NULL, 0) > 0)
		;
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(truncate(in_folder("state"), 3), 0);
}

/* kill -9: a process that is gate, and then the next. */
START_TEST(test_gate_dies)
{
	pid_t pid;

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, _i == 1 ? 1UL : 0UL), 0);
	pid = fork();
	if (pid == 0) {
		start();
		log_in(1, true, true);
		log_in(2, true, true);
		tell(AUDIT_ATTACH, 1, 1);
		audit_conn_ended(2, NULL);
		await("\"event\":\"logout\"", 1);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, NULL, 0);
	if (_i == 1)
		break_state_off();
	start();
	if (_i == 1) {
		await_log("breaks off");
		return;
	}
	await("\"cause\":\"the gate died\"", 2);
	ck_assert_int_eq(count(text, "\"event\":\"logout\""), 2);
	ck_assert_int_eq(count(text, "\"event\":\"detach\""), 1);
	/* And the state says so: the next one has nothing to end. */
	for (int waited = 0; waited < PATIENCE_MS; waited += 5) {
		struct stat st;

		turn();
		if (stat(in_folder("state"), &st) == 0 && st.st_size == 18)
			return;
	}
	ck_abort_msg("the state has something open");
}
END_TEST

static pid_t find_child(void)
{
	char path[64], list[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	(void)!fgets(list, sizeof(list), f);
	fclose(f);
	return (pid_t)strtol(list, NULL, 10);
}

START_TEST(test_the_child_dies)
{
	start();
	log_in(1, true, true);
	await("login", 1);
	kill(find_child(), SIGKILL);
	await_log("started again");
	log_in(2, true, true);
	for (int waited = 0; waited < PATIENCE_MS && !find_child(); waited += 5)
		turn();
	log_in(3, true, true);
	await("\"visit\":3", 1);
	ck_assert_int_eq(count(text, "\"event\":\"lost\",\"lines\":1"), 1);
}
END_TEST

/* A hung disk, as far as gate sees it: the child does not go on. */
START_TEST(test_the_child_hangs)
{
	pid_t child;

	start();
	log_in(1, true, true);
	await("login", 1);
	child = find_child();
	kill(child, SIGSTOP);
	for (uint64_t i = 0; i < 10000; i++)
		tell(AUDIT_KEYBOARD, 1, i);
	await_log("does it hang?");
	ck_assert_int_eq(count(logged, "does it hang?"), 1);
	kill(child, SIGCONT);
	await("\"event\":\"keyboard\"", 100);
	for (int i = 0; i < 100; i++)
		turn();
	log_in(2, true, true);
	await("\"visit\":2", 1);
	ck_assert_int_eq(count(text, "\"event\":\"lost\""), 1);
	ck_assert_int_eq(count(text, "\n"), 3 + count(text, "keyboard"));
}
END_TEST

/* A full disk: a small tmpfs. */
START_TEST(test_full_disk)
{
	static char fill[65536];
	int fd;

	if (mount("tmpfs", folder, "tmpfs", 0, "size=128k") < 0) {
		puts("skipped: no right to mount");
		return;
	}
	start();
	log_in(1, true, true);
	await("login", 1);
	fd = open(in_folder("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, fill, sizeof(fill)) > 0)
		;
	for (uint64_t i = 0; i < 100; i++)
		tell(AUDIT_KEYBOARD, 1, i);
	await_log("audit-file");
	ck_assert_int_eq(count(logged, "audit-file"), 1);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
	/* What did not fit whole is not there in part. */
	tell(AUDIT_KICK, 1, 1);
	await("\"event\":\"kick\"", 1);
	ck_assert_int_eq(count(text, "\"event\":\"lost\""), 1);
	ck_assert_int_eq(count(text, "\n{"), count(text, "\n") - 1);
	await_log("is written again");
}
END_TEST

/* logrotate: the file is renamed, SIGHUP comes. */
START_TEST(test_rotation)
{
	start();
	log_in(1, true, true);
	await("login", 1);
	ck_assert_int_eq(rename(in_folder("audit"), in_folder("audit.1")), 0);
	audit_configure(&config);
	audit_conn_ended(1, NULL);
	await("logout", 1);
	ck_assert_int_eq(count(text, "\n"), 1);
}
END_TEST

START_TEST(test_a_link_is_not_followed)
{
	ck_assert_int_eq(symlink("/tmp/check_audit-other", in_folder("audit")), 0);
	start();
	log_in(1, true, true);
	await_log("Too many levels of symbolic links");
	ck_assert_int_ne(access("/tmp/check_audit-other", F_OK), 0);
}
END_TEST

/* Nobody reads the pipe: as a full disk. */
START_TEST(test_a_pipe)
{
	ck_assert_int_eq(mkfifo(in_folder("audit"), 0600), 0);
	start();
	log_in(1, true, true);
	await_log("audit-file");
	unlink(in_folder("audit"));
}
END_TEST

START_TEST(test_state_that_is_not_to_be_had)
{
	if (_i == 0)
		ck_assert_int_eq(mkdir(in_folder("state"), 0700), 0);
	else
		ck_assert_int_eq(mkfifo(in_folder("state"), 0600), 0);
	start();
	await_log("what is open is not remembered");
	log_in(1, true, true);
	await("login", 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("audit");
	TCase *t = tcase_create("audit");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_beginnings_and_ends);
	tcase_add_test(t, test_words_of_others_are_refused);
	tcase_add_test(t, test_login_of_one_that_is_gone);
	tcase_add_test(t, test_console_dies);
	tcase_add_test(t, test_end_of_the_gate);
	tcase_add_loop_test(t, test_gate_dies, 0, 2);
	tcase_add_test(t, test_the_child_dies);
	tcase_add_test(t, test_the_child_hangs);
	tcase_add_test(t, test_full_disk);
	tcase_add_test(t, test_rotation);
	tcase_add_test(t, test_a_link_is_not_followed);
	tcase_add_test(t, test_a_pipe);
	tcase_add_loop_test(t, test_state_that_is_not_to_be_had, 0, 2);
	suite_add_tcase(s, t);
	return suite_run(s);
}
