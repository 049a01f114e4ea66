/* SPDX-License-Identifier: ISC */
/*
 * What a person asks for in words: splitting, verbs, options, login names, and the sentences
 * that say what is wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "terminal/command.h"
#include "terminal/escape.h"
#include "tests/suite.h"

static const struct command_verb verbs[] = {
	{ "list", "[PATTERN]", 0, 1, OPTION_JSON, "the guests", "", NULL },
	{ "info", "GUEST", 1, 1, OPTION_JSON, "about one", "", NULL },
	{ "attach", "GUEST", 1, 1, ~(unsigned)OPTION_JSON, "its console", "", NULL },
	{ "help", "[COMMAND]", 0, 1, 0, "help", "", NULL },
	{ "send", "GUEST TEXT...", 2, COMMAND_REST, OPTION_FOR | OPTION_PACED | OPTION_TIMEOUT,
	  "types", "", NULL },
	{ "log", "GUEST", 1, 1, OPTION_BOOT | OPTION_LINES | OPTION_FROM | OPTION_RAW |
	  OPTION_TIMESTAMPS, "the log", "", NULL },
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static const struct {
	const char *what, *line, *verb, *arg;
	unsigned given;
	bool is_bare;
} good[] = {
	{"a guest alone", "web1", "attach", "web1", 0, true},
	{"blanks around", "  web1\t", "attach", "web1", 0, true},
	{"quotes group", "'my guest'", "attach", "my guest", 0, true},
	{"double quotes group", "info \"my guest\"", "info", "my guest", 0, false},
	{"quotes inside a word", "info my' 'guest", "info", "my guest", 0, false},
	{"one kind inside the other", "info \"it's\"", "info", "it's", 0, false},
	{"empty quotes are a word", "info ''", "info", "", 0, false},
	{"a backslash is itself", "info a\\ ", "info", "a\\", 0, false},
	{"backslash in quotes", "info 'a\\r'", "info", "a\\r", 0, false},
	{"a verb", "list", "list", NULL, 0, false},
	{"a guest called list", "attach list", "attach", "list", 0, false},
	{"option behind", "list --json web*", "list", "web*", OPTION_JSON, false},
	{"option before", "--json list", "list", NULL, OPTION_JSON, false},
	{"option of a bare guest", "web1 --read-only --quiet", "attach", "web1",
	 OPTION_READ_ONLY | OPTION_QUIET, true},
	{"value behind =", "web1 --device=serial1", "attach", "web1", OPTION_DEVICE, true},
	{"value behind a blank", "web1 --device serial1 --cr", "attach", "web1",
	 OPTION_DEVICE | OPTION_CR, true},
	{"-- ends options", "attach -- --json", "attach", "--json", 0, false},
	{"one dash is a name", "-web1", "attach", "-web1", 0, true},
	{"escape none", "web1 --escape none", "attach", "web1", OPTION_ESCAPE, true},
	{"--help is help about it", "info --help", "help", "info", OPTION_HELP, false},
	{"--help before what is missing", "--help info", "help", "info", OPTION_HELP, false},
	{"--help of a guest alone is all of it", "web1 --help", "help", NULL, OPTION_HELP, true},
	{"--help alone", "--help", "help", NULL, OPTION_HELP, false},
	{"a guest called -json", "info -- -json", "info", "-json", 0, false},
	{"a value that may be left out", "log --boot web1", "log", "web1", OPTION_BOOT, false},
	{"and is behind = where it is there", "log web1 --boot=-2", "log", "web1", OPTION_BOOT,
	 false},
};

/* What stands behind the guest is the text as it is. */
static const struct { const char *what, *line, *text; unsigned given; } texts[] = {
	{"a word", "send web1 root\r", "root\r", 0},
	{"blanks and quotes", "send web1 echo \"it's  me\" ", "echo \"it's  me\" ", 0},
	{"blanks in front", "send web1   x", "  x", 0},
	{"options before the guest", "send --paced web1 x --for", "x --for", OPTION_PACED},
	{"options behind the guest", "send web1 --for 'a b' --timeout=3 ls -l\r", "ls -l\r",
	 OPTION_FOR | OPTION_TIMEOUT},
	{"a text that looks like an option", "send web1 -- --foo", "--foo", 0},
	{"a quoted guest", "send 'web1' x", "x", 0},
	{"standard input", "send web1 -", "-", 0},
	{"standard input, and options", "send web1 - --paced", "-", OPTION_PACED},
	{"a text that begins with a dash", "send web1 -x", "-x", 0},
};

START_TEST(texts_as_they_are)
{
	struct command c;

	ck_assert_msg(command_parse(&c, verbs, VERBS, texts[_i].line) == 0, "%s: %s",
		      texts[_i].what, c.why);
	ck_assert_str_eq(c.arg[0], "web1");
	ck_assert_msg(strcmp(c.arg[1], texts[_i].text) == 0, "%s: '%s'", texts[_i].what, c.arg[1]);
	ck_assert_uint_eq(c.options.given, texts[_i].given);
}
END_TEST

