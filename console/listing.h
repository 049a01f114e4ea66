/* SPDX-License-Identifier: ISC */
/* The guest list as a visit sees it: once, or kept up to date at its own pace. */
#ifndef CONSOLE_LISTING_H
#define CONSOLE_LISTING_H

#include <stdbool.h>

#include "ipc/message.h"

struct config;
struct guest;
struct visit;

int listing_list(void *visit, struct message *m);     /* MSG_LIST */

/* Tells what is due, as far as the socket takes it. */
void listing_flush(struct visit *v);

/* The guest list changed, or a host went or came: tell those who watch it. */
void listing_changed(bool hosts_too);

/* A guest that was listed is no more, or gets a name under which some may not see it. */
void listing_guest_gone(const struct guest *g);
void listing_guest_renames(const struct guest *g, const char *name);

/* It is not v's any more. */
void listing_guest_leaves(struct visit *v, const struct guest *g);

/* Rules come that take guests away from this visit, which is told. */
void listing_take_back(struct visit *v, const struct config *fresh);

/* How a guest is shown to v. */
void listing_describe(struct msg_guest *m, const struct visit *v, const struct guest *g);

#endif
