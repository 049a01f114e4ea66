/* SPDX-License-Identifier: ISC */
/*
 * What the tests of the role virt share: they play gate (fd 3) and console for the real
 * binary, and guests/private-libvirt runs a daemon with tiny guests. All waits are for a
 * condition, with an end. Included by check_virt.c and check_virt_ends.c alone.
 */
#ifndef TESTS_VIRT_ROLE_H
#define TESTS_VIRT_ROLE_H

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ipc/clock.h"
#include "tests/role_stage.h"

enum { WAIT_MS = 20000, SHORT_MS = 5000 };

static char base[64];                /* everything the daemon has */
static pid_t role_pid, guard_pid;
static int guard_fd = -1;
static struct wire console = { .fd = -1 };

/* -- programs -- */

__attribute__((format(printf, 3, 4)))
static inline int run(char *out, size_t size, const char *fmt, ...)
{
	char command[1024];
	va_list ap;
	FILE *f;
	size_t n;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return pclose(f);
}

static inline void libvirt(const char *command, const char *arguments)
{
	char out[512];

	ck_assert_int_eq(run(out, sizeof(out), "guests/private-libvirt %s %s/l %s", command, base,
			     arguments), 0);
}

/* Asked for once: each time costs several processes. */
static inline const char *daemon_uri(void)
{
	static char uri[512];

	if (!uri[0])
		run(uri, sizeof(uri), "guests/private-libvirt uri %s/l", base);
	return uri;
}

static inline void virsh(const char *command)
{
	char out[512];

	ck_assert_int_eq(run(out, sizeof(out), "virsh -q -c '%s' %s >/dev/null", daemon_uri(),
			     command), 0);
}

static inline pid_t daemon_pid(void)
{
	char out[64];

	ck_assert_int_eq(run(out, sizeof(out), "guests/private-libvirt pid %s/l", base), 0);
	return (pid_t)atoi(out);
}

static inline void uuid_of(const char *name, uint8_t *uuid)
{
	static struct {
		char name[16];
		uint8_t uuid[UUID_SIZE];
	} known[8];
	char out[64];
	const char *p = out;
	size_t k = 0;

	while (k < 8 && known[k].name[0] && strcmp(known[k].name, name) != 0)
		k++;
	ck_assert_uint_lt(k, 8);
	if (!known[k].name[0]) {
		ck_assert_int_eq(run(out, sizeof(out), "virsh -q -c '%s' domuuid %s", daemon_uri(),
				     name), 0);
		for (int i = 0; i < UUID_SIZE; i++) {
			p += *p == '-';
			ck_assert_int_eq(sscanf(p, "%2hhx", &known[k].uuid[i]), 1);
			p += 2;
		}
		snprintf(known[k].name, sizeof(known[k].name), "%s", name);
	}
	memcpy(uuid, known[k].uuid, UUID_SIZE);
}

/* -- the role -- */

static inline void configure(const char *key, const char *value)
{
	option("host", "h", key, value);
}

/* The next message that is not a log line: 1; 0 nothing in time; -1 the end. */
static inline int next(struct wire *w, struct message *m, int ms)
{
	int64_t until = clock_ms() + ms;

	for (;;) {
		int64_t now = clock_ms();
		int r = now > until ? 0 : wire_wait(w, m, (int)(until - now));

		if (r == 1 && m->type == MSG_LOG) {
			fprintf(stderr, "  log: %s\n", m->u.log.text);
			continue;
		}
		return r;
	}
}

static inline void expect(struct wire *w, struct message *m, enum message_type type)
{
	int r = next(w, m, WAIT_MS);

	ck_assert_msg(r == 1, "%s instead of %s", r ? "the end" : "silence", message_name(type));
	if (m->type == MSG_LINE_FAILED && type != m->type)
		ck_abort_msg("%s", m->u.line_failed.text);
	ck_assert_msg(m->type == type, "%s instead of %s", message_name(m->type),
		      message_name(type));
}

