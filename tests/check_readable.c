/* SPDX-License-Identifier: ISC */
/* Console bytes as readable lines: what moves the cursor, what is dropped, what is escaped. */
#include <stdlib.h>
#include <string.h>

#include "terminal/readable.h"
#include "tests/suite.h"

static const struct { const char *what, *in, *out; } rows[] = {
	{"a line", "one\r\ntwo\r\n", "one/two/"},
	{"a last line without an end", "login: ", "login: "},
	{"LF alone", "a\nb\n", "a/b/"},
	{"CR CR LF", "a\r\r\n", "a/"},
	{"an empty line", "\r\n\r\n", "//"},
	{"a carriage return overwrites", "10%\r20%\r100%\r\n", "100%/"},
	{"what is longer stays", "downloading\rdone\n", "doneloading/"},
	{"backspaces", "pasx\bsword\n", "password/"},
	{"backspace, blank, backspace erases", "lx\b \bs\n", "ls/"},
	{"a tab", "a\tb\n", "a       b/"},
	{"erase to the end", "abcdef\r\033[Kxy\n", "xy/"},
	{"erase from the start", "abcdef\033[3D\033[1Kx\n", "   xef/"},
	{"erase the line", "abc\033[2K\rx\n", "x/"},
	{"colours", "\033[1;31mred\033[0m \033[38;5;12mblue\033[m\n", "red blue/"},
	{"colons", "\033[38:2::1:2:3mx\n", "x/"},
	{"cursor left and right", "abc\033[2Dx\033[Cy\n", "axcy/"},
	{"cursor to a column", "abc\033[2Gx\n", "axc/"},
	{"delete and insert", "abcd\r\033[Px\033[2@\n", "x  cd/"},
	{"erase characters", "abcd\r\033[2X\n", "  cd/"},
	{"repeat", "-\033[4b\n", "-----/"},
	{"another row is another line", "\033[2J\033[1;1Hone\033[2;5Htwo\033[3;1H\n", "one/two//"},
	{"a title", "\033]0;title\007a\033]2;x\033\\b\n", "ab/"},
	{"a title that was cut off", "\033]0;tit\nlog\n", "log/"},
	{"a device string", "\033Pq#0~\n~\033\\x\n", "x/"},
	{"CAN ends a sequence", "\033[12\030x\n", "x/"},
	{"a sequence that was cut off", "\033[12\nlog\n", "/log/"},
	{"modes", "\033[?1049h\033[?25l\033>\033=x\033[?25h\n", "x/"},
	{"bells and NUL", "a\007b\177c\n", "abc/"},
	{"UTF-8", "gr\303\266\303\237e \342\202\254 \360\237\230\200\n",
	 "gr\303\266\303\237e \342\202\254 \360\237\230\200/"},
	{"UTF-8 overwritten", "\303\244\303\266\rx\n", "x\303\266/"},
	{"broken UTF-8", "a\377\303x\n", "a\\xff\\xc3x/"},
	{"C1", "a\302\233m\n", "a\\u{9b}m/"},
	{"bidi", "a\342\200\256b\n", "a\\u{202e}b/"},
	{"line drawing", "\033(0lqqk\033(B|\n", "+--+|/"},
	{"by SO", "\033)0\016x\017x\n", "|x/"},
	{"kitty and modifyOtherKeys", "\033[>4;1m\033[<u\033[=1ux\n", "x/"},
};

static void append(struct buf *out, const struct readable *r, const char *end)
{
	readable_text(r, out);
	buf_append_str(out, end);
}

static void read_text(struct buf *out, const char *in, size_t len, size_t step)
{
	static struct readable r;
	size_t used = 0;

	readable_init(&r);
	while (used < len) {
		size_t n = len - used < step ? len - used : step;
		enum readable_event event;

		used += readable_feed(&r, (const uint8_t *)in + used, n, &event);
		if (event == READABLE_LINE || event == READABLE_CUT)
			append(out, &r, event == READABLE_LINE ? "/" : "|");
	}
	if (!r.is_over)
		readable_text(&r, out);
	buf_append(out, "", 1);
}

START_TEST(lines)
{
	struct buf out;

	for (size_t step = 1; step < 64; step += 20) {
		buf_init(&out, 65536);
		read_text(&out, rows[_i].in, strlen(rows[_i].in), step);
		ck_assert_msg(strcmp((char *)out.data, rows[_i].out) == 0, "%s: '%s'",
			      rows[_i].what, (char *)out.data);
		buf_free(&out);
	}
}
END_TEST

START_TEST(nul_is_dropped)
{
	struct buf out;

	buf_init(&out, 100);
	read_text(&out, "a\0b\n", 4, 4);
	ck_assert_str_eq((char *)out.data, "ab/");
	buf_free(&out);
}
END_TEST

START_TEST(a_long_line_comes_in_pieces)
{
	static char line[3 * READABLE_COLUMNS_MAX];
	struct buf out;

	memset(line, 'x', sizeof(line));
	buf_init(&out, 4 * READABLE_COLUMNS_MAX);
	read_text(&out, line, sizeof(line), 1000);
	ck_assert_uint_eq(out.len, sizeof(line) + 2 + 1);
	ck_assert_int_eq(out.data[READABLE_COLUMNS_MAX], '|');
	buf_free(&out);
}
END_TEST

/* How often what stands there is said to fade. */
static unsigned count_fading(const char *in)
{
	static struct readable r;
	size_t used = 0, len = strlen(in);
	unsigned n = 0;

	readable_init(&r);
	while (used < len) {
		enum readable_event event;

		used += readable_feed(&r, (const uint8_t *)in + used, len - used, &event);
		n += event == READABLE_FADING;
	}
	return n;
}

START_TEST(what_is_overwritten_is_seen_first)
{
	ck_assert_uint_eq(count_fading("Press any key\r             \r\n"), 1);
	ck_assert_uint_eq(count_fading("Press any key\r\033[K\n"), 1);
	ck_assert_uint_eq(count_fading("one\r\ntwo\r\n"), 0);
	ck_assert_uint_eq(count_fading("a line of sixty bytes that has a spinner at its end, slowly \b|"
				       "\b/\b-\b\\\b|\b/"), 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("readable");
	TCase *t = tcase_create("readable");

	tcase_add_loop_test(t, lines, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, nul_is_dropped);
	tcase_add_test(t, a_long_line_comes_in_pieces);
	tcase_add_test(t, what_is_overwritten_is_seen_first);
	suite_add_tcase(s, t);
	return suite_run(s);
}
