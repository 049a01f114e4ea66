/* SPDX-License-Identifier: ISC */
/* Where an attachment begins: each kind of place, and who left where. */
#include <stdio.h>
#include <string.h>

#include "console/left.h"
#include "console/position.h"
#include "tests/suite.h"

enum { EPOCH = 7, SIZE = 65536, KEPT_FROM = 200000 - SIZE };

/*
 * 200,000 bytes in lines of ten, a thousand lines a second from 100 s on; boots at 50,000
 * (of which the first part is kept, until 150,000 where the next is) and at 150,000.
 */
static void fill(struct ring *r)
{
	ck_assert_int_eq(ring_init(r, SIZE, 4), 0);
	for (unsigned line = 0; line < 20000; line++) {
		char text[16];

		if (line == 5000 || line == 15000)
			ring_boot(r, r->head, 100 + line / 1000);
		snprintf(text, sizeof(text), "%08u\n", line);
		ring_write(r, text, 9, 100000 + line);
		ring_write(r, "\r", 1, 100000 + line);
	}
}

static const struct {
	const char *what;
	struct position asked;
	uint64_t left, offset, missed;
	enum position_kind kind;
} rows[] = {
	{ "the newest byte", { POSITION_NOW, 0, 0 }, 5, 200000, 0, POSITION_NOW },
	{ "an unknown kind is the newest byte", { 99, 0, 0 }, 5, 200000, 0, POSITION_NOW },
	{ "left a moment ago", { POSITION_DEFAULT, 0, 0 }, 199000, 199000, 0, POSITION_LEFT },
	{ "left just now", { POSITION_DEFAULT, 0, 0 }, 200000, 200000, 0, POSITION_LEFT },
	{ "left within the first part of a boot", { POSITION_DEFAULT, 0, 0 }, 60000, 60000, 0,
	  POSITION_LEFT },
	{ "left before all that is kept: a screenful, and how much is missed",
	  { POSITION_DEFAULT, 0, 0 }, 40000, 199769, 159769, POSITION_LINES },
	{ "never here: a screenful", { POSITION_DEFAULT, 0, 0 }, POSITION_NEVER, 199769, 0,
	  POSITION_LINES },
	{ "asked where they left, long ago", { POSITION_LEFT, 0, 0 }, 40000, 45904, 5904,
	  POSITION_LEFT },
	{ "asked where they left, never here", { POSITION_LEFT, 0, 0 }, POSITION_NEVER, 45904, 0,
	  POSITION_OLDEST },
	{ "one line", { POSITION_LINES, 0, 1 }, 5, 199999, 0, POSITION_LINES },
	{ "three lines", { POSITION_LINES, 0, 3 }, 5, 199979, 0, POSITION_LINES },
	{ "more lines than the buffer has", { POSITION_LINES, 0, 100000 }, 5, KEPT_FROM, 0,
	  POSITION_LINES },
	{ "an offset", { POSITION_OFFSET, EPOCH, 190005 }, 5, 190005, 0, POSITION_OFFSET },
	{ "an offset that is not kept", { POSITION_OFFSET, EPOCH, 100 }, 5, 45904, 45804,
	  POSITION_OFFSET },
	{ "an offset to come", { POSITION_OFFSET, EPOCH, 300000 }, 5, 200000, 0, POSITION_OFFSET },
	{ "an offset of another epoch", { POSITION_OFFSET, 6, 190005 }, 5, 45904, POSITION_UNKNOWN,
	  POSITION_OLDEST },
	{ "this boot", { POSITION_BOOT, 0, 0 }, 5, 150000, 0, POSITION_BOOT },
	{ "the boot before", { POSITION_BOOT, 0, 1 }, 5, 50000, 0, POSITION_BOOT },
	{ "a boot nobody knows of", { POSITION_BOOT, 0, 2 }, 5, 45904, 0, POSITION_OLDEST },
	{ "a second", { POSITION_TIME, 0, 119 }, 5, 190000, 0, POSITION_TIME },
	{ "a time long ago", { POSITION_TIME, 0, 1 }, 5, 45904, 45904, POSITION_TIME },
	{ "a time to come", { POSITION_TIME, 0, 121 }, 5, 200000, 0, POSITION_TIME },
	{ "a time beyond all times", { POSITION_TIME, 0, UINT64_MAX }, 5, 200000, 0, POSITION_TIME },
	{ "the oldest byte", { POSITION_OLDEST, 0, 0 }, 5, 45904, 0, POSITION_OLDEST },
};

START_TEST(a_place_is_found)
{
	struct ring r;
	struct place p;

	fill(&r);
	p = position_find(&r, EPOCH, &rows[_i].asked, rows[_i].left);
	ck_assert_msg(p.offset == rows[_i].offset && p.missed == rows[_i].missed &&
		      p.kind == rows[_i].kind, "%s: %llu, %llu missed, kind %d", rows[_i].what,
		      (unsigned long long)p.offset, (unsigned long long)p.missed, p.kind);
	ring_free(&r);
}
END_TEST

START_TEST(nothing_printed_is_a_place_too)
{
	struct ring r;

	ck_assert_int_eq(ring_init(&r, SIZE, 4), 0);
	for (unsigned kind = 0; kind < POSITION_KIND_COUNT; kind++) {
		struct position asked = { (uint8_t)kind, EPOCH, 3 };

		ck_assert_uint_eq(position_find(&r, EPOCH, &asked, POSITION_NEVER).offset, 0);
		ck_assert_uint_eq(position_find(&r, EPOCH, &asked, 0).missed, 0);
	}
	ring_free(&r);
}
END_TEST

START_TEST(who_left_the_longest_ago_is_forgotten)
{
	struct left l = { .count = 0 };
	char name[16];
	uint64_t offset;

	ck_assert(!left_find(&l, "alice", &offset));
	left_note(&l, "alice", 10);
	left_note(&l, "bob", 20);
	left_note(&l, "alice", 5);
	ck_assert(left_find(&l, "alice", &offset) && offset == 10);
	for (int i = 0; i < LEFT_MAX - 1; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		left_note(&l, name, 100);
	}
	ck_assert(!left_find(&l, "bob", &offset));
	ck_assert(left_find(&l, "alice", &offset) && offset == 10);
	ck_assert_uint_eq(l.count, LEFT_MAX);
	left_free(&l);
	ck_assert(!left_find(&l, "alice", &offset));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("position");
	TCase *tcase = tcase_create("position");

	tcase_add_loop_test(tcase, a_place_is_found, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, nothing_printed_is_a_place_too);
	tcase_add_test(tcase, who_left_the_longest_ago_is_forgotten);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
