/* SPDX-License-Identifier: ISC */
/* See hostkey.h. */
#include "gate/hostkey.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gate/spawn.h"
#include "ipc/peer.h"

enum {
	MAKE_SECONDS = 10,
	POLL_MS = 10,
};

/* The open file, or -1: errno ENOENT where there is none, else err says it all. */
static int open_key(const char *path, char *err, size_t errsize)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0) {
		snprintf(err, errsize, "host key %s: %s", path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0)
		snprintf(err, errsize, "host key %s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		snprintf(err, errsize, "host key %s is not a regular file", path);
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		snprintf(err, errsize, "host key %s belongs to uid %u; expected root%s", path,
			 st.st_uid, geteuid() ? " or who starts serialgate" : "");
	else if (st.st_mode & 077)
		snprintf(err, errsize, "host key %s can be read or changed by others (mode %04o); "
			 "expected 0600", path, st.st_mode & 07777u);
	else if (st.st_size == 0 || st.st_size > KEY_TEXT_MAX)
		snprintf(err, errsize, "host key %s has %lld bytes; expected 1 to %d", path,
			 (long long)st.st_size, KEY_TEXT_MAX);
	else
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

int hostkey_check(const char *path, char *err, size_t errsize)
{
	char folder[PATH_MAX];
	int fd = open_key(path, err, errsize);
	char *slash;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (errno != ENOENT)
		return -1;
	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	if (access(folder, W_OK | X_OK) == 0)
		return 0;
	snprintf(err, errsize, "host key %s does not exist and cannot be made: %s: %s", path,
		 folder, strerror(errno));
	return -1;
}

/* Waits for the program; -1 where it failed or took too long. */
static int await(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	int status;

	for (int i = 0; i < MAKE_SECONDS * 1000 / POLL_MS; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

/* A name lasts only when its directory is on the disk, too. */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (!slash)
		return;
	slash[slash == folder] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int hostkey_make(const char *path, const struct user *user, char *err, size_t errsize)
{
	struct spawn s = { .name = "sshd", .argument = "--host-key", .socket = -1, .user = user };
	char fresh[PATH_MAX];
	struct stat st;
	pid_t pid;

	if (access(path, F_OK) == 0)
		return 0;
	snprintf(fresh, sizeof(fresh), "%s.tmp", path);
	unlink(fresh);   /* of a start that was cut short */
	s.output = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s.output < 0) {
		snprintf(err, errsize, "cannot make host key %s: %s", path, strerror(errno));
		return -1;
	}
	pid = spawn_program(&s);
	if (pid < 0 || await(pid) < 0 || fstat(s.output, &st) < 0 || st.st_size == 0) {
		snprintf(err, errsize, "cannot make host key %s: sshd --host-key failed", path);
		goto fail;
	}
	if (fsync(s.output) < 0 || rename(fresh, path) < 0) {
		snprintf(err, errsize, "cannot make host key %s: %s", path, strerror(errno));
		goto fail;
	}
	close(s.output);
	sync_folder(path);
	return 1;
fail:
	close(s.output);
	unlink(fresh);
	return -1;
}

int hostkey_send(struct peer *to, const char *path, char *err, size_t errsize)
{
	static uint8_t text[KEY_TEXT_MAX];
	struct msg_key key = { .text = { .data = text } };
	int fd = open_key(path, err, errsize);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n <= 0) {
		snprintf(err, errsize, "host key %s cannot be read", path);
		return -1;
	}
	key.text.len = (size_t)n;
	peer_send(to, MSG_KEY, &key);
	explicit_bzero(text, sizeof(text));
	return 0;
}
