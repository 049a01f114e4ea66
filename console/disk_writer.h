/* SPDX-License-Identifier: ISC */
/*
 * The process that writes the logs, and may hang with their disk: a child of the one that
 * disk.c starts, from which it gets MSG_DISK_* messages and which it answers.
 */
#ifndef CONSOLE_DISK_WRITER_H
#define CONSOLE_DISK_WRITER_H

struct wire;

void disk_writer_run(struct wire *link) __attribute__((noreturn));

#endif
