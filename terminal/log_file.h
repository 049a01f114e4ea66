/* SPDX-License-Identifier: ISC */
/*
 * One file on disk with what a console printed, as `log` reads it, piece by piece; and from the
 * index beside it, when that was printed. It blocks as the disk does, and never writes.
 */
#ifndef TERMINAL_LOG_FILE_H
#define TERMINAL_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ipc/disk_index.h"
#include "ipc/message.h"

enum { LOG_FILE_INDEX_PIECE = 2048 };

struct log_file {
	struct msg_log_file m;
	uint64_t at;                 /* bytes of it that were read */
	int fd;
	int index;                   /* -1: no more of it comes */
	char text[LOG_FILE_INDEX_PIECE];   /* read of the index, from `looked` on not looked at */
	size_t len, looked;
	bool has_next;
	struct disk_index_line next; /* a time */
	uint64_t time;               /* ms since the epoch, of what stands before next */
};

/* Takes over both descriptors of the message. Without has_times the index is not read. */
void log_file_open(struct log_file *f, const struct msg_log_file *m, const int fds[2],
		   bool has_times);
void log_file_close(struct log_file *f);

/*
 * The next bytes; how many, 0 or -1: no more can be read. *time: when the first of them was
 * printed, to a second, or earlier where something is missing; ms since the epoch.
 */
ssize_t log_file_read(struct log_file *f, uint8_t *data, size_t size, uint64_t *time);

/* Bytes that were asked for and not read. */
static inline uint64_t log_file_left(const struct log_file *f) { return f->m.len - f->at; }

#endif
