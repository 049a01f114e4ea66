/* SPDX-License-Identifier: ISC */
/*
 * Host keys: gate alone opens their files. It never looks into one: sshd makes the text
 * of a new one, as a user without rights, and gets the bytes of all of them as messages.
 */
#ifndef GATE_HOSTKEY_H
#define GATE_HOSTKEY_H

#include <stddef.h>

struct peer;
struct user;

/*
 * Whether the file is good, or, where there is none, one could be made. 0, or -1 with
 * what is wrong and what is expected in err.
 */
int hostkey_check(const char *path, char *err, size_t errsize);

/*
 * Makes the file where there is none: mode 0600, complete or not at all. `user` is who
 * makes it, NULL: we. Waits for that program some seconds at most. 1 made, 0 was there,
 * -1 with err.
 */
int hostkey_make(const char *path, const struct user *user, char *err, size_t errsize);

/* Sends the key as MSG_KEY. 0, or -1 with err; a full queue is the peer's end. */
int hostkey_send(struct peer *to, const char *path, char *err, size_t errsize);

#endif
