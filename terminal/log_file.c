/* SPDX-License-Identifier: ISC */
/* See log_file.h. */
#include "terminal/log_file.h"

#include <string.h>
#include <unistd.h>

void log_file_open(struct log_file *f, const struct msg_log_file *m, const int fds[2],
		   bool has_times)
{
	f->m = *m;
	f->at = 0;
	f->fd = fds[0];
	f->index = fds[1];
	f->len = f->looked = 0;
	f->has_next = false;
	f->time = m->time * 1000;
	if (has_times)
		return;
	close(f->index);
	f->index = -1;
}

static void close_index(struct log_file *f)
{
	if (f->index >= 0)
		close(f->index);
	f->index = -1;
}

void log_file_close(struct log_file *f)
{
	close(f->fd);
	close_index(f);
}

/* -- times: the index is long, and read along with the file -- */

/* Keeps the line that has no end yet. False: nothing came. */
static bool read_index(struct log_file *f)
{
	size_t rest = f->len - f->looked;
	ssize_t n;

	if (f->index < 0)
		return false;
	/* As long a line is none of ours. */
	if (rest == sizeof(f->text))
		rest = 0;
	memmove(f->text, f->text + f->len - rest, rest);
	f->looked = 0;
	n = read(f->index, f->text + rest, sizeof(f->text) - rest);
	f->len = rest + (n > 0 ? (size_t)n : 0);
	return n > 0;
}

/* disk_index_next() takes what has no LF as cut off: it is shown whole lines only. */
static bool next_line(struct log_file *f)
{
	do {
		const char *end = memrchr(f->text + f->looked, '\n', f->len - f->looked);
		size_t whole = end ? (size_t)(end - f->text) + 1 : f->looked;

		if (disk_index_next(f->text, whole, &f->looked, &f->next))
			return true;
	} while (read_index(f));
	return false;
}

static bool next_time(struct log_file *f)
{
	while (next_line(f))
		if (f->next.kind == DISK_INDEX_TIME)
			return true;
	close_index(f);
	return false;
}

/* Of the byte at that position; up to where that holds. */
static uint64_t find_time(struct log_file *f, uint64_t position)
{
	while (f->has_next || next_time(f)) {
		f->has_next = true;
		if (f->next.position > position)
			return f->next.position;
		f->time = f->next.value;
		f->has_next = false;
	}
	return UINT64_MAX;
}

ssize_t log_file_read(struct log_file *f, uint8_t *data, size_t size, uint64_t *time)
{
	uint64_t position = f->m.skip + f->at, most = find_time(f, position) - position;
	ssize_t n;

	if (most > log_file_left(f))
		most = log_file_left(f);
	*time = f->time;
	if (!most || lseek(f->fd, (off_t)position, SEEK_SET) < 0)
		return 0;
	n = read(f->fd, data, most < size ? (size_t)most : size);
	f->at += n > 0 ? (uint64_t)n : 0;
	return n;
}
