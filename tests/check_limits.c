/* SPDX-License-Identifier: ISC */
/* gate/limits.c and what it counts with: penalties, the tally of refusals. */
#include <stdlib.h>
#include <string.h>

#include "gate/limits.h"
#include "ipc/message.h"
#include "gate/tally.h"
#include "tests/suite.h"

static struct limits limits;

static struct source source(unsigned n)
{
	struct source s = { { 0 } };

	memcpy(s.bytes, &n, sizeof(n));
	return s;
}

/* -- scripts: a table of steps for each rule -- */

enum act { END, ADMIT, PID, IN, FAIL, REMOVE, REMOVE_PID, LOST };

struct step {
	enum act act;
	unsigned id;                   /* of the connection; PID of REMOVE_PID */
	unsigned arg;                  /* ADMIT: the source; PID: the pid */
	unsigned at;                   /* s */
	enum limits_verdict expected;  /* of ADMIT */
};

/* At most 4 in all, 3 of one source, 2 before login; penalty 5 s, at most 20 s. */
static const struct limits_settings settings = { 4, 3, 2, 5000, 20000 };

#define OK LIMITS_ADMITTED

static const struct {
	const char *name;
	struct step steps[16];
} scripts[] = {
	{ "two wait for login, a third is refused", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK },
		{ ADMIT, 3, 3, 0, LIMITS_UNAUTHENTICATED } } },
	{ "who has logged in makes room", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK }, { IN, 1, 0, 0, OK },
		{ ADMIT, 3, 3, 0, OK }, { ADMIT, 4, 4, 0, LIMITS_UNAUTHENTICATED } } },
	{ "logged in twice counts once", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK }, { IN, 1, 0, 0, OK },
		{ IN, 1, 0, 0, OK }, { ADMIT, 3, 3, 0, OK },
		{ ADMIT, 4, 4, 0, LIMITS_UNAUTHENTICATED } } },
	{ "who has left makes room", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK }, { REMOVE, 2, 0, 0, OK },
		{ ADMIT, 3, 3, 0, OK } } },
	{ "an end told twice counts once", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK }, { REMOVE, 2, 0, 0, OK },
		{ REMOVE, 2, 0, 0, OK }, { ADMIT, 3, 3, 0, OK },
		{ ADMIT, 4, 4, 0, LIMITS_UNAUTHENTICATED } } },
	{ "three of one source, the fourth is refused, another one not", {
		{ ADMIT, 1, 1, 0, OK }, { IN, 1, 0, 0, OK }, { ADMIT, 2, 1, 0, OK },
		{ IN, 2, 0, 0, OK }, { ADMIT, 3, 1, 0, OK }, { IN, 3, 0, 0, OK },
		{ ADMIT, 4, 1, 0, LIMITS_SOURCE }, { ADMIT, 5, 2, 0, OK } } },
	{ "four in all", {
		{ ADMIT, 1, 1, 0, OK }, { IN, 1, 0, 0, OK }, { ADMIT, 2, 2, 0, OK },
		{ IN, 2, 0, 0, OK }, { ADMIT, 3, 3, 0, OK }, { IN, 3, 0, 0, OK },
		{ ADMIT, 4, 4, 0, OK }, { IN, 4, 0, 0, OK },
		{ ADMIT, 5, 5, 0, LIMITS_VISITORS } } },
	{ "three failures are free, a fourth is not", {
		{ ADMIT, 1, 1, 0, OK }, { FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK },
		{ FAIL, 1, 0, 0, OK }, { REMOVE, 1, 0, 0, OK }, { ADMIT, 2, 1, 0, OK },
		{ FAIL, 2, 0, 0, OK }, { ADMIT, 3, 1, 0, LIMITS_PENALTY },
		{ ADMIT, 4, 2, 0, OK } } },
	{ "a penalty wears off", {
		{ ADMIT, 1, 1, 0, OK }, { FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK },
		{ FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK }, { REMOVE, 1, 0, 0, OK },
		{ ADMIT, 2, 1, 4, LIMITS_PENALTY }, { ADMIT, 3, 1, 5, OK } } },
	{ "a penalty has a most", {
		{ ADMIT, 1, 1, 0, OK }, { FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK },
		{ FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK },
		{ FAIL, 1, 0, 0, OK }, { ADMIT, 2, 1, 4, LIMITS_PENALTY },
		{ ADMIT, 3, 1, 5, OK } } },
	{ "a failure that is told after the end counts", {
		{ ADMIT, 1, 1, 0, OK }, { REMOVE, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK },
		{ FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK }, { FAIL, 1, 0, 0, OK },
		{ ADMIT, 2, 1, 0, LIMITS_PENALTY } } },
	{ "a reaped process is a connection's end", {
		{ ADMIT, 1, 1, 0, OK }, { PID, 1, 77, 0, OK }, { ADMIT, 2, 2, 0, OK },
		{ REMOVE_PID, 77, 0, 0, OK }, { ADMIT, 3, 3, 0, OK } } },
	{ "a process nobody knows is none", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK }, { REMOVE_PID, 77, 0, 0, OK },
		{ ADMIT, 3, 3, 0, LIMITS_UNAUTHENTICATED } } },
	{ "without sshd only those with a process stay", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK }, { PID, 2, 77, 0, OK },
		{ LOST, ENDPOINT_SSH, 0, 0, OK }, { ADMIT, 3, 3, 0, OK },
		{ ADMIT, 4, 4, 0, LIMITS_UNAUTHENTICATED } } },
	{ "without ws all of sshd's stay", {
		{ ADMIT, 1, 1, 0, OK }, { ADMIT, 2, 2, 0, OK }, { LOST, ENDPOINT_WEB, 0, 0, OK },
		{ ADMIT, 3, 3, 0, LIMITS_UNAUTHENTICATED } } },
};