START_TEST(good_lines)
{
	struct command c;

	ck_assert_msg(command_parse(&c, verbs, VERBS, good[_i].line) == 0, "%s: %s", good[_i].what,
		      c.why);
	ck_assert_str_eq(c.verb->name, good[_i].verb);
	ck_assert_uint_eq(c.count, good[_i].arg ? 1 : 0);
	if (good[_i].arg)
		ck_assert_str_eq(c.arg[0], good[_i].arg);
	ck_assert_uint_eq(c.options.given, good[_i].given);
	ck_assert_int_eq(c.is_bare, good[_i].is_bare);
}
END_TEST

static const struct { const char *what, *line, *why; } bad[] = {
	{ "nothing", "", "which guest" },
	{ "only an option", "--quiet", "which guest" },
	{ "unclosed", "info 'a", "never closed" },
	{ "one too many", "info a b", "quotes twice" },
	{ "one too many behind a guest", "web1 now", "one word too many: now" },
	{ "one missing", "info", "info wants GUEST" },
	{ "unknown option", "web1 --lineal", "unknown option --lineal" },
	{ "near option", "web1 --reed-only", "did you mean --read-only?" },
	{ "near option with value", "web1 --devise=x", "did you mean --device?" },
	{ "option of another verb", "list --take", "list takes no --take" },
	{ "json of a console", "web1 --json", "attach takes no --json" },
	{ "no value", "web1 --device", "--device needs a value" },
	{ "empty value", "web1 --device=", "--device takes ALIAS" },
	{ "value to none", "web1 --quiet=yes", "--quiet takes no value" },
	{ "bad escape", "web1 --escape=x", "--escape takes ^A|none, not x" },
	{ "bad time", "web1 --timeout=soon", "a number of seconds" },
	{ "no time", "web1 --timeout=0", "a number of seconds" },
	{ "negative time", "web1 --timeout=-1", "a number of seconds" },
	{ "endless time", "web1 --timeout=99999999999999999999", "a number of seconds" },
	{ "at odds", "web1 --read-only --take", "make no sense" },
	{ "one dash", "list -json", "options have two dashes, --json" },
	{ "one dash and a value", "web1 -timeout=3", "options have two dashes, --timeout=3" },
	{ "no text", "send web1", "send wants GUEST TEXT..." },
	{ "a word behind standard input", "send web1 - x", "one word too many: x" },
	{ "an option in place of a text", "send web1 --foor x", "did you mean --for?" },
	{ "bad lines", "log web1 --lines=many", "--lines takes a number of lines, not many" },
	{ "bad boot", "log web1 --boot=1", "--boot takes 0 for this boot, -1 for the one before" },
	{ "raw bytes have no lines", "log web1 --raw --timestamps", "make no sense" },
	{ "two beginnings", "log web1 --lines=3 --from=boot", "make no sense" },
	{ "hostile word", "info a \033[2J", "\\x1b[2J" },
};

START_TEST(bad_lines)
{
	struct command c;

	ck_assert_msg(command_parse(&c, verbs, VERBS, bad[_i].line) == -1, "%s", bad[_i].what);
	ck_assert_msg(strstr(c.why, bad[_i].why), "%s: %s", bad[_i].what, c.why);
	ck_assert(!strchr(c.why, '\033') && !strchr(c.why, '\n'));
}
END_TEST

START_TEST(values_are_kept)
{
	struct command c;

	ck_assert_int_eq(command_parse(&c, verbs, VERBS,
				       "web1 --escape=^a --timeout 90s --device=serial1"), 0);
	ck_assert_int_eq(c.options.escape, 1);
	ck_assert_uint_eq(c.options.timeout, 90);
	ck_assert_str_eq(c.options.device, "serial1");
	ck_assert_int_eq(command_parse(&c, verbs, VERBS, "log web1 --boot=-2 --raw"), 0);
	ck_assert_uint_eq(c.options.boot, 2);
	ck_assert_int_eq(command_parse(&c, verbs, VERBS, "log web1 --lines 20"), 0);
	ck_assert_uint_eq(c.options.lines, 20);
	ck_assert_int_eq(command_parse(&c, verbs, VERBS, "send web1 --for '[a-z]+ #$' x"), 0);
	ck_assert_str_eq(c.options.regex, "[a-z]+ #$");
}
END_TEST

START_TEST(lines_have_bounds)
{
	static char line[COMMAND_LINE_MAX + 8];
	struct command c;

	memset(line, 'a', COMMAND_LINE_MAX - 1);
	ck_assert_int_eq(command_parse(&c, verbs, VERBS, line), 0);
	line[COMMAND_LINE_MAX - 1] = 'a';
	ck_assert_int_eq(command_parse(&c, verbs, VERBS, line), -1);
}
END_TEST

