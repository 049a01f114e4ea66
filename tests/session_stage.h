/* SPDX-License-Identifier: ISC */
/*
 * A session between a client and a console that the test plays: static, for the tests
 * that include it. Nothing here waits; settle() lets both sides talk until they are quiet.
 */
#ifndef TESTS_SESSION_STAGE_H
#define TESTS_SESSION_STAGE_H

#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/wire.h"
#include "terminal/session.h"

static struct {
	struct session *session;
	struct wire console;
	struct buf out, err;             /* what the client has */
	bool keeps_out;                  /* the client does not read */

	/* how console answers */
	unsigned guests;
	struct msg_attached attached;
	struct msg_keyboard keyboard;
	struct msg_state state;
	struct msg_list_end list_end;
	struct msg_refused refused;      /* code 0: nothing is */
	bool is_deaf;                    /* input is never credited */
	bool has_no_echo;
	struct msg_replaying replaying;  /* what a replay is answered with */
	bool has_name_with_blank;        /* "my guest" is one */

	void (*before_attached)(uint32_t handle);    /* NULL: nothing comes before it */

	/* what it was asked */
	struct buf input;
	struct msg_attach attach;
	struct position replay;
	struct msg_act act;              /* its handle: 0, it was answered */
	unsigned attaches, detaches, takes, gives, forces, lists, replays, acts;
	uint32_t handle;
	uint64_t offset;                 /* of the next output */
} stage;

static void stage_guest(struct msg_guest *g, unsigned i)
{
	*g = (struct msg_guest){
		.unique = 1, .state = (uint8_t)(GUEST_RUNNING + i % 4), .viewers = i % 3};
	g->uuid[14] = (uint8_t)(i >> 8);
	g->uuid[15] = (uint8_t)i;
	snprintf(g->host, sizeof(g->host), "local");
	snprintf(g->name, sizeof(g->name), "web%u", i);
	snprintf(g->consoles, sizeof(g->consoles), "serial0 serial1");
	if (i % 3 == 2)
		snprintf(g->holder, sizeof(g->holder), "bob");
}

static void answer_list(void)
{
	struct msg_guest g;

	stage.lists++;
	for (unsigned i = 1; i <= stage.guests; i++) {
		stage_guest(&g, i);
		wire_send(&stage.console, MSG_GUEST, &g);
	}
	wire_send(&stage.console, MSG_LIST_END, &stage.list_end);
}

static void answer_info(const struct msg_info *m)
{
	struct msg_refused refused = { m->handle, REFUSED_NO_GUEST, "no such guest" };
	struct msg_peer peer = {
		.handle = m->handle, .endpoint = ENDPOINT_SSH, .user = "bob", .peer = "::1"};
	struct msg_handle end = { m->handle };
	struct msg_guest g;

	stage_guest(&g, 1);
	if (stage.has_name_with_blank)
		snprintf(g.name, sizeof(g.name), "my guest");
	if (strcmp(m->guest, g.name) != 0 && strncmp(m->guest, "00000000-", 9) != 0) {
		wire_send(&stage.console, MSG_REFUSED, &refused);
		return;
	}
	wire_send(&stage.console, MSG_GUEST, &g);
	wire_send(&stage.console, MSG_PEER, &peer);
	wire_send(&stage.console, MSG_INFO_END, &end);
}

static void answer_attach(const struct msg_attach *m)
{
	stage.attach = *m;
	stage.attaches++;
	stage.handle = stage.attached.handle = stage.keyboard.handle = stage.state.handle =
		m->handle;
	stage.refused.handle = m->handle;
	if (stage.refused.code) {
		wire_send(&stage.console, MSG_REFUSED, &stage.refused);
		return;
	}
	stage.offset = stage.attached.offset;
	if (stage.before_attached)
		stage.before_attached(m->handle);
	wire_send(&stage.console, MSG_ATTACHED, &stage.attached);
	wire_send(&stage.console, MSG_KEYBOARD, &stage.keyboard);
	wire_send(&stage.console, MSG_STATE, &stage.state);
}

static void stage_output(const void *data, size_t len)
{
	struct msg_output m = { stage.handle, stage.offset, { data, len } };

	stage.offset += len;
	wire_send(&stage.console, MSG_OUTPUT, &m);
}

static void answer_input(const struct msg_data *m)
{
	struct msg_credit credit = { m->handle, (uint32_t)m->data.len };
	uint8_t copy[INPUT_WINDOW];

	ck_assert_uint_le(m->data.len, sizeof(copy));
	memcpy(copy, m->data.data, m->data.len);
	buf_append(&stage.input, copy, m->data.len);
	if (stage.is_deaf)
		return;
	if (!stage.has_no_echo)
		stage_output(copy, m->data.len);
	wire_send(&stage.console, MSG_CREDIT, &credit);
}

static void answer_detach(const struct msg_handle *m)
{
	stage.detaches++;
	wire_send(&stage.console, MSG_DETACHED, m);
}

static void answer_who(const struct msg_handle *m)
{
	struct msg_peer peer = {
		.handle = m->handle, .endpoint = ENDPOINT_SSH, .user = "bob\033", .peer = "::1"};

	wire_send(&stage.console, MSG_PEER, &peer);
	wire_send(&stage.console, MSG_WHO_END, m);
}

