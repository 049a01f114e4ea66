/* SPDX-License-Identifier: ISC */
/* See disk_keep.h. */
#include "console/disk_keep.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/disk.h"
#include "ipc/backoff.h"
#include "ipc/child.h"
#include "ipc/clock.h"
#include "ipc/log.h"

/* Until it ended; whether it was worth starting. */
static bool keep_one(struct wire *to_console)
{
	int64_t began = clock_ms();
	pid_t pid;
	int fd = disk_start(&pid);

	if (fd < 0) {
		log_warn("no process to write logs to disk: %s", strerror(errno));
		return false;
	}
	if (wire_send_fds(to_console, MSG_DISK_LINK, NULL, &fd, 1) < 0)
		_exit(0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return clock_ms() - began >= DISK_KEEP_LONG_MS;
}

static void run(struct wire *to_console) __attribute__((noreturn));

static void run(struct wire *to_console)
{
	unsigned failures = 0;

	prctl(PR_SET_NAME, "console-keep");
	log_prefix("console[keep]");
	if (disk_prepare() < 0)
		fatal("cannot set up the sandbox: %s", strerror(errno));
	disk_enter_walls();
	for (;;) {
		failures = keep_one(to_console) ? 0 : failures + 1;
		poll(NULL, 0, (int)backoff_pause(failures ? failures - 1 : 0, DISK_KEEP_FIRST_MS,
						 DISK_KEEP_MOST_MS));
	}
}

int disk_keep_start(void)
{
	struct child child = { 0 };
	struct wire link;
	pid_t pid = child_fork(&child, &link, NULL, 0, true);

	if (pid == 0)
		run(&link);
	return pid < 0 ? -1 : child.link.fd;
}
