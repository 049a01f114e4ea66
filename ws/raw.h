/* SPDX-License-Identifier: ISC */
/*
 * What programs ask for without the protocol: a console's bytes over a WebSocket or as
 * an HTTP stream, bytes to be typed, the list of guests. One login, one visit, one
 * answer; its end is the connection's.
 */
#ifndef WS_RAW_H
#define WS_RAW_H

#include <stdint.h>

#include "ws/client.h"
#include "ws/request.h"

enum raw_kind { RAW_STREAM, RAW_SOCKET, RAW_POST, RAW_LIST };
enum { RAW_POST_MS = 30000 };

struct raw;

struct raw_start {
	enum raw_kind kind;
	struct client *client;
	int door;                          /* owned from here on */
	struct who *who;                   /* wiped when it is used */
	const struct console_request *request;
	void (*logged_in)(void *owner);
	void (*typed)(void *owner);
	void *owner;
};

/* Begins with the login. NULL: no memory, or no loop. */
struct raw *raw_new(const struct raw_start *start);

/* What is to be typed: all of a POST's body, or some from a WebSocket. */
void raw_type(struct raw *r, const uint8_t *data, size_t len);
void raw_room(struct raw *r);

#endif
