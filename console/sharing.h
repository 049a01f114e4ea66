/* SPDX-License-Identifier: ISC */
/*
 * Tickets, as those who may share ask for them. auth makes, keeps and ends them; console
 * says who may have one, and for what. Each question to auth has a number and an asker,
 * who may leave before the answer comes.
 */
#ifndef CONSOLE_SHARING_H
#define CONSOLE_SHARING_H

#include "ipc/message.h"

enum { SHARING_PER_VISIT = 4 };      /* questions under way */

struct guest;
struct visit;

int sharing_ask_ticket(void *visit, struct message *m);     /* MSG_ASK_TICKET ... */
int sharing_ask_tickets(void *visit, struct message *m);
int sharing_revoke(void *visit, struct message *m);

int sharing_made(void *ctx, struct message *m);             /* MSG_TICKET_MADE ... of auth */
int sharing_found(void *ctx, struct message *m);
int sharing_end(void *ctx, struct message *m);

/* A guest went to another host: its tickets go with it, and who came by them. */
void sharing_moved(const struct guest *from, struct guest *to);

/* The asker left; auth is gone and answers nothing any more. */
void sharing_forget(const struct visit *v);
void sharing_auth_gone(void);

#endif