static inline void new_console(void)
{
	join(ROLE_CONSOLE, &console);
}

static inline void start_virt(void)
{
	struct message m;

	role_pid = start_role("virt", ROLE_VIRT);
	configure("", "");
	configure("uri", daemon_uri());
	options_end();
	expect(&gate, &m, MSG_READY);
	new_console();
}

static inline void stop_virt(void)
{
	wire_close(&gate);
	wire_close(&console);
	if (role_pid > 0) {
		kill(role_pid, SIGKILL);
		waitpid(role_pid, NULL, 0);
	}
	role_pid = 0;
}

/* The children of the role: how many, and the pid of the first. */
static inline int children(pid_t *first)
{
	char path[64], out[4096];
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", role_pid, role_pid);
	run(out, sizeof(out), "cat %s", path);
	for (char *p = strtok(out, " "); p; p = strtok(NULL, " "))
		if (n++ == 0 && first)
			*first = (pid_t)atoi(p);
	return n;
}

static inline void wait_for_children(int n)
{
	int64_t until = clock_ms() + SHORT_MS;

	while (children(NULL) != n) {
		ck_assert_msg(clock_ms() < until, "%d children, not %d", children(NULL), n);
		usleep(10000);
	}
}

/* -- what console does -- */

static inline void watch(struct wire *w, const char *host)
{
	struct msg_watch_host order;
	int fds[2];

	memset(&order, 0, sizeof(order));
	snprintf(order.host, sizeof(order.host), "%s", host);
	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(w, fds[0]);
	ck_assert_int_eq(wire_send_fds(&console, MSG_WATCH_HOST, &order, &fds[1], 1), 0);
}

static inline void open_line(struct wire *w, const char *guest, const char *alias, bool force)
{
	struct msg_open_line order = { .host = "h", .force = force };
	int fds[2];

	snprintf(order.alias, sizeof(order.alias), "%s", alias);
	uuid_of(guest, order.uuid);
	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(w, fds[0]);
	ck_assert_int_eq(wire_send_fds(&console, MSG_OPEN_LINE, &order, &fds[1], 1), 0);
}

/*
 * libvirt locks a pty by a file with the daemon's pid, which counts for as long as a
 * killed daemon is not reaped: then once more.
 */
static inline void opened(struct wire *w, const char *guest)
{
	int64_t until = clock_ms() + WAIT_MS;
	struct message m;

	for (;;) {
		open_line(w, guest, "", false);
		ck_assert_int_eq(next(w, &m, WAIT_MS), 1);
		if (m.type == MSG_LINE_OPEN)
			break;
		ck_assert_int_eq(m.type, MSG_LINE_FAILED);
		ck_assert_msg(strstr(m.u.line_failed.text, "lock file") && clock_ms() < until, "%s",
			      m.u.line_failed.text);
		wire_close(w);
		usleep(50000);
	}
	ck_assert_str_eq(m.u.line_open.alias, "serial0");
}

static inline void refused(const char *guest, const char *alias, enum line_state state,
			   const char *text)
{
	struct message m;
	struct wire w;

	open_line(&w, guest, alias, false);
	expect(&w, &m, MSG_LINE_FAILED);
	ck_assert_msg(m.u.line_failed.line == state, "%d: %s", m.u.line_failed.line,
		      m.u.line_failed.text);
	ck_assert_msg(strstr(m.u.line_failed.text, text), "%s", m.u.line_failed.text);
	ck_assert_int_eq(next(&w, &m, WAIT_MS), -1);
	wire_close(&w);
}

static inline void type_keys(struct wire *w, const void *keys, size_t len)
{
	struct msg_line_data m = { { keys, len } };

	ck_assert_int_eq(wire_send(w, MSG_LINE_INPUT, &m), 0);
}

