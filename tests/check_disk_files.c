/* SPDX-License-Identifier: ISC */
/* The logs' names and indices: what they are, and what stands in ones that were changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/disk_name.h"
#include "ipc/disk_index.h"
#include "tests/suite.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define UUID "00010203-0405-0607-0809-0a0b0c0d0eff"

static const uint8_t uuid[UUID_SIZE] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255 };

static const struct { const char *name, *alias, *host, *folder; } folders[] = {
	{ "plain", "serial0", "local", UUID "/serial0@local" },
	{ "a host that leads up", "serial0", "..", UUID "/serial0@%2E%2E" },
	{ "an alias that leads up", "../../etc", "h", UUID "/%2E%2E%2F%2E%2E%2Fetc@h" },
	{ "bytes that are none", "a\n\xff@", "h", UUID "/a%0A%FF%40@h" },
	{ "nothing", "", "", UUID "/@" },
};

START_TEST(test_folder)
{
	char out[DISK_FOLDER_SIZE];

	disk_name_folder(out, uuid, folders[_i].alias, folders[_i].host);
	ck_assert_msg(strcmp(out, folders[_i].folder) == 0, "%s: %s", folders[_i].name, out);
}
END_TEST

START_TEST(test_longest_folder)
{
	char out[DISK_FOLDER_SIZE], alias[ALIAS_MAX + 1] = "", host[HOST_MAX + 1] = "";

	memset(alias, '/', ALIAS_MAX);
	memset(host, 1, HOST_MAX);
	disk_name_folder(out, uuid, alias, host);
	ck_assert_uint_eq(strlen(out), DISK_FOLDER_SIZE - 1);
}
END_TEST

START_TEST(test_file)
{
	char file[DISK_FILE_SIZE], index[DISK_FILE_SIZE];

	disk_name_file(file, 42, 1795378530);
	ck_assert_str_eq(file, "0000000042-20261122T201530Z.log");
	ck_assert_uint_eq(disk_name_number(file), 42);
	disk_name_index(index, file);
	ck_assert_str_eq(index, "0000000042-20261122T201530Z.index");
	ck_assert_uint_eq(disk_name_number(index), 0);
}
END_TEST

START_TEST(test_names_of_others)
{
	static const char *const others[] = {
		"", ".", "..", "guest", "a.log", "0000000042.log", "000000004x-1.log",
		"0000000042-1.log.gz", "-000000042-1.log",
		"0000000042-11111111111111111111111111111111111111111111111111111111111111.log",
	};

	ck_assert_uint_eq(disk_name_number(others[_i]), 0);
}
END_TEST

/* Two pieces with a hole of 50 bytes, whose words take 40; a boot told late. */
static const char whole[] =
	"e 7 0 1000\n"
	"t 100000 0 1000\n"
	"t 105000 200 1200\n"
	"b 104 150 1150\n"
	"h 50 340 1350\n"
	"t 200000 340 1350\n"
	"b 200 400 1410\n";

static const struct { const char *name; uint64_t offset, position; } offsets[] = {
	{ "the first", 1000, 0 }, { "before the first", 5, 0 }, { "within", 1100, 100 },
	{ "the last before the hole", 1299, 299 }, { "the first after the hole", 1350, 340 },
	{ "the end", 2000, 990 },
};

START_TEST(test_find_offset)
{
	uint64_t got = disk_index_find_offset(whole, strlen(whole), offsets[_i].offset);

	ck_assert_msg(got == offsets[_i].position, "%s: %llu", offsets[_i].name,
		      (unsigned long long)got);
}
END_TEST

static const struct { const char *name; uint64_t position, offset; } positions[] = {
	{ "the first", 0, 1000 }, { "within", 100, 1100 }, { "behind a mark", 250, 1250 },
	{ "the last before the hole", 299, 1299 }, { "in the words about it", 330, 1300 },
	{ "the first after the hole", 340, 1350 }, { "the end", 990, 2000 },
};

START_TEST(test_offset_at)
{
	uint64_t got = disk_index_offset_at(whole, strlen(whole), positions[_i].position);

	ck_assert_msg(got == positions[_i].offset, "%s: %llu", positions[_i].name,
		      (unsigned long long)got);
}
END_TEST

