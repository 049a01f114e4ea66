/* SPDX-License-Identifier: ISC */
/* See secretfile.h. */
#include "gate/secretfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int secretfile_open(const struct secretfile_kind *kind, const char *path, char *err,
		    size_t errsize)
{
	/* A reload must not wait for whoever made a fifo of it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		int saved = errno;

		snprintf(err, errsize, "%s %.300s: %s", kind->what, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		errno = saved;
		return -1;
	}
	if (!S_ISREG(st.st_mode))
		snprintf(err, errsize, "%s %.300s is not a regular file", kind->what, path);
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		snprintf(err, errsize, "%s %.300s belongs to uid %u; expected root%s", kind->what,
			 path, st.st_uid, geteuid() ? " or who starts serialgate" : "");
	else if (st.st_mode & kind->forbidden)
		snprintf(err, errsize, "%s %.300s can be %s by others (mode %04o); expected %s",
			 kind->what, path, kind->forbidden & 044 ? "read or changed" : "changed",
			 st.st_mode & 07777u, kind->expected);
	else if (st.st_size == 0 || st.st_size > (off_t)kind->max)
		snprintf(err, errsize, "%s %.300s has %lld bytes; expected 1 to %zu", kind->what,
			 path, (long long)st.st_size, kind->max);
	else
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

ssize_t secretfile_read(const struct secretfile_kind *kind, const char *path, void *out,
			char *err, size_t errsize)
{
	int fd = secretfile_open(kind, path, err, errsize);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, out, kind->max);
	close(fd);
	if (n > 0)
		return n;
	snprintf(err, errsize, "%s %.300s cannot be read", kind->what, path);
	errno = EINVAL;
	return -1;
}
