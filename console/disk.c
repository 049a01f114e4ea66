/* SPDX-License-Identifier: ISC */
/*
 * See disk.h. Two processes: this one reads what console says, however the disk is, and
 * touches none; its child writes, and may hang, crash or be killed. Of one that hangs
 * nothing is waited for: what it has is given up, and what comes is, until it has caught up.
 */
#include "console/disk.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/disk_writer.h"
#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/peer.h"
#include "ipc/sandbox.h"

enum {
	HUNG_MS = 2000,              /* without a DONE while it has DATA */
	REAP_MS = 100,
	RESTART_MS = 1000,
	WARN_MS = 60000,
	CONTROL_MAX = 1024 * 1024,   /* bytes that wait for the writer beside DATA */
	WRITER_QUEUE = CONTROL_MAX + 4 * DISK_WINDOW,
};

/* What a new writer has to know. */
struct opened {
	struct opened *next;
	struct msg_disk_open open;
};

static struct peer console = PEER_CLOSED, writer = PEER_CLOSED;
static pid_t writer_pid;             /* 0: none */
static struct msg_disk_setup setup;
static struct opened *all;           /* owned */
static size_t at_writer;             /* bytes of DATA that the writer has not done */
static size_t owed;                  /* of them, those that console still waits for */
static bool is_hung;
static uint64_t warned_at;           /* 0: not yet */
static struct sandbox walls, writer_walls;
static struct loop_timer hung_timer, restart_timer;

static void start_writer(void *owner);

/* -- the writer's state -- */

static void tell_done(size_t bytes)
{
	const struct msg_disk_done m = { (uint32_t)bytes };

	if (bytes)
		peer_send(&console, MSG_DISK_DONE, &m);
}

static void give_up(void)
{
	tell_done(owed);
	owed = 0;
}

static void warn(const char *what)
{
	if (warned_at && loop_now() - warned_at < WARN_MS)
		return;
	warned_at = loop_now();
	log_warn("log-directory %s: %s: consoles are not logged now", setup.directory, what);
}

static void hangs(void *owner)
{
	(void)owner;
	is_hung = true;
	give_up();
	warn("its disk does not answer");
}

static void caught_up(void)
{
	loop_timer_clear(&hung_timer);
	if (is_hung)
		log_warn("log-directory %s: its disk answers again", setup.directory);
	is_hung = false;
}

static bool is_there(void)
{
	return peer_is_open(&writer) && !is_hung;
}

/* -- the way from console to the writer -- */

/* What is no DATA waits behind one that hangs, up to a bound; then another one is started. */
static void forward(const struct message *m)
{
	if (!peer_is_open(&writer))
		return;
	if (writer.wire.queued > CONTROL_MAX + DISK_WINDOW)
		kill(writer_pid, SIGKILL);
	else
		peer_send(&writer, (enum message_type)m->type, &m->u);
}

static int take_setup(void *ctx, struct message *m)
{
	(void)ctx;
	setup = m->u.disk_setup;
	forward(m);
	return 0;
}

static struct opened **find(uint32_t log)
{
	struct opened **at = &all;

	while (*at && (*at)->open.log != log)
		at = &(*at)->next;
	return at;
}

static int take_open(void *ctx, struct message *m)
{
	struct opened **at = find(m->u.disk_open.log);

	(void)ctx;
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			fatal("out of memory");
	}
	(*at)->open = m->u.disk_open;
	forward(m);
	return 0;
}

static int take_close(void *ctx, struct message *m)
{
	struct opened **at = find(m->u.disk_log.log), *gone = *at;

	(void)ctx;
	if (!gone)
		return -1;
	*at = gone->next;
	free(gone);
	forward(m);
	return 0;
}

static int take_boot(void *ctx, struct message *m)
{
	(void)ctx;
	forward(m);
	return *find(m->u.disk_boot.log) ? 0 : -1;
}

static int take_data(void *ctx, struct message *m)
{
	size_t len = m->u.disk_data.data.len;

	(void)ctx;
	if (!*find(m->u.disk_data.log))
		return -1;
	if (!is_there()) {
		tell_done(len);
		return 0;
	}
	at_writer += len;
	owed += len;
	if (!loop_timer_is_set(&hung_timer))
		loop_timer_set(&hung_timer, HUNG_MS, hangs, NULL);
	peer_send(&writer, MSG_DISK_DATA, &m->u.disk_data);
	return 0;
}

static int take_find(void *ctx, struct message *m)
{
	const struct msg_request nothing = { m->u.disk_find.request };

	(void)ctx;
	if (is_there())
		peer_send(&writer, MSG_DISK_FIND, &m->u.disk_find);
	else
		peer_send(&console, MSG_DISK_FOUND, &nothing);
	return 0;
}

/* -- and back -- */

