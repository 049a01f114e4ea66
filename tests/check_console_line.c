/* SPDX-License-Identifier: ISC */
/*
 * What a viewer is told, and when, of a line that ends while its guest runs, over the real
 * console: a guest that stops ends its consoles before libvirt knows that it has.
 */
#include "console/hub.h"
#include "tests/console_stage.h"

static struct wire line, viewer;
static int64_t ended_at;

static struct wire take_line(void)
{
	struct message m = expect(&virt, MSG_OPEN_LINE);
	struct wire w;

	wire_init(&w, m.fds[0]);
	return w;
}

static void tell(const struct msg_domain *d)
{
	ck_assert_int_eq(wire_send(&watch, MSG_DOMAIN, d), 0);
}

/* Somebody is on the console, which is open. */
static void on_stage(void)
{
	const struct msg_attach attach = { .handle = 1, .guest = "web1" };
	const struct msg_line_open opened = { "serial0" };
	struct message m;

	guest.state = GUEST_RUNNING;
	guest.id = 1;
	set_up();
	viewer = come(1);
	ck_assert_int_eq(wire_send(&viewer, MSG_ATTACH, &attach), 0);
	line = take_line();
	ck_assert_int_eq(wire_send(&line, MSG_LINE_OPEN, &opened), 0);
	do
		m = expect(&viewer, MSG_STATE);
	while (m.u.state.line != LINE_OPEN);
}

static void end_line(void)
{
	const struct msg_line_end m = { 0 };

	ended_at = clock_ms();
	ck_assert_int_eq(wire_send(&line, MSG_LINE_END, &m), 0);
	wire_close(&line);
}

static void off_stage(void)
{
	wire_close(&line);
	wire_close(&viewer);
	tear_down();
}

/* What is told first of a line that is not open, and how long after its end, ms. */
static struct msg_state expect_closed(int64_t *after)
{
	struct message m;

	do
		m = expect(&viewer, MSG_STATE);
	while (m.u.state.line == LINE_OPEN);
	*after = clock_ms() - ended_at;
	return m.u.state;
}

/* Libvirt says that the guest runs, and that the console is no more. */
START_TEST(closed_is_told_when_it_stays)
{
	const struct msg_line_failed failed = { .line = LINE_NO_CONSOLE };
	struct msg_domain reset = guest;
	int64_t after;

	/* Which is told sooner. */
	reset.reset = 1;
	if (_i == 1)
		tell(&reset);
	end_line();
	expect(&watch, MSG_REFRESH);
	tell(&guest);
	line = take_line();
	ck_assert_int_eq(wire_send(&line, MSG_LINE_FAILED, &failed), 0);
	expect_closed(&after);
	ck_assert_int_ge(after, SETTLE_END_MS / 2);
}
END_TEST

/* Libvirt does not say what became of the guest, nor whether its console opens. */
START_TEST(no_answer_is_waited_for)
{
	struct msg_state state;
	struct message m;
	int64_t after;

	end_line();
	expect(&watch, MSG_REFRESH);
	if (_i == 0) {
		ck_assert_int_eq(wire_wait(&viewer, &m, SETTLE_END_MS + 2 * SETTLE_MS), 0);
		return;
	}
	tell(&guest);
	line = take_line();
	state = expect_closed(&after);
	ck_assert_int_eq(state.line, LINE_OPENING);
	ck_assert_int_ge(after, (SETTLE_END_MS + SETTLE_MAX_MS) / 2);
}
END_TEST

/* Not that its console is opened anew, which is so when the news comes. */
START_TEST(off_is_told_alone)
{
	struct msg_domain off = guest;
	struct msg_state state;
	int64_t after;

	end_line();
	expect(&watch, MSG_REFRESH);
	tell(&guest);
	line = take_line();
	off.state = GUEST_SHUTTING_DOWN;
	off.id = _i == 0 ? 1 : 0;
	tell(&off);
	state = expect_closed(&after);
	ck_assert_int_eq(state.guest, GUEST_SHUTTING_DOWN);
	ck_assert_int_eq(state.line, LINE_CLOSED);
	off.state = GUEST_OFF;
	off.id = 0;
	tell(&off);
	state = expect_closed(&after);
	ck_assert_int_eq(state.guest, GUEST_OFF);
	ck_assert_int_eq(state.line, LINE_CLOSED);
}
END_TEST

/* Other news of the guest is told at once, and says nothing of the line. */
START_TEST(news_meanwhile)
{
	struct msg_domain news = guest;
	struct message m;

	end_line();
	expect(&watch, MSG_REFRESH);
	if (_i == 1) {
		tell(&guest);
		line = take_line();
	}
	news.state = GUEST_PAUSED;
	tell(&news);
	m = expect(&viewer, MSG_STATE);
	ck_assert_int_eq(m.u.state.guest, GUEST_PAUSED);
	ck_assert_int_eq(m.u.state.line, LINE_OPEN);
}
END_TEST

/* A daemon that is gone takes its lines along; back soon, only that is told. */
START_TEST(host_is_back_soon)
{
	struct message m;

	if (_i == 1)
		end_line();
	ck_assert_int_eq(wire_send(&watch, MSG_HOST, &(struct msg_host){ 0, "gone" }), 0);
	m = expect(&viewer, MSG_STATE);
	ck_assert_int_eq(m.u.state.host_up, 0);
	if (_i == 0)
		end_line();
	ck_assert_int_eq(wire_send(&watch, MSG_HOST, &(struct msg_host){ 1, "" }), 0);
	wire_send(&watch, MSG_DOMAIN, &guest);
	wire_send(&watch, MSG_DOMAINS_END, NULL);
	do
		m = expect(&viewer, MSG_STATE);
	while (!m.u.state.host_up);
	ck_assert_int_eq(m.u.state.line, LINE_OPEN);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		closed_is_told_when_it_stays, no_answer_is_waited_for, off_is_told_alone,
		news_meanwhile, host_is_back_soon,
	};

	return run_tests("console line", tests, sizeof(tests) / sizeof(tests[0]), 2, on_stage, off_stage);
}
