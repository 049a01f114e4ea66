/* SPDX-License-Identifier: ISC */
/* The certificate, from bytes into OpenSSL, and what OpenSSL loads when it is first used. */
#ifndef WS_TLS_H
#define WS_TLS_H

#include <openssl/types.h>
#include <stddef.h>

#include "ipc/message.h"

/* TLS 1.2 and 1.3, no renegotiation, no tickets that would outlive a process. */
void tls_set_up(SSL_CTX *ctx);

/*
 * Reads both and checks in a scratch context that they belong together; then the handshakes
 * of ctx show them, and no others. 0, or -1 with a text; all is as it was then.
 */
int tls_load(SSL_CTX *ctx, struct bytes chain, struct bytes key, char *err, size_t errsize);

/* Whole handshakes of the process with itself, in memory. 0 or -1. */
int tls_warm_up(void);

#endif
