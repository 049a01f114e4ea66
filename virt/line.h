/* SPDX-License-Identifier: ISC */
/*
 * A line: the child of virt that holds one console open, on a libvirt connection of its
 * own (a guest that does not read its input freezes its connection for all other calls).
 * It tells console
 *
 *	LINE_OPEN, or LINE_FAILED and it ends
 *	LINE_DATA     what the guest prints, as it comes; waits while console does not read
 *	LINE_DONE     so many bytes of input were taken by libvirt
 *	LINE_END      the stream is over; all output was sent before; then it ends
 *
 * and takes LINE_INPUT, of which console keeps at most INPUT_WINDOW bytes without a
 * LINE_DONE. A daemon closes a connection whose input is stuck for 30 s, for want of
 * answers to its keepalive: that is a LINE_END like any other. When console closes the
 * socket the line ends at once, whatever is stuck.
 */
#ifndef VIRT_LINE_H
#define VIRT_LINE_H

#include "ipc/message.h"
#include "ipc/sandbox.h"

/*
 * Opens what the order says at uri and serves it. Takes over fd, the socket to console;
 * enters `walls` as soon as the console is open. Does not return.
 */
void line_run(const char *uri, const struct msg_open_line *order, const struct sandbox *walls,
	      int fd) __attribute__((noreturn));

#endif
