/* SPDX-License-Identifier: ISC */
/* See session.h. */
#include "ws/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "config/config.h"
#include "ipc/log.h"
#include "ws/attachment.h"
#include "ws/control.h"
#include "ws/protocol.h"
#include "ws/tell.h"
#include "ws/wishes.h"

/* A visit that was ended on purpose says so at the same moment, on another socket. */
enum { LAST_WORDS_MS = 50 };

struct session {
	struct session_start with;
	struct door door;
	struct control control;
	LIST_HEAD(, attachment) attachments;
	unsigned count;
	struct loop_timer last_words;
	bool is_in;
	bool is_prompted;            /* a prompt is with the client */
	struct ask ask;              /* being handled */
	struct buf text;             /* being written */
};

struct client *session_client(struct session *s)
{
	return s->with.client;
}

struct door *session_door(struct session *s)
{
	return &s->door;
}

const struct config *session_config(const struct session *s)
{
	return s->with.config;
}

void session_end(struct session *s, enum close_code code, const char *reason)
{
	if (!client_is_ending(s->with.client))
		log_info("closing with %d: %s", code, reason);
	client_end(s->with.client, code, reason);
}

/* The client broke a rule. */
static void refuse(struct session *s, const char *why)
{
	log_info("refused: %s", why);
	client_end(s->with.client, CLOSE_RULES, why);
}

/* -- to the client -- */

static void flow(struct session *s)
{
	struct attachment *a;

	control_flow(&s->control);
	LIST_FOREACH(a, &s->attachments, entry)
		attachment_flow(a);
}

static void send_text(struct session *s)
{
	bool was_full = client_queued(s->with.client) > CLIENT_QUEUE_HIGH;

	if (s->text.full)
		session_end(s, CLOSE_FAILED, "out of memory");
	else
		client_send_text(s->with.client, &s->text);
	if (s->text.len)
		explicit_bzero(s->text.data, s->text.len);
	buf_clear(&s->text);
	if (!was_full && client_queued(s->with.client) > CLIENT_QUEUE_HIGH)
		flow(s);
}

void session_tell(struct session *s, const struct message *m)
{
	if (tell_message(&s->text, m) < 0) {
		buf_clear(&s->text);
		session_end(s, CLOSE_FAILED, "something failed here");
		return;
	}
	send_text(s);
}

void session_pass(struct session *s, const struct buf *text)
{
	buf_append(&s->text, text->data, text->len);
	send_text(s);
}

void session_tell_away(struct session *s, uint32_t handle, bool is_left)
{
	struct message m = { .type = MSG_DETACHED };

	m.u.handle.handle = handle;
	if (is_left)
		session_tell(s, &m);
	else {
		tell_away(&s->text, handle, "the console service was restarted");
		send_text(s);
	}
}

void session_tell_refused(struct session *s, uint32_t handle, enum refusal code, const char *text)
{
	tell_refused(&s->text, handle, code, text);
	send_text(s);
}

void session_visit_ended(struct session *s, const struct message *m)
{
	session_tell(s, m);
	session_end(s, CLOSE_VISIT_ENDED, m->u.visit_end.text);
}

void session_drop(struct session *s, struct attachment *a)
{
	LIST_REMOVE(a, entry);
	s->count--;
	attachment_free(a);
}

/* -- from the door -- */

static void let_in(struct session *s, const struct msg_auth_result *r)
{
	s->is_in = true;
	log_info("%s is logged in", r->user);
	s->with.logged_in(s->with.who);
}

static void door_said(void *who, const struct message *m)
{
	struct session *s = who;

	s->is_prompted = m->type == MSG_PROMPT;
	session_tell(s, m);
	if (m->type != MSG_AUTH_RESULT)
		return;
	if (m->u.auth_result.result == AUTH_OK)
		let_in(s, &m->u.auth_result);
	if (m->u.auth_result.result == AUTH_OVER)
		session_end(s, CLOSE_LOGIN_OVER, "no more tries to log in");
}

static void door_is_over(void *who)
{
	struct session *s = who;

	if (!client_is_ending(s->with.client))
		session_end(s, CLOSE_TRY_AGAIN, "the login service was restarted");
}

/* Who is in goes on without it, as far as the visits reach. */
static void door_gone(void *who, bool is_wanted)
{
	struct session *s = who;

	if (!s->is_in || s->count == 0 || is_wanted)
		loop_timer_set(&s->last_words, LAST_WORDS_MS, door_is_over, s);
}

static const struct door_ears door_ears = { door_said, door_gone };

struct session *session_new(const struct session_start *start)
{
	struct session *s = calloc(1, sizeof(*s));
	struct tell_hello hello = {
		.window = ATTACHMENT_WINDOW, .attachments = SESSION_ATTACHMENTS_MAX,
		.config = start->config, .now = (uint64_t)time(NULL),
	};

	if (!s)
		return NULL;
	s->with = *start;
	LIST_INIT(&s->attachments);
	buf_init(&s->text, TELL_MAX);
	control_init(&s->control, s);
	if (door_open(&s->door, start->door, &door_ears, s) < 0) {
		free(s);
		return NULL;
	}
	tell_hello(&s->text, &hello);
	send_text(s);
	return s;
}

/* -- from the client -- */

static struct attachment *find(struct session *s, uint32_t handle)
{
	struct attachment *a;

