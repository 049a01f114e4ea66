/* SPDX-License-Identifier: ISC */
/*
 * What of a guest's output reaches a terminal in a replay, and live with the strict filter.
 * Every row is fed whole, split at every byte, and again as it came out.
 */
#include <stdlib.h>
#include <string.h>

#include "terminal/filter.h"
#include "tests/suite.h"

#define SAME NULL

static const struct {
	const char *what, *in;
	const char *replay, *strict;     /* SAME: as it came */
} rows[] = {
	/* passes */
	{"text", "web1 login: ", SAME, SAME},
	{"lines and tabs", "a\tb\r\nc\bd\v\f", SAME, SAME},
	{"UTF-8 with C1 values inside", "\xe2\x9b\x94 \xc5\x9b \xf0\x9f\x9a\x9d \xe4\xbd\x9d", SAME, SAME},
	{"colours", "\033[1;31mred\033[m\033[38;5;9mx\033[38:2::1:2:3my", SAME, SAME},
	{"cursor", "\033[H\033[2J\033[10;20H\033[A\033[3B\033[C\033[D\033[G\033[5d\033[K", SAME, SAME},
	{"insert and delete", "\033[@\033[P\033[L\033[M\033[X\033[S\033[T\033[3b", SAME, SAME},
	{"saved cursor", "\0337\0338\033[s\033[u", SAME, SAME},
	{"line drawing", "\033(0lqk\033(B\033)0\016x\017", SAME, SAME},
	{"index", "\033D\033E\033M", SAME, SAME},
	{"a Latin-1 byte", "na\xefve", SAME, SAME},
	{"control inside a sequence", "\033[3\n1mx", "\n\033[31mx", "\n\033[31mx"},
	/* queries */
	{"DA1", "a\033[cb\033[0cc", "abc", SAME},
	{"DA2", "a\033[>cb\033[>0cc", "abc", SAME},
	{"DA3", "a\033[=cb", "ab", SAME},
	{"DECID", "a\033Zb", "ab", SAME},
	{"DSR", "a\033[5nb", "ab", SAME},
	{"CPR", "a\033[6nb", "ab", SAME},
	{"DECXCPR and its like", "a\033[?6nb\033[?15nc\033[?26n\033[?996nd", "abcd", SAME},
	{"DECRQSS", "a\033P$qm\033\\b", "ab", SAME},
	{"DECRQM", "a\033[?2026$pb\033[4$pc", "abc", SAME},
	{"DECREQTPARM", "a\033[xb", "ab", SAME},
	{"DECRQCRA", "a\033[1;1;1;1;2;2*yb", "ab", SAME},
	{"XTVERSION", "a\033[>qb\033[>0qc", "abc", SAME},
	{"XTGETTCAP", "a\033P+q544e\033\\b", "ab", SAME},
	{"XTSMGRAPHICS", "a\033[?1;1;0Sb", "ab", SAME},
	{"XTQMODKEYS", "a\033[?4mb", "ab", SAME},
	{"kitty's keyboard query", "a\033[?ub", "ab", SAME},
	{"ENQ", "a\005b", "ab", SAME},
	{"palette, by BEL", "a\033]4;1;?\ab", "ab", SAME},
	{"colours, by ST", "a\033]10;?\033\\b\033]11;?\033\\c\033]12;?\033\\d\033]19;?\033\\e",
	 "abcde", SAME},
	{"clipboard asked for", "a\033]52;c;?\ab", "ab", "a\030b"},
	{"window reports", "a\033[11tb\033[14tc\033[18td\033[19te", "abcde", SAME},
	{"title reports", "a\033[21tb\033[20tc", "abc", "a\030b\030c"},
	{"a title report behind zeros", "a\033[0021tb\033[21;0tc", "abc", "a\030b\030c"},
	{"kitty's graphics", "a\033_Gi=31,a=q;AAAA\033\\b", "ab", SAME},
	{"tab stops", "a\033[?5Wb\033Hc\033[3gd", "abcd", SAME},
	{"printer", "a\033[5ib\033[4ic\033[?10id", "abcd", SAME},
	/* what would outlive it */
	{"clipboard", "a\033]52;c;aGk=\ab\033]052;c;aGk=\033\\c", "abc", "a\030b\030c"},
	{"kitty's clipboard", "a\033]5522;type=write\ab", "ab", "a\030b"},
	{"iTerm2's clipboard", "a\033]1337;Copy=:aGk=\ab", "ab", "a\030b"},
	{"iTerm2's other doings", "a\033]1337;SetMark\ab", "ab", SAME},
	{"title", "a\033]0;evil\ab\033]2;evil\033\\c", "abc", SAME},
	{"a hyperlink", "a\033]8;;http://x\033\\b\033]8;;\033\\c", "abc", SAME},
	{"mouse", "a\033[?1000hb\033[?1002;1006hc\033[?9hd", "abcd", SAME},
	{"paste, focus", "a\033[?2004hb\033[?1004hc", "abc", SAME},
	{"alternate screen", "a\033[?1049hb\033[?47hc\033[?1047hd\033[?1049le", "abcde", SAME},
	{"synchronized output", "a\033[?2026hb", "ab", SAME},
	{"in-band resize", "a\033[?2048hb", "ab", SAME},
	{"kitty's keyboard", "a\033[>1ub\033[<uc\033[=1;1ud", "abcd", SAME},
	{"modifyOtherKeys", "a\033[>4;2mb\033[>4mc\033[>4nd", "abcd", SAME},
	{"keyboard and insert modes", "a\033[2hb\033[4hc\033[20hd\033[12le", "abcde", SAME},
	{"cursor keys, keypad", "a\033[?1hb\033=c\033>d", "abcd", SAME},
	{"cursor hidden, its shape", "a\033[?25lb\033[3 qc", "abc", SAME},
	{"margins", "a\033[2;5rb\033[?69h\033[2;5sc\033[?6hd", "abcd", SAME},
	{"reset", "a\033cb\033[!pc", "abc", SAME},
	{"scrollback", "a\033[3Jb", "ab", SAME},
	{"8-bit answers asked for", "a\033 Gb\033 Fc", "abc", SAME},
	{"other codings and sets", "a\033%@b\033%Gc\033*0d\033-Ae\033nf\033~g", "abcdefg", SAME},
	{"DECALN", "a\033#8b", "ab", SAME},
	{"highlight tracking", "a\033[1;2;3;4;5Tb", "ab", SAME},
	{"a key", "a\033[97;5ub", "ab", SAME},
	{"BEL and DEL", "a\ab\177c\021d\023e", "abcde", SAME},
	/* 8-bit forms, as a byte and as a character */
	{"C1 CSI", "a\x9b" "6nb\xc2\x9b" "6nc", "abc", SAME},
	{"C1 title report", "a\x9b" "21tb\xc2\x9b" "21tc", "abc", "a\030b\030c"},
	{"C1 OSC", "a\x9d" "52;c;aGk=\x9c" "b\xc2\x9d" "52;c;aGk=\xc2\x9c" "c", "abc", "a\030b\030c"},
	{"C1 DCS", "a\x90$qm\x9c" "b", "ab", SAME},
	{"C1 APC, PM, SOS", "a\x9fx\x9c" "b\x9ex\x9c" "c\x98x\x9c" "d", "abcd", SAME},
	{"C1 DECID", "a\x9a" "b\xc2\x9a" "c", "abc", SAME},
	{"overlong C1", "a\xe0\x82\x9b" "6nb", "a\xe0" "b", SAME},
	/* broken off */
	{"an escape broken off by another", "a\033[31\033[32mb", "a\033[32mb", "a\033[32mb"},
	{"a sequence cancelled", "a\033[31\030b", "ab", "a\030b"},
	{"a string cancelled", "a\033]0;x\030b", "ab", SAME},
	{"a string broken off by a sequence", "a\033]0;x\033[1mb", "a\033[1mb", SAME},
	{"a string with nothing but a number", "a\033]104\033\\b\033]110\ac", "abc", SAME},
	{"a string without end is a line", "a\033]0;x\r\nb", "a\r\nb", SAME},
	{"a clipboard without end is a line", "a\033]52;c;x\nb", "a\nb", "a\030\nb"},
	{"a character broken off", "a\xe2\x9b\033[6nb", "a\xe2" "b", "a\xe2\033[6nb"},
	{"escapes in a row", "a\033\033\033[6nb", "ab", "a\033[6nb"},
	{"nothing behind the introducer", "a\033[\303\251b", "a\303\251b", "a\030\303\251b"},
	{"a tmux passthrough", "a\033Ptmux;\033\033]52;c;x\a\033\\b", "ab",
	 "a\033Ptmux;\030\033\\b"},
	{"made whole by what is taken out", "a\033[2\033[21t1tb\033\033[21t]52;c;xc",
	 "a1tb]52;c;xc", "a\0301tb\030]52;c;xc"},
	{"made whole in a string's number", "a\033]5\x9b" "21t2;c;xb", "a", "a\033]5\0302;c;xb"},
};

