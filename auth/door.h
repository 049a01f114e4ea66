/* SPDX-License-Identifier: ISC */
/*
 * A door's child: proves one visitor's login, then hands out its visits. All that can
 * block happens here: PAM, NSS, key files. User, methods passed and failures are kept
 * here and never believed from the visitor; the parent holds the deadline.
 */
#ifndef AUTH_DOOR_H
#define AUTH_DOOR_H

#include "config/config.h"
#include "ipc/message.h"
#include "ipc/sandbox.h"
#include "ipc/wire.h"

/* Exit status after the visitor left; any other means that a module ended the process. */
enum { DOOR_LEFT = 17 };

/*
 * Serves the visitor at the other end of fd until it leaves. The link to the parent gets
 * MSG_LOGIN for each attempt and MSG_IDENTITY with console's end of each visit.
 */
void door_serve(const struct config *config, const struct msg_conn *conn, int fd,
		struct wire *link, const struct sandbox *walls) __attribute__((noreturn));

#endif
