/* SPDX-License-Identifier: ISC */
/* The role virt against a real libvirtd: guests are listed, consoles opened and typed on. */
#include "tests/virt_role.h"

START_TEST(host_is_listed)
{
	struct msg_domain g = { 0 };
	struct wire w;

	watch(&w, "h");
	ck_assert_int_eq(listed(&w, "run", &g), 4);
	ck_assert_int_eq(g.state, GUEST_RUNNING);
	ck_assert_uint_gt(g.id, 0);
	ck_assert_str_eq(g.consoles, "serial0");
	wire_close(&w);
	wait_for_children(0);
	watch(&w, "h");
	listed(&w, "off", &g);
	ck_assert_int_eq(g.state, GUEST_OFF);
	ck_assert_uint_eq(g.id, 0);
	ck_assert_str_eq(g.consoles, "serial0 serial1");
	wire_close(&w);
}
END_TEST

START_TEST(unknown_host_is_down)
{
	struct message m;
	struct wire w;

	watch(&w, "other");
	expect(&w, &m, MSG_HOST);
	ck_assert_int_eq(m.u.host.up, 0);
	ck_assert_int_eq(next(&w, &m, WAIT_MS), -1);
	wire_close(&w);
}
END_TEST

START_TEST(lines_are_refused)
{
	struct wire w;

	refused("bare", "", LINE_NO_CONSOLE, "virsh edit");
	refused("run", "serial7", LINE_NO_CONSOLE, "there is serial0");
	refused("off", "", LINE_CLOSED, "off");
	opened(&w, "run");
	refused("run", "", LINE_BUSY, "");
	wire_close(&w);
}
END_TEST

START_TEST(guest_answers)
{
	struct wire w;

	opened(&w, "run");
	read_until(&w, "tick", 0);
	type_keys(&w, "x", 1);
	read_until(&w, "x", 1);
	wire_close(&w);
	wait_for_children(0);
}
END_TEST

START_TEST(paste_keeps_its_order)
{
	char paste[4097];
	struct wire w;

	opened(&w, "run");
	type_keys(&w, "#", 1);
	read_until(&w, "#", 1);
	for (size_t i = 0; i < sizeof(paste) - 1; i++)
		paste[i] = (char)('A' + (i * 7 + i / 64) % 26);
	paste[sizeof(paste) - 1] = '\0';
	type_keys(&w, paste, sizeof(paste) - 1);
	read_until(&w, paste, sizeof(paste) - 1);
	type_keys(&w, "#", 1);
	read_until(&w, "tick", 1);
	wire_close(&w);
}
END_TEST

START_TEST(console_is_taken_by_force)
{
	struct message m;
	struct wire first, second;

	opened(&first, "run");
	open_line(&second, "run", "serial0", true);
	expect(&second, &m, MSG_LINE_OPEN);
	wait_for_end(&first, true);
	read_until(&second, "tick", 0);
	wire_close(&second);
}
END_TEST

/* Reads on until nothing comes but three lines, which are ticks; how many bytes of input are done. */
static uint32_t count_done(struct wire *w, uint32_t enough)
{
	struct message m;
	uint32_t done = 0;
	int ticks = 0;

	while (done < enough && ticks < 3) {
		ck_assert_int_eq(next(w, &m, WAIT_MS), 1);
		if (m.type == MSG_LINE_DONE)
			done += m.u.line_done.count;
		else if (memchr(m.u.line_data.data.data, '\n', m.u.line_data.data.len))
			ticks++;
	}
	return done;
}

START_TEST(guest_that_does_not_read)
{
	static const char block[INPUT_WINDOW - 1] = { 0 };
	uint32_t sent = 0, done = 0;
	struct wire w;
	int64_t start;

	opened(&w, "deaf");
	type_keys(&w, "%", 1);
	read_until(&w, "%", 1);
	while (done == sent) {
		ck_assert_uint_lt(sent, 8 * sizeof(block));
		type_keys(&w, block, sizeof(block));
		sent += sizeof(block);
		done += count_done(&w, sizeof(block));
	}
	done += count_done(&w, UINT32_MAX);
	fprintf(stderr, "  a deaf guest took %u bytes\n", done);
	start = clock_ms();
	wire_close(&w);
	wait_for_children(0);
	ck_assert_int_lt(clock_ms() - start, 3000);
}
END_TEST

START_TEST(closed_console_is_free_at_once)
{
	struct message m;
	struct wire w;

	for (int i = 0; i < 10; i++) {
		opened(&w, "run");
		wire_close(&w);
		wait_for_children(0);
		open_line(&w, "run", "", false);
		expect(&w, &m, MSG_LINE_OPEN);
		wire_close(&w);
		wait_for_children(0);
	}
}
END_TEST

START_TEST(line_ends_by_a_wrong_message)
{
	struct msg_uuid wrong = { 0 };
	struct message m;
	struct wire w;

	opened(&w, "run");
	ck_assert_int_eq(wire_send(&w, MSG_REFRESH, &wrong), 0);
	while (next(&w, &m, WAIT_MS) == 1)
		ck_assert_int_ne(m.type, MSG_LINE_END);
	wait_for_children(0);
	wire_close(&w);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		host_is_listed, unknown_host_is_down, lines_are_refused,
		guest_answers, paste_keeps_its_order, console_is_taken_by_force,
		guest_that_does_not_read, closed_console_is_free_at_once,
		line_ends_by_a_wrong_message,
	};

	return run_suite("virt", tests, sizeof(tests) / sizeof(tests[0]));
}
