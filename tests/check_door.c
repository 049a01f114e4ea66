/* SPDX-License-Identifier: ISC */
/* Logins by PAM: rounds, failures, expired passwords, modules that hang or crash; visits. */
#include "tests/door_stage.h"

START_TEST(right_password)
{
	const struct passwd *me = getpwuid(getuid());
	const struct group *group = getgrgid(me->pw_gid);
	struct wire door;
	struct msg_identity id;

	start(OPTIONS("pam-service", "pwdfile", "groups", group->gr_name,
		      "groups", "nosuchgroup daemon"));
	connect_console();
	door = open_door();
	log_in(&door, me->pw_name, "secret");
	ck_assert_str_eq(expect_result(&door, AUTH_OK, "").user, me->pw_name);
	for (int i = 0; i < 3; i++) {
		id = expect_visit(&door);
		ck_assert_str_eq(id.user, me->pw_name);
		ck_assert_str_eq(id.peer, "192.0.2.7");
		ck_assert_str_eq(id.method, KBDINT);
		ck_assert_uint_eq(id.conn, last_conn);
		ck_assert_uint_eq(id.groups.len, strlen(group->gr_name) + 2);
		expect_said(group->gr_name);
	}
	expect_log("192.0.2.7 port 4242: accepted keyboard-interactive for ");
	ck_assert_int_eq(nlogins, 1);
	ck_assert(logins[0].ok);
	wire_close(&door);
}
END_TEST

START_TEST(user_without_passwd_entry)
{
	struct wire door;

	start(OPTIONS("pam-service", "pwdfile", "groups", "root daemon"));
	connect_console();
	door = open_door();
	log_in(&door, "alice", "secret");
	expect_result(&door, AUTH_OK, "");
	ck_assert_uint_eq(expect_visit(&door).groups.len, 0);
	/* A request of the time before the login is no longer one. */
	ask_pam(&door, "root", KBDINT);
	expect_end(&door);
}
END_TEST

START_TEST(wrong_password_and_unknown_user)
{
	static const char *const users[] = { "alice", "nobody-knows", "alice", "alice\nx" };
	struct buf first;
	struct wire door;
	long took[4];

	buf_init(&first, 1000);
	start(OPTIONS("pam-service", "pwdfile", "max-tries", "4"));
	door = open_door();
	for (int i = 0; i < 4; i++) {
		long start_ms;

		ask_pam(&door, users[i], KBDINT);
		if (i < 3)
			expect(&door, MSG_PROMPT);
		start_ms = clock_ms();
		if (i < 3)
			answer(&door, i == 2 ? "" : "wrong", NULL);
		expect_result(&door, i < 3 ? AUTH_FAILED : AUTH_OVER,
			      i < 3 ? "publickey," KBDINT : "");
		took[i] = clock_ms() - start_ms;
		/* On a busy machine one may be seen late. */
		ck_assert_msg(labs(took[i] - took[0]) < 700, "%ld ms, %ld ms", took[0],
			      took[i]);
		if (i == 0)
			buf_append(&first, said.data, said.len);
		ck_assert_uint_eq(first.len, said.len);
		ck_assert_int_eq(memcmp(first.data, said.data, said.len), 0);
	}
	ck_assert_int_ge((int)took[0], 2000);
	ask_pam(&door, "alice", KBDINT);
	expect_result(&door, AUTH_OVER, "");
	read_gate(SOON);
	ck_assert_int_eq(nlogins, 4);
	ck_assert(!logins[1].ok);
	ck_assert_str_eq(logins[1].user, "nobody-knows");
	expect_log("refused keyboard-interactive for alice\\x0ax: ");
	buf_free(&first);
	wire_close(&door);
}
END_TEST

START_TEST(no_visit_before_login)
{
	struct wire door;

	start(pwdfile);
	door = open_door();
	ck_assert_int_eq(wire_send(&door, MSG_ASK_VISIT, NULL), 0);
	expect_end(&door);
	expect_log("broke the protocol");
}
END_TEST