	LIST_FOREACH(a, &s->attachments, entry)
		if (a->handle == handle)
			return a;
	return NULL;
}

static const char *take_methods(struct session *s, const struct ask *a)
{
	return door_ask_methods(&s->door, a->user) < 0 ? "an answer is awaited" : NULL;
}

static const char *take_login(struct session *s, const struct ask *a)
{
	const char *method = a->method[0] ? a->method : "keyboard-interactive";

	if (strcmp(method, "keyboard-interactive") != 0 && strcmp(method, "password") != 0)
		return "an unknown method";
	s->is_prompted = false;
	return door_login(&s->door, a->user, method) < 0 ? "an answer is awaited" : NULL;
}

static const char *take_answers(struct session *s, const struct ask *a)
{
	if (!s->is_prompted)
		return "answers to no prompt";
	s->is_prompted = false;
	return door_answer(&s->door, a->answer_count,
			   (struct bytes){ a->answers, a->answers_len }) < 0
		       ? "an answer is awaited" : NULL;
}

static const char *take_resume(struct session *s, const struct ask *a)
{
	return door_resume(&s->door, a->token) < 0 ? "an answer is awaited" : NULL;
}

static const char *take_use_ticket(struct session *s, const struct ask *a)
{
	return door_use_ticket(&s->door, a->token) < 0 ? "an answer is awaited" : NULL;
}

static const char *take_token(struct session *s, const struct ask *a)
{
	(void)a;
	return door_ask_token(&s->door) < 0 ? "an answer is awaited" : NULL;
}

static const char *take_logout(struct session *s, const struct ask *a)
{
	(void)a;
	door_logout(&s->door);
	session_end(s, CLOSE_LOGOUT, "logged out");
	return NULL;
}

static const char *take_ping(struct session *s, const struct ask *a)
{
	tell_pong(&s->text, a->count);
	send_text(s);
	return NULL;
}

static const char *take_attach(struct session *s, const struct ask *a)
{
	struct attachment *at;

	if (find(s, a->handle) || control_has(&s->control, a->handle))
		return "a handle that is in use";
	if (s->count == SESSION_ATTACHMENTS_MAX) {
		session_tell_refused(s, a->handle, REFUSED_FAILED, "too many consoles at a time");
		return NULL;
	}
	at = attachment_new(s, a);
	if (!at)
		return "out of memory";
	LIST_INSERT_HEAD(&s->attachments, at, entry);
	s->count++;
	return NULL;
}

/* What is said about an attachment that is over was said before the client knew. */
static const char *take_about(struct session *s, const struct ask *a)
{
	struct attachment *at = find(s, a->handle);

	if (at && wishes_take(at, a) < 0)
		return "an ack of what was not sent";
	return NULL;
}

static const char *take_control(struct session *s, const struct ask *a)
{
	if (a->handle && (find(s, a->handle) || control_has(&s->control, a->handle)))
		return "a handle that is in use";
	return control_take(&s->control, a) < 0 ? "too many questions at a time" : NULL;
}

typedef const char *(*take_fn)(struct session *s, const struct ask *a);
static const take_fn takers[ASK_COUNT] = {
	[ASK_METHODS] = take_methods, [ASK_LOGIN] = take_login, [ASK_ANSWERS] = take_answers,
	[ASK_RESUME] = take_resume, [ASK_USE_TICKET] = take_use_ticket,
	[ASK_TOKEN] = take_token, [ASK_LOGOUT] = take_logout, [ASK_LIST] = take_control,
	[ASK_INFO] = take_control, [ASK_WHO_ALL] = take_control, [ASK_ATTACH] = take_attach,
	[ASK_DETACH] = take_about, [ASK_RESIZE] = take_about, [ASK_TAKE] = take_about,
	[ASK_GIVE] = take_about, [ASK_WHO] = take_about, [ASK_FORCE] = take_about,
	[ASK_REPLAY] = take_about, [ASK_ACK] = take_about, [ASK_ACT] = take_control,
	[ASK_KICK] = take_control, [ASK_TICKET] = take_control, [ASK_TICKETS] = take_control,
	[ASK_REVOKE] = take_control, [ASK_PING] = take_ping,
};

void session_text(struct session *s, char *text, size_t len)
{
	unsigned now = s->is_in ? ASK_AFTER : ASK_BEFORE;
	const char *why = NULL;

	if (protocol_read(&s->ask, text, len, &why) < 0) {
		refuse(s, why);
		return;
	}
	if (!(protocol_when(s->ask.kind) & now))
		why = s->is_in ? "a message for before the login" : "a message for after the login";
	else
		why = takers[s->ask.kind](s, &s->ask);
	protocol_wipe(&s->ask);
	if (why)
		refuse(s, why);
}

void session_binary(struct session *s, const uint8_t *data, size_t len)
{
	struct attachment *a;
	struct bytes input;
	uint32_t handle;

	if (!s->is_in || protocol_read_input(&handle, &input, data, len) < 0) {
		refuse(s, s->is_in ? "a binary frame without handle or bytes"
				   : "a binary frame before the login");
		return;
	}
	s->with.typed(s->with.who);
	a = find(s, handle);
	if (a && wishes_input(a, input) < 0)
		refuse(s, "more input than there is credit for");
}

void session_room(struct session *s)
{
	flow(s);
}