static const struct { const char *typed, *meant;
} near[] = {
	{"lst", "list"},     {"lists", "list"},
	{"inof", "info"},    {"inf", "info"},
	{"atach", "attach"}, {"hepl", "help"},
	{"web1", NULL},	     {"a", NULL},
	{"", NULL},	     {"a-very-long-word-that-is-near-to-nothing", NULL},
};

START_TEST(near_verbs)
{
	const char *found = command_nearest(verbs, VERBS, near[_i].typed);

	ck_assert_msg(near[_i].meant ? found && strcmp(found, near[_i].meant) == 0 : !found,
		      "%s: %s", near[_i].typed, found ? found : "none");
}
END_TEST

static const struct {
	const char *name;
	char separator;
	int result;
	const char *user, *guest, *options;
} logins[] = {
	{"alice", '+', 0, "alice", "", ""},
	{"alice+web1", '+', 0, "alice", "web1", ""},
	{"alice+web1+read-only+device=serial1", '+', 0, "alice", "web1",
	 "read-only+device=serial1"},
	{"alice+", '+', 0, "alice", "", ""},
	{"alice+web1+", '+', 0, "alice", "web1", ""},
	{"+web1", '+', -1, NULL, NULL, NULL},
	{"", '+', -1, NULL, NULL, NULL},
	{"CORP+alice", '\0', 0, "CORP+alice", "", ""},
	{"alice%kvm2/web1:serial1", '%', 0, "alice", "kvm2/web1:serial1", ""},
};

START_TEST(login_names)
{
	char user[USER_MAX + 1], guest[GUEST_PHRASE_MAX + 1], options[COMMAND_OPTIONS_SIZE];

	ck_assert_int_eq(
		command_split_login(logins[_i].name, logins[_i].separator, user, guest, options),
		logins[_i].result);
	if (logins[_i].result < 0)
		return;
	ck_assert_str_eq(user, logins[_i].user);
	ck_assert_str_eq(guest, logins[_i].guest);
	ck_assert_str_eq(options, logins[_i].options);
}
END_TEST

START_TEST(long_login_names_are_refused)
{
	char user[USER_MAX + 1], guest[GUEST_PHRASE_MAX + 1], options[COMMAND_OPTIONS_SIZE];
	char name[2048];

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(command_split_login(name, '+', user, guest, options), -1);
	name[1] = '+';
	ck_assert_int_eq(command_split_login(name, '+', user, guest, options), -1);
	name[3] = '+';
	ck_assert_int_eq(command_split_login(name, '+', user, guest, options), -1);
}
END_TEST

START_TEST(login_options)
{
	struct command c;

	ck_assert_int_eq(command_parse_login(&c, &verbs[2], "read-only+escape=^A", '+'), 0);
	ck_assert_uint_eq(c.options.given, OPTION_READ_ONLY | OPTION_ESCAPE);
	ck_assert_int_eq(c.options.escape, 1);
	ck_assert_int_eq(command_parse_login(&c, &verbs[2], "", '+'), 0);
	ck_assert_int_eq(command_parse_login(&c, &verbs[2], "reed-only", '+'), -1);
	ck_assert(strstr(c.why, "read-only"));
	ck_assert_int_eq(command_parse_login(&c, &verbs[2], "device", '+'), -1);
	ck_assert_int_eq(command_parse_login(&c, &verbs[2], "json", '+'), -1);
}
END_TEST

START_TEST(help_names_every_verb_and_option)
{
	struct buf out;

	buf_init(&out, 16384);
	command_usage(&out, verbs, VERBS);
	command_help(&out, &verbs[2]);
	buf_append(&out, "", 1);
	for (size_t i = 0; i < VERBS; i++)
		ck_assert(strstr((const char *)out.data, verbs[i].name));
	ck_assert(strstr((const char *)out.data, "--escape=^A|none"));
	ck_assert(!strstr((const char *)out.data, "--json"));
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("command");
	TCase *t = tcase_create("command");

	tcase_add_loop_test(t, good_lines, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(t, texts_as_they_are, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_loop_test(t, bad_lines, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, values_are_kept);
	tcase_add_test(t, lines_have_bounds);
	tcase_add_loop_test(t, near_verbs, 0, sizeof(near) / sizeof(near[0]));
	tcase_add_loop_test(t, login_names, 0, sizeof(logins) / sizeof(logins[0]));
	tcase_add_test(t, long_login_names_are_refused);
	tcase_add_test(t, login_options);
	tcase_add_test(t, help_names_every_verb_and_option);
	suite_add_tcase(s, t);
	return suite_run(s);
}
