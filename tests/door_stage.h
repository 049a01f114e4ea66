/* SPDX-License-Identifier: ISC */
/*
 * A stage for the real auth process with a real PAM stack: the test that includes this
 * plays gate, console and the visitor. It starts libexec/serialgate/auth with a socket as
 * descriptor 3, sends its configuration, hands it doors and talks through them. Services
 * of PAM are files in a directory of the test. Included once by each program, which owns
 * the state below.
 */
#ifndef TESTS_DOOR_STAGE_H
#define TESTS_DOOR_STAGE_H

#include <dirent.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ipc/buf.h"
#include "ipc/clock.h"
#include "tests/role_stage.h"
#include "tests/suite.h"

#define KBDINT "keyboard-interactive"
#define OPTIONS(...) (const char *const[]){ __VA_ARGS__, NULL }
#define KEYS "authorized-keys", "DIR/keys-%u"
#define BLOB_LINE "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAXg="
#define MATRIX "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"
#define CHATTY "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_chatty.so"
#define SECRET "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5k" \
	"nV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1"     /* crypt(3) of "secret" */

enum { WAIT = 8000, SOON = 200 };

static const uint8_t blob[] = "\0\0\0\x0bssh-ed25519\0\0\0\x01x";

static char dir[PATH_MAX];        /* of this test */
static char module[PATH_MAX];     /* the module that misbehaves */
static struct wire console = { .fd = -1 };
static pid_t auth;
static char logged[65536];
static struct msg_login logins[64];
static int nlogins;
static uint64_t last_conn;
static struct buf said;           /* text of the last answer, instruction and prompts */

/* -- the file system -- */

static inline void write_file(const char *name, const char *fmt, ...)
{
	char path[PATH_MAX * 2];
	FILE *f;
	va_list ap;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
}

static inline void write_services(void)
{
	write_file("passwd", "alice:" SECRET "\nroot:" SECRET "\nconsole:" SECRET "\n"
		   "%s:" SECRET "\n",
		   getpwuid(getuid())->pw_name);
	write_file("matrix", "alice:first:two\n");
	write_file("pwdfile", "auth required pam_pwdfile.so pwdfile=%s/passwd\n"
		   "account required pam_permit.so\n", dir);
	write_file("two", "auth required " MATRIX " passdb=%s/matrix verbose\n"
		   "auth required " CHATTY " num_lines=2 info error\n"
		   "auth required %s code\naccount required pam_permit.so\n", dir, module);
	write_file("code", "auth required %s code\naccount required pam_permit.so\n", module);
	write_file("expired", "auth required pam_pwdfile.so pwdfile=%s/passwd\n"
		   "account required %s expired=%s/changed\n"
		   "password required %s expired=%s/changed\n", dir, module, dir, module, dir);
	write_file("denied", "auth required pam_pwdfile.so pwdfile=%s/passwd\n"
		   "account required %s deny\n", dir, module);
	write_file("mapped", "auth required pam_pwdfile.so pwdfile=%s/passwd\n"
		   "auth required %s set-user=CORP\\alice\naccount required pam_permit.so\n",
		   dir, module);
	write_file("litter", "auth required %s litter\n"
		   "auth required pam_pwdfile.so pwdfile=%s/passwd\n"
		   "account required pam_permit.so\n", module, dir);
	for (const char *const *how = (const char *const[]){ "hang", "hang-with-child", "crash",
	     "exit", NULL }; *how; how++)
		write_file(*how, "auth [success=1 default=ignore] pam_succeed_if.so quiet "
			   "user != alice\n"
			   "auth required %s %s=%d.5\n"
			   "auth required pam_pwdfile.so pwdfile=%s/passwd\n"
			   "account required pam_permit.so\n", module, *how, (int)getpid(), dir);
}

/* -- gate -- */

