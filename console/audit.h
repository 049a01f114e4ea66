/* SPDX-License-Identifier: ISC */
/* What people did, told to gate, which keeps the audit. No key that was typed, no output. */
#ifndef CONSOLE_AUDIT_H
#define CONSOLE_AUDIT_H

#include <stdbool.h>

#include "ipc/message.h"

struct guest;
struct viewer;
struct visit;

void audit_attached(const struct viewer *v);
void audit_detached(const struct viewer *v);
void audit_keyboard(const struct viewer *to, const struct viewer *from);

/* guest may be NULL. did: made, used or revoked. */
void audit_ticket(const struct visit *v, const struct guest *guest, const char *did,
		  const char *id, bool ok);

/* The same in two steps, for what ends after its visit may have gone: who, and of what... */
void audit_begin(struct msg_audit *m, enum audit_event event, const struct visit *v,
		 const struct guest *guest, const char *alias);
/* ...and, with the detail filled in, how it ended. */
void audit_end(struct msg_audit *m, bool ok);

#endif
