/* SPDX-License-Identifier: ISC */
/*
 * The role virt against a real libvirtd: everything that may be done to a guest, done to
 * tiny ones, whose consoles and states tell what came of it.
 */
#include "tests/virt_role.h"

static struct msg_act_result result;
static char text[TEXT_MAX + 1], detail[ACT_DETAIL_MAX + 1];

static void order_act(struct wire *w, const struct msg_do_act *order)
{
	int fds[2];

	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(w, fds[0]);
	ck_assert_int_eq(wire_send_fds(&console, MSG_DO_ACT, order, &fds[1], 1), 0);
}

/* One result, then the end. */
static void read_result(struct wire *w, int ms)
{
	struct message m;
	int r = next(w, &m, ms);

	ck_assert_msg(r == 1, "%s instead of a result", r ? "the end" : "silence");
	ck_assert_str_eq(message_name(m.type), message_name(MSG_ACT_RESULT));
	result = m.u.act_result;
	snprintf(text, sizeof(text), "%s", result.text);
	memcpy(detail, result.detail.data, result.detail.len);
	detail[result.detail.len] = '\0';
	ck_assert_int_eq(next(w, &m, SHORT_MS), -1);
	wire_close(w);
}

static void act_with(struct msg_do_act order, const char *guest)
{
	struct wire w;

	snprintf(order.host, sizeof(order.host), "h");
	if (guest)
		uuid_of(guest, order.uuid);
	order_act(&w, &order);
	read_result(&w, WAIT_MS);
}

static void act(const char *guest, enum guest_act what)
{
	act_with((struct msg_do_act){ .act = (uint8_t)what }, guest);
}

static void says(int code, const char *part)
{
	ck_assert_msg(result.code == code && strstr(text, part), "%d: %s", result.code, text);
}

/* In virsh's words, waiting for it. */
static void is_in_state(const char *guest, const char *state)
{
	int64_t until = clock_ms() + WAIT_MS;
	char out[64];

	for (;;) {
		run(out, sizeof(out), "virsh -q -c '%s' domstate %s", daemon_uri(), guest);
		if (strcmp(out, state) == 0)
			return;
		ck_assert_msg(clock_ms() < until, "%s is %s, not %s", guest, out, state);
		usleep(20000);
	}
}

START_TEST(power_of_a_running_guest)
{
	struct wire line;

	opened(&line, "run");
	read_until(&line, "tick", 0);
	act("run", ACT_START);
	says(REFUSED_FAILED, "running already");
	act("run", ACT_RESUME);
	says(REFUSED_FAILED, "running already");
	act("run", ACT_RESET);
	says(0, "is reset");
	read_until(&line, "tiny: ready", 0);
	act("run", ACT_REBOOT);
	says(0, "asked to reboot");
	read_until(&line, "tiny: ready", 0);
	virsh("suspend run");
	act("run", ACT_SHUTDOWN);
	says(REFUSED_FAILED, "the guest is paused");
	act("run", ACT_START);
	says(0, "was paused: it is resumed");
	act("run", ACT_SHUTDOWN);
	says(0, "asked to shut down");
	wait_for_end(&line, false);
	is_in_state("run", "shut off");
	act("run", ACT_START);
	says(0, "is started");
	ck_assert_uint_eq(result.paused, 0);
	act("run", ACT_POWEROFF);
	says(0, "forced off");
	is_in_state("run", "shut off");
	act("run", ACT_POWEROFF);
	says(REFUSED_FAILED, "off already");
	wait_for_children(0);
}
END_TEST

START_TEST(nothing_can_be_done_to_one_that_is_off)
{
	static const enum guest_act acts[] = {
		ACT_SHUTDOWN, ACT_REBOOT, ACT_RESET, ACT_NMI, ACT_BREAK, ACT_RESUME,
	};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		act("off", acts[i]);
		says(REFUSED_FAILED, "the guest is off: it has to be started first");
	}
}
END_TEST

/* Started paused, its console opened, resumed: nothing that it prints is missed. */
START_TEST(first_byte_is_seen)
{
	struct message m;
	struct wire line;

	for (int i = 0; i < 3; i++) {
		act_with((struct msg_do_act){ .act = ACT_START, .paused = 1 }, "off");
		says(0, "is started");
		ck_assert_uint_eq(result.paused, 1);
		is_in_state("off", "paused");
		opened(&line, "off");
		act("off", ACT_RESUME);
		says(0, "is resumed");
		/* SeaBIOS is silent: the first byte is that of the guest's own program. */
		expect(&line, &m, MSG_LINE_DATA);
		ck_assert_int_eq(m.u.line_data.data.data[0], 't');
		read_until(&line, "tick 1", 0);
		wire_close(&line);
		act("off", ACT_POWEROFF);
		says(0, "forced off");
	}
}
END_TEST

/* A UART reads BREAK as a NUL, which tiny echoes. */
static void read_nul(struct wire *line)
{
	struct message m;

	do
		expect(line, &m, MSG_LINE_DATA);
	while (!memchr(m.u.line_data.data.data, '\0', m.u.line_data.data.len));
}

