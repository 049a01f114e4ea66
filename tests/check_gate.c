/* SPDX-License-Identifier: ISC */
/*
 * The gateway as a whole, seen from outside: the real serialgate with its real parts, a
 * configuration in a directory of its own, TCP connections, signals. No libvirt and no
 * login is needed. Waits for what is to happen, never for a time.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/suite.h"

enum { PATIENCE_MS = 20000, STEP_MS = 10, TEXT_SIZE = 65536 };

static char program[4096];         /* build/sbin/serialgate beside this test */
static char base[64];              /* removed at the end, also after a failure */
static char folder[80];            /* of this test alone, in it */
static char text[TEXT_SIZE];
static int port;
static pid_t gate;

/* -- small things -- */

static void step(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000L }, NULL);
}

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static const char *read_whole(const char *name)
{
	FILE *f = fopen(in_folder(name), "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return text;
}

static void write_whole(const char *name, const char *what)
{
	FILE *f = fopen(in_folder(name), "we");

	ck_assert_ptr_nonnull(f);
	fputs(what, f);
	fclose(f);
}

static int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (void *)&a, len), 0);
	getsockname(fd, (void *)&a, &len);
	close(fd);
	return ntohs(a.sin_port);
}

/* Three users that every Debian has stand in for the gateway's own. */
static void write_config(int at, const char *more)
{
	char config[4096];

	snprintf(config, sizeof(config),
		 "[gate]\nusers = daemon bin nobody\n%s\n"
		 "[ssh]\nlisten = 127.0.0.1:%d\nhost-key = %s/key\n"
		 "[web]\nlisten =\n[auth]\npam-directory = %s\n"
		 "[host \"here\"]\nuri = test:///default\n", more, at, folder, folder);
	write_whole("conf", config);
}

static void set_up(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	snprintf(folder, sizeof(folder), "%s/XXXXXX", base);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_whole("serialgate", "auth required pam_deny.so\naccount required pam_deny.so\n");
	port = free_port();
	gate = 0;
}

/* All processes of the gateway are our descendants, and none is left behind. */
static void tear_down(void)
{
	if (gate > 0)
		kill(gate, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* -- the gateway -- */

static pid_t run(const char *const *arguments)
{
	pid_t pid = fork();

	if (pid == 0) {
		char *argv[8] = { program };

		for (int i = 0; arguments[i]; i++)
			argv[i + 1] = strdup(arguments[i]);
		dup2(open(in_folder("log"), O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
		dup2(open(in_folder("out"), O_WRONLY | O_CREAT | O_APPEND, 0600), STDOUT_FILENO);
		execv(program, argv);
		_exit(127);
	}
	return pid;
}

/* Its exit status. */
static int end_of(pid_t pid)
{
	int status;

	for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			ck_assert_msg(WIFEXITED(status), "it was ended by a signal");
			return WEXITSTATUS(status);
		}
		step();
	}
	ck_abort_msg("it does not end");
	return -1;
}

static int run_to_end(const char *const *arguments)
{
	return end_of(run(arguments));
}

static int count_in_log(const char *what)
{
	int n = 0;

	for (const char *at = read_whole("log"); (at = strstr(at, what)); at++)
		n++;
	return n;
}

static bool has_gone(pid_t pid)
{
	siginfo_t info = { 0 };

	return pid > 0 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == pid;
}

static void await_log(const char *what, int times)
{
	for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
		if (count_in_log(what) >= times)
			return;
		if (has_gone(gate))
			break;
		step();
	}
	ck_abort_msg("not in the log %d times: %s\n%s", times, what, read_whole("log"));
}

static void start_gate(const char *more)
{
	const char *arguments[] = { "-d", "-f", in_folder("conf"), NULL };

	write_config(port, more);
	gate = run(arguments);
	await_log("listening on", 1);
}

/* It ends by itself, with all it started. */
static void end_gate(void)
{
	kill(gate, SIGTERM);
	ck_assert_int_eq(end_of(gate), 0);
	gate = 0;
	ck_assert_msg(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "it left processes behind");
}

/* A role's parent: the process of that name that leads its session, below the gate. */
static pid_t find_role(const char *name)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	pid_t found = 0;

	while (proc && (e = readdir(proc))) {
		char path[300], line[64] = "", stat[512] = "";
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
		int parent = 0;
		FILE *f;

		if (pid <= 1 || getsid(pid) != pid)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
		f = fopen(path, "re");
		if (!f)
			continue;
		(void)!fgets(line, sizeof(line), f);
		fclose(f);
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		f = fopen(path, "re");
		if (!f)
			continue;
		(void)!fgets(stat, sizeof(stat), f);
		fclose(f);
		sscanf(strrchr(stat, ')') ? strrchr(stat, ')') + 1 : "", " %*c %d", &parent);
		if (parent == gate && strncmp(line, "serialgate-", 11) == 0 &&
		    strcmp(line + 11, name) == 0)
			found = pid;
	}
	if (proc)
		closedir(proc);
	return found;
}

