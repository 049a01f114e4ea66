/* SPDX-License-Identifier: ISC */
/* What the guest does to a terminal is seen, wherever its sequences are split, and put back. */
#include <stdlib.h>
#include <string.h>

#include "terminal/screen/track.h"
#include "tests/suite.h"

static const struct { const char *what, *in, *reset;
} rows[] = {
	{"nothing", "hello\r\n", ""},
	{"alternate screen", "\033[?1049h", "\033[?1049l"},
	{"and back", "\033[?1049h\033[?1049l", ""},
	{"back by another number", "\033[?1049h\033[?47l", ""},
	{"47", "\033[?47h", "\033[?47l"},
	{"mouse", "\033[?9h", "\033[?9l"},
	{"mice at once", "\033[?1000;1002;1006h", "\033[?1000l\033[?1002l\033[?1006l"},
	{"more mice", "\033[?1003;1005;1015;1016h", "\033[?1003l\033[?1005l\033[?1015l\033[?1016l"},
	{"focus", "\033[?1004h", "\033[?1004l"},
	{"bracketed paste", "\033[?2004h", "\033[?2004l"},
	{"synchronized output", "\033[?2026h", "\033[?2026l"},
	{"in-band resize", "\033[?2048h", "\033[?2048l"},
	{"kitty, twice", "\033[>1u\033[>5u", "\033[<2u"},
	{"kitty, popped", "\033[>1u\033[<u", ""},
	{"kitty, popped too often", "\033[>1u\033[<9u", ""},
	{"kitty, set", "\033[=5;1u", "\033[=0u"},
	{"kitty, a question", "\033[?u", ""},
	{"kitty, each screen its own", "\033[>1u\033[?1049h\033[>1u\033[>1u",
	 "\033[<2u\033[?1049l\033[<1u"},
	{"kitty, left behind on the other screen", "\033[?47h\033[>1u\033[?47l",
	 "\033[?1049h\033[<1u\033[?1049l"},
	{"cursor restored is not kitty", "\033[u", ""},
	{"modifyOtherKeys", "\033[>4;2m", "\033[>4m"},
	{"and off", "\033[>4;2m\033[>4;0m", ""},
	{"application cursor keys", "\033[?1h", "\033[?1l"},
	{"application keypad", "\033=", "\033>"},
	{"insert mode", "\033[4h", "\033[4l"},
	{"scroll region", "\033[2;10r", "\0337\033[r\0338"},
	{"scroll region, whole", "\033[2;10r\033[r", ""},
	{"modes restored is no region", "\033[?1;2r", ""},
	{"origin mode", "\033[?6h", "\0337\033[?6l\0338\033[?6l"},
	{"no wrapping", "\033[?7l", "\033[?7h"},
	{"hidden cursor", "\033[?25l", "\033[?25h"},
	{"cursor shape", "\033[5 q", "\033[0 q"},
	{"line drawing", "\033(0", "\033(B\033)B\033*B\033+B"},
	{"shifted out", "\016", "\017"},
	{"colour", "\033[1;31m", "\033[m"},
	{"colour and back", "\033[31m\033[0m", ""},
	{"palette", "\033]4;1;#ffffff\007", "\033]104\033\\"},
	{"background", "\033]11;#000000\033\\", "\033]111\033\\"},
	{"printer", "\033[5i", "\033[4i"},
	{"full reset", "\033[?1000h\033[31m\033[>1u\033c", ""},
	{"soft reset", "\033[4h\033[31m\033[!p", ""},
	{"inside a title it is nothing", "\033]0;\x1b[?1000h", "\033[?1000l"},
	{"in a string it is nothing", "\033P1;[?1000h\033\\", ""},
	{"unfinished string", "\033]0;title", "\033\\"},
	{"unfinished sequence", "\033[12;3", "\033\\"},
	{"cancelled", "\033[?1000\x18h", ""},
	{"unknown", "\033[?9999h\033[5n\033#8\033[99;99H", ""},
};

START_TEST(modes_are_put_back)
{
	for (size_t size = 1; size <= strlen(rows[_i].in); size++) {
		struct track t;
		struct buf out;

		buf_init(&out, 4096);
		track_init(&t, NULL);
		for (size_t at = 0, left = strlen(rows[_i].in); left;) {
			size_t n = left < size ? left : size;

			track_feed(&t, (const uint8_t *)rows[_i].in + at, n);
			at += n;
			left -= n;
		}
		ck_assert_int_eq(track_reset(&t, &out, true), 0);
		buf_append(&out, "", 1);
		ck_assert_msg(strcmp((char *)out.data, rows[_i].reset) == 0,
			      "%s, in pieces of %zu: %s", rows[_i].what, size,
			      (char *)out.data + 1);
		buf_free(&out);
	}
}
END_TEST

START_TEST(unsure_means_all_that_ever_was)
{
	struct track t;
	struct buf out;
	static const char in[] = "\033[?1000h\033[?1000l\033[31m\033[m";

	buf_init(&out, 4096);
	track_init(&t, NULL);
	track_feed(&t, (const uint8_t *)in, sizeof(in) - 1);
	track_reset(&t, &out, false);
	buf_append(&out, "", 1);
	ck_assert_str_eq((char *)out.data, "\033\\\033[?1000l\033[m");
	buf_free(&out);
}
END_TEST

static const struct {
	const char *what, *in;
	bool is_between, at_start, is_dirty, is_alternate;
} places[] = {
	{"at first", "", true, true, false, false},
	{"text", "abc", true, false, true, false},
	{"a line", "abc\r\n", true, true, false, false},
	{"line feed alone", "abc\n", true, false, false, false},
	{"carriage return alone", "abc\r", true, true, true, false},
	{"in ESC", "\033", false, true, false, false},
	{"in CSI", "\033[3", false, true, false, false},
	{"after CSI", "\033[3m", true, true, false, false},
	{"cursor moved", "\r\n\033[3A", true, false, true, false},
	{"in UTF-8", "\xe2\x80", false, false, true, false},
	{"after UTF-8", "\xe2\x80\xa6", true, false, true, false},
	{"broken UTF-8",
	 "\xe2"
	 "a",
	 true, false, true, false},
	{"in a string", "\033]0;a", false, true, false, false},
	{"alternate", "\033[?1047h", true, true, false, true},
	{"cleared by RIS", "abc\033c", true, true, false, false},
};

START_TEST(it_knows_where_a_line_may_stand)
{
	struct track t;

	track_init(&t, NULL);
	track_feed(&t, (const uint8_t *)places[_i].in, strlen(places[_i].in));
	ck_assert_msg(track_is_between(&t) == places[_i].is_between, "%s", places[_i].what);
	ck_assert_msg(t.at_start == places[_i].at_start, "%s", places[_i].what);
	ck_assert_msg(t.is_dirty == places[_i].is_dirty, "%s", places[_i].what);
	ck_assert_msg(track_is_alternate(&t) == places[_i].is_alternate, "%s", places[_i].what);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("track");
	TCase *t = tcase_create("track");

	tcase_add_loop_test(t, modes_are_put_back, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, unsure_means_all_that_ever_was);
	tcase_add_loop_test(t, it_knows_where_a_line_may_stand, 0,
			    sizeof(places) / sizeof(places[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
