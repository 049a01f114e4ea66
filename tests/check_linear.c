/* SPDX-License-Identifier: ISC */
/* A console as text lines: what is printed of bytes, with pauses (|) in between. */
#include <stdlib.h>
#include <string.h>

#include "terminal/linear.h"
#include "tests/suite.h"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "lines", "one\r\ntwo\r\n", "one\r\ntwo\r\n" },
	{ "a prompt shows when the guest pauses", "$ |", "$ " },
	{ "and what is typed behind it", "$ |l|s|\r\n", "$ ls\r\n" },
	{ "colours and cursors are left out", "\033[1;31mred\033[m\033[?25l\r\n", "red\r\n" },
	{ "a progress bar is printed when it stands", "10%\r20%\r30%\r\n", "30%\r\n" },
	{ "and again when it moved on", "10%|\r20%|\r\n", "10%\r\n20%\r\n" },
	{ "nothing twice", "abc||\r\n|", "abc\r\n" },
	{ "a title is no text", "\033]0;title\007x\r\n", "x\r\n" },
};

START_TEST(prints)
{
	struct linear *l = linear_new();
	struct buf out;

	buf_init(&out, 65536);
	for (const char *c = rows[_i].in; *c; c++) {
		if (*c == '|')
			linear_pause(l, &out);
		else
			linear_feed(l, (const uint8_t *)c, 1, &out);
	}
	buf_append(&out, "", 1);
	ck_assert_msg(strcmp((char *)out.data, rows[_i].out) == 0, "%s: '%s'", rows[_i].name, (char *)out.data);
	buf_free(&out);
	linear_free(l);
}
END_TEST

START_TEST(goes_on)
{
	struct linear *l = linear_new();
	struct buf out;

	buf_init(&out, 65536);
	linear_feed(l, (const uint8_t *)"ab", 2, &out);
	ck_assert(linear_goes_on(l));
	linear_pause(l, &out);
	linear_feed(l, (const uint8_t *)"c", 1, &out);
	ck_assert(linear_goes_on(l));
	linear_feed(l, (const uint8_t *)"\rx", 2, &out);
	ck_assert(!linear_goes_on(l));
	buf_free(&out);
	linear_free(l);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linear");
	TCase *tc = tcase_create("linear");

	tcase_add_test(tc, goes_on);
	tcase_add_loop_test(tc, prints, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