static void answer_replay(const struct msg_replay *m)
{
	stage.replays++;
	stage.replay = m->from;
	stage.replaying.handle = m->handle;
	stage.offset = stage.replaying.offset;
	wire_send(&stage.console, MSG_REPLAYING, &stage.replaying);
}

static void stage_answer(struct message *m)
{
	switch (m->type) {
	case MSG_LIST: answer_list(); break;
	case MSG_INFO: answer_info(&m->u.info); break;
	case MSG_ATTACH: answer_attach(&m->u.attach); break;
	case MSG_INPUT: answer_input(&m->u.data); break;
	case MSG_DETACH: answer_detach(&m->u.handle); break;
	case MSG_WHO: answer_who(&m->u.handle); break;
	case MSG_TAKE: stage.takes++; break;
	case MSG_GIVE: stage.gives++; break;
	case MSG_FORCE: stage.forces++; break;
	case MSG_REPLAY: answer_replay(&m->u.replay); break;
	case MSG_ACT: stage.acts++, stage.act = m->u.act; break;
	default: ck_abort_msg("a visitor does not say %s", message_name(m->type));
	}
}

/* What the client would read: whether there was anything. */
static bool stage_client(void)
{
	struct buf *out = session_out(stage.session), *err = session_err(stage.session);

	if (stage.keeps_out || out->len + err->len == 0)
		return false;
	buf_append(&stage.out, out->data, out->len);
	session_sent(stage.session, out->len);
	buf_append(&stage.err, err->data, err->len);
	buf_consume(err, err->len);
	return true;
}

static void settle(void)
{
	struct message m;

	for (int quiet = 0; quiet < 4; quiet++) {
		struct pollfd p;

		while (stage.console.fd >= 0 && wire_receive(&stage.console, &m) > 0) {
			stage_answer(&m);
			quiet = 0;
		}
		if (stage.console.fd >= 0)
			(void)wire_flush(&stage.console);
		session_poll(stage.session, &p);
		if (poll(&p, 1, 0) > 0)
			quiet = 0;
		session_ready(stage.session, p.revents);
		if (session_timeout(stage.session) == 0 && !stage.keeps_out)
			quiet = 0;
		if (stage_client())
			quiet = 0;
	}
}

/* Nothing was started yet: what console will say can be changed after this. */
static void stage_begin(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	memset(&stage, 0, sizeof(stage));
	buf_init(&stage.out, 1 << 26);
	buf_init(&stage.err, 1 << 20);
	buf_init(&stage.input, 1 << 26);
	stage.guests = 3;
	stage.attached = (struct msg_attached){.unique = 1,
					       .may_type = 1,
					       .viewers = 1,
					       .host = "local",
					       .name = "web1",
					       .alias = "serial0",
					       .output_seen = 1};
	stage.attached.uuid[15] = 1;
	stage.keyboard = (struct msg_keyboard){
		.yours = 1, .held = 1, .holder = "alice", .holder_peer = "::1"};
	stage.state = (struct msg_state){ .guest = GUEST_RUNNING, .line = LINE_OPEN, .host_up = 1 };
}

static int stage_visit(void)
{
	int fds[2];

	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(&stage.console, fds[1]);
	stage.console.limit = 1 << 28;
	return fds[0];
}

static void stage_start(struct session_start start)
{
	start.visit = stage_visit();
	start.user = "alice";
	start.separator = '+';
	start.escape = 0x1d;
	start.address = "gate.example";
	start.port = 2222;
	if (!start.lang)
		start.lang = "C.UTF-8";
	if (!start.term)
		start.term = "xterm-256color";
	stage.session = session_new(&start);
	ck_assert_ptr_nonnull(stage.session);
	settle();
}

static void stage_end(void)
{
	session_free(stage.session);
	wire_close(&stage.console);
	buf_free(&stage.out);
	buf_free(&stage.err);
	buf_free(&stage.input);
}

static __attribute__((unused)) void type(const char *text)
{
	size_t len = strlen(text);
	size_t n = session_input(stage.session, (const uint8_t *)text, len);

	ck_assert_uint_eq(n, len);
	settle();
}

static const char *text_of(struct buf *b)
{
	buf_append(b, "", 1);
	b->len--;
	return (const char *)b->data;
}

static __attribute__((unused)) void forget(void)
{
	buf_clear(&stage.out);
	buf_clear(&stage.err);
	buf_clear(&stage.input);
}

#define shows(text)                                                                        \
	ck_assert_msg(strstr(text_of(&stage.out), text), "'%s' is not in '%.2000s'", text, \
		      text_of(&stage.out))
#define shows_not(text)                                                                 \
	ck_assert_msg(!strstr(text_of(&stage.out), text), "'%s' is in '%.2000s'", text, \
		      text_of(&stage.out))
#define says(text)                                                                         \
	ck_assert_msg(strstr(text_of(&stage.err), text), "'%s' is not in '%.2000s'", text, \
		      text_of(&stage.err))

static void is_over_with(int wanted)
{
	int status = -1;

	ck_assert(session_is_over(stage.session, &status));
	ck_assert_int_eq(status, wanted);
}

static void goes_on(void)
{
	int status;

	ck_assert(!session_is_over(stage.session, &status));
}

#endif
