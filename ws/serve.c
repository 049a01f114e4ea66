/* SPDX-License-Identifier: ISC */
/* See serve.h. */
#include "ws/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/log.h"
#include "ipc/loop.h"
#include "ipc/tcp.h"
#include "ws/answer.h"
#include "ws/client.h"
#include "ws/page.h"
#include "ws/raw.h"
#include "ws/server.h"
#include "ws/session.h"

enum {
	PAGE_GRACE_MS = 60000,        /* to fetch the page */
	CLOSE_MS = 1000,              /* for a client that still sends to read what it was told */
};

struct connection {
	const struct serve_start *start;
	struct client *client;
	int socket;                   /* a descriptor of our own, for the end */
	struct loop_timer timer;      /* the deadline of this phase */
	enum close_code code;         /* when it passes */
	const char *late;
	uint64_t typed_at;
	int door;                     /* until somebody has it: -1 */
	struct session *session;      /* one of them, or none */
	struct raw *raw;
	bool is_socket;               /* a WebSocket is agreed on */
	enum route route;
	struct console_request request;
	struct who who;
};

/* -- deadlines -- */

static void too_late(void *owner)
{
	struct connection *c = owner;

	log_info("closing: %s", c->late);
	if (!client_has_asked(c->client))
		_exit(0);
	client_end(c->client, c->code, c->late);
}

static void set_deadline(struct connection *c, int64_t ms, enum close_code code, const char *late)
{
	loop_timer_clear(&c->timer);
	c->code = code;
	c->late = late;
	if (ms > 0)
		loop_timer_set(&c->timer, (uint64_t)ms, too_late, c);
}

static void watch_idle(struct connection *c)
{
	set_deadline(c, c->start->config->gate.idle_timeout, CLOSE_IDLE,
		     "nothing was typed for too long");
}

static void logged_in(void *owner)
{
	watch_idle(owner);
}

static void typed(void *owner)
{
	watch_idle(owner);
}

/* -- answers from here -- */

static void send_buf(struct connection *c, struct buf *out)
{
	client_send_http(c->client, out->data, out->len);
	buf_free(out);
}

static void send_page(struct connection *c, const struct head *h)
{
	bool is_known = strcmp(h->etag, page_etag) == 0;
	struct buf out, policy;

	buf_init(&policy, ANSWER_HEAD_MAX / 2);
	answer_policy(&policy, page_hashes, &c->start->config->web.embed_from);
	buf_append(&policy, "", 1);
	buf_init(&out, ANSWER_HEAD_MAX);
	if (is_known)
		answer_begin(&out, 304, NULL, -1);
	else
		answer_begin(&out, 200, "text/html; charset=utf-8", (long)page_gzip_len);
	answer_header(&out, "Content-Security-Policy", (const char *)policy.data);
	answer_header(&out, "Cache-Control", "no-cache");
	answer_header(&out, "ETag", page_etag);
	if (!is_known)
		answer_header(&out, "Content-Encoding", "gzip");
	answer_end(&out);
	send_buf(c, &out);
	buf_free(&policy);
	if (!is_known && h->method == METHOD_GET)
		client_send_http(c->client, page_gzip, page_gzip_len);
	client_end(c->client, CLOSE_NORMAL, "");
}

static void send_health(struct connection *c, const struct head *h)
{
	struct buf out;

	buf_init(&out, ANSWER_HEAD_MAX);
	answer_status(&out, 200, "ok");
	if (h->method == METHOD_HEAD)
		out.len -= strlen("ok\n");
	send_buf(c, &out);
	client_end(c->client, CLOSE_NORMAL, "");
}

/* -- the request -- */

static int refuse(unsigned status, const char *why)
{
	log_info("refused with %u: %s", status, why);
	return (int)status;
}

static int begin_raw(struct connection *c, enum raw_kind kind)
{
	struct raw_start start = {
		.kind = kind, .client = c->client, .door = c->door, .who = &c->who,
		.request = &c->request, .logged_in = logged_in, .typed = typed, .owner = c,
	};

	c->door = -1;
	c->raw = raw_new(&start);
	return c->raw ? 0 : refuse(503, "the login service is away");
}

