/* SPDX-License-Identifier: ISC */
/* The guest's screen: what it shows after bytes, however they come, and after a resize. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/screen/screen.h"
#include "tests/picture_same.h"
#include "tests/suite.h"

enum { ROWS = 4, COLS = 10 };

static const struct {
	const char *name;
	const char *bytes;
	const char *rows[ROWS];
	unsigned row, col;           /* col COLS: the next character wraps */
} shown[] = {
	{ "text", "ab\r\ncd", { "ab", "cd" }, 1, 2 },
	{ "a full row waits to wrap", "0123456789", { "0123456789" }, 0, COLS },
	{ "and wraps", "0123456789a", { "0123456789", "a" }, 1, 1 },
	{ "a carriage return takes that back", "0123456789\rX", { "X123456789" }, 0, 1 },
	{ "scrolling", "1\r\n2\r\n3\r\n4\r\n5", { "2", "3", "4", "5" }, 3, 1 },
	{ "a scroll region", "1\r\n2\r\n3\r\n4\033[2;3r\033[3;1H\nX", { "1", "3", "X", "4" }, 2, 1 },
	{ "alternate and back", "main\033[?1049h\033[Halt\033[?1049l!", { "main!" }, 0, 5 },
	{ "the older 47", "main\033[?47halt\033[?47l", { "main" }, 0, 7 },
	{ "each screen has its saved cursor", "ab\033[?1049h\033[3;3H\0337\033[?1049lc", { "abc" }, 0, 3 },
	{ "SCO's save and restore", "ab\033[s\033[3;3Hx\033[uc", { "abc", "", "  x" }, 0, 3 },
	{ "strings are not printed", "a\033_b\033\\c\033^d\033\\e\033]0;f\ag\033Ph\033\\i", { "acegi" }, 0, 5 },
	{ "a repeat goes on in the next row", "a\033[12b", { "aaaaaaaaaa", "aaa" }, 1, 3 },
	{ "a repeat without end", "a\033[4123456789b", { "aaaaaaaaaa", "aaaaaaaaaa", "aaaaaaaaaa", "aaaaaa" }, 3, 6 },
	{ "a tab without end", "\033[4000000000Ia", { "         a" }, 0, COLS },
	{ "broken UTF-8", "\xe6\xbc" "a\xff" "b", { "?a?b" }, 0, 4 },
	{ "line drawing", "\033(0q\033(Bq", { "-q" }, 0, 2 },
	{ "insert", "bc\033[4h\ra", { "abc" }, 0, 1 },
	{ "half a wide character goes with the other", "\xe6\xbc\xa2\rx", { "x" }, 0, 1 },
	{ "a wide one inserted", "bc\033[4h\r\xe6\xbc\xa2", { "# bc" }, 0, 2 },
	{ "outside the scroll region, too", "\033[3;4rbc\033[4h\ra", { "abc" }, 0, 1 },
	{ "a wide one that wraps while inserting", "\r\nbc\033[1;10H\033[4h\xe6\xbc\xa2", { "", "# bc" }, 1, 2 },
	{ "a wide one that has no room leaves a space", "012345678x\b\xe6\xbc\xa2\033[1;9H\033[@\b\033[10GX\033[10G"
	  "\xe6\xbc\xa2", { "01234567", "#" }, 1, 2 },
	{ "a wide one waits to wrap", "01234567\xe6\xbc\xa2", { "01234567#" }, 0, COLS },
	{ "also after a bell and a tab", "01234567\xe6\xbc\xa2\a\tx", { "01234567#", "x" }, 1, 1 },
	{ "but not after a line feed in the last row", "\n\n\n0123456789\nx", { "", "", "0123456789", "         x" }, 3, COLS },
	{ "without wrapping what waited is overwritten", "0123456789\033[?7lxy", { "012345678y" }, 0, 9 },
	{ "repeated over the end of the screen", "x\033[99b", { "xxxxxxxxxx", "xxxxxxxxxx", "xxxxxxxxxx", "xxxxxxxxxx" }, 3, COLS },
	{ "and some more", "x\033[1001b", { "xxxxxxxxxx", "xxxxxxxxxx", "xxxxxxxxxx", "xx" }, 3, 2 },
	{ "controls inside of a sequence", "a\033[2\r\n;3Hb", { "a", "  b" }, 1, 3 },
	{ "an ESC and no sequence, then text", "\033\xa4[4bc", { "[4bc" }, 0, 4 },
	{ "a region of one row is none", "\033[2;3rab\033[1;1rc", { "abc" }, 0, 3 },
	{ "down as far as the region", "\033[;2r\033[9Bx\033[9Ey", { "", "y" }, 1, 1 },
	{ "up as far as the region", "\033[2;3r\033[3;1H\033[9Ax\033[9Fy", { "", "y" }, 1, 1 },
	{ "soft reset ends the region, the cursor stays", "\033[2;3r\033[3;2H\033[!p\n\nx", { "", "", "", " x" }, 3, 2 },
	{ "and text in line drawings", "\033(0\033[!pq", { "q" }, 0, 1 },
	{ "a cursor saved twice on the alternate screen", "ab\033[?1049h\033[3;3H\033[?1049h\033[?1049lc", { "abc" }, 0, 3 },
	{ "reset", "\033[2;3r\033[?1049habc\033cx", { "x" }, 0, 1 },
};

