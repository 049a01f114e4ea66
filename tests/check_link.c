/* SPDX-License-Identifier: ISC */
/*
 * The measure of a link, on links that are made up here: a rate, a way there and back, some
 * jitter. What is on its way stays bounded in time, and a fast link is soon found to be one.
 */
#include <stdlib.h>

#include "terminal/link.h"
#include "tests/suite.h"

enum { MS = 1000, SECOND = 1000000, STEP = 1 * MS };

/* A queue that is emptied at a rate, and answers to marks that come back after the trip. */
struct wire {
	struct link link;
	double rate, queued;
	int64_t now, trip, jitter;
	int64_t answers[64];
	double behind[64];           /* bytes that have to go before the mark has gone */
	unsigned count, seed;
	double worst;                /* longest queue so far, in seconds */
	uint64_t carried;
};

static void wire_start(struct wire *w, double rate, int64_t trip, int64_t jitter)
{
	*w = (struct wire){ .rate = rate, .trip = trip, .jitter = jitter, .now = SECOND };
	link_init(&w->link);
}

static void hand_on(struct wire *w, uint64_t count)
{
	link_sent(&w->link, count, w->now);
	w->queued += (double)count;
	w->carried += count;
	if (w->queued / w->rate > w->worst)
		w->worst = w->queued / w->rate;
}

static void step(struct wire *w)
{
	unsigned gone = 0;

	w->now += STEP;
	w->queued -= w->rate * STEP / SECOND;
	if (w->queued < 0)
		w->queued = 0;
	for (unsigned i = 0; i < w->count; i++) {
		w->behind[i] -= w->rate * STEP / SECOND;
		if (w->behind[i] <= 0 && w->answers[i] == 0) {
			w->seed = w->seed * 1103515245 + 12345;
			w->answers[i] = w->now + w->trip +
					(w->jitter ? (int64_t)(w->seed >> 8) % w->jitter : 0);
		}
	}
	while (gone < w->count && w->answers[gone] && w->answers[gone] <= w->now)
		gone++;
	for (unsigned i = 0; i < gone; i++)
		link_answer(&w->link, w->now);
	for (unsigned i = gone; i < w->count; i++) {
		w->answers[i - gone] = w->answers[i];
		w->behind[i - gone] = w->behind[i];
	}
	w->count -= gone;
	/* One at a time, as SSH has it. */
	if (w->count == 0 && link_wants_mark(&w->link, w->now)) {
		link_mark(&w->link, w->now);
		w->behind[w->count] = w->queued;
		w->answers[w->count++] = 0;
	}
}

static void run(struct wire *w, int ms, bool is_flooding)
{
	for (int i = 0; i < ms; i++) {
		uint64_t room = link_room(&w->link, w->now);

		if (is_flooding && room)
			hand_on(w, room > 32768 ? 32768 : room);
		step(w);
	}
}

static const struct {
	const char *name;
	double rate;
	int64_t trip, jitter;
	double worst;                /* seconds that may be on their way */
	double use;                  /* of the link, after two seconds */
} links[] = {
	{ "1,200 bytes/s", 1200, 200 * MS, 0, 1.0, 0.5 },
	{ "7,000 bytes/s", 7000, 200 * MS, 0, 0.9, 0.6 },
	{ "7,000 bytes/s with jitter", 7000, 200 * MS, 40 * MS, 1.0, 0.6 },
	{ "7,000 bytes/s by satellite", 7000, 600 * MS, 0, 1.4, 0.4 },
	{ "1 Mbit/s", 125000, 40 * MS, 0, 0.9, 0.7 },
	{ "50 Mbit/s far away", 6e6, 150 * MS, 5 * MS, 1.0, 0.5 },
	{ "the same house", 1e8, 1 * MS, 0, 0.6, 0.2 },
};

START_TEST(bounds)
{
	struct wire w;
	uint64_t before;

	wire_start(&w, links[_i].rate, links[_i].trip, links[_i].jitter);
	run(&w, 500, false);
	run(&w, 2000, true);
	before = w.carried;
	run(&w, 5000, true);
	ck_assert_msg(w.worst <= links[_i].worst, "%s: %.2f s on its way", links[_i].name, w.worst);
	ck_assert_msg((double)(w.carried - before) >= links[_i].use * links[_i].rate * 5,
		      "%s: %.0f bytes/s", links[_i].name, (double)(w.carried - before) / 5);
}
END_TEST

