/* SPDX-License-Identifier: ISC */
/* The way to auth: identities come by it, and tickets are asked for. */
#ifndef CONSOLE_AUTH_H
#define CONSOLE_AUTH_H

#include "ipc/message.h"

/* A new way to it; the one before is dropped. Takes over fd. */
void auth_open(int fd);

/* 0, or -1: auth is not there now. */
int auth_send(enum message_type type, const void *fields);

#endif
