/* SPDX-License-Identifier: ISC */
/*
 * serialgate: the process that listens, limits and hands on. It is the parent of all
 * others and the only one that stays root besides auth, and reads no byte from the
 * network. This file: the command line, the checks before the start, becoming a daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/journal.h"
#include "gate/needs.h"
#include "gate/run.h"
#include "gate/spawn.h"
#include "ipc/child.h"
#include "ipc/log.h"

enum { EXIT_USAGE = 2 };

struct arguments {
	const char *path;
	bool tests, stays;
};

static int ready_pipe = -1;    /* to the process that waits for the daemon to be ready */

static const char usage[] =
	"usage: serialgate [-dt] [-f FILE]\n"
	"       serialgate -h | -V\n"
	"\n"
	"  -d        stay in the foreground, log to standard error\n"
	"  -f FILE   the configuration (" CONFIG_PATH ")\n"
	"  -t        test the configuration and exit\n"
	"  -h, --help     this text\n"
	"  -V, --version  the version\n"
	"\n"
	"See serialgate(8) and serialgate.conf(5).\n";

static void show_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? 0 : 1);
}

static void read_arguments(struct arguments *a, int argc, char **argv)
{
	static const struct option names[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	bool wrong = false;
	int c;

	while ((c = getopt_long(argc, argv, "df:thV", names, NULL)) != -1) {
		if (c == 'h')
			show_and_exit(usage);
		if (c == 'V')
			show_and_exit("serialgate " SERIALGATE_VERSION "\n");
		a->stays |= c == 'd';
		a->tests |= c == 't';
		wrong |= c == '?';
		if (c == 'f')
			a->path = optarg;
	}
	if (!wrong && optind < argc)
		fprintf(stderr, "serialgate: unexpected word: %s\n", argv[optind]);
	if (wrong || optind < argc) {
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
}

static void print_error(void *arg, unsigned line, const char *text)
{
	const char *path = arg;

	if (line)
		fprintf(stderr, "%s:%u: %s\n", path, line, text);
	else
		fprintf(stderr, "%s: %s\n", path, text);
}

/* What follows opens files: none of them may become standard input, output or error. */
static void arrange_process(void)
{
	const struct rlimit none = { 0, 0 };
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	child_close_others(NULL, 0);
	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
	umask(077);
}

/* SIGHUP reads it again, from another directory; a link in it may lead elsewhere by then. */
static int make_absolute(const char *path, char out[static PATH_MAX])
{
	char here[PATH_MAX] = "";

	if (path[0] != '/' && !getcwd(here, sizeof(here)))
		return -1;
	if (snprintf(out, PATH_MAX, "%s%s%s", here, here[0] ? "/" : "", path) < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

/* The process that was called: ends when the daemon is ready, or with its failure. */
static void await_daemon(pid_t daemon, int from)
{
	int status;
	char byte;
	ssize_t n;

	do
		n = read(from, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	if (waitpid(daemon, &status, 0) == daemon && WIFEXITED(status) && WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	_exit(1);
}

static void become_daemon(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		fatal("cannot become a daemon: %s", strerror(errno));
	if (pid > 0) {
		close(fds[1]);
		await_daemon(pid, fds[0]);
	}
	close(fds[0]);
	ready_pipe = fds[1];
	setsid();
	if (chdir("/") < 0)
		fatal("cannot enter /: %s", strerror(errno));
}

static void daemon_is_ready(void)
{
	int null;

	if (ready_pipe < 0)
		return;
	journal_open(JOURNAL_SYSLOG);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close(null);
	(void)!write(ready_pipe, "", 1);
	close(ready_pipe);
	ready_pipe = -1;
}

int main(int argc, char **argv)
{
	struct arguments a = { .path = CONFIG_PATH };
	static char path[PATH_MAX];
	char err[CONFIG_ERROR_SIZE];
	struct needs *needs;

	read_arguments(&a, argc, argv);
	arrange_process();
	needs = needs_read(a.path, print_error, (void *)(uintptr_t)a.path);
	if (!needs)
		return EXIT_USAGE;
	if (a.tests) {
		needs_free(needs);
		printf("%s: good\n", a.path);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	log_prefix("gate");
	journal_open(a.stays ? JOURNAL_STDERR : JOURNAL_START);
	if (make_absolute(a.path, path) < 0 || spawn_init(a.stays) < 0)
		fatal("cannot start: %s", strerror(errno));
	if (run_listen(needs, err, sizeof(err)) < 0)
		fatal("%s", err);
	if (run_make_keys(needs) < 0)
		return 1;
	if (!a.stays)
		become_daemon();
	return run_gate(path, needs, daemon_is_ready);
}
