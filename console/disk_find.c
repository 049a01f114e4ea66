/* SPDX-License-Identifier: ISC */
/* See disk_find.h. */
#include "console/disk_find.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "console/disk_files.h"
#include "ipc/disk_index.h"

/* One file as its index has it. */
struct part {
	int fds[2];                  /* the file, its index */
	char *text;
	size_t len;
	uint64_t epoch, offset, size;
	uint64_t limit;              /* position: from there on it is in the ring, too, or not there */
	uint64_t begin, end;         /* positions: what of it is asked for */
	uint64_t last;               /* the offset that belongs to end */
	uint64_t time;               /* seconds: its first mark */
};

struct search {
	struct position at;
	uint64_t count;              /* BOOT, LINES: so many newer ones are still to be passed */
	uint64_t newer;              /* LINES: the epoch of what comes behind, 0: none */
	uint64_t looked;             /* LINES: bytes that were read */
};

/* Whether the place lies in this file or behind it, and where; else it lies before it. */
typedef bool (*place_fn)(struct search *s, const struct part *p, uint64_t *position);

static bool place_offset(struct search *s, const struct part *p, uint64_t *position)
{
	if (p->epoch > s->at.epoch || (p->epoch == s->at.epoch && p->offset > s->at.value))
		return false;
	if (p->epoch == s->at.epoch)
		*position = disk_index_find_offset(p->text, p->len, s->at.value);
	return true;
}

static bool place_boot(struct search *s, const struct part *p, uint64_t *position)
{
	uint64_t n = disk_index_boots(p->text, p->len, p->limit);

	if (s->count >= n) {
		s->count -= n;
		return false;
	}
	*position = disk_index_find_boot(p->text, p->len, p->limit, s->count);
	return true;
}

static bool place_time(struct search *s, const struct part *p, uint64_t *position)
{
	if (p->time > s->at.value)
		return false;
	*position = disk_index_find_time(p->text, p->len, s->at.value);
	return true;
}

/* Who gets the descriptor seeks itself, and pread(2) is no call for these walls. */
static bool read_at(int fd, char *data, size_t len, uint64_t at)
{
	return lseek(fd, (off_t)at, SEEK_SET) >= 0 && read(fd, data, len) == (ssize_t)len;
}

/* Back from end over s->count ends of lines, or as many as there are. */
static uint64_t lines_back(struct search *s, int fd, uint64_t end)
{
	char piece[16384];

	while (end > 0 && s->count) {
		size_t n = end < sizeof(piece) ? (size_t)end : sizeof(piece);

		s->looked += n;
		if (s->looked > DISK_FIND_LINES_BYTES || !read_at(fd, piece, n, end - n)) {
			s->count = 0;
			return end;
		}
		for (size_t i = n; i > 0; i--)
			if (piece[i - 1] == '\n' && --s->count == 0)
				return end - n + i;
		end -= n;
	}
	return end;
}

static bool ends_a_line(int fd, uint64_t end)
{
	char last;

	return read_at(fd, &last, 1, end - 1) && last == '\n';
}

static bool place_lines(struct search *s, const struct part *p, uint64_t *position)
{
	uint64_t end = p->limit;

	if (!end)
		return false;
	if (s->newer != p->epoch) {
		/* What came next began a line, however this ends. */
		s->count -= s->count > 0;
		if (s->count && ends_a_line(p->fds[0], end))
			end--;
	}
	s->newer = p->epoch;
	*position = lines_back(s, p->fds[0], end);
	return s->count == 0;
}

static bool place_oldest(struct search *s, const struct part *p, uint64_t *position)
{
	(void)s;
	(void)p;
	(void)position;
	return false;
}

/* The end of all, as an end. */
static bool place_now(struct search *s, const struct part *p, uint64_t *position)
{
	(void)s;
	(void)p;
	(void)position;
	return true;
}

