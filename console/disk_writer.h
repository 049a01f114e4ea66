/* SPDX-License-Identifier: ISC */
/*
 * The process that writes the logs, and may hang with their disk: a child of the one that
 * disk.c starts, from which it gets MSG_DISK_* messages and which it answers.
 */
#ifndef CONSOLE_DISK_WRITER_H
#define CONSOLE_DISK_WRITER_H

struct sandbox;
struct wire;

/* walls: compiled by who forked it, who may not do that any more. */
void disk_writer_run(struct wire *link, const struct sandbox *walls) __attribute__((noreturn));

#endif
