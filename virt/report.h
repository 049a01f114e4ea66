/* SPDX-License-Identifier: ISC */
/*
 * The way from a child of virt to console, and the child's deadline. A child has one
 * task and one listener: when console does not read it waits, when console is gone it
 * ends at once. Some calls of libvirt block for as long as a daemon pleases; a child
 * says beforehand what shall be its last words, and a timer says them.
 *
 * One a process. report_send() may be called by several threads, report_receive() by one.
 */
#ifndef VIRT_REPORT_H
#define VIRT_REPORT_H

#include "ipc/message.h"
#include "ipc/wire.h"

/* Takes over the socket to console. Once, first of all. */
void report_open(int fd);

/* Sends in order, waiting while the socket is full. Ends the process when console is gone. */
void report_send(enum message_type type, const void *fields);

/* 1: there is a message in m; 0: none now; -1: console is gone. */
int report_receive(struct message *m);

/* The descriptor, for an event loop that waits for messages. */
int report_fd(void);

/*
 * If report_deadline_off() is not called within so many seconds, this message is sent
 * (MSG_NONE: none) and the process ends. Calling it again starts anew.
 */
void report_deadline(unsigned seconds, enum message_type type, const void *fields);
void report_deadline_off(void);

/* Ends the process, without libvirt's or libc's farewell: threads may be stuck. */
void report_end(int status) __attribute__((noreturn));

#endif
