/* SPDX-License-Identifier: ISC */
/* For commands that do something and then wait for what the guest prints of it. */
#ifndef TERMINAL_RUN_HUNT_H
#define TERMINAL_RUN_HUNT_H

#include "ipc/message.h"

struct session;

/* Attaches, does that to the guest, and looks for --for from the byte before it on. */
void run_hunt_act(struct session *s, enum guest_act act);

#endif
