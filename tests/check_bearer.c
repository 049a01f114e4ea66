/* SPDX-License-Identifier: ISC */
/* Coming back with a token, coming with a ticket, and how both end: over the real auth. */
#include "tests/door_stage.h"

static char token[TOKEN_MAX + 1];

static struct wire enter(const char *user)
{
	struct wire door = open_door();

	log_in(&door, user, "secret");
	expect_result(&door, AUTH_OK, "");
	return door;
}

static void ask_token(struct wire *door, char out[TOKEN_MAX + 1])
{
	ck_assert_int_eq(wire_send(door, MSG_ASK_TOKEN, NULL), 0);
	strcpy(out, expect(door, MSG_TOKEN).u.token.token);
}

static void offer(struct wire *door, enum message_type type, const char *text)
{
	struct msg_secret m;

	strcpy(m.token, text);
	ck_assert_int_eq(wire_send(door, type, &m), 0);
}

static struct msg_ticket_made make_ticket(uint32_t valid, bool once)
{
	struct msg_ticket_make m = {
		.request = 9, .user = "alice", .host = "local", .uuid = { 1, 2, 3 },
		.guest = "web1", .type = 1, .once = once, .valid = valid,
	};

	ck_assert_int_eq(wire_send(&console, MSG_TICKET_MAKE, &m), 0);
	return expect(&console, MSG_TICKET_MADE).u.ticket_made;
}

/* A token stands for its login: through broken links, and beside the one that is there. */
START_TEST(coming_back)
{
	struct wire first, second, third;
	struct msg_identity id;
	char again[TOKEN_MAX + 1];

	start(pwdfile);
	connect_console();
	first = enter("alice");
	ask_token(&first, token);
	ck_assert_uint_gt(strlen(token), 40);
	second = open_door();
	offer(&second, MSG_RESUME, token);
	ck_assert_str_eq(expect_result(&second, AUTH_OK, "").user, "alice");
	wire_close(&first);
	id = expect_visit(&second);
	ck_assert_str_eq(id.user, "alice");
	ck_assert_str_eq(id.method, "resume");
	ck_assert_str_eq(id.ticket, "");
	ask_token(&second, again);
	ck_assert_str_eq(again, token);
	wire_close(&second);
	third = open_door();
	offer(&third, MSG_RESUME, token);
	expect_result(&third, AUTH_OK, "");
	expect_log("accepted resume for alice");
	wire_close(&third);
}
END_TEST

