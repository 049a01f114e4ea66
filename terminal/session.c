/* SPDX-License-Identifier: ISC */
/* See session.h. What all stages of a session have in common: birth, turns, end. */
#include "terminal/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ipc/clock.h"
#include "ipc/text.h"
#include "terminal/ask.h"
#include "terminal/stage.h"

size_t session_escape(const struct session *s, char *out, size_t size, const char *text)
{
	if (s->has_terminal && !s->is_utf8)
		return text_escape_ascii(out, size, text, strlen(text));
	return text_escape(out, size, text, strlen(text));
}

void session_enter(struct session *s, const struct stage *stage)
{
	if (s->stage && s->stage->leave)
		s->stage->leave(s);
	s->stage = stage;
	s->visit.ears = stage->ears;
}

static const struct visit_ears deaf;
static const struct stage over = { .ears = &deaf };

void session_end(struct session *s, int status)
{
	if (s->is_over)
		return;
	session_enter(s, &over);
	s->is_over = true;
	s->wants_visit = false;
	s->status = status;
	visit_close(&s->visit);
}

void session_print(struct session *s, const char *text, size_t len)
{
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		buf_append(&s->out, text, n);
		if (end)
			buf_append_str(&s->out, s->has_terminal ? "\r\n" : "\n");
		n += end != NULL;
		text += n;
		len -= n;
	}
}

void session_say(struct session *s, const char *text)
{
	if (s->has_terminal)
		buf_printf(&s->out, "[gate: %s]\r\n", text);
	else
		buf_printf(&s->err, "[gate: %s]\n", text);
}

/* -- the list, whoever shows it -- */

void session_list(struct session *s, bool watch)
{
	guests_begin(&s->guests);
	s->is_listing = true;
	s->is_watching = watch;
	ask_list(&s->visit, watch);
}

void session_hear_guest(void *who, const struct msg_guest *m)
{
	struct session *s = who;

	guests_put(&s->guests, m);
}

void session_hear_guest_gone(void *who, const struct msg_guest_gone *m)
{
	struct session *s = who;

	guests_remove(&s->guests, m->uuid, m->host);
}

void session_hear_list_end(void *who, const struct msg_list_end *m)
{
	struct session *s = who;

	(void)m;
	if (s->is_listing)
		guests_end(&s->guests);
	s->is_listing = false;
}

void dossier_clear(struct dossier *d)
{
	free(d->peers);
	*d = (struct dossier){ 0 };
}

void dossier_add(struct dossier *d, const struct msg_peer *m)
{
	struct msg_peer *peers;

	if (d->count == REPORT_PEERS_MAX)
		return;
	peers = realloc(d->peers, (d->count + 1) * sizeof(*peers));
	if (!peers)
		return;
	d->peers = peers;
	d->peers[d->count++] = *m;
}

/* -- birth -- */

static unsigned clamp(unsigned n, unsigned standard)
{
	if (n == 0)
		return standard;
	return n > 1000 ? 1000 : n;
}

static bool is_utf8_lang(const char *lang)
{
	return strcasestr(lang, "utf-8") || strcasestr(lang, "utf8");
}

/* Terminals without cursor addressing get lines and a prompt. */
static bool is_dumb_term(const char *term)
{
	static const char *const dumb[] = {
		"", "dumb", "unknown", "network", "tty", "lpr", "printer",
	};

	for (size_t i = 0; i < sizeof(dumb) / sizeof(dumb[0]); i++)
		if (strcmp(term, dumb[i]) == 0)
			return true;
	return false;
}

static bool is_colour_term(const char *term)
{
	static const char *const plain[] = {
		"vt1", "vt2", "vt3", "vt4", "vt5", "ansi-m", "hp", "wyse",
	};
	size_t len = strlen(term);

	if (len > 2 && strcmp(term + len - 2, "-m") == 0)
		return false;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strncmp(term, plain[i], strlen(plain[i])) == 0)
			return false;
	return true;
}

static char *copy(const char *text)
{
	return strdup(text ? text : "");
}

static int copy_strings(struct session *s, const struct session_start *start)
{
	char shown[2 * USER_MAX + 2];

	s->user = copy(start->user);
	s->address = copy(start->address);
	s->notice = copy(start->notice);
	s->public_url = copy(start->public_url);
	if (!s->user || !s->address || !s->notice || !s->public_url)
		return -1;
	session_escape(s, shown, sizeof(shown), s->user);
	s->user_shown = copy(shown);
	return s->user_shown ? 0 : -1;
}

void session_tell_notice(struct session *s, struct buf *lines)
{
	char line[4 * TEXT_MAX];
	const char *at = s->notice;

	while (*at) {
		size_t n = strcspn(at, "\n");
		char *text = strndup(at, n);

		if (text && n) {
			session_escape(s, line, sizeof(line), text);
			buf_printf(lines, "%s\n", line);
		}
		free(text);
		at += n + (at[n] == '\n');
	}
	s->notice[0] = '\0';
}

static void start_first_stage(struct session *s, const struct session_start *start)
{
	if (start->guest && *start->guest) {
		run_named(s, start);
	} else if (start->command) {
		run_start(s, start->command);
	} else if (s->has_terminal) {
		browse_start(s, false, "");
	} else {
		run_usage(s);
	}
}

struct session *session_new(const struct session_start *start)
{
	struct session *s = calloc(1, sizeof(*s));
	const char *term = start->term ? start->term : "";