static int take_done(void *ctx, struct message *m)
{
	size_t count = m->u.disk_done.count;

	(void)ctx;
	if (count > at_writer)
		return -1;
	at_writer -= count;
	if (count > owed)
		count = owed;
	owed -= count;
	tell_done(count);
	if (at_writer == 0)
		caught_up();
	else if (!is_hung)
		loop_timer_set(&hung_timer, HUNG_MS, hangs, NULL);
	return 0;
}

static int take_file(void *ctx, struct message *m)
{
	(void)ctx;
	peer_send_fds(&console, MSG_DISK_FILE, &m->u.disk_file, m->fds, 2);
	m->nfds = 0;
	return 0;
}

static int take_found(void *ctx, struct message *m)
{
	(void)ctx;
	peer_send(&console, MSG_DISK_FOUND, &m->u.request);
	return 0;
}

/* -- the writer's life -- */

/* One that is stuck in the kernel is killed when the disk lets it go: not two at a time. */
static void reap(void *owner)
{
	(void)owner;
	if (waitpid(writer_pid, NULL, WNOHANG) == 0) {
		loop_timer_set(&restart_timer, REAP_MS, reap, NULL);
		return;
	}
	writer_pid = 0;
	loop_timer_set(&restart_timer, RESTART_MS, start_writer, NULL);
}

static void writer_gone(void *owner)
{
	(void)owner;
	loop_timer_clear(&hung_timer);
	is_hung = false;
	at_writer = 0;
	give_up();
	warn("the process that writes them ended");
	kill(writer_pid, SIGKILL);
	reap(NULL);
}

static const struct wire_rule writer_rules[] = {
	{ MSG_LOG, 1, child_take_log },
	{ MSG_DISK_DONE, 1, take_done },
	{ MSG_DISK_FILE, 1, take_file },
	{ MSG_DISK_FOUND, 1, take_found },
};
static const struct peer_kind writer_kind = {
	"disk writer", writer_rules, sizeof(writer_rules) / sizeof(writer_rules[0]), writer_gone,
	NULL,
};

static void start_writer(void *owner)
{
	struct child child = { 0 };
	struct wire link;
	pid_t pid = child_fork(&child, &link, NULL, 0, false);

	(void)owner;
	if (pid == 0)
		disk_writer_run(&link, &writer_walls);
	if (pid < 0 || peer_open(&writer, child.link.fd, &writer_kind, 1, NULL) < 0) {
		warn(strerror(errno));
		loop_timer_set(&restart_timer, WARN_MS, start_writer, NULL);
		return;
	}
	writer_pid = pid;
	writer.wire.limit = WRITER_QUEUE;
	peer_send(&writer, MSG_DISK_SETUP, &setup);
	for (const struct opened *o = all; o; o = o->next)
		peer_send(&writer, MSG_DISK_OPEN, &o->open);
}

/* -- this process -- */

int disk_prepare(void)
{
	if (sandbox_compile(&writer_walls, SANDBOX_DISK_WRITER) < 0)
		return -1;
	return sandbox_compile(&walls, SANDBOX_DISK);
}

void disk_enter_walls(void)
{
	if (sandbox_enter(&walls) < 0)
		fatal("cannot set up the sandbox: %s", strerror(errno));
}

/* What the writer's socket has it still writes; it ends when it has read that. */
static void console_gone(void *owner)
{
	(void)owner;
	exit(0);
}

static const struct wire_rule console_rules[] = {
	{ MSG_DISK_SETUP, 1, take_setup },
	{ MSG_DISK_OPEN, 1, take_open },
	{ MSG_DISK_DATA, 1, take_data },
	{ MSG_DISK_BOOT, 1, take_boot },
	{ MSG_DISK_CLOSE, 1, take_close },
	{ MSG_DISK_FIND, 1, take_find },
};
static const struct peer_kind console_kind = {
	"console", console_rules, sizeof(console_rules) / sizeof(console_rules[0]),
	console_gone, NULL,
};

static void run(int fd) __attribute__((noreturn));

static void run(int fd)
{
	prctl(PR_SET_NAME, "console-log");
	log_prefix("console[log]");
	if (loop_init() < 0 || peer_open(&console, fd, &console_kind, 1, NULL) < 0)
		_exit(1);
	log_to(&console.wire);
	disk_enter_walls();
	start_writer(NULL);
	for (;;) {
		watchdog_arm(WATCHDOG_SECONDS);
		if (loop_turn() < 0)
			fatal("event loop: %s", strerror(errno));
	}
}

int disk_start(pid_t *pid)
{
	struct child child = { 0 };
	struct wire link;

	*pid = child_fork(&child, &link, NULL, 0, false);
	if (*pid == 0)
		run(link.fd);
	return *pid < 0 ? -1 : child.link.fd;
}
