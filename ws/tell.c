/* SPDX-License-Identifier: ISC */
/* See tell.h. Pure. */
#include "ws/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ipc/json.h"
#include "terminal/guests.h"
#include "ws/words.h"

/* Beyond what a script can count to. */
static void put_big(struct json *j, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	json_string(j, key, text);
}

static void put_or_null(struct json *j, const char *key, uint64_t value)
{
	if (value == UINT64_MAX)
		json_null(j, key);
	else
		json_number(j, key, value);
}

static void put_label(struct json *j, const char *host, const char *name, uint8_t unique)
{
	char label[GUESTS_LABEL_SIZE];

	snprintf(label, sizeof(label), "%s%s%s", unique ? "" : host, unique ? "" : "/", name);
	json_string(j, "label", label);
	json_bool(j, "unique", unique);
}

/* Names separated by commas as an array. */
static void put_list(struct json *j, const char *key, const char *names)
{
	char words[256];
	size_t len = strnlen(names, sizeof(words) - 1);

	memcpy(words, names, len);
	words[len] = '\0';
	for (char *c = words; *c; c++)
		if (*c == ',')
			*c = ' ';
	json_words(j, key, words);
}

/* -- the door -- */

/* Keyboard-interactive or password alone, with no second method behind it. */
static bool is_possible(const char *names)
{
	static const char *const alone[] = { "keyboard-interactive", "password" };

	for (size_t i = 0; i < 2; i++) {
		const char *at = strstr(names, alone[i]);
		char behind = at ? at[strlen(alone[i])] : '?';

		if (at && (at == names || at[-1] == ',') && (behind == ',' || behind == '\0'))
			return true;
	}
	return false;
}

static int put_methods(struct json *j, const struct message *m)
{
	put_list(j, "methods", m->u.methods.methods);
	json_bool(j, "possible", is_possible(m->u.methods.methods));
	return 0;
}

static int put_prompt(struct json *j, const struct message *m)
{
	struct pack_reader r;

	json_bytes(j, "instruction", m->u.prompt.instruction.data, m->u.prompt.instruction.len);
	json_open(j, "prompts", '[');
	pack_open(&r, m->u.prompt.prompts);
	for (unsigned i = 0; i < m->u.prompt.count; i++) {
		struct bytes text;
		uint8_t echo;

		if (pack_get_u8(&r, &echo) < 0 || pack_get_bytes(&r, &text) < 0)
			return -1;
		json_open(j, NULL, '{');
		json_bytes(j, "text", text.data, text.len);
		json_bool(j, "echo", echo);
		json_close(j, '}');
	}
	json_close(j, ']');
	return 0;
}

static int put_result(struct json *j, const struct message *m)
{
	const struct msg_auth_result *r = &m->u.auth_result;

	json_string(j, "result", words_result(r->result));
	json_string(j, "user", r->user);
	put_list(j, "methods", r->methods);
	json_bytes(j, "text", r->text.data, r->text.len);
	return 0;
}

static int put_token(struct json *j, const struct message *m)
{
	json_string(j, "token", m->u.token.token);
	json_number(j, "idle", m->u.token.idle);
	json_number(j, "total", m->u.token.total);
	return 0;
}

/* -- guests -- */

void tell_guest(struct json *j, const struct msg_guest *m)
{
	json_uuid(j, "uuid", m->uuid);
	json_string(j, "host", m->host);
	json_string(j, "name", m->name);
	put_label(j, m->host, m->name, m->unique);
	json_string(j, "state", guest_state_word(m->state));
	json_number(j, "viewers", m->viewers);
	json_string(j, "holder", m->holder);
	json_words(j, "consoles", m->consoles);
	json_words(j, "displays", m->displays);
}

static int put_guest(struct json *j, const struct message *m)
{
	tell_guest(j, &m->u.guest);
	return 0;
}

static int put_guest_gone(struct json *j, const struct message *m)
{
	json_uuid(j, "uuid", m->u.guest_gone.uuid);
	json_string(j, "host", m->u.guest_gone.host);
	return 0;
}

static int put_list_end(struct json *j, const struct message *m)
{
	json_bool(j, "hidden", m->u.list_end.hidden);
	json_words(j, "down", m->u.list_end.down);
	return 0;
}

