/* SPDX-License-Identifier: ISC */
/*
 * Guests that move from one configured host to another. A guest is (host, UUID); two are
 * one only when libvirt says that the one went and the other came by migration. Their
 * consoles then go along with their viewers: what was printed before is kept.
 */
#ifndef CONSOLE_MOVES_H
#define CONSOLE_MOVES_H

#include <stdbool.h>

struct guest;

enum { MOVES_WAIT_MS = 10000 };      /* the news of the other host may be so late */

/* Its state changed: it may have come from another host, or gone to one. */
void moves_changed(struct guest *g);

/*
 * Its host does not know it any more. True: it is on its way to another host, and stays
 * until that tells of it, or `lost` is called after a while.
 */
bool moves_gone(struct guest *g, void (*lost)(struct guest *g));

/* It is about to be freed. */
void moves_forget(const struct guest *g);

#endif
