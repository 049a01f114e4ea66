/* SPDX-License-Identifier: ISC */
/* What a visit asks of consoles: to be attached, to type, to have the keyboard, a replay. */
#ifndef CONSOLE_ATTACHING_H
#define CONSOLE_ATTACHING_H

#include "ipc/message.h"

int attaching_attach(void *visit, struct message *m);  /* MSG_ATTACH ... */
int attaching_detach(void *visit, struct message *m);
int attaching_input(void *visit, struct message *m);
int attaching_take(void *visit, struct message *m);
int attaching_give(void *visit, struct message *m);
int attaching_force(void *visit, struct message *m);
int attaching_replay(void *visit, struct message *m);

#endif
