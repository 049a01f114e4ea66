/* SPDX-License-Identifier: ISC */
/*
 * The way of bytes to a terminal over links that keep up and links that do not: raw bytes
 * untouched, a painted screen that ends up as the guest's, and raw bytes again after it.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/view.h"
#include "tests/picture_same.h"
#include "tests/suite.h"

enum { ROWS = 24, COLS = 80, MS = 1000 };

struct stage {
	struct view view;
	struct link link;
	struct buf out;
	struct buf wire;             /* on its way */
	struct buf all, printed;     /* every byte that arrived, and that the guest printed */
	uint64_t mark;               /* bytes before the one that is under way */
	struct screen *guest, *visitor;
	double budget, rate;         /* of the bytes that arrive */
	int64_t now, trip;
	int64_t answer;              /* of the mark that has arrived; 0: none has */
	int64_t due;                 /* of the next turn, if there is no news */
	bool has_news, is_behind;
	size_t worst;                /* most bytes on their way */
	uint64_t skipped;
	bool was_slow;
};

static void start(struct stage *s, double rate, enum view_policy policy)
{
	*s = (struct stage){ .rate = rate, .now = 1000 * MS, .trip = 10 * MS, .due = -1 };
	link_init(&s->link);
	buf_init(&s->out, 262144);
	buf_init(&s->wire, 1 << 24);
	buf_init(&s->all, 1 << 24);
	buf_init(&s->printed, 1 << 24);
	s->guest = screen_new(ROWS, COLS);
	s->visitor = screen_new(ROWS, COLS);
	view_init(&s->view, &s->out, &s->link, policy, ROWS, COLS);
	s->view.is_known = true;
	link_mark(&s->link, s->now);
	s->now += 10 * MS;
	link_answer(&s->link, s->now);
}

static void end(struct stage *s)
{
	view_free(&s->view);
	buf_free(&s->out);
	buf_free(&s->wire);
	buf_free(&s->all);
	buf_free(&s->printed);
	screen_free(s->guest);
	screen_free(s->visitor);
}

static void print(struct stage *s, const void *data, size_t len)
{
	screen_feed(s->guest, data, len);
	buf_append(&s->printed, data, len);
	ck_assert_int_eq(buf_append(view_buffer(&s->view), data, len), 0);
	s->has_news = true;
}

static void arrive(struct stage *s)
{
	size_t n;

	s->budget += s->rate / 1000;
	if (s->budget > s->rate / 1000 + 1)
		s->budget = s->rate / 1000 + 1;
	n = s->wire.len < (size_t)s->budget ? s->wire.len : (size_t)s->budget;
	screen_feed(s->visitor, s->wire.data, n);
	buf_append(&s->all, s->wire.data, n);
	buf_consume(&s->wire, n);
	s->budget -= (double)n;
	if (s->link.count && s->all.len >= s->mark && !s->answer)
		s->answer = s->now + s->trip;
	if (s->answer && s->now >= s->answer) {
		link_answer(&s->link, s->now);
		s->answer = 0;
		s->has_news = true;
	}
	if (!s->link.count && link_wants_mark(&s->link, s->now)) {
		s->mark = s->link.sent;
		link_mark(&s->link, s->now);
	}
}

/* Nothing but what view_due() has promised, and what comes from outside, wakes the owner. */
static void turn_view(struct stage *s)
{
	if (!s->has_news && (s->due < 0 || s->now < s->due))
		return;
	s->has_news = false;
	s->due = -1;
	view_drained(&s->view, !s->is_behind, s->now);
	view_turn(&s->view, s->now);
	s->skipped += view_take_skipped(&s->view);
	view_turn(&s->view, s->now);
	s->was_slow |= s->view.is_slow;
}

/* One millisecond: the link takes what it has room for. */
static void turn(struct stage *s)
{
	uint64_t room;
	size_t n;

	s->now += MS;
	turn_view(s);
	room = link_room(&s->link, s->now);
	n = room < s->out.len ? (size_t)room : s->out.len;
	if (n) {
		view_sent(&s->view, s->out.data, n);
		buf_append(&s->wire, s->out.data, n);
		buf_consume(&s->out, n);
		link_sent(&s->link, n, s->now);
	}
	if (n || s->due < s->now) {
		s->due = view_due(&s->view, s->now);
		ck_assert_msg(s->due < 0 || s->due >= s->now + VIEW_NAP_US, "would spin");
	}
	s->worst = s->wire.len > s->worst ? s->wire.len : s->worst;
	arrive(s);
}

static void run(struct stage *s, int ms)
{
	while (ms--)
		turn(s);
}

