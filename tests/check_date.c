/* SPDX-License-Identifier: ISC */
/* Moments as they are written: RFC 3339, in UTC. */
#include <stdlib.h>

#include "ipc/date.h"
#include "tests/suite.h"

static const struct { uint64_t ms; const char *seconds, *whole; } rows[] = {
	{ 0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z" },
	{ 1764000000007, "2025-11-24T16:00:00Z", "2025-11-24T16:00:00.007Z" },
	{ 253402300800000, "10000-01-01T00:00:00Z", "10000-01-01T00:00:00.000Z" },
	{ UINT64_MAX, "584556019-04-03T14:25:51Z", "584556019-04-03T14:25:51.615Z" },
};

START_TEST(dates)
{
	char out[DATE_SIZE];

	date_write(out, rows[_i].ms / 1000);
	ck_assert_str_eq(out, rows[_i].seconds);
	date_write_ms(out, rows[_i].ms);
	ck_assert_str_eq(out, rows[_i].whole);
}
END_TEST

START_TEST(more_than_a_date_can_show)
{
	char out[DATE_SIZE] = "x";

	date_write(out, INT64_MAX);
	ck_assert_str_eq(out, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("date");
	TCase *t = tcase_create("dates");

	tcase_add_loop_test(t, dates, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, more_than_a_date_can_show);
	suite_add_tcase(s, t);
	return suite_run(s);
}
