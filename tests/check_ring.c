/* SPDX-License-Identifier: ISC */
/*
 * The ring and its boots against a naive model that says of each offset whether it has to
 * be kept: random writes and boots, readers that are overtaken, gaps that sum up exactly.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "console/ring.h"
#include "tests/suite.h"

enum { PIECE = 1 << 20, STEPS = 4000, MODEL_BOOTS = STEPS };

/* The model: where boots were, and how much had been written when they came. */
static struct { uint64_t start, end; } parts[MODEL_BOOTS];
static unsigned nparts;

static uint8_t byte_at(uint64_t offset)
{
	return (uint8_t)(offset * 2654435761u >> 13);
}

static void write_some(struct ring *r, size_t len, uint64_t now)
{
	static uint8_t piece[PIECE];

	for (size_t i = 0; i < len; i++)
		piece[i] = byte_at(r->head + i);
	ring_write(r, piece, len, now);
}

static void boot(struct ring *r, uint64_t time)
{
	uint64_t tail = ring_tail(r);
	uint64_t start = r->head > RING_BEFORE ? r->head - RING_BEFORE : 0;

	if (start < tail)
		start = tail;
	if (nparts && start < parts[nparts - 1].start)
		start = parts[nparts - 1].start;
	if (nparts && parts[nparts - 1].end > start)
		parts[nparts - 1].end = start;
	parts[nparts].start = start;
	parts[nparts++].end = start + RING_PART;
	ring_boot(r, r->head, time);
}

static bool is_kept(const struct ring *r, uint64_t offset)
{
	if (offset >= ring_tail(r))
		return true;
	for (unsigned i = nparts > r->keep ? nparts - r->keep : 0; i < nparts; i++)
		if (offset >= parts[i].start && offset < parts[i].end)
			return true;
	return false;
}

/* Reads up to `most` bytes; every offset that is skipped must be one that is not kept. */
static void read_and_compare(struct ring *r, uint64_t *cursor, uint64_t *missed, size_t most)
{
	const uint8_t *data;
	uint64_t gap, before = *cursor;
	size_t n = ring_peek(r, cursor, &gap, &data), right = 0;

	ck_assert(*cursor == before + gap && *cursor + n <= r->head);
	*missed += gap;
	for (uint64_t skipped = before; skipped < *cursor; skipped += 1 + gap / 64)
		ck_assert_msg(!is_kept(r, skipped), "%llu was kept", (unsigned long long)skipped);
	if (gap)
		ck_assert(!is_kept(r, *cursor - 1));
	if (n > most)
		n = most;
	while (right < n && data[right] == byte_at(*cursor + right))
		right++;
	ck_assert_uint_eq(right, n);
	if (n)
		ck_assert(is_kept(r, *cursor) && is_kept(r, *cursor + n - 1));
	*cursor += n;
}

static const struct { const char *name; size_t size; unsigned keep; size_t writes; } cases[] = {
	{ "one byte", 1, 0, 3 },
	{ "seven bytes, boots", 7, 2, 20 },
	{ "small, no boots", 4096, 0, 9000 },
	{ "smaller than what is before a boot", 2048, 3, 9000 },
	{ "as large as a part", RING_PART, 4, 60000 },
	{ "larger than a part", 2 * RING_PART, 16, 60000 },
	{ "writes larger than the ring", 65536, 4, 200000 },
};

START_TEST(every_reader_sees_what_is_kept_or_is_told_what_it_missed)
{
	struct ring r;
	uint64_t cursors[3] = { 0 }, missed[3] = { 0 }, got[3] = { 0 };

	srand(1);
	nparts = 0;
	ck_assert_int_eq(ring_init(&r, cases[_i].size, cases[_i].keep), 0);
	for (unsigned step = 0; step < STEPS; step++) {
		int who = rand() % 6;

		if (who >= 3) {
			if (rand() % 40 == 0)
				boot(&r, step);
			write_some(&r, (size_t)rand() % cases[_i].writes, step * 10);
			ck_assert(r.head - ring_tail(&r) <= r.size);
			continue;
		}
		uint64_t before = cursors[who], gap = missed[who];

		/* One follows, one goes slowly, one begins anew each time. */
		if (who == 2 && rand() % 8 == 0)
			cursors[2] = missed[2] = got[2] = before = gap = 0;
		read_and_compare(&r, &cursors[who], &missed[who],
				 who == 0 ? PIECE : (size_t)rand() % 5000 + 1);
		got[who] += cursors[who] - before - (missed[who] - gap);
		ck_assert(got[who] + missed[who] == cursors[who]);
	}
	ring_free(&r);
}
END_TEST

