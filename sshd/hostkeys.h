/* SPDX-License-Identifier: ISC */
/*
 * Host keys and algorithms: what every connection's key exchange begins with. Keys come
 * as text from gate; no file is opened here.
 */
#ifndef SSHD_HOSTKEYS_H
#define SSHD_HOSTKEYS_H

#include <libssh/server.h>
#include <stddef.h>

enum { HOSTKEYS_MAX = 8 };

/* Keys that came and belong to no bind yet. */
struct hostkeys {
	ssh_key keys[HOSTKEYS_MAX];
	size_t count;
};

/* Takes a private key in OpenSSH or PEM form. 0, or -1: not one, too long or too many. */
int hostkeys_add(struct hostkeys *h, const char *text, size_t len);

/* Frees those that are left. */
void hostkeys_free(struct hostkeys *h);

/*
 * A bind with our algorithms and the keys of h, which is empty then; each key's type and
 * fingerprint is logged. NULL with a text in err: no key, or libssh refuses one.
 */
ssh_bind hostkeys_bind(struct hostkeys *h, char *err, size_t errsize);

/* Makes a new ed25519 key and writes it in OpenSSH form to fd. 0 or -1. */
int hostkeys_generate(int fd);

#endif
