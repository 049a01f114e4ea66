/* SPDX-License-Identifier: ISC */
/* See raw.h. */
#include "ws/raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/json.h"
#include "ipc/log.h"
#include "ws/answer.h"
#include "ws/door.h"
#include "ws/tell.h"

enum {
	STATE_ASKED = 1, STATE_OPEN = 2,
	TYPED_MAX = CLIENT_BODY_MAX,
	HANDLE = 1,
};

struct raw {
	struct raw_start with;
	struct console_request request;
	struct who who;
	struct door door;
	struct want want;
	struct peer peer;
	struct buf typed;            /* not yet sent to console */
	uint32_t credit;
	size_t sent, done, lost;     /* bytes typed: to console, done with, of these thrown away */
	bool is_body_here;
	bool has_ran;                /* the guest was running: its end is the end */
	bool has_keyboard;
	bool has_answered;           /* the head of an answer has left */
	struct json json;            /* the list */
	struct loop_timer late;
};

/* -- the ends -- */

static void end(struct raw *r, unsigned status, enum close_code code, const char *text)
{
	struct buf out;

	if (client_is_ending(r->with.client))
		return;
	log_info("closing: %s", text);
	if (r->with.kind != RAW_SOCKET && !r->has_answered) {
		buf_init(&out, ANSWER_HEAD_MAX);
		answer_status(&out, status, text);
		client_send_http(r->with.client, out.data, out.len);
		buf_free(&out);
	}
	client_end(r->with.client, code, text);
}

static void begin_answer(struct raw *r, const char *type)
{
	struct buf out;

	if (r->has_answered)
		return;
	r->has_answered = true;
	buf_init(&out, ANSWER_HEAD_MAX);
	answer_begin(&out, 200, type, -1);
	answer_header(&out, "Cache-Control", "no-store");
	answer_end(&out);
	client_send_http(r->with.client, out.data, out.len);
	buf_free(&out);
}

/* A POST's answer: how much reached the guest, and in words why not all. */
static void answer_sent(struct raw *r, unsigned status, const char *why)
{
	struct buf out, body;
	struct json j;

	if (client_is_ending(r->with.client))
		return;
	buf_init(&body, 1024);
	json_init(&j, &body);
	json_open(&j, NULL, '{');
	json_number(&j, "sent", r->done - r->lost);
	if (why)
		json_string(&j, "error", why);
	json_close(&j, '}');
	buf_append_str(&body, "\n");
	buf_init(&out, ANSWER_HEAD_MAX);
	answer_begin(&out, status, "application/json", (long)body.len);
	answer_header(&out, "Cache-Control", "no-store");
	answer_end(&out);
	buf_append(&out, body.data, body.len);
	log_info("closing: %zu bytes typed%s%s", r->done - r->lost, why ? ": " : "", why ? why : "");
	client_send_http(r->with.client, out.data, out.len);
	client_end(r->with.client, CLOSE_NORMAL, "");
	buf_free(&out);
	buf_free(&body);
}

static void end_refused(struct raw *r, const struct msg_refused *m)
{
	static const struct refused {
		uint8_t code;
		unsigned status;
		enum close_code close;
	} table[] = {
		{ REFUSED_NOT_ALLOWED, 403, CLOSE_NOT_ALLOWED },
		{ REFUSED_NO_GUEST, 404, CLOSE_NO_GUEST },
		{ REFUSED_USAGE, 400, CLOSE_RULES },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].code == m->code) {
			end(r, table[i].status, table[i].close, m->text);
			return;
		}
	end(r, 503, CLOSE_FAILED, m->text);
}

/* -- typing -- */

static void type_some(struct raw *r)
{
	struct msg_data m = { .handle = HANDLE };

	if (r->peer.state != STATE_OPEN || !peer_is_open(&r->peer))
		return;
	/* A program's lines wait for the keyboard; what a person types through one does not. */
	if (r->with.kind == RAW_POST && !r->has_keyboard)
		return;
	while (r->typed.len > 0 && r->credit > 0) {
		size_t n = r->typed.len < r->credit ? r->typed.len : r->credit;

		m.data = (struct bytes){ r->typed.data, n };
		peer_send(&r->peer, MSG_INPUT, &m);
		r->credit -= (uint32_t)n;
		r->sent += n;
		buf_consume(&r->typed, n);
	}
}

static void end_when_typed(struct raw *r)
{
	if (r->with.kind != RAW_POST || !r->is_body_here || r->typed.len || r->done < r->sent)
		return;
	answer_sent(r, r->lost ? 409 : 200, r->lost ? "the guest did not get all of it" : NULL);
}

static void too_late(void *owner)
{
	struct raw *r = owner;

	answer_sent(r, 504, "the guest did not take it all in time");
}

void raw_type(struct raw *r, const uint8_t *data, size_t len)
{
	r->with.typed(r->with.owner);
	if (r->with.kind == RAW_POST)
		r->is_body_here = true;
	/* A guest that takes nothing: what has no room is thrown away, as a serial line does. */
	if (!r->request.read_only)
		buf_append(&r->typed, data, len);
	type_some(r);
	end_when_typed(r);
}

