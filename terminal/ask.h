/* SPDX-License-Identifier: ISC */
/*
 * What a visitor asks of console over the visit. Each question takes a number, v->last
 * after the call; the answers come to the ears of visit.h.
 *
 * All return 0, or -1 when console is gone. What cannot be asked now is left out silently.
 */
#ifndef TERMINAL_ASK_H
#define TERMINAL_ASK_H

#include <stdbool.h>

#include "terminal/visit.h"

int ask_list(struct visit *v, bool watch);
int ask_info(struct visit *v, const char *guest, bool probe);
/* Everybody on that guest's consoles, "" all whom this person may know of: peer, peers_end. */
int ask_company(struct visit *v, const char *guest);

/* at: FREE, and ASKED from then on. Everything of m but its handle is the caller's. */
int ask_attach(struct visit *v, struct attachment *at, const struct msg_attach *m);
int ask_detach(struct visit *v, struct attachment *at);   /* FREE, and not heard any more */
int ask_take(struct visit *v, const struct attachment *at);
int ask_give(struct visit *v, const struct attachment *at);
int ask_who(struct visit *v, const struct attachment *at);
int ask_force(struct visit *v, const struct attachment *at);
int ask_replay(struct visit *v, const struct attachment *at, const struct position *from);

/*
 * guest: the full name or UUID, :ALIAS for BREAK. One at a time: while one is not done,
 * visit_pending(v, VISIT_ACT), others are not asked.
 */
int ask_act(struct visit *v, const char *guest, enum guest_act act, uint8_t key);
int ask_kick(struct visit *v, const char *who);
/* Everything of m but its handle is the caller's. */
int ask_ticket(struct visit *v, const struct msg_ask_ticket *m);
int ask_tickets(struct visit *v);
int ask_revoke(struct visit *v, const char *id);

/* Sends at most credit bytes. How many, or -1. */
long ask_input(struct visit *v, struct attachment *at, const uint8_t *data, size_t len);

#endif
