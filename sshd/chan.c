/* SPDX-License-Identifier: ISC */
/* See chan.h. */
#include "sshd/chan.h"

#include <libssh/server.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "ipc/backoff.h"
#include "ipc/clock.h"
#include "ipc/log.h"
#include "sshd/login.h"
#include "terminal/session.h"

enum {
	WRITE_MAX = 32768,
	WRITE_LEAST = 128,
	/* For a channel that begins, and for a session that has lost its visit. */
	PATIENCE_NEW_MS = 3000,
	PATIENCE_LOST_MS = 10000,
	/* While console is away the door gives visits that lead nowhere: one after a pause. */
	PAUSE_MS = 20, PAUSE_MAX_MS = 500,
	GOOD_VISIT_MS = 2000,     /* one that lasted so long led somewhere */
};

/* -- what the client asks for: noted here, done in chan_turn() -- */

static int on_terminal(ssh_session ssh, ssh_channel ch, const char *term, int cols, int rows,
		       int pxwidth, int pxheight, void *arg)
{
	struct chan *c = arg;

	(void)ssh;
	(void)ch;
	(void)pxwidth;
	(void)pxheight;
	return request_set_terminal(&c->request, term, cols, rows);
}

static int on_env(ssh_session ssh, ssh_channel ch, const char *name, const char *value, void *arg)
{
	struct chan *c = arg;

	(void)ssh;
	(void)ch;
	return request_set_env(&c->request, name, value);
}

static int on_shell(ssh_session ssh, ssh_channel ch, void *arg)
{
	struct chan *c = arg;

	(void)ssh;
	(void)ch;
	return request_set_shell(&c->request);
}

static int on_exec(ssh_session ssh, ssh_channel ch, const char *command, void *arg)
{
	struct chan *c = arg;

	(void)ssh;
	(void)ch;
	return request_set_command(&c->request, command);
}

static int on_resize(ssh_session ssh, ssh_channel ch, int cols, int rows, int pxwidth,
		     int pxheight, void *arg)
{
	struct chan *c = arg;

	(void)ssh;
	(void)ch;
	(void)pxwidth;
	(void)pxheight;
	request_set_size(&c->request, cols, rows);
	c->is_resized = true;
	return 0;
}

/* libssh keeps what is not consumed and hands it in again with what follows. */
static int on_data(ssh_session ssh, ssh_channel ch, void *data, uint32_t len, int is_stderr,
		   void *arg)
{
	struct chan *c = arg;

	(void)ssh;
	(void)ch;
	(void)data;
	if (is_stderr || c->is_ending)
		return (int)len;
	c->unread = len;
	if (len > CHAN_UNREAD_MAX)
		c->host->is_abused = true;
	return 0;
}

static void on_close(ssh_session ssh, ssh_channel ch, void *arg)
{
	struct chan *c = arg;

	(void)ssh;
	(void)ch;
	c->is_left = true;
}

ssh_channel chan_open(struct chan *c, struct chan_host *host)
{
	*c = (struct chan){
		.host = host,
		.callbacks = {
			.userdata = c,
			.channel_pty_request_function = on_terminal,
			.channel_env_request_function = on_env,
			.channel_shell_request_function = on_shell,
			.channel_exec_request_function = on_exec,
			.channel_pty_window_change_function = on_resize,
			.channel_data_function = on_data,
			.channel_close_function = on_close,
		},
	};
	buf_init(&c->chunk, CHAN_UNREAD_MAX);
	ssh_callbacks_init(&c->callbacks);
	c->ssh = ssh_channel_new(host->ssh);
	if (c->ssh)
		ssh_set_channel_callbacks(c->ssh, &c->callbacks);
	return c->ssh;
}

static void close_channel(struct chan *c)
{
	visits_leave(&c->host->visits, c);
	session_free(c->session);
	c->session = NULL;
	buf_free(&c->chunk);
	request_free(&c->request);
	if (!c->ssh)
		return;
	ssh_remove_channel_callbacks(c->ssh, &c->callbacks);
	ssh_channel_free(c->ssh);
	c->ssh = NULL;
}

/* -- the session's side -- */

static bool may_write(const struct chan *c)
{
	/* libssh queues without bound while the client's window is open: only when all
	 * before has left for the kernel is there reason to write more. */
	return !(ssh_get_status(c->host->ssh) & SSH_WRITE_PENDING) &&
	       ssh_channel_window_size(c->ssh) > 0;
}

