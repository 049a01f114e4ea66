/* SPDX-License-Identifier: ISC */
/*
 * Our lines among the guest's: on rows of their own, or on the bottom row of its alternate
 * screen, which gets back what stood there.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/talk.h"
#include "tests/suite.h"

#define ALT "\033[?1049h\033[H\033[2J"
#define ON "\033[?6l\033[6;1H\033[m\033[K"
#define US "\033[7m[gate: hi]\033[m"

/*
 * The screen has 6 rows of 12 columns. What comes after the guest's own bytes: our line, and
 * what takes it away again.
 */
static const struct {
	const char *what, *guest, *shown, *cleared;
} rows[] = {
	{"on a new row", "", "[gate: hi]\r\n", ""},
	{"after a whole line", "a\r\n", "[gate: hi]\r\n", ""},
	{"in the middle of one", "login: ", "\r\n[gate: hi]\r\n", ""},
	{"after a line feed alone", "a\n", "\r[gate: hi]\r\n", ""},
	{"nothing in the bottom row", ALT, ON US "\033[1;1H\033[0m",
	 ON "            \033[1;1H\033[0m"},
	{"text there", ALT "\033[6;3Habc\033[2;2H", ON US "\033[2;2H\033[0m",
	 ON "  abc       \033[2;2H\033[0m"},
	{"colours there", ALT "\033[6;1H\033[7;31mab\033[mc\033[38;5;99md",
	 ON US "\033[6;5H\033[0;38;5;99m",
	 ON "\033[0;7;31mab\033[0mc\033[0;38;5;99md\033[0m        \033[6;5H\033[0;38;5;99m"},
	{"direct colours", ALT "\033[38;2;1;2;3;48:2::4:5:6mx",
	 ON US "\033[1;2H\033[0;38;2;1;2;3;48;2;4;5;6m",
	 ON "            \033[1;2H\033[0;38;2;1;2;3;48;2;4;5;6m"},
	{"wide and combining",
	 ALT "\033[6;1H\xe6\xbc\xa2"
	     "e\xcc\x81\033[1;1H",
	 ON US "\033[1;1H\033[0m",
	 ON "\xe6\xbc\xa2"
	    "e\xcc\x81         \033[1;1H\033[0m"},
	{"scrolled away", ALT "\033[6;1Habc\r\nd\033[1;1H", ON US "\033[1;1H\033[0m",
	 ON "d           \033[1;1H\033[0m"},
	{"not in the region that scrolls", ALT "\033[6;1Habc\033[1;5r\033[5;1H\n\n",
	 ON US "\033[5;1H\033[0m", ON "abc         \033[5;1H\033[0m"},
	{"scrolled in from above", ALT "\033[6;1Habc\033[1;1H\033M", ON US "\033[1;1H\033[0m",
	 ON "\033[1;1H\033[0m"},
	{"characters deleted", ALT "\033[6;1Habcdef\033[6;2H\033[2P", ON US "\033[6;2H\033[0m",
	 ON "adef        \033[6;2H\033[0m"},
	{"characters inserted", ALT "\033[6;1Habc\033[6;2H\033[2@x", ON US "\033[6;3H\033[0m",
	 ON "ax bc       \033[6;3H\033[0m"},
	{"erased from the cursor", ALT "\033[6;1Habcdef\033[6;3H\033[K", ON US "\033[6;3H\033[0m",
	 ON "ab          \033[6;3H\033[0m"},
	{"origin mode", ALT "\033[2;4r\033[?6h\033[2;1Hx", ON US "\033[?6h\033[2;2H\033[0m",
	 ON "            \033[?6h\033[2;2H\033[0m"},
	{"cursor not known", "\033[?1049h\033[2J", "\0337\017\033(B" ON US "\0338",
	 "\0337\017\033(B" ON "            \0338"},
	{"row not known", "\033[?47h\033[1;1H", ON US "\033[1;1H\033[0m", ON "\033[1;1H\033[0m"},
	{"line drawing", ALT "\033(0", "\0337\017\033(B" ON US "\0338",
	 "\0337\017\033(B" ON "            \0338"},
	{"behind the last column", ALT "\033[1;1Habcdefghijkl", "\0337\017\033(B" ON US "\0338",
	 "\0337\017\033(B" ON "            \0338"},
};

