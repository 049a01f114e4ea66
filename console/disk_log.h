/* SPDX-License-Identifier: ISC */
/*
 * The log of one console: the file that is written, its index, the ones before. Only the
 * process that may hang calls this. What could not be written shows as a hole: the next
 * bytes that can be say how many are missing before them.
 */
#ifndef CONSOLE_DISK_LOG_H
#define CONSOLE_DISK_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "console/disk_name.h"
#include "ipc/message.h"

struct disk_log {
	struct disk_log *next;
	struct msg_disk_open of;     /* whose it is */
	char folder[DISK_FOLDER_SIZE];   /* below the directory */
	char file[DISK_FILE_SIZE];
	int fd, index_fd;            /* -1: no file is open */
	bool is_new;                 /* nothing was written to it yet */
	bool ends_line;              /* the last byte was a line's end */
	bool has_offset;             /* offset is known: */
	uint64_t offset;             /* of the byte that comes next */
	uint64_t position;           /* in the file, its size */
	uint64_t index_bytes;
	uint64_t marked;             /* ms: the time of the last mark in the index */
	time_t looked;               /* s: when the path was compared with the open file */
	bool has_boot;               /* the next bytes are those of a boot, */
	struct msg_disk_boot boot;
};

void disk_log_init(struct disk_log *d, const struct msg_disk_open *of);

/* Its guest has another name, or its console began anew. */
void disk_log_set(struct disk_log *d, const struct msg_disk_open *of);

/* 0, or -1 with errno: not all was written, and that shows with what comes next. */
int disk_log_write(struct disk_log *d, const struct msg_disk_setup *setup,
		   const struct msg_disk_data *m);

/* These bytes are not to be written, and are no hole. */
void disk_log_skip(struct disk_log *d, const struct msg_disk_data *m);

void disk_log_boot(struct disk_log *d, const struct msg_disk_boot *m);

/* Closes its file; the next bytes go into a new one. */
void disk_log_close(struct disk_log *d);

#endif
