/* SPDX-License-Identifier: ISC */
/* Hostile names made safe: nothing that moves a cursor or turns text around gets through. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/text.h"
#include "tests/suite.h"

static const struct { const char *what, *in, *utf8, *ascii; } rows[] = {
	{ "plain", "web1", "web1", "web1" },
	{ "a blank stays", "a b", "a b", "a b" },
	{ "escape sequence", "a\033[2J", "a\\x1b[2J", "a\\x1b[2J" },
	{ "newline and tab", "a\n\tb", "a\\x0a\\x09b", "a\\x0a\\x09b" },
	{ "DEL", "\177", "\\x7f", "\\x7f" },
	{ "C1 CSI as UTF-8", "\xc2\x9b""31m", "\\u{9b}31m", "\\u{9b}31m" },
	{ "C1 CSI as a raw byte", "\x9b""31m", "\\x9b31m", "\\x9b31m" },
	{ "right-to-left override", "a\xe2\x80\xae""b", "a\\u{202e}b", "a\\u{202e}b" },
	{ "isolate", "\xe2\x81\xa6", "\\u{2066}", "\\u{2066}" },
	{ "zero width space", "\xe2\x80\x8b", "\\u{200b}", "\\u{200b}" },
	{ "tag characters", "\xf3\xa0\x81\x81", "\\u{e0041}", "\\u{e0041}" },
	{ "an umlaut", "B\xc3\xa4r", "B\xc3\xa4r", "B\\u{e4}r" },
	{ "overlong slash", "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf" },
	{ "a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },
	{ "cut off", "a\xe2\x80", "a\\xe2\\x80", "a\\xe2\\x80" },
	{ "beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80" },
};

START_TEST(text_is_escaped)
{
	char out[128];

	ck_assert_uint_eq(text_escape(out, sizeof(out), rows[_i].in, strlen(rows[_i].in)),
			  strlen(rows[_i].utf8));
	ck_assert_msg(strcmp(out, rows[_i].utf8) == 0, "%s: %s", rows[_i].what, out);
	text_escape_ascii(out, sizeof(out), rows[_i].in, strlen(rows[_i].in));
	ck_assert_msg(strcmp(out, rows[_i].ascii) == 0, "%s: %s", rows[_i].what, out);
}
END_TEST

START_TEST(it_is_cut_at_whole_characters)
{
	char out[16];

	for (size_t size = 1; size < sizeof(out); size++) {
		size_t n = text_escape(out, size, "\xc3\xa4\033\xc3\xa4\xc3\xa4", 7);

		ck_assert_uint_lt(n, size);
		ck_assert_uint_eq(n, strlen(out));
		ck_assert_msg(n == 0 || n == 2 || n == 6 || n == 8 || n == 10, "%zu in %zu", n, size);
	}
}
END_TEST

static const struct { const char *text; size_t columns, fit_in_3; } widths[] = {
	{ "", 0, 0 }, { "abc", 3, 3 }, { "abcd", 4, 3 }, { "\xc3\xa4\xc3\xa4", 2, 4 },
	{ "\xe6\xbc\xa2\xe5\xad\x97", 4, 3 }, { "e\xcc\x81xyz", 4, 5 },
};

START_TEST(columns_are_counted)
{
	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	ck_assert_uint_eq(text_columns(widths[_i].text), widths[_i].columns);
	ck_assert_uint_eq(text_fit(widths[_i].text, 3), widths[_i].fit_in_3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("text");
	TCase *t = tcase_create("text");

	tcase_add_loop_test(t, text_is_escaped, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, it_is_cut_at_whole_characters);
	tcase_add_loop_test(t, columns_are_counted, 0, sizeof(widths) / sizeof(widths[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