static void read_row(char *text, const struct picture *p, unsigned row)
{
	const struct glyph *g = picture_row(p, row);
	unsigned end = 0;

	for (unsigned c = 0; c < p->cols; c++) {
		uint32_t at = g[c].chars[0];

		text[c] = at == 0 ? ' ' : at == 0xfffd ? '?' : at == 0x2500 ? '-' : at > 0x7e ? '#' : (char)at;
		if (at)
			end = c + 1;
	}
	text[end] = '\0';
}

static void check_shown(const struct screen *s, int i)
{
	const struct picture *p = screen_picture(s);
	char text[COLS + 1];

	for (unsigned r = 0; r < ROWS; r++) {
		const char *wanted = shown[i].rows[r] ? shown[i].rows[r] : "";

		read_row(text, p, r);
		ck_assert_msg(strcmp(text, wanted) == 0, "%s: row %u is '%s'", shown[i].name, r, text);
	}
	ck_assert_msg(p->row == shown[i].row && same_col(p) == shown[i].col, "%s: cursor %u,%u",
		      shown[i].name, p->row, same_col(p));
}

START_TEST(shows)
{
	const char *bytes = shown[_i].bytes;
	struct screen *whole = screen_new(ROWS, COLS), *single = screen_new(ROWS, COLS);

	screen_feed(whole, (const uint8_t *)bytes, strlen(bytes));
	for (const char *c = bytes; *c; c++)
		screen_feed(single, (const uint8_t *)c, 1);
	check_shown(whole, _i);
	check_shown(single, _i);
	screen_free(whole);
	screen_free(single);
}
END_TEST

/* As whoever holds bytes back feeds them: in pieces of any size. */
static void skim(struct screen *s, const uint8_t *in, size_t len)
{
	struct buf held;
	unsigned seed = 11;

	buf_init(&held, 1 << 20);
	while (len) {
		size_t n = (seed = seed * 1103515245 + 12345) >> 20;

		n = n < len ? n : len;
		buf_append(&held, in, n);
		buf_consume(&held, screen_skim(s, held.data, held.len));
		in += n;
		len -= n;
	}
	screen_feed(s, held.data, held.len);
	buf_free(&held);
}

/* What is left out of a flood makes no difference, whatever went before. */
static const char *const before[] = {
	"", "\033[31;42m", "\033[2;3r", "\033[?7l", "\033[?1049h", "\033[20h", "\033(0", "\033N", "\xe6",
	"\033[3;5H", "\033[4h", "\033]0;x", "\033[3g", "\033[2;3r\033[H", "\033[2;3r\033[3H", "\033[2;3r\033[4H",
	"\033[1;2r", "\033[2;4r\033[?6h", "\033[2;3r\033[?1049h\033[2H",
};
enum { BEFORE = sizeof(before) / sizeof(before[0]) };

START_TEST(skips)
{
	struct screen *whole = screen_new(ROWS, COLS), *single = screen_new(ROWS, COLS);
	struct screen *skimmed = screen_new(ROWS, COLS);
	static const char *const colours[] = {
		"\033[m", "\033[1;3", "\033[32m", "\033[44m", "", "\033[4:3m", "\033[K", "\033[48;5;7m",
	};
	static const char *const ends[] = { "\r\n", "\r\n", "\n", "\r" };
	struct buf b;
	unsigned seed = 7;

	buf_init(&b, 1 << 20);
	buf_append_str(&b, before[_i / 2]);
	for (int i = 0; i < 1000; i++) {
		seed = seed * 1103515245 + 12345;
		if (_i % 2)
			buf_append_str(&b, colours[seed >> 22 & 7]);
		buf_printf(&b, "%u\t%.*s%s", seed, (int)(seed >> 16) % 14, "abcdefghijklmnop",
			   ends[seed >> 20 & 3]);
	}
	screen_feed(whole, b.data, b.len);
	for (size_t i = 0; i < b.len; i++)
		screen_feed(single, b.data + i, 1);
	skim(skimmed, b.data, b.len);
	ck_assert_ptr_null(picture_difference(screen_picture(whole), screen_picture(single)));
	ck_assert_ptr_null(picture_difference(screen_picture(skimmed), screen_picture(single)));
	if (screen_picture(single)->modes.top <= 1)
		ck_assert_uint_ge(screen_picture(single)->scrolled + 40, screen_picture(whole)->scrolled);
	buf_free(&b);
	screen_free(whole);
	screen_free(skimmed);
	screen_free(single);
}
END_TEST

START_TEST(resizes)
{
	struct screen *s = screen_new(ROWS, COLS);
	char text[COLS + 1];

	screen_feed(s, (const uint8_t *)"1\r\n2\r\n3\r\n4", 10);
	ck_assert_int_eq(screen_resize(s, 2, 5), 0);
	read_row(text, screen_picture(s), 1);
	ck_assert_str_eq(text, "4");
	ck_assert_uint_eq(screen_picture(s)->row, 1);
	ck_assert_int_eq(screen_resize(s, ROWS, COLS), 0);
	ck_assert_int_eq(screen_resize(s, 0, 5), -1);
	ck_assert_int_eq(screen_resize(s, 10000, 10000), -1);
	screen_free(s);
	ck_assert_ptr_null(screen_new(1000, 1000));
	ck_assert_ptr_null(screen_new(1001, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("screen");
	TCase *tc = tcase_create("screen");

	setlocale(LC_CTYPE, "C.UTF-8");
	tcase_add_loop_test(tc, shows, 0, sizeof(shown) / sizeof(shown[0]));
	tcase_add_loop_test(tc, skips, 0, 2 * BEFORE);
	tcase_add_test(tc, resizes);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