START_TEST(memory_is_what_was_written)
{
	struct ring r;

	ck_assert_int_eq(ring_init(&r, 4 * RING_PART, 4), 0);
	ck_assert_uint_eq(ring_held(&r), 0);
	write_some(&r, 1000, 0);
	ck_assert_uint_lt(ring_held(&r), 2000);
	ring_boot(&r, r.head, 1);
	for (int i = 0; i < 5; i++)
		write_some(&r, RING_PART, 0);
	/* The buffer is full; of the boot's part only what fell out of it is held apart. */
	ck_assert_uint_lt(ring_held(&r), 5 * RING_PART + 2000);
	for (int i = 0; i < 50; i++)
		write_some(&r, RING_PART, 0);
	ck_assert_uint_lt(ring_held(&r), 5 * RING_PART + 2000);
	ck_assert_uint_gt(ring_held(&r), 5 * RING_PART - 1);
	ring_free(&r);
	ck_assert_uint_eq(ring_held(&r), 0);
}
END_TEST

START_TEST(boots_are_found_from_both_ends)
{
	struct ring r;

	ck_assert_int_eq(ring_init(&r, 65536, 2), 0);
	ck_assert_ptr_null(ring_boot_back(&r, 0));
	for (unsigned i = 0; i < RING_BOOTS + 10; i++) {
		ring_boot(&r, r.head, 100 + i);
		write_some(&r, 1000, i);
	}
	ck_assert_uint_eq(ring_boot_back(&r, 0)->time, 100 + RING_BOOTS + 9);
	ck_assert_uint_eq(ring_boot_back(&r, 1)->offset, (RING_BOOTS + 8) * 1000);
	ck_assert_ptr_null(ring_boot_back(&r, RING_BOOTS));
	ck_assert_uint_eq(ring_boot_from(&r, 0)->offset, 10000);
	ck_assert_uint_eq(ring_boot_from(&r, 20001)->offset, 21000);
	ck_assert_ptr_null(ring_boot_from(&r, r.head));
	ring_free(&r);
}
END_TEST

static const struct {
	const char *name, *text;
	uint64_t lines, most, at;
	uint64_t before;             /* so many ends of lines lie before the buffer */
} lines_cases[] = {
	{ "nothing printed", "", 3, 4096, 0, 4 },
	{ "no line asked for", "a\nb\n", 0, 4096, 4, 0 },
	{ "one whole line", "a\nbb\nccc\n", 1, 4096, 5, 0 },
	{ "a prompt is a line", "a\nbb\n$ ", 1, 4096, 5, 0 },
	{ "two lines", "a\nbb\n$ ", 2, 4096, 2, 0 },
	{ "more than there are", "a\nbb\n", 9, 4096, 0, 8 },
	{ "too long: from the next line", "aaaaaaaa\nbb\ncc\n", 9, 7, 9, 7 },
	{ "too long without lines: from a sequence", "aaaaaaaa\033[Hbbb", 9, 9, 8, 9 },
	{ "too long with neither", "aaaaaaaabbbb", 9, 5, 7, 9 },
};

START_TEST(lines_are_counted_from_the_end)
{
	struct ring r;

	ck_assert_int_eq(ring_init(&r, 65536, 0), 0);
	ring_write(&r, lines_cases[_i].text, strlen(lines_cases[_i].text), 0);
	ck_assert_msg(ring_lines(&r, lines_cases[_i].lines, lines_cases[_i].most) == lines_cases[_i].at,
		      "%s: %llu", lines_cases[_i].name,
		      (unsigned long long)ring_lines(&r, lines_cases[_i].lines, lines_cases[_i].most));
	ck_assert_msg(ring_lines_before(&r, lines_cases[_i].lines) == lines_cases[_i].before,
		      "%s: %llu before", lines_cases[_i].name,
		      (unsigned long long)ring_lines_before(&r, lines_cases[_i].lines));
	ring_free(&r);
}
END_TEST

