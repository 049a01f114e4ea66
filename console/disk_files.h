/* SPDX-License-Identifier: ISC */
/*
 * The folder of one console's logs: what is in it, what it says, what of it is too much.
 * Only the process that may hang calls this.
 */
#ifndef CONSOLE_DISK_FILES_H
#define CONSOLE_DISK_FILES_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "console/disk_name.h"

struct disk_files {
	char path[PATH_MAX];         /* of the folder */
	char (*names)[DISK_FILE_SIZE];   /* owned; of the logs, oldest first */
	size_t count;
};

/* 0, or -1 with errno; *f is empty then. */
int disk_files_list(struct disk_files *f, const char *directory, const char *folder);
void disk_files_free(struct disk_files *f);

/* What its index says, to be freed; NULL with errno. */
char *disk_files_index(const struct disk_files *f, size_t at, size_t *len);

/* Opened to be read; -1 with errno. *size: its bytes now. And its index. */
int disk_files_open(const struct disk_files *f, size_t at, uint64_t *size);
int disk_files_open_index(const struct disk_files *f, size_t at, uint64_t *size);

/* Removes the oldest, all but `keep`. */
void disk_files_drop(const struct disk_files *f, size_t keep);

#endif