static bool has_pid(pid_t pid)
{
	return pid > 0;
}

static enum limits_verdict take_step(const struct step *step)
{
	struct source s = source(step->arg);
	uint64_t now = 1000000 + step->at * UINT64_C(1000);

	switch (step->act) {
	case ADMIT: return limits_admit(&limits, step->id, &s, ENDPOINT_SSH, now);
	case PID: limits_set_pid(&limits, step->id, (pid_t)step->arg); break;
	case IN: limits_logged_in(&limits, step->id); break;
	case FAIL: limits_login_failed(&limits, step->id, now); break;
	case REMOVE: limits_remove(&limits, step->id); break;
	case REMOVE_PID: limits_remove_pid(&limits, (pid_t)step->id); break;
	case LOST: limits_remove_lost(&limits, (uint8_t)step->id, has_pid); break;
	case END: break;
	}
	return OK;
}

START_TEST(test_script)
{
	ck_assert_int_eq(limits_configure(&limits, &settings), 0);
	for (int i = 0; scripts[_i].steps[i].act != END; i++) {
		enum limits_verdict v = take_step(&scripts[_i].steps[i]);

		ck_assert_msg(v == scripts[_i].steps[i].expected, "%s: step %d: %d",
			      scripts[_i].name, i + 1, (int)v);
	}
	limits_free(&limits);
}
END_TEST

START_TEST(test_nobody_before_the_configuration)
{
	struct source s = source(1);

	ck_assert_int_eq(limits_admit(&limits, 1, &s, ENDPOINT_SSH, 0), LIMITS_VISITORS);
}
END_TEST

START_TEST(test_fewer_are_allowed_later)
{
	struct limits_settings fewer = { 1, 3, 2, 0, 20000 };
	struct source s = source(1);

	limits_configure(&limits, &settings);
	ck_assert_int_eq(limits_admit(&limits, 1, &s, ENDPOINT_SSH, 0), OK);
	limits_logged_in(&limits, 1);
	ck_assert_int_eq(limits_admit(&limits, 2, &s, ENDPOINT_SSH, 0), OK);
	limits_configure(&limits, &fewer);
	ck_assert_uint_eq(limits.count, 2);
	ck_assert_int_eq(limits_admit(&limits, 3, &s, ENDPOINT_SSH, 0), LIMITS_VISITORS);
	limits_remove(&limits, 1);
	limits_remove(&limits, 2);
	ck_assert_int_eq(limits_admit(&limits, 4, &s, ENDPOINT_SSH, 0), OK);
	for (int i = 0; i < 9; i++)
		limits_login_failed(&limits, 4, 0);
	limits_remove(&limits, 4);
	/* The penalty is 0 now: off. */
	ck_assert_int_eq(limits_admit(&limits, 5, &s, ENDPOINT_SSH, 0), OK);
	limits_free(&limits);
}
END_TEST