/*
 * The most to hand to libssh at once: within the window, it never waits half-way. What is
 * for a terminal stays here until the link has time for it; few bytes are not worth a packet.
 */
static uint32_t write_limit(const struct chan *c, size_t len)
{
	uint32_t window = ssh_channel_window_size(c->ssh);
	uint32_t most = window < WRITE_MAX ? window : WRITE_MAX;
	uint64_t room = link_room(&c->host->link, clock_us());

	if (c->request.has_terminal && room < len) {
		if (room < WRITE_LEAST)
			return 0;
		len = room;
	}
	return len < most ? (uint32_t)len : most;
}

static size_t write_out(struct chan *c, const struct buf *from,
			int (*write_some)(ssh_channel, const void *, uint32_t))
{
	size_t done = 0;

	while (done < from->len && may_write(c)) {
		uint32_t most = write_limit(c, from->len - done);
		int n = most ? write_some(c->ssh, from->data + done, most) : 0;

		if (n < 0)
			c->is_left = true;
		if (n <= 0)    /* 0: keys are being exchanged; input will wake us */
			break;
		done += (size_t)n;
		link_sent(&c->host->link, (uint64_t)n, clock_us());
	}
	return done;
}

/* Nothing to show and no session: the channel ends with our own words. */
static void refuse(struct chan *c, const char *text)
{
	char line[TEXT_MAX + 64];
	int n = snprintf(line, sizeof(line), "[gate: %s]%s", text,
			 c->request.has_terminal ? "\r\n" : "\n");

	log_info("no visit: %s", text);
	ssh_channel_write_stderr(c->ssh, line, (uint32_t)n);
	c->is_ending = true;
	c->status = 1;
}

/* terminal/ knows rights by the numbers of messages. */
_Static_assert((int)MAY_POWER == CONFIG_MAY_POWER && (int)MAY_BREAK == CONFIG_MAY_BREAK &&
		       (int)MAY_ADD_SERIAL == CONFIG_MAY_ADD_SERIAL,
	       "one and the same");

static void start_session(struct chan *c, int visit)
{
	struct chan_host *h = c->host;
	struct request *r = &c->request;
	struct session_start start = {
		.visit = visit,
		.user = h->login->user,
		.guest = h->login->guest,
		.options = h->login->options,
		.separator = h->config->auth.guest_separator,
		.escape = h->config->console.escape,
		.is_strict = h->config->console.filter == CONFIG_FILTER_STRICT,
		.notice = h->login->notice,
		.has_terminal = r->has_terminal,
		.term = r->term,
		.lang = request_lang(r),
		.rows = r->rows,
		.cols = r->cols,
		.command = r->command,
		.public_url = h->config->web.public_url,
		.link = &h->link,
		.slow_link = h->config->console.slow_link,
		.address = h->address,
		.port = h->port,
	};

	c->waits_since = 0;
	c->is_resized = false;
	c->session = session_new(&start);
	if (!c->session)
		refuse(c, "out of memory");
	/* Said once; other channels of the same login need not hear it again. */
	h->login->notice[0] = '\0';
}

static const char *why_none(const struct chan *c)
{
	const struct visits *v = &c->host->visits;

	if (v->refusal[0])
		return v->refusal;
	return v->door->fd < 0 ? "the login service was restarted: log in again"
			       : "the console service does not answer";
}

static void pause_before_next(struct chan *c)
{
	uint64_t now = c->host->now;

	if (now - c->took_at >= GOOD_VISIT_MS)
		c->failures = 0;
	c->took_at = now;
	c->not_before = now + backoff_pause(c->failures++, PAUSE_MS, PAUSE_MAX_MS);
}

/* A visit came, or none will (-1). */
static void take_visit(struct chan *c, int visit)
{
	pause_before_next(c);
	c->waits_since = 0;
	visits_leave(&c->host->visits, c);
	if (c->session)
		session_new_visit(c->session, visit);
	else if (visit >= 0)
		start_session(c, visit);
	else
		refuse(c, why_none(c));
}

static bool wants_visit(const struct chan *c)
{
	if (c->is_ending || c->is_left)
		return false;
	return c->session ? session_wants_visit(c->session) : c->request.is_complete;
}