/* Who it is must be said in the head; a browser says what is not the page's own to say. */
static int check_who(struct connection *c, const struct head *h)
{
	if (c->who.kind == CREDENTIALS_NONE)
		return refuse(401, "no Authorization");
	if (c->who.kind == CREDENTIALS_BROKEN)
		return refuse(400, "an Authorization that is not understood");
	if (c->who.kind == CREDENTIALS_BASIC && h->is_scripted)
		return refuse(403, "a password that a browser has added");
	return 0;
}

static int take_console(struct connection *c, const struct head *h, const struct offer *o)
{
	int status;

	for (unsigned i = 0; i < h->arguments; i++)
		if (request_option(&c->request, h->argument[i]) < 0)
			return refuse(400, "an option that is not understood");
	if (h->is_upgrade && o->any && !o->binary)
		return refuse(400, "an unknown subprotocol");
	status = check_who(c, h);
	if (status)
		return status;
	if (h->is_upgrade) {
		c->is_socket = true;
		return 0;
	}
	if (h->method == METHOD_GET)
		return begin_raw(c, RAW_STREAM);
	if (h->method != METHOD_POST)
		return refuse(405, "a method that is not for consoles");
	if (!h->length[0] || strspn(h->length, "0123456789") != strlen(h->length))
		return refuse(411, "a body without its length");
	if (strlen(h->length) > 6 || atol(h->length) > CLIENT_BODY_MAX)
		return refuse(413, "a body that is too large");
	return begin_raw(c, RAW_POST);
}

static int take_guests(struct connection *c, const struct head *h, const struct offer *o)
{
	int status;

	(void)o;
	if (h->method != METHOD_GET)
		return refuse(405, "a method that is not for the list");
	status = check_who(c, h);
	return status ? status : begin_raw(c, RAW_LIST);
}

static int take_session(struct connection *c, const struct head *h, const struct offer *o)
{
	if (!h->is_upgrade)
		return refuse(400, "a session is a WebSocket");
	if (!o->session)
		return refuse(400, "an unknown subprotocol");
	c->is_socket = true;
	return 0;
}

static int take_page(struct connection *c, const struct head *h, const struct offer *o)
{
	(void)o;
	set_deadline(c, PAGE_GRACE_MS, CLOSE_NORMAL, "too slow to fetch the page");
	send_page(c, h);
	return 0;
}

static int take_health(struct connection *c, const struct head *h, const struct offer *o)
{
	(void)o;
	send_health(c, h);
	return 0;
}

static const struct way {
	enum route route;
	const char *name;
	bool may_upgrade;
	bool may_post;
	int (*take)(struct connection *c, const struct head *h, const struct offer *o);
} ways[] = {
	{ ROUTE_PAGE, "page", false, false, take_page },
	{ ROUTE_HEALTH, "health", false, false, take_health },
	{ ROUTE_SESSION, "session", true, false, take_session },
	{ ROUTE_CONSOLE, "console", true, true, take_console },
	{ ROUTE_GUESTS, "guests", false, false, take_guests },
};

static int take_route(struct connection *c, const struct head *h, const struct offer *o)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const struct way *w = &ways[i];

		if (w->route != c->route)
			continue;
		if (h->is_upgrade && !w->may_upgrade)
			return refuse(400, "a WebSocket where there is none");
		if (h->method == METHOD_OTHER || (h->method == METHOD_POST && !w->may_post))
			return refuse(405, "a method that is not for this path");
		return w->take(c, h, o);
	}
	return refuse(404, "no such path");
}

static void log_request(const struct connection *c, const struct head *h)
{
	static const char *const methods[] = { "?", "GET", "HEAD", "POST" };

	log_info("%s%s %s%s%s", methods[h->method], h->is_upgrade ? " (WebSocket)" : "", h->path,
		 h->origin[0] ? ", origin " : "", h->origin);
	if (h->forwarded[0] && request_is_from(c->start->peer, &c->start->config->web.trusted_proxy))
		log_info("the proxy %s says it is for %s", c->start->peer, h->forwarded);
}