static void flood(struct stage *s, int ms, unsigned lines)
{
	static unsigned number;

	while (ms--) {
		char line[80];

		for (unsigned i = 0; i < lines && !view_is_full(&s->view) && s->out.len < 32768; i++) {
			int n = snprintf(line, sizeof(line), "%08u \033[3%um%s\033[m\r\n", number,
					 number % 8, "some text that fills the line");

			number++;
			print(s, line, (size_t)n);
		}
		turn(s);
	}
}

static void check_same(struct stage *s, const char *name)
{
	const char *d = picture_difference(screen_picture(s->guest), screen_picture(s->visitor));

	ck_assert_msg(!d, "%s: %s", name, d);
}

START_TEST(raw_on_a_fast_link)
{
	struct stage s;

	start(&s, 1e7, VIEW_PAINT);
	flood(&s, 1000, 50);
	run(&s, 500);
	ck_assert(!s.was_slow);
	ck_assert_uint_eq(s.skipped, 0);
	ck_assert_uint_eq(s.all.len, s.printed.len);
	ck_assert_int_eq(memcmp(s.all.data, s.printed.data, s.all.len), 0);
	check_same(&s, "fast");
	end(&s);
}
END_TEST

START_TEST(painted_and_raw_again)
{
	static const char *const ends[] = {
		"$ ", "\033[?1049h\033[2J\033[5;5Hvi\033[2;10r", "\033[?2004h\033[1;31m$ ", "\033(0lqk",
		"half a sequence: \033[3", "half a letter: \xe6\xbc",
	};
	struct stage s;

	start(&s, 2000, VIEW_PAINT);
	print(&s, "login\r\n", 7);
	run(&s, 100);
	flood(&s, 3000, 20);
	ck_assert(s.view.is_slow);
	view_missed(&s.view, 1 << 30);
	print(&s, ends[_i], strlen(ends[_i]));
	run(&s, 4000);
	if (_i < 4) {
		ck_assert_msg(!s.view.is_slow, "%s: does not end", ends[_i]);
		ck_assert_uint_gt(s.skipped, (1 << 30) + 1000);
		check_same(&s, ends[_i]);
	}
	print(&s, "1mX\xa2Y", 5);
	run(&s, 1000);
	check_same(&s, "raw again");
	ck_assert(!s.view.is_slow);
	end(&s);
}
END_TEST

/* A person who sees all is told nothing. */
START_TEST(full_screen_programs_skip_nothing)
{
	struct stage s;

	start(&s, 2000, VIEW_PAINT);
	print(&s, "\033[?1049h", 8);
	for (int i = 0; i < 3000; i++) {
		char text[200];
		int n = snprintf(text, sizeof(text), "\033[%d;%dH%d\033[7m%d\033[m\033[1;1H%080d", 1 + i % 24, 1 + i % 50,
				 i, i, i);

		if (s.out.len < 32768)
			print(&s, text, (size_t)n);
		turn(&s);
	}
	run(&s, 4000);
	ck_assert(s.was_slow);
	ck_assert_uint_eq(s.skipped, 0);
	check_same(&s, "full screen");
	end(&s);
}
END_TEST

START_TEST(resized_while_painting)
{
	struct stage s;

	start(&s, 4000, VIEW_PAINT);
	flood(&s, 1500, 20);
	ck_assert(s.view.is_slow);
	screen_resize(s.guest, 10, 40);
	screen_resize(s.visitor, 10, 40);
	view_resize(&s.view, 10, 40);
	flood(&s, 500, 20);
	run(&s, 4000);
	check_same(&s, "resized");
	end(&s);
}
END_TEST

START_TEST(newest_bytes_when_skipping)
{
	struct stage s;

	start(&s, 4000, VIEW_SKIP);
	flood(&s, 3000, 20);
	print(&s, "the end\r\n", 9);
	run(&s, 5000);
	ck_assert_uint_gt(s.skipped, 100000);
	ck_assert_ptr_nonnull(memmem(s.all.data, s.all.len, "the end\r\n", 9));
	ck_assert_uint_lt(s.all.len, 8 * 4000);
	end(&s);
}
END_TEST

START_TEST(raw_if_so_wished)
{
	struct stage s;

	start(&s, 4000, VIEW_RAW);
	flood(&s, 3000, 20);
	run(&s, 20000);
	ck_assert(!s.was_slow);
	check_same(&s, "raw");
	end(&s);
}
END_TEST

