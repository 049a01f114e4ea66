/* SPDX-License-Identifier: ISC */
/*
 * The painter: after any number of frames of any size the visitor's terminal is as the
 * guest's screen, with few bytes; and nothing it writes asks the terminal for anything.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/screen/paint.h"
#include "terminal/screen/screen.h"
#include "tests/picture_same.h"
#include "tests/suite.h"

enum { ROWS = 24, COLS = 80, ROUNDS = 60 };

struct pair {
	struct screen *guest, *visitor;
	struct paint paint;
	struct buf out;
};

static void pair_start(struct pair *t, const char *first)
{
	*t = (struct pair){ screen_new(ROWS, COLS), screen_new(ROWS, COLS), { .next = 0 }, { 0 } };
	buf_init(&t->out, 1 << 20);
	screen_feed(t->guest, (const uint8_t *)first, strlen(first));
	screen_feed(t->visitor, (const uint8_t *)first, strlen(first));
	ck_assert_int_eq(paint_begin(&t->paint, screen_picture(t->visitor), true), 0);
}

static void pair_end(struct pair *t)
{
	paint_free(&t->paint);
	buf_free(&t->out);
	screen_free(t->guest);
	screen_free(t->visitor);
}

static bool frame(struct pair *t, size_t limit)
{
	bool is_done;

	buf_clear(&t->out);
	is_done = paint_frame(&t->paint, screen_picture(t->guest), &t->out, limit);
	screen_feed(t->visitor, t->out.data, t->out.len);
	return is_done;
}

static void finish(struct pair *t, const char *name)
{
	const char *difference;

	for (int i = 0; !frame(t, 500); i++)
		ck_assert_msg(i < 1000, "%s: no end", name);
	difference = picture_difference(screen_picture(t->guest), screen_picture(t->visitor));
	ck_assert_msg(!difference, "%s: %s", name, difference);
}

static const struct {
	const char *name;
	const char *before, *after;
	size_t most;                 /* bytes painted */
} rows[] = {
	{ "nothing", "abc", "", 0 },
	{ "one key", "$ l", "s", 1 },
	{ "a key and its line end", "$ ls", "\r\n", 2 },
	{ "scrolled by two rows", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n10\r\n11\r\n12\r\n13\r\n14\r\n"
	  "15\r\n16\r\n17\r\n18\r\n19\r\n20\r\n21\r\n22\r\n23\r\n24", "\r\n25\r\n26", 30 },
	{ "a row erased", "abcdefghijklmnopqrstuvwxyz\r", "\033[K", 3 },
	{ "the alternate screen", "shell", "\033[?1049h\033[2J\033[Hvi", 40 },
	{ "and back from it", "shell\033[?1049h\033[2J\033[Hvi", "\033[?1049l", 24 },
	{ "colours", "", "\033[1;31mred\033[0;44mblue\033[m.", 40 },
	{ "line drawing", "", "\033(0lqqqqqqk\033(B", 30 },
	{ "left in line drawing", "", "\033(0lq", 30 },
	{ "shifted out", "", "\033)0\016lq", 30 },
	{ "bracketed paste, mouse, keypad", "", "\033[?2004h\033[?1002h\033[?1006h\033=\033[?1h", 60 },
	{ "kitty's keyboard", "", "\033[>1u\033[>5u", 20 },
	{ "modifyOtherKeys", "", "\033[>4;2m", 10 },
	{ "cursor", "", "\033[?25l\033[4 q", 20 },
	{ "title", "", "\033]2;top\033\\", 20 },
	{ "scroll region", "", "\033[3;10r\033[5;5H", 20 },
	{ "origin", "", "\033[3;10r\033[?6h\033[2;2Hx", 40 },
	{ "insert", "abc", "\033[4h\rx", 20 },
	{ "no wrap", "", "\033[?7l", 10 },
	{ "about to wrap", "\033[1;79H", "xy", 20 },
	{ "saved cursor", "", "\033[5;5H\033[31m\0337\033[m\033[H", 30 },
	{ "tab stops", "", "\033[3g\033[1;5H\033H\033[H", 30 },
	{ "wide and combining", "", "\xe6\xbc\xa2\xe5\xad\x97 e\xcc\x81 x", 60 },
	{ "half of a wide one", "\xe6\xbc\xa2\xe5\xad\x97", "\033[1;2Hx\033[1;3Hyz", 30 },
	{ "a bell", "", "\a", 1 },
	{ "combining in the last column", "hello\r\n\033[31mred\033[m", "\033[2;80H;\xcd\x87", 40 },
	{ "and repeated up to it", "", "\033[1;70H;\xcd\x87\033[300b\033[H", 2000 },
	{ "a wide one that waits to wrap", "", "\033[1;79H\xe6\xbc\xa2", 40 },
	{ "sets used before", "\033)0\016lq\017", "\033[5;5Hx", 40 },
	{ "saved on the alternate screen, back on the main one", "",
	  "\033[?1049h\033[9;9H\0337\033[?1049l", 60 },
	{ "saved on the main screen, back on the alternate one", "\033[?1049h",
	  "\033[?1049l\033[9;9H\033[?1049h", 80 },
	{ "tab stops on the alternate screen", "\033[3g\033[5G\033H", "\033[?1049hx", 80 },
	{ "title taken back", "\033]2;top\033\\", "\033]2;\033\\", 20 },
	{ "a mode with something in between is none", "", "\033[?9!h", 0 },
	{ "margins", "", "\033[?69h\033[5;20s\033[3;6Hx", 60 },
};

