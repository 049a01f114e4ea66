/* SPDX-License-Identifier: ISC */
/* The sentences of our own lines: one for each change that matters, none for the others. */
#include <stdlib.h>
#include <string.h>

#include "terminal/notice.h"
#include "tests/suite.h"

static struct notice_about about = {
	.name = "web1",
	.host = "kvm2",
	.text = "why",
	.escape = "^]",
	.holder = "bob",
	.by = "carol",
	.count = 7,
	.is_waiting = true,
};

static const char *text_of(struct buf *b)
{
	buf_append(b, "", 1);
	return (const char *)b->data;
}

#define STATE(g, l, h) { .guest = (g), .line = (l), .host_up = (h) }
static const struct msg_state running = STATE(GUEST_RUNNING, LINE_OPEN, 1);

static const struct {
	const char *what;
	bool is_first;
	struct msg_state before, now;
	const char *text;
} states[] = {
	{"running from the start", true, STATE(0, 0, 0), STATE(GUEST_RUNNING, LINE_OPEN, 1), ""},
	{"opening from the start", true, STATE(0, 0, 0), STATE(GUEST_RUNNING, LINE_OPENING, 1), ""},
	{"off from the start", true, STATE(0, 0, 0), STATE(GUEST_OFF, LINE_CLOSED, 1),
	 "web1 is off; waiting until it starts (^] . leaves)\n"},
	{"paused from the start", true, STATE(0, 0, 0), STATE(GUEST_PAUSED, LINE_OPEN, 1),
	 "web1 is paused\n"},
	{"host away from the start", true, STATE(0, 0, 0), STATE(GUEST_UNKNOWN, LINE_CLOSED, 0),
	 "kvm2 does not answer; waiting for it (^] . leaves)\n"},
	{"no change", false, STATE(GUEST_RUNNING, LINE_OPEN, 1), STATE(GUEST_RUNNING, LINE_OPEN, 1),
	 ""},
	{"end of file, nothing known yet", false, STATE(GUEST_RUNNING, LINE_OPEN, 1),
	 STATE(GUEST_RUNNING, LINE_CLOSED, 1), ""},
	{"shutting down is no news", false, STATE(GUEST_RUNNING, LINE_OPEN, 1),
	 STATE(GUEST_SHUTTING_DOWN, LINE_CLOSED, 1), ""},
	{"shut down", false, STATE(GUEST_SHUTTING_DOWN, LINE_OPEN, 1),
	 STATE(GUEST_OFF, LINE_CLOSED, 1),
	 "web1 is off now; waiting until it starts (^] . leaves)\n"},
	{"started", false, STATE(GUEST_OFF, LINE_CLOSED, 1), STATE(GUEST_RUNNING, LINE_OPEN, 1),
	 "web1 has started\n"},
	{"started, opening", false, STATE(GUEST_OFF, LINE_CLOSED, 1),
	 STATE(GUEST_RUNNING, LINE_OPENING, 1), "web1 has started\n"},
	{"open after that", false, STATE(GUEST_RUNNING, LINE_OPENING, 1),
	 STATE(GUEST_RUNNING, LINE_OPEN, 1), ""},
	{"resumed", false, STATE(GUEST_PAUSED, LINE_OPEN, 1), STATE(GUEST_RUNNING, LINE_OPEN, 1),
	 "web1 goes on\n"},
	{"host lost", false, STATE(GUEST_RUNNING, LINE_OPEN, 1),
	 STATE(GUEST_UNKNOWN, LINE_CLOSED, 0),
	 "kvm2 does not answer; waiting for it (^] . leaves)\n"},
	{"host back", false, STATE(GUEST_UNKNOWN, LINE_CLOSED, 0),
	 STATE(GUEST_RUNNING, LINE_OPENING, 1), "kvm2 answers again\n"},
	{"host back, guest off", false, STATE(GUEST_UNKNOWN, LINE_CLOSED, 0),
	 STATE(GUEST_OFF, LINE_CLOSED, 1),
	 "kvm2 answers again\nweb1 is off now; waiting until it starts (^] . leaves)\n"},
	{"line died", false, STATE(GUEST_RUNNING, LINE_OPEN, 1),
	 STATE(GUEST_RUNNING, LINE_OPENING, 1), "the console was closed; opening it again\n"},
	{"taken over and back", false, STATE(GUEST_RUNNING, LINE_STOLEN, 1),
	 STATE(GUEST_RUNNING, LINE_OPEN, 1), "the console is open\n"},
	{"failed", false, STATE(GUEST_RUNNING, LINE_OPENING, 1),
	 STATE(GUEST_RUNNING, LINE_FAILED, 1), "the console does not open: why; trying again\n"},
};

