/* SPDX-License-Identifier: ISC */
/* See head.h. */
#include "ws/head.h"

#include <libwebsockets.h>
#include <string.h>

enum { KEY_LENGTH = 24 };      /* of Sec-WebSocket-Key: 16 bytes in base64 */

static void copy(struct lws *wsi, struct head *h, char *to, size_t size,
		 enum lws_token_indexes token)
{
	to[0] = '\0';
	if (lws_hdr_total_length(wsi, token) > 0 &&
	    (lws_hdr_copy(wsi, to, (int)size, token) < 0 ||
	     strlen(to) != (size_t)lws_hdr_total_length(wsi, token)))
		h->is_broken = true;
}

/* Cut off, for the log and the like. */
static void copy_some(struct lws *wsi, char *to, size_t size, enum lws_token_indexes token)
{
	to[0] = '\0';
	if (lws_hdr_copy_fragment(wsi, to, (int)size, token, 0) < 0)
		to[0] = '\0';
}

static const struct method_name {
	enum lws_token_indexes token;
	enum method method;
} method_names[] = {
	{ WSI_TOKEN_GET_URI, METHOD_GET },
	{ WSI_TOKEN_POST_URI, METHOD_POST },
	{ WSI_TOKEN_HEAD_URI, METHOD_HEAD },
};

static void read_path(struct lws *wsi, struct head *h)
{
	unsigned found = 0;

	for (size_t i = 0; i < sizeof(method_names) / sizeof(method_names[0]); i++) {
		if (lws_hdr_total_length(wsi, method_names[i].token) <= 0)
			continue;
		h->method = method_names[i].method;
		copy(wsi, h, h->path, sizeof(h->path), method_names[i].token);
		found++;
	}
	if (found > 1)
		h->is_broken = true;
}

static void read_arguments(struct lws *wsi, struct head *h)
{
	char text[HEAD_ARGUMENT_MAX + 2];
	int n = 0;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) <= 0)
		return;
	while (lws_hdr_copy_fragment(wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, n) > 0) {
		if (n == HEAD_ARGUMENTS_MAX || strlen(text) > HEAD_ARGUMENT_MAX) {
			h->is_broken = true;
			return;
		}
		strcpy(h->argument[n++], text);
	}
	h->arguments = (unsigned)n;
}

static bool has_fetch_header(struct lws *wsi)
{
	static const char *const names[] = {
		"sec-fetch-site:", "sec-fetch-mode:", "sec-fetch-dest:", "sec-fetch-user:",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (lws_hdr_custom_length(wsi, names[i], (int)strlen(names[i])) >= 0)
			return true;
	return false;
}

/* The library takes an encoded CR or LF in the path for the line's end, and what follows for a
 * header: then there is no version. */
static bool has_version(struct lws *wsi)
{
	char version[16];

	return lws_hdr_copy(wsi, version, sizeof(version), WSI_TOKEN_HTTP) > 0 &&
	       (strcmp(version, "HTTP/1.1") == 0 || strcmp(version, "HTTP/1.0") == 0);
}

/* RFC 6455 4.2.1: the library would take any version, and a key of any length. */
static bool is_handshake(struct lws *wsi, const struct head *h, const char *upgrade)
{
	char version[8];

	return strcasecmp(upgrade, "websocket") == 0 && h->method == METHOD_GET && h->host[0] &&
	       lws_hdr_total_length(wsi, WSI_TOKEN_KEY) == KEY_LENGTH &&
	       lws_hdr_copy(wsi, version, sizeof(version), WSI_TOKEN_VERSION) > 0 &&
	       strcmp(version, "13") == 0;
}

void head_read(struct head *h, struct lws *wsi, bool is_upgrade)
{
	char upgrade[32];

	*h = (struct head){ .is_upgrade = is_upgrade };
	read_path(wsi, h);
	read_arguments(wsi, h);
	copy(wsi, h, h->host, sizeof(h->host), WSI_TOKEN_HOST);
	copy(wsi, h, h->origin, sizeof(h->origin), WSI_TOKEN_ORIGIN);
	copy(wsi, h, h->authorization, sizeof(h->authorization), WSI_TOKEN_HTTP_AUTHORIZATION);
	copy(wsi, h, h->protocols, sizeof(h->protocols), WSI_TOKEN_PROTOCOL);
	copy(wsi, h, h->length, sizeof(h->length), WSI_TOKEN_HTTP_CONTENT_LENGTH);
	copy(wsi, h, upgrade, sizeof(upgrade), WSI_TOKEN_UPGRADE);
	copy_some(wsi, h->agent, sizeof(h->agent), WSI_TOKEN_HTTP_USER_AGENT);
	copy_some(wsi, h->etag, sizeof(h->etag), WSI_TOKEN_HTTP_IF_NONE_MATCH);
	copy_some(wsi, h->forwarded, sizeof(h->forwarded), WSI_TOKEN_X_FORWARDED_FOR);
	h->is_scripted = h->origin[0] || has_fetch_header(wsi);
	h->is_browser = h->is_scripted || strncmp(h->agent, "Mozilla/", 8) == 0;
	if (!has_version(wsi) || (is_upgrade ? !is_handshake(wsi, h, upgrade) : upgrade[0] != '\0'))
		h->is_broken = true;
	/* Two ways to say how long a body is are one too many, and chunks are not read. */
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		h->is_broken = true;
}
