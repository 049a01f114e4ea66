/* SPDX-License-Identifier: ISC */
/* See child.h. */
#include "ipc/child.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "ipc/log.h"
#include "ipc/loop.h"
#include "ipc/sandbox.h"

enum { KEEP_MAX = 16 };

static int compare_ints(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void child_close_others(const int *keep, size_t nkeep)
{
	int sorted[KEEP_MAX];
	unsigned from = STDERR_FILENO + 1;
	size_t n = 0;

	for (size_t i = 0; i < nkeep && n < KEEP_MAX; i++)
		if (keep[i] >= (int)from)
			sorted[n++] = keep[i];
	qsort(sorted, n, sizeof(sorted[0]), compare_ints);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)sorted[i] > from)
			close_range(from, (unsigned)sorted[i] - 1, 0);
		from = (unsigned)sorted[i] + 1;
	}
	close_range(from, UINT_MAX, 0);
}

void child_reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t child_fork(struct child *c, struct wire *link, const int *keep, size_t nkeep,
		 bool die_with_parent)
{
	int fds[2];
	int own[KEEP_MAX];
	pid_t parent = getpid();
	pid_t pid;

	if (nkeep >= KEEP_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (wire_pair(fds) < 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		int saved = errno;

		close(fds[0]);
		close(fds[1]);
		errno = saved;
		return -1;
	}
	if (pid > 0) {
		close(fds[1]);
		c->pid = pid;
		wire_init(&c->link, fds[0]);
		return pid;
	}
	for (size_t i = 0; i < nkeep; i++)
		own[i] = keep[i];
	own[nkeep] = fds[1];
	child_close_others(own, nkeep + 1);
	loop_forget();
	child_reset_signals();
	signal(SIGPIPE, SIG_IGN);
	watchdog_forget();
	if (die_with_parent) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	wire_init(link, fds[1]);
	log_to(link);
	return 0;
}

int child_take_log(void *owner, struct message *m)
{
	(void)owner;
	log_forward(m->u.log.priority & LOG_PRIMASK, m->u.log.text);
	return 0;
}
