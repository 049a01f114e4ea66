/* SPDX-License-Identifier: ISC */
/*
 * A session on a console: what was printed before, what a terminal answers, and what keys do
 * to the guest.
 */
#include "session_stage.h"
#include "tests/suite.h"

static const struct session_start on_web1 = {
	.has_terminal = true, .guest = "web1", .rows = 24, .cols = 80};
static const struct session_start plain = {.command = "attach web1"};

static void out(const char *text)
{
	stage_output(text, strlen(text));
}

/* -- replay -- */

static const struct {
	const char *what;
	struct msg_attached attached;
	const char *old, *live, *shows;
} replays[] = {
	{"since you left", {.from = POSITION_LEFT, .epoch = 7, .offset = 100, .head = 117},
	 "one\r\ntwo\r\nlogin: ", "root",
	 "(Ctrl + ])\r\n[gate: 17 bytes since you left, from 7.100 on:]\r\none\r\ntwo\r\n"
	 "[gate: live from here on]\r\nlogin: root"},
	{"some is not kept", {.from = POSITION_LEFT, .epoch = 7, .offset = 100, .head = 105,
			      .missed = 12283},
	 "one\r\n", "two",
	 "[gate: 12 KiB since you left, 12 KiB of them not kept any more, from 7.100 on:]\r\none\r\n"
	 "[gate: live from here on]\r\ntwo"},
	{"of another epoch", {.from = POSITION_LEFT, .epoch = 8, .offset = 0, .head = 5,
			      .missed = UINT64_MAX},
	 "one\r\n", "two",
	 "[gate: the gate was started anew since: what came before that is lost]\r\n"
	 "[gate: 5 bytes since you left, from 8.0 on:]\r\none\r\n[gate: live from here on]\r\ntwo"},
	{"a newcomer", {.from = POSITION_LINES, .offset = 3, .head = 8}, "one\r\n", "two",
	 "[gate: 5 bytes from before, from 0.3 on:]\r\none\r\n[gate: live from here on]\r\ntwo"},
	{"nothing came", {.from = POSITION_LEFT, .offset = 9, .head = 9}, "", "two",
	 "(Ctrl + ])\r\ntwo"},
	{"queries are left out", {.from = POSITION_LEFT, .offset = 0, .head = 9}, "a\033[6nb\033[c", "x",
	 "[gate: live from here on]\r\nabx"},
	{"live ones pass", {.from = POSITION_LEFT, .offset = 0, .head = 1}, "a", "\033[6nb",
	 "\r\na\033[6nb"},
	{"a colour goes on", {.from = POSITION_LEFT, .offset = 0, .head = 4}, "a\033[3", "1mb",
	 "a\033[31m"},
	{"a string swallows nothing live", {.from = POSITION_LEFT, .offset = 0, .head = 8},
	 "a\r\n\033]52;", "c;\r\nb", "live from here on]\r\nc;\r\nb"},
};

/* In one message, and a byte at a time. */
START_TEST(what_was_before)
{
	for (unsigned bytewise = 0; bytewise < 2; bytewise++) {
		const char *old = replays[_i].old;
		struct msg_attached was;
		char all[256];

		stage_begin();
		was = stage.attached;
		stage.attached.from = replays[_i].attached.from;
		stage.attached.epoch = replays[_i].attached.epoch;
		stage.attached.offset = replays[_i].attached.offset;
		stage.attached.head = replays[_i].attached.head;
		stage.attached.missed = replays[_i].attached.missed;
		ck_assert_uint_eq(was.missed, 0);
		ck_assert_uint_eq(strlen(old), stage.attached.head - stage.attached.offset);
		stage_start(on_web1);
		ck_assert_uint_eq(stage.attach.from.kind, POSITION_DEFAULT);
		snprintf(all, sizeof(all), "%s%s", old, replays[_i].live);
		for (size_t i = 0; bytewise && all[i]; i++) {
			stage_output(all + i, 1);
			settle();
		}
		if (!bytewise)
			out(all);
		settle();
		shows(replays[_i].shows);
		stage_end();
	}
}
END_TEST

