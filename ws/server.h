/* SPDX-License-Identifier: ISC */
/*
 * What the parent prepares once for all connections: libwebsockets' context, which it
 * never services itself, and the certificate in OpenSSL's memory.
 */
#ifndef WS_SERVER_H
#define WS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/message.h"

struct lws_context;
struct lws_vhost;

/* Opens and loads all that is opened and loaded lazily. 0 or -1. */
int server_start(void);

/*
 * A certificate with its chain, and its key, both PEM: checked against each other first,
 * then used for new connections. 0, or -1 with a text; the one before stays then.
 */
int server_set_certificate(struct bytes chain, struct bytes key, char *err, size_t errsize);
bool server_has_certificate(void);

struct lws_context *server_context(void);
struct lws_vhost *server_vhost(void);

/* From libwebsockets: the SSL_CTX it has made. */
void server_take_tls(void *ssl_ctx);

#endif
