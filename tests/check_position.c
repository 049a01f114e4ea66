/* SPDX-License-Identifier: ISC */
/* Places in what a console printed, as people write them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "terminal/position.h"

enum { NOW = 1795305600 };           /* 2026-11-22T00:00:00Z */

static const struct {
	const char *text;
	struct position is;          /* NOW: it is none */
} rows[] = {
	{"left", {POSITION_LEFT, 0, 0}},
	{"boot", {POSITION_BOOT, 0, 0}},
	{"boot-2", {POSITION_BOOT, 0, 2}},
	{"7.1234", {POSITION_OFFSET, 7, 1234}},
	{"18446744073709551609.0", {POSITION_OFFSET, 18446744073709551609u, 0}},
	{"10m", {POSITION_TIME, 0, NOW - 600}},
	{"2h", {POSITION_TIME, 0, NOW - 7200}},
	{"1d", {POSITION_TIME, 0, NOW - 86400}},
	{"30s", {POSITION_TIME, 0, NOW - 30}},
	{"2026-11-22T00:00Z", {POSITION_TIME, 0, NOW}},
	{"2026-11-22T00:00:07Z", {POSITION_TIME, 0, NOW + 7}},
	{"2026-11-22T10:00", {POSITION_TIME, 0, NOW + 9 * 3600}},
	{"2026-11-22T10:00:01", {POSITION_TIME, 0, NOW + 9 * 3600 + 1}},
	{"", {0}}, {"l", {0}}, {"leftover", {0}}, {"boot-", {0}}, {"boot1", {0}}, {"boot--1", {0}},
	{"boot-1001", {0}}, {"7", {0}}, {"7.", {0}}, {".7", {0}}, {"7.8.9", {0}}, {"-1.2", {0}},
	{"99999999999999999999.1", {0}}, {"m", {0}}, {"10", {0}}, {"10w", {0}}, {"10mm", {0}},
	{"99999999999999999h", {0}}, {"2026-11-22", {0}}, {"2026-02-31T10:00", {0}},
	{"2026-13-01T10:00", {0}}, {"2026-11-22T24:00Z", {0}}, {"2026-11-22T10:60Z", {0}},
	{"2026-11-22T10:00+01", {0}}, {"2026-11-22 10:00", {0}}, {"1969-11-22T10:00Z", {0}},
	{"2026-11-22T10:00:00ZZ", {0}},
};

START_TEST(positions)
{
	struct position p;
	int r = position_parse(&p, rows[_i].text, NOW);

	ck_assert_msg(r == (rows[_i].is.kind ? 0 : -1), "%s: %d", rows[_i].text, r);
	if (r < 0)
		return;
	ck_assert_msg(p.kind == rows[_i].is.kind && p.epoch == rows[_i].is.epoch &&
			      p.value == rows[_i].is.value,
		      "%s: %d %llu %llu", rows[_i].text, p.kind, (unsigned long long)p.epoch,
		      (unsigned long long)p.value);
}
END_TEST

START_TEST(what_is_printed_is_taken)
{
	char text[POSITION_SIZE];
	struct position p;

	position_print(text, UINT64_MAX - 9, UINT64_MAX - 9);
	ck_assert_int_eq(position_parse(&p, text, NOW), 0);
	ck_assert_uint_eq(p.epoch, UINT64_MAX - 9);
	ck_assert_uint_eq(p.value, UINT64_MAX - 9);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("position");
	TCase *t = tcase_create("position");
	SRunner *sr = srunner_create(s);
	int failed;

	setenv("TZ", "XST-1", 1);            /* an hour east */
	tzset();
	tcase_add_loop_test(t, positions, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, what_is_printed_is_taken);
	suite_add_tcase(s, t);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
