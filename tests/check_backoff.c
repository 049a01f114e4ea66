/* SPDX-License-Identifier: ISC */
/* How the pauses between tries grow. */
#include <limits.h>

#include "ipc/backoff.h"
#include "tests/suite.h"

static const struct {
	const char *name;
	unsigned failures, first, most, pause;
} rows[] = {
	{ "the first failure", 0, 1000, 30000, 1000 },
	{ "the second", 1, 1000, 30000, 2000 },
	{ "the fifth", 4, 1000, 30000, 16000 },
	{ "the sixth is bounded", 5, 1000, 30000, 30000 },
	{ "and all that come", UINT_MAX, 1000, 30000, 30000 },
	{ "the bound is met exactly", 2, 250, 1000, 1000 },
	{ "a bound below the first", 0, 1000, 500, 500 },
};

START_TEST(pauses_double)
{
	ck_assert_msg(backoff_pause(rows[_i].failures, rows[_i].first, rows[_i].most) ==
		      rows[_i].pause, "%s", rows[_i].name);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("backoff");
	TCase *t = tcase_create("backoff");

	tcase_add_loop_test(t, pauses_double, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
