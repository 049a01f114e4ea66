/* SPDX-License-Identifier: ISC */
/*
 * What the head of an HTTP request means: where it goes, what it asks for there, who it
 * says it is and where the script comes from that sent it. All of it is a stranger's
 * text, decoded already and NUL-terminated; everything is bounded here. Pure.
 */
#ifndef WS_REQUEST_H
#define WS_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "ipc/message.h"
#include "ipc/secret.h"

enum {
	REQUEST_PATH_MAX = 1000,
	REQUEST_LINES_MAX = 100000,    /* of replay-lines */
	REQUEST_HEADER_MAX = 1400,     /* Authorization: a name and a password in base64 */
	REQUEST_HOST_MAX = 300,
};

enum route { ROUTE_NONE, ROUTE_PAGE, ROUTE_SESSION, ROUTE_CONSOLE, ROUTE_GUESTS, ROUTE_HEALTH };

/* What is asked for at /console/GUEST. */
struct console_request {
	char guest[GUEST_PHRASE_MAX + 1];
	char device[ALIAS_MAX + 1];
	bool read_only;
	bool take;
	bool wait;                   /* stays while the guest is off */
	struct position from;        /* NOW if it says nothing */
};

/* Where a path leads; for a console its guest is put into c. */
enum route request_route(const char *path, struct console_request *c);

/* One argument of the query, "name" or "name=value". 0, or -1: unknown or wrong. */
int request_option(struct console_request *c, const char *argument);

/*
 * May a request with this Origin come in? "" (there was none) may. host: the Host header.
 * A scheme's own port may be left out on either side.
 */
bool request_origin_fits(const char *origin, bool is_tls, const char *host,
			 const char *public_url, const struct config_list *origins);

/* What Authorization says. */
enum credentials { CREDENTIALS_NONE, CREDENTIALS_BASIC, CREDENTIALS_TICKET, CREDENTIALS_BROKEN };
struct who {
	enum credentials kind;
	char user[USER_MAX + 1];
	struct secret password;
	char ticket[TOKEN_MAX + 1];  /* secret */
};
void request_authorization(struct who *w, const char *header);
void request_who_wipe(struct who *w);

/* The subprotocols that a client offers; a ticket among them goes into w. */
struct offer {
	bool any;
	bool session;                /* serialgate.v1 */
	bool binary;
};
/* 0, or -1: not a list of tokens, or a ticket that is none. */
int request_offer(struct offer *o, struct who *w, const char *header);

/* Is this one of the addresses or networks (ADDRESS or ADDRESS/BITS) of the list? */
bool request_is_from(const char *peer, const struct config_list *list);

#endif
