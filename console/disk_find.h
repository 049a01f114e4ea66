/* SPDX-License-Identifier: ISC */
/*
 * Which files have what a console printed from a place on, up to where its ring begins.
 * Only the process that may hang calls this.
 */
#ifndef CONSOLE_DISK_FIND_H
#define CONSOLE_DISK_FIND_H

#include "ipc/message.h"

enum {
	DISK_FIND_FILES_MAX = 128,             /* of one answer: the newest */
	DISK_FIND_LINES_BYTES = 64 * 1024 * 1024,   /* so much is read to count lines */
};

/* One file, oldest first; it and its index are the callee's. */
typedef void (*disk_found_fn)(void *arg, const struct msg_disk_file *file, const int fds[2]);

/* Calls fn for each; for none where nothing is found. */
void disk_find(const char *directory, const struct msg_disk_find *what, disk_found_fn fn,
	       void *arg);

#endif
