/* SPDX-License-Identifier: ISC */
/* See journal.h. syslog(3) is not used because it blocks on a log daemon that hangs. */
#include "gate/journal.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "ipc/log.h"
#include "ipc/message.h"

enum { RECORD_MAX = RECORD_LINE_MAX + 128 };

_Static_assert(RECORD_LINE_MAX > TEXT_MAX, "a line of the log fits, too");

struct output {
	int (*write_line)(int priority, const char *line);   /* 0, or -1: not taken */
	unsigned long dropped;
};

static int syslog_fd = -1;
static bool is_under_systemd;

static void connect_syslog(void)
{
	static const struct sockaddr_un path = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };

	if (syslog_fd >= 0)
		close(syslog_fd);
	syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (syslog_fd >= 0 && connect(syslog_fd, (const void *)&path, sizeof(path)) < 0) {
		close(syslog_fd);
		syslog_fd = -1;
	}
}

static int write_syslog(int priority, const char *line)
{
	char record[RECORD_MAX], stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	/* RFC 3164 wants English months, as the C locale of LC_TIME has them. */
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", localtime_r(&now, &tm));
	n = snprintf(record, sizeof(record), "<%d>%s serialgate[%d]: %s", LOG_AUTHPRIV | priority,
		     stamp, (int)getpid(), line);
	if (n >= (int)sizeof(record))
		n = (int)sizeof(record) - 1;
	if (syslog_fd >= 0 && send(syslog_fd, record, (size_t)n, MSG_NOSIGNAL) >= 0)
		return 0;
	/* The log daemon may have been started anew since. */
	connect_syslog();
	return syslog_fd >= 0 && send(syslog_fd, record, (size_t)n, MSG_NOSIGNAL) >= 0 ? 0 : -1;
}

/* Not by O_NONBLOCK: the open file is shared with the shell that started us. */
static int write_stderr(const char *record, int n)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT))
		return -1;
	if (n >= RECORD_MAX)
		n = RECORD_MAX - 1;
	return write(STDERR_FILENO, record, (size_t)n) == n ? 0 : -1;
}

static int write_foreground(int priority, const char *line)
{
	char record[RECORD_MAX], stamp[32];
	struct timespec now;
	struct tm tm;

	if (is_under_systemd)
		return write_stderr(record, snprintf(record, sizeof(record), "<%d>%s\n", priority,
						     line));
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", localtime_r(&now.tv_sec, &tm));
	return write_stderr(record, snprintf(record, sizeof(record), "%s.%03ld %s\n", stamp,
					     now.tv_nsec / 1000000, line));
}

static int write_plain(int priority, const char *line)
{
	char record[RECORD_MAX];

	(void)priority;
	return write_stderr(record, snprintf(record, sizeof(record), "%s\n", line));
}

static struct output syslog_output = { .write_line = write_syslog };
static struct output foreground_output = { .write_line = write_foreground };
static struct output plain_output = { .write_line = write_plain };

static struct output *const ways[][2] = {
	[JOURNAL_SYSLOG] = { &syslog_output },
	[JOURNAL_STDERR] = { &foreground_output },
	[JOURNAL_START] = { &syslog_output, &plain_output },
};
static enum journal_way way;

static void put(struct output *out, int priority, const char *line)
{
	char note[96];

	if (out->dropped) {
		snprintf(note, sizeof(note), "serialgate: %lu log lines dropped: the log was full",
			 out->dropped);
		if (out->write_line(LOG_WARNING, note) == 0)
			out->dropped = 0;
	}
	if (out->dropped || out->write_line(priority, line) < 0)
		out->dropped++;
}

void journal_write(int priority, const char *line)
{
	for (int i = 0; i < 2; i++)
		if (ways[way][i])
			put(ways[way][i], priority, line);
}

/* systemd.exec(5): it names the device and inode of what it connected us to. */
static bool is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && fstat(fd, &st) == 0 &&
	       st.st_dev == dev && st.st_ino == ino;
}

void journal_open(enum journal_way to)
{
	way = to;
	is_under_systemd = is_journal(STDERR_FILENO);
	log_to_sink(journal_write);
}
