/* SPDX-License-Identifier: ISC */
/*
 * The real sshd process with a real SSH client: this test plays gate and, at the door,
 * auth. It starts libexec/serialgate/sshd with a socket as descriptor 3, makes it a host
 * key, hands it connections and answers what it asks; the client is libssh's, in a
 * process of its own, and tells by its exit status how it fared.
 */
#include <errno.h>
#include <libssh/libssh.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "ipc/buf.h"
#include "tests/role_stage.h"
#include "tests/suite.h"

#define KEY "publickey"
#define KBDINT "keyboard-interactive"
#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

enum { WAIT = 8000, CLIENT_FAILED = 99 };
enum { STDOUT_AS_EXPECTED = 42 };

static char host_key[4096];
static struct wire door;
static pid_t sshd, client;
static uint64_t conn;

/* -- gate -- */

static void make_host_key(void)
{
	char line[600];
	FILE *f;
	size_t n;

	snprintf(line, sizeof(line), "%s --host-key", role_program("sshd"));
	f = popen(line, "r");
	ck_assert(f);
	n = fread(host_key, 1, sizeof(host_key) - 1, f);
	host_key[n] = '\0';
	ck_assert_int_eq(pclose(f), 0);
}

/* The next message that is not a log line. */
static void next(struct wire *w, struct message *m, enum message_type type)
{
	do
		ck_assert_msg(wire_wait(w, m, WAIT) == 1, "no %s came", message_name(type));
	while (m->type == MSG_LOG);
	ck_assert_str_eq(message_name(m->type), message_name(type));
}

static void start_with(const char *key_text, const char *methods)
{
	struct msg_key key = { { (const uint8_t *)key_text, strlen(key_text) } };

	sshd = start_role("sshd", ROLE_SSHD);
	wire_send(&gate, MSG_KEY, &key);
	option("gate", "", "handshake-grace", "1s");
	option("gate", "", "login-grace", "3s");
	option("auth", "", "methods", methods);
	options_end();
}

static void start(void)
{
	struct message m;

	start_with(host_key, KEY " " KBDINT " password");
	next(&gate, &m, MSG_READY);
}

/* Hands in one end of a connection; the other is returned. */
static int connect_client(void)
{
	struct msg_conn c = { .conn = ++conn, .endpoint = ENDPOINT_SSH, .peer = "192.0.2.7" };
	struct message m;
	int ssh[2], ends[2], fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ssh), 0);
	ck_assert_int_eq(wire_pair(ends), 0);
	wire_init(&door, ends[0]);
	fds[0] = ssh[1];
	fds[1] = ends[1];
	ck_assert_int_eq(wire_send_fds(&gate, MSG_CONN, &c, fds, 2), 0);
	next(&gate, &m, MSG_CONN_PID);
	ck_assert_uint_eq(m.u.conn_pid.conn, conn);
	return ssh[0];
}

static void expect_end(void)
{
	struct message m;

	next(&gate, &m, MSG_CONN_END);
	ck_assert_uint_eq(m.u.conn_end.conn, conn);
}

static void stop(void)
{
	wire_close(&door);
	wire_close(&gate);
	if (client > 0)
		kill(client, SIGKILL);
	if (sshd > 0)
		kill(sshd, SIGKILL);
	while (wait(NULL) > 0)
		;
}

/* -- the client -- */

