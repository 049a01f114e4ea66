/* SPDX-License-Identifier: ISC */
/*
 * The child of console that writes what consoles print to files and finds them again.
 * Console itself opens no file: it forks this before it enters its walls, and from then on
 * speaks with it by the MSG_DISK_* messages alone, never waiting for it. The child puts up walls
 * of its own: files below the log directory, nothing else.
 */
#ifndef CONSOLE_DISK_H
#define CONSOLE_DISK_H

enum {
	DISK_WINDOW = 262144,        /* bytes of DATA that console sends ahead of DONE, of all logs */
	DISK_FIND_MS = 2000,         /* an answer to FIND that takes longer is not waited for */
};

/*
 * Forks it. Once, from the role's prepare(), which gives what it returns to logging_open().
 * Console's end of the way to it (it also
 * carries the child's MSG_LOG), or -1 with errno. What the child promises:
 *
 * - it reads its socket however the disk is: a directory that hangs, is full, read-only or
 *   gone is dealt with behind it, and DATA that cannot be written is given up and DONE;
 * - it does not end before console does: what may crash or be stuck in the kernel is a
 *   process of its own that it starts anew;
 * - nothing is written before SETUP, nor while its directory is "".
 */
int disk_start(void);

#endif
