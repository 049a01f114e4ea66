/* SPDX-License-Identifier: ISC */
/*
 * What the client says about one of its attachments becomes a message to the hub, or is
 * for the outlet. It checks that the client keeps to the protocol, and decides nothing.
 */
#ifndef WS_WISHES_H
#define WS_WISHES_H

#include "ws/protocol.h"

struct attachment;

/* -1: it breaks a rule. */
int wishes_take(struct attachment *a, const struct ask *ask);
int wishes_input(struct attachment *a, struct bytes data);

#endif
