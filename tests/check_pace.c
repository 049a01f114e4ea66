/* SPDX-License-Identifier: ISC */
/* Slow typing: what may be sent when, by the guest's echo or by time. */
#include <stdlib.h>
#include <string.h>

#include "terminal/pace.h"
#include "tests/suite.h"

static const struct {
	const char *what, *sent, *echo;
	bool is_echo;
} rows[] = {
	{"as it is", "ls\r", "ls\r\n", true},
	{"not all of it", "ls\r", "l", false},
	{"no new line yet", "ls\r", "ls", false},
	{"with something between", "ls\r", "l\033[K[  1.0] usb s\r\n", true},
	{"a line feed", "ls\n", "ls\r\n", true},
	{"an empty line", "\r", "\r\n$ ", true},
	{"a tab is echoed as anything", "a\tb\r", "a       b\r\n", true},
	{"UTF-8", "\xc3\xbc\r", "\xc3\xbc\r\n", true},
	{"something else", "ls\r", "xyz\r\n", false},
};

START_TEST(echoes)
{
	struct pace p;

	pace_begin(&p);
	ck_assert_uint_eq(pace_next(&p, (const uint8_t *)rows[_i].sent, strlen(rows[_i].sent)),
			  strlen(rows[_i].sent));
	pace_sent(&p, (const uint8_t *)rows[_i].sent, strlen(rows[_i].sent), 1000);
	ck_assert_uint_eq(pace_next(&p, (const uint8_t *)"x", 1), 0);
	for (size_t i = 0; rows[_i].echo[i]; i++)
		pace_output(&p, (const uint8_t *)rows[_i].echo + i, 1);
	ck_assert_msg((p.due < 0) == rows[_i].is_echo, "%s", rows[_i].what);
	ck_assert_uint_eq(pace_next(&p, (const uint8_t *)"x", 1), rows[_i].is_echo ? 1 : 0);
}
END_TEST

START_TEST(a_line_at_a_time)
{
	static uint8_t text[1000];
	struct pace p;

	pace_begin(&p);
	ck_assert_uint_eq(pace_next(&p, (const uint8_t *)"a\rb\r", 4), 2);
	ck_assert_uint_eq(pace_next(&p, (const uint8_t *)"a", 1), 1);
	ck_assert_uint_eq(pace_next(&p, text, 0), 0);
	memset(text, 'x', sizeof(text));
	ck_assert_uint_eq(pace_next(&p, text, sizeof(text)), PACE_PIECE_MAX);
	pace_sent(&p, text, PACE_PIECE_MAX, 0);
	ck_assert(!pace_output(&p, text, PACE_PIECE_MAX - 1));
	ck_assert(pace_output(&p, text, 1));
}
END_TEST

START_TEST(without_an_echo_by_time)
{
	struct pace p;

	pace_begin(&p);
	pace_sent(&p, (const uint8_t *)"a\r", 2, 1000);
	ck_assert(!pace_tick(&p, 1000 + PACE_ECHO_MS - 1));
	ck_assert(pace_tick(&p, 1000 + PACE_ECHO_MS));
	ck_assert(!p.has_echo);
	pace_sent(&p, (const uint8_t *)"a\r", 2, 9000);
	ck_assert(pace_tick(&p, 9000 + PACE_SILENT_MS));
	/* It echoes again: from now on that counts. */
	pace_sent(&p, (const uint8_t *)"a\r", 2, 20000);
	ck_assert(pace_output(&p, (const uint8_t *)"a\r\n", 3));
	pace_sent(&p, (const uint8_t *)"b\r", 2, 20001);
	ck_assert(!pace_tick(&p, 20001 + PACE_SILENT_MS));
	ck_assert_uint_eq(p.lines, 4);
	ck_assert_uint_eq(p.bytes, 8);
	/* Control keys have no echo to wait for, and that says nothing. */
	ck_assert(pace_output(&p, (const uint8_t *)"b\r\n", 3));
	pace_sent(&p, (const uint8_t *)"\x03", 1, 30000);
	ck_assert(!pace_output(&p, (const uint8_t *)"^C\r\n", 4));
	ck_assert(pace_tick(&p, 30000 + PACE_SILENT_MS));
	ck_assert(p.has_echo);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pace");
	TCase *t = tcase_create("pace");

	tcase_add_loop_test(t, echoes, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, a_line_at_a_time);
	tcase_add_test(t, without_an_echo_by_time);
	suite_add_tcase(s, t);
	return suite_run(s);
}