static ssh_session open_session(int fd)
{
	static const bool off = false;
	static const int no = 0;
	ssh_session ssh = ssh_new();

	ssh_options_set(ssh, SSH_OPTIONS_PROCESS_CONFIG, &off);
	ssh_options_set(ssh, SSH_OPTIONS_HOST, "localhost");
	ssh_options_set(ssh, SSH_OPTIONS_USER, "alice");
	ssh_options_set(ssh, SSH_OPTIONS_STRICTHOSTKEYCHECK, &no);
	ssh_options_set(ssh, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	ssh_options_set(ssh, SSH_OPTIONS_FD, &fd);
	if (ssh_connect(ssh) != SSH_OK)
		_exit(CLIENT_FAILED);
	return ssh;
}

static void run_client(int (*act)(ssh_session))
{
	int fd = connect_client();

	client = fork();
	ck_assert_int_ge(client, 0);
	if (client == 0) {
		close(gate.fd);
		close(door.fd);
		signal(SIGALRM, SIG_DFL);
		alarm(WAIT / 1000);
		_exit(act(open_session(fd)));
	}
	close(fd);
}

static void expect_client(int want)
{
	int status;

	ck_assert_int_eq(waitpid(client, &status, 0), client);
	client = 0;
	ck_assert_msg(WIFEXITED(status), "the client died: %d", status);
	ck_assert_int_eq(WEXITSTATUS(status), want);
}

/* Runs a command; the exit status, or STDOUT_AS_EXPECTED when it printed that. */
static int run_command(ssh_session ssh, const char *command)
{
	ssh_channel ch = ssh_channel_new(ssh);
	char out[65536];
	int n, all = 0;

	if (ssh_channel_open_session(ch) != SSH_OK || ssh_channel_request_exec(ch, command) != SSH_OK)
		return CLIENT_FAILED;
	while ((n = ssh_channel_read(ch, out + all, sizeof(out) - 1 - (size_t)all, 0)) > 0)
		all += n;
	out[all] = '\0';
	if (strstr(out, "attach"))
		return STDOUT_AS_EXPECTED;
	return ssh_channel_get_exit_status(ch);
}

static int use_key(ssh_session ssh)
{
	ssh_key key = NULL;

	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK)
		return SSH_AUTH_ERROR;
	return ssh_userauth_publickey(ssh, NULL, key);
}

static int answer_with(ssh_session ssh, const char *const *texts, int n)
{
	for (int i = 0; i < n; i++)
		ssh_userauth_kbdint_setanswer(ssh, (unsigned)i, texts[i]);
	return ssh_userauth_kbdint(ssh, NULL, NULL);
}

/* -- the door -- */

static void expect_user(const char *user)
{
	ck_assert_str_eq(user, "alice");
}

static void send_result(enum auth_result result, const char *methods)
{
	struct msg_auth_result r = { .result = (uint8_t)result, .user = "alice" };

	snprintf(r.methods, sizeof(r.methods), "%s", methods);
	ck_assert_int_eq(wire_send(&door, MSG_AUTH_RESULT, &r), 0);
}

static void expect_key(bool is_signed)
{
	struct message m;

	next(&door, &m, MSG_ASK_KEY);
	expect_user(m.u.ask_key.user);
	ck_assert_str_eq(m.u.ask_key.algorithm, "ssh-ed25519");
	ck_assert_uint_eq(m.u.ask_key.blob.len, 51);
	ck_assert_int_eq(memcmp(m.u.ask_key.blob.data, "\0\0\0\x0bssh-ed25519\0\0\0\x20", 19), 0);
	ck_assert_uint_eq(m.u.ask_key.is_signed, is_signed);
}

static void send_prompt(const char *instruction, unsigned n)
{
	struct buf b;
	struct msg_prompt p = { .count = (uint8_t)n };

	buf_init(&b, 4096);
	for (unsigned i = 0; i < n; i++) {
		pack_put_u8(&b, i % 2);
		pack_put_bytes(&b, "Say: ", 5);
	}
	p.instruction = (struct bytes){ (const uint8_t *)instruction, strlen(instruction) };
	p.prompts = (struct bytes){ b.data, b.len };
	ck_assert_int_eq(wire_send(&door, MSG_PROMPT, &p), 0);
	buf_free(&b);
}

static void expect_answers(const char *packed, size_t len, unsigned n)
{
	struct message m;

	next(&door, &m, MSG_ANSWERS);
	ck_assert_uint_eq(m.u.answers.count, n);
	ck_assert_uint_eq(m.u.answers.answers.len, len);
	ck_assert_int_eq(memcmp(m.u.answers.answers.data, packed, len), 0);
}

static void expect_pam(const char *method)
{
	struct message m;

	next(&door, &m, MSG_ASK_PAM);
	expect_user(m.u.ask_pam.user);
	ck_assert_str_eq(m.u.ask_pam.method, method);
}

/* Gives the visit that is asked for; console's end. */
static int give_visit(void)
{
	struct message m;
	int ends[2];

	next(&door, &m, MSG_ASK_VISIT);
	ck_assert_int_eq(wire_pair(ends), 0);
	ck_assert_int_eq(wire_send_fds(&door, MSG_VISIT, NULL, &ends[1], 1), 0);
	return ends[0];
}

/* -- tests -- */

static int act_key(ssh_session ssh)
{
	return use_key(ssh) == SSH_AUTH_SUCCESS ? run_command(ssh, "help") : CLIENT_FAILED;
}

