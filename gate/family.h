/* SPDX-License-Identifier: ISC */
/*
 * The processes that have this one as their parent: those it started and, since it is a
 * subreaper, those whose parents died. Only these may be signalled by number: nobody
 * else can reap them, so a number cannot have come to mean another process.
 */
#ifndef GATE_FAMILY_H
#define GATE_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

/* Sends the signal to every child but those that `spare` (NULL: none) is true for. */
void family_signal(int sig, bool (*spare)(pid_t pid));

#endif
