/* SPDX-License-Identifier: ISC */
/*
 * One line of an authorized_keys file (sshd(8), AUTHORIZED_KEYS FILE FORMAT) against the
 * key that somebody offers. `from`, `expiry-time`, `restrict` and the keywords about
 * things that do not exist here (pty, no-port-forwarding ...) are honoured; a line with
 * any other option never matches, because what it demands cannot be kept. In the file of
 * shared keys the option user="alice" says whose key it is. Pure: no I/O, no clock.
 */
#ifndef AUTH_AUTHORIZED_KEYS_H
#define AUTH_AUTHORIZED_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum { AUTHORIZED_KEYS_LINE_MAX = 8192 };   /* bytes, without the newline */

struct authorized_keys_query {
	const char *algorithm;    /* of the key, or of its signatures: rsa-sha2-512 is ssh-rsa */
	struct bytes blob;        /* RFC 4253 6.6 */
	const char *peer;         /* numeric address */
	uint64_t now_utc;         /* the time as the number YYYYMMDDHHMMSS, in UTC and */
	uint64_t now_local;       /* in the local zone: expiry-time comes in both */
	bool shared;              /* user="..." is wanted; else it is an unknown option */
};

enum authorized_keys_result {
	KEYS_OTHER,      /* blank, a comment, another key, or no key at all */
	KEYS_MATCH,
	/* The key is the one, but: */
	KEYS_FROM,       /* from= leaves the peer out, or is broken */
	KEYS_EXPIRED,    /* expiry-time= is over, or is broken */
	KEYS_OPTION,     /* an option that is unknown here, broken or given twice */
	KEYS_NO_USER,    /* shared, and no user= */
	/* The line was not looked at: */
	KEYS_LONG,
	KEYS_RESULT_COUNT,
};

/*
 * Whether the offered key may be looked for at all: a plain public key of a known type
 * (no certificate, no DSA), and the type inside the blob is that of the algorithm.
 */
bool authorized_keys_can_match(const struct authorized_keys_query *q);

/*
 * The line may end with CR, not with LF. On KEYS_MATCH in a shared file user is filled,
 * else it is "".
 */
enum authorized_keys_result authorized_keys_match(const struct authorized_keys_query *q,
						  const char *line, size_t len,
						  char user[static USER_MAX + 1]);

/* What a result means, for the log: "its expiry-time is over". Never NULL. */
const char *authorized_keys_reason(enum authorized_keys_result result);

#endif