START_TEST(knows_the_rate)
{
	struct wire w;

	wire_start(&w, links[_i].rate, links[_i].trip, links[_i].jitter);
	run(&w, 500, false);
	run(&w, 4000, true);
	ck_assert_msg((double)link_rate(&w.link, w.now) <= 1.5 * links[_i].rate, "%s: %lu", links[_i].name,
		      (unsigned long)link_rate(&w.link, w.now));
}
END_TEST

/* A person who types, and now and then some lines: nobody would call that slow. */
START_TEST(quiet_link_is_fast)
{
	struct wire w;

	wire_start(&w, 1e7, 30 * MS, 60 * MS);
	for (int i = 0; i < 300; i++) {
		hand_on(&w, i % 10 ? 1 : 400);
		run(&w, 100, false);
	}
	ck_assert_int_lt(link_time(&w.link, 8000, w.now), 500 * MS);
	ck_assert_uint_ge(link_room(&w.link, w.now) + link_flight(&w.link), LINK_FIRST);
}
END_TEST

START_TEST(a_link_that_stops)
{
	struct wire w;

	wire_start(&w, 1e7, 10 * MS, 0);
	run(&w, 500, false);
	run(&w, 1000, true);
	ck_assert_uint_gt(link_rate(&w.link, w.now), 3000000);
	w.rate = 1000;
	run(&w, 3000, true);
	ck_assert_uint_lt(link_rate(&w.link, w.now), 3000000);
	ck_assert_uint_eq(link_room(&w.link, w.now), 0);
}
END_TEST

/* Somebody stopped the client for a while. */
START_TEST(a_link_that_goes_on)
{
	struct wire w;

	wire_start(&w, 1e7, 10 * MS, 0);
	run(&w, 500, false);
	run(&w, 1000, true);
	w.rate = 1;
	run(&w, 5000, true);
	ck_assert(link_is_stopped(&w.link, w.now));
	w.queued = 0;
	for (unsigned i = 0; i < w.count; i++)
		w.behind[i] = 0;
	w.rate = 1e7;
	for (int i = 0; i < 5; i++) {
		hand_on(&w, 200);
		run(&w, 1100, false);
	}
	run(&w, 300, true);
	ck_assert_uint_gt(link_rate(&w.link, w.now), 1000000);
	ck_assert(!link_is_stopped(&w.link, w.now));
}
END_TEST

/* Slow is not stopped. */
START_TEST(goes_on_all_the_time)
{
	struct wire w;

	wire_start(&w, links[_i].rate, links[_i].trip, links[_i].jitter);
	for (int i = 0; i < 20000; i++) {
		run(&w, 1, i > 500);
		ck_assert_msg(!link_is_stopped(&w.link, w.now), "%s: after %d ms", links[_i].name, i);
	}
}
END_TEST

/* A page says how many bytes it has; marks are the frames it was sent. */
START_TEST(acknowledged_bytes)
{
	struct link l;

	link_init(&l);
	link_mark(&l, 0);
	link_arrived(&l, 0, 100 * MS);
	ck_assert_int_eq(l.trip, 100 * MS);
	link_sent(&l, 1000, 200 * MS);
	link_mark(&l, 200 * MS);
	link_sent(&l, 1000, 200 * MS);
	link_mark(&l, 200 * MS);
	link_arrived(&l, 1000, 400 * MS);
	ck_assert_uint_eq(link_flight(&l), 1000);
	link_arrived(&l, 99999, 500 * MS);
	ck_assert_uint_eq(link_flight(&l), 0);
	ck_assert_uint_gt(link_rate(&l, 500 * MS), 8000);
	ck_assert_uint_lt(link_rate(&l, 500 * MS), 12000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("link");
	TCase *tc = tcase_create("link");

	tcase_add_loop_test(tc, bounds, 0, sizeof(links) / sizeof(links[0]));
	tcase_add_loop_test(tc, knows_the_rate, 0, sizeof(links) / sizeof(links[0]));
	tcase_add_test(tc, quiet_link_is_fast);
	tcase_add_test(tc, a_link_that_stops);
	tcase_add_test(tc, a_link_that_goes_on);
	tcase_add_loop_test(tc, goes_on_all_the_time, 0, sizeof(links) / sizeof(links[0]));
	tcase_add_test(tc, acknowledged_bytes);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
