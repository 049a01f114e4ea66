/* SPDX-License-Identifier: ISC */
/* Ways to log in: keys, the shared name, several methods in a row, the password method. */
#include "tests/door_stage.h"

START_TEST(expired_password_behind_a_key)
{
	struct wire door;

	write_file("keys-alice", BLOB_LINE "\n");
	start(OPTIONS("pam-service", "expired", KEYS, "methods", "publickey"));
	connect_console();
	door = open_door();
	ask_key(&door, "alice", true);
	expect_result(&door, AUTH_PARTIAL, KBDINT);
	/* The key again does not help; no visit before the change. */
	ask_key(&door, "alice", true);
	expect_result(&door, AUTH_FAILED, KBDINT);
	ask_pam(&door, "alice", KBDINT);
	change_password(&door);
	ck_assert_str_eq(expect_visit(&door).method, "publickey");
	wire_close(&door);
}
END_TEST

START_TEST(mapped_user)
{
	struct wire door;

	start(OPTIONS("pam-service", "mapped"));
	connect_console();
	door = open_door();
	log_in(&door, "alice", "secret");
	ck_assert_str_eq(expect_result(&door, AUTH_OK, "").user, "CORP\\alice");
	ck_assert_str_eq(expect_visit(&door).user, "CORP\\alice");
	wire_close(&door);
}
END_TEST

START_TEST(keys)
{
	struct wire door;

	write_file("keys-alice", "# alice\nrestrict " BLOB_LINE " a comment\n");
	write_file("keys-bob", "command=\"/bin/sh\" " BLOB_LINE "\n");
	write_file("keys-carol", "from=\"10.0.0.0/8\" " BLOB_LINE "\n");
	start(OPTIONS("pam-service", "pwdfile", KEYS));
	connect_console();
	door = open_door();
	ask_key(&door, "bob", false);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	expect_log("keys-bob:1: it has an option that is not known here");
	ask_key(&door, "carol", true);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	expect_log("keys-carol:1: its from= does not have this address");
	ask_key(&door, "dave", true);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	ask_key(&door, "alice", false);
	expect_result(&door, AUTH_OK, "");
	ask_key(&door, "alice", true);
	ck_assert_str_eq(expect_result(&door, AUTH_OK, "").user, "alice");
	ck_assert_str_eq(expect_visit(&door).method, "publickey");
	expect_log("accepted publickey for alice: ");
	/* Carol, Dave and Alice: a question about a key is no attempt for gate. */
	ck_assert_int_eq(nlogins, 3);
	wire_close(&door);
}
END_TEST

START_TEST(key_probe_is_no_login)
{
	struct wire door;

	write_file("keys-alice", BLOB_LINE "\n");
	start(OPTIONS("pam-service", "pwdfile", KEYS));
	door = open_door();
	ask_key(&door, "alice", false);
	expect_result(&door, AUTH_OK, "");
	ck_assert_int_eq(wire_send(&door, MSG_ASK_VISIT, NULL), 0);
	expect_end(&door);
}
END_TEST

START_TEST(key_and_password)
{
	struct wire door;
	struct msg_ask_methods ask = { "alice" };

	write_file("keys-alice", BLOB_LINE "\n");
	start(OPTIONS("pam-service", "pwdfile", KEYS, "methods", "publickey+" KBDINT));
	connect_console();
	door = open_door();
	ck_assert_int_eq(wire_send(&door, MSG_ASK_METHODS, &ask), 0);
	ck_assert_str_eq(expect(&door, MSG_METHODS).u.methods.methods, "publickey");
	ask_pam(&door, "alice", KBDINT);
	expect_result(&door, AUTH_FAILED, "publickey");
	ask_key(&door, "alice", true);
	expect_result(&door, AUTH_PARTIAL, KBDINT);
	/* Another name starts from zero, and back again as well. */
	ask_pam(&door, "root", KBDINT);
	expect_result(&door, AUTH_FAILED, "publickey");
	ask_key(&door, "alice", true);
	expect_result(&door, AUTH_PARTIAL, KBDINT);
	log_in(&door, "alice", "secret");
	expect_result(&door, AUTH_OK, "");
	ck_assert_str_eq(expect_visit(&door).method, "publickey+" KBDINT);
	wire_close(&door);
}
END_TEST