static int on_head(void *owner, const struct head *h)
{
	struct connection *c = owner;
	const struct config *config = c->start->config;
	struct offer offer;

	set_deadline(c, config->gate.login_grace, CLOSE_LOGIN_GRACE,
		     "the time to log in is over");
	log_request(c, h);
	if (!request_origin_fits(h->origin, !c->start->is_plain, h->host, config->web.public_url,
				 &config->web.origins))
		return refuse(403, "an origin that is not ours");
	c->route = request_route(h->path, &c->request);
	request_authorization(&c->who, h->authorization);
	if (request_offer(&offer, &c->who, h->protocols) < 0)
		return refuse(400, "an offer of subprotocols that is not understood");
	return take_route(c, h, &offer);
}

/* -- a WebSocket -- */

static void on_opened(void *owner)
{
	struct connection *c = owner;
	struct session_start start = {
		.client = c->client, .door = c->door, .config = c->start->config,
		.logged_in = logged_in, .typed = typed, .who = c,
	};

	if (c->route == ROUTE_CONSOLE) {
		if (begin_raw(c, RAW_SOCKET) != 0)
			client_end(c->client, CLOSE_FAILED, "the login service is away");
		return;
	}
	c->door = -1;
	c->session = session_new(&start);
	if (!c->session)
		client_end(c->client, CLOSE_FAILED, "out of memory");
}

static void on_text(void *owner, char *text, size_t len)
{
	struct connection *c = owner;

	if (c->session)
		session_text(c->session, text, len);
	else if (c->raw)
		raw_type(c->raw, (const uint8_t *)text, len);
}

static void on_binary(void *owner, const uint8_t *data, size_t len)
{
	struct connection *c = owner;

	if (c->session)
		session_binary(c->session, data, len);
	else if (c->raw)
		raw_type(c->raw, data, len);
}

static void on_body(void *owner, const uint8_t *data, size_t len)
{
	struct connection *c = owner;

	if (c->raw)
		raw_type(c->raw, data, len);
}

static void on_room(void *owner)
{
	struct connection *c = owner;

	if (c->session)
		session_room(c->session);
	else if (c->raw)
		raw_room(c->raw);
}

static const struct client_ears ears = {
	on_head, on_opened, on_text, on_binary, on_body, on_room,
};

/* -- its life -- */

static int set_up(struct connection *c, const struct serve_start *start)
{
	*c = (struct connection){ .start = start, .door = start->door };
	tcp_set_up(start->socket);
	/* The library closes its own as soon as it has sent. */
	c->socket = fcntl(start->socket, F_DUPFD_CLOEXEC, 0);
	if (c->socket < 0 || loop_init() < 0 || sandbox_enter(start->walls) < 0) {
		log_error("cannot set up the sandbox: %s", strerror(errno));
		return -1;
	}
	if (!start->is_plain && !server_has_certificate()) {
		log_error("there is no certificate");
		return -1;
	}
	c->client = client_open(server_context(), server_vhost(), start->socket, !start->is_plain,
				&ears, c);
	if (!c->client) {
		/* The handshake begins here: with what is no TLS it ends here, too. */
		if (start->is_plain)
			log_error("libwebsockets does not take the connection");
		else
			log_info("refused: no TLS");
		return -1;
	}
	set_deadline(c, start->config->gate.handshake_grace, CLOSE_NORMAL,
		     "handshake grace is over");
	return 0;
}

void serve_run(const struct serve_start *start)
{
	static struct connection c;

	log_info("connection from %s port %u", start->peer, start->port);
	if (set_up(&c, start) < 0)
		return;
	do
		watchdog_arm(WATCHDOG_SECONDS);
	while (client_turn(c.client) == 0);
	tcp_close_gently(c.socket, CLOSE_MS);
	if (!client_has_asked(c.client))
		log_info("closed without a request");
	else
		log_info("closed");
}