/* Who is slow is painted for all the time, and what is on its way delays nobody for long. */
START_TEST(flight_is_bounded)
{
	static const double rates[] = { 1200, 7000, 20000 };
	double rate = rates[_i];
	struct stage s;
	int64_t until;

	start(&s, rate, VIEW_PAINT);
	s.trip = 200 * MS;
	s.link.trip = s.trip;
	flood(&s, 6000, 20);
	ck_assert(s.view.is_slow);
	s.worst = 0;
	until = s.now + 20000 * MS;
	while (s.now < until) {
		/* Lines that have nothing in common, so that there is always something to paint. */
		for (int i = 0; i < 4; i++) {
			char line[60];
			int n = snprintf(line, sizeof(line), "%d %d %d %d\r\n", rand(), rand(), rand(), rand());

			print(&s, line, (size_t)n);
		}
		turn(&s);
		ck_assert_msg(s.view.is_slow, "%.0f bytes/s: raw", rate);
		ck_assert_msg(!s.view.is_stopped, "%.0f bytes/s: stopped", rate);
	}
	ck_assert_msg((double)s.worst <= rate * 1.5, "%.0f bytes/s: %zu on their way", rate, s.worst);
	end(&s);
}
END_TEST

START_TEST(stopped_link_is_not_followed)
{
	static const double rates[] = { 1200, 7000, 200000 };
	struct stage s;
	uint64_t before;

	start(&s, rates[_i], VIEW_PAINT);
	flood(&s, 6000, 20);
	s.rate = s.budget = 0;
	flood(&s, 6000, 20);
	ck_assert(s.view.is_stopped && view_is_full(&s.view));
	before = s.printed.len;
	flood(&s, 3000, 20);
	ck_assert_uint_eq(s.printed.len, before);
	ck_assert_int_eq(view_due(&s.view, s.now), -1);
	s.rate = rates[_i];
	flood(&s, 2000, 20);
	ck_assert_uint_gt(s.printed.len, before);
	run(&s, 4000);
	ck_assert(!s.view.is_slow && !s.view.is_stopped);
	check_same(&s, "goes on");
	end(&s);
}
END_TEST

/* Much at once after a long silence is no reason to paint on a fast link. */
START_TEST(burst_after_a_silence)
{
	static uint8_t burst[65536];
	struct stage s;

	start(&s, 1e7, VIEW_PAINT);
	flood(&s, 1000, 50);
	run(&s, 200);
	s.now += 10000 * MS;
	memset(burst, 'x', sizeof(burst));
	print(&s, burst, sizeof(burst));
	s.is_behind = true;
	run(&s, 3);
	s.is_behind = false;
	run(&s, 500);
	ck_assert(!s.was_slow);
	end(&s);
}
END_TEST

static void print_lines(struct stage *s, int count)
{
	for (int i = 0; i < count; i++) {
		char line[80];
		int n = snprintf(line, sizeof(line), "%060d\r\n", i);

		print(s, line, (size_t)n);
	}
}

/* Who asks for lines of before gets them, and what comes after them is not late for that. */
START_TEST(asked_for_is_shown)
{
	struct stage s;

	start(&s, 1200, VIEW_PAINT);
	run(&s, 200);
	view_ask(&s.view, true);
	print_lines(&s, 100);
	view_ask(&s.view, false);
	print(&s, "$ ", 2);
	run(&s, 8000);
	ck_assert(!s.was_slow);
	ck_assert_int_eq(memcmp(s.all.data, s.printed.data, s.printed.len), 0);
	check_same(&s, "asked for");
	flood(&s, 3000, 20);
	ck_assert_msg(s.view.is_slow, "nothing that came later was asked for");
	end(&s);
}
END_TEST

START_TEST(asked_for_until_a_key)
{
	struct stage s;

	start(&s, 1200, VIEW_PAINT);
	run(&s, 200);
	view_ask(&s.view, true);
	print_lines(&s, 300);
	view_ask(&s.view, false);
	run(&s, 2000);
	ck_assert(!s.was_slow);
	view_hurry(&s.view);
	run(&s, 3000);
	ck_assert(s.was_slow && !s.view.is_slow);
	ck_assert_uint_gt(s.skipped, 10000);
	check_same(&s, "hurried");
	end(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("view");
	TCase *tc = tcase_create("view");

	setlocale(LC_CTYPE, "C.UTF-8");
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, raw_on_a_fast_link);
	tcase_add_loop_test(tc, painted_and_raw_again, 0, 6);
	tcase_add_test(tc, full_screen_programs_skip_nothing);
	tcase_add_test(tc, resized_while_painting);
	tcase_add_test(tc, newest_bytes_when_skipping);
	tcase_add_test(tc, raw_if_so_wished);
	tcase_add_loop_test(tc, flight_is_bounded, 0, 3);
	tcase_add_loop_test(tc, stopped_link_is_not_followed, 0, 3);
	tcase_add_test(tc, burst_after_a_silence);
	tcase_add_test(tc, asked_for_is_shown);
	tcase_add_test(tc, asked_for_until_a_key);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
