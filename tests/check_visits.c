/* SPDX-License-Identifier: ISC */
/* Visits for the channels of one connection: who waits longest gets the next one. */
#include <unistd.h>

#include "sshd/visits.h"
#include "tests/suite.h"

enum { NOW = 1000 };

static struct wire door, ours;      /* the door's end, and the connection's */
static struct visits visits;
static const char a, b, c;

static void open_door(void)
{
	int ends[2];

	ck_assert_int_eq(wire_pair(ends), 0);
	wire_init(&door, ends[0]);
	wire_init(&ours, ends[1]);
	visits_init(&visits, &ours);
}

static void close_door(void)
{
	wire_close(&door);
	wire_close(&ours);
}

static bool is_asked(void)
{
	struct message m;

	return wire_receive(&door, &m) == 1 && m.type == MSG_ASK_VISIT;
}

/* What was asked for, once, comes. */
static void give(void)
{
	int ends[2];

	ck_assert(is_asked());
	ck_assert(!is_asked());
	ck_assert_int_eq(wire_pair(ends), 0);
	ck_assert_int_eq(wire_send_fds(&door, MSG_VISIT, NULL, &ends[1], 1), 0);
	close(ends[0]);
	visits_read_door(&visits, NOW);
}

static bool takes(const char *who)
{
	int fd = visits_take(&visits, who, NOW);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

START_TEST(one_that_is_there)
{
	visits_ask(&visits, NOW);
	give();
	ck_assert(!visits_is_ready(&visits, &a));
	ck_assert(takes(&a));
	/* Nobody waits: none is asked for. */
	ck_assert(!is_asked());
}
END_TEST

START_TEST(in_the_order_they_came)
{
	ck_assert(!takes(&c) && !takes(&a) && !takes(&b));
	give();
	ck_assert(!takes(&a) && !takes(&b));
	ck_assert(visits_is_ready(&visits, &c) && takes(&c));
	/* The next one was asked for as that was taken. And who comes again comes last. */
	give();
	ck_assert(!takes(&c));
	ck_assert(takes(&a));
	give();
	ck_assert(!takes(&c));
	ck_assert(takes(&b));
	give();
	ck_assert(takes(&c));
}
END_TEST

START_TEST(who_leaves_holds_nobody_up)
{
	ck_assert(!takes(&a) && !takes(&b) && !takes(&c));
	visits_leave(&visits, &b);
	visits_leave(&visits, &a);
	visits_leave(&visits, &a);
	give();
	ck_assert(takes(&c));
}
END_TEST

START_TEST(refused_and_asked_again)
{
	struct msg_visit_refused refused = { "not now" };

	ck_assert(!takes(&a));
	ck_assert(is_asked());
	ck_assert_int_eq(wire_send(&door, MSG_VISIT_REFUSED, &refused), 0);
	visits_read_door(&visits, NOW);
	ck_assert_str_eq(visits.refusal, "not now");
	ck_assert(!takes(&a));
	ck_assert(!is_asked());
	ck_assert_int_eq(visits_take(&visits, &a, NOW + VISITS_RETRY_MS), -1);
	give();
	ck_assert(takes(&a));
	ck_assert_str_eq(visits.refusal, "");
}
END_TEST

START_TEST(the_door_closes)
{
	ck_assert(!takes(&a));
	wire_close(&door);
	visits_read_door(&visits, NOW);
	ck_assert(visits_are_over(&visits));
	ck_assert(!takes(&a));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		one_that_is_there, in_the_order_they_came, who_leaves_holds_nobody_up,
		refused_and_asked_again, the_door_closes,
	};
	Suite *s = suite_create("visits");
	TCase *t = tcase_create("visits");

	tcase_add_checked_fixture(t, open_door, close_door);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	return suite_run(s);
}