START_TEST(changes_of_state)
{
	struct buf out;

	buf_init(&out, 4096);
	notice_state(&out, states[_i].is_first ? NULL : &states[_i].before, &states[_i].now,
		     &about);
	ck_assert_msg(strcmp(text_of(&out), states[_i].text) == 0, "%s: %s", states[_i].what,
		      (char *)out.data);
	buf_free(&out);
}
END_TEST

START_TEST(without_escape_key_or_waiting)
{
	struct notice_about plain = about;
	struct msg_state off = STATE(GUEST_OFF, LINE_CLOSED, 1),
			 busy = STATE(GUEST_RUNNING, LINE_BUSY, 1);
	struct buf out;

	plain.escape = "";
	buf_init(&out, 4096);
	notice_state(&out, &running, &off, &plain);
	ck_assert_str_eq(text_of(&out), "web1 is off now; waiting until it starts\n");
	buf_clear(&out);
	plain.is_waiting = false;
	notice_state(&out, &running, &off, &plain);
	ck_assert_str_eq(text_of(&out), "web1 is off now\n");
	buf_clear(&out);
	notice_state(&out, &running, &busy, &plain);
	ck_assert_str_eq(text_of(&out),
			 "somebody outside (virsh console?) has this console\n");
	buf_free(&out);
}
END_TEST

/* What somebody with all rights could do about it. */
static const struct {
	struct msg_state now;
	const char *text;
} steps[] = {
	{STATE(GUEST_OFF, LINE_CLOSED, 1),
	 "web1 is off now; waiting until it starts (^] p o starts it, ^] . leaves)\n"},
	{STATE(GUEST_PAUSED, LINE_OPEN, 1), "web1 is paused; ^] p o resumes it\n"},
	{STATE(GUEST_SUSPENDED, LINE_OPEN, 1), "web1 is suspended; ^] p o wakes it up\n"},
	{STATE(GUEST_CRASHED, LINE_CLOSED, 1), "web1 has crashed; ^] p x resets it\n"},
	{STATE(GUEST_RUNNING, LINE_NO_CONSOLE, 1),
	 "web1 has no serial console: add a serial device of type 'pty' (the command 'add-serial "
	 "web1', or virsh edit) and start it anew\n"},
};

START_TEST(next_steps)
{
	struct notice_about all = about;
	struct buf out;

	all.may = MAY_POWER | MAY_ADD_SERIAL;
	buf_init(&out, 4096);
	notice_state(&out, &running, &steps[_i].now, &all);
	ck_assert_str_eq(text_of(&out), steps[_i].text);
	buf_free(&out);
}
END_TEST

