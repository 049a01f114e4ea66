/* SPDX-License-Identifier: ISC */
/*
 * The event loop of every role: descriptors by epoll(7), timers by a heap. One loop a
 * process; a forked child that wants one makes its own. Watches and timers live inside
 * their owners, who remove them before they go: also from inside a callback, also those
 * of others.
 */
#ifndef IPC_LOOP_H
#define IPC_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOOP_READ = 1, LOOP_WRITE = 2 };   /* an error or a hang-up comes as both */

struct loop_watch {
	int fd;                      /* -1: not in the loop */
	unsigned want;
	void (*ready)(void *owner, unsigned events);
	void *owner;
};

struct loop_timer {
	uint64_t at;                 /* ms of loop_now() */
	size_t slot;                 /* 0: not set */
	void (*due)(void *owner);
	void *owner;
};

/* A fresh loop for this process (drops what a parent's had). 0, or -1 with errno. */
int loop_init(void);

/*
 * In a forked child whose descriptors are closed: that of the parent's loop may be anything
 * by the time a loop is made.
 */
void loop_forget(void);

/* Monotonic milliseconds, read once a turn. */
uint64_t loop_now(void);

/* 0, or -1 with errno. loop_want changes the events of a watch that is in the loop. */
int loop_add(struct loop_watch *w, int fd, unsigned want,
	     void (*ready)(void *, unsigned), void *owner);
void loop_want(struct loop_watch *w, unsigned want);
void loop_remove(struct loop_watch *w);

/*
 * Due once, ms from now; set again it moves. Always 0: without memory the process ends
 * (fatal), as what a timer was to do would never be done. loop_timer_clear is safe on one
 * never set.
 */
int loop_timer_set(struct loop_timer *t, uint64_t ms, void (*due)(void *), void *owner);
void loop_timer_clear(struct loop_timer *t);
static inline bool loop_timer_is_set(const struct loop_timer *t) { return t->slot != 0; }

/* One turn: waits for events or the next timer, calls who is due. -1 with errno on failure. */
int loop_turn(void);

/*
 * For a process whose own loop is a library's: a descriptor that is readable when there is
 * something to do, ms to the next timer (-1: none is set), and a turn that does not wait.
 */
int loop_fd(void);
int loop_wait_ms(void);
int loop_poll(void);

#endif