/* Pairs of an option and its value; DIR/ at the start of one is the test's directory. */
static inline void configure(const char *const *lines)
{
	char value[PATH_MAX * 2];

	for (; *lines; lines += 2) {
		bool is_below = strncmp(lines[1], "DIR/", 4) == 0;
		bool is_rule = strcmp(lines[0], "groups") == 0;
		bool is_gates = strcmp(lines[0], "login-grace") == 0;

		snprintf(value, sizeof(value), "%s%s", is_below ? dir : "",
			 lines[1] + (is_below ? 3 : 0));
		option(is_gates ? "gate" : is_rule ? "access" : "auth", is_rule ? "all" : "", lines[0],
		       value);
	}
	option("auth", "", "pam-directory", dir);
	options_end();
}

static inline void read_gate(int ms)
{
	struct message m;

	while (wire_wait(&gate, &m, ms) == 1) {
		if (m.type == MSG_LOG)
			strncat(strncat(logged, m.u.log.text, 2000), "\n", 2);
		if (m.type == MSG_LOGIN)
			logins[nlogins++] = m.u.login;
		ck_assert_uint_ne(m.type, MSG_REFUSE_CONFIG);
		if (m.type == MSG_READY)
			return;
		ms = SOON;
	}
}

static inline void expect_log(const char *text)
{
	for (int i = 0; i < 30 && !strstr(logged, text); i++)
		read_gate(SOON);
	ck_assert_msg(strstr(logged, text), "\"%s\" is not in the log: %s", text, logged);
}

static inline void start(const char *const *lines)
{
	auth = start_role("auth", ROLE_AUTH);
	configure(lines);
	read_gate(WAIT);
	ck_assert_msg(kill(auth, 0) == 0, "auth did not start: %s", logged);
}

static inline void connect_console(void)
{
	join(ROLE_CONSOLE, &console);
}

static inline struct wire open_door(void)
{
	struct msg_conn m = {
		.conn = ++last_conn, .endpoint = ENDPOINT_SSH, .peer = "192.0.2.7", .port = 4242,
	};
	struct wire door;
	int pair[2];

	ck_assert_int_eq(wire_pair(pair), 0);
	wire_init(&door, pair[0]);
	ck_assert_int_eq(wire_send_fds(&gate, MSG_DOOR, &m, &pair[1], 1), 0);
	return door;
}

/* -- the visitor -- */

static inline void remember(struct bytes b)
{
	buf_append(&said, b.data, b.len);
	buf_append(&said, "|", 1);
}

static inline struct message expect(struct wire *door, enum message_type type)
{
	struct message m;
	int r = wire_wait(door, &m, WAIT);

	if (r != 1 || m.type != type)
		read_gate(SOON);
	ck_assert_msg(r == 1, "no answer (%d) where %s is due: %s", r, message_name(type), logged);
	ck_assert_msg(m.type == type, "%s where %s is due: %s", message_name(m.type),
		      message_name(type), logged);
	buf_clear(&said);
	if (type == MSG_PROMPT) {
		remember(m.u.prompt.instruction);
		remember(m.u.prompt.prompts);
	} else if (type == MSG_AUTH_RESULT) {
		remember(m.u.auth_result.text);
	}
	return m;
}

static inline void expect_end(struct wire *door)
{
	struct message m;

	ck_assert_int_eq(wire_wait(door, &m, WAIT), -1);
	wire_close(door);
}

static inline void expect_said(const char *text)
{
	ck_assert_msg(memmem(said.data, said.len, text, strlen(text)), "\"%s\" is not in \"%.*s\"",
		      text, (int)said.len, (char *)said.data);
}

static inline struct msg_auth_result expect_result(struct wire *door, enum auth_result result,
					    const char *methods)
{
	struct message m = expect(door, MSG_AUTH_RESULT);

	if (m.u.auth_result.result != result)
		read_gate(SOON);
	ck_assert_msg(m.u.auth_result.result == result, "result %d, not %d: %s",
		      m.u.auth_result.result, (int)result, logged);
	ck_assert_str_eq(m.u.auth_result.methods, methods);
	return m.u.auth_result;
}

