/* SPDX-License-Identifier: ISC */
/* Who is there: what a visit may ask about others, and how it has them leave. */
#ifndef CONSOLE_COMPANY_H
#define CONSOLE_COMPANY_H

#include "ipc/message.h"

int company_who(void *visit, struct message *m);       /* MSG_WHO ... */
int company_ask_who(void *visit, struct message *m);
int company_info(void *visit, struct message *m);
int company_kick(void *visit, struct message *m);

#endif