/* {yours, held, cause, holder} */
static const struct {
	const char *what;
	struct msg_keyboard before, now;
	const char *text;
} turns[] = {
	{"first to type",
	 {0},
	 {.yours = 1, .held = 1, .cause = KEYBOARD_FIRST, .holder = "me"},
	 ""},
	{"another first",
	 {0},
	 {.held = 1, .cause = KEYBOARD_FIRST, .holder = "bob"},
	 "bob has the keyboard; ^] t takes it\n"},
	{"I took it",
	 {.held = 1, .holder = "x"},
	 {.yours = 1, .held = 1, .cause = KEYBOARD_TAKEN, .holder = "me"},
	 "you have the keyboard now\n"},
	{"taken from me",
	 {.yours = 1, .held = 1, .holder = "me"},
	 {.held = 1, .cause = KEYBOARD_TAKEN, .holder = "bob"},
	 "bob took the keyboard; ^] t takes it back\n"},
	{"taken among others",
	 {.held = 1, .holder = "x"},
	 {.held = 1, .cause = KEYBOARD_TAKEN, .holder = "bob"},
	 "bob took the keyboard; ^] t takes it\n"},
	{"given up",
	 {.held = 1, .holder = "x"},
	 {.cause = KEYBOARD_GIVEN},
	 "carol gave the keyboard up: whoever types has it\n"},
	{"left",
	 {.held = 1, .holder = "x"},
	 {.cause = KEYBOARD_LEFT},
	 "carol left; the keyboard is free: whoever types has it\n"},
	{"I gave it up",
	 {.yours = 1, .held = 1, .holder = "me"},
	 {.cause = KEYBOARD_GIVEN},
	 "the keyboard is free: whoever types has it\n"},
	{"my newer session",
	 {.yours = 1, .held = 1, .holder = "me"},
	 {.held = 1, .cause = KEYBOARD_SAME_USER, .holder = "me", .holder_peer = "::2"},
	 "a newer session of yours has the keyboard now; ^] t takes it back\n"},
	{"my older session",
	 {.held = 1, .holder = "me", .holder_peer = "::2"},
	 {.yours = 1, .held = 1, .cause = KEYBOARD_SAME_USER, .holder = "me"},
	 "you have the keyboard now; an older session of yours had it\n"},
	{"idle, and I asked",
	 {.held = 1, .holder = "x"},
	 {.yours = 1, .held = 1, .cause = KEYBOARD_IDLE, .holder = "me", .by = "me"},
	 "you have the keyboard now: who had it had not typed for a while\n"},
	{"idle, and I had it",
	 {.yours = 1, .held = 1, .holder = "me"},
	 {.held = 1, .cause = KEYBOARD_IDLE, .holder = "bob", .by = "bob"},
	 "bob has the keyboard now: you had not typed for a while; ^] t takes it back\n"},
	{"no change",
	 {.held = 1, .holder = "bob"},
	 {.held = 1, .cause = KEYBOARD_TAKEN, .holder = "bob"},
	 ""},
};

START_TEST(turns_of_the_keyboard)
{
	struct buf out;

	buf_init(&out, 4096);
	notice_keyboard(&out, &turns[_i].before, &turns[_i].now, &about);
	ck_assert_msg(strcmp(text_of(&out), turns[_i].text) == 0, "%s: %s", turns[_i].what,
		      (char *)out.data);
	buf_free(&out);
}
END_TEST

START_TEST(losses_and_gaps)
{
	struct buf out;

	buf_init(&out, 4096);
	for (unsigned cause = 0; cause < 5; cause++)
		notice_lost(&out, (uint8_t)cause, &about);
	notice_say(&out, NOTICE_GAP_LOGGED, &about);
	notice_say(&out, NOTICE_GAP, &about);
	ck_assert(strstr(text_of(&out), "\n7 bytes of output missing here; ^] r shows the "
					"last lines again\n"));
	ck_assert(strstr((char *)out.data, "\n7 bytes of output missing here: 'log web1' has them\n"));
	ck_assert(strstr((char *)out.data, "7 bytes that you typed did not reach"));
	ck_assert(!strpbrk((char *)out.data, "{}<>$~"));
	buf_free(&out);
}
END_TEST

START_TEST(virshs_two_lines)
{
	struct buf out;

	buf_init(&out, 4096);
	notice_banner(&out, "web1", 0x1d);
	ck_assert_str_eq(text_of(&out),
			 "Connected to domain 'web1'\nEscape character is ^] (Ctrl + ])\n");
	buf_clear(&out);
	notice_banner(&out, "web1", 1);
	ck_assert_str_eq(text_of(&out),
			 "Connected to domain 'web1'\nEscape character is ^A (Ctrl + A)\n");
	buf_clear(&out);
	notice_banner(&out, "web1", -1);
	ck_assert_str_eq(text_of(&out), "Connected to domain 'web1'\n");
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("notice");
	TCase *t = tcase_create("notice");

	tcase_add_loop_test(t, changes_of_state, 0, sizeof(states) / sizeof(states[0]));
	tcase_add_loop_test(t, next_steps, 0, sizeof(steps) / sizeof(steps[0]));
	tcase_add_test(t, without_escape_key_or_waiting);
	tcase_add_loop_test(t, turns_of_the_keyboard, 0, sizeof(turns) / sizeof(turns[0]));
	tcase_add_test(t, losses_and_gaps);
	tcase_add_test(t, virshs_two_lines);
	suite_add_tcase(s, t);
	return suite_run(s);
}