START_TEST(times_of_bytes_are_known)
{
	struct marks m = { 0 };

	ck_assert_ptr_null(marks_find(&m, 0));
	marks_note(&m, 0, 5000, 0);
	marks_note(&m, 10, 5900, 0);
	marks_note(&m, 20, 6000, 0);
	marks_note(&m, 30, 6000, 0);
	marks_note(&m, 40, 9000, 0);
	ck_assert_uint_eq(m.count, 3);
	ck_assert_uint_eq(marks_find(&m, 19)->first, 5000);
	ck_assert_uint_eq(marks_find(&m, 30)->first, 6000);
	ck_assert_uint_eq(marks_end(&m, marks_find(&m, 0)), 20);
	ck_assert_uint_eq(marks_end(&m, marks_find(&m, 99)), UINT64_MAX);
	ck_assert_uint_eq(marks_since(&m, 0)->offset, 0);
	ck_assert_uint_eq(marks_since(&m, 5900)->offset, 0);
	ck_assert_uint_eq(marks_since(&m, 5901)->offset, 20);
	ck_assert_uint_eq(marks_since(&m, 9000)->offset, 40);
	ck_assert_ptr_null(marks_since(&m, 9001));
	marks_free(&m);
}
END_TEST

START_TEST(a_clock_that_is_set_back_goes_on)
{
	struct marks m = { 0 };

	marks_note(&m, 0, 1000, 0);
	marks_note(&m, 10, 90000, 0);
	marks_note(&m, 20, 95000, 0);
	marks_note(&m, 30, 5000, 0);
	marks_note(&m, 40, 7000, 0);
	ck_assert_uint_eq(marks_find(&m, 0)->last, 1000);
	ck_assert_uint_eq(marks_find(&m, 15)->first, 5000);
	ck_assert_uint_eq(marks_find(&m, 30)->last, 5000);
	ck_assert_uint_eq(marks_find(&m, 40)->first, 7000);
	ck_assert_uint_eq(marks_since(&m, 6000)->offset, 40);
	ck_assert_ptr_null(marks_since(&m, 7001));
	marks_free(&m);
}
END_TEST

START_TEST(too_many_times_become_fewer)
{
	struct marks m = { 0 };

	for (uint64_t i = 0; i < 100000; i++)
		marks_note(&m, i * 10, i * 2000, 0);
	ck_assert_uint_le(m.count, MARKS_MAX);
	ck_assert_uint_eq(m.at[0].offset, 0);
	for (size_t i = 1; i < m.count; i++)
		ck_assert(m.at[i].offset > m.at[i - 1].offset && m.at[i].first > m.at[i - 1].last);
	/* The newest are exact. */
	ck_assert_uint_eq(marks_since(&m, 99990 * 2000)->offset, 999900);
	marks_note(&m, 1000000, 200000000, 999990);
	for (uint64_t i = 0; i < MARKS_MAX; i++)
		marks_note(&m, 1000010 + i * 10, 200002000 + i * 2000, 999990);
	ck_assert_uint_ge(m.at[0].offset, 999990);
	marks_free(&m);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ring");
	TCase *tcase = tcase_create("ring");

	tcase_add_loop_test(tcase, every_reader_sees_what_is_kept_or_is_told_what_it_missed, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, memory_is_what_was_written);
	tcase_add_test(tcase, boots_are_found_from_both_ends);
	tcase_add_loop_test(tcase, lines_are_counted_from_the_end, 0,
			    sizeof(lines_cases) / sizeof(lines_cases[0]));
	tcase_add_test(tcase, times_of_bytes_are_known);
	tcase_add_test(tcase, a_clock_that_is_set_back_goes_on);
	tcase_add_test(tcase, too_many_times_become_fewer);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