START_TEST(answers_without_a_prompt)
{
	struct wire door;

	start(pwdfile);
	door = open_door();
	answer(&door, "secret", NULL);
	expect_end(&door);
}
END_TEST

START_TEST(several_rounds)
{
	struct wire door;
	struct message m;

	start(OPTIONS("pam-service", "two"));
	door = open_door();
	ask_pam(&door, "alice", KBDINT);
	m = expect(&door, MSG_PROMPT);
	ck_assert_uint_eq(m.u.prompt.count, 1);
	answer(&door, "first", NULL);
	m = expect(&door, MSG_PROMPT);
	ck_assert_uint_eq(m.u.prompt.count, 2);
	/* pam_matrix's and pam_chatty's texts and the module's own, controls escaped. */
	expect_said("Authentication succeeded\n");
	expect_said("\nYour token:\ntwo lines\\x09\\x1b[31m\nand say so|");
	ck_assert_msg(memmem(said.data, said.len, "\0\0\6Code: \1\0\6Sure? ", 18), "the prompts");
	answer(&door, "9", "yes");
	expect_result(&door, AUTH_OK, "");
	wire_close(&door);
}
END_TEST

START_TEST(too_few_answers)
{
	struct wire door;

	start(OPTIONS("pam-service", "code"));
	door = open_door();
	ask_pam(&door, "alice", KBDINT);
	expect(&door, MSG_PROMPT);
	answer(&door, "9", NULL);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	ask_pam(&door, "alice", KBDINT);
	expect(&door, MSG_PROMPT);
	answer(&door, "9", "no");
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	wire_close(&door);
}
END_TEST

START_TEST(expired_password)
{
	struct wire door;

	start(OPTIONS("pam-service", "expired"));
	connect_console();
	door = open_door();
	log_in(&door, "alice", "secret");
	change_password(&door);
	expect_visit(&door);
	wire_close(&door);
	door = open_door();
	log_in(&door, "alice", "secret");
	expect_result(&door, AUTH_OK, "");
	wire_close(&door);
}
END_TEST

START_TEST(denied_account)
{
	struct wire door;

	write_file("keys-alice", BLOB_LINE "\n");
	start(OPTIONS("pam-service", "denied", KEYS));
	door = open_door();
	log_in(&door, "alice", "secret");
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	expect_said("You may not log in on Sundays.");
	ask_key(&door, "alice", true);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	expect_said("You may not log in on Sundays.");
	expect_log("refused publickey for alice: account: Permission denied");
	wire_close(&door);
}
END_TEST

static const struct fault_row {
	const char *service;
	const char *log;
} faults[] = {
	{ "hang", "login of conn 1 from 192.0.2.7 took longer than 1s: ended" },
	{ "hang-with-child", "login of conn 1 from 192.0.2.7 took longer than 1s: ended" },
	{ "crash", "conn 1 from 192.0.2.7 port 4242 was ended by signal 11 (Segmentation fault)" },
	{ "exit", "conn 1 from 192.0.2.7 port 4242 ended with status 0" },
};

/* The module harms alice's login alone; one that was there before and one after go on. */
START_TEST(faults_harm_one_login)
{
	struct wire before, bad, after;
	char command[64];

	start(OPTIONS("pam-service", faults[_i].service, "login-grace", "1s"));
	bad = open_door();
	before = open_door();
	ask_pam(&bad, "alice", KBDINT);
	log_in(&before, "root", "secret");
	expect_result(&before, AUTH_OK, "");
	expect_end(&bad);
	expect_log(faults[_i].log);
	after = open_door();
	log_in(&after, "root", "secret");
	expect_result(&after, AUTH_OK, "");
	connect_console();
	expect_visit(&before);
	/* What the module had started is ended with it; its argument is our pid. */
	snprintf(command, sizeof(command), "ps -eo args | grep -q '^sleep %d.5'", (int)getpid());
	ck_assert_int_ne(system(command), 0);
	wire_close(&before);
	wire_close(&after);
}
END_TEST

