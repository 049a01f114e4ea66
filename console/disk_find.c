/* SPDX-License-Identifier: ISC */
/* See disk_find.h. */
#include "console/disk_find.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "console/disk_files.h"
#include "console/disk_index.h"

/* One file as its index has it. */
struct part {
	char *text;
	size_t len;
	uint64_t epoch, offset, size;
	uint64_t begin, end;         /* positions: what of it is asked for */
	uint64_t time;               /* seconds: its first mark */
};

struct search {
	const struct msg_disk_find *what;
	uint64_t boots;              /* BOOT: so many newer ones are still to be passed */
};

/* Whether what is asked for begins in this file, and where; else it begins before it. */
typedef bool (*begin_fn)(struct search *s, struct part *p);

static bool begin_offset(struct search *s, struct part *p)
{
	const struct position *from = &s->what->from;

	if (p->epoch > from->epoch || (p->epoch == from->epoch && p->offset > from->value))
		return false;
	/* One of an older epoch is before all that is asked for. */
	p->begin = p->epoch < from->epoch ? p->end
					  : disk_index_find_offset(p->text, p->len, from->value);
	return true;
}

static bool begin_boot(struct search *s, struct part *p)
{
	uint64_t n = disk_index_boots(p->text, p->len, p->end);

	if (s->boots >= n) {
		s->boots -= n;
		return false;
	}
	p->begin = disk_index_find_boot(p->text, p->len, p->end, s->boots);
	return true;
}

static bool begin_time(struct search *s, struct part *p)
{
	if (p->time > s->what->from.value)
		return false;
	p->begin = disk_index_find_time(p->text, p->len, s->what->from.value);
	return true;
}

static bool begin_oldest(struct search *s, struct part *p)
{
	(void)s;
	(void)p;
	return false;
}

static const begin_fn kinds[POSITION_KIND_COUNT] = {
	[POSITION_OFFSET] = begin_offset,
	[POSITION_BOOT] = begin_boot,
	[POSITION_TIME] = begin_time,
	[POSITION_OLDEST] = begin_oldest,
};

static void find_first_time(struct part *p)
{
	struct disk_index_line l;
	size_t at = 0;

	while (disk_index_next(p->text, p->len, &at, &l))
		if (l.kind == DISK_INDEX_TIME) {
			p->time = l.value / 1000;
			return;
		}
}

/* The open file with its index read; -1: it cannot be used. */
static int open_part(const struct disk_files *files, size_t at, const struct msg_disk_find *what,
		     struct part *p)
{
	int fd = disk_files_open(files, at, &p->size);

	p->text = fd < 0 ? NULL : disk_files_index(files, at, &p->len);
	if (!p->text || !disk_index_head(p->text, p->len, &p->epoch, &p->offset)) {
		if (fd >= 0)
			close(fd);
		free(p->text);
		return -1;
	}
	p->end = p->size;
	if (p->epoch == what->epoch)
		p->end = p->offset < what->offset
				 ? disk_index_find_offset(p->text, p->len, what->offset) : 0;
	if (p->end > p->size)
		p->end = p->size;
	find_first_time(p);
	return fd;
}

static void tell(const struct msg_disk_find *what, const struct part *p, int fd,
		 disk_found_fn fn, void *arg)
{
	const struct msg_disk_file m = {
		.request = what->request, .epoch = p->epoch, .offset = p->offset,
		.skip = p->begin, .len = p->end - p->begin, .time = p->time,
	};

	fn(arg, &m, fd);
}

void disk_find(const char *directory, const struct msg_disk_find *what, disk_found_fn fn,
	       void *arg)
{
	struct search s = { what, what->from.value };
	struct part parts[DISK_FIND_FILES_MAX];
	int fds[DISK_FIND_FILES_MAX];
	char folder[DISK_FOLDER_SIZE];
	struct disk_files files;
	bool is_first = false;
	size_t n = 0;

	disk_name_folder(folder, what->uuid, what->alias, what->host);
	if (what->from.kind >= POSITION_KIND_COUNT || !kinds[what->from.kind] ||
	    disk_files_list(&files, directory, folder) < 0)
		return;
	for (size_t i = files.count; i > 0 && n < DISK_FIND_FILES_MAX && !is_first; i--) {
		parts[n] = (struct part){ 0 };
		fds[n] = open_part(&files, i - 1, what, &parts[n]);
		if (fds[n] < 0)
			continue;
		is_first = kinds[what->from.kind](&s, &parts[n]);
		free(parts[n++].text);
	}
	while (n-- > 0) {
		if (parts[n].begin < parts[n].end)
			tell(what, &parts[n], fds[n], fn, arg);
		else
			close(fds[n]);
	}
	disk_files_free(&files);
}
