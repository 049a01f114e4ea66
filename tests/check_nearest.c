/* SPDX-License-Identifier: ISC */
/* What was meant by a mistyped word, out of the words of a configuration. */
#include <string.h>

#include "ipc/nearest.h"
#include "tests/suite.h"

static const char *const words[] = { "gate", "ssh", "auth", "console" };

#define TEN "xxxxxxxxxx"

static const struct {
	const char *name, *typed, *meant;
} rows[] = {
	{ "the same", "console", "console" },
	{ "one letter less", "consol", "console" },
	{ "one letter more", "sshd", "ssh" },
	{ "two letters swapped", "gaet", "gate" },
	{ "one letter else", "ath", "auth" },
	{ "two letters of three", "sxx", NULL },
	{ "longer words bear more", "consoels", "console" },
	{ "something else", "web", NULL },
	{ "nothing", "", NULL },
	{ "a very long one", TEN TEN TEN TEN TEN TEN TEN, NULL },
};

START_TEST(what_is_meant)
{
	const char *meant = NULL;
	unsigned best = NEAREST_NONE;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (nearest_is(rows[_i].typed, words[i], &best))
			meant = words[i];
	ck_assert_msg(rows[_i].meant ? meant && strcmp(meant, rows[_i].meant) == 0 : !meant,
		      "%s: got %s", rows[_i].name, meant ? meant : "nothing");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("nearest");
	TCase *t = tcase_create("nearest");

	tcase_add_loop_test(t, what_is_meant, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