static const place_fn kinds[POSITION_KIND_COUNT] = {
	[POSITION_NOW] = place_now,
	[POSITION_OFFSET] = place_offset,
	[POSITION_LINES] = place_lines,
	[POSITION_BOOT] = place_boot,
	[POSITION_TIME] = place_time,
	[POSITION_OLDEST] = place_oldest,
};

/* A place that is in no file is at the end of the newest, or before the oldest. */
static bool find_place(struct search *s, const struct part *p, uint64_t *position)
{
	*position = UINT64_MAX;
	return kinds[s->at.kind](s, p, position);
}

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

static void close_part(struct part *p)
{
	for (int i = 0; i < 2; i++)
		if (p->fds[i] >= 0)
			close(p->fds[i]);
	free(p->text);
	p->text = NULL;
}

/* Opened and its index read; -1: it cannot be used. */
static int open_part(const struct disk_files *files, size_t at, const struct msg_disk_find *what,
		     struct part *p)
{
	uint64_t size;

	*p = (struct part){ 0 };
	p->fds[0] = disk_files_open(files, at, &p->size);
	p->fds[1] = disk_files_open_index(files, at, &size);
	if (p->fds[0] >= 0 && p->fds[1] >= 0)
		p->text = disk_files_index(files, at, &p->len);
	if (!p->text || !disk_index_head(p->text, p->len, &p->epoch, &p->offset)) {
		close_part(p);
		return -1;
	}
	p->limit = p->size;
	if (p->epoch == what->epoch)
		p->limit = p->offset < what->offset
				   ? disk_index_find_offset(p->text, p->len, what->offset) : 0;
	if (p->limit > p->size)
		p->limit = p->size;
	find_first_time(p);
	return 0;
}

static void tell(const struct msg_disk_find *what, const struct part *p, disk_found_fn fn, void *arg)
{
	const struct msg_disk_file m = {
		.request = what->request, .epoch = p->epoch, .offset = p->offset,
		.skip = p->begin, .len = p->end - p->begin, .time = p->time, .end = p->last,
	};

	fn(arg, &m, p->fds);
}

/* What of the file is asked for. True: what is asked for begins here, older ones have nothing. */
static bool cut(struct part *p, struct search *from, struct search *until, bool *has_ended)
{
	bool has_begun = find_place(from, p, &p->begin);

	if (!has_begun)
		p->begin = 0;
	p->end = p->limit;
	if (!*has_ended) {
		uint64_t end = 0;

		*has_ended = find_place(until, p, &end);
		p->end = !*has_ended ? 0 : end < p->limit ? end : p->limit;
	}
	p->last = disk_index_offset_at(p->text, p->len, p->end);
	return has_begun;
}

static bool is_known(const struct position *p)
{
	return p->kind < POSITION_KIND_COUNT && kinds[p->kind];
}

void disk_find(const char *directory, const struct msg_disk_find *what, disk_found_fn fn,
	       void *arg)
{
	struct search from = { what->from, what->from.value, what->offset ? what->epoch : 0, 0 };
	struct search until = { what->until, what->until.value, 0, 0 };
	struct part parts[DISK_FIND_FILES_MAX];
	char folder[DISK_FOLDER_SIZE];
	bool has_begun = false, has_ended = false;
	struct disk_files files;
	size_t n = 0;

	disk_name_folder(folder, what->uuid, what->alias, what->host);
	if (!is_known(&what->from) || !is_known(&what->until) ||
	    disk_files_list(&files, directory, folder) < 0)
		return;
	for (size_t i = files.count; i > 0 && n < DISK_FIND_FILES_MAX && !has_begun; i--) {
		if (open_part(&files, i - 1, what, &parts[n]) < 0)
			continue;
		has_begun = cut(&parts[n], &from, &until, &has_ended);
		free(parts[n].text);
		parts[n++].text = NULL;
	}
	while (n-- > 0) {
		if (parts[n].begin < parts[n].end)
			tell(what, &parts[n], fn, arg);
		else
			close_part(&parts[n]);
	}
	disk_files_free(&files);
}
