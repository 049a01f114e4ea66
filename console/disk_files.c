/* SPDX-License-Identifier: ISC */
/* See disk_files.h. */
#include "console/disk_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INDEX_MAX = 16 * 1024 * 1024, NAMES_MAX = 20000 };

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int add(struct disk_files *f, const char *name, size_t *room)
{
	void *grown;

	if (f->count == *room) {
		*room = *room ? *room * 2 : 64;
		grown = realloc(f->names, *room * sizeof(*f->names));
		if (!grown)
			return -1;
		f->names = grown;
	}
	snprintf(f->names[f->count++], DISK_FILE_SIZE, "%s", name);
	return 0;
}

int disk_files_list(struct disk_files *f, const char *directory, const char *folder)
{
	const struct dirent *e;
	size_t room = 0;
	DIR *dir;

	*f = (struct disk_files){ .count = 0 };
	if (snprintf(f->path, sizeof(f->path), "%s/%s", directory, folder) >= (int)sizeof(f->path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	dir = opendir(f->path);
	if (!dir)
		return -1;
	while (f->count < NAMES_MAX && (e = readdir(dir)))
		if (disk_name_number(e->d_name) && add(f, e->d_name, &room) < 0)
			break;
	closedir(dir);
	if (f->count)
		qsort(f->names, f->count, sizeof(*f->names), compare);
	return 0;
}

void disk_files_free(struct disk_files *f)
{
	free(f->names);
	f->names = NULL;
	f->count = 0;
}

static int open_name(const struct disk_files *f, const char *name, uint64_t *size)
{
	char path[PATH_MAX + DISK_FILE_SIZE];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		*size = (uint64_t)st.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

int disk_files_open(const struct disk_files *f, size_t at, uint64_t *size)
{
	return open_name(f, f->names[at], size);
}

int disk_files_open_index(const struct disk_files *f, size_t at, uint64_t *size)
{
	char name[DISK_FILE_SIZE];

	disk_name_index(name, f->names[at]);
	return open_name(f, name, size);
}

char *disk_files_index(const struct disk_files *f, size_t at, size_t *len)
{
	char *text = NULL;
	uint64_t size;
	ssize_t n = 1;
	int fd = disk_files_open_index(f, at, &size);

	if (fd < 0)
		return NULL;
	if (size <= INDEX_MAX)
		text = malloc(size + 1);
	for (*len = 0; text && *len < size && n > 0; *len += n > 0 ? (size_t)n : 0)
		n = read(fd, text + *len, size - *len);
	close(fd);
	return text;
}

void disk_files_drop(const struct disk_files *f, size_t keep)
{
	char path[PATH_MAX + DISK_FILE_SIZE], index[DISK_FILE_SIZE];

	for (size_t i = 0; i + keep < f->count; i++) {
		snprintf(path, sizeof(path), "%s/%s", f->path, f->names[i]);
		unlink(path);
		disk_name_index(index, f->names[i]);
		snprintf(path, sizeof(path), "%s/%s", f->path, index);
		unlink(path);
	}
}
