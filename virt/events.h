/* SPDX-License-Identifier: ISC */
/*
 * The event loop that libvirt works on in a child of virt (virEventRegisterImpl(3)), on
 * epoll(7). libvirt's own, on GLib, is woken through an eventfd by every call from
 * another thread, and a line's sender makes several for each key; here a change of a
 * descriptor's events needs no waking, and a timer's only when it is due earlier than
 * the loop sleeps. A line's way of a byte is that of the whole gateway.
 *
 * events_turn() is called by one thread; libvirt calls the rest from any.
 */
#ifndef VIRT_EVENTS_H
#define VIRT_EVENTS_H

#include <stdbool.h>

/* Tells libvirt, without a descriptor or memory: in the parent, before any fork. */
void events_register(void);

/* In a child, before its first connection. 0, or -1 with errno. */
int events_start(void);

/*
 * Calls who is due, waiting for events or the next timer if `wait`. How many descriptors
 * were ready, or -1 with errno.
 */
int events_turn(bool wait);

#endif
