/* SPDX-License-Identifier: ISC */
/* See events.h. */
#include "virt/events.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ipc/clock.h"

enum { HANDLES_MAX = 64, TIMERS_MAX = 64, READY_MAX = 16 };

/* Removed ones keep their place until the loop has freed what belongs to them. */
enum state { FREE, IN_USE, REMOVED };

struct handle {
	enum state state;
	int watch;
	int fd;
	int events;                  /* wanted; 0: not even a hang-up */
	int armed;                   /* in the epoll set, which may lag behind a 0 */
	virEventHandleCallback call;
	void *opaque;
	virFreeCallback free;
};

struct timer {
	enum state state;
	int id;
	int every;                   /* ms; -1: off */
	uint64_t due;
	virEventTimeoutCallback call;
	void *opaque;
	virFreeCallback free;
};

/* Never held while somebody is called. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct handle handles[HANDLES_MAX];
static struct timer timers[TIMERS_MAX];
static int last_id;
static uint64_t sleeps_until;        /* 0: the loop is awake and will look by itself */
static bool any_removed;

static int epoll_fd = -1, wake_fd = -1;
static pthread_t loop_thread;

static void wake(void)
{
	uint64_t one = 1;

	if (pthread_equal(pthread_self(), loop_thread))
		return;
	/* It can only fail when it was woken 2^64 times. */
	while (write(wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static struct handle *find_handle(int watch)
{
	for (size_t i = 0; i < HANDLES_MAX; i++)
		if (handles[i].state == IN_USE && handles[i].watch == watch)
			return &handles[i];
	return NULL;
}

static struct timer *find_timer(int id)
{
	for (size_t i = 0; i < TIMERS_MAX; i++)
		if (timers[i].state == IN_USE && timers[i].id == id)
			return &timers[i];
	return NULL;
}

static uint32_t to_epoll(int events)
{
	return (events & VIR_EVENT_HANDLE_READABLE ? EPOLLIN : 0u) |
	       (events & VIR_EVENT_HANDLE_WRITABLE ? EPOLLOUT : 0u);
}

static int from_epoll(uint32_t events)
{
	return (events & EPOLLIN ? VIR_EVENT_HANDLE_READABLE : 0) |
	       (events & EPOLLOUT ? VIR_EVENT_HANDLE_WRITABLE : 0) |
	       (events & EPOLLERR ? VIR_EVENT_HANDLE_ERROR : 0) |
	       (events & EPOLLHUP ? VIR_EVENT_HANDLE_HANGUP : 0);
}

/* A set with no events would still report hang-ups, without end. */
static int arm(struct handle *h, int events)
{
	struct epoll_event e = { .events = to_epoll(events), .data.u64 = (uint64_t)h->watch };
	int op = !events ? EPOLL_CTL_DEL : h->armed ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (events == h->armed)
		return 0;
	h->armed = events;
	return epoll_ctl(epoll_fd, op, h->fd, &e);
}

/*
 * Around each call libvirt wants nothing for some microseconds, and then the same again: the
 * epoll set hears of it only when something comes meanwhile (call_handle).
 */
static int set_events(struct handle *h, int events)
{
	h->events = events;
	return events ? arm(h, events) : 0;
}

static int add_handle(int fd, int events, virEventHandleCallback call, void *opaque,
		      virFreeCallback release)
{
	int watch = -1;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < HANDLES_MAX && watch < 0; i++) {
		struct handle *h = &handles[i];

		if (h->state != FREE)
			continue;
		*h = (struct handle){ IN_USE, ++last_id, fd, 0, 0, call, opaque, release };
		watch = h->watch;
		if (set_events(h, events) < 0) {
			h->state = FREE;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
	return watch;
}

static void update_handle(int watch, int events)
{
	struct handle *h;

	pthread_mutex_lock(&lock);
	h = find_handle(watch);
	if (h)
		set_events(h, events);
	pthread_mutex_unlock(&lock);
}

static int remove_handle(int watch)
{
	struct handle *h;

	pthread_mutex_lock(&lock);
	h = find_handle(watch);
	if (h) {
		arm(h, 0);
		h->state = REMOVED;
		any_removed = true;
	}
	pthread_mutex_unlock(&lock);
	wake();
	return h ? 0 : -1;
}

/* With the lock held. Whether the loop sleeps for too long now. */
static bool set_timer(struct timer *t, int every)
{
	t->every = every;
	if (every < 0)
		return false;
	t->due = clock_ms() + (uint64_t)every;
	return t->due < sleeps_until;
}

static int add_timer(int every, virEventTimeoutCallback call, void *opaque,
		     virFreeCallback release)
{
	int id = -1;
	bool late = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < TIMERS_MAX && id < 0; i++) {
		struct timer *t = &timers[i];

		if (t->state != FREE)
			continue;
		*t = (struct timer){ IN_USE, ++last_id, -1, 0, call, opaque, release };
		id = t->id;
		late = set_timer(t, every);
	}
	pthread_mutex_unlock(&lock);
	if (late)
		wake();
	return id;
}

static void update_timer(int id, int every)
{
	struct timer *t;
	bool late = false;

	pthread_mutex_lock(&lock);
	t = find_timer(id);
	if (t)
		late = set_timer(t, every);
	pthread_mutex_unlock(&lock);
	if (late)
		wake();
}

static int remove_timer(int id)
{
	struct timer *t;

	pthread_mutex_lock(&lock);
	t = find_timer(id);
	if (t) {
		t->state = REMOVED;
		any_removed = true;
	}
	pthread_mutex_unlock(&lock);
	wake();
	return t ? 0 : -1;
}

void events_register(void)
{
	virEventRegisterImpl(add_handle, update_handle, remove_handle, add_timer, update_timer,
			     remove_timer);
}

int events_start(void)
{
	struct epoll_event e = { .events = EPOLLIN };   /* data 0: no watch has that number */

	loop_thread = pthread_self();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (epoll_fd < 0 || wake_fd < 0)
		return -1;
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wake_fd, &e);
}

/* How long the loop may sleep; notes it for the other threads. */
static int fall_asleep(void)
{
	uint64_t now = clock_ms(), first = UINT64_MAX;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < TIMERS_MAX; i++)
		if (timers[i].state == IN_USE && timers[i].every >= 0 && timers[i].due < first)
			first = timers[i].due;
	if (any_removed)
		first = 0;
	sleeps_until = first;
	pthread_mutex_unlock(&lock);
	if (first == UINT64_MAX)
		return -1;
	return first <= now ? 0 : first - now > INT_MAX ? INT_MAX : (int)(first - now);
}

static void wake_up(void)
{
	pthread_mutex_lock(&lock);
	sleeps_until = 0;
	pthread_mutex_unlock(&lock);
}

static void call_handle(int watch, uint32_t events)
{
	struct handle copy = { .state = FREE };
	struct handle *h;
	uint64_t count;

	if (watch == 0) {
		if (read(wake_fd, &count, sizeof(count)) < 0)
			return;
		return;
	}
	pthread_mutex_lock(&lock);
	h = find_handle(watch);
	if (h && h->events)
		copy = *h;
	else if (h)
		arm(h, 0);
	pthread_mutex_unlock(&lock);
	if (copy.state == IN_USE)
		copy.call(watch, copy.fd, from_epoll(events), copy.opaque);
}

static void call_timers(void)
{
	uint64_t now = clock_ms();

	for (size_t i = 0; i < TIMERS_MAX; i++) {
		struct timer copy = { .state = FREE };
		struct timer *t = &timers[i];

		pthread_mutex_lock(&lock);
		if (t->state == IN_USE && t->every >= 0 && t->due <= now) {
			t->due = now + (uint64_t)t->every;
			copy = *t;
		}
		pthread_mutex_unlock(&lock);
		if (copy.state == IN_USE)
			copy.call(copy.id, copy.opaque);
	}
}

/* One of them: what to call, and its place is free; NULL when there is none. */
static virFreeCallback take_removed(void **opaque)
{
	for (size_t i = 0; i < HANDLES_MAX; i++)
		if (handles[i].state == REMOVED) {
			handles[i].state = FREE;
			*opaque = handles[i].opaque;
			return handles[i].free;
		}
	for (size_t i = 0; i < TIMERS_MAX; i++)
		if (timers[i].state == REMOVED) {
			timers[i].state = FREE;
			*opaque = timers[i].opaque;
			return timers[i].free;
		}
	any_removed = false;
	return NULL;
}

/* libvirt holds its locks while it removes: what it wants freed is freed here. */
static void free_removed(void)
{
	bool more = true;

	while (more) {
		void *opaque = NULL;
		virFreeCallback release;

		pthread_mutex_lock(&lock);
		release = any_removed ? take_removed(&opaque) : NULL;
		more = any_removed;
		pthread_mutex_unlock(&lock);
		if (release)
			release(opaque);
	}
}

int events_turn(bool wait)
{
	struct epoll_event ready[READY_MAX];
	int n = epoll_wait(epoll_fd, ready, READY_MAX, wait ? fall_asleep() : 0);

	if (wait)
		wake_up();
	if (n < 0 && errno != EINTR)
		return -1;
	for (int i = 0; i < n; i++)
		call_handle((int)ready[i].data.u64, ready[i].events);
	call_timers();
	free_removed();
	return n < 0 ? 0 : n;
}