static const struct { const char *name; uint64_t seconds, position; } times[] = {
	{ "the first second", 100, 0 }, { "long before", 0, 0 },
	{ "a second later: what follows a mark is up to a second younger", 101, 0 },
	{ "between", 103, 200 }, { "after the hole", 150, 340 }, { "after all", 202, UINT64_MAX },
};

START_TEST(test_find_time)
{
	uint64_t got = disk_index_find_time(whole, strlen(whole), times[_i].seconds);

	ck_assert_msg(got == times[_i].position, "%s: %llu", times[_i].name,
		      (unsigned long long)got);
}
END_TEST

START_TEST(test_boots)
{
	const size_t len = strlen(whole);

	ck_assert_uint_eq(disk_index_boots(whole, len, UINT64_MAX), 2);
	ck_assert_uint_eq(disk_index_boots(whole, len, 400), 1);
	ck_assert_uint_eq(disk_index_find_boot(whole, len, UINT64_MAX, 0), 400);
	ck_assert_uint_eq(disk_index_find_boot(whole, len, UINT64_MAX, 1), 150);
	ck_assert_uint_eq(disk_index_find_boot(whole, len, 400, 0), 150);
	ck_assert_uint_eq(disk_index_find_boot(whole, len, UINT64_MAX, 2), UINT64_MAX);
}
END_TEST

START_TEST(test_lines_are_read_as_written)
{
	const struct disk_index_line all[] = {
		{ DISK_INDEX_FILE, 1, 0, 3 }, { DISK_INDEX_TIME, UINT64_MAX, UINT64_MAX, UINT64_MAX },
		{ DISK_INDEX_BOOT, 0, 0, 0 }, { DISK_INDEX_HOLE, 9, 8, 7 },
	};
	char text[4 * DISK_INDEX_LINE_SIZE];
	struct disk_index_line l;
	size_t len = 0, at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		len += disk_index_write(text + len, &all[i]);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		ck_assert(disk_index_next(text, len, &at, &l));
		ck_assert(l.kind == all[i].kind && l.value == all[i].value);
		ck_assert(l.position == all[i].position && l.offset == all[i].offset);
	}
	ck_assert(!disk_index_next(text, len, &at, &l));
}
END_TEST

START_TEST(test_what_is_no_line_is_passed_over)
{
	static const char *const others[] = {
		"\n", "e\n", "e 1 2\n", "e 1 2 3 4\n", "x 1 2 3\n", "e  1 2 3\n", "e -1 2 3\n",
		"e 18446744073709551616 2 3\n", "e 1 2 3", " e 1 2 3\n", "e 1 2 3\r\n", "e 1 2 \n",
	};
	char text[256];
	struct disk_index_line l;
	size_t at = 0;

	ck_assert(!disk_index_next(others[_i], strlen(others[_i]), &at, &l));
	at = 0;
	snprintf(text, sizeof(text), "%s%st 1 2 3\n", others[_i],
		 others[_i][strlen(others[_i]) - 1] == '\n' ? "" : "\n");
	ck_assert(disk_index_next(text, strlen(text), &at, &l) && (l.kind == 't' || _i == 8));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("disk files");
	TCase *t = tcase_create("disk files");

	tcase_add_loop_test(t, test_folder, 0, ARRAY_SIZE(folders));
	tcase_add_test(t, test_longest_folder);
	tcase_add_test(t, test_file);
	tcase_add_loop_test(t, test_names_of_others, 0, 10);
	tcase_add_loop_test(t, test_find_offset, 0, ARRAY_SIZE(offsets));
	tcase_add_loop_test(t, test_offset_at, 0, ARRAY_SIZE(positions));
	tcase_add_loop_test(t, test_find_time, 0, ARRAY_SIZE(times));
	tcase_add_test(t, test_boots);
	tcase_add_test(t, test_lines_are_read_as_written);
	tcase_add_loop_test(t, test_what_is_no_line_is_passed_over, 0, 12);
	suite_add_tcase(s, t);
	return suite_run(s);
}
