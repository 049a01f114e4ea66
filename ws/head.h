/* SPDX-License-Identifier: ISC */
/*
 * The head of a request, taken from libwebsockets and cut into its parts; "" is what was not
 * there. What it means is request.h's to say.
 */
#ifndef WS_HEAD_H
#define WS_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "ws/request.h"

enum { HEAD_ARGUMENTS_MAX = 8, HEAD_ARGUMENT_MAX = 127, HEAD_PROTOCOLS_MAX = 126 };

enum method { METHOD_OTHER, METHOD_GET, METHOD_HEAD, METHOD_POST };

struct head {
	enum method method;
	bool is_upgrade;             /* to a WebSocket */
	bool is_broken;              /* a part is too long, or does not fit the others */
	bool is_browser;             /* an Origin or Sec-Fetch- header, or its name says so */
	bool is_scripted;            /* an Origin or Sec-Fetch- header: passwords are not its own */
	char path[REQUEST_PATH_MAX + 2];
	unsigned arguments;
	char argument[HEAD_ARGUMENTS_MAX][HEAD_ARGUMENT_MAX + 1];
	char host[REQUEST_HOST_MAX + 1];
	char origin[REQUEST_HOST_MAX + 16];
	char agent[128];             /* cut off where it is longer */
	char authorization[REQUEST_HEADER_MAX + 1];   /* secret */
	char protocols[HEAD_PROTOCOLS_MAX + 1];
	char etag[128];              /* If-None-Match */
	char forwarded[256];         /* X-Forwarded-For; a claim */
	char length[24];             /* Content-Length */
};

struct lws;

/* is_upgrade: the library was asked for one. h->authorization is to be wiped after use. */
void head_read(struct head *h, struct lws *wsi, bool is_upgrade);

#endif
