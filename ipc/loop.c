/* SPDX-License-Identifier: ISC */
/* See loop.h. */
#include "ipc/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "ipc/clock.h"
#include "ipc/log.h"

enum { READY_MAX = 64 };

static int epoll_fd = -1;
static uint64_t now_ms;
static struct epoll_event ready[READY_MAX];
static int nready;

/* A binary heap; slot 0 is unused, so that slot 0 in a timer means "not set". */
static struct loop_timer **heap;
static size_t heap_len, heap_cap;

static void read_clock(void)
{
	now_ms = (uint64_t)clock_ms();
}

int loop_init(void)
{
	if (epoll_fd >= 0)
		close(epoll_fd);
	heap_len = 0;
	nready = 0;
	read_clock();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -1 : 0;
}

void loop_forget(void)
{
	epoll_fd = -1;
	heap_len = 0;
	nready = 0;
}

uint64_t loop_now(void)
{
	return now_ms;
}

static uint32_t epoll_events(unsigned want)
{
	return (want & LOOP_READ ? EPOLLIN : 0u) | (want & LOOP_WRITE ? EPOLLOUT : 0u);
}

int loop_add(struct loop_watch *w, int fd, unsigned want,
	     void (*fn)(void *, unsigned), void *owner)
{
	struct epoll_event e = { .events = epoll_events(want), .data.ptr = w };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) < 0) {
		w->fd = -1;
		return -1;
	}
	*w = (struct loop_watch){ fd, want, fn, owner };
	return 0;
}

void loop_want(struct loop_watch *w, unsigned want)
{
	struct epoll_event e = { .events = epoll_events(want), .data.ptr = w };

	if (w->fd < 0 || w->want == want)
		return;
	w->want = want;
	epoll_ctl(epoll_fd, EPOLL_CTL_MOD, w->fd, &e);
}

void loop_remove(struct loop_watch *w)
{
	if (w->fd < 0)
		return;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	/* Its event may wait in this very turn, behind the one being handled. */
	for (int i = 0; i < nready; i++)
		if (ready[i].data.ptr == w)
			ready[i].data.ptr = NULL;
}

static void heap_put(size_t slot, struct loop_timer *t)
{
	heap[slot] = t;
	t->slot = slot;
}

static void heap_up(struct loop_timer *t, size_t slot)
{
	while (slot > 1 && t->at < heap[slot / 2]->at) {
		heap_put(slot, heap[slot / 2]);
		slot /= 2;
	}
	heap_put(slot, t);
}

static void heap_down(struct loop_timer *t, size_t slot)
{
	for (;;) {
		size_t child = slot * 2;

		if (child < heap_len && heap[child + 1]->at < heap[child]->at)
			child++;
		if (child > heap_len || t->at <= heap[child]->at)
			break;
		heap_put(slot, heap[child]);
		slot = child;
	}
	heap_put(slot, t);
}

void loop_timer_clear(struct loop_timer *t)
{
	struct loop_timer *last;
	size_t slot = t->slot;

	if (!slot)
		return;
	t->slot = 0;
	last = heap[heap_len--];
	if (last == t)
		return;
	if (slot > 1 && last->at < heap[slot / 2]->at)
		heap_up(last, slot);
	else
		heap_down(last, slot);
}

int loop_timer_set(struct loop_timer *t, uint64_t ms, void (*due)(void *), void *owner)
{
	loop_timer_clear(t);
	if (heap_len + 2 > heap_cap) {
		size_t cap = heap_cap ? heap_cap * 2 : 64;
		struct loop_timer **grown = realloc(heap, cap * sizeof(*heap));

		if (!grown)
			fatal("out of memory: a timer");
		heap = grown;
		heap_cap = cap;
	}
	read_clock();
	*t = (struct loop_timer){ now_ms + ms, 0, due, owner };
	heap_up(t, ++heap_len);
	return 0;
}

int loop_fd(void)
{
	return epoll_fd;
}

int loop_wait_ms(void)
{
	uint64_t left;

	if (!heap_len)
		return -1;
	read_clock();
	left = heap[1]->at > now_ms ? heap[1]->at - now_ms : 0;
	return left > 3600000 ? 3600000 : (int)left;
}

static void run_timers(void)
{
	/* Those that are set while this runs wait for the next turn. */
	uint64_t until = now_ms;

	while (heap_len && heap[1]->at <= until) {
		struct loop_timer *t = heap[1];

		loop_timer_clear(t);
		t->due(t->owner);
	}
}

static int turn(int ms)
{
	nready = epoll_wait(epoll_fd, ready, READY_MAX, ms);
	if (nready < 0) {
		nready = 0;
		return errno == EINTR ? 0 : -1;
	}
	read_clock();
	for (int i = 0; i < nready; i++) {
		struct loop_watch *w = ready[i].data.ptr;
		uint32_t e = ready[i].events;
		unsigned events = (e & (EPOLLIN | EPOLLERR | EPOLLHUP) ? LOOP_READ : 0u) |
				  (e & (EPOLLOUT | EPOLLERR | EPOLLHUP) ? LOOP_WRITE : 0u);

		if (w)
			w->ready(w->owner, events);
	}
	nready = 0;
	run_timers();
	return 0;
}

int loop_turn(void)
{
	return turn(loop_wait_ms());
}

int loop_poll(void)
{
	return turn(0);
}
