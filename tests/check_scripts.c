/* SPDX-License-Identifier: ISC */
/* Commands that read, wait, type and act, between a client and a console that the test plays. */
#include "session_stage.h"
#include "tests/suite.h"

#include <sys/mman.h>

static void run(const char *command)
{
	stage_start((struct session_start){ .command = command });
}

static void prints(const char *text)
{
	stage_output(text, strlen(text));
	settle();
}

static void tells_state(uint8_t guest, uint8_t line, bool gone)
{
	struct msg_state m = { .handle = stage.handle, .guest = guest, .line = line, .host_up = 1,
			       .gone = gone ? REFUSED_GONE : 0 };

	wire_send(&stage.console, MSG_STATE, &m);
	settle();
}

/* -- log -- */

START_TEST(log_ends_at_what_is_kept)
{
	stage_begin();
	stage.attached.epoch = 7;
	stage.attached.offset = 100;
	stage.attached.head = 113;
	stage.attached.until = UINT64_MAX;
	stage.attached.missed = 5;
	run("log web1");
	ck_assert_uint_eq(stage.attach.flags, ATTACH_HISTORY);
	ck_assert_uint_eq(stage.attach.from.kind, POSITION_OLDEST);
	prints("one\r\n\033[1mt");
	goes_on();
	stage_output("wo", 2);
	settle();
	goes_on();
	prints("x");
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.out), "one\ntwox\n");
	says("5 bytes before this are not kept");
	says("this ends at 7.113");
	stage_end();
}
END_TEST

START_TEST(log_goes_on_live_from_just_there)
{
	stage_begin();
	stage.attached.epoch = 7;
	stage.attached.head = 4;
	stage.attached.until = UINT64_MAX;
	run("log web1 --follow --raw");
	stage.attached.offset = 4;
	prints("abcd");
	ck_assert_uint_eq(stage.attaches, 2);
	ck_assert_uint_eq(stage.attach.flags, ATTACH_READ_ONLY);
	ck_assert_uint_eq(stage.attach.from.kind, POSITION_OFFSET);
	ck_assert_uint_eq(stage.attach.from.epoch, 7);
	ck_assert_uint_eq(stage.attach.from.value, 4);
	prints("efg");
	ck_assert_str_eq(text_of(&stage.out), "abcdefg");
	tells_state(GUEST_OFF, LINE_CLOSED, false);
	goes_on();
	tells_state(GUEST_OFF, LINE_CLOSED, true);
	is_over_with(6);
	stage_end();
}
END_TEST

static int file_of(const char *text)
{
	int fd = memfd_create("log", 0);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void send_file(uint32_t handle, uint64_t epoch, uint64_t offset, const char *text,
		      const char *index)
{
	struct msg_log_file m = { .handle = handle, .epoch = epoch, .offset = offset, .skip = 2,
				  .len = strlen(text) - 2, .time = 1700000000,
				  .end = offset + strlen(text) };
	int fds[2] = { file_of(text), file_of(index) };

	ck_assert_int_eq(wire_send_fds(&stage.console, MSG_LOG_FILE, &m, fds, 2), 0);
}

static void send_files(uint32_t handle)
{
	send_file(handle, 6, 0, "xxold\n", "");
	send_file(handle, 7, 10, "xxnext\n", "e 7 0 10\nt 1700000001000 0 10\n");
	send_file(handle, 7, 17, "xxlast\n", "");
}

START_TEST(log_begins_with_files)
{
	stage_begin();
	stage.attached.epoch = 7;
	stage.attached.offset = 30;
	stage.attached.head = 35;
	stage.attached.until = UINT64_MAX;
	stage.before_attached = send_files;
	run("log web1 --timestamps");
	prints("ring\n");
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.out), "2023-11-14T22:13:20.000Z old\n"
			 "2023-11-14T22:13:21.000Z next\n2023-11-14T22:13:20.000Z last\n- ring\n");
	says("was started anew");
	says("2 bytes of output missing here");
	says("6 bytes of output missing here");
	stage_end();
}
END_TEST

/* Longer than is read of it at a time. */
static char long_index[8192];

static void send_timed_file(uint32_t handle)
{
	send_file(handle, 7, 0, "xxone\ntwo\nthree\nfour\n", long_index);
}

/* Each line has the time of the mark before it, not that at which the file was begun. */
START_TEST(log_has_the_times_of_the_index)
{
	size_t len = 0;

	for (int i = 0; i < 200; i++)
		len += (size_t)sprintf(long_index + len, "t %d 0 0\nb 1 1 1\n", 1600000000);
	sprintf(long_index + len, "no line\nt 1700000001000 1 1\nt 1700000002000 6 6\n"
		"t 1700000003500 12 12\nt 17000");
	stage_begin();
	stage.attached.epoch = 7;
	stage.attached.offset = stage.attached.head = 21;
	stage.attached.until = UINT64_MAX;
	stage.before_attached = send_timed_file;
	run("log web1 --timestamps");
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.out), "2023-11-14T22:13:21.000Z one\n"
			 "2023-11-14T22:13:22.000Z two\n2023-11-14T22:13:22.000Z three\n"
			 "2023-11-14T22:13:23.500Z four\n");
	stage_end();
}
END_TEST

