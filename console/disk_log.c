/* SPDX-License-Identifier: ISC */
/* See disk_log.h. */
#include "console/disk_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console/disk_files.h"
#include "ipc/clock.h"
#include "ipc/disk_index.h"
#include "ipc/text.h"

enum { MARK_EVERY_MS = 1000 };

static time_t now_s(void)
{
	return clock_ms() / 1000;
}

void disk_log_init(struct disk_log *d, const struct msg_disk_open *of)
{
	*d = (struct disk_log){ .of = *of, .fd = -1, .index_fd = -1 };
	disk_name_folder(d->folder, of->uuid, of->alias, of->host);
}

void disk_log_set(struct disk_log *d, const struct msg_disk_open *of)
{
	/* In any case a new file: it begins with another offset, or says another name. */
	disk_log_close(d);
	if (of->epoch != d->of.epoch)
		d->has_offset = d->has_boot = false;
	d->of = *of;
	disk_name_folder(d->folder, of->uuid, of->alias, of->host);
}

void disk_log_close(struct disk_log *d)
{
	if (d->fd >= 0)
		close(d->fd);
	if (d->index_fd >= 0)
		close(d->index_fd);
	d->fd = d->index_fd = -1;
}

/* -- a new file -- */

/* What was written of this console by a process before us is where we go on. */
static void resume(struct disk_log *d, const struct disk_files *files)
{
	struct disk_index_line l = { 0 };
	uint64_t epoch, offset, size;
	size_t len, at = 0;
	char *text;
	int fd;

	if (d->has_offset || files->count == 0)
		return;
	fd = disk_files_open(files, files->count - 1, &size);
	text = disk_files_index(files, files->count - 1, &len);
	if (fd >= 0 && text && disk_index_head(text, len, &epoch, &offset) &&
	    epoch == d->of.epoch) {
		while (disk_index_next(text, len, &at, &l))
			;
		d->offset = l.offset + (size > l.position ? size - l.position : 0);
		d->has_offset = true;
	}
	if (fd >= 0)
		close(fd);
	free(text);
}

/* For people: what the guest is called whose UUID it is. */
static void write_name(const struct disk_log *d, const char *folder)
{
	char path[PATH_MAX + 16], text[3 * TEXT_MAX], name[10 * GUEST_MAX + 1];
	int fd;

	snprintf(path, sizeof(path), "%s/guest", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		  0640);
	if (fd < 0)
		return;
	text_escape(name, sizeof(name), d->of.name, strlen(d->of.name));
	snprintf(text, sizeof(text), "%s/%s %s\n", d->of.host, name, d->of.alias);
	(void)!write(fd, text, strlen(text));
	close(fd);
}

static int make_folder(const struct disk_log *d, const char *directory)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", directory, d->folder);

	if (n >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	/* The directory itself is not made: where its disk is not mounted, nothing is written. */
	path[strlen(directory) + 37] = '\0';
	if (mkdir(path, 0750) < 0 && errno != EEXIST)
		return -1;
	path[strlen(directory) + 37] = '/';
	if (mkdir(path, 0750) < 0 && errno != EEXIST)
		return -1;
	return 0;
}

static int open_one(const char *folder, const char *name)
{
	char path[PATH_MAX + DISK_FILE_SIZE];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
}

/* A line of the index, whole or not at all. */
static int write_index(struct disk_log *d, char kind, uint64_t value, uint64_t position,
		       uint64_t offset)
{
	const struct disk_index_line l = { kind, value, position, offset };
	char line[DISK_INDEX_LINE_SIZE];
	size_t len = disk_index_write(line, &l);
	ssize_t n = write(d->index_fd, line, len);

	if (n == (ssize_t)len) {
		d->index_bytes += len;
		return 0;
	}
	if (n > 0) {
		(void)!ftruncate(d->index_fd, (off_t)d->index_bytes);
		errno = ENOSPC;
	}
	return -1;
}

/* Nothing came of it: an empty file would only drive out an older one. */
static void discard(struct disk_log *d, const char *directory)
{
	struct disk_files one = { .names = &d->file, .count = 1 };
	int saved = errno;

	snprintf(one.path, sizeof(one.path), "%s/%s", directory, d->folder);
	disk_log_close(d);
	disk_files_drop(&one, 0);
	errno = saved;
}

static int open_file(struct disk_log *d, const struct msg_disk_setup *setup,
		     const struct msg_disk_data *m)
{
	struct disk_files files;
	char index[DISK_FILE_SIZE];
	uint64_t last;

	if (make_folder(d, setup->directory) < 0 ||
	    disk_files_list(&files, setup->directory, d->folder) < 0)
		return -1;
	last = files.count ? disk_name_number(files.names[files.count - 1]) : 0;
	resume(d, &files);
	disk_files_free(&files);
	disk_name_file(d->file, last + 1, m->time / 1000);
	disk_name_index(index, d->file);
	d->fd = open_one(files.path, d->file);
	d->index_fd = d->fd < 0 ? -1 : open_one(files.path, index);
	if (!d->has_offset || d->offset > m->offset)
		d->offset = m->offset;
	d->has_offset = d->is_new = d->ends_line = true;
	d->position = d->index_bytes = d->marked = 0;
	d->looked = now_s();
	if (d->index_fd >= 0 && write_index(d, DISK_INDEX_FILE, d->of.epoch, 0, d->offset) == 0) {
		write_name(d, files.path);
		return 0;
	}
	discard(d, setup->directory);
	return -1;
}