/* -- what console says -- */

static void hear_attached_as(struct raw *r, const struct msg_attached *m)
{
	r->peer.state = STATE_OPEN;
	r->credit = INPUT_WINDOW;
	if (r->with.kind == RAW_STREAM)
		begin_answer(r, "application/octet-stream");
	if (r->with.kind == RAW_POST && !m->may_type)
		end(r, 403, CLOSE_NOT_ALLOWED, "not allowed to type here");
}

static int hear_attached(void *ctx, struct message *m)
{
	struct raw *r = ctx;

	hear_attached_as(r, &m->u.attached);
	type_some(r);
	return 0;
}

static void send_frames(struct raw *r, struct bytes data)
{
	while (data.len > 0) {
		size_t n = data.len < CLIENT_PIECE ? data.len : CLIENT_PIECE;

		client_send_binary(r->with.client, NULL, 0, data.data, n);
		data.data += n;
		data.len -= n;
	}
}

static int hear_output(void *ctx, struct message *m)
{
	struct raw *r = ctx;
	struct bytes data = m->u.output.data;

	if (r->with.kind == RAW_STREAM)
		client_send_http(r->with.client, data.data, data.len);
	else if (r->with.kind == RAW_SOCKET)
		send_frames(r, data);
	raw_room(r);
	return 0;
}

static int hear_state(void *ctx, struct message *m)
{
	struct raw *r = ctx;
	const struct msg_state *s = &m->u.state;
	bool is_off = s->guest == GUEST_OFF || s->guest == GUEST_CRASHED;

	if (s->gone) {
		end(r, 404, CLOSE_NO_GUEST, "the guest is gone");
	} else if (!is_off) {
		r->has_ran = true;
	} else if (!r->request.wait) {
		/* What it printed last may still be on its way: DETACHED comes behind it. */
		struct msg_handle leave = { HANDLE };

		if (!r->has_ran)
			end(r, 409, CLOSE_NORMAL, "the guest is off");
		else
			peer_send(&r->peer, MSG_DETACH, &leave);
	}
	return 0;
}

static int hear_detached(void *ctx, struct message *m)
{
	struct raw *r = ctx;

	(void)m;
	end(r, 409, CLOSE_NORMAL, "the guest was stopped");
	return 0;
}

static int hear_credit(void *ctx, struct message *m)
{
	struct raw *r = ctx;

	if (m->u.credit.count > INPUT_WINDOW - r->credit)
		return -1;
	r->credit += m->u.credit.count;
	r->done += m->u.credit.count;
	type_some(r);
	end_when_typed(r);
	return 0;
}

static int hear_lost(void *ctx, struct message *m)
{
	struct raw *r = ctx;

	r->lost += m->u.lost.count;
	if (r->lost > r->sent)
		r->lost = r->sent;
	return 0;
}

static int hear_keyboard(void *ctx, struct message *m)
{
	struct raw *r = ctx;

	r->has_keyboard = m->u.keyboard.yours;
	if (r->with.kind == RAW_POST && !r->has_keyboard && m->u.keyboard.held && !r->sent)
		end(r, 409, CLOSE_NORMAL, "somebody else has the keyboard: add ?take");
	type_some(r);
	return 0;
}

static int hear_refused(void *ctx, struct message *m)
{
	struct raw *r = ctx;

	if (r->peer.state == STATE_ASKED)
		end_refused(r, &m->u.refused);
	return 0;
}

static int hear_visit_end(void *ctx, struct message *m)
{
	end(ctx, 403, CLOSE_VISIT_ENDED, m->u.visit_end.text);
	return 0;
}

static int hear_guest(void *ctx, struct message *m)
{
	struct raw *r = ctx;
	struct buf out;

	if (!r->has_answered)
		return -1;
	buf_init(&out, TELL_MAX);
	r->json.out = &out;
	json_line(&r->json);
	json_open(&r->json, NULL, '{');
	tell_guest(&r->json, &m->u.guest);
	json_close(&r->json, '}');
	client_send_http(r->with.client, out.data, out.len);
	buf_free(&out);
	raw_room(r);
	return 0;
}

static int hear_list_end(void *ctx, struct message *m)
{
	struct raw *r = ctx;

	(void)m;
	client_send_http(r->with.client, "\n]\n", 3);
	client_end(r->with.client, CLOSE_NORMAL, "");
	return 0;
}

static int pass_over(void *ctx, struct message *m)
{
	(void)ctx;
	(void)m;
	return 0;
}

static void visit_gone(void *owner)
{
	end(owner, 503, CLOSE_TRY_AGAIN, "the console service was restarted");
}

static const struct wire_rule rules[] = {
	{ MSG_ATTACHED, STATE_ASKED, hear_attached },
	{ MSG_REFUSED, STATE_ASKED | STATE_OPEN, hear_refused },
	{ MSG_OUTPUT, STATE_OPEN, hear_output },
	{ MSG_STATE, STATE_OPEN, hear_state },
	{ MSG_CREDIT, STATE_OPEN, hear_credit },
	{ MSG_LOST, STATE_OPEN, hear_lost },
	{ MSG_KEYBOARD, STATE_OPEN, hear_keyboard },
	{ MSG_BOOT, STATE_OPEN, pass_over },
	{ MSG_DETACHED, STATE_OPEN, hear_detached },
	{ MSG_GUEST, STATE_ASKED, hear_guest },
	{ MSG_GUEST_GONE, STATE_ASKED, pass_over },
	{ MSG_LIST_END, STATE_ASKED, hear_list_end },
	{ MSG_VISIT_END, STATE_ASKED | STATE_OPEN, hear_visit_end },
};

