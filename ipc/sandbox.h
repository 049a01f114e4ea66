/* SPDX-License-Identifier: ISC */
/*
 * The walls of a process: a system call filter (libseccomp), resource limits, and a
 * watchdog on its processor time. One row of sandbox.c for each kind of process. A wall
 * that cannot be put up is an error, never passed over.
 */
#ifndef IPC_SANDBOX_H
#define IPC_SANDBOX_H

#include <stddef.h>

struct sock_filter;

enum sandbox_kind {
	SANDBOX_AUTH,          /* auth's parent and, on top, */
	SANDBOX_AUTH_DOOR,     /* a door: PAM modules may do nearly anything, as root */
	SANDBOX_CONSOLE,
	SANDBOX_DISK,          /* console's child for logs and, on top, */
	SANDBOX_DISK_WRITER,   /* its own child, which writes them */
	SANDBOX_VIRT,          /* virt's parent */
	SANDBOX_WATCH,         /* libvirt: threads, sockets, files, ssh for qemu+ssh */
	SANDBOX_LINE,          /* the same until the stream is open, then */
	SANDBOX_LINE_OPEN,     /* no new sockets, files or programs */
	SANDBOX_ACT,           /* as a watch */
	SANDBOX_SCRIBE,        /* gate's child that writes the audit */
	SANDBOX_SSHD,          /* sshd's parent and, on top, */
	SANDBOX_SSHD_SESSION,  /* a connection: read, write and poll what it has */
	SANDBOX_WS,            /* ws's parent and, on top, */
	SANDBOX_WS_SESSION,    /* a connection: the same as of sshd */
	SANDBOX_COUNT,
};

/* A compiled filter: made once, in the parent, before it forks children. */
struct sandbox {
	enum sandbox_kind kind;
	struct sock_filter *code;   /* owned */
	unsigned short len;
};

/* 0, or -1 with errno. */
int sandbox_compile(struct sandbox *s, enum sandbox_kind kind);
void sandbox_free(struct sandbox *s);

/*
 * Sets the kind's resource limits, no_new_privs and the filter; all threads of the
 * process get it. There is no way back. 0, or -1 with errno.
 */
int sandbox_enter(const struct sandbox *s);

/*
 * The process dies (SIGPROF) when it burns `seconds` of processor time without calling
 * this again: call it once a turn of its loop. Costs nothing while it sleeps.
 */
void watchdog_arm(unsigned seconds);

/* In a forked child, which does not inherit the timer. */
void watchdog_forget(void);
enum { WATCHDOG_SECONDS = 10 };

#endif