/* -- what is written -- */

/* Whether the path means another file by now, or none: a directory that vanished. */
static bool is_elsewhere(struct disk_log *d, const char *directory)
{
	char path[PATH_MAX + DISK_FILE_SIZE];
	struct stat opened, named;

	if (d->looked == now_s())
		return false;
	d->looked = now_s();
	snprintf(path, sizeof(path), "%s/%s/%s", directory, d->folder, d->file);
	return fstat(d->fd, &opened) < 0 || stat(path, &named) < 0 ||
	       opened.st_ino != named.st_ino || opened.st_dev != named.st_dev;
}

static int put(struct disk_log *d, const void *data, size_t len)
{
	ssize_t n = write(d->fd, data, len);

	if (n > 0) {
		d->position += (uint64_t)n;
		d->ends_line = ((const char *)data)[n - 1] == '\n';
	}
	if (n >= 0 && n < (ssize_t)len)
		errno = ENOSPC;
	return (int)n;
}

/* Before the byte with that offset so many are missing. */
static int write_hole(struct disk_log *d, uint64_t offset)
{
	char text[96];
	uint64_t before = d->position;
	int len = snprintf(text, sizeof(text), "%s[gate: %llu bytes were not written]\n",
			   d->ends_line ? "" : "\n", (unsigned long long)(offset - d->offset));

	if (put(d, text, (size_t)len) != len ||
	    write_index(d, DISK_INDEX_HOLE, offset - d->offset, d->position, offset) < 0) {
		/* Half of it is none; with a disk that cannot even cut, the next file is right. */
		if (ftruncate(d->fd, (off_t)before) < 0)
			disk_log_close(d);
		d->position = before;
		return -1;
	}
	d->offset = offset;
	return 0;
}

/* The boot that begins with the next bytes, and the time of these. */
static int write_marks(struct disk_log *d, uint64_t time)
{
	if (d->has_boot &&
	    write_index(d, DISK_INDEX_BOOT, d->boot.time, d->position, d->offset) < 0)
		return -1;
	d->has_boot = false;
	if (time < d->marked + MARK_EVERY_MS && time >= d->marked)
		return 0;
	if (write_index(d, DISK_INDEX_TIME, time, d->position, d->offset) < 0)
		return -1;
	d->marked = time;
	return 0;
}

static void drop_old(struct disk_log *d, const struct msg_disk_setup *setup)
{
	struct disk_files files;

	d->is_new = false;
	if (disk_files_list(&files, setup->directory, d->folder) < 0)
		return;
	disk_files_drop(&files, setup->files);
	disk_files_free(&files);
}

/* A new file for a boot, for one that is full, and where the old one is gone. */
static int have_file(struct disk_log *d, const struct msg_disk_setup *setup,
		     const struct msg_disk_data *m)
{
	bool is_full = d->position + d->index_bytes + m->data.len > setup->size;

	if (d->fd >= 0 && (is_elsewhere(d, setup->directory) ||
			   (!d->is_new && (d->has_boot || is_full))))
		disk_log_close(d);
	return d->fd >= 0 ? 0 : open_file(d, setup, m);
}

int disk_log_write(struct disk_log *d, const struct msg_disk_setup *setup,
		   const struct msg_disk_data *m)
{
	struct msg_disk_data rest = *m;
	uint64_t known = d->has_offset && d->offset > m->offset ? d->offset - m->offset : 0;
	uint64_t expected;
	bool had_boot;
	int n;

	if (known >= m->data.len)
		return 0;
	rest.offset += known;
	rest.data.data += known;
	rest.data.len -= known;
	if (have_file(d, setup, &rest) < 0)
		return -1;
	expected = d->offset;
	had_boot = d->has_boot;
	if (rest.offset > d->offset && write_hole(d, rest.offset) < 0)
		goto fail;
	if (write_marks(d, m->time) < 0)
		goto fail;
	n = put(d, rest.data.data, rest.data.len);
	d->offset += n > 0 ? (uint64_t)n : 0;
	if (n > 0 && d->is_new)
		drop_old(d, setup);
	if (n == (int)rest.data.len)
		return 0;
fail:
	if (d->fd >= 0 && d->is_new) {
		discard(d, setup->directory);
		d->offset = expected;
		d->has_boot = had_boot;
	}
	return -1;
}

void disk_log_skip(struct disk_log *d, const struct msg_disk_data *m)
{
	d->has_offset = true;
	d->offset = m->offset + m->data.len;
}

void disk_log_boot(struct disk_log *d, const struct msg_disk_boot *m)
{
	uint64_t late = d->has_offset && d->offset > m->offset ? d->offset - m->offset : 0;

	/* Told late: its first bytes are in the file that is open; the rest has one of its own. */
	if (late && late <= d->position && d->fd >= 0) {
		(void)write_index(d, DISK_INDEX_BOOT, m->time, d->position - late, m->offset);
		disk_log_close(d);
		return;
	}
	d->has_boot = true;
	d->boot = *m;
}