static void look_for_visit(struct chan *c)
{
	struct chan_host *h = c->host;
	uint64_t patience = c->session ? PATIENCE_LOST_MS : PATIENCE_NEW_MS;
	int visit;

	if (!wants_visit(c)) {
		visits_leave(&h->visits, c);
		return;
	}
	if (h->now < c->not_before)
		return;
	if (!c->waits_since)
		c->waits_since = h->now;
	visit = visits_take(&h->visits, c, h->now);
	if (visit >= 0 || visits_are_over(&h->visits) || h->now - c->waits_since >= patience)
		take_visit(c, visit);
}

/*
 * All that libssh holds. With each read, however small, it grants the client a whole window
 * again, whatever else it holds: read piece by piece, a session that takes its time would
 * have it hold without bound.
 */
static void read_chunk(struct chan *c)
{
	uint8_t piece[CHAN_CHUNK];
	uint32_t left = c->unread;       /* while reading, more may come */

	c->chunk_at = 0;
	if (c->chunk.cap > CHAN_CHUNK)
		buf_free(&c->chunk);
	buf_clear(&c->chunk);
	while (left) {
		int n = ssh_channel_read_nonblocking(c->ssh, piece, left < CHAN_CHUNK
						     ? left : CHAN_CHUNK, 0);

		if (n <= 0 || buf_append(&c->chunk, piece, (size_t)n) < 0) {
			c->unread = 0;
			return;
		}
		c->unread -= (uint32_t)n;
		left -= (uint32_t)n;
	}
	c->host->typed_at = c->host->now;
}

/* Input from libssh to the session, as much as that takes. */
static void feed(struct chan *c)
{
	for (;;) {
		size_t left = c->chunk.len - c->chunk_at;

		if (left > 0) {
			size_t taken = session_input(c->session, c->chunk.data + c->chunk_at, left);

			c->chunk_at += taken;
			if (taken < left)
				return;
		}
		if (c->unread == 0)
			break;
		read_chunk(c);
		if (c->chunk.len == 0)
			break;
	}
	buf_clear(&c->chunk);
	c->chunk_at = 0;
}

static void feed_session(struct chan *c)
{
	if (c->is_resized) {
		c->is_resized = false;
		session_resize(c->session, c->request.rows, c->request.cols);
	}
	feed(c);
	if (!c->input_ended && c->chunk.len == 0 && ssh_channel_is_eof(c->ssh)) {
		c->input_ended = true;
		session_input_end(c->session);
	}
}

static void end_when_over(struct chan *c)
{
	if (!session_is_over(c->session, &c->status))
		return;
	if (session_out(c->session)->len > 0 || session_err(c->session)->len > 0)
		return;
	session_free(c->session);
	c->session = NULL;
	c->is_ending = true;
}

/* Exit status, EOF and close, in that order. */
static void finish(struct chan *c)
{
	if (!c->status_sent && !c->is_left)
		ssh_channel_request_send_exit_status(c->ssh, c->status);
	c->status_sent = true;
	/* It sends EOF first and stops there while that waits in the queue. */
	if (ssh_channel_close(c->ssh) != SSH_AGAIN)
		close_channel(c);
}

void chan_poll(const struct chan *c, struct pollfd *p)
{
	*p = (struct pollfd){ .fd = -1 };
	if (c->session)
		session_poll(c->session, p);
}

static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int chan_timeout(const struct chan *c)
{
	int ms = c->session ? session_timeout(c->session) : -1;

	if (!wants_visit(c))
		return ms;
	if (c->host->now < c->not_before)
		return sooner(ms, (int)(c->not_before - c->host->now));
	/* The door's next answer may be a refusal, to be asked again after a while. */
	return visits_is_ready(&c->host->visits, c) ? 0 : sooner(ms, VISITS_RETRY_MS / 2);
}

void chan_turn(struct chan *c, short revents)
{
	if (c->session)
		session_ready(c->session, revents);
	look_for_visit(c);
	if (c->session)
		feed_session(c);
	if (c->session && !c->is_left) {
		session_sent(c->session, write_out(c, session_out(c->session), ssh_channel_write));
		buf_consume(session_err(c->session),
			    write_out(c, session_err(c->session), ssh_channel_write_stderr));
		end_when_over(c);
	}
	if (c->is_left || c->is_ending)
		finish(c);
}