START_TEST(carries)
{
	struct pair t;

	pair_start(&t, rows[_i].before);
	screen_feed(t.guest, (const uint8_t *)rows[_i].after, strlen(rows[_i].after));
	finish(&t, rows[_i].name);
	ck_assert_msg(t.out.len <= rows[_i].most, "%s: %zu bytes: %.*s", rows[_i].name, t.out.len,
		      (int)t.out.len, (const char *)t.out.data);
	/* Nothing is left to do, and raw bytes mean the same to both. */
	ck_assert(frame(&t, 500));
	screen_feed(t.guest, (const uint8_t *)"\r\nX\tY\033[31m", 10);
	screen_feed(t.visitor, (const uint8_t *)"\r\nX\tY\033[31m", 10);
	ck_assert_ptr_null(picture_difference(screen_picture(t.guest), screen_picture(t.visitor)));
	pair_end(&t);
}
END_TEST

static unsigned seed;

static unsigned next(unsigned below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 12) % below;
}

/* What full-screen programs print, without rhyme or reason; # stands for a number. */
static void random_bytes(struct buf *b)
{
	static const char *const pieces[] = {
		"\033[#;#H", "\033[#;#H", "\033[3#;4#m", "\033[#K\033[#m", "\033[#J\033[#m",
		"\033[#;#r", "\033[r\033[#L\033[#M", "\033[#P\033[#@", "\033[#X\033[#C",
		"\033[38;5;#m\033[48;5;#m", "text # and #", "\r\nline # #", "\r\nline # #",
		"\033[#A\033[#B", "\033M#\033D#", "\033(0lqk#\033(B#", "\xc3\xa9#\xe6\xbc\xa2#",
		"\033[?7h\033[4l#\t#", "\0337#\033[H\0338#",
	};
	static const char *const rare[] = {
		"\033[?1049h", "\033[?1049l", "\033[4h", "\033[?6h", "\033[?6l", "\033[?7l", "\033[?2004h",
		"\033[?25l", "\033[?25h", "\033[>1u", "\033[<u", "\033)0\016", "\017", "\033[m", "\033c",
		"\033[!p", "\a",
	};

	for (unsigned i = next(40); i; i--) {
		const char *c = pieces[next(sizeof(pieces) / sizeof(pieces[0]))];

		for (; *c; c++)
			if (*c == '#')
				buf_printf(b, "%u", next(next(4) ? 30 : 90));
			else
				buf_append(b, c, 1);
		if (next(12) == 0)
			buf_append_str(b, rare[next(sizeof(rare) / sizeof(rare[0]))]);
	}
}

START_TEST(follows)
{
	struct pair t;
	char name[32];

	seed = (unsigned)_i * 7919 + 1;
	snprintf(name, sizeof(name), "stream %d", _i);
	pair_start(&t, "");
	for (int i = 0; i < ROUNDS; i++) {
		struct buf b;

		buf_init(&b, 1 << 20);
		random_bytes(&b);
		screen_feed(t.guest, b.data, b.len);
		buf_free(&b);
		if (next(3))
			frame(&t, 20 + next(800));
		if (next(6) == 0)
			finish(&t, name);
	}
	finish(&t, name);
	pair_end(&t);
}
END_TEST

/* What the visitor's terminal shows is not known: then it is cleared. */
START_TEST(clears)
{
	struct pair t;

	pair_start(&t, "");
	screen_feed(t.visitor, (const uint8_t *)"\033[5;5Hdirt", 10);
	t.paint.is_known = false;
	screen_feed(t.guest, (const uint8_t *)"clean", 5);
	finish(&t, "clear");
	pair_end(&t);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("paint");
	TCase *tc = tcase_create("paint");

	setlocale(LC_CTYPE, "C.UTF-8");
	tcase_add_loop_test(tc, carries, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(tc, follows, 0, 200);
	tcase_add_test(tc, clears);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
