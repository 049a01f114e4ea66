/* SPDX-License-Identifier: ISC */
/*
 * The children of virt's parent: how many there are of each kind, their log, their end.
 * The parent forks them and forgets what they do; they talk to console by themselves.
 */
#ifndef VIRT_WORKERS_H
#define VIRT_WORKERS_H

#include <sys/types.h>

enum worker_kind { WORKER_WATCH, WORKER_LINE, WORKER_ACT, WORKER_KINDS };

/*
 * Forks a child of that host that keeps fd. In the child 0; in the parent its pid, or -1 with errno:
 * EAGAIN when there are as many of the kind as may be.
 */
pid_t workers_fork(enum worker_kind kind, const char *host, const char *label, int fd);

/* A process was reaped. */
void workers_ended(pid_t pid, int status);

/* Ends those of one host, or all of them. */
void workers_kill_host(const char *host);
void workers_kill(void);

#endif