/* -- connections -- */

static int dial(int to)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)to),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (void *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A connection that is answered by the banner of our sshd; -1: refused or closed. */
static int visit(int to)
{
	char banner[8] = "";
	int fd = dial(to);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return -1;
	if (poll(&p, 1, PATIENCE_MS) == 1 && recv(fd, banner, 8, MSG_WAITALL) == 8 &&
	    memcmp(banner, "SSH-2.0-", 8) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The same, until it is let in. */
static int visit_at_last(int to)
{
	for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
		int fd = visit(to);

		if (fd >= 0)
			return fd;
		step();
	}
	ck_abort_msg("nobody is let in\n%s", read_whole("log"));
	return -1;
}

static bool is_alive(int fd)
{
	char bytes[4096];
	ssize_t n;

	do
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	while (n > 0);
	return n < 0 && errno == EAGAIN;
}

/* -- the command line -- */

static const struct {
	const char *name, *arguments[4];
	int status;
	const char *out, *error;
} lines[] = {
	{ "help", { "--help" }, 0, "usage: serialgate", NULL },
	{ "help, short", { "-h" }, 0, "usage: serialgate", NULL },
	{ "version", { "--version" }, 0, "serialgate ", NULL },
	{ "version, short", { "-V" }, 0, "serialgate ", NULL },
	{ "an unknown option", { "-x" }, 2, NULL, "usage: serialgate" },
	{ "an unknown long option", { "--frobnicate" }, 2, NULL, "usage: serialgate" },
	{ "a word too many", { "start" }, 2, NULL, "unexpected word: start" },
	{ "no file after -f", { "-f" }, 2, NULL, "usage: serialgate" },
	{ "a configuration that is not there", { "-t", "-f", "/none/conf" }, 2, NULL,
	  "/none/conf: cannot be read: No such file" },
	{ "a configuration that is a directory", { "-t", "-f", "/tmp" }, 2, NULL, "/tmp: cannot be" },
};

START_TEST(test_line)
{
	int status = run_to_end(lines[_i].arguments);

	ck_assert_msg(status == lines[_i].status, "%s: %d", lines[_i].name, status);
	if (lines[_i].out)
		ck_assert_msg(strstr(read_whole("out"), lines[_i].out) != NULL, "%s: %s",
			      lines[_i].name, text);
	if (lines[_i].error)
		ck_assert_msg(strstr(read_whole("log"), lines[_i].error) != NULL, "%s: %s",
			      lines[_i].name, text);
}
END_TEST

/* -- configurations -- */

static const struct {
	const char *name, *config;
	const char *errors[4];
} bad[] = {
	{ "all errors with their lines",
	  "[gate]\nmax-visitor = 3\npenalty = x\n[nope]\n",
	  { "conf:2: unknown key", "conf:3: penalty", "conf:4: unknown section" } },
	{ "a host key in a place that is not there",
	  "[gate]\nusers = daemon bin nobody\n\n[ssh]\nhost-key = /none/key\n",
	  { "conf:5: host key /none/key" } },
	{ "a PAM service that is not there",
	  "[gate]\nusers = daemon bin nobody\n[auth]\npam-directory = /none\n",
	  { "conf:4: pam-service: /none/serialgate" } },
	{ "shared keys that are not there",
	  "[gate]\nusers = daemon bin nobody\n[auth]\nshared-keys = /none\n",
	  { "conf:4: shared-keys: /none" } },
};

START_TEST(test_bad_configuration)
{
	/* With -t and without: an error comes before anything is bound or started. */
	const char *only[] = { "-t", "-f", in_folder("conf"), NULL };
	const char *start[] = { "-f", in_folder("conf"), NULL };

	write_whole("conf", bad[_i].config);
	ck_assert_int_eq(run_to_end(only), 2);
	ck_assert_int_eq(run_to_end(start), 2);
	for (int i = 0; i < 4 && bad[_i].errors[i]; i++)
		ck_assert_msg(count_in_log(bad[_i].errors[i]) == 2, "%s: %s\n%s", bad[_i].name,
			      bad[_i].errors[i], text);
}
END_TEST

START_TEST(test_users_that_are_not_there)
{
	const char *only[] = { "-t", "-f", in_folder("conf"), NULL };

	if (geteuid() != 0) {
		puts("skipped: users are only looked up by root");
		return;
	}
	write_whole("conf", "[gate]\nusers = no-such-a no-such-b no-such-c\n");
	ck_assert_int_eq(run_to_end(only), 2);
	ck_assert_int_eq(count_in_log("conf:2: there is no user \"no-such-"), 3);
	ck_assert_int_eq(count_in_log("systemd-sysusers"), 3);
}
END_TEST

START_TEST(test_good_configuration)
{
	const char *only[] = { "-t", "-f", in_folder("conf"), NULL };

	write_config(port, "");
	ck_assert_int_eq(run_to_end(only), 0);
	ck_assert_ptr_nonnull(strstr(read_whole("out"), "conf: good"));
	/* A test makes nothing. */
	ck_assert_int_ne(access(in_folder("key"), F_OK), 0);
}
END_TEST

/* -- host keys -- */

START_TEST(test_host_key_is_made_once)
{
	char first[8192];
	struct stat st;

	start_gate("");
	ck_assert_int_eq(stat(in_folder("key"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_uid, geteuid());
	ck_assert_ptr_nonnull(strstr(read_whole("key"), "PRIVATE KEY"));
	snprintf(first, sizeof(first), "%.8000s", text);
	ck_assert_int_ne(access(in_folder("key.tmp"), F_OK), 0);
	end_gate();
	ck_assert_int_eq(count_in_log("made host key"), 1);
	unlink(in_folder("log"));
	start_gate("");
	ck_assert_str_eq(read_whole("key"), first);
	ck_assert_int_eq(count_in_log("made host key"), 0);
	end_gate();
}
END_TEST

static const struct {
	const char *name;
	mode_t mode;
	const char *content, *error;
} keys[] = {
	{ "readable by others", 0644, "KEY", "others (mode 0644); expected 0600" },
	{ "readable by its group", 0640, "KEY", "others (mode 0640); expected 0600" },
	{ "empty", 0600, "", "has 0 bytes" },
};

START_TEST(test_bad_host_key)
{
	const char *start[] = { "-d", "-f", in_folder("conf"), NULL };

	write_config(port, "");
	write_whole("key", keys[_i].content);
	chmod(in_folder("key"), keys[_i].mode);
	ck_assert_int_eq(run_to_end(start), 2);
	ck_assert_msg(count_in_log(keys[_i].error) == 1, "%s: %s", keys[_i].name, text);
}
END_TEST

START_TEST(test_host_key_that_is_none)
{
	const char *start[] = { "-d", "-f", in_folder("conf"), NULL };

	write_config(port, "");
	write_whole("key", "this is not a key\n");
	chmod(in_folder("key"), 0600);
	ck_assert_int_eq(run_to_end(start), 1);
	ck_assert_int_ge(count_in_log("sshd: "), 1);
	ck_assert_str_eq(read_whole("key"), "this is not a key\n");
}
END_TEST

/* -- the web's certificate -- */

static const struct {
	const char *name, *chain, *key;      /* contents; NULL: not there */
	mode_t chain_mode, key_mode;
	const char *error;                   /* NULL: good; the line it stands in comes first */
} certificates[] = {
	{ "neither is there", NULL, NULL, 0, 0, NULL },
	{ "both are", "C", "K", 0644, 0600, NULL },
	{ "no key", "C", NULL, 0644, 0, "conf:9: tls-key: " },
	{ "no certificate", NULL, "K", 0, 0600, "conf:8: tls-certificate: " },
	{ "a key for all to read", "C", "K", 0644, 0644, "conf:9: key " },
	{ "a key for its group", "C", "K", 0644, 0640, "(mode 0640); expected 0600" },
	{ "a certificate for all to change", "C", "K", 0666, 0600, "conf:8: certificate " },
	{ "an empty certificate", "", "K", 0644, 0600, "has 0 bytes; expected 1 to 45000" },
};

static void write_web_config(const char *listen)
{
	char config[4096];

	snprintf(config, sizeof(config),
		 "[gate]\nusers = daemon bin nobody\n[auth]\npam-directory = %s\n"
		 "[web]\nlisten = %s\n# the pair\ntls-certificate = %s/crt\ntls-key = %s/web-key\n"
		 "[ssh]\nlisten = 127.0.0.1:%d\nhost-key = %s/key\n"
		 "[host \"here\"]\nuri = test:///default\n",
		 folder, listen, folder, folder, port, folder);
	write_whole("conf", config);
}

START_TEST(test_certificate)
{
	const char *only[] = { "-t", "-f", NULL, NULL };

	write_web_config("192.0.2.1:8022");
	if (certificates[_i].chain) {
		write_whole("crt", certificates[_i].chain);
		chmod(in_folder("crt"), certificates[_i].chain_mode);
	}
	if (certificates[_i].key) {
		write_whole("web-key", certificates[_i].key);
		chmod(in_folder("web-key"), certificates[_i].key_mode);
	}
	only[2] = in_folder("conf");
	ck_assert_msg(run_to_end(only) == (certificates[_i].error ? 2 : 0), "%s",
		      certificates[_i].name);
	if (certificates[_i].error)
		ck_assert_msg(strstr(read_whole("log"), certificates[_i].error) != NULL, "%s: %s",
			      certificates[_i].name, text);
}
END_TEST

START_TEST(test_web_is_off_without_a_certificate)
{
	const char *start[] = { "-d", "-f", in_folder("conf"), NULL };

	write_web_config("[::]:8022");
	gate = run(start);
	await_log("the web endpoint is off: there is no certificate", 1);
	ck_assert_int_eq(count_in_log("listening on"), 1);
	ck_assert_int_eq(find_role("ws"), 0);
	/* Half a pair is refused, and all goes on. */
	write_whole("crt", "C");
	kill(gate, SIGHUP);
	await_log("conf:9: tls-key: ", 1);
	await_log("is refused: the old one stays", 1);
	end_gate();
}
END_TEST

/* -- start and end -- */

START_TEST(test_address_in_use)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const char *stays[] = { "-d", "-f", in_folder("conf"), NULL };
	const char *daemon[] = { "-f", in_folder("conf"), NULL };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char expected[128];

	ck_assert_int_eq(bind(fd, (void *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	write_config(port, "");
	ck_assert_int_eq(run_to_end(stays), 1);
	ck_assert_int_eq(run_to_end(daemon), 1);
	snprintf(expected, sizeof(expected), "cannot listen on 127.0.0.1:%d: Address already in use",
		 port);
	ck_assert_int_eq(count_in_log(expected), 2);
	close(fd);
}
END_TEST

/* Ours since we are a subreaper; not a child of itself like the roles. */
static pid_t find_daemon(void)
{
	siginfo_t info;
	char path[64], list[256] = "";
	FILE *f;

	waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
	f = fopen(path, "re");
	if (f) {
		(void)!fgets(list, sizeof(list), f);
		fclose(f);
	}
	return (pid_t)strtol(list, NULL, 10);
}

START_TEST(test_daemon_is_ready_when_its_caller_returns)
{
	const char *daemon[] = { "-f", in_folder("conf"), NULL };
	int fd;

	write_config(port, "");
	ck_assert_int_eq(run_to_end(daemon), 0);
	gate = find_daemon();
	ck_assert_int_gt(gate, 0);
	ck_assert_int_eq(getsid(gate), gate);
	fd = visit(port);
	ck_assert_int_ge(fd, 0);
	close(fd);
	end_gate();
}
END_TEST

START_TEST(test_end_takes_everybody_along)
{
	int fd;

	start_gate("");
	fd = visit(port);
	ck_assert_int_ge(fd, 0);
	end_gate();
	ck_assert(!is_alive(fd));
	ck_assert_int_lt(dial(port), 0);
	close(fd);
}
END_TEST

/* kill -9: nobody is there to clean up, and still all go. */
START_TEST(test_nobody_outlives_the_gate)
{
	int fd;

	start_gate("");
	fd = visit(port);
	ck_assert_int_ge(fd, 0);
	kill(gate, SIGKILL);
	for (int waited = 0; waited < 2000; waited += STEP_MS) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD) {
			gate = 0;
			close(fd);
			return;
		}
		step();
	}
	ck_abort_msg("processes are left after 2 s");
}
END_TEST

/* -- death of a role -- */

static const char *const roles[] = { "auth", "console", "virt", "sshd" };

START_TEST(test_role_is_started_again)
{
	char expected[64];
	pid_t old;
	int before, after;

	start_gate("");
	before = visit(port);
	ck_assert_int_ge(before, 0);
	snprintf(expected, sizeof(expected), "%s is ready again", roles[_i]);
	for (int time = 1; time <= 2; time++) {
		old = find_role(roles[_i]);
		ck_assert_int_gt(old, 0);
		kill(old, SIGKILL);
		await_log(expected, time);
		ck_assert_int_ne(find_role(roles[_i]), old);
		after = visit_at_last(port);
		close(after);
	}
	/* Sessions outlive their parent; one that is not logged in needs its door. */
	if (strcmp(roles[_i], "auth") != 0)
		ck_assert_msg(is_alive(before), "%s took a connection along", roles[_i]);
	close(before);
	end_gate();
}
END_TEST

/* One that hangs is not waited for: connections are refused by a limit, gate goes on. */
START_TEST(test_role_that_hangs)
{
	pid_t sshd;
	int fds[4];

	start_gate("max-unauthenticated = 3");
	sshd = find_role("sshd");
	kill(sshd, SIGSTOP);
	for (int i = 0; i < 4; i++)
		fds[i] = dial(port);
	await_log("max-unauthenticated is reached", 1);
	kill(sshd, SIGKILL);
	await_log("sshd is ready again", 1);
	close(visit_at_last(port));
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	end_gate();
}
END_TEST

/* -- reload -- */

START_TEST(test_reload)
{
	int other = free_port(), old, fd;

	start_gate("");
	old = visit(port);
	ck_assert_int_ge(old, 0);

	write_whole("conf", "[gate]\nmax-visitors = many\n");
	kill(gate, SIGHUP);
	await_log("conf:2: max-visitors", 1);
	await_log("is refused: the old one stays", 1);
	fd = visit(port);
	ck_assert_int_ge(fd, 0);
	close(fd);

	write_config(other, "max-per-source = 2");
	kill(gate, SIGHUP);
	await_log("conf again", 1);
	fd = visit_at_last(other);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_lt(dial(port), 0);
	ck_assert(is_alive(old));
	ck_assert_int_lt(visit(other), 0);
	await_log("max-per-source is reached", 1);
	close(fd);
	close(old);
	end_gate();
}
END_TEST

/* -- limits -- */

static const struct {
	const char *name, *setting, *reason;
} limits[] = {
	{ "before login", "max-unauthenticated = 3", "max-unauthenticated is reached" },
	{ "of one source", "max-per-source = 3", "max-per-source is reached" },
	{ "in all", "max-visitors = 3", "max-visitors is reached" },
};

START_TEST(test_flood)
{
	int fds[3];

	start_gate(limits[_i].setting);
	for (int i = 0; i < 3; i++) {
		fds[i] = visit(port);
		ck_assert_int_ge(fds[i], 0);
	}
	for (int i = 0; i < 100; i++)
		ck_assert_msg(visit(port) < 0, "%s: one too many", limits[_i].name);
	await_log(limits[_i].reason, 2);
	ck_assert_msg(count_in_log(limits[_i].reason) < 20, "%s: a line for each\n%s",
		      limits[_i].name, text);
	for (int i = 0; i < 3; i++)
		ck_assert(is_alive(fds[i]));
	close(fds[0]);
	fds[0] = visit_at_last(port);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	end_gate();
}
END_TEST

static void find_program(void)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 64);
	char *slash;

	program[n > 0 ? n : 0] = '\0';
	slash = strrchr(program, '/');
	if (slash)
		strcpy(slash, "/../sbin/serialgate");
}

int main(void)
{
	Suite *s = suite_create("gate");
	TCase *t = tcase_create("gate");
	char command[128];
	int failed;

	find_program();
	snprintf(base, sizeof(base), "/tmp/check_gate.XXXXXX");
	if (!mkdtemp(base))
		return 1;
	tcase_set_timeout(t, 90);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, test_line, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_loop_test(t, test_bad_configuration, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, test_users_that_are_not_there);
	tcase_add_test(t, test_good_configuration);
	tcase_add_test(t, test_host_key_is_made_once);
	tcase_add_loop_test(t, test_bad_host_key, 0, sizeof(keys) / sizeof(keys[0]));
	tcase_add_test(t, test_host_key_that_is_none);
	tcase_add_loop_test(t, test_certificate, 0, sizeof(certificates) / sizeof(certificates[0]));
	tcase_add_test(t, test_web_is_off_without_a_certificate);
	tcase_add_test(t, test_address_in_use);
	tcase_add_test(t, test_daemon_is_ready_when_its_caller_returns);
	tcase_add_test(t, test_end_takes_everybody_along);
	tcase_add_test(t, test_nobody_outlives_the_gate);
	tcase_add_loop_test(t, test_role_is_started_again, 0, sizeof(roles) / sizeof(roles[0]));
	tcase_add_test(t, test_role_that_hangs);
	tcase_add_test(t, test_reload);
	tcase_add_loop_test(t, test_flood, 0, sizeof(limits) / sizeof(limits[0]));
	suite_add_tcase(s, t);
	failed = suite_run(s);
	snprintf(command, sizeof(command), "rm -rf %s", base);
	return system(command) || failed ? 1 : 0;
}
