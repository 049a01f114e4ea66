/* SPDX-License-Identifier: ISC */
/* The text of send: what stands for a byte, and what is itself. */
#include <stdlib.h>
#include <string.h>

#include "terminal/spell.h"
#include "tests/suite.h"

static const struct { const char *what, *text, *out; int result; size_t len; } rows[] = {
	{"plain", "ls -l", "ls -l", 0, 5},
	{"nothing", "", "", 0, 0},
	{"Enter", "root\\r", "root\r", 0, 5},
	{"all of them", "\\r\\n\\t\\e\\\\", "\r\n\t\033\\", 0, 5},
	{"hex", "\\x03\\xfF\\x00", "\003\377\0", 0, 3},
	{"a backslash before another", "a\\.b\\", "a\\.b\\", 0, 5},
	{"an escaped backslash", "\\\\r", "\\r", 0, 2},
	{"UTF-8", "\303\244\\r", "\303\244\r", 0, 3},
	{"half a hex", "ab\\x1", "", -1, 2},
	{"no hex", "\\xgg", "", -1, 0},
};

START_TEST(texts)
{
	uint8_t out[64];
	size_t len;

	ck_assert_int_eq(spell_read(out, &len, rows[_i].text), rows[_i].result);
	ck_assert_msg(len == rows[_i].len, "%s: %zu", rows[_i].what, len);
	if (rows[_i].result == 0)
		ck_assert_msg(memcmp(out, rows[_i].out, len) == 0, "%s", rows[_i].what);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spell");
	TCase *t = tcase_create("spell");

	tcase_add_loop_test(t, texts, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
