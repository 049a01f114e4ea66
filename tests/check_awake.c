/* SPDX-License-Identifier: ISC */
/*
 * How long processors are kept awake for keys: what is written where the kernel listens, by the
 * module alone, and by the real console for what is typed there.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>

#include "console/awake.h"
#include "ipc/loop.h"
#include "tests/console_stage.h"

enum { ANY = 2000000000, LONG_MS = 2000, LATE_MS = 200 };

static int kernel, ours;             /* the ends of a pipe in place of the device */
static int64_t asleep_for = -1;      /* what was asked for last */

static void begin(void)
{
	int ends[2];

	ck_assert_int_eq(loop_init(), 0);
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	kernel = ends[0];
	ours = ends[1];
}

static void begin_alone(void)
{
	begin();
	awake_open(ours);
}

static void finish(void)
{
	awake_configure(false);
	close(kernel);
}

/* How many requests came; each is the other one. */
static unsigned requests(void)
{
	unsigned n = 0;
	int32_t us;

	while (read(kernel, &us, sizeof(us)) == (ssize_t)sizeof(us)) {
		ck_assert_int_eq(us, asleep_for == 0 ? ANY : 0);
		asleep_for = us;
		n++;
	}
	return n;
}

static bool is_closed(int fd)
{
	return fcntl(fd, F_GETFD) < 0 && errno == EBADF;
}

START_TEST(a_key_holds_until_its_echo_is_due)
{
	awake_for(1);
	ck_assert_uint_eq(requests(), 1);
	ck_assert_int_eq(asleep_for, 0);
	while (requests() == 0)
		ck_assert_int_eq(loop_turn(), 0);
	ck_assert_int_eq(asleep_for, ANY);
	/* There is no timer left to wait for. */
	ck_assert_int_eq(loop_wait_ms(), -1);
}
END_TEST

START_TEST(another_key_asks_no_second_time)
{
	awake_for(1);
	awake_for(AWAKE_KEYS_MAX);
	ck_assert_uint_eq(requests(), 1);
}
END_TEST

START_TEST(a_paste_is_not_waited_for)
{
	awake_for(AWAKE_KEYS_MAX + 1);
	ck_assert_uint_eq(requests(), 0);
}
END_TEST

/* Whoever types without end gets what may be taken in advance, and then one part of the time. */
START_TEST(no_more_than_its_share)
{
	int64_t began = clock_ms(), now = began, was_awake = 0, before;

	while (now - began < LONG_MS) {
		awake_for(1);
		requests();
		before = now;
		ck_assert_int_eq(loop_wait_ms() < 0 ? usleep(500) : loop_turn(), 0);
		ck_assert_int_eq(loop_poll(), 0);
		now = clock_ms();
		was_awake += asleep_for == 0 ? now - before : 0;
		requests();
	}
	ck_assert_int_ge(was_awake, AWAKE_SPARE_MS / 2);
	ck_assert_int_le(was_awake, AWAKE_SPARE_MS + (now - began) / AWAKE_SHARE + LATE_MS);
}
END_TEST

START_TEST(a_new_file_replaces_the_old_one)
{
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	awake_for(1);
	awake_open(ends[1]);
	ck_assert(is_closed(ours));
	awake_for(1);
	close(kernel);
	kernel = ends[0];
	ck_assert_uint_eq(requests(), 1);
}
END_TEST

START_TEST(unwanted_it_is_closed)
{
	awake_configure(true);
	ck_assert(!is_closed(ours));
	awake_for(1);
	awake_configure(false);
	ck_assert(is_closed(ours));
	awake_for(1);
	ck_assert_uint_eq(requests(), 1);
	ck_assert_int_eq(loop_wait_ms(), -1);
}
END_TEST

START_TEST(a_refusal_is_the_end_of_it)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	awake_open(fd);
	awake_for(1);
	ck_assert(is_closed(fd));
	ck_assert_int_eq(loop_wait_ms(), -1);
}
END_TEST

static void type(struct wire *viewer, struct wire *line, const char *keys)
{
	struct msg_data m = { .handle = 1, .data = { (const uint8_t *)keys, strlen(keys) } };
	struct message came;

	ck_assert_int_eq(wire_send(viewer, MSG_INPUT, &m), 0);
	came = expect(line, MSG_LINE_INPUT);
	ck_assert_uint_eq(came.u.line_data.data.len, strlen(keys));
}

START_TEST(who_types_keeps_them_awake)
{
	const struct msg_attach attach = { .handle = 1, .guest = "web1" };
	const struct msg_line_open opened = { "serial0" };
	struct pollfd p = { .fd = kernel, .events = POLLIN };
	struct wire viewer, line;
	struct message m;

	guest.state = GUEST_RUNNING;
	guest.id = 1;
	set_up();
	ck_assert_int_eq(wire_send_fds(&gate, MSG_AWAKE, NULL, &ours, 1), 0);
	viewer = come(1);
	ck_assert_int_eq(wire_send(&viewer, MSG_ATTACH, &attach), 0);
	m = expect(&virt, MSG_OPEN_LINE);
	wire_init(&line, m.fds[0]);
	ck_assert_int_eq(wire_send(&line, MSG_LINE_OPEN, &opened), 0);
	type(&viewer, &line, "more than a person types at once");
	ck_assert_uint_eq(requests(), 0);
	type(&viewer, &line, "\033[A");
	while (asleep_for != ANY) {
		ck_assert_int_eq(poll(&p, 1, WAIT), 1);
		requests();
	}
	wire_close(&viewer);
	wire_close(&line);
	tear_down();
	/* With console it is over. */
	ck_assert_int_eq(poll(&p, 1, WAIT), 1);
	ck_assert_int_eq(p.revents & POLLHUP, POLLHUP);
}
END_TEST

int main(void)
{
	const TTest *const alone[] = {
		a_key_holds_until_its_echo_is_due, another_key_asks_no_second_time,
		a_paste_is_not_waited_for, no_more_than_its_share, a_new_file_replaces_the_old_one,
		unwanted_it_is_closed, a_refusal_is_the_end_of_it,
	};
	const TTest *const real[] = { who_types_keeps_them_awake };
	int failed = run_tests("awake", alone, sizeof(alone) / sizeof(alone[0]), 1, begin_alone,
			       finish);

	return run_tests("awake, console", real, 1, 1, begin, finish) || failed;
}
