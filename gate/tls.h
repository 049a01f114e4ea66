/* SPDX-License-Identifier: ISC */
/*
 * The web endpoint's certificate and key as bytes: gate reads the files and hands them on.
 * Whether they fit together is for ws to say; no line of TLS runs in gate.
 */
#ifndef GATE_TLS_H
#define GATE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

struct tls_pair {
	uint8_t *chain, *key;    /* owned; NULL: there is no certificate */
	size_t chain_len, key_len;
};

static inline bool tls_is_there(const struct tls_pair *p) { return p->chain; }

/*
 * Reads both files. 0: p has them, or neither is there. -1: one without the other, or one
 * that is not as it has to be; err says it, *option is the key of [web] to blame.
 */
int tls_read(struct tls_pair *p, const struct config *config, const char **option, char *err,
	     size_t errsize);

/* Wipes and frees what is in it, not p; it is empty then. */
void tls_clear(struct tls_pair *p);

#endif