static int put_peer(struct json *j, const struct message *m)
{
	const struct msg_peer *p = &m->u.peer;

	json_number(j, "handle", p->handle);
	put_big(j, "id", p->id);
	json_string(j, "host", p->host);
	json_string(j, "guest", p->guest);
	json_bool(j, "unique", p->unique);
	json_string(j, "alias", p->alias);
	json_string(j, "user", p->user);
	json_string(j, "peer", p->peer);
	json_string(j, "endpoint", words_endpoint(p->endpoint));
	json_bool(j, "keyboard", p->keyboard);
	json_bool(j, "read_only", p->read_only);
	json_bool(j, "you", p->you);
	json_number(j, "since", p->since);
	return 0;
}

static int put_handle(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.handle.handle);
	return 0;
}

/* -- a console -- */

static int put_attached(struct json *j, const struct message *m)
{
	const struct msg_attached *a = &m->u.attached;

	json_number(j, "handle", a->handle);
	json_uuid(j, "uuid", a->uuid);
	json_string(j, "host", a->host);
	json_string(j, "name", a->name);
	put_label(j, a->host, a->name, a->unique);
	json_string(j, "alias", a->alias);
	put_big(j, "epoch", a->epoch);
	json_number(j, "offset", a->offset);
	json_number(j, "head", a->head);
	put_or_null(j, "until", a->until);
	put_or_null(j, "missed", a->missed);
	json_string(j, "from", words_position(a->from));
	json_words(j, "may", words_rights(a->may));
	json_bool(j, "may_type", a->may_type);
	json_number(j, "viewers", a->viewers);
	json_bool(j, "output_seen", a->output_seen);
	json_bool(j, "logged", a->logged);
	json_number(j, "credit", INPUT_WINDOW);
	return 0;
}

static int put_state(struct json *j, const struct message *m)
{
	const struct msg_state *s = &m->u.state;

	json_number(j, "handle", s->handle);
	json_string(j, "guest", guest_state_word(s->guest));
	json_string(j, "cause", words_guest_cause(s->cause));
	json_string(j, "host", s->host);
	json_string(j, "line", words_line(s->line));
	json_bool(j, "host_up", s->host_up);
	json_number(j, "run", s->run);
	json_number(j, "resets", s->resets);
	json_bool(j, "gone", s->gone);
	json_string(j, "text", s->text);
	return 0;
}

static int put_keyboard(struct json *j, const struct message *m)
{
	const struct msg_keyboard *k = &m->u.keyboard;

	json_number(j, "handle", k->handle);
	json_bool(j, "yours", k->yours);
	json_bool(j, "held", k->held);
	json_bool(j, "denied", k->denied);
	json_string(j, "cause", words_keyboard(k->cause));
	json_string(j, "holder", k->holder);
	json_string(j, "holder_peer", k->holder_peer);
	json_string(j, "by", k->by);
	return 0;
}

static int put_credit(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.credit.handle);
	json_number(j, "count", m->u.credit.count);
	return 0;
}

static int put_lost(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.lost.handle);
	json_string(j, "cause", words_loss(m->u.lost.cause));
	json_number(j, "count", m->u.lost.count);
	return 0;
}

static int put_replaying(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.replaying.handle);
	json_number(j, "offset", m->u.replaying.offset);
	json_number(j, "head", m->u.replaying.head);
	put_or_null(j, "missed", m->u.replaying.missed);
	json_bool(j, "logged", m->u.replaying.logged);
	return 0;
}

static int put_stamp(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.stamp.handle);
	json_number(j, "offset", m->u.stamp.offset);
	json_number(j, "time", m->u.stamp.time);
	return 0;
}

static int put_boot(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.boot.handle);
	json_number(j, "offset", m->u.boot.offset);
	json_number(j, "time", m->u.boot.time);
	return 0;
}

static int put_log_file(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.log_file.handle);
	put_big(j, "epoch", m->u.log_file.epoch);
	json_number(j, "offset", m->u.log_file.offset + m->u.log_file.skip);
	json_number(j, "len", m->u.log_file.len);
	json_number(j, "time", m->u.log_file.time);
	return 0;
}

static int put_refused(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.refused.handle);
	json_number(j, "code", m->u.refused.code);
	json_string(j, "text", m->u.refused.text);
	return 0;
}

/* -- acts -- */

static int put_act_done(struct json *j, const struct message *m)
{
	json_number(j, "handle", m->u.act_done.handle);
	json_string(j, "text", m->u.act_done.text);
	json_bytes(j, "detail", m->u.act_done.detail.data, m->u.act_done.detail.len);
	return 0;
}

static int put_ticket(struct json *j, const struct message *m)
{
	const struct msg_ticket *t = &m->u.ticket;

	json_number(j, "handle", t->handle);
	json_string(j, "id", t->id);
	json_string(j, "token", t->token);
	json_string(j, "guest", t->guest);
	json_bool(j, "may_type", t->type);
	json_bool(j, "once", t->once);
	json_number(j, "uses", t->uses);
	json_number(j, "until", t->until);
	return 0;
}

