/* SPDX-License-Identifier: ISC */
/* JSON that any reader takes, whatever the names are. */
#include <stdlib.h>
#include <string.h>

#include "ipc/json.h"
#include "tests/suite.h"

static const struct { const char *what, *in, *out; } rows[] = {
	{ "plain", "web1", "\"web1\"" },
	{ "empty", "", "\"\"" },
	{ "quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "controls", "\t\n\033\x7f", "\"\\u0009\\u000a\\u001b\\u007f\"" },
	{ "C1", "\xc2\x9b", "\"\\u009b\"" },
	{ "bidi", "\xe2\x80\xae", "\"\\u202e\"" },
	{ "umlaut", "\xc3\xa4", "\"\xc3\xa4\"" },
	{ "beyond the BMP", "\xf0\x9f\x90\xa7", "\"\xf0\x9f\x90\xa7\"" },
	{ "broken", "a\xff\xc3", "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "overlong", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
};

START_TEST(strings)
{
	struct buf out;
	struct json j;

	buf_init(&out, 4096);
	json_init(&j, &out);
	json_string(&j, NULL, rows[_i].in);
	buf_append(&out, "", 1);
	ck_assert_msg(strcmp((char *)out.data, rows[_i].out) == 0, "%s: %s", rows[_i].what,
		      (char *)out.data);
	buf_free(&out);
}
END_TEST

START_TEST(brackets_and_commas)
{
	struct buf out;
	struct json j;

	buf_init(&out, 4096);
	json_init(&j, &out);
	json_open(&j, NULL, '{');
	json_number(&j, "a", 7);
	json_bool(&j, "b\"", true);
	json_open(&j, "c", '[');
	json_close(&j, ']');
	json_words(&j, "d", " one  two ");
	json_open(&j, "e", '[');
	json_line(&j);
	json_string(&j, NULL, "x");
	json_line(&j);
	json_string(&j, NULL, "y");
	json_close(&j, ']');
	json_close(&j, '}');
	buf_append(&out, "", 1);
	ck_assert_str_eq((char *)out.data, "{\"a\":7,\"b\\\"\":true,\"c\":[],\"d\":[\"one\","
					   "\"two\"],\"e\":[\n\"x\",\n\"y\"]}");
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("json");

	tcase_add_loop_test(t, strings, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, brackets_and_commas);
	suite_add_tcase(s, t);
	return suite_run(s);
}