/* -- penalties -- */

static struct penalty_table table;

START_TEST(test_penalties_are_bounded)
{
	struct source s;

	for (unsigned i = 0; i < PENALTY_SOURCES_MAX + 10; i++) {
		s = source(i);
		penalty_add(&table, &s, i, 100000, 200000);
	}
	ck_assert_uint_eq(table.count, PENALTY_SOURCES_MAX);
	s = source(9);
	ck_assert_uint_eq(penalty_left(&table, &s, 0), 0);
	s = source(10);
	ck_assert_uint_eq(penalty_left(&table, &s, 10), 100000);
	s = source(PENALTY_SOURCES_MAX + 9);
	ck_assert_uint_gt(penalty_left(&table, &s, PENALTY_SOURCES_MAX), 0);
}
END_TEST

static const struct {
	const char *name;
	unsigned at[4];                /* ms of the failures; 0: no more */
	unsigned when, left;
} debts[] = {
	{ "one", { 10 }, 10, 500 },
	{ "one, wearing off", { 10 }, 110, 400 },
	{ "one, paid", { 10 }, 510, 0 },
	{ "one, long ago", { 10 }, 9000, 0 },
	{ "two at once", { 10, 10 }, 10, 1000 },
	{ "two, apart", { 10, 110 }, 110, 900 },
	{ "a paid one does not count", { 10, 2000 }, 2000, 500 },
	{ "no more than the most", { 10, 10, 10, 10 }, 10, 1200 },
};

START_TEST(test_debt)
{
	struct source s = source(1), other = source(2);

	for (int i = 0; i < 4 && debts[_i].at[i]; i++)
		penalty_add(&table, &s, debts[_i].at[i], 500, 1200);
	ck_assert_msg(penalty_left(&table, &s, debts[_i].when) == debts[_i].left, "%s: %llu",
		      debts[_i].name,
		      (unsigned long long)penalty_left(&table, &s, debts[_i].when));
	ck_assert_uint_eq(penalty_left(&table, &other, debts[_i].when), 0);
}
END_TEST

/* -- one line a second -- */

START_TEST(test_tally)
{
	static struct tally t;

	ck_assert(!tally_is_waiting(&t));
	tally_add(&t, LIMITS_SOURCE);
	ck_assert(tally_is_waiting(&t));
	ck_assert_uint_eq(tally_take(&t, LIMITS_SOURCE, 5000), 1);
	ck_assert_uint_eq(tally_take(&t, LIMITS_SOURCE, 7000), 0);
	tally_add(&t, LIMITS_SOURCE);
	tally_add(&t, LIMITS_SOURCE);
	tally_add(&t, LIMITS_AWAY);
	ck_assert_uint_eq(tally_take(&t, LIMITS_SOURCE, 5999), 0);
	ck_assert_uint_eq(tally_take(&t, LIMITS_AWAY, 5999), 1);
	ck_assert(tally_is_waiting(&t));
	ck_assert_uint_eq(tally_take(&t, LIMITS_SOURCE, 6000), 2);
	ck_assert(!tally_is_waiting(&t));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("limits");
	TCase *t = tcase_create("limits");

	tcase_add_loop_test(t, test_script, 0, sizeof(scripts) / sizeof(scripts[0]));
	tcase_add_test(t, test_nobody_before_the_configuration);
	tcase_add_test(t, test_fewer_are_allowed_later);
	tcase_add_test(t, test_penalties_are_bounded);
	tcase_add_loop_test(t, test_debt, 0, sizeof(debts) / sizeof(debts[0]));
	tcase_add_test(t, test_tally);
	suite_add_tcase(s, t);
	return suite_run(s);
}