START_TEST(key_and_command)
{
	int visit;

	start();
	run_client(act_key);
	expect_key(true);
	send_result(AUTH_OK, "");
	visit = give_visit();
	expect_client(STDOUT_AS_EXPECTED);
	expect_end();
	close(visit);
}
END_TEST

static int act_probe(ssh_session ssh)
{
	ssh_key key = NULL;

	ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key);
	if (ssh_userauth_try_publickey(ssh, NULL, key) != SSH_AUTH_SUCCESS)
		return 1;
	/* A key that would do is no login. */
	return run_command(ssh, "help") == STDOUT_AS_EXPECTED ? 2 : 3;
}

START_TEST(probe_is_no_login)
{
	start();
	run_client(act_probe);
	expect_key(false);
	send_result(AUTH_OK, "");
	expect_client(3);
	expect_end();
}
END_TEST

static int act_rounds(ssh_session ssh)
{
	static const char *const first[] = { "one" }, *const second[] = { "two", "" };

	if (ssh_userauth_kbdint(ssh, "alice+web1+quiet", NULL) != SSH_AUTH_INFO ||
	    ssh_userauth_kbdint_getnprompts(ssh) != 1)
		return 1;
	if (answer_with(ssh, first, 1) != SSH_AUTH_INFO ||
	    strcmp(ssh_userauth_kbdint_getinstruction(ssh), "It expired.") != 0 ||
	    ssh_userauth_kbdint_getnprompts(ssh) != 2)
		return 2;
	if (answer_with(ssh, second, 2) != SSH_AUTH_INFO || ssh_userauth_kbdint_getnprompts(ssh) != 0)
		return 3;
	return answer_with(ssh, NULL, 0) == SSH_AUTH_SUCCESS ? 0 : 4;
}

START_TEST(three_rounds)
{
	start();
	run_client(act_rounds);
	expect_pam(KBDINT);
	send_prompt("", 1);
	expect_answers("\0\3one", 5, 1);
	send_prompt("It expired.", 2);
	expect_answers("\0\3two\0\0", 7, 2);
	send_prompt("Thank you.", 0);
	expect_answers("", 0, 0);
	send_result(AUTH_OK, "");
	expect_client(0);
	expect_end();
}
END_TEST

static int act_restart(ssh_session ssh)
{
	if (ssh_userauth_kbdint(ssh, NULL, NULL) != SSH_AUTH_INFO)
		return 1;
	return use_key(ssh) == SSH_AUTH_SUCCESS ? 0 : 2;
}

START_TEST(other_method_amid_rounds)
{
	start();
	run_client(act_restart);
	expect_pam(KBDINT);
	send_prompt("", 1);
	expect_key(true);
	send_result(AUTH_OK, "");
	expect_client(0);
}
END_TEST

static int act_partial(ssh_session ssh)
{
	static const char *const code[] = { "42" };

	if (use_key(ssh) != SSH_AUTH_PARTIAL ||
	    ssh_userauth_list(ssh, NULL) != SSH_AUTH_METHOD_INTERACTIVE)
		return 1;
	if (ssh_userauth_kbdint(ssh, NULL, NULL) != SSH_AUTH_INFO)
		return 2;
	return answer_with(ssh, code, 1) == SSH_AUTH_SUCCESS ? 0 : 3;
}

START_TEST(two_methods_in_a_row)
{
	start();
	run_client(act_partial);
	expect_key(true);
	send_result(AUTH_PARTIAL, KBDINT);
	expect_pam(KBDINT);
	send_prompt("", 1);
	expect_answers("\0\00242", 4, 1);
	send_result(AUTH_OK, "");
	expect_client(0);
}
END_TEST

static int act_password(ssh_session ssh)
{
	return ssh_userauth_password(ssh, NULL, "hunter2") == SSH_AUTH_SUCCESS ? 0 : 1;
}

START_TEST(password_where_configured)
{
	start();
	run_client(act_password);
	expect_pam("password");
	send_prompt("", 1);
	expect_answers("\0\7hunter2", 9, 1);
	/* Only once: this may be the prompt for a new one. */
	send_prompt("", 1);
	expect_answers("\0\0", 2, 1);
	send_result(AUTH_FAILED, KEY);
	expect_client(1);
}
END_TEST

START_TEST(password_where_not)
{
	struct message m;

	start_with(host_key, KEY);
	next(&gate, &m, MSG_READY);
	run_client(act_password);
	expect_client(1);
	ck_assert_int_eq(wire_wait(&door, &m, WAIT), -1);
}
END_TEST

