/* SPDX-License-Identifier: ISC */
/* A head's parts, one a line: path, arguments, origin, Authorization, subprotocols, address. */
#include <stdlib.h>
#include <string.h>

#include "ws/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char net[] = "10.0.0.0/8", own[] = "https://gate";
	char *items[] = { net }, *origins[] = { own };
	const struct config_list proxies = { items, 1 }, list = { origins, 1 };
	char *text = malloc(size + 1), *at = text, *part[6] = { text, text, text, text, text, text };
	struct console_request c;
	struct offer o;
	struct who w;

	memcpy(text, data, size);
	text[size] = '\0';
	for (int i = 0; i < 6 && at; i++)
		part[i] = strsep(&at, "\n");
	if (request_route(part[0], &c) == ROUTE_CONSOLE && !c.guest[0])
		abort();
	if (request_option(&c, part[1]) == 0 && c.from.kind >= POSITION_KIND_COUNT)
		abort();
	if (request_origin_fits(part[2], true, "gate", "", &list) && *part[2] &&
	    strncasecmp(part[2], "https://gate", 12) != 0)
		abort();
	request_authorization(&w, part[3]);
	if (w.kind == CREDENTIALS_BASIC && (!w.user[0] || w.password.len > SECRET_MAX))
		abort();
	if (request_offer(&o, &w, part[4]) == 0 && (o.session || o.binary) && !o.any)
		abort();
	if (w.kind == CREDENTIALS_TICKET && strspn(w.ticket, "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != strlen(w.ticket))
		abort();
	if (request_is_from(part[5], &proxies) && strncmp(part[5], "10.", 3) != 0 &&
	    !strchr(part[5], ':'))
		abort();
	request_who_wipe(&w);
	free(text);
	return 0;
}