START_TEST(keys_past_the_console)
{
	struct wire line;
	char *p;

	act("run", ACT_START);
	opened(&line, "run");
	read_until(&line, "tick 1", 0);
	act("run", ACT_BREAK);
	says(0, "BREAK sent on serial0 (QMP; libvirt marks the guest as tainted)");
	read_nul(&line);
	act_with((struct msg_do_act){ .act = ACT_BREAK, .alias = "serial0" }, "run");
	says(0, "BREAK sent on serial0");
	read_nul(&line);
	act_with((struct msg_do_act){ .act = ACT_BREAK, .alias = "serial7" }, "run");
	says(REFUSED_NO_GUEST, "no console serial7; there is serial0");
	libvirt("define", "virtio tiny --virtio");
	act_with((struct msg_do_act){ .act = ACT_BREAK, .alias = "console1" }, "virtio");
	says(0, "no BREAK (console1 is not a serial line): SysRq h sent");
	act("run", ACT_NMI);
	says(0, "NMI sent");
	for (p = strcpy(text, "az09h"); *p; p++) {
		act_with((struct msg_do_act){ .act = ACT_SYSRQ, .key = (uint8_t)*p }, "run");
		says(0, "sent by the guest's keyboard");
		strcpy(text, "az09h");
	}
	act_with((struct msg_do_act){ .act = ACT_SYSRQ, .key = '\x1b' }, "run");
	says(REFUSED_USAGE, "a letter from a to z or a digit");
	read_until(&line, "tick", 0);
	wire_close(&line);
}
END_TEST

START_TEST(serial_is_added)
{
	struct wire line;

	act("run", ACT_SHOW_SERIAL);
	says(REFUSED_FAILED, "has a console already: serial0");
	virsh("destroy bare");
	act("bare", ACT_SHOW_SERIAL);
	says(0, "would be added");
	ck_assert_msg(strstr(detail, "+    <serial type='pty'>\n"), "%s", detail);
	ck_assert_msg(strstr(detail, "serial-getty@ttyS0"), "%s", detail);
	act("bare", ACT_SHOW_SERIAL);
	says(0, "would be added");
	virsh("start bare");
	act("bare", ACT_ADD_SERIAL);
	says(0, "added to the guest's definition; it is there when it is shut down");
	ck_assert_msg(strstr(detail, "+    <console type='pty'>\n"), "%s", detail);
	refused("bare", "", LINE_NO_CONSOLE, "no serial console");
	act("bare", ACT_ADD_SERIAL);
	says(REFUSED_FAILED, "there when it is started anew");
	virsh("destroy bare");
	virsh("start bare");
	opened(&line, "bare");
	read_until(&line, "tiny: ready", 0);
	wire_close(&line);
}
END_TEST

START_TEST(orders_that_cannot_be_done)
{
	struct msg_do_act order = { .act = ACT_RESET };
	struct wire w;

	snprintf(order.host, sizeof(order.host), "other");
	order_act(&w, &order);
	read_result(&w, WAIT_MS);
	says(REFUSED_FAILED, "not in the configuration");
	strcpy(order.host, "h");
	order_act(&w, &order);
	read_result(&w, WAIT_MS);
	says(REFUSED_NO_GUEST, "it was removed");
	for (unsigned i = 0; i < 2; i++) {
		order.act = i ? ACT_COUNT : 0;
		order_act(&w, &order);
		read_result(&w, WAIT_MS);
		says(REFUSED_USAGE, "no such act");
	}
}
END_TEST

/* Many at once, a console that goes before it hears of it, and nobody stays behind. */
START_TEST(many_at_once)
{
	struct msg_do_act order = { .host = "h", .act = ACT_NMI };
	struct wire w[32];

	uuid_of("run", order.uuid);
	for (size_t i = 0; i < 32; i++)
		order_act(&w[i], &order);
	for (size_t i = 0; i < 32; i++)
		if (i % 2) {
			wire_close(&w[i]);
		} else {
			read_result(&w[i], WAIT_MS);
			says(0, "NMI sent");
		}
	wait_for_children(0);
}
END_TEST

START_TEST(daemon_hangs)
{
	struct msg_do_act order = { .host = "h", .act = ACT_RESET };
	int64_t start = clock_ms();
	pid_t pid = daemon_pid(), child;
	struct wire w, killed;
	struct message m;

	uuid_of("run", order.uuid);
	kill(pid, SIGSTOP);
	order_act(&killed, &order);
	while (children(&child) != 1)
		usleep(1000);
	order_act(&w, &order);
	kill(child, SIGKILL);
	ck_assert_int_eq(next(&killed, &m, SHORT_MS), -1);
	wire_close(&killed);
	read_result(&w, WAIT_MS);
	kill(pid, SIGCONT);
	says(REFUSED_TIMEOUT, "did not answer within 15 s: nothing was done");
	ck_assert_int_lt(clock_ms() - start, 25000);
	wait_for_children(0);
	act("run", ACT_RESET);
	says(0, "is reset");
}
END_TEST

START_TEST(daemon_is_dead)
{
	kill(daemon_pid(), SIGKILL);
	act_with((struct msg_do_act){ .act = ACT_RESET }, NULL);
	says(REFUSED_FAILED, "cannot reach libvirt on its host: ");
	libvirt("start", "");
	act("run", ACT_RESET);
	says(0, "is reset");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		power_of_a_running_guest, nothing_can_be_done_to_one_that_is_off,
		first_byte_is_seen, keys_past_the_console, serial_is_added,
		orders_that_cannot_be_done, many_at_once, daemon_hangs, daemon_is_dead,
	};

	return run_suite("virt: acts", tests, sizeof(tests) / sizeof(tests[0]));
}
