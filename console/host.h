/* SPDX-License-Identifier: ISC */
/*
 * The hosts: a watch for each, asked of virt, opened again with a back-off when it ends.
 * What watches tell goes to the inventory and to the hub.
 */
#ifndef CONSOLE_HOST_H
#define CONSOLE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

struct config;

/* Starts watches of new hosts, ends those of hosts that are gone. */
void host_configure(const struct config *config);

/* A new way to virt (the old one is dropped). Watches and lines are opened over it. */
void host_virt(int fd);

/* Asks virt for a line, or for an act; takes over fd. 0, or -1: there is no way to virt now. */
int host_open_line(const struct msg_open_line *m, int fd);
int host_do_act(const struct msg_do_act *m, int fd);

/* Asks the host's watch for the present state of a guest. */
void host_refresh(const char *host, const uint8_t uuid[UUID_SIZE]);

bool host_is_up(const char *host);
const char *host_failure(const char *host);      /* libvirt's words, "" none */

/* Has each host been listed once, or failed to be? */
bool host_all_known(void);

/* Names of hosts that do not answer, separated by blanks. */
void host_list_down(char *out, size_t size);

#endif