/* libssh's client does not notice that it was disconnected: it is ended by stop(). */
static int act_try_keys(ssh_session ssh)
{
	while (use_key(ssh) == SSH_AUTH_DENIED)
		;
	return 0;
}

START_TEST(too_many_tries)
{
	start();
	run_client(act_try_keys);
	expect_key(true);
	send_result(AUTH_FAILED, KEY);
	expect_key(true);
	send_result(AUTH_OVER, "");
	expect_end();
}
END_TEST

START_TEST(door_closes_during_login)
{
	struct message m;

	start();
	run_client(act_try_keys);
	next(&door, &m, MSG_ASK_KEY);
	wire_close(&door);
	expect_end();
}
END_TEST

START_TEST(client_leaves_during_login)
{
	struct message m;

	start();
	run_client(act_try_keys);
	next(&door, &m, MSG_ASK_KEY);
	kill(client, SIGKILL);
	expect_end();
	ck_assert_int_eq(wire_wait(&door, &m, WAIT), -1);
}
END_TEST

static int act_refused(ssh_session ssh)
{
	ssh_channel a, b;

	if (use_key(ssh) != SSH_AUTH_SUCCESS)
		return 1;
	a = ssh_channel_new(ssh);
	b = ssh_channel_new(ssh);
	if (ssh_channel_open_session(b) != SSH_OK)
		return 2;
	if (ssh_channel_request_sftp(b) == SSH_OK ||
	    ssh_channel_request_x11(b, 0, NULL, NULL, 0) == SSH_OK ||
	    ssh_channel_request_env(b, "LD_PRELOAD", "x") == SSH_OK)
		return 3;
	if (ssh_channel_request_env(b, "LANG", "C.UTF-8") != SSH_OK)
		return 4;
	if (run_command(ssh, "help") != STDOUT_AS_EXPECTED)
		return 5;
	if (ssh_channel_open_forward(a, "localhost", 22, "localhost", 22) == SSH_OK)
		return 6;
	return ssh_channel_listen_forward(ssh, NULL, 0, NULL) == SSH_OK ? 7 : 0;
}

START_TEST(what_is_refused)
{
	start();
	run_client(act_refused);
	expect_key(true);
	send_result(AUTH_OK, "");
	close(give_visit());
	expect_client(0);
}
END_TEST

START_TEST(no_visit)
{
	struct msg_visit_refused refused = { "the console service is away" };
	struct message m;

	start();
	run_client(act_key);
	expect_key(true);
	send_result(AUTH_OK, "");
	/* It is asked for again for a while; then the command fails. */
	while (wire_wait(&door, &m, WAIT) == 1)
		wire_send(&door, MSG_VISIT_REFUSED, &refused);
	expect_client(1);
}
END_TEST

/*
 * A key that comes while output is written is read by libssh then, and poll has nothing to
 * tell of it any more: answered to the first byte of a burst, it comes somewhere in the burst.
 */
enum { BURSTS = 600, BURST_MAX = 24, PIECE = 512, KEY_MS = 5000 };

static int act_type_at_bursts(ssh_session ssh)
{
	char out[BURST_MAX * PIECE];
	ssh_channel ch;
	int n;

	if (use_key(ssh) != SSH_AUTH_SUCCESS)
		return 1;
	ch = ssh_channel_new(ssh);
	if (ssh_channel_open_session(ch) != SSH_OK ||
	    ssh_channel_request_exec(ch, "attach web1 --quiet") != SSH_OK)
		return 1;
	while ((n = ssh_channel_read(ch, out, sizeof(out), 0)) > 0) {
		if (memchr(out, 'Q', (size_t)n))
			return 0;
		if (memchr(out, '!', (size_t)n) && ssh_channel_write(ch, "k", 1) != 1)
			return 2;
	}
	return 3;
}

static void be_attached(struct wire *visit, uint32_t handle)
{
	struct msg_attached attached = { .handle = handle, .host = "local", .name = "web1", .unique = 1,
		.alias = "serial0", .until = UINT64_MAX, .may = MAY_TYPE, .may_type = 1, .viewers = 1 };
	struct msg_keyboard keyboard = { .handle = handle, .yours = 1, .held = 1, .holder = "alice" };

	ck_assert_int_eq(wire_send(visit, MSG_ATTACHED, &attached), 0);
	ck_assert_int_eq(wire_send(visit, MSG_KEYBOARD, &keyboard), 0);
}

