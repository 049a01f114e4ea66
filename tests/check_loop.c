/* SPDX-License-Identifier: ISC */
/* Timers in order, and owners that remove themselves or each other while they are called. */
#include <stdlib.h>
#include <unistd.h>

#include "ipc/buf.h"
#include "ipc/loop.h"
#include "tests/suite.h"

enum { TIMERS = 200 };

static struct loop_timer timers[TIMERS];
static uint64_t last;
static int fired;

static void due(void *owner)
{
	struct loop_timer *t = owner;

	ck_assert_msg(t->at >= last, "timers fire in order");
	last = t->at;
	fired++;
}

START_TEST(timers_fire_in_order_and_cleared_ones_never)
{
	int cleared = 0;

	srand(3);
	ck_assert_int_eq(loop_init(), 0);
	for (int i = 0; i < TIMERS; i++)
		ck_assert_int_eq(loop_timer_set(&timers[i], (uint64_t)rand() % 40, due, &timers[i]), 0);
	for (int i = 0; i < TIMERS; i += 3, cleared++)
		loop_timer_clear(&timers[i]);
	loop_timer_clear(&timers[0]);
	while (fired < TIMERS - cleared)
		ck_assert_int_eq(loop_turn(), 0);
	for (int i = 0; i < TIMERS; i++)
		ck_assert(!loop_timer_is_set(&timers[i]));
}
END_TEST

static struct loop_watch first, second;
static int calls;

static void kill_both(void *owner, unsigned events)
{
	(void)owner;
	(void)events;
	calls++;
	loop_remove(&first);
	loop_remove(&second);
}

START_TEST(a_watch_removed_in_the_same_turn_is_not_called)
{
	int a[2], b[2];

	ck_assert_int_eq(loop_init(), 0);
	ck_assert_int_eq(pipe(a), 0);
	ck_assert_int_eq(pipe(b), 0);
	ck_assert_int_eq(loop_add(&first, a[0], LOOP_READ, kill_both, NULL), 0);
	ck_assert_int_eq(loop_add(&second, b[0], LOOP_READ, kill_both, NULL), 0);
	ck_assert_int_eq(write(a[1], "x", 1) + write(b[1], "x", 1), 2);
	ck_assert_int_eq(loop_turn(), 0);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(a_buffer_keeps_to_its_bound)
{
	struct buf b;

	buf_init(&b, 300);
	ck_assert_int_eq(buf_printf(&b, "%0299d", 7), 0);
	ck_assert_int_eq(buf_append(&b, "ab", 2), -1);
	ck_assert(b.full && b.len == 299);
	ck_assert_int_eq(buf_append(&b, "a", 1), 0);
	buf_consume(&b, 299);
	ck_assert_uint_eq(b.len, 1);
	ck_assert_int_eq(b.data[0], 'a');
	buf_clear(&b);
	ck_assert(!b.full && !b.len);
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("loop");
	TCase *t = tcase_create("loop");

	tcase_add_test(t, timers_fire_in_order_and_cleared_ones_never);
	tcase_add_test(t, a_watch_removed_in_the_same_turn_is_not_called);
	tcase_add_test(t, a_buffer_keeps_to_its_bound);
	suite_add_tcase(s, t);
	return suite_run(s);
}