static int put_visit_end(struct json *j, const struct message *m)
{
	json_string(j, "text", m->u.visit_end.text);
	return 0;
}

static const struct row {
	uint16_t type;
	const char *name;
	int (*put)(struct json *j, const struct message *m);
} rows[] = {
	{ MSG_METHODS, "methods", put_methods },
	{ MSG_PROMPT, "prompt", put_prompt },
	{ MSG_AUTH_RESULT, "result", put_result },
	{ MSG_TOKEN, "token", put_token },
	{ MSG_GUEST, "guest", put_guest },
	{ MSG_GUEST_GONE, "guest_gone", put_guest_gone },
	{ MSG_LIST_END, "list_end", put_list_end },
	{ MSG_PEER, "peer", put_peer },
	{ MSG_INFO_END, "info_end", put_handle },
	{ MSG_WHO_END, "who_end", put_handle },
	{ MSG_ATTACHED, "attached", put_attached },
	{ MSG_STATE, "state", put_state },
	{ MSG_KEYBOARD, "keyboard", put_keyboard },
	{ MSG_CREDIT, "credit", put_credit },
	{ MSG_LOST, "lost", put_lost },
	{ MSG_REPLAYING, "replaying", put_replaying },
	{ MSG_STAMP, "stamp", put_stamp },
	{ MSG_BOOT, "boot", put_boot },
	{ MSG_LOG_FILE, "log_file", put_log_file },
	{ MSG_DETACHED, "detached", put_handle },
	{ MSG_REFUSED, "refused", put_refused },
	{ MSG_ACT_DONE, "act_done", put_act_done },
	{ MSG_TICKET, "ticket", put_ticket },
	{ MSG_VISIT_END, "visit_end", put_visit_end },
};

static void begin(struct json *j, struct buf *out, const char *type)
{
	json_init(j, out);
	json_open(j, NULL, '{');
	json_string(j, "type", type);
}

int tell_message(struct buf *out, const struct message *m)
{
	struct json j;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].type != m->type)
			continue;
		begin(&j, out, rows[i].name);
		if (rows[i].put(&j, m) < 0)
			return -1;
		json_close(&j, '}');
		return 0;
	}
	return -1;
}

void tell_hello(struct buf *out, const struct tell_hello *hello)
{
	const struct config *c = hello->config;
	struct json j;

	begin(&j, out, "hello");
	json_string(&j, "protocol", "serialgate.v1");
	json_string(&j, "version", SERIALGATE_VERSION);
	json_number(&j, "window", hello->window);
	json_number(&j, "input_window", INPUT_WINDOW);
	json_number(&j, "attachments", hello->attachments);
	json_number(&j, "login_grace", (uint64_t)c->gate.login_grace / 1000);
	json_number(&j, "idle_timeout", (uint64_t)c->gate.idle_timeout / 1000);
	if (c->console.escape == CONFIG_ESCAPE_NONE)
		json_null(&j, "escape");
	else
		json_number(&j, "escape", (uint64_t)c->console.escape);
	json_string(&j, "public_url", c->web.public_url);
	json_number(&j, "now", hello->now);
	json_close(&j, '}');
}

void tell_pong(struct buf *out, uint64_t id)
{
	struct json j;

	begin(&j, out, "pong");
	json_number(&j, "id", id);
	json_close(&j, '}');
}

void tell_gap(struct buf *out, uint32_t handle, uint64_t count)
{
	struct json j;

	begin(&j, out, "gap");
	json_number(&j, "handle", handle);
	json_number(&j, "count", count);
	json_close(&j, '}');
}

void tell_painting(struct buf *out, uint32_t handle, bool is_on, uint64_t skipped)
{
	struct json j;

	begin(&j, out, "painting");
	json_number(&j, "handle", handle);
	json_bool(&j, "on", is_on);
	json_number(&j, "skipped", skipped);
	json_close(&j, '}');
}

void tell_away(struct buf *out, uint32_t handle, const char *text)
{
	struct json j;

	begin(&j, out, "away");
	json_number(&j, "handle", handle);
	json_string(&j, "text", text);
	json_close(&j, '}');
}

void tell_refused(struct buf *out, uint32_t handle, enum refusal code, const char *text)
{
	struct json j;

	begin(&j, out, "refused");
	json_number(&j, "handle", handle);
	json_number(&j, "code", (uint64_t)code);
	json_string(&j, "text", text);
	json_close(&j, '}');
}