/* Reads until `text` was printed and `done` bytes of input are done. */
static inline void read_until(struct wire *w, const char *text, uint32_t done)
{
	static char seen[262144];
	size_t len = 0;
	uint32_t got = 0;
	struct message m;

	seen[0] = '\0';
	while (!strstr(seen, text) || got < done) {
		ck_assert_msg(next(w, &m, WAIT_MS) == 1, "no '%s' in '%.200s'", text, seen);
		if (m.type == MSG_LINE_DONE) {
			got += m.u.line_done.count;
			continue;
		}
		ck_assert_int_eq(m.type, MSG_LINE_DATA);
		ck_assert_uint_lt(len + m.u.line_data.data.len, sizeof(seen));
		memcpy(seen + len, m.u.line_data.data.data, m.u.line_data.data.len);
		len += m.u.line_data.data.len;
		seen[len] = '\0';
	}
	ck_assert_uint_eq(got, done);
}

static inline void wait_for_end(struct wire *w, bool stolen)
{
	struct message m;

	do
		ck_assert_int_eq(next(w, &m, WAIT_MS), 1);
	while (m.type == MSG_LINE_DATA || m.type == MSG_LINE_DONE);
	ck_assert_str_eq(message_name(m.type), message_name(MSG_LINE_END));
	ck_assert_msg(m.u.line_end.stolen == stolen, "stolen %d: %s", m.u.line_end.stolen,
		      m.u.line_end.text);
	ck_assert_int_eq(next(w, &m, WAIT_MS), -1);
	wire_close(w);
}

/* Reads the watch up to DOMAINS_END; how many guests, and that of the name. */
static inline int listed(struct wire *w, const char *name, struct msg_domain *guest)
{
	struct message m;
	int n = 0;

	do
		expect(w, &m, MSG_HOST);
	while (!m.u.host.up);
	for (;;) {
		ck_assert_int_eq(next(w, &m, WAIT_MS), 1);
		if (m.type == MSG_DOMAINS_END)
			return n;
		ck_assert_int_eq(m.type, MSG_DOMAIN);
		n++;
		if (strcmp(m.u.domain.name, name) == 0)
			*guest = m.u.domain;
	}
}

/* Reads the watch until it tells of the guest in that state. */
static inline void wait_for_state(struct wire *w, const char *name, enum guest_state state,
			   struct msg_domain *guest)
{
	struct message m;

	do {
		expect(w, &m, MSG_DOMAIN);
		*guest = m.u.domain;
	} while (strcmp(guest->name, name) != 0 || guest->state != state);
}

/* -- a suite -- */

/* A process of its own clears up, so that it is done however the test ends. */
static inline void start_guard(void)
{
	char command[256];
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	guard_pid = fork();
	ck_assert_int_ge(guard_pid, 0);
	guard_fd = ends[1];
	if (guard_pid > 0) {
		close(ends[0]);
		return;
	}
	setsid();
	close(ends[1]);
	while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
		;
	snprintf(command, sizeof(command), "guests/private-libvirt stop %s/l; rmdir %s", base,
		 base);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static inline void start_daemon(void)
{
	snprintf(base, sizeof(base), "/tmp/sg-virt.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	start_guard();
	ck_assert_int_eq(chmod(base, 0711), 0);
	libvirt("start", "");
	libvirt("define", "run tiny");
	libvirt("define", "deaf tiny");
	libvirt("define", "off tiny --off --serials 2");
	libvirt("define", "bare tiny --serials 0");
}

static inline void stop_daemon(void)
{
	close(guard_fd);
	waitpid(guard_pid, NULL, 0);
}

static inline int run_suite(const char *name, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create("with a libvirtd");
	SRunner *runner = srunner_create(suite);
	int failed;

	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	tcase_add_unchecked_fixture(tcase, start_daemon, stop_daemon);
	tcase_add_checked_fixture(tcase, start_virt, stop_virt);
	suite_add_tcase(suite, tcase);
	/* One process, so that all tests share the daemon. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

#endif
