/* SPDX-License-Identifier: ISC */
/*
 * The child of console that keeps a child for logs (disk.h) running. Console forks it before it
 * enters its walls, behind which it could not start another one. It hears nobody, and does
 * nothing but fork and wait; it ends with console.
 */
#ifndef CONSOLE_DISK_KEEP_H
#define CONSOLE_DISK_KEEP_H

enum {
	DISK_KEEP_FIRST_MS = 1000,   /* the pause before another one is started, at first */
	DISK_KEEP_MOST_MS = 60000,
	DISK_KEEP_LONG_MS = 60000,   /* one that lived for so long counts as a good one */
};

/*
 * Forks it. Once, from the role's prepare(), which gives what it returns to logging_open():
 * console's end, on which a DISK_LINK comes for each child that is started; -1 with errno.
 */
int disk_keep_start(void);

#endif