static const struct {
	const char *command;
	struct position from;
} asked[] = {
	{"attach web1 --replay-lines=50", {POSITION_LINES, 0, 50}},
	{"attach web1 --replay-lines=0", {POSITION_NOW, 0, 0}},
	{"attach web1 --replay-from left", {POSITION_LEFT, 0, 0}},
	{"attach web1 --replay-from=7.99", {POSITION_OFFSET, 7, 99}},
	{"attach web1 --replay-from=2026-11-22T00:00Z", {POSITION_TIME, 0, 1795305600}},
	{"attach web1", {POSITION_NOW, 0, 0}},
};

START_TEST(a_replay_is_cut_by_leaving)
{
	stage_begin();
	stage.attached.from = POSITION_LEFT;
	stage.attached.head = 1000;
	stage_start(on_web1);
	out("\033[?1049h\033[?1000h\033[31m\033(0red\r\n\033]52;c;");
	settle();
	forget();
	type("\x1d.");
	is_over_with(0);
	shows("\033(B");
	shows("\033[m");
	shows_not("1049");
	stage_end();
}
END_TEST

START_TEST(where_it_begins)
{
	stage_begin();
	stage_start((struct session_start){.command = asked[_i].command});
	ck_assert_uint_eq(stage.attach.from.kind, asked[_i].from.kind);
	ck_assert_uint_eq(stage.attach.from.epoch, asked[_i].from.epoch);
	ck_assert_uint_eq(stage.attach.from.value, asked[_i].from.value);
	stage_end();
}
END_TEST

START_TEST(in_the_login_name)
{
	stage_begin();
	stage_start((struct session_start){
		.has_terminal = true, .guest = "web1", .options = "read-only+replay-lines=50"});
	ck_assert_uint_eq(stage.attach.from.kind, POSITION_LINES);
	ck_assert_uint_eq(stage.attach.from.value, 50);
	stage_end();
}
END_TEST

START_TEST(positions_are_checked)
{
	stage_begin();
	stage_start((struct session_start){.command = "attach web1 --replay-from=yesterday"});
	is_over_with(2);
	says("--replay-from takes EPOCH.OFFSET, left, boot");
	stage_end();
}
END_TEST

START_TEST(without_a_terminal_a_replay_is_bytes_alone)
{
	stage_begin();
	stage.attached.from = POSITION_LINES;
	stage.attached.head = 9;
	stage_start((struct session_start){.command = "attach web1 --replay-lines 3"});
	out("a\033[31mb\033[c\nx");
	settle();
	ck_assert_str_eq(text_of(&stage.out), "a\033[31mb\033[m\033[c\nx");
	says("[gate: 9 bytes from before, from 0.0 on:]\n");
	stage_end();
}
END_TEST

START_TEST(keys_replay)
{
	stage_begin();
	stage.attached.offset = stage.attached.head = 50;
	stage_start(on_web1);
	out("live\r\n");
	settle();
	stage.replaying = (struct msg_replaying){.offset = 40, .head = 56};
	forget();
	type("\x1dr");
	ck_assert_uint_eq(stage.replay.kind, POSITION_LINES);
	ck_assert_uint_eq(stage.replay.value, 60);
	out("before\033[6nlive\r\n");
	settle();
	shows("[gate: 16 bytes from before, from 0.40 on:]\r\nbeforelive\r\n[gate: live from here on]\r\n");
	type("\x1dR");
	ck_assert_uint_eq(stage.replay.kind, POSITION_BOOT);
	ck_assert_uint_eq(stage.replay.value, 0);
	stage.replaying = (struct msg_replaying){.offset = 56, .head = 56};
	type("\x1dr");
	shows("[gate: nothing from before is kept]");
	goes_on();
	stage_end();
}
END_TEST

START_TEST(boots_are_told)
{
	struct msg_boot boot = {.offset = 2, .time = 1795305600};

	stage_begin();
	stage.attached.from = POSITION_LEFT;
	stage.attached.head = 4;
	stage_start(on_web1);
	out("a\n");
	boot.handle = stage.handle;
	wire_send(&stage.console, MSG_BOOT, &boot);
	out("b\nc");
	settle();
	shows("a\n\r[gate: web1 started here, 2026-11-22T00:00:00Z]\r\nb\n");
	stage_end();
}
END_TEST