START_TEST(shared_name_by_key)
{
	struct wire door;

	write_file("shared", "user=\"bob\" " BLOB_LINE "\n");
	start(OPTIONS("pam-service", "pwdfile", "shared-keys", "DIR/shared"));
	connect_console();
	door = open_door();
	ask_key(&door, "bob", true);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	ask_key(&door, "console", false);
	expect_result(&door, AUTH_OK, "");
	ask_key(&door, "console", true);
	ck_assert_str_eq(expect_result(&door, AUTH_OK, "").user, "bob");
	ck_assert_str_eq(expect_visit(&door).user, "bob");
	wire_close(&door);
}
END_TEST

START_TEST(shared_name_by_prompt)
{
	struct wire door;

	start(pwdfile);
	connect_console();
	door = open_door();
	ask_pam(&door, "console", KBDINT);
	expect(&door, MSG_PROMPT);
	expect_said("login: ");
	answer(&door, "console", NULL);
	expect(&door, MSG_PROMPT);
	answer(&door, "secret", NULL);
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	ask_pam(&door, "console", KBDINT);
	expect(&door, MSG_PROMPT);
	answer(&door, "alice", NULL);
	expect(&door, MSG_PROMPT);
	answer(&door, "secret", NULL);
	ck_assert_str_eq(expect_result(&door, AUTH_OK, "").user, "alice");
	ck_assert_str_eq(expect_visit(&door).user, "alice");
	wire_close(&door);
}
END_TEST

START_TEST(password_method)
{
	struct wire door;

	start(OPTIONS("pam-service", "pwdfile", "methods", "password"));
	door = open_door();
	ask_pam(&door, "alice", "password");
	expect(&door, MSG_PROMPT);
	answer(&door, "secret", NULL);
	expect_result(&door, AUTH_OK, "");
	wire_close(&door);
	door = open_door();
	ask_pam(&door, "alice", KBDINT);
	expect_result(&door, AUTH_FAILED, "password");
	wire_close(&door);
}
END_TEST

/* Two prompts, one of them echoed, are more than a password can answer. */
START_TEST(password_method_and_more_prompts)
{
	struct wire door;

	start(OPTIONS("pam-service", "two", "methods", "password"));
	door = open_door();
	ask_pam(&door, "alice", "password");
	expect(&door, MSG_PROMPT);
	answer(&door, "first", NULL);
	expect_result(&door, AUTH_FAILED, "password");
	wire_close(&door);
}
END_TEST

START_TEST(method_not_configured)
{
	struct wire door;

	start(pwdfile);
	door = open_door();
	ask_pam(&door, "alice", "password");
	expect_result(&door, AUTH_FAILED, "publickey," KBDINT);
	ask_pam(&door, "alice", "publickey");
	expect_end(&door);
}
END_TEST

START_TEST(another_request_instead_of_answers)
{
	struct wire door;

	write_file("keys-alice", BLOB_LINE "\n");
	start(OPTIONS("pam-service", "pwdfile", KEYS));
	door = open_door();
	ask_pam(&door, "root", KBDINT);
	expect(&door, MSG_PROMPT);
	ask_pam(&door, "alice", KBDINT);
	expect(&door, MSG_PROMPT);
	ask_key(&door, "alice", true);
	expect_result(&door, AUTH_OK, "");
	expect_log("refused keyboard-interactive for root: began anew");
	wire_close(&door);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		expired_password_behind_a_key, mapped_user, keys, key_probe_is_no_login,
		key_and_password, shared_name_by_key, shared_name_by_prompt, password_method,
		password_method_and_more_prompts, method_not_configured,
		another_request_instead_of_answers,
	};

	return run_tests("door_ways", tests, sizeof(tests) / sizeof(tests[0]), NULL, 0);
}
