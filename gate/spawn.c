/* SPDX-License-Identifier: ISC */
/* See spawn.h. */
#include "gate/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gate/users.h"
#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/privs.h"
#include "ipc/wire.h"

enum { SOCKET_FD = 3 };

static char directory[PATH_MAX];
static bool keeps_errors;

int spawn_init(bool keep_errors)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n < 0)
		return -1;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash) {
		errno = ENOENT;
		return -1;
	}
	*slash = '\0';
	keeps_errors = keep_errors;
	if (snprintf(directory, sizeof(directory), "%s/../libexec/serialgate", self) <
	    (int)sizeof(directory))
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

int spawn_check(const char *name, char *err, size_t errsize)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (access(path, X_OK) == 0)
		return 0;
	snprintf(err, errsize, "cannot run %.400s: %s", path, strerror(errno));
	return -1;
}

/* Standard input, output and error, and the socket on fd 3. */
static int arrange_files(const struct spawn *s)
{
	static const int keep[] = { SOCKET_FD };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		return -1;
	if ((s->output >= 0 || !keeps_errors) &&
	    dup2(s->output >= 0 ? s->output : null, STDOUT_FILENO) < 0)
		return -1;
	if (!keeps_errors && s->socket >= 0 && dup2(null, STDERR_FILENO) < 0)
		return -1;
	if (s->socket == SOCKET_FD && fcntl(SOCKET_FD, F_SETFD, 0) < 0)
		return -1;
	if (s->socket >= 0 && s->socket != SOCKET_FD && dup2(s->socket, SOCKET_FD) < 0)
		return -1;
	child_close_others(keep, s->socket >= 0);
	return 0;
}

static void execute(const struct spawn *s, const char *path, int program)
{
	char zone[128], name[64], argument[64];
	char search[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char lang[] = "LANG=C.UTF-8", all[] = "LC_ALL=C.UTF-8";
	const char *tz = getenv("TZ");
	char *env[] = { search, lang, all, tz ? zone : NULL, NULL };
	char *argv[] = { name, s->argument ? argument : NULL, NULL };

	snprintf(zone, sizeof(zone), "TZ=%s", tz ? tz : "");
	snprintf(name, sizeof(name), "serialgate-%s", s->name);
	snprintf(argument, sizeof(argument), "%s", s->argument ? s->argument : "");
	/* By descriptor where another user may not reach the directory of a build tree. */
	if (s->user)
		execveat(program, "", argv, env, AT_EMPTY_PATH);
	else
		execve(path, argv, env);
}

static void become_program(const struct spawn *s)
{
	char path[PATH_MAX + 64];
	int program;

	snprintf(path, sizeof(path), "%s/%s", directory, s->name);
	program = open(path, O_PATH | O_CLOEXEC);
	if (program < 0) {
		log_line(LOG_CRIT, "cannot run %s: %s", path, strerror(errno));
		return;
	}
	if (s->user && privs_drop(s->user->uid, s->user->gid, s->user->groups,
				  s->user->ngroups) < 0) {
		log_line(LOG_CRIT, "cannot become uid %u: %s", s->user->uid, strerror(errno));
		return;
	}
	execute(s, path, program);
	log_line(LOG_CRIT, "cannot run %s: %s", path, strerror(errno));
}

pid_t spawn_program(const struct spawn *s)
{
	struct wire wire;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* Out of the terminal's reach: Ctrl-C is gate's to answer. */
	setsid();
	child_reset_signals();
	if (arrange_files(s) < 0)
		_exit(127);
	log_prefix("%s", s->name);
	wire_init(&wire, s->socket >= 0 ? SOCKET_FD : -1);
	log_to(s->socket >= 0 ? &wire : NULL);
	become_program(s);
	_exit(127);
}
