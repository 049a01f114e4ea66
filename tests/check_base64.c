/* SPDX-License-Identifier: ISC */
/* Base64 to bytes, and what is not base64. Pure. */
#include <string.h>

#include "ipc/base64.h"
#include "tests/suite.h"

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct base64_row {
	const char *spoken;
	const char *text;
	long len;
	const char *bytes;
} base64_rows[] = {
	{ "nothing", "", 0, "" },
	{ "one byte", "Zg==", 1, "f" },
	{ "two bytes", "Zm8=", 2, "fo" },
	{ "three bytes", "Zm9v", 3, "foo" },
	{ "six bytes", "Zm9vYmFy", 6, "foobar" },
	{ "all digits of the alphabet's end", "+/+/", 3, "\xfb\xff\xbf" },
	{ "a NUL", "AAAA", 3, "\0\0\0" },
	{ "seven bytes fit", "Zm9vYmFyeA==", 7, "foobarx" },
	{ "eight do not", "Zm9vYmFyeHk=", -1, "" },
	{ "not a multiple of four", "Zm9", -1, "" },
	{ "a blank", "Zm 9", -1, "" },
	{ "padding within", "Zg==Zg==", -1, "" },
	{ "too much padding", "Z===", -1, "" },
	{ "bits left over", "Zh==", -1, "" },
	{ "beyond ASCII", "Zm9\xff", -1, "" },
};

START_TEST(base64)
{
	const struct base64_row *row = &base64_rows[_i];
	uint8_t out[7];

	ck_assert_msg(base64_decode(out, sizeof(out), row->text) == row->len, "%s", row->spoken);
	if (row->len > 0)
		ck_assert_msg(memcmp(out, row->bytes, (size_t)row->len) == 0, "%s", row->spoken);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base64");
	TCase *t = tcase_create("base64");

	tcase_add_loop_test(t, base64, 0, ROWS(base64_rows));
	suite_add_tcase(suite, t);
	return suite_run(suite);
}