	if (!s) {
		struct wire w;

		wire_init(&w, start->visit);
		wire_close(&w);
		return NULL;
	}
	visit_init(&s->visit, start->visit, s);
	buf_init(&s->out, SESSION_OUT_MAX);
	buf_init(&s->err, SESSION_OUT_MAX);
	guests_init(&s->guests);
	s->has_terminal = start->has_terminal;
	s->is_utf8 = is_utf8_lang(start->lang ? start->lang : "");
	s->is_dumb = is_dumb_term(term);
	s->has_colour = !s->is_dumb && is_colour_term(term);
	s->rows = clamp(start->rows, 24);
	s->cols = clamp(start->cols, 80);
	s->port = start->port;
	s->escape_key = start->escape;
	s->link = start->link;
	s->slow_link = start->slow_link;
	s->is_strict = start->is_strict;
	if (copy_strings(s, start) < 0) {
		session_free(s);
		return NULL;
	}
	start_first_stage(s, start);
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	visit_close(&s->visit);
	browse_free(s);
	attach_free(s);
	run_free(s);
	dossier_clear(&s->dossier);
	guests_free(&s->guests);
	buf_free(&s->out);
	buf_free(&s->err);
	free(s->user);
	free(s->user_shown);
	free(s->address);
	free(s->notice);
	free(s->public_url);
	free(s->whole);
	free(s);
}

/* -- from the client -- */

/* What input changed is shown at once, not when something else happens. */
static void take_turn(struct session *s)
{
	if (!s->is_over && s->stage->turn)
		s->stage->turn(s);
}

size_t session_input(struct session *s, const uint8_t *data, size_t len)
{
	size_t used = 0;

	while (used < len) {
		size_t n;

		if (s->is_over)
			return len;
		if (!s->stage->input)
			return used;
		n = s->stage->input(s, data + used, len - used);
		if (n == 0)
			break;
		used += n;
	}
	take_turn(s);
	return used;
}

void session_input_end(struct session *s)
{
	s->input_ended = true;
	if (s->stage->input_end)
		s->stage->input_end(s);
	take_turn(s);
}

void session_resize(struct session *s, unsigned rows, unsigned cols)
{
	s->rows = clamp(rows, 24);
	s->cols = clamp(cols, 80);
	if (s->stage->resized)
		s->stage->resized(s);
	take_turn(s);
}

/* -- turns -- */

/* The visit is not read while much waits to go out. */
static bool is_full(void *who)
{
	const struct session *s = who;

	return s->is_over || s->holds_visit || s->out.len >= SESSION_OUT_LOW ||
	       s->err.len >= SESSION_OUT_LOW || view_is_full(&s->attach.view);
}

void session_poll(struct session *s, struct pollfd *p)
{
	*p = (struct pollfd){ .fd = s->visit.wire.fd };
	if (!is_full(s))
		p->events |= POLLIN;
	if (wire_is_waiting(&s->visit.wire))
		p->events |= POLLOUT;
	if (!p->events)                            /* a hang-up alone would be reported for ever */
		p->fd = -1;
}

int session_timeout(struct session *s)
{
	int64_t due = s->stage->due ? s->stage->due(s) : -1;
	int64_t now;

	if (due < 0)
		return -1;
	now = clock_ms();
	if (due <= now)
		return 0;
	return due - now > 3600000 ? 3600000 : (int)(due - now);
}

static void lose_visit(struct session *s)
{
	visit_close(&s->visit);
	if (s->is_over || s->wants_visit)
		return;
	s->wants_visit = true;
	s->is_listing = false;
	s->is_away = s->is_away && !s->visit.has_spoken;
	if (s->stage->away)
		s->stage->away(s);
	s->is_away = true;
}

/* Console ended it: kicked, or a ticket's time is over. */
static void end_visit(struct session *s)
{
	char text[TEXT_MAX * 2];

	session_escape(s, text, sizeof(text), s->visit.why);
	session_enter(s, &over);
	session_say(s, text);
	session_end(s, REFUSED_FAILED);
}

static void read_visit(struct session *s)
{
	int r = visit_read(&s->visit, is_full);

	if (s->has_terminal)
		view_drained(&s->attach.view, r == 0 && !is_full(s), clock_us());
	if (s->visit.is_ended && !s->is_over)
		end_visit(s);
	if (r == 0 || s->is_over)
		return;
	if (errno != EPROTO) {
		lose_visit(s);
		return;
	}
	session_enter(s, &over);
	session_say(s, "the console service said something that cannot be; this session ends here");
	session_end(s, REFUSED_FAILED);
}

void session_ready(struct session *s, short revents)
{
	if (s->is_over)
		return;
	(void)revents;
	if (visit_is_open(&s->visit)) {
		/* A failure to write shows when reading: what console said before counts. */
		(void)wire_flush(&s->visit.wire);
		read_visit(s);
	}
	take_turn(s);
}

struct buf *session_out(struct session *s)
{
	return &s->out;
}

void session_sent(struct session *s, size_t len)
{
	view_sent(&s->attach.view, s->out.data, len);
	buf_consume(&s->out, len);
}

struct buf *session_err(struct session *s)
{
	return &s->err;
}

bool session_is_over(const struct session *s, int *status)
{
	if (s->is_over)
		*status = s->status;
	return s->is_over;
}

bool session_wants_visit(const struct session *s)
{
	return s->wants_visit;
}

void session_new_visit(struct session *s, int visit)
{
	if (!s->wants_visit) {
		struct wire unwanted;

		wire_init(&unwanted, visit);
		wire_close(&unwanted);
		return;
	}
	s->wants_visit = false;
	if (visit < 0) {
		session_enter(s, &over);
		session_say(s, "the console service does not come back");
		session_end(s, REFUSED_FAILED);
		return;
	}
	visit_init(&s->visit, visit, s);
	if (s->is_watching)
		session_list(s, true);
	if (s->stage->back)
		s->stage->back(s);
}