/* -- what a terminal answers -- */

static const char *const answers[] = {
	"\033[5;10R", "\033[?62;4c", "\033[>41;0;0c", "\033]11;rgb:00/00/00\033\\",
	"\033]11;rgb:0/0/0\a", "\033P1$r0m\033\\", "\033[0n", "\033[?2026;2$y", "\033[?1u",
};

START_TEST(answers_are_the_holders_and_live)
{
	stage_begin();
	stage_start(on_web1);
	type(answers[_i]);
	ck_assert_str_eq(text_of(&stage.input), answers[_i]);
	stage_end();

	stage_begin();
	stage.attached.from = POSITION_LEFT;
	stage.attached.head = 3;
	stage_start(on_web1);
	out("old");
	settle();
	type(answers[_i]);
	type("typed\r");
	ck_assert_str_eq(text_of(&stage.input), "typed\r");
	stage_end();

	stage_begin();
	stage.keyboard = (struct msg_keyboard){.held = 1, .holder = "bob"};
	stage_start(on_web1);
	forget();
	type(answers[_i]);
	ck_assert_str_eq(text_of(&stage.out), "");
	type("x");
	shows("[gate: not sent: bob has the keyboard");
	ck_assert_uint_eq(stage.input.len, 0);
	stage_end();

	stage_begin();
	stage.keyboard = (struct msg_keyboard){0};
	stage_start(on_web1);
	type(answers[_i]);
	ck_assert_uint_eq(stage.input.len, 0);
	type("x");
	ck_assert_str_eq(text_of(&stage.input), "x");
	stage_end();
}
END_TEST

START_TEST(no_escape_key_either)
{
	stage_begin();
	stage.attached.from = POSITION_LEFT;
	stage.attached.head = 3;
	stage_start((struct session_start){
		.has_terminal = true, .guest = "web1", .options = "escape=none"});
	out("old");
	settle();
	type("\033[5;10Rls\033[A\r");
	ck_assert_str_eq(text_of(&stage.input), "ls\033[A\r");
	stage_end();
}
END_TEST

START_TEST(strict_is_live_too)
{
	struct session_start strict = on_web1;

	strict.is_strict = true;
	stage_begin();
	stage_start(strict);
	out("a\033]52;c;aGk=\ab\033[21tc\033[6nd");
	settle();
	shows("a\030b\030c\033[6nd");
	stage_end();
}
END_TEST

/* -- keys -- */

static const struct {
	const char *keys;
	uint8_t may, act, key;       /* act 0: none is asked for */
	const char *shows;
} keys[] = {
	{"\x1dpoy", MAY_POWER, ACT_START, 0, "[gate: start (or resume) web1? y does it]"},
	{"\x1dpsy", MAY_POWER, ACT_SHUTDOWN, 0, "[gate: ask for a shutdown of web1? y does it]"},
	{"\x1dpry", MAY_POWER, ACT_REBOOT, 0, ""},
	{"\x1dpxy", MAY_POWER, ACT_RESET, 0, ""},
	{"\x1dpfY", MAY_POWER, ACT_POWEROFF, 0, ""},
	{"\x1dpny", MAY_POWER, ACT_NMI, 0, ""},
	{"\x1dpfn", MAY_POWER, 0, 0, "[gate: not done]"},
	{"\x1dpf\r", MAY_POWER, 0, 0, "[gate: not done]"},
	{"\x1dpf\x1d\x1d", MAY_POWER, 0, 0, "[gate: not done]"},
	{"\x1dp?", MAY_POWER, 0, 0, "[gate: power: o on, s shut down"},
	{"\x1dpfy", MAY_BREAK, 0, 0, "[gate: you may not do that to web1: that needs the right 'power']"},
	{"\x1d" "b", MAY_BREAK, ACT_BREAK, 0, ""},
	{"\x1d" "b", MAY_POWER, 0, 0, "that needs the right 'break'"},
	{"\x1dsh", MAY_BREAK, ACT_SYSRQ, 'h', ""},
	{"\x1dsb", MAY_BREAK, 0, 0, "[gate: SysRq b reboots at once: send it to web1? y does it]"},
	{"\x1dsby", MAY_BREAK, ACT_SYSRQ, 'b', ""},
	{"\x1dscn", MAY_BREAK, 0, 0, "[gate: not done]"},
	{"\x1ds\r", MAY_BREAK, 0, 0, "a SysRq key is a letter"},
	{"\x1dsh", MAY_POWER, 0, 0, "that needs the right 'break'"},
	{"\033[93;5u\033[112u\033[111;1u\033[121u", MAY_POWER, ACT_START, 0, "? y does it"},
};