static void feed(struct buf *out, enum filter_kind kind, const char *in, size_t len, size_t split)
{
	struct filter f;

	buf_clear(out);
	filter_init(&f, kind);
	ck_assert_int_eq(filter_feed(&f, (const uint8_t *)in, split, out), 0);
	ck_assert_int_eq(filter_feed(&f, (const uint8_t *)in + split, len - split, out), 0);
}

static void is(const struct buf *out, const char *wanted, const char *what, size_t split)
{
	ck_assert_msg(out->len == strlen(wanted) &&
			      (out->len == 0 || memcmp(out->data, wanted, out->len) == 0),
		      "%s, split at %zu: '%.*s'", what, split, (int)out->len, (char *)out->data);
}

static void check_row(const char *what, const char *in, enum filter_kind kind, const char *wanted)
{
	struct buf out, again;

	buf_init(&out, 4096);
	buf_init(&again, 4096);
	for (size_t split = 0; split <= strlen(in); split++) {
		feed(&out, kind, in, strlen(in), split);
		is(&out, wanted ? wanted : in, what, split);
	}
	feed(&again, kind, (const char *)out.data, out.len, 0);
	is(&again, wanted ? wanted : in, what, 0);
	buf_free(&out);
	buf_free(&again);
}

START_TEST(in_a_replay)
{
	check_row(rows[_i].what, rows[_i].in, FILTER_REPLAY, rows[_i].replay);
}
END_TEST