static void send_middle(uint32_t handle)
{
	if (stage.attaches == 2)
		send_file(handle, 7, 2, "xxlost\n", "");
}

/* A hole in memory, behind the first part of a boot, that a file on disk fills. */
START_TEST(log_fills_holes_from_disk)
{
	stage_begin();
	stage.attached.epoch = 7;
	stage.attached.head = stage.attached.until = 14;
	stage.attached.logged = 1;
	stage.before_attached = send_middle;
	run("log web1");
	stage_output("one\n", 4);
	stage.offset = 9;
	stage.attached.offset = 9;
	prints("last\n");
	ck_assert_uint_eq(stage.attaches, 2);
	ck_assert_uint_eq(stage.attach.flags, ATTACH_HISTORY);
	ck_assert_uint_eq(stage.attach.from.kind, POSITION_OFFSET);
	ck_assert_uint_eq(stage.attach.from.value, 4);
	ck_assert_uint_eq(stage.attach.until.kind, POSITION_OFFSET);
	ck_assert_uint_eq(stage.attach.until.value, 14);
	prints("last\n");
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.out), "one\nlost\nlast\n");
	ck_assert_ptr_null(strstr(text_of(&stage.err), "missing"));
	stage_end();
}
END_TEST

/* One that no file has is told, and asked for once. */
START_TEST(log_says_holes_that_disk_has_too)
{
	stage_begin();
	stage.attached.epoch = 7;
	stage.attached.head = stage.attached.until = 14;
	stage.attached.logged = 1;
	run("log web1");
	stage_output("one\n", 4);
	stage.offset = 9;
	stage.attached.offset = 9;
	stage.attached.missed = 5;
	prints("last\n");
	ck_assert_uint_eq(stage.attaches, 2);
	prints("last\n");
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.out), "one\nlast\n");
	says("5 bytes of output missing here");
	ck_assert_uint_eq(stage.attaches, 2);
	stage_end();
}
END_TEST

/* What expands most, to a client that reads nothing for a long time. */
START_TEST(log_waits_for_its_reader)
{
	static char flood[50000];
	struct buf *out;

	memset(flood, '\377', sizeof(flood));
	for (size_t i = 0; i < sizeof(flood); i += 2)
		flood[i] = '\n';
	stage_begin();
	stage.keeps_out = true;
	stage.attached.head = 20 * sizeof(flood);
	stage.attached.until = UINT64_MAX;
	run("log web1 --timestamps");
	for (int i = 0; i < 20; i++)
		stage_output(flood, sizeof(flood));
	settle();
	out = session_out(stage.session);
	ck_assert_uint_gt(out->len, SESSION_OUT_LOW);
	ck_assert(!out->full);
	stage.keeps_out = false;
	settle();
	is_over_with(0);
	ck_assert_uint_eq(stage.out.len, strlen("- \n") + 10 * sizeof(flood) * strlen("- \\xff\n"));
	stage_end();
}
END_TEST

/* -- wait, send, start -- */

START_TEST(wait_sees_a_prompt)
{
	stage_begin();
	run("wait web1 --for 'login: $'");
	ck_assert_uint_eq(stage.attach.flags, ATTACH_READ_ONLY);
	ck_assert_uint_eq(stage.attach.from.kind, POSITION_NOW);
	prints("Debian\r\nweb1 log");
	stage.offset += 7;
	prints("\r\nweb1 login: ");
	says("7 bytes of output missing here");
	goes_on();
	usleep(1000 * 120);
	settle();
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.out), "web1 login: \n");
	stage_end();
}
END_TEST

static const struct {
	const char *what, *command;
	struct msg_state state;
	struct msg_keyboard keyboard;
	bool may_not_type;
	int status;
	const char *says;
} ends[] = {
	{"wait for one that is off", "wait web1 --for x", {.guest = GUEST_OFF, .host_up = 1}, {0},
	 false, 6, "web1 is off"},
	{"send to one that is off", "send web1 x", {.guest = GUEST_OFF, .host_up = 1},
	 {.yours = 1, .held = 1}, false, 6, "web1 is off"},
	{"send where there is no console", "send web1 x",
	 {.guest = GUEST_RUNNING, .host_up = 1, .line = LINE_NO_CONSOLE}, {.yours = 1, .held = 1},
	 false, 4, ""},
	{"somebody else has the keyboard", "send web1 x",
	 {.guest = GUEST_RUNNING, .host_up = 1, .line = LINE_OPEN},
	 {.held = 1, .holder = "bob\033"}, false, 1, "bob\\x1b has the keyboard: --take"},
	{"only watching", "send web1 x", {.guest = GUEST_RUNNING, .host_up = 1, .line = LINE_OPEN},
	 {0}, true, 3, "only watch"},
	{"a bad text", "send web1 a\\xq", {0}, {0}, false, 2, "at character 2"},
	{"a bad expression", "wait web1 --for '['", {0}, {0}, false, 2, "bad expression"},
	{"no expression", "wait web1", {0}, {0}, false, 2, "wait wants --for"},
	{"a bad position", "log web1 --from soon", {0}, {0}, false, 2, "not 'soon'"},
	{"two keys", "sysrq web1 ab", {0}, {0}, false, 2, "one key"},
};

