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

#include "gate/secretfile.h"
#include "gate/spawn.h"
#include "ipc/peer.h"

enum {
	MAKE_SECONDS = 10,
	POLL_MS = 10,
};

static const struct secretfile_kind key_kind = { "host key", 077, "0600", KEY_TEXT_MAX };

int hostkey_check(const char *path, char *err, size_t errsize)
{
	char folder[PATH_MAX];
	int fd = secretfile_open(&key_kind, path, err, errsize);
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
	ssize_t n = secretfile_read(&key_kind, path, text, err, errsize);

	if (n < 0)
		return -1;
	key.text.len = (size_t)n;
	peer_send(to, MSG_KEY, &key);
	explicit_bzero(text, sizeof(text));
	return 0;
}