START_TEST(lines_stand_where_they_should)
{
	struct talk t;
	struct buf out;

	setlocale(LC_CTYPE, "C.UTF-8");
	buf_init(&out, 65536);
	talk_init(&t, &out, 6, 12, true);
	ck_assert_int_eq(talk_guest(&t, (const uint8_t *)rows[_i].guest, strlen(rows[_i].guest)),
			 0);
	ck_assert_uint_eq(out.len, strlen(rows[_i].guest));
	buf_clear(&out);
	talk_lines(&t, "[gate: hi]\n", 11);
	buf_append(&out, "", 1);
	ck_assert_msg(strcmp((char *)out.data, rows[_i].shown) == 0, "%s: ?%s", rows[_i].what,
		      (char *)out.data + 1);
	buf_clear(&out);
	talk_clear_bottom(&t);
	buf_append(&out, "", 1);
	ck_assert_msg(strcmp((char *)out.data, rows[_i].cleared) == 0, "%s, cleared: ?%s",
		      rows[_i].what, (char *)out.data + 1);
	talk_free(&t);
	buf_free(&out);
}
END_TEST

START_TEST(a_sequence_that_never_ends_is_broken_off)
{
	struct talk t;
	struct buf out;

	buf_init(&out, 65536);
	talk_init(&t, &out, 6, 12, true);
	talk_guest(&t, (const uint8_t *)"\033]0;abc", 7);
	buf_clear(&out);
	talk_lines(&t, "[gate: hi]\n", 11);
	ck_assert_uint_eq(out.len, 0);
	ck_assert(talk_is_waiting(&t));
	talk_press(&t);
	buf_append(&out, "", 1);
	ck_assert_str_eq((char *)out.data, "\x18[gate: hi]\r\n");
	ck_assert(!talk_is_waiting(&t));
	talk_free(&t);
	buf_free(&out);
}
END_TEST

START_TEST(a_long_line_is_broken_between_words)
{
	static const struct { const char *line, *shown; size_t rows; } lines[] = {
		{"[gate: not sent: bob has it; ^] t]",
		 "[gate: not sent: bob has\r\n  it; ^] t]\r\n", 2},
		{"[gate: donaudampfschifffahrtsgesellschaft]",
		 "[gate: donaudampfschifff\r\n  ahrtsgesellschaft]\r\n", 2},
		{"123456789012345678901234", "123456789012345678901234\r\n", 1},
		{"", "\r\n", 1},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t len = strlen(lines[i].line);
		char line[64];
		struct talk t;
		struct buf out;

		buf_init(&out, 65536);
		talk_init(&t, &out, 6, 24, true);
		snprintf(line, sizeof(line), "%s\n", lines[i].line);
		talk_lines(&t, line, len + 1);
		buf_append(&out, "", 1);
		ck_assert_str_eq((char *)out.data, lines[i].shown);
		ck_assert_uint_eq(talk_rows(&t, line, len), lines[i].rows);
		talk_free(&t);
		buf_free(&out);
	}
}
END_TEST

START_TEST(a_long_line_is_cut_to_the_row)
{
	struct talk t;
	struct buf out;

	buf_init(&out, 65536);
	talk_init(&t, &out, 6, 12, true);
	talk_guest(&t, (const uint8_t *)ALT, sizeof(ALT) - 1);
	buf_clear(&out);
	talk_lines(&t, "[gate: much too long]\n", 22);
	buf_append(&out, "", 1);
	ck_assert_str_eq((char *)out.data, ON "\033[7m[gate: much\033[m\033[1;1H\033[0m");
	buf_clear(&out);
	talk_resize(&t, 3, 40);
	talk_clear_bottom(&t);
	ck_assert_uint_eq(out.len, 0);
	talk_leave(&t, true);
	buf_append(&out, "", 1);
	ck_assert_str_eq((char *)out.data, "\033[?1049l\r\n");
	talk_free(&t);
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("talk");
	TCase *t = tcase_create("talk");

	tcase_add_loop_test(t, lines_stand_where_they_should, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, a_sequence_that_never_ends_is_broken_off);
	tcase_add_test(t, a_long_line_is_broken_between_words);
	tcase_add_test(t, a_long_line_is_cut_to_the_row);
	suite_add_tcase(s, t);
	return suite_run(s);
}