START_TEST(live_and_strict)
{
	check_row(rows[_i].what, rows[_i].in, FILTER_STRICT, rows[_i].strict);
}
END_TEST

/* What the replay ends with, and what of it goes out so that live bytes may end it. */
static const struct {
	const char *what, *in, *out;
} ends[] = {
	{"nothing", "", ""},
	{"text", "a", "a"},
	{"colours are put back", "\033[31ma", "\033[31ma\033[m"},
	{"character sets are put back", "\033(0a", "\033(0a\017\033(B\033)B"},
	{"half a colour", "a\033[3", "a\033[3"},
	{"an escape", "a\033", "a\033"},
	{"half a character", "a\xe2\x9b", "a\xe2\x9b"},
	{"a string swallows no live byte", "a\033]52;c;aG", "a"},
	{"the end of a string", "a\033]0;x\033", "a\033"},
	{"half an 8-bit sequence", "a\x9b" "6", "a"},
	{"it began in a character", "\x9b\x94 a", " a"},
};

START_TEST(the_end)
{
	struct filter f;
	struct buf out;

	buf_init(&out, 4096);
	filter_init(&f, FILTER_REPLAY);
	filter_feed(&f, (const uint8_t *)ends[_i].in, strlen(ends[_i].in), &out);
	ck_assert_int_eq(filter_end(&f, &out), 0);
	is(&out, ends[_i].out, ends[_i].what, 0);
	buf_free(&out);
}
END_TEST

START_TEST(nothing_grows)
{
	static char zeros[3 * FILTER_HELD_MAX];
	struct filter f;
	struct buf out;

	memset(zeros, '0', sizeof(zeros));
	buf_init(&out, 4096);
	for (enum filter_kind kind = FILTER_REPLAY; kind <= FILTER_STRICT; kind++) {
		static const char *const heads[] = {"\033[", "\033]", "\x9b", "\x9d"};

		for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
			buf_clear(&out);
			filter_init(&f, kind);
			filter_feed(&f, (const uint8_t *)"a", 1, &out);
			filter_feed(&f, (const uint8_t *)heads[i], strlen(heads[i]), &out);
			filter_feed(&f, (uint8_t *)zeros, sizeof(zeros), &out);
			filter_feed(&f, (const uint8_t *)"52;21t6n\nb", 10, &out);
			ck_assert_uint_eq(out.data[out.len - 1], 'b');
			ck_assert_ptr_null(memchr(out.data, 0x1b, out.len));
		}
	}
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("filter");
	TCase *t = tcase_create("filter");

	tcase_add_loop_test(t, in_a_replay, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, live_and_strict, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, the_end, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(t, nothing_grows);
	suite_add_tcase(s, t);
	return suite_run(s);
}
