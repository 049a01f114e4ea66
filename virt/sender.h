/* SPDX-License-Identifier: ISC */
/*
 * A line's only second thread: virStreamSend(3) of libvirt's remote driver blocks, even
 * on a non-blocking stream, for as long as the guest does not read its input. The event
 * loop puts bytes in, this thread sends them in order, piece by piece, and an eventfd(2)
 * tells how many are done. The thread is never joined: the process ends around it.
 */
#ifndef VIRT_SENDER_H
#define VIRT_SENDER_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Starts the thread. An eventfd that becomes readable when bytes are done, or -1 with
 * errno. Once a process.
 */
int sender_start(virStreamPtr stream);

/* Takes all of it, or -1: more than INPUT_WINDOW bytes would wait. */
int sender_put(const uint8_t *data, size_t len);

/* How many bytes libvirt took since the last call. */
uint32_t sender_take_done(void);

/* Nothing waits and no call is under way: the connection is free for other calls. */
bool sender_is_idle(void);

#endif
