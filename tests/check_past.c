/* SPDX-License-Identifier: ISC */
/* The lines before and after what was printed before, and how sizes are written. */
#include <stdlib.h>
#include <string.h>

#include "ipc/message.h"
#include "terminal/past.h"
#include "tests/suite.h"

#define LIVE "live from here on\n"
#define ANEW "the gate was started anew since: what came before that is lost\n"

static const struct {
	const char *what;
	struct past past;
	const char *begin, *end;
} rows[] = {
	{"some", {POSITION_LEFT, 7, 10, 20, 0, false, NULL}, "10 bytes since you left, from 7.10 on:\n", LIVE},
	{"one", {POSITION_LEFT, 7, 10, 11, 0, false, NULL}, "1 byte since you left, from 7.10 on:\n", LIVE},
	{"nothing", {POSITION_LEFT, 7, 10, 10, 0, false, NULL}, "", ""},
	{"nothing, asked", {POSITION_LEFT, 7, 10, 10, 0, true, NULL}, "nothing came since you left\n", ""},
	{"all lost", {POSITION_LEFT, 7, 10, 10, 5, false, NULL},
	 "5 bytes since you left, 5 bytes of them not kept any more\n", ""},
	{"some lost", {POSITION_TIME, 7, 4096, 8192, 2048, false, NULL},
	 "6 KiB since then, 2 KiB of them not kept any more, from 7.4096 on:\n", LIVE},
	{"who knows", {POSITION_OFFSET, 7, 0, 9, UINT64_MAX, false, NULL},
	 ANEW "9 bytes since there, from 7.0 on:\n", LIVE},
	{"who knows, and nothing", {POSITION_LEFT, 7, 0, 0, UINT64_MAX, false, NULL}, ANEW, ""},
	{"some on disk", {POSITION_TIME, 7, 4096, 8192, 2048, false, "web1"},
	 "6 KiB since then, 2 KiB of them not here: 'log web1 --from 7.2048' has them; this is from "
	 "7.4096 on:\n", LIVE},
	{"all on disk", {POSITION_LEFT, 7, 10, 10, 5, false, "web1"},
	 "5 bytes since you left, 5 bytes of them not here: 'log web1 --from 7.5' has them\n", ""},
	{"a log, and nothing missed", {POSITION_LEFT, 7, 10, 20, 0, false, "web1"},
	 "10 bytes since you left, from 7.10 on:\n", LIVE},
	{"who knows, on disk", {POSITION_OFFSET, 7, 0, 9, UINT64_MAX, false, "web1"},
	 "the gate was started anew since: 'log web1' has what came before that\n"
	 "9 bytes since there, from 7.0 on:\n", LIVE},
	{"a boot", {POSITION_BOOT, 7, 1, 2, 0, true, NULL}, "1 byte since that boot, from 7.1 on:\n", LIVE},
	{"no boot", {POSITION_BOOT, 7, 2, 2, 0, true, NULL}, "nothing of that boot is kept\n", ""},
	{"from now on", {POSITION_NOW, 7, 2, 2, 0, true, NULL}, "", ""},
	{"of no kind", {200, 7, 2, 5, 0, true, NULL}, "", ""},
};

START_TEST(lines)
{
	struct buf out;

	buf_init(&out, 4096);
	past_begin(&out, &rows[_i].past);
	buf_append(&out, "", 1);
	ck_assert_msg(strcmp((char *)out.data, rows[_i].begin) == 0, "%s: %s", rows[_i].what, out.data);
	buf_clear(&out);
	past_end(&out, &rows[_i].past);
	buf_append(&out, "", 1);
	ck_assert_msg(strcmp((char *)out.data, rows[_i].end) == 0, "%s: %s", rows[_i].what, out.data);
	buf_free(&out);
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{0, "0 bytes"}, {1, "1 byte"}, {2047, "2047 bytes"}, {2048, "2 KiB"}, {12288, "12 KiB"},
	{1048575, "1024 KiB"}, {1048576, "1.0 MiB"}, {1572864, "1.5 MiB"}, {UINT64_MAX, "17592186044415.9 MiB"},
};

START_TEST(sizes_of_all_kinds)
{
	char text[PAST_SIZE_SIZE];

	past_size(text, sizes[_i].bytes);
	ck_assert_str_eq(text, sizes[_i].text);
}
END_TEST

START_TEST(a_boot)
{
	struct buf out;

	buf_init(&out, 4096);
	past_boot(&out, "web1", 1795305600);
	buf_append(&out, "", 1);
	ck_assert_str_eq((char *)out.data, "web1 started here, 2026-11-22T00:00:00Z\n");
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("past");
	TCase *t = tcase_create("past");

	tcase_add_loop_test(t, lines, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, sizes_of_all_kinds, 0, sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(t, a_boot);
	suite_add_tcase(s, t);
	return suite_run(s);
}
