/* SPDX-License-Identifier: ISC */
/* PAM's rounds between the door and libssh. Pure. */
#include <libssh/libssh.h>
#include <string.h>

#include "ipc/buf.h"
#include "sshd/round.h"
#include "tests/suite.h"

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

static struct msg_prompt make_prompt(struct buf *b, const char *instruction, unsigned n)
{
	struct msg_prompt m = { .count = (uint8_t)n };

	for (unsigned i = 0; i < n; i++) {
		pack_put_u8(b, i % 2);
		pack_put_bytes(b, "What\0 now?", 10);
	}
	m.instruction = (struct bytes){ (const uint8_t *)instruction, strlen(instruction) };
	m.prompts = (struct bytes){ b->data, b->len };
	return m;
}

START_TEST(rounds)
{
	static const unsigned counts[] = { 0, 1, 2, ROUND_MAX };
	struct buf b;
	struct msg_prompt m;
	struct round r;

	buf_init(&b, 65536);
	m = make_prompt(&b, "Read\nthis.", counts[_i]);
	ck_assert_int_eq(round_read(&r, &m), 0);
	ck_assert_str_eq(r.instruction, "Read\nthis.");
	ck_assert_uint_eq(r.count, counts[_i]);
	for (unsigned i = 0; i < r.count; i++) {
		ck_assert_str_eq(r.texts[i], "What now?");
		ck_assert_int_eq(r.echo[i], (int)i % 2);
	}
	round_free(&r);
	round_free(&r);
	buf_free(&b);
}
END_TEST

START_TEST(broken_rounds)
{
	struct buf b;
	struct msg_prompt m;
	struct round r;

	buf_init(&b, 65536);
	m = make_prompt(&b, "", 2);
	m.count = 3;
	ck_assert_int_eq(round_read(&r, &m), -1);
	m.count = 1;
	ck_assert_int_eq(round_read(&r, &m), -1);
	m.count = 2;
	m.prompts.len--;
	ck_assert_int_eq(round_read(&r, &m), -1);
	buf_clear(&b);
	m = make_prompt(&b, "", ROUND_MAX + 1);
	ck_assert_int_eq(round_read(&r, &m), -1);
	buf_free(&b);
}
END_TEST

START_TEST(answers)
{
	static const char *const two[] = { "secret", "" };
	uint8_t out[12];

	ck_assert_int_eq(round_pack_answers(out, sizeof(out), two, 2), 10);
	ck_assert_int_eq(memcmp(out, "\0\6secret\0\0", 10), 0);
	ck_assert_int_eq(round_pack_answers(out, 9, two, 2), -1);
	ck_assert_int_eq(round_pack_answers(out, sizeof(out), two, 0), 0);
}
END_TEST

static const struct method_row {
	const char *names;
	int bits;
} method_rows[] = {
	{ "", 0 },
	{ "publickey", SSH_AUTH_METHOD_PUBLICKEY },
	{ "publickey,keyboard-interactive", SSH_AUTH_METHOD_PUBLICKEY | SSH_AUTH_METHOD_INTERACTIVE },
	{ "password,publickey", SSH_AUTH_METHOD_PUBLICKEY | SSH_AUTH_METHOD_PASSWORD },
	{ "hostbased,publickeys,public", 0 },
	{ ",,password,", SSH_AUTH_METHOD_PASSWORD },
};

START_TEST(methods)
{
	ck_assert_msg(round_methods(method_rows[_i].names) == method_rows[_i].bits, "%s",
		      method_rows[_i].names);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("round");
	TCase *t = tcase_create("round");

	tcase_add_loop_test(t, rounds, 0, 4);
	tcase_add_test(t, broken_rounds);
	tcase_add_test(t, answers);
	tcase_add_loop_test(t, methods, 0, ROWS(method_rows));
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