START_TEST(litter_is_swept_up)
{
	struct wire door;

	start(OPTIONS("pam-service", "litter"));
	connect_console();
	door = open_door();
	log_in(&door, "alice", "secret");
	expect_result(&door, AUTH_OK, "");
	usleep(1200000);     /* its alarm(1) would have ended the process by now */
	expect_visit(&door);
	wire_close(&door);
}
END_TEST

START_TEST(console_is_away)
{
	struct wire door;
	struct message m;
	struct wire visit;

	start(pwdfile);
	door = open_door();
	log_in(&door, "alice", "secret");
	expect_result(&door, AUTH_OK, "");
	ck_assert_int_eq(wire_send(&door, MSG_ASK_VISIT, NULL), 0);
	m = expect(&door, MSG_VISIT);
	wire_init(&visit, m.fds[0]);
	expect_end(&visit);
	connect_console();
	expect_visit(&door);
	wire_close(&door);
}
END_TEST

START_TEST(new_configuration)
{
	struct wire old, fresh;

	start(pwdfile);
	old = open_door();
	log_in(&old, "alice", "wrong");
	configure(OPTIONS("pam-service", "code"));
	read_gate(WAIT);
	fresh = open_door();
	ask_pam(&fresh, "alice", KBDINT);
	expect(&fresh, MSG_PROMPT);
	expect_said("Code: ");
	expect_result(&old, AUTH_FAILED, "publickey," KBDINT);
	log_in(&old, "alice", "secret");
	expect_result(&old, AUTH_OK, "");
	wire_close(&old);
	wire_close(&fresh);
}
END_TEST

START_TEST(the_end_of_auth)
{
	struct wire door;
	int status;

	start(pwdfile);
	door = open_door();
	log_in(&door, "alice", "secret");
	expect_result(&door, AUTH_OK, "");
	kill(auth, SIGKILL);
	waitpid(auth, &status, 0);
	auth = 0;
	expect_end(&door);
}
END_TEST

/* Private memory of the youngest child, in KiB. */
static long child_memory(void)
{
	char path[PATH_MAX], line[256];
	long total = 0, n;
	int child = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)auth, (int)auth);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fscanf(f, "%d", &child) == 1)
		;
	fclose(f);
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", child);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Private_Dirty: %ld", &n) == 1 ||
		    sscanf(line, "Private_Clean: %ld", &n) == 1)
			total += n;
	fclose(f);
	return total;
}

/* Two of them: pages of files are then shared, as they are on a machine in use. */
START_TEST(memory_of_a_login)
{
	struct wire doors[2];
	long kib;

	if (geteuid() != 0) {
		printf("skipped: memory of a login: reading it needs root\n");
		return;
	}
	start(pwdfile);
	connect_console();
	for (int i = 0; i < 2; i++) {
		doors[i] = open_door();
		log_in(&doors[i], "alice", "secret");
		expect_result(&doors[i], AUTH_OK, "");
		expect_visit(&doors[i]);
	}
	kib = child_memory();
	printf("a logged-in door's child: %ld KiB private\n", kib);
#ifndef __SANITIZE_ADDRESS__
	ck_assert_int_lt((int)kib, 300);
#endif
	wire_close(&doors[0]);
	wire_close(&doors[1]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		right_password, user_without_passwd_entry, wrong_password_and_unknown_user,
		no_visit_before_login, answers_without_a_prompt, several_rounds, too_few_answers,
		expired_password, denied_account, litter_is_swept_up, console_is_away,
		new_configuration, the_end_of_auth, memory_of_a_login,
	};

	return run_tests("door", tests, sizeof(tests) / sizeof(tests[0]), faults_harm_one_login,
			 (int)(sizeof(faults) / sizeof(faults[0])));
}
