/* SPDX-License-Identifier: ISC */
/*
 * The child of console that writes what consoles print to files and finds them again.
 * Console itself opens no file and can fork nothing behind its walls: disk_keep.h starts this,
 * and console speaks with it by the MSG_DISK_* messages alone, never waiting for it. The child
 * puts up walls of its own: files below the log directory, nothing else.
 */
#ifndef CONSOLE_DISK_H
#define CONSOLE_DISK_H

#include <sys/types.h>

enum {
	DISK_WINDOW = 262144,        /* bytes of DATA that console sends ahead of DONE, of all logs */
	DISK_FIND_MS = 2000,         /* an answer to FIND that takes longer is not waited for */
};

/* Compiles the walls, before disk_start() and before any are entered. 0, or -1 with errno. */
int disk_prepare(void);
void disk_enter_walls(void);

/*
 * Forks it. Console's end of the way to it (it also carries the child's MSG_LOG), or -1 with
 * errno. What the child promises:
 *
 * - it reads its socket however the disk is: a directory that hangs, is full, read-only or
 *   gone is dealt with behind it, and DATA that cannot be written is given up and DONE;
 * - it does not end before console does: what may crash or be stuck in the kernel is a
 *   process of its own that it starts anew. Should it end all the same, see disk_keep.h;
 * - nothing is written before SETUP, nor while its directory is "".
 */
int disk_start(pid_t *pid);

#endif