START_TEST(tokens_that_are_none)
{
	struct wire door;

	start(OPTIONS("pam-service", "pwdfile", "max-tries", "3"));
	door = open_door();
	offer(&door, MSG_RESUME, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	offer(&door, MSG_USE_TICKET, "");
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	offer(&door, MSG_USE_TICKET, "x");
	expect_result(&door, AUTH_OVER, "");
	read_gate(SOON);
	ck_assert_int_eq(nlogins, 3);
	ck_assert(!logins[2].ok);
	wire_close(&door);
}
END_TEST

START_TEST(no_token_before_the_login)
{
	struct wire door;

	start(pwdfile);
	door = open_door();
	ck_assert_int_eq(wire_send(&door, MSG_ASK_TOKEN, NULL), 0);
	expect_end(&door);
}
END_TEST

START_TEST(logging_out)
{
	struct wire door, other;

	start(pwdfile);
	door = enter("alice");
	ask_token(&door, token);
	ck_assert_int_eq(wire_send(&door, MSG_LOGOUT, NULL), 0);
	wire_close(&door);
	read_gate(SOON);
	other = open_door();
	offer(&other, MSG_RESUME, token);
	expect_result(&other, AUTH_FAILED, "publickey," KBDINT);
	wire_close(&other);
}
END_TEST

/* Console says that a login is over: both its connections lose their door. */
START_TEST(kicked)
{
	struct msg_void_login over;
	struct wire first, second, other, late;

	start(pwdfile);
	connect_console();
	other = enter("root");
	first = enter("alice");
	over.conn = last_conn;
	ask_token(&first, token);
	second = open_door();
	offer(&second, MSG_RESUME, token);
	expect_result(&second, AUTH_OK, "");
	ck_assert_int_eq(wire_send(&console, MSG_VOID_LOGIN, &over), 0);
	expect_end(&first);
	expect_end(&second);
	late = open_door();
	offer(&late, MSG_RESUME, token);
	expect_result(&late, AUTH_FAILED, "publickey," KBDINT);
	expect_visit(&other);
	read_gate(SOON);
	ck_assert_msg(!strstr(logged, "PAM module's doing"), "%s", logged);
	wire_close(&other);
	wire_close(&late);
}
END_TEST

START_TEST(an_account_that_is_no_more)
{
	struct wire door;

	start(OPTIONS("pam-service", "pwdfile"));
	door = enter("alice");
	ask_token(&door, token);
	write_file("pwdfile", "auth required pam_permit.so\naccount required %s deny\n", module);
	wire_close(&door);
	door = open_door();
	offer(&door, MSG_RESUME, token);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	expect_log("refused resume for alice: the account is not good any more");
	wire_close(&door);
}
END_TEST

START_TEST(by_ticket)
{
	struct msg_ticket_made made;
	struct wire door;
	struct msg_identity id;

	start(pwdfile);
	connect_console();
	made = make_ticket(60, false);
	ck_assert_uint_eq(made.request, 9);
	ck_assert_str_ne(made.id, "");
	door = open_door();
	offer(&door, MSG_USE_TICKET, made.token);
	ck_assert_str_eq(expect_result(&door, AUTH_OK, "").user, "alice");
	id = expect_visit(&door);
	ck_assert_str_eq(id.user, "alice");
	ck_assert_str_eq(id.method, "ticket");
	ck_assert_str_eq(id.ticket, made.id);
	ck_assert_str_eq(id.ticket_host, "local");
	ck_assert_uint_eq(id.ticket_uuid[2], 3);
	ck_assert_uint_eq(id.ticket_type, 1);
	ck_assert(id.ticket_until > 1700000000);
	ask_token(&door, token);
	wire_close(&door);
	/* A browser that came by it comes back to it, and sees no more than before. */
	door = open_door();
	offer(&door, MSG_RESUME, token);
	expect_result(&door, AUTH_OK, "");
	ck_assert_str_eq(expect_visit(&door).ticket, made.id);
	wire_close(&door);
}
END_TEST

START_TEST(a_ticket_is_listed_and_revoked)
{
	struct msg_ticket_find find = { 11, "alice" };
	struct msg_ticket_drop drop = { .request = 12, .user = "bob" };
	struct msg_ticket_made made;
	struct msg_ticket_found found;
	struct wire door;

	start(pwdfile);
	connect_console();
	made = make_ticket(60, true);
	ck_assert_int_eq(wire_send(&console, MSG_TICKET_FIND, &find), 0);
	found = expect(&console, MSG_TICKET_FOUND).u.ticket_found;
	ck_assert_str_eq(found.id, made.id);
	ck_assert_str_eq(found.guest, "web1");
	ck_assert(found.once && found.uses == 0);
	ck_assert_uint_eq(expect(&console, MSG_TICKETS_END).u.request.request, 11);
	strcpy(drop.id, made.id);
	ck_assert_int_eq(wire_send(&console, MSG_TICKET_DROP, &drop), 0);
	ck_assert_str_eq(expect(&console, MSG_TICKET_MADE).u.ticket_made.id, "");
	strcpy(drop.user, "alice");
	ck_assert_int_eq(wire_send(&console, MSG_TICKET_DROP, &drop), 0);
	ck_assert_str_eq(expect(&console, MSG_VOID_TICKET).u.void_ticket.id, made.id);
	ck_assert_str_eq(expect(&console, MSG_TICKET_MADE).u.ticket_made.id, made.id);
	door = open_door();
	offer(&door, MSG_USE_TICKET, made.token);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	wire_close(&door);
}
END_TEST

/* Its bearer, who is logged in at a door, has no second visit of it. */
START_TEST(a_revoked_ticket_opens_no_visit)
{
	struct msg_ticket_drop drop = { .request = 13, .user = "alice" };
	struct msg_ticket_made made;
	struct wire door;

	start(pwdfile);
	connect_console();
	made = make_ticket(60, true);
	door = open_door();
	offer(&door, MSG_USE_TICKET, made.token);
	expect_result(&door, AUTH_OK, "");
	expect_visit(&door);
	strcpy(drop.id, made.id);
	ck_assert_int_eq(wire_send(&console, MSG_TICKET_DROP, &drop), 0);
	expect(&console, MSG_VOID_TICKET);
	expect(&console, MSG_TICKET_MADE);
	ck_assert_int_eq(wire_send(&door, MSG_ASK_VISIT, NULL), 0);
	while (wire_wait(&door, &(struct message){ 0 }, WAIT) == 1)
		;
	expect_end(&door);
	ck_assert_int_eq(wire_wait(&console, &(struct message){ 0 }, SOON), 0);
}
END_TEST

/* A token whose account is not good leaves nothing behind for who logs in then. */
START_TEST(another_login_after_a_bad_token)
{
	struct wire door, other;
	char own[TOKEN_MAX + 1];

	start(OPTIONS("pam-service", "pwdfile"));
	connect_console();
	door = enter("alice");
	ask_token(&door, token);
	wire_close(&door);
	write_file("pwdfile", "auth required pam_permit.so\naccount required %s deny\n", module);
	door = open_door();
	offer(&door, MSG_RESUME, token);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	write_file("pwdfile", "auth required pam_permit.so\naccount required pam_permit.so\n");
	ask_pam(&door, "root", KBDINT);
	expect_result(&door, AUTH_OK, "");
	ask_token(&door, own);
	ck_assert_str_ne(own, token);
	other = open_door();
	offer(&other, MSG_RESUME, own);
	ck_assert_str_eq(expect_result(&other, AUTH_OK, "").user, "root");
	wire_close(&door);
	wire_close(&other);
}
END_TEST

/* Visits that console does not take yet wait with those who ask; none is lost. */
START_TEST(console_reads_late)
{
	enum { DOORS = 10, EACH = 60 };
	struct wire doors[DOORS];
	struct message m;
	int given = 0, taken = 0;

	start(pwdfile);
	connect_console();
	for (int i = 0; i < DOORS; i++)
		doors[i] = enter("alice");
	for (int n = 0; n < EACH; n++)
		for (int i = 0; i < DOORS; i++)
			ck_assert_int_eq(wire_send(&doors[i], MSG_ASK_VISIT, NULL), 0);
	for (int tries = 0; given < DOORS * EACH && tries < 100; tries++)
		for (int i = 0; i < DOORS; i++)
			while (wire_wait(&doors[i], &m, 1) == 1) {
				given += m.type == MSG_VISIT;
				wire_discard(&m);
			}
	while (taken < DOORS * EACH && wire_wait(&console, &m, WAIT) == 1) {
		taken += m.type == MSG_IDENTITY;
		wire_discard(&m);
	}
	ck_assert_int_eq(taken, DOORS * EACH);
	for (int i = 0; i < DOORS; i++)
		wire_close(&doors[i]);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		coming_back, tokens_that_are_none, no_token_before_the_login, logging_out, kicked,
		an_account_that_is_no_more, by_ticket, a_ticket_is_listed_and_revoked,
		a_revoked_ticket_opens_no_visit, another_login_after_a_bad_token, console_reads_late,
	};

	return run_tests("bearer", tests, sizeof(tests) / sizeof(tests[0]), NULL, 0);
}