static const struct peer_kind kind = {
	"visit", rules, sizeof(rules) / sizeof(rules[0]), visit_gone, NULL,
};

/* -- the visit -- */

static void ask_list(struct raw *r)
{
	struct msg_list m = { 0 };
	struct buf out;

	begin_answer(r, "application/json");
	buf_init(&out, 16);
	json_init(&r->json, &out);
	json_open(&r->json, NULL, '[');
	client_send_http(r->with.client, out.data, out.len);
	buf_free(&out);
	peer_send(&r->peer, MSG_LIST, &m);
}

static void ask_attach(struct raw *r)
{
	const struct console_request *q = &r->request;
	struct msg_attach m = {
		.handle = HANDLE, .from = q->from, .until = { .kind = POSITION_NOW },
		.flags = (q->read_only ? ATTACH_READ_ONLY : 0u) | (q->take ? ATTACH_TAKE : 0u) |
			 (r->with.kind == RAW_POST ? ATTACH_CREDIT : 0u),
	};

	memcpy(m.guest, q->guest, sizeof(m.guest));
	memcpy(m.device, q->device, sizeof(m.device));
	peer_send(&r->peer, MSG_ATTACH, &m);
	if (r->with.kind == RAW_POST)
		loop_timer_set(&r->late, RAW_POST_MS, too_late, r);
}

static void got_visit(void *owner, int fd, const char *why)
{
	struct raw *r = owner;

	if (fd < 0 || peer_open(&r->peer, fd, &kind, STATE_ASKED, r) < 0)
		end(r, 503, CLOSE_TRY_AGAIN, why ? why : "the console service is away");
	else if (r->with.kind == RAW_LIST)
		ask_list(r);
	else
		ask_attach(r);
}

void raw_room(struct raw *r)
{
	if (peer_is_open(&r->peer))
		peer_pause(&r->peer, client_queued(r->with.client) > CLIENT_QUEUE_HIGH);
}

/* -- the login -- */

static bool is_one_hidden(const struct msg_prompt *m)
{
	struct pack_reader r;
	struct bytes text;
	uint8_t echo = 1;

	pack_open(&r, m->prompts);
	return m->count == 1 && pack_get_u8(&r, &echo) == 0 && pack_get_bytes(&r, &text) == 0 &&
	       !echo;
}

static void answer_prompt(struct raw *r, const struct msg_prompt *m)
{
	int sent = -1;

	if (m->count == 0)
		sent = door_answer(&r->door, 0, (struct bytes){ NULL, 0 });
	else if (r->who.kind == CREDENTIALS_BASIC && is_one_hidden(m))
		sent = door_answer_one(&r->door, &r->who.password);
	if (m->count != 0)
		request_who_wipe(&r->who);     /* it answers one prompt, once */
	if (sent < 0)
		end(r, 401, CLOSE_NOT_ALLOWED, "this login asks for more than a password");
}

static void door_said(void *owner, const struct message *m)
{
	struct raw *r = owner;

	if (m->type == MSG_PROMPT) {
		answer_prompt(r, &m->u.prompt);
		return;
	}
	request_who_wipe(&r->who);
	if (m->type != MSG_AUTH_RESULT || m->u.auth_result.result != AUTH_OK) {
		end(r, 401, CLOSE_NOT_ALLOWED, "not let in");
		return;
	}
	log_info("%s is logged in", m->u.auth_result.user);
	r->with.logged_in(r->with.owner);
	door_want(&r->door, &r->want, got_visit, r);
}

static void door_gone(void *owner, bool is_wanted)
{
	struct raw *r = owner;

	/* A visit that is there goes on. */
	if (!peer_is_open(&r->peer) || is_wanted)
		end(r, 503, CLOSE_TRY_AGAIN, "the login service was restarted");
}

static const struct door_ears door_ears = { door_said, door_gone };

static int begin_login(struct raw *r)
{
	if (r->who.kind == CREDENTIALS_TICKET)
		return door_use_ticket(&r->door, r->who.ticket);
	return door_login(&r->door, r->who.user, "keyboard-interactive");
}

struct raw *raw_new(const struct raw_start *start)
{
	struct raw *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->with = *start;
	r->request = *start->request;
	if (start->kind == RAW_STREAM)
		r->request.read_only = true;
	r->who = *start->who;
	request_who_wipe(start->who);
	r->peer = (struct peer)PEER_CLOSED;
	buf_init(&r->typed, TYPED_MAX);
	if (door_open(&r->door, start->door, &door_ears, r) == 0 && begin_login(r) == 0)
		return r;
	request_who_wipe(&r->who);
	free(r);
	return NULL;
}
