/* SPDX-License-Identifier: ISC */
/* UUIDs in text: what is one, and that it is written in lower case. */
#include <stddef.h>

#include "ipc/uuid.h"
#include "tests/suite.h"

#define WRITTEN "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

static const struct {
	const char *name, *text;
	int result;
} rows[] = {
	{ "lower case", WRITTEN, 0 },
	{ "upper case", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", 0 },
	{ "nothing", "", -1 },
	{ "a digit less", "6ba7b810-9dad-11d1-80b4-00c04fd430c", -1 },
	{ "a digit more", "6ba7b810-9dad-11d1-80b4-00c04fd430c88", -1 },
	{ "a dash elsewhere", "6ba7b8109dad-11d1-80b4-00c04fd430c8-", -1 },
	{ "no digit", "6ba7b810-9dad-11d1-80b4-00c04fd430cg", -1 },
};

START_TEST(uuids_are_read_and_written)
{
	uint8_t uuid[UUID_SIZE];
	char text[UUID_TEXT_SIZE];

	ck_assert_msg(uuid_parse(uuid, rows[_i].text) == rows[_i].result, "%s", rows[_i].name);
	if (rows[_i].result < 0)
		return;
	uuid_write(text, uuid);
	ck_assert_str_eq(text, WRITTEN);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("uuid");
	TCase *t = tcase_create("uuid");

	tcase_add_loop_test(t, uuids_are_read_and_written, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
