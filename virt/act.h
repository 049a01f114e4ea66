/* SPDX-License-Identifier: ISC */
/*
 * An act: the child of virt that does one thing to one guest, on a libvirt connection of
 * its own, tells console what came of it in one ACT_RESULT, and ends. A daemon that hangs
 * cannot hold it: at its deadline the result says so, and what hangs in libvirt goes with
 * the process. Ended too early, it has told nothing: then nobody knows what the daemon did.
 */
#ifndef VIRT_ACT_H
#define VIRT_ACT_H

#include "ipc/message.h"

/* Takes over fd, the socket to console. Does not return. */
void act_run(const char *uri, const struct msg_do_act *order, int fd) __attribute__((noreturn));

#endif