START_TEST(keys_that_act)
{
	stage_begin();
	stage.attached.may = keys[_i].may;
	stage_start(on_web1);
	type(keys[_i].keys);
	ck_assert_msg(stage.acts == (keys[_i].act != 0), "%u acts", stage.acts);
	ck_assert_uint_eq(stage.act.act, keys[_i].act);
	ck_assert_uint_eq(stage.act.key, keys[_i].key);
	if (keys[_i].act)
		ck_assert_str_eq(stage.act.guest, keys[_i].act == ACT_BREAK
				 ? "00000000-0000-0000-0000-000000000001:serial0"
				 : "00000000-0000-0000-0000-000000000001");
	shows(keys[_i].shows);
	/* Nothing of it reached the guest, but what came behind a no. */
	ck_assert_str_eq(text_of(&stage.input), strstr(keys[_i].keys, "\x1d\x1d") ? "\x1d" :
			 keys[_i].may == MAY_BREAK && strstr(keys[_i].keys, "pfy") ? "fy" :
			 keys[_i].may == MAY_POWER && strstr(keys[_i].keys, "sh") ? "h" : "");
	stage_end();
}
END_TEST

START_TEST(what_became_of_it)
{
	struct msg_act_done done = {.text = "BREAK sent (QMP)\033"};
	struct msg_refused no = {.code = REFUSED_FAILED, .text = "the guest is off already"};

	stage_begin();
	stage.attached.may = MAY_POWER | MAY_BREAK;
	stage_start(on_web1);
	type("\x1d" "b");
	type("\x1d" "b");
	shows("[gate: not sent: what you asked for before is not done yet]");
	done.handle = stage.act.handle;
	wire_send(&stage.console, MSG_ACT_DONE, &done);
	settle();
	shows("[gate: BREAK sent (QMP)\\x1b]");
	type("\x1dpfy");
	no.handle = stage.act.handle;
	wire_send(&stage.console, MSG_REFUSED, &no);
	settle();
	shows("[gate: the guest is off already]");
	goes_on();
	stage_end();
}
END_TEST

START_TEST(esc_takes_it_back)
{
	stage_begin();
	stage.attached.may = MAY_POWER;
	stage_start(on_web1);
	type("\x1dpf\033");
	usleep(60000);
	settle();
	shows("[gate: not done]");
	type("y");
	ck_assert_str_eq(text_of(&stage.input), "y");
	ck_assert_uint_eq(stage.acts, 0);
	stage_end();
}
END_TEST

START_TEST(the_size_of_the_window)
{
	stage_begin();
	stage_start(on_web1);
	type("\x1dz");
	shows("[gate: type 'stty rows 24 cols 80' and Enter to web1? y does it]");
	ck_assert_uint_eq(stage.input.len, 0);
	type("y");
	ck_assert_str_eq(text_of(&stage.input), "stty rows 24 cols 80\r");
	stage_end();
}
END_TEST

START_TEST(help_tells_what_one_may)
{
	stage_begin();
	stage.attached.may = MAY_POWER;
	stage_start(on_web1);
	type("\x1d?");
	shows("p      power: then o on");
	shows_not("BREAK");
	type("q\x1dX");
	shows("p power, ? help, ^] sends ^]]");
	stage_end();
}
END_TEST

