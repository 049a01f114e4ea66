/* SPDX-License-Identifier: ISC */
/*
 * A line's only second thread, the way from console to the guest: virStreamSend(3) of
 * libvirt's remote driver blocks, even on a non-blocking stream, for as long as the guest
 * does not read its input. The thread takes LINE_INPUT off the socket, sends it in order,
 * piece by piece, and reports what it sent as LINE_DONE, off the way of the echo. While
 * it is stuck, what console
 * sends stays in the socket; console keeps to INPUT_WINDOW, and the socket has a bound of
 * its own. The thread is never joined: the process ends around it.
 */
#ifndef VIRT_SENDER_H
#define VIRT_SENDER_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

/* Starts the thread, which alone receives from console from now on. 0, or -1 with errno. */
int sender_start(virStreamPtr stream);

/* No call is under way: the connection is free for other calls. */
bool sender_is_idle(void);

/* Tells console what was sent and not yet told: before the line's end is told. Any thread. */
void sender_settle(void);

#endif