static inline void ask_pam(struct wire *door, const char *user, const char *method)
{
	struct msg_ask_pam m = { 0 };

	snprintf(m.user, sizeof(m.user), "%s", user);
	snprintf(m.method, sizeof(m.method), "%s", method);
	ck_assert_int_eq(wire_send(door, MSG_ASK_PAM, &m), 0);
}

static inline void ask_key(struct wire *door, const char *user, bool is_signed)
{
	struct msg_ask_key m = { .algorithm = "ssh-ed25519", .blob = { blob, sizeof(blob) - 1 },
				 .is_signed = is_signed };

	snprintf(m.user, sizeof(m.user), "%s", user);
	ck_assert_int_eq(wire_send(door, MSG_ASK_KEY, &m), 0);
}

static inline void answer(struct wire *door, const char *first, const char *second)
{
	struct msg_answers m = { .count = second ? 2 : 1 };
	struct buf b;

	buf_init(&b, 4096);
	pack_put_bytes(&b, first, strlen(first));
	if (second)
		pack_put_bytes(&b, second, strlen(second));
	m.answers = (struct bytes){ b.data, b.len };
	ck_assert_int_eq(wire_send(door, MSG_ANSWERS, &m), 0);
	buf_free(&b);
}

/* One hidden prompt, one answer. */
static inline void log_in(struct wire *door, const char *user, const char *password)
{
	ask_pam(door, user, KBDINT);
	expect(door, MSG_PROMPT);
	answer(door, password, NULL);
}

/* The identity that console got, and a byte from the visitor's end to console's. */
static inline struct msg_identity expect_visit(struct wire *door)
{
	struct msg_identity identity;
	struct message m;
	int visitor;

	ck_assert_int_eq(wire_send(door, MSG_ASK_VISIT, NULL), 0);
	m = expect(door, MSG_VISIT);
	visitor = m.fds[0];
	m = expect(&console, MSG_IDENTITY);
	identity = m.u.identity;
	remember(identity.groups);
	ck_assert_int_eq(write(visitor, "x", 1), 1);
	ck_assert_int_eq(read(m.fds[0], (char[1]){ 0 }, 1), 1);
	close(visitor);
	close(m.fds[0]);
	return identity;
}

static const char *const pwdfile[] __attribute__((unused)) = { "pam-service", "pwdfile", NULL };

static inline void set_up(void)
{
	const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tests/pam_fault.so", build);
	ck_assert_msg(realpath(path, module) != NULL, "%s is not built", path);
	snprintf(path, sizeof(path), "%s/door-XXXXXX", build);
	ck_assert_ptr_nonnull(mkdtemp(path));
	ck_assert_ptr_nonnull(realpath(path, dir));
	umask(022);
	buf_init(&said, 65536);
	wire_init(&console, -1);
	write_services();
}

static inline void tear_down(void)
{
	char command[PATH_MAX + 16];

	wire_close(&gate);
	wire_close(&console);
	if (auth > 0)
		waitpid(auth, NULL, 0);
	buf_free(&said);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

/* Answers the prompts of pam_fault.so for a password that expired, to the login's end. */
static inline void change_password(struct wire *door)
{
	expect(door, MSG_PROMPT);
	expect_said("Your password has expired.");
	expect_said("New password: ");
	answer(door, "newer", NULL);
	expect(door, MSG_PROMPT);
	expect_said("Retype new password: ");
	answer(door, "newer", NULL);
	expect_result(door, AUTH_OK, "");
	expect_said("Password changed.");
}

/* Runs the suite of one program; what it returns is the exit status. */
static inline int run_tests(const char *name, const TTest *const *tests, size_t ntests,
			    const TTest *loop, int nloop)
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create(name);

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	for (size_t i = 0; i < ntests; i++)
		tcase_add_test(t, tests[i]);
	if (loop)
		tcase_add_loop_test(t, loop, 0, nloop);
	suite_add_tcase(s, t);
	return suite_run(s);
}

#endif
