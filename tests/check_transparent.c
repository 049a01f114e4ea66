/* SPDX-License-Identifier: ISC */
/* A session without a terminal: commands, exit statuses, and a console as a plain pipe. */
#include "session_stage.h"
#include "tests/suite.h"

static const struct {
	const char *what, *command;
	struct msg_refused refused;
	int status;
	const char *says;
} ends[] = {
	{"nothing asked for", NULL, {0}, 2, "Usage: ssh"},
	{"blank", "  ", {0}, 2, "Usage: ssh"},
	{"list", "list", {0}, 0, ""},
	{"list with a pattern", "list web[12]", {0}, 0, ""},
	{"list, none fits", "list nobody", {0}, 4, "no guest fits 'nobody'"},
	{"list, unknown option", "list --jsn", {0}, 2, "did you mean --json?"},
	{"info", "info web1", {0}, 0, ""},
	{"info of nobody", "info web9", {0}, 4, "no such guest"},
	{"info of nobody in particular", "info", {0}, 2, "info wants GUEST"},
	{"a word too many", "info a b", {0}, 2, "quotes twice"},
	{"ssh-config", "ssh-config", {0}, 0, ""},
	{"help", "help", {0}, 0, ""},
	{"help on one", "help attach", {0}, 0, ""},
	{"help on none", "help nobody", {0}, 2, "no command 'nobody'"},
	{"guest refused",
	 "web9",
	 {0, REFUSED_NO_GUEST, "no such guest"},
	 4,
	 "[gate: no such guest]"},
	{"nearly a command",
	 "lst",
	 {0, REFUSED_NO_GUEST, "no such guest"},
	 4,
	 "the command 'list'?"},
	{"not allowed", "attach web1", {0, REFUSED_NOT_ALLOWED, "no"}, 3, "[gate: no]"},
	{"it failed", "attach web1", {0, REFUSED_FAILED, "no\033"}, 1, "[gate: no\\x1b]"},
};

START_TEST(every_end_has_its_status)
{
	stage_begin();
	stage.refused = ends[_i].refused;
	stage_start((struct session_start){ .command = ends[_i].command });
	is_over_with(ends[_i].status);
	says(ends[_i].says);
	if (ends[_i].status == 0) {
		ck_assert_uint_eq(stage.err.len, 0);
		ck_assert_uint_gt(stage.out.len, 0);
	} else {
		ck_assert_uint_eq(stage.out.len, 0);
	}
	stage_end();
}
END_TEST

static const struct {
	const char *what, *command;
	struct msg_state state;
	int status;
	const char *says;
} gone[] = {
	{"off at once",
	 "attach web1",
	 {.guest = GUEST_OFF, .host_up = 1},
	 6,
	 "[gate: web1 is off]"},
	{"crashed", "attach web1", {.guest = GUEST_CRASHED, .host_up = 1}, 6, "has crashed"},
	{"host away", "attach web1", {.host_up = 0}, 6, "local does not answer]"},
	{"no console",
	 "attach web1",
	 {.guest = GUEST_RUNNING, .line = LINE_NO_CONSOLE, .host_up = 1},
	 4,
	 "has no serial console"},
	{"busy",
	 "attach web1",
	 {.guest = GUEST_RUNNING, .line = LINE_BUSY, .host_up = 1},
	 1,
	 "[gate: somebody outside (virsh console?) has this console]"},
	{"failed",
	 "attach web1",
	 {.guest = GUEST_RUNNING, .line = LINE_FAILED, .host_up = 1, .text = "why"},
	 1,
	 "does not open: why]"},
	{"undefined", "attach web1", {.gone = REFUSED_GONE}, 6, "web1 is gone"},
	{"kicked", "attach web1", {.gone = REFUSED_FAILED, .text = "kicked by bob"}, 1, "kicked by bob]"},
	{"off, but waiting",
	 "attach web1 --wait",
	 {.guest = GUEST_OFF, .host_up = 1},
	 -1,
	 "waiting until"},
	{"opening",
	 "attach web1",
	 {.guest = GUEST_RUNNING, .line = LINE_OPENING, .host_up = 1},
	 -1,
	 ""},
};

START_TEST(the_end_of_the_guest)
{
	stage_begin();
	stage.state = gone[_i].state;
	stage_start((struct session_start){ .command = gone[_i].command });
	says(gone[_i].says);
	if (gone[_i].status < 0)
		goes_on();
	else
		is_over_with(gone[_i].status);
	ck_assert_uint_eq(stage.out.len, 0);
	stage_end();
}
END_TEST

START_TEST(bytes_pass_as_they_are)
{
	static const char hostile[] = "a\r\n\033[6n\x1d.\x80";

	stage_begin();
	stage_start((struct session_start){ .command = "web1" });
	says("Connected to domain 'web1'\n");
	says("'ssh -t ... GUEST' or 'ssh USER+GUEST@...'");
	ck_assert(!strstr(text_of(&stage.err), "Escape character"));
	stage.is_deaf = true;
	type(hostile);
	ck_assert_str_eq(text_of(&stage.input), hostile);
	stage_output(hostile, sizeof(hostile) - 1);
	settle();
	ck_assert_str_eq(text_of(&stage.out), hostile);
	session_input_end(stage.session);
	settle();
	goes_on();
	stage_output("z", 1);
	settle();
	shows("z");
	stage_end();
}
END_TEST