/* -- pasting slowly -- */

START_TEST(paste_waits_for_the_echo)
{
	stage_begin();
	stage.has_no_echo = true;
	stage_start(on_web1);
	type("\x1dvone\rtwo\rthree\r\x1d");
	ck_assert_str_eq(text_of(&stage.input), "one\r");
	out("o\033[Kn");
	settle();
	ck_assert_str_eq(text_of(&stage.input), "one\r");
	out("e\r\n$ ");
	settle();
	ck_assert_str_eq(text_of(&stage.input), "one\rtwo\r");
	out("two\r\n$ ");
	settle();
	out("three\r\n$ ");
	settle();
	ck_assert_str_eq(text_of(&stage.input), "one\rtwo\rthree\r");
	shows("[gate: pasted: 3 lines, 14 bytes sent]");
	stage_end();
}
END_TEST

START_TEST(paste_is_stopped)
{
	stage_begin();
	stage.has_no_echo = true;
	stage_start(on_web1);
	type("\x1dvone\rtwo\rthree\r");
	type("\x1dv");
	shows("[gate: stopped: 1 lines, 4 bytes sent, 10 bytes not sent]");
	type("x");
	ck_assert_str_eq(text_of(&stage.input), "one\rx");
	stage_end();
}
END_TEST

START_TEST(paste_of_much)
{
	static char text[300001];
	size_t taken = 0;

	stage_begin();
	stage_start(on_web1);
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = i % 75 == 74 ? '\r' : (char)('a' + i % 26);
	type("\x1dv");
	while (taken < sizeof(text) - 1) {
		size_t left = sizeof(text) - 1 - taken;
		size_t n = session_input(stage.session, (uint8_t *)text + taken,
					 left < 50000 ? left : 50000);

		ck_assert_uint_gt(n, 0);
		taken += n;
		settle();
	}
	ck_assert_uint_eq(stage.input.len, taken);
	ck_assert_int_eq(memcmp(stage.input.data, text, taken), 0);
	type("\x1d");
	shows("[gate: pasted: 4000 lines, 293 KiB sent]");
	stage_end();
}
END_TEST

/* -- the end that console makes -- */

START_TEST(kicked)
{
	struct msg_visit_end end = {.text = "carol ended your session"};

	stage_begin();
	stage_start(_i ? plain : on_web1);
	wire_send(&stage.console, MSG_VISIT_END, &end);
	settle();
	is_over_with(1);
	ck_assert(!session_wants_visit(stage.session));
	if (_i)
		says("[gate: carol ended your session]");
	else
		shows("[gate: carol ended your session]");
	stage_end();
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof(table[0]))

int main(void)
{
	Suite *s = suite_create("session's keys");
	TCase *t = tcase_create("on a console");

	tcase_add_loop_test(t, what_was_before, 0, ROWS(replays));
	tcase_add_test(t, a_replay_is_cut_by_leaving);
	tcase_add_loop_test(t, where_it_begins, 0, ROWS(asked));
	tcase_add_test(t, in_the_login_name);
	tcase_add_test(t, positions_are_checked);
	tcase_add_test(t, without_a_terminal_a_replay_is_bytes_alone);
	tcase_add_test(t, keys_replay);
	tcase_add_test(t, boots_are_told);
	tcase_add_loop_test(t, answers_are_the_holders_and_live, 0, ROWS(answers));
	tcase_add_test(t, no_escape_key_either);
	tcase_add_test(t, strict_is_live_too);
	tcase_add_loop_test(t, keys_that_act, 0, ROWS(keys));
	tcase_add_test(t, what_became_of_it);
	tcase_add_test(t, esc_takes_it_back);
	tcase_add_test(t, the_size_of_the_window);
	tcase_add_test(t, help_tells_what_one_may);
	tcase_add_test(t, paste_waits_for_the_echo);
	tcase_add_test(t, paste_is_stopped);
	tcase_add_test(t, paste_of_much);
	tcase_add_loop_test(t, kicked, 0, 2);
	suite_add_tcase(s, t);
	return suite_run(s);
}
