/* SPDX-License-Identifier: ISC */
/* What a client may ask of a channel before it starts. Pure. */
#include <limits.h>
#include <string.h>

#include "sshd/request.h"
#include "tests/suite.h"

#define LONG64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct env_row {
	const char *spoken;
	const char *name, *value;
	int result;
	const char *lang;
} env_rows[] = {
	{ "LANG is taken", "LANG", "de_DE.UTF-8", 0, "de_DE.UTF-8" },
	{ "LC_ALL is taken", "LC_ALL", "C.UTF-8", 0, "C.UTF-8" },
	{ "LC_CTYPE is taken", "LC_CTYPE", "C", 0, "C" },
	{ "TERM is no locale", "TERM", "vt100", 0, "" },
	{ "another LC_ is not", "LC_TIME", "C", -1, "" },
	{ "LD_PRELOAD is not", "LD_PRELOAD", "x.so", -1, "" },
	{ "no name", "", "x", -1, "" },
	{ "63 bytes fit", "LANG", LONG64 + 1, 0, LONG64 + 1 },
	{ "64 do not", "LANG", LONG64, -1, "" },
	{ "an escape does not", "LANG", "C\033[2J", -1, "" },
	{ "a blank does not", "LANG", "C C", -1, "" },
	{ "beyond ASCII does not", "LANG", "C\xc3\xa4", -1, "" },
};

START_TEST(env)
{
	const struct env_row *row = &env_rows[_i];
	struct request r = { 0 };

	ck_assert_msg(request_set_env(&r, row->name, row->value) == row->result, "%s", row->spoken);
	ck_assert_msg(strcmp(request_lang(&r), row->lang) == 0, "%s", row->spoken);
	request_free(&r);
}
END_TEST

START_TEST(locales_have_an_order)
{
	struct request r = { 0 };

	ck_assert_str_eq(request_lang(&r), "");
	request_set_env(&r, "LANG", "one");
	ck_assert_str_eq(request_lang(&r), "one");
	request_set_env(&r, "LC_CTYPE", "two");
	ck_assert_str_eq(request_lang(&r), "two");
	request_set_env(&r, "LC_ALL", "three");
	ck_assert_str_eq(request_lang(&r), "three");
}
END_TEST

static const struct size_row {
	const char *spoken;
	int cols, rows;
	unsigned want_cols, want_rows;
} size_rows[] = {
	{ "as it is", 80, 24, 80, 24 },
	{ "unknown, as ssh -tt sends it", 0, 0, 0, 0 },
	{ "the smallest", 1, 1, 1, 1 },
	{ "the largest", 1000, 1000, 1000, 1000 },
	{ "larger is clamped", 1001, INT_MAX, 1000, 1000 },
	{ "negative, from 2^31 up, is unknown", -1, INT_MIN, 0, 0 },
};

START_TEST(size)
{
	const struct size_row *row = &size_rows[_i];
	struct request r = { 0 };

	ck_assert_int_eq(request_set_terminal(&r, "xterm", row->cols, row->rows), 0);
	ck_assert_msg(r.cols == row->want_cols && r.rows == row->want_rows, "%s", row->spoken);
}
END_TEST

START_TEST(one_of_each)
{
	struct request r = { 0 };

	ck_assert_int_eq(request_set_env(&r, "TERM", "dumb"), 0);
	ck_assert_int_eq(request_set_terminal(&r, "xterm", 80, 24), 0);
	ck_assert_str_eq(r.term, "xterm");
	ck_assert_int_eq(request_set_env(&r, "TERM", "dumb"), -1);
	ck_assert_int_eq(request_set_terminal(&r, "vt100", 80, 24), -1);
	ck_assert_int_eq(request_set_command(&r, "list"), 0);
	ck_assert_str_eq(r.command, "list");
	ck_assert_int_eq(request_set_command(&r, "other"), -1);
	ck_assert_int_eq(request_set_shell(&r), -1);
	ck_assert_int_eq(request_set_env(&r, "LANG", "C"), -1);
	request_free(&r);
	ck_assert(!r.command && !r.is_complete);
	ck_assert_int_eq(request_set_shell(&r), 0);
	ck_assert_int_eq(request_set_terminal(&r, "xterm", 80, 24), -1);
}
END_TEST

START_TEST(strange_terminal_is_a_terminal)
{
	struct request r = { 0 };

	ck_assert_int_eq(request_set_terminal(&r, "x\033]0;y\007", 80, 24), 0);
	ck_assert(r.has_terminal);
	ck_assert_str_eq(r.term, "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("request");
	TCase *t = tcase_create("request");

	tcase_add_loop_test(t, env, 0, ROWS(env_rows));
	tcase_add_test(t, locales_have_an_order);
	tcase_add_loop_test(t, size, 0, ROWS(size_rows));
	tcase_add_test(t, one_of_each);
	tcase_add_test(t, strange_terminal_is_a_terminal);
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
