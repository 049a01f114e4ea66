/* SPDX-License-Identifier: ISC */
/* See state.h. */
#include "gate/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gate/ledger.h"
#include "ipc/log.h"

enum {
	LOCK_MS = 2000,              /* the writer of a gate that died may still be at it */
	POLL_MS = 10,
};

/* 0; -1 with errno: another gate has it. */
static int lock(int fd)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	for (int i = 0; i < LOCK_MS / POLL_MS; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		nanosleep(&pause, NULL);
	}
	return -1;
}

/* Whether the path still means this file: it was replaced, perhaps, while we waited. */
static int is_same(int fd, const char *path)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
	       open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

static int open_locked(const char *path, char *err, size_t errsize)
{
	const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
			  O_NOCTTY;

	for (int tries = 0; tries < 10; tries++) {
		int fd = open(path, flags, 0600);

		if (fd < 0) {
			snprintf(err, errsize, "state-file %.300s: %s", path, strerror(errno));
			return -1;
		}
		if (lock(fd) < 0) {
			snprintf(err, errsize, "state-file %.300s: another serialgate has it",
				 path);
			close(fd);
			return -1;
		}
		if (is_same(fd, path))
			return fd;
		close(fd);
	}
	snprintf(err, errsize, "state-file %.300s: it is replaced again and again", path);
	return -1;
}

static const char *find_fault(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "is not a regular file";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs to somebody else";
	if (st->st_mode & 022)
		return "can be changed by others";
	return st->st_size > LEDGER_FILE_MAX ? "is too large" : NULL;
}

static void load(int fd, size_t size, const char *path, struct ledger *l)
{
	uint8_t *data = malloc(size ? size : 1);
	size_t len = 0;
	ssize_t n = 1;

	while (data && len < size && n > 0) {
		n = pread(fd, data + len, size - len, (off_t)len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (len && ledger_load(l, data, len) < 0)
		log_warn("state-file %s breaks off: what stands before that counts", path);
	free(data);
}

int state_open(const char *path, struct ledger *l, char *err, size_t errsize)
{
	int fd = open_locked(path, err, errsize);
	const char *fault;
	struct stat st;

	if (fd < 0)
		return -1;
	fault = fstat(fd, &st) < 0 ? strerror(errno) : find_fault(&st);
	if (!fault) {
		load(fd, (size_t)st.st_size, path, l);
		return fd;
	}
	snprintf(err, errsize, "state-file %.300s: %s", path, fault);
	close(fd);
	return -1;
}
