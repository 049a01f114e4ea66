/* SPDX-License-Identifier: ISC */
/* See server.h. */
#include "ws/server.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <string.h>

#include "ipc/log.h"
#include "ws/client.h"
#include "ws/tls.h"

enum {
	WRITE_MAX = 16384,           /* bytes in one go; else it would be 4096 */
	HEAD_BYTES_MAX = 16384,      /* of a request: cookies of other ports come along */
	FDS_MAX = 16,                /* the client, our loop, the library's own */
	/* Connections have deadlines of their own, which the configuration says: see serve.c
	 * and client.c, which end whatever the library waits for. */
	LONG_S = 24 * 3600,
};

extern int client_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
			   void *in, size_t len);

/* The first is for HTTP, and for a WebSocket that names no subprotocol. */
static const struct lws_protocols protocols[] = {
	{ .name = "http", .callback = client_callback, .tx_packet_size = WRITE_MAX },
	{ .name = "serialgate.v1", .callback = client_callback, .tx_packet_size = WRITE_MAX },
	{ .name = "binary", .callback = client_callback, .tx_packet_size = WRITE_MAX },
	{ .name = NULL },
};

static struct lws_context *context;
static struct lws_vhost *vhost;
static SSL_CTX *tls;
static bool has_certificate;

static void emit(int level, const char *line)
{
	(void)level;
	log_info("libwebsockets: %.*s", (int)strcspn(line, "\n"), line);
}

void server_take_tls(void *ssl_ctx)
{
	tls = ssl_ctx;
	tls_set_up(tls);
}

int server_start(void)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.vhost_name = "serialgate",
		.alpn = "http/1.1",
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
			   LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX |
			   LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME |
			   LWS_SERVER_OPTION_VALIDATE_UTF8,
		.max_http_header_data = HEAD_BYTES_MAX,
		.max_http_header_pool = 1,
		.fd_limit_per_thread = FDS_MAX,
		.timeout_secs = LONG_S,
		.timeout_secs_ah_idle = LONG_S,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, emit);
	context = lws_create_context(&info);
	vhost = context ? lws_create_vhost(context, &info) : NULL;
	if (!vhost || !tls)
		return -1;
	return tls_warm_up();
}

int server_set_certificate(struct bytes chain, struct bytes key, char *err, size_t errsize)
{
	if (tls_load(tls, chain, key, err, errsize) < 0)
		return -1;
	has_certificate = true;
	return 0;
}

bool server_has_certificate(void)
{
	return has_certificate;
}

struct lws_context *server_context(void)
{
	return context;
}

struct lws_vhost *server_vhost(void)
{
	return vhost;
}