START_TEST(options_of_attach)
{
	stage_begin();
	stage_start((struct session_start){
		.command = "attach --take --quiet --cr --escape=^A --device serial1 -- web1" });
	ck_assert_uint_eq(stage.attach.flags, ATTACH_TAKE);
	ck_assert_str_eq(stage.attach.device, "serial1");
	ck_assert_str_eq(stage.attach.guest, "web1");
	type("a\nb");
	ck_assert_str_eq(text_of(&stage.input), "a\rb");
	type("\x01.");
	is_over_with(0);
	ck_assert_uint_eq(stage.err.len, 0);
	stage_end();
}
END_TEST

START_TEST(attach_has_no_hint_for_those_who_say_attach)
{
	stage_begin();
	stage_start((struct session_start){ .command = "attach web1" });
	ck_assert(!strstr(text_of(&stage.err), "ssh -t"));
	stage_end();
}
END_TEST

START_TEST(time_runs_out)
{
	stage_begin();
	stage.state.guest = GUEST_OFF;
	stage_start((struct session_start){ .command = "attach web1 --wait --timeout=1" });
	goes_on();
	usleep(1020000);
	settle();
	is_over_with(5);
	says("timed out after 1 s");
	stage_end();
}
END_TEST

START_TEST(a_name_with_blanks_wins)
{
	stage_begin();
	stage.has_name_with_blank = true;
	stage_start((struct session_start){ .command = " my guest " });
	ck_assert_uint_eq(stage.attaches, 1);
	ck_assert_str_eq(stage.attach.guest, "my guest");
	stage_end();
}
END_TEST

START_TEST(guests_in_the_user_name)
{
	stage_begin();
	stage_start((struct session_start){.guest = "web1", .options = "read-only+device=serial1"});
	ck_assert_uint_eq(stage.attach.flags, ATTACH_READ_ONLY);
	ck_assert_str_eq(stage.attach.device, "serial1");
	type("x");
	ck_assert_uint_eq(stage.input.len, 0);
	says("read only");
	stage_end();
	stage_begin();
	stage_start((struct session_start){ .guest = "web1", .options = "lineal" });
	is_over_with(2);
	stage_end();
	stage_begin();
	stage_start((struct session_start){ .guest = "web1", .command = "list" });
	is_over_with(2);
	stage_end();
}
END_TEST

START_TEST(keyboard_of_somebody_else)
{
	stage_begin();
	stage.keyboard = (struct msg_keyboard){ .held = 1, .holder = "bob" };
	stage_start((struct session_start){ .command = "attach web1" });
	type("x");
	ck_assert_uint_eq(stage.input.len, 0);
	says("[gate: not sent: bob has the keyboard]\n");
	stage_end();
}
END_TEST

START_TEST(thousands_are_listed)
{
	size_t lines = 0;

	stage_begin();
	stage.guests = 3000;
	stage_start((struct session_start){ .command = _i ? "list --json" : "list" });
	is_over_with(0);
	for (size_t i = 0; i < stage.out.len; i++)
		lines += stage.out.data[i] == '\n';
	ck_assert_uint_eq(lines, _i ? 3002 : 3001);
	if (_i)
		shows("{\"name\":\"web2\",\"host\":\"local\",\"label\":\"web2\","
		      "\"uuid\":\"00000000-0000-0000-0000-000000000002\",\"state\":\"shutting "
		      "down\","
		      "\"viewers\":2,\"keyboard\":\"bob\",\"consoles\":[\"serial0\",\"serial1\"],"
		      "\"displays\":[]},\n");
	else
		shows("web2     shutting down  2 (bob)  serial0 serial1\n");
	stage_end();
}
END_TEST

START_TEST(a_list_says_why_it_is_empty)
{
	stage_begin();
	stage.guests = 0;
	stage.list_end = (struct msg_list_end){ 0, "kvm2" };
	stage_start((struct session_start){ .command = "list" });
	is_over_with(0);
	says("[gate: no answer from: kvm2]");
	stage_end();
}
END_TEST

START_TEST(with_a_terminal_lines_end_as_it_wants)
{
	stage_begin();
	stage_start((struct session_start){ .command = "list", .has_terminal = true });
	is_over_with(0);
	shows("CONSOLES\r\n");
	stage_end();
}
END_TEST

START_TEST(the_console_service_comes_back_to_a_command)
{
	stage_begin();
	stage_start((struct session_start){ .command = "attach web1" });
	wire_close(&stage.console);
	settle();
	says("lost its console service");
	ck_assert(session_wants_visit(stage.session));
	session_new_visit(stage.session, stage_visit());
	settle();
	ck_assert_uint_eq(stage.attaches, 2);
	stage_end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("transparent");
	TCase *t = tcase_create("without a terminal");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, every_end_has_its_status, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_loop_test(t, the_end_of_the_guest, 0, sizeof(gone) / sizeof(gone[0]));
	tcase_add_test(t, bytes_pass_as_they_are);
	tcase_add_test(t, options_of_attach);
	tcase_add_test(t, attach_has_no_hint_for_those_who_say_attach);
	tcase_add_test(t, time_runs_out);
	tcase_add_test(t, a_name_with_blanks_wins);
	tcase_add_test(t, guests_in_the_user_name);
	tcase_add_test(t, keyboard_of_somebody_else);
	tcase_add_loop_test(t, thousands_are_listed, 0, 2);
	tcase_add_test(t, a_list_says_why_it_is_empty);
	tcase_add_test(t, with_a_terminal_lines_end_as_it_wants);
	tcase_add_test(t, the_console_service_comes_back_to_a_command);
	suite_add_tcase(s, t);
	return suite_run(s);
}
