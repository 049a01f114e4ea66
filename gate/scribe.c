/* SPDX-License-Identifier: ISC */
/* See scribe.h. */
#include "gate/scribe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gate/record.h"
#include "ipc/buf.h"
#include "ipc/clock.h"
#include "ipc/log.h"
#include "ipc/sandbox.h"
#include "ipc/wire.h"

enum {
	WARN_S = 60,                 /* between two warnings about one file */
	OPEN_AGAIN_S = 1,            /* between two tries to open the audit file */
	STATE_AGAIN_S = 10,          /* until the state is asked for anew */
};

static struct wire *link_to_gate;

static char audit_path[PATH_MAX];
static int audit_fd = -1;
static int open_error;
static bool is_torn;                 /* the file ends in a part of a line */
static unsigned long lost;           /* lines since the last one that was written */
static time_t opened, warned;

static char state_path[PATH_MAX], fresh_path[PATH_MAX + 8];
static int state_fd = -1, fresh_fd = -1;
static bool is_kept;                 /* there is a state file */
static time_t ask_at;                /* 0: all of the state is written */
static time_t state_warned;

static time_t now_s(void)
{
	return clock_ms() / 1000 + 1;
}

/* -- the audit file -- */

static void open_audit(void)
{
	if (audit_fd >= 0)
		close(audit_fd);
	audit_fd = -1;
	is_torn = false;
	opened = now_s();
	if (audit_path[0] == '\0')
		return;
	/* O_NONBLOCK: a pipe that nobody reads is as a disk that is full. */
	audit_fd = open(audit_path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
			O_NONBLOCK | O_NOCTTY, 0600);
	open_error = errno;
}

/* A line that does not fit whole is taken back, or ended before the next one. */
static int append(const char *line, size_t len)
{
	struct stat st;
	ssize_t n;

	if (is_torn && write(audit_fd, "\n", 1) != 1)
		return -1;
	is_torn = false;
	n = write(audit_fd, line, len);
	if (n == (ssize_t)len)
		return 0;
	if (n > 0) {
		is_torn = fstat(audit_fd, &st) < 0 || !S_ISREG(st.st_mode) ||
			  ftruncate(audit_fd, st.st_size - n) < 0;
		errno = ENOSPC;
	}
	return -1;
}

static void count_lost(int error)
{
	lost++;
	if (warned && now_s() - warned < WARN_S)
		return;
	warned = now_s();
	log_warn("audit-file %s: %s: %lu line%s lost", audit_path, strerror(error), lost,
		 lost == 1 ? "" : "s");
}

static void say_resumed(void)
{
	log_warn("audit-file %s is written again: %lu line%s lost", audit_path, lost,
		 lost == 1 ? "" : "s");
	lost = 0;
	warned = 0;
}

/* What comes after a loss says first how much it was, in the same write. */
static void write_line(struct bytes text)
{
	struct buf line;

	if (audit_path[0] == '\0')
		return;
	if (audit_fd < 0 && now_s() - opened >= OPEN_AGAIN_S)
		open_audit();
	if (audit_fd < 0) {
		count_lost(open_error);
		return;
	}
	buf_init(&line, 2 * RECORD_LINE_MAX);
	if (lost) {
		record_write_lost(&line, clock_date_ms(), lost);
		buf_append_str(&line, "\n");
	}
	buf_append(&line, text.data, text.len);
	buf_append_str(&line, "\n");
	if (append((const char *)line.data, line.len) < 0)
		count_lost(errno);
	else if (lost)
		say_resumed();
	buf_free(&line);
}

/* -- the state file -- */

static void state_failed(void)
{
	int error = errno;

	if (fresh_fd >= 0)
		close(fresh_fd);
	fresh_fd = -1;
	ask_at = now_s() + STATE_AGAIN_S;
	if (state_warned && now_s() - state_warned < WARN_S)
		return;
	state_warned = now_s();
	log_warn("state-file %s: %s", state_path, strerror(error));
}

static void begin_state(void)
{
	if (fresh_fd >= 0)
		close(fresh_fd);
	fresh_fd = open(fresh_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC |
			O_NONBLOCK | O_NOCTTY, 0600);
	if (fresh_fd >= 0 && flock(fresh_fd, LOCK_EX | LOCK_NB) < 0) {
		close(fresh_fd);
		fresh_fd = -1;
	}
}

static int commit_state(void)
{
	if (rename(fresh_path, state_path) < 0)
		return -1;
	close(state_fd);
	state_fd = fresh_fd;
	fresh_fd = -1;
	return 0;
}

static void write_state(const struct msg_record *m)
{
	int fd;

	if (!is_kept || (ask_at && m->state != RECORD_STATE_BEGIN))
		return;
	if (m->state == RECORD_STATE_BEGIN) {
		ask_at = 0;
		begin_state();
	}
	fd = m->state == RECORD_STATE_ADD && fresh_fd < 0 ? state_fd : fresh_fd;
	if (fd < 0 || write(fd, m->entry.data, m->entry.len) != (ssize_t)m->entry.len ||
	    (m->state == RECORD_STATE_COMMIT && commit_state() < 0))
		state_failed();
}

/* -- what gate says -- */

static int take_record(void *ctx, struct message *m)
{
	(void)ctx;
	lost += m->u.record.lost;
	if (m->u.record.line.len)
		write_line(m->u.record.line);
	write_state(&m->u.record);
	return 0;
}

static int take_path(void *ctx, struct message *m)
{
	const struct bytes *value = &m->u.config.value;

	(void)ctx;
	if (value->len >= sizeof(audit_path))
		return -1;
	memcpy(audit_path, value->data, value->len);
	audit_path[value->len] = '\0';
	open_audit();
	return 0;
}

static const struct wire_rule rules[] = {
	{ MSG_RECORD, 1, take_record },
	{ MSG_CONFIG, 1, take_path },
};

static void ask_for_state(void)
{
	if (!ask_at || now_s() < ask_at)
		return;
	ask_at = now_s() + STATE_AGAIN_S;
	wire_send(link_to_gate, MSG_READY, NULL);
}

static void set_up(const struct scribe *with)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	struct sandbox walls;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_NAME, "audit");
	log_prefix("audit");
	link_to_gate = with->link;
	snprintf(audit_path, sizeof(audit_path), "%s", with->audit_path);
	snprintf(state_path, sizeof(state_path), "%s", with->state_path);
	snprintf(fresh_path, sizeof(fresh_path), "%s.new", state_path);
	state_fd = with->state_fd;
	is_kept = state_fd >= 0;
	ask_at = is_kept ? 1 : 0;
	if (sandbox_compile(&walls, SANDBOX_SCRIBE) < 0 || sandbox_enter(&walls) < 0)
		fatal("cannot set up the sandbox: %s", strerror(errno));
	sandbox_free(&walls);
}

void scribe_run(const struct scribe *with)
{
	struct message m;
	int r;

	set_up(with);
	open_audit();
	do {
		ask_for_state();
		r = wire_wait(link_to_gate, &m, ask_at ? STATE_AGAIN_S * 1000 : -1);
		if (r == 1)
			r = wire_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1, &m, NULL);
	} while (r >= 0);
	_exit(0);
}
