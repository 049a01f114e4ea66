/* SPDX-License-Identifier: ISC */
/* Methods in a row: what may come next and when a login is complete. Pure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/methods.h"
#include "auth/identity.h"
#include "tests/suite.h"

/* done: methods passed; next and complete: what follows from the configuration. */
static const struct row {
	const char *name;
	const char *config;
	const char *done;
	const char *next;
	bool complete;
} rows[] = {
	{ "either: at the start",
	  "publickey keyboard-interactive", "", "publickey,keyboard-interactive", false },
	{ "either: a key is enough", "publickey keyboard-interactive", "publickey", "", true },
	{ "either: PAM is enough",
	  "publickey keyboard-interactive", "keyboard-interactive", "", true },
	{ "either: no password", "publickey keyboard-interactive", "password", "", false },
	{ "both: at the start", "publickey+keyboard-interactive", "", "publickey", false },
	{ "both: half of it",
	  "publickey+keyboard-interactive", "publickey", "keyboard-interactive", false },
	{ "both: all of it",
	  "publickey+keyboard-interactive", "publickey+keyboard-interactive", "", true },
	{ "both: in the wrong order",
	  "publickey+keyboard-interactive", "keyboard-interactive", "", false },
	{ "a key may go on or be enough",
	  "publickey publickey+password", "publickey", "password", true },
	{ "two ways to go on", "publickey+password publickey+keyboard-interactive", "publickey",
	  "keyboard-interactive,password", false },
	{ "all three",

	    "password+publickey+keyboard-interactive", "password+publickey", "keyboard-interactive", false },
	{ "password where configured", "password", "", "password", false },
	{ "more than any way has", "publickey", "publickey+password", "", false },
};

static void set_methods(struct config *config, const char *text)
{
	char err[CONFIG_ERROR_SIZE];

	ck_assert_int_eq(config_init(config), 0);
	ck_assert_msg(config_set(config, "auth", "", "methods", text, err, sizeof(err)) == 0,
		      "%s", err);
}

static struct methods_done read_done(const char *text)
{
	struct methods_done done = { 0 };
	char copy[METHODS_TEXT];
	char *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *w = strtok_r(copy, "+", &save); w; w = strtok_r(NULL, "+", &save)) {
		ck_assert_int_ge(methods_find(w), 0);
		methods_pass(&done, methods_find(w));
	}
	return done;
}

START_TEST(ways)
{
	const struct row *row = &rows[_i];
	struct methods_done done = read_done(row->done);
	char text[METHODS_TEXT];
	struct config config;

	set_methods(&config, row->config);
	methods_list_next(&config.auth.methods, &done, text);
	ck_assert_msg(strcmp(text, row->next) == 0, "%s: next \"%s\"", row->name, text);
	ck_assert_msg(methods_is_complete(&config.auth.methods, &done) == row->complete, "%s",
		      row->name);
	methods_list_done(&done, text);
	ck_assert_str_eq(text, row->done);
	for (int m = 0; m < CONFIG_METHODS; m++) {
		bool named = strstr(row->next, methods_name(m));

		ck_assert_msg(methods_allows(&config.auth.methods, &done, m) == named, "%s: %s",
			      row->name, methods_name(m));
	}
	config_free(&config);
}
END_TEST

START_TEST(unknown_methods)
{
	ck_assert_int_eq(methods_find("gssapi-with-mic"), -1);
	ck_assert_int_eq(methods_find(""), -1);
	ck_assert_int_eq(methods_find("none"), -1);
}
END_TEST

START_TEST(nothing_done_is_never_complete)
{
	struct config_methods none = { 0 };
	struct methods_done done = { 0 };

	ck_assert(!methods_is_complete(&none, &done));
	none.count = 1;
	ck_assert(!methods_is_complete(&none, &done));
}
END_TEST

static const struct name_row {
	const char *name;
	const char *user;
	bool good;
} names[] = {
	{ "letters", "alice", true },
	{ "a domain", "CORP\\alice", true },
	{ "a mail address", "alice@example.org", true },
	{ "a blank", "alice b", true },
	{ "UTF-8", "\xc3\xa5sa", true },
	{ "none", "", false },
	{ "a newline", "alice\nroot", false },
	{ "an escape", "\033[2J", false },
	{ "a delete", "a\x7f", false },
	{ "a control of the second set", "a\xc2\x9b", false },
	{ "broken UTF-8", "a\xff", false },
};

START_TEST(user_names)
{
	ck_assert_msg(identity_name_is_good(names[_i].user) == names[_i].good, "%s",
		      names[_i].name);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("methods");
	TCase *t = tcase_create("methods");

	tcase_add_loop_test(t, ways, 0, COUNT(rows));
	tcase_add_loop_test(t, user_names, 0, COUNT(names));
	tcase_add_test(t, unknown_methods);
	tcase_add_test(t, nothing_done_is_never_complete);
	suite_add_tcase(s, t);
	return suite_run(s);
}
