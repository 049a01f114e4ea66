/* SPDX-License-Identifier: ISC */
/*
 * A whole session on a terminal: menu, console, escape key, keyboard, and a console service
 * that goes away, lies or floods.
 */
#include "session_stage.h"

#include "ipc/text.h"
#include "terminal/view.h"
#include "tests/suite.h"

static const struct session_start on_web1 = {
	.has_terminal = true, .guest = "web1", .rows = 24, .cols = 80};
static const struct session_start at_menu = { .has_terminal = true, .rows = 24, .cols = 80 };

START_TEST(the_first_two_lines_are_virshs)
{
	static const char banner[] =
		"Connected to domain 'web1'\r\nEscape character is ^] (Ctrl + ])\r\n";

	stage_begin();
	stage_start(on_web1);
	ck_assert_str_eq(text_of(&stage.out), banner);
	ck_assert_uint_eq(stage.attach.flags, ATTACH_PREFIX);
	type("ls\r");
	ck_assert_str_eq(text_of(&stage.input), "ls\r");
	shows("(Ctrl + ])\r\nls\r");
	type("\x1d.");
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(detach_is_instant_in_a_flood)
{
	static uint8_t flood[MESSAGE_DATA_MAX];
	unsigned rounds = 0;

	stage_begin();
	stage_start(on_web1);
	stage.keeps_out = true;
	memset(flood, 'x', sizeof(flood));
	memcpy(flood, "\033[?1000h\033[?1049h\033[31m", 21);
	for (int i = 0; i < 100; i++)
		stage_output(flood, sizeof(flood));
	while (rounds++ < 50)
		settle();
	ck_assert_uint_ge(session_out(stage.session)->len, SESSION_OUT_LOW);
	ck_assert_uint_le(session_out(stage.session)->len, SESSION_OUT_MAX);
	type("\x1d.");
	is_over_with(0);
	ck_assert_uint_le(session_out(stage.session)->len, 256);
	stage.keeps_out = false;
	stage_client();
	shows("\033[?1000l");
	shows("\033[?1049l");
	stage_end();
}
END_TEST

START_TEST(no_escape_key_is_lost_behind_stuck_input)
{
	static char paste[300000];
	size_t taken = 0, n;

	stage_begin();
	stage.is_deaf = true;
	stage_start(on_web1);
	memset(paste, 'p', sizeof(paste));
	do {
		n = session_input(stage.session, (const uint8_t *)paste + taken,
				  sizeof(paste) - taken);
		taken += n;
		settle();
	} while (n);
	ck_assert_uint_lt(taken, sizeof(paste));
	ck_assert_uint_eq(stage.input.len, INPUT_WINDOW);
	goes_on();
	memcpy(paste + sizeof(paste) - 2, "\x1d.", 2);
	session_input(stage.session, (const uint8_t *)paste + taken, sizeof(paste) - taken);
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(input_goes_by_credit_and_in_order)
{
	static char text[50001];
	struct msg_credit credit;
	size_t credited = 0;

	stage_begin();
	stage.is_deaf = true;
	stage_start(on_web1);
	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	ck_assert_uint_eq(session_input(stage.session, (uint8_t *)text, 50000), 50000);
	settle();
	while (stage.input.len < 50000) {
		ck_assert_uint_eq(stage.input.len, credited + INPUT_WINDOW);
		credit = (struct msg_credit){ stage.handle, INPUT_WINDOW };
		credited += INPUT_WINDOW;
		wire_send(&stage.console, MSG_CREDIT, &credit);
		settle();
	}
	ck_assert_str_eq(text_of(&stage.input), text);
	stage_end();
}
END_TEST

START_TEST(what_was_typed_before_leaving_is_sent)
{
	stage_begin();
	stage_start(on_web1);
	type("exit\r\x1d.");
	is_over_with(0);
	ck_assert_str_eq(text_of(&stage.input), "exit\r");
	stage_end();
}
END_TEST

START_TEST(escape_keys_split_anywhere)
{
	static const char *const forms[] = {"\x1d.", "\033[93;5u\033[46;1u",
					    "\033[27;5;93~\033[27;1;46~"};

	for (const char *at = forms[_i]; ; at++) {
		stage_begin();
		stage_start(on_web1);
		session_input(stage.session, (const uint8_t *)forms[_i], (size_t)(at - forms[_i]));
		settle();
		type(at);
		is_over_with(0);
		ck_assert_uint_eq(stage.input.len, 0);
		stage_end();
		if (!*at)
			break;
	}
}
END_TEST

static void wait_ms(unsigned ms)
{
	usleep(ms * 1000);
	settle();
}

START_TEST(times_are_kept)
{
	stage_begin();
	stage.is_deaf = true;
	stage_start(on_web1);
	type("\033");
	ck_assert_uint_eq(stage.input.len, 0);
	ck_assert_int_le(session_timeout(stage.session), 50);
	wait_ms(60);
	ck_assert_str_eq(text_of(&stage.input), "\033");
	forget();
	type("\x1d");
	ck_assert_int_le(session_timeout(stage.session), 500);
	wait_ms(520);
	shows("[gate: ^] then . leave");
	type(".");
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(a_silent_guest_gets_a_hint)
{
	stage_begin();
	stage.attached.output_seen = 0;
	stage_start(on_web1);
	wait_ms(1020);
	shows("[gate: nothing from web1 since it started: press Enter");
	shows("console=ttyS0");
	stage_end();
}
END_TEST

static void say_keyboard(bool yours, bool held, uint8_t cause, const char *holder, const char *by)
{
	struct msg_keyboard m = {
		.handle = stage.handle, .yours = yours, .held = held, .cause = cause};

	snprintf(m.holder, sizeof(m.holder), "%s", holder);
	snprintf(m.by, sizeof(m.by), "%s", by);
	forget();
	wire_send(&stage.console, MSG_KEYBOARD, &m);
	settle();
}

START_TEST(the_keyboard_comes_and_goes)
{
	stage_begin();
	stage.attached.viewers = 2;
	stage.keyboard = (struct msg_keyboard){ .held = 1, .holder = "bob\033[m" };
	stage_start(on_web1);
	shows("somebody else is on this console");
	shows("[gate: bob\\x1b[m has the keyboard; ^] t takes it]");
	type("ab");
	type("c");
	ck_assert_uint_eq(stage.input.len, 0);
	shows("[gate: not sent: bob");
	type("\x1dt");
	ck_assert_uint_eq(stage.takes, 1);
	say_keyboard(true, true, KEYBOARD_TAKEN, "alice", "alice");
	shows("[gate: you have the keyboard now]");
	type("x");
	ck_assert_str_eq(text_of(&stage.input), "x");
	say_keyboard(false, true, KEYBOARD_TAKEN, "bob", "bob");
	shows("[gate: bob took the keyboard; ^] t takes it back]");
	type("y");
	ck_assert_uint_eq(stage.input.len, 0);
	shows("not sent: bob has");
	say_keyboard(false, false, KEYBOARD_LEFT, "", "bob");
	shows("[gate: bob left; the keyboard is free");
	type("z");
	ck_assert_str_eq(text_of(&stage.input), "z");
	say_keyboard(true, true, KEYBOARD_FIRST, "alice", "alice");
	shows_not("[gate");
	say_keyboard(false, true, KEYBOARD_SAME_USER, "alice", "alice");
	shows("a newer session of yours");
	type("y");
	shows("[gate: not sent: another session of yours has the keyboard; ^] t takes it]");
	type("\x1dg\x1d" "f");
	ck_assert_uint_eq(stage.gives, 1);
	ck_assert_uint_eq(stage.forces, 0);
	stage_end();
}
END_TEST

START_TEST(who_is_answered_and_escaped)
{
	stage_begin();
	stage_start(on_web1);
	type("\x1dw");
	shows("[gate: bob\\x1b from ::1 by ssh since ");
	stage_end();
}
END_TEST

START_TEST(typing_to_a_guest_that_is_off)
{
	struct msg_lost lost = {.cause = LOSS_LINE, .count = 1};
	struct msg_state state;

	stage_begin();
	stage.state.guest = GUEST_OFF;
	stage_start(on_web1);
	lost.handle = stage.handle;
	wire_send(&stage.console, MSG_LOST, &lost);
	settle();
	shows("[gate: not sent: web1 is off]");
	forget();
	wire_send(&stage.console, MSG_LOST, &lost);
	settle();
	shows_not("[gate");
	state = (struct msg_state){.handle = stage.handle, .guest = GUEST_RUNNING,
				   .line = LINE_OPEN, .host_up = 1, .run = 1};
	wire_send(&stage.console, MSG_STATE, &state);
	settle();
	wire_send(&stage.console, MSG_LOST, &lost);
	settle();
	shows("[gate: 1 byte that you typed did not reach the guest");
	stage_end();
}
END_TEST

static const struct { const char *what; struct msg_state state; const char *line;
} states[] = {
	{"off",
	 {.guest = GUEST_OFF, .line = LINE_CLOSED, .host_up = 1},
	 "web1 is off now; waiting"},
	{"paused", {.guest = GUEST_PAUSED, .line = LINE_OPEN, .host_up = 1}, "web1 is paused"},
	{"crashed",
	 {.guest = GUEST_CRASHED, .line = LINE_CLOSED, .host_up = 1},
	 "web1 has crashed"},
	{"host away",
	 {.guest = GUEST_UNKNOWN, .line = LINE_CLOSED, .host_up = 0},
	 "local does not answer"},
	{"busy", {.guest = GUEST_RUNNING, .line = LINE_BUSY, .host_up = 1}, "^] f takes it over"},
	{"stolen",
	 {.guest = GUEST_RUNNING, .line = LINE_STOLEN, .host_up = 1},
	 "^] f takes it back"},
	{"failed",
	 {.guest = GUEST_RUNNING, .line = LINE_FAILED, .host_up = 1, .text = "a\tb"},
	 "a\\x09b"},
	{"reopened",
	 {.guest = GUEST_RUNNING, .line = LINE_OPENING, .host_up = 1},
	 "opening it again"},
};

START_TEST(every_change_has_its_line)
{
	struct msg_state m = states[_i].state;

	stage_begin();
	stage_start(on_web1);
	stage_output("login: ", 7);
	settle();
	forget();
	m.handle = stage.handle;
	wire_send(&stage.console, MSG_STATE, &m);
	settle();
	ck_assert_msg(strncmp(text_of(&stage.out), "\r\n[gate: ", 9) == 0, "%s", states[_i].what);
	shows(states[_i].line);
	ck_assert_msg(strcmp(text_of(&stage.out) + stage.out.len - 3, "]\r\n") == 0, "%s",
		      states[_i].what);
	goes_on();
	if (m.line == LINE_BUSY) {
		type("\x1d" "f");
		ck_assert_uint_eq(stage.forces, 1);
	}
	stage_end();
}
END_TEST

START_TEST(our_lines_cut_no_sequence_and_no_character)
{
	stage_begin();
	stage_start(on_web1);
	stage_output("a\033[3", 4);
	settle();
	forget();
	stage.offset += 7;
	stage_output("1mb\xc3", 4);
	stage_output("\xa4" "c", 2);
	settle();
	ck_assert_str_eq(text_of(&stage.out),
			 "1m\r\n[gate: 7 bytes of output missing here; ^] r shows the last lines "
			 "again]\r\nb\xc3\xa4"
			 "c");
	stage_end();
}
END_TEST

START_TEST(quiet_leaves_our_lines_out)
{
	struct session_start start = on_web1;

	start.options = "quiet";
	stage_begin();
	stage.attached.viewers = 9;
	stage_start(start);
	ck_assert_uint_eq(stage.out.len, 0);
	type("\x1d.");
	is_over_with(0);
	stage_end();
}
END_TEST

/* Rows as painted, without what takes no columns: none may be wider than the screen. */
static void check_rows(const char *at, unsigned cols)
{
	char line[65536];
	size_t n = 0;

	for (;; at++) {
		if (*at == '\033' && at[1] == '[') {
			at += 2 + strspn(at + 2, "0123456789;?");
			if (*at == 'H' || !*at) {
				line[n] = '\0';
				ck_assert_msg(text_columns(line) <= cols, "%zu of %u columns: %s",
					      text_columns(line), cols, line);
				n = 0;
			}
		} else if (*at) {
			line[n++] = *at;
		}
		if (!*at)
			break;
	}
}

static const struct { unsigned rows, cols;
} sizes[] = {
	{10, 40}, {24, 80}, {60, 200}, {3, 20}, {1, 1}, {2, 5}, {5, 10}, {1000, 1000},
};

START_TEST(the_menu_fits_any_screen)
{
	struct session_start start = at_menu;
	struct msg_guest g;

	start.rows = sizes[_i].rows;
	start.cols = sizes[_i].cols;
	stage_begin();
	stage.guests = 3000;
	stage_start(start);
	check_rows(text_of(&stage.out), start.cols);
	/* A change in sight paints its row alone; one out of sight next to nothing. */
	forget();
	stage_guest(&g, 2);
	g.viewers = 7;
	wire_send(&stage.console, MSG_GUEST, &g);
	settle();
	ck_assert_uint_le(stage.out.len, 2 * start.cols + 64);
	forget();
	stage_guest(&g, 2999);
	g.viewers = 7;
	wire_send(&stage.console, MSG_GUEST, &g);
	settle();
	if (start.rows < 1000)
		ck_assert_uint_eq(stage.out.len, 0);
	session_resize(stage.session, 12, 44);
	settle();
	check_rows(text_of(&stage.out), 44);
	type("\033[6~\033[B?");
	type("xi");
	type("x/web29");
	check_rows(text_of(&stage.out), 44);
	type("\033");
	wait_ms(60);
	type("q");
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(from_the_menu_and_back)
{
	stage_begin();
	stage_start(at_menu);
	shows("\033[?1049h");
	shows("alice");
	shows("3 guests");
	forget();
	type("\033[B\r");
	shows("\033[?1049l");
	shows("Connected to domain");
	ck_assert_str_eq(stage.attach.guest, "00000000-0000-0000-0000-000000000002");
	forget();
	type("\x1d.");
	goes_on();
	ck_assert_uint_eq(stage.detaches, 1);
	shows("\033[?1049h");
	ck_assert_uint_eq(stage.lists, 1);
	type("/3\r");
	ck_assert_str_eq(stage.attach.guest, "00000000-0000-0000-0000-000000000003");
	type("\x1dm");
	goes_on();
	type("\x04");
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(a_refusal_is_shown_in_the_menu)
{
	stage_begin();
	stage.refused = (struct msg_refused){ 0, REFUSED_NOT_ALLOWED, "not\033allowed" };
	stage_start(at_menu);
	type("\r");
	goes_on();
	shows("not\\x1ballowed");
	stage_end();
}
END_TEST

START_TEST(info_and_selection_survive_changes)
{
	struct msg_guest g;

	stage_begin();
	stage_start(at_menu);
	type("\033[B");
	stage_guest(&g, 0);
	snprintf(g.name, sizeof(g.name), "aaa");
	wire_send(&stage.console, MSG_GUEST, &g);
	settle();
	type("\r");
	ck_assert_str_eq(stage.attach.guest, "00000000-0000-0000-0000-000000000002");
	type("\x1dm");
	forget();
	type("i");
	shows("UUID:");
	shows("bob from ::1 by ssh");
	stage_end();
}
END_TEST

START_TEST(a_single_guest_needs_no_menu)
{
	stage_begin();
	stage.guests = 1;
	stage_start(at_menu);
	shows_not("\033[?1049h");
	shows("Connected to domain 'web1'");
	type("\x1d.");
	is_over_with(0);
	stage_end();
	stage_begin();
	stage.guests = 1;
	stage_start(at_menu);
	type("\x1dm");
	goes_on();
	shows("\033[?1049h");
	stage_end();
}
END_TEST

static const struct { const char *what; struct msg_list_end end; const char *text; } empties[] = {
	{ "no guest", { 0, "" }, "There is no guest yet." },
	{ "no access", { 1, "" }, "no access section" },
	{ "host down", { 0, "kvm\033" "2" }, "kvm\\x1b2" },
};

START_TEST(an_empty_menu_says_why)
{
	struct session_start start = at_menu;

	start.cols = 200;
	stage_begin();
	stage.guests = 0;
	stage.list_end = empties[_i].end;
	stage_start(start);
	shows(empties[_i].text);
	stage_end();
}
END_TEST

START_TEST(a_dumb_terminal_gets_a_list_and_a_prompt)
{
	struct session_start start = at_menu;
	struct msg_guest g;

	start.term = "dumb";
	stage_begin();
	stage_start(start);
	shows_not("\033");
	shows("  1  web1, paused, 1 here\r\n");
	shows("  2  web2, shutting down, 2 here, keyboard: bob\r\n");
	forget();
	type("web\x7f\x7f\x7f");
	ck_assert_str_eq(text_of(&stage.out), "web\b \b\b \b\b \b");
	forget();
	stage_guest(&g, 0);
	wire_send(&stage.console, MSG_GUEST, &g);
	settle();
	ck_assert_uint_eq(stage.out.len, 0);
	type("nothing\x15" "2\r");
	ck_assert_str_eq(stage.attach.guest, "00000000-0000-0000-0000-000000000002");
	type("\x1d.");
	goes_on();
	type("3\r");
	ck_assert_str_eq(stage.attach.guest, "00000000-0000-0000-0000-000000000002");
	type("\x1d.");
	forget();
	type("xyz\r");
	shows("No guest has that number or name");
	type("q\r");
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(the_console_service_goes_and_comes_back)
{
	stage_begin();
	stage_start(on_web1);
	wire_close(&stage.console);
	settle();
	goes_on();
	ck_assert(session_wants_visit(stage.session));
	shows("[gate: the gate lost its console service; waiting for it]");
	stage.refused = (struct msg_refused){ 0, REFUSED_NO_GUEST, "not known yet" };
	session_new_visit(stage.session, stage_visit());
	settle();
	goes_on();
	stage.refused.code = 0;
	wait_ms(1020);
	ck_assert_str_eq(stage.attach.guest, "00000000-0000-0000-0000-000000000001");
	ck_assert_str_eq(stage.attach.device, "serial0");
	ck_assert_uint_eq(stage.attach.flags, ATTACH_TAKE);
	shows("[gate: the console service is back");
	type("x");
	ck_assert_str_eq(text_of(&stage.input), "x");
	stage_end();
}
END_TEST

START_TEST(the_terminal_is_put_back_without_it_too)
{
	stage_begin();
	stage_start(on_web1);
	stage_output("\033[?1049h\033[?1000h", 16);
	settle();
	wire_close(&stage.console);
	settle();
	forget();
	if (_i)
		session_new_visit(stage.session, -1);
	else
		type("\x1d.");
	settle();
	is_over_with(_i ? 1 : 0);
	shows("\033[?1049l\033[?1000l");
	stage_end();
}
END_TEST

START_TEST(it_may_not_come_back)
{
	stage_begin();
	stage_start(at_menu);
	wire_close(&stage.console);
	settle();
	ck_assert(session_wants_visit(stage.session));
	session_new_visit(stage.session, -1);
	settle();
	is_over_with(1);
	shows("does not come back");
	stage_end();
}
END_TEST

START_TEST(a_broken_rule_ends_the_session)
{
	struct msg_output wrong = { .handle = 77, .data = { (const uint8_t *)"x", 1 } };
	struct msg_credit much = { 1, 1 };
	struct msg_handle unasked = { 1 };

	stage_begin();
	stage_start(on_web1);
	if (_i == 0)
		wire_send(&stage.console, MSG_OUTPUT, &wrong);
	else if (_i == 1)
		wire_send(&stage.console, MSG_CREDIT, &much);
	else
		wire_send(&stage.console, MSG_DETACHED, &unasked);
	settle();
	is_over_with(1);
	shows("said something that cannot be");
	stage_end();
}
END_TEST

START_TEST(a_guest_that_is_gone_leads_back)
{
	struct msg_state gone = { .gone = REFUSED_GONE };

	stage_begin();
	stage_start(on_web1);
	gone.handle = stage.handle;
	wire_send(&stage.console, MSG_STATE, &gone);
	settle();
	is_over_with(6);
	shows("web1 is gone");
	stage_end();
	stage_begin();
	stage_start(at_menu);
	type("\r");
	gone.handle = stage.handle;
	wire_send(&stage.console, MSG_STATE, &gone);
	settle();
	goes_on();
	shows("web1 is gone");
	ck_assert_uint_eq(stage.detaches, 0);
	stage_end();
}
END_TEST

START_TEST(the_terminal_is_put_back)
{
	static const char mess[] =
		"\033[?1000h\033[?1006h\033[?2004h\033[>1u\033[>4;2m\033[?1h\033=\033[4h\033[2;5r"
		"\033[?25l\033[?7l\033(0\033[31m\033[?1049h\033[>5u";
	static const char *const put_back[] = {
		"\033[?1000l", "\033[?1006l", "\033[?2004l", "\033[<1u",    "\033[>4m",
		"\033[?1l",    "\033>",	      "\033[4l",     "\033[r",	    "\033[?25h",
		"\033[?7h",    "\033(B",      "\033[m",	     "\033[?1049l",
	};

	stage_begin();
	stage_start(on_web1);
	stage_output(mess, sizeof(mess) - 1);
	settle();
	forget();
	type("\x1d.");
	for (size_t i = 0; i < sizeof(put_back) / sizeof(put_back[0]); i++)
		shows(put_back[i]);
	stage_end();
}
END_TEST

START_TEST(help_is_paged_on_a_small_window)
{
	struct session_start start = on_web1;

	start.rows = 10;
	start.cols = 40;
	stage_begin();
	stage_start(start);
	type("\x1d?");
	shows("leave the console");
	shows("any key: more");
	shows_not("Esc    nothing");
	type(" ");
	shows_not("Esc    nothing");
	type(" ");
	shows("Esc    nothing");
	ck_assert_uint_eq(stage.input.len, 0);
	type(" ");
	ck_assert_str_eq(text_of(&stage.input), " ");
	stage_end();
}
END_TEST

/* The program's screen goes on behind the page, and is painted when a key ends that. */
START_TEST(pages_over_a_full_screen_program)
{
	static const char screen[] = "\033[?1049h\033[H\033[2J\033[5;10r\033[?6h\033[1;31mEDITOR";
	static struct link link;
	struct session_start start = on_web1;

	link_init(&link);
	start.link = &link;
	start.slow_link = VIEW_PAINT;
	stage_begin();
	stage_start(start);
	stage_output(screen, sizeof(screen) - 1);
	settle();
	forget();
	type("\x1d?");
	shows("\033[H\033[2JAfter ^]:\r\n");
	shows("Esc    nothing\r\n-- any key: back --");
	forget();
	stage_output(" goes on", 8);
	settle();
	ck_assert_uint_eq(stage.out.len, 0);
	type("q");
	wait_ms(100);
	shows("\033[2J");
	shows("EDITOR");
	shows("goes");
	ck_assert_uint_eq(stage.input.len, 0);
	/* Then the guest's bytes pass as they are again, and keys are its own. */
	for (int i = 0; i < 12; i++)
		wait_ms(60);
	forget();
	stage_output("\033[3;3Hraw", 9);
	settle();
	ck_assert_str_eq(text_of(&stage.out), "\033[3;3Hraw");
	type("x");
	ck_assert_str_eq(text_of(&stage.input), "x");
	forget();
	type("\x1dw");
	shows("\033[2Jbob\\x1b from ::1 by ");
	shows("-- any key: back --");
	type("\x1d.");
	is_over_with(0);
	stage_end();
}
END_TEST

START_TEST(the_login_notice_is_shown_once)
{
	struct session_start start = _i ? at_menu : on_web1;

	start.notice = "Your password\033 ends\ntomorrow";
	stage_begin();
	stage_start(start);
	shows("Your password\\x1b ends");
	shows("tomorrow");
	if (_i == 0)
		ck_assert(strncmp(text_of(&stage.out), "Connected", 9) == 0);
	stage_end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("session");
	TCase *t = tcase_create("on a terminal");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_first_two_lines_are_virshs);
	tcase_add_test(t, detach_is_instant_in_a_flood);
	tcase_add_test(t, what_was_typed_before_leaving_is_sent);
	tcase_add_test(t, no_escape_key_is_lost_behind_stuck_input);
	tcase_add_test(t, input_goes_by_credit_and_in_order);
	tcase_add_loop_test(t, escape_keys_split_anywhere, 0, 3);
	tcase_add_test(t, times_are_kept);
	tcase_add_test(t, a_silent_guest_gets_a_hint);
	tcase_add_test(t, the_keyboard_comes_and_goes);
	tcase_add_test(t, who_is_answered_and_escaped);
	tcase_add_test(t, typing_to_a_guest_that_is_off);
	tcase_add_loop_test(t, every_change_has_its_line, 0, sizeof(states) / sizeof(states[0]));
	tcase_add_test(t, our_lines_cut_no_sequence_and_no_character);
	tcase_add_test(t, quiet_leaves_our_lines_out);
	tcase_add_loop_test(t, the_menu_fits_any_screen, 0, sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_test(t, from_the_menu_and_back);
	tcase_add_test(t, a_refusal_is_shown_in_the_menu);
	tcase_add_test(t, info_and_selection_survive_changes);
	tcase_add_test(t, a_single_guest_needs_no_menu);
	tcase_add_loop_test(t, an_empty_menu_says_why, 0, sizeof(empties) / sizeof(empties[0]));
	tcase_add_test(t, a_dumb_terminal_gets_a_list_and_a_prompt);
	tcase_add_test(t, the_console_service_goes_and_comes_back);
	tcase_add_loop_test(t, the_terminal_is_put_back_without_it_too, 0, 2);
	tcase_add_test(t, it_may_not_come_back);
	tcase_add_loop_test(t, a_broken_rule_ends_the_session, 0, 3);
	tcase_add_test(t, a_guest_that_is_gone_leads_back);
	tcase_add_test(t, the_terminal_is_put_back);
	tcase_add_test(t, help_is_paged_on_a_small_window);
	tcase_add_test(t, pages_over_a_full_screen_program);
	tcase_add_loop_test(t, the_login_notice_is_shown_once, 0, 2);
	suite_add_tcase(s, t);
	return suite_run(s);
}