static void send_output(struct wire *visit, uint32_t handle, const uint8_t *data, size_t len)
{
	static uint64_t offset;
	struct msg_output o = { .handle = handle, .offset = offset, .data = { data, len } };

	ck_assert_int_eq(wire_send(visit, MSG_OUTPUT, &o), 0);
	offset += len;
}

START_TEST(a_key_during_output)
{
	uint8_t first[PIECE] = "!", more[PIECE] = "";
	struct msg_credit credit = { .count = 1 };
	struct wire visit;
	struct message m;

	start();
	run_client(act_type_at_bursts);
	expect_key(true);
	send_result(AUTH_OK, "");
	wire_init(&visit, give_visit());
	/* Whether the whole string is a guest's name, and then the command itself. */
	next(&visit, &m, MSG_INFO);
	wire_send(&visit, MSG_REFUSED, &(struct msg_refused){ m.u.info.handle, REFUSED_NO_GUEST, "" });
	next(&visit, &m, MSG_ATTACH);
	credit.handle = m.u.attach.handle;
	be_attached(&visit, credit.handle);
	for (int i = 0; i < BURSTS; i++) {
		send_output(&visit, credit.handle, first, PIECE);
		for (int n = i % BURST_MAX; n; n--)
			send_output(&visit, credit.handle, more, PIECE);
		ck_assert_msg(wire_wait(&visit, &m, KEY_MS) == 1 && m.type == MSG_INPUT,
			      "the key of burst %d does not come", i);
		wire_send(&visit, MSG_CREDIT, &credit);
	}
	send_output(&visit, credit.handle, (const uint8_t *)"Q", 1);
	expect_client(0);
	wire_close(&visit);
}
END_TEST

static const struct garbage {
	const char *spoken;
	const char *bytes;
	size_t len;
} garbage[] = {
	{ "a web browser", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27 },
	{ "SSH 1", "SSH-1.5-x\r\n", 11 },
	{ "a version and noise", "SSH-2.0-x\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 21 },
	{ "a huge packet", "SSH-2.0-x\r\n\x7f\xff\xff\xff\x04\x14xxxxxxxx", 25 },
	{ "nothing", "", 0 },
	{ "a version and nothing", "SSH-2.0-x\r\n", 11 },
	{ "half a version", "SSH-", 4 },
};

START_TEST(no_ssh)
{
	const struct garbage *g = &garbage[_i];
	char in[4096];
	int fd;
	ssize_t n, all = 0;

	start();
	fd = connect_client();
	/* The version first: what is unread is lost with a connection that is reset. */
	all = read(fd, in, sizeof(in));
	ck_assert_int_eq(write(fd, g->bytes, g->len), (ssize_t)g->len);
	while ((n = read(fd, in + all, sizeof(in) - (size_t)all)) > 0)
		all += n;
	ck_assert_msg(all > 19 && memcmp(in, "SSH-2.0-serialgate_", 19) == 0, "%s", g->spoken);
	expect_end();
	close(fd);
}
END_TEST

static const struct bad_key {
	const char *spoken;
	const char *text;
} bad_keys[] = {
	{ "no key", "hello" },
	{ "an empty file", "" },
	{ "half a key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n" },
};

START_TEST(bad_host_key)
{
	int status;

	start_with(bad_keys[_i].text, KEY);
	ck_assert_int_eq(waitpid(sshd, &status, 0), sshd);
	sshd = 0;
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 1, "%s", bad_keys[_i].spoken);
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_test(t, key_and_command);
	tcase_add_test(t, probe_is_no_login);
	tcase_add_test(t, three_rounds);
	tcase_add_test(t, other_method_amid_rounds);
	tcase_add_test(t, two_methods_in_a_row);
	tcase_add_test(t, password_where_configured);
	tcase_add_test(t, password_where_not);
	tcase_add_test(t, too_many_tries);
	tcase_add_test(t, door_closes_during_login);
	tcase_add_test(t, client_leaves_during_login);
	tcase_add_test(t, what_is_refused);
	tcase_add_test(t, no_visit);
	tcase_add_test(t, a_key_during_output);
	tcase_add_loop_test(t, no_ssh, 0, ROWS(garbage));
	tcase_add_loop_test(t, bad_host_key, 0, ROWS(bad_keys));
}

int main(void)
{
	Suite *suite = suite_create("sshd");
	TCase *t = tcase_create("sshd");

	tcase_add_checked_fixture(t, make_host_key, stop);
	tcase_set_timeout(t, 30);
	add_tests(t);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
