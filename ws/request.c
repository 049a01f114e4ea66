/* SPDX-License-Identifier: ISC */
/* See request.h. Pure. */
#include "ws/request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipc/base64.h"

/* -- the path -- */

static const struct place {
	const char *path;
	enum route route;
} places[] = {
	{ "/", ROUTE_PAGE },
	{ "/session", ROUTE_SESSION },
	{ "/guests", ROUTE_GUESTS },
	{ "/healthz", ROUTE_HEALTH },
};

#define CONSOLE_PREFIX "/console/"

enum route request_route(const char *path, struct console_request *c)
{
	size_t prefix = strlen(CONSOLE_PREFIX);
	size_t len = strlen(path);

	*c = (struct console_request){ .from = { .kind = POSITION_NOW } };
	if (len > REQUEST_PATH_MAX)
		return ROUTE_NONE;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i].path, path) == 0)
			return places[i].route;
	if (strncmp(path, CONSOLE_PREFIX, prefix) != 0)
		return ROUTE_NONE;
	len -= prefix;
	if (len == 0 || len > GUEST_PHRASE_MAX)
		return ROUTE_NONE;
	memcpy(c->guest, path + prefix, len + 1);
	return ROUTE_CONSOLE;
}

/* -- the query -- */

static int read_number(const char *text, char stop, uint64_t max, uint64_t *value,
		       const char **end)
{
	uint64_t n = 0;
	const char *at = text;

	while (*at >= '0' && *at <= '9') {
		unsigned digit = (unsigned)(*at++ - '0');

		if (n > (max - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	if (at == text || *at != stop)
		return -1;
	*value = n;
	*end = at;
	return 0;
}

static int set_flag(struct console_request *c, const char *value, size_t offset)
{
	if (value)
		return -1;
	*(bool *)((char *)c + offset) = true;
	return 0;
}

static int set_device(struct console_request *c, const char *value, size_t offset)
{
	(void)offset;
	if (!value || strlen(value) > ALIAS_MAX)
		return -1;
	strcpy(c->device, value);
	return 0;
}

static int set_lines(struct console_request *c, const char *value, size_t offset)
{
	uint64_t n;
	const char *end;

	(void)offset;
	if (!value || read_number(value, '\0', REQUEST_LINES_MAX, &n, &end) < 0)
		return -1;
	c->from = (struct position){ .kind = POSITION_LINES, .value = n };
	return 0;
}

static int set_from(struct console_request *c, const char *value, size_t offset)
{
	struct position p = { .kind = POSITION_OFFSET };
	const char *end;

	(void)offset;
	if (!value || read_number(value, '.', UINT64_MAX, &p.epoch, &end) < 0 ||
	    read_number(end + 1, '\0', UINT64_MAX, &p.value, &end) < 0)
		return -1;
	c->from = p;
	return 0;
}

static const struct argument {
	const char *name;
	int (*set)(struct console_request *c, const char *value, size_t offset);
	size_t offset;
} arguments[] = {
	{ "read-only", set_flag, offsetof(struct console_request, read_only) },
	{ "take", set_flag, offsetof(struct console_request, take) },
	{ "wait", set_flag, offsetof(struct console_request, wait) },
	{ "device", set_device, 0 },
	{ "replay-lines", set_lines, 0 },
	{ "replay-from", set_from, 0 },
};

int request_option(struct console_request *c, const char *argument)
{
	size_t len = strcspn(argument, "=");
	const char *value = argument[len] ? argument + len + 1 : NULL;

	for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		if (strlen(arguments[i].name) == len &&
		    memcmp(arguments[i].name, argument, len) == 0)
			return arguments[i].set(c, value, arguments[i].offset);
	return -1;
}

/* -- where the script comes from -- */

struct origin {
	bool is_tls;
	const char *host;            /* name or address, and port where there is one */
	size_t len;
};

/* scheme://host[:port], and what follows is passed over; a scheme's own port is cut off. */
static int read_origin(struct origin *o, const char *text)
{
	const char *port;

	if (strncasecmp(text, "https://", 8) == 0)
		*o = (struct origin){ .is_tls = true, .host = text + 8 };
	else if (strncasecmp(text, "http://", 7) == 0)
		*o = (struct origin){ .is_tls = false, .host = text + 7 };
	else
		return -1;
	o->len = strcspn(o->host, "/?#");
	port = o->is_tls ? ":443" : ":80";
	if (o->len > strlen(port) &&
	    memcmp(o->host + o->len - strlen(port), port, strlen(port)) == 0)
		o->len -= strlen(port);
	return o->len > 0 ? 0 : -1;
}

static bool is_same(const struct origin *a, const char *text)
{
	struct origin b;

	return read_origin(&b, text) == 0 && a->is_tls == b.is_tls && a->len == b.len &&
	       strncasecmp(a->host, b.host, a->len) == 0;
}

bool request_origin_fits(const char *origin, bool is_tls, const char *host,
			 const char *public_url, const struct config_list *origins)
{
	char own[REQUEST_HOST_MAX + 16];
	struct origin o;

	if (!origin[0])
		return true;
	/* A browser puts nothing behind the host; "null" is nobody's. */
	if (read_origin(&o, origin) < 0 || o.host[strcspn(o.host, "/?#")])
		return false;
	if (host[0] && strlen(host) <= REQUEST_HOST_MAX) {
		strcpy(own, is_tls ? "https://" : "http://");
		strcat(own, host);
		if (is_same(&o, own))
			return true;
	}
	if (public_url[0] && is_same(&o, public_url))
		return true;
	for (size_t i = 0; i < origins->count; i++)
		if (is_same(&o, origins->items[i]))
			return true;
	return false;
}

/* -- who it is -- */

static bool is_token(const char *text, size_t len)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	return len > 0 && len <= TOKEN_MAX && strspn(text, letters) >= len;
}

static int read_basic(struct who *w, const char *text)
{
	uint8_t plain[USER_MAX + 1 + SECRET_MAX + 1];
	long len = base64_decode(plain, sizeof(plain) - 1, text);
	const uint8_t *colon = len > 0 ? memchr(plain, ':', (size_t)len) : NULL;
	size_t user = colon ? (size_t)(colon - plain) : 0;
	int r = -1;

	if (user > 0 && user <= USER_MAX && !memchr(plain, '\0', user) &&
	    secret_set(&w->password, colon + 1, (size_t)len - user - 1) == 0) {
		memcpy(w->user, plain, user);
		w->user[user] = '\0';
		r = 0;
	}
	explicit_bzero(plain, sizeof(plain));
	return r;
}

void request_authorization(struct who *w, const char *header)
{
	*w = (struct who){ .kind = CREDENTIALS_NONE };
	if (!header[0])
		return;
	w->kind = CREDENTIALS_BROKEN;
	if (strncasecmp(header, "Basic ", 6) == 0) {
		header += 6 + strspn(header + 6, " ");
		if (read_basic(w, header) == 0)
			w->kind = CREDENTIALS_BASIC;
	} else if (strncasecmp(header, "Bearer ", 7) == 0) {
		header += 7 + strspn(header + 7, " ");
		if (!is_token(header, strlen(header)))
			return;
		strcpy(w->ticket, header);
		w->kind = CREDENTIALS_TICKET;
	}
}

void request_who_wipe(struct who *w)
{
	explicit_bzero(w, sizeof(*w));
}

static int take_offer(struct offer *o, struct who *w, const char *name, size_t len)
{
	static const char ticket[] = "ticket.";
	size_t prefix = strlen(ticket);

	o->any = true;
	if (len == 13 && memcmp(name, "serialgate.v1", len) == 0)
		o->session = true;
	if (len == 6 && memcmp(name, "binary", len) == 0)
		o->binary = true;
	if (len <= prefix || memcmp(name, ticket, prefix) != 0)
		return 0;
	if (w->kind != CREDENTIALS_NONE || !is_token(name + prefix, len - prefix))
		return -1;
	memcpy(w->ticket, name + prefix, len - prefix);
	w->ticket[len - prefix] = '\0';
	w->kind = CREDENTIALS_TICKET;
	return 0;
}

int request_offer(struct offer *o, struct who *w, const char *header)
{
	*o = (struct offer){ 0 };
	while (*header) {
		size_t len;

		header += strspn(header, " \t,");
		len = strcspn(header, " \t,");
		if (len && take_offer(o, w, header, len) < 0)
			return -1;
		header += len;
	}
	return 0;
}

/* -- proxies -- */

/* An address as 16 bytes, IPv4 in its IPv6 form. */
static int read_address(uint8_t out[16], const char *text)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	if (inet_pton(AF_INET, text, out + 12) == 1) {
		memcpy(out, mapped, sizeof(mapped));
		return 32;
	}
	return inet_pton(AF_INET6, text, out) == 1 ? 128 : -1;
}

static bool is_within(const uint8_t address[16], const char *network)
{
	char text[PEER_MAX + 1];
	size_t len = strcspn(network, "/");
	uint8_t net[16];
	uint64_t bits;
	const char *end;
	int width;

	if (len > PEER_MAX)
		return false;
	memcpy(text, network, len);
	text[len] = '\0';
	width = read_address(net, text);
	if (width < 0)
		return false;
	bits = (uint64_t)width;
	if (network[len] && read_number(network + len + 1, '\0', (uint64_t)width, &bits, &end) < 0)
		return false;
	bits += 128 - (uint64_t)width;
	if (memcmp(address, net, bits / 8) != 0)
		return false;
	return bits % 8 == 0 ||
	       ((address[bits / 8] ^ net[bits / 8]) & (0xff00u >> bits % 8)) % 256 == 0;
}

bool request_is_from(const char *peer, const struct config_list *list)
{
	uint8_t address[16];

	if (read_address(address, peer) < 0)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (is_within(address, list->items[i]))
			return true;
	return false;
}
