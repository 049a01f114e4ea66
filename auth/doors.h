/* SPDX-License-Identifier: ISC */
/*
 * The parent's table of doors: forks a child for each, ends those that are not logged in
 * in time, passes on what they report. Never blocks: all that can, is in the child.
 */
#ifndef AUTH_DOORS_H
#define AUTH_DOORS_H

#include <sys/types.h>

#include "config/config.h"
#include "ipc/message.h"
#include "ipc/sandbox.h"

/* The configuration in force, for new children. Not owned. */
void doors_configure(const struct config *config);

/* Forks a child for the door at fd, which is this call's from now on. */
void doors_open(const struct msg_conn *conn, int fd, const struct sandbox *walls);

/* A child was reaped; one that is not a door's is no matter. */
void doors_child_ended(pid_t pid, int status);

/* The socket to console, replacing the one before. */
void doors_set_console(int fd);

#endif