START_TEST(every_end_has_its_status)
{
	stage_begin();
	stage.state = ends[_i].state;
	stage.keyboard = ends[_i].keyboard;
	stage.attached.may_type = !ends[_i].may_not_type;
	run(ends[_i].command);
	is_over_with(ends[_i].status);
	says(ends[_i].says);
	ck_assert_uint_eq(stage.out.len, 0);
	ck_assert_uint_eq(stage.input.len, 0);
	stage_end();
}
END_TEST

START_TEST(send_ends_when_all_is_taken)
{
	stage_begin();
	stage.is_deaf = true;
	run("send web1 ls\\r");
	ck_assert_uint_eq(stage.attach.flags, ATTACH_CREDIT);
	ck_assert_str_eq(text_of(&stage.input), "ls\r");
	goes_on();
	wire_send(&stage.console, MSG_CREDIT, &(struct msg_credit){ stage.handle, 2 });
	settle();
	goes_on();
	wire_send(&stage.console, MSG_CREDIT, &(struct msg_credit){ stage.handle, 1 });
	settle();
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(send_tells_what_was_lost)
{
	stage_begin();
	stage.is_deaf = true;
	run("send web1 ls\\r");
	wire_send(&stage.console, MSG_LOST, &(struct msg_lost){ stage.handle, LOSS_STUCK, 3 });
	settle();
	is_over_with(1);
	says("3 bytes");
	stage_end();
}
END_TEST

START_TEST(stdin_waits_for_the_guest)
{
	static uint8_t data[100000];
	size_t taken = 0;

	stage_begin();
	stage.is_deaf = true;
	run("send web1 -");
	for (int i = 0; i < 10; i++) {
		taken += session_input(stage.session, data, sizeof(data));
		settle();
	}
	ck_assert_uint_le(taken, 2 * INPUT_WINDOW);
	ck_assert_uint_eq(stage.input.len, INPUT_WINDOW);
	goes_on();
	stage_end();
}
END_TEST

START_TEST(start_is_there_before_it_starts)
{
	struct msg_act_done done = { .text = "the guest is started" };

	stage_begin();
	stage.state = (struct msg_state){ .guest = GUEST_OFF, .host_up = 1 };
	run("start web1 --for ready");
	ck_assert_uint_eq(stage.attaches, 1);
	ck_assert_uint_eq(stage.acts, 1);
	ck_assert_uint_eq(stage.act.act, ACT_START);
	goes_on();
	tells_state(GUEST_RUNNING, LINE_OPEN, false);
	prints("ready\n");
	goes_on();
	done.handle = stage.act.handle;
	wire_send(&stage.console, MSG_ACT_DONE, &done);
	settle();
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.out), "ready\n");
	says("the guest is started");
	stage_end();
}
END_TEST

START_TEST(watch_is_of_many)
{
	stage_begin();
	run("watch 'tick|\"' 'web[12]'");
	ck_assert_uint_eq(stage.attaches, 4);      /* two guests, two consoles each */
	prints("tick 1\na \"b\"\n");
	shows("{\"guest\":\"web2\",\"host\":\"local\",\"console\":\"serial1\",\"time\":\"20");
	shows("\"line\":\"tick 1\"}\n");
	shows("\"line\":\"a \\\"b\\\"\"}\n");
	tells_state(GUEST_OFF, LINE_CLOSED, true);
	goes_on();
	stage_end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scripts");
	TCase *t = tcase_create("scripts");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, log_ends_at_what_is_kept);
	tcase_add_test(t, log_goes_on_live_from_just_there);
	tcase_add_test(t, log_begins_with_files);
	tcase_add_test(t, log_has_the_times_of_the_index);
	tcase_add_test(t, log_fills_holes_from_disk);
	tcase_add_test(t, log_says_holes_that_disk_has_too);
	tcase_add_test(t, log_waits_for_its_reader);
	tcase_add_test(t, wait_sees_a_prompt);
	tcase_add_loop_test(t, every_end_has_its_status, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(t, send_ends_when_all_is_taken);
	tcase_add_test(t, send_tells_what_was_lost);
	tcase_add_test(t, stdin_waits_for_the_guest);
	tcase_add_test(t, start_is_there_before_it_starts);
	tcase_add_test(t, watch_is_of_many);
	suite_add_tcase(s, t);
	return suite_run(s);
}
