/* SPDX-License-Identifier: ISC */
/* The ring against a model that keeps everything: a million random steps. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "console/ring.h"

enum { MODEL = 1 << 20 };

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 2654435761u >> 13);
}

static void write_some(struct ring *r, size_t len)
{
	static uint8_t piece[MODEL];

	for (size_t i = 0; i < len; i++)
		piece[i] = byte_at(r->head + i);
	ring_write(r, piece, len);
}

static void read_and_compare(struct ring *r, uint64_t *cursor, uint64_t *missed, size_t most)
{
	const uint8_t *data;
	uint64_t gap, before = *cursor;
	size_t n = ring_peek(r, cursor, &gap, &data);

	ck_assert(*cursor == before + gap);
	ck_assert(*cursor >= ring_tail(r) && *cursor + n <= r->head);
	*missed += gap;
	if (n > most)
		n = most;
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(data[i], byte_at(*cursor + i));
	*cursor += n;
}

static const size_t sizes[] = { 1, 2, 7, 64, 1000, 4096 };

START_TEST(every_reader_sees_the_newest_bytes_or_is_told_what_it_missed)
{
	struct ring r;
	uint64_t cursors[3] = { 0 }, missed[3] = { 0 }, got[3] = { 0 };

	srand(1);
	ck_assert_int_eq(ring_init(&r, sizes[_i]), 0);
	for (int step = 0; step < 20000; step++) {
		int who = rand() % 4;

		if (who == 3) {
			write_some(&r, (size_t)rand() % (sizes[_i] * 3 + 1));
			ck_assert(r.head - ring_tail(&r) <= r.size);
			continue;
		}
		uint64_t before = cursors[who], gap = missed[who];

		read_and_compare(&r, &cursors[who], &missed[who], (size_t)rand() % 50 + 1);
		got[who] += cursors[who] - before - (missed[who] - gap);
	}
	for (int i = 0; i < 3; i++)
		ck_assert_msg(got[i] + missed[i] == cursors[i], "reader %d: bytes are unaccounted for", i);
	ring_free(&r);
}
END_TEST

START_TEST(a_cursor_from_the_future_comes_back_to_the_head)
{
	struct ring r;
	uint64_t cursor = 99, gap;
	const uint8_t *data;

	ck_assert_int_eq(ring_init(&r, 16), 0);
	write_some(&r, 5);
	ck_assert_uint_eq(ring_peek(&r, &cursor, &gap, &data), 0);
	ck_assert(cursor == 5 && gap == 0);
	ring_free(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ring");
	TCase *t = tcase_create("ring");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, every_reader_sees_the_newest_bytes_or_is_told_what_it_missed, 0,
			    sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(t, a_cursor_from_the_future_comes_back_to_the_head);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
