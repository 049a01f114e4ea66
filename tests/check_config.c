/* SPDX-License-Identifier: ISC */
/*
 * Tests of config/: every type of value, and the way of the lines to the roles.
 * check_config_errors.c has what is refused, check_config_files.c what is shipped.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "config/units.h"
#include "config/value.h"
#include "tests/suite.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define ALL_ROLES                                                                                  \
	(CONFIG_GATE | CONFIG_AUTH | CONFIG_CONSOLE | CONFIG_VIRT | CONFIG_SSHD | CONFIG_WS)

/* All errors of a text, as "LINE: text\n" each. */
static char errors[8192];

static void add_error(void *arg, unsigned line, const char *text)
{
	size_t used = strlen(errors);

	(void)arg;
	snprintf(errors + used, sizeof(errors) - used, "%u: %s\n", line, text);
}

static int parse(struct config *cfg, const char *text)
{
	errors[0] = '\0';
	ck_assert_int_eq(config_init(cfg), 0);
	return config_parse(cfg, text, strlen(text), add_error, NULL);
}

/* A field as one canonical text, whatever its type. */
struct shown {
	char text[8192];
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void show(struct shown *shown, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	shown->used += (size_t)vsnprintf(shown->text + shown->used,
					 sizeof(shown->text) - shown->used, format, args);
	va_end(args);
	ck_assert_uint_lt(shown->used, sizeof(shown->text));
}

static void show_integer(struct shown *out, const void *field)
{
	show(out, "%d", *(const int *)field);
}

static void show_duration(struct shown *out, const void *field)
{
	show(out, "%lld", (long long)*(const int64_t *)field);
}

static void show_size(struct shown *out, const void *field)
{
	show(out, "%zu", *(const size_t *)field);
}

static void show_string(struct shown *out, const void *field)
{
	show(out, "%s", *(char *const *)field);
}

static void show_list(struct shown *out, const void *field)
{
	const struct config_list *list = field;

	for (size_t i = 0; i < list->count; i++)
		show(out, "<%s>", list->items[i]);
}

static void show_addresses(struct shown *out, const void *field)
{
	const struct config_addresses *addresses = field;

	for (size_t i = 0; i < addresses->count; i++) {
		const struct config_address *address = &addresses->items[i];
		const unsigned char *bytes = (const unsigned char *)&address->address;

		show(out, "<%s ", address->text);
		for (socklen_t j = 0; j < address->length; j++)
			show(out, "%02x", bytes[j]);
		show(out, ">");
	}
}

static void show_methods(struct shown *out, const void *field)
{
	const struct config_methods *methods = field;

	for (size_t i = 0; i < methods->count; i++) {
		show(out, "<");
		for (size_t j = 0; j < methods->alternatives[i].count; j++)
			show(out, "%d", methods->alternatives[i].steps[j]);
		show(out, ">");
	}
}

static void show_rights(struct shown *out, const void *field)
{
	show(out, "%#x", *(const unsigned *)field);
}

static void show_separator(struct shown *out, const void *field)
{
	show(out, "%d", *(const char *)field);
}

static void (*const showers[OPTION_TYPES])(struct shown *, const void *) = {
	[OPTION_INTEGER] = show_integer, [OPTION_DURATION] = show_duration,
	[OPTION_SIZE] = show_size,	 [OPTION_STRING] = show_string,
	[OPTION_LIST] = show_list,	 [OPTION_ADDRESSES] = show_addresses,
	[OPTION_METHODS] = show_methods, [OPTION_RIGHTS] = show_rights,
	[OPTION_ESCAPE] = show_integer,	 [OPTION_SEPARATOR] = show_separator,
	[OPTION_CAPTURE] = show_integer, [OPTION_FILTER] = show_integer,
	[OPTION_SLOW_LINK] = show_integer, [OPTION_AWAKE] = show_integer,
};

static const struct config_option *find_option(const char *section, const char *key)
{
	const struct config_option *option = options_find(options_find_section(section), key);

	ck_assert_ptr_nonnull(option);
	return option;
}

/* The index counts hosts and access sections; it is not used for the others. */
static const void *base_of(const struct config *cfg, const struct config_option *option,
			   size_t index)
{
	if (option->section == OPTIONS_HOST)
		return &cfg->hosts[index];
	if (option->section == OPTIONS_ACCESS)
		return &cfg->access[index];
	return cfg;
}

static const char *show_option(struct shown *shown, const struct config *cfg,
			       const struct config_option *option, size_t index)
{
	shown->used = 0;
	shown->text[0] = '\0';
	showers[option->type](shown, (const char *)base_of(cfg, option, index) + option->offset);
	return shown->text;
}

/* ---- values ---- */

static const struct {
	const char *name, *text, *section, *key, *shown;
} good[] = {
	{"an empty file", "", "gate", "max-visitors", "500"},
	{"nothing but comments", "# a\n ; b\n\n\t\n", "gate", "max-visitors", "500"},
	{"the default users", "", "gate", "users",
	 "<serialgate><serialgate-console><serialgate-virt>"},
	{"no blank around =", "[gate]\nmax-visitors=7", "gate", "max-visitors", "7"},
	{"blanks before all", " [gate]\n\tmax-visitors = 7 \n", "gate", "max-visitors", "7"},
	{"a comment behind a value", "[gate]\nmax-visitors = 7 ; x = y\n", "gate", "max-visitors",
	 "7"},
	{"a comment behind a header", "[gate] ; x\nmax-visitors = 7\n", "gate", "max-visitors",
	 "7"},
	{"a section again", "[gate]\n[ssh]\n[gate]\nmax-visitors = 7\n", "gate", "max-visitors",
	 "7"},
	{"a BOM", "\xEF\xBB\xBF[gate]\nmax-visitors = 7\n", "gate", "max-visitors", "7"},
	{"CRLF", "[gate]\r\nmax-visitors = 7\r\n", "gate", "max-visitors", "7"},
	{"no end of the last line", "[gate]\r\nmax-visitors = 7\r", "gate", "max-visitors", "7"},
	{"an indented line is no continuation", "[gate]\nmax-visitors = 7\n  max-per-source = 8\n",
	 "gate", "max-per-source", "8"},
	{"the least number", "[gate]\nmax-visitors = 1\n", "gate", "max-visitors", "1"},
	{"the greatest number", "[gate]\nmax-visitors = 100000\n", "gate", "max-visitors",
	 "100000"},
	{"three other users", "[gate]\nusers = a b c\n", "gate", "users", "<a><b><c>"},
	{"a default time", "", "gate", "login-grace", "120000"},
	{"seconds", "[gate]\nlogin-grace = 90s\n", "gate", "login-grace", "90000"},
	{"a sum of times", "[console]\nlinger = 1d2h3m4s5ms\n", "console", "linger", "93784005"},
	{"no time", "[console]\nlinger = 0\n", "console", "linger", "0"},
	{"no time with a unit", "[gate]\nidle-timeout = 0s\n", "gate", "idle-timeout", "0"},
	{"the longest time", "[console]\nlinger = 365d\n", "console", "linger", "31536000000"},
	{"a default size", "", "console", "ring", "1048576"},
	{"a size in bytes", "[console]\nring = 65536B\n", "console", "ring", "65536"},
	{"a size in KiB", "[console]\nring = 100KiB\n", "console", "ring", "102400"},
	{"the largest size", "[console]\nring = 1GiB\n", "console", "ring", "1073741824"},
	{"the default address", "", "ssh", "listen",
	 "<[::]:2222 0a0008ae000000000000000000000000000000000000000000000000>"},
	{"addresses of both kinds", "[ssh]\nlisten = 192.0.2.1:22 [2001:db8::1]:65535\n", "ssh",
	 "listen",
	 "<192.0.2.1:22 02000016c00002010000000000000000>"
	 "<[2001:db8::1]:65535 0a00ffff0000000020010db800000000000000000000000100000000>"},
	{"a list over two lines", "[ssh]\nhost-key = /a /b\nhost-key = '/c d'\n", "ssh", "host-key",
	 "</a></b></c d>"},
	{"addresses over two lines", "[ssh]\nlisten = 1.2.3.4:1\nlisten = 1.2.3.4:2\n", "ssh",
	 "listen",
	 "<1.2.3.4:1 02000001010203040000000000000000><1.2.3.4:2 "
	 "02000002010203040000000000000000>"},
	{"the default address of the web", "", "web", "listen",
	 "<[::]:8022 0a001f56000000000000000000000000000000000000000000000000>"},
	{"no web", "[web]\nlisten =\n", "web", "listen", ""},
	{"the web alone", "[ssh]\nlisten =\n[web]\nlisten = 1.2.3.4:1\n", "ssh", "listen", ""},
	{"no certificate", "[web]\ntls-certificate =\ntls-key =\n", "web", "tls-certificate", ""},
	{"a URL with a path", "[web]\npublic-url = https://h.example/gate\n", "web", "public-url",
	 "https://h.example/gate"},
	{"origins", "[web]\norigins = https://a http://[::1]:80\n", "web", "origins",
	 "<https://a><http://[::1]:80>"},
	{"proxies", "[web]\ntrusted-proxy = 10.0.0.0/8 ::1\n", "web", "trusted-proxy",
	 "<10.0.0.0/8><::1>"},
	{"no file for the state", "[gate]\nstate-file =\n", "gate", "state-file", ""},
	{"a path", "[auth]\npam-directory = /tmp/a b\n", "auth", "pam-directory", "/tmp/a b"},
	{"a path in quotes", "[auth]\npam-directory = \"/tmp/a b\"\n", "auth", "pam-directory",
	 "/tmp/a b"},
	{"an empty path", "[auth]\npam-directory =\n", "auth", "pam-directory", ""},
	{"no shared login", "[auth]\nshared-login =\n", "auth", "shared-login", ""},
	{"files of keys", "[auth]\nauthorized-keys = %h/a /b/%u%%\n", "auth", "authorized-keys",
	 "<%h/a></b/%u%%>"},
	{"no files of keys", "[auth]\nauthorized-keys =\n", "auth", "authorized-keys", ""},
	{"the default separator", "", "auth", "guest-separator", "43"},
	{"another separator", "[auth]\nguest-separator = %\n", "auth", "guest-separator", "37"},
	{"no separator", "[auth]\nguest-separator =\n", "auth", "guest-separator", "0"},
	{"the default methods", "", "auth", "methods", "<0><1>"},
	{"methods in a row", "[auth]\nmethods = publickey+keyboard-interactive password\n", "auth",
	 "methods", "<01><2>"},
	{"methods in the other order",
	 "[auth]\nmethods = password+publickey\nmethods = publickey+password\n", "auth", "methods",
	 "<20><02>"},
	{"the default escape", "", "console", "escape", "29"},
	{"an escape with a letter", "[console]\nescape = ^A\n", "console", "escape", "1"},
	{"an escape with a small letter", "[console]\nescape = ^a\n", "console", "escape", "1"},
	{"the escape ^@", "[console]\nescape = ^@\n", "console", "escape", "0"},
	{"the escape ^?", "[console]\nescape = ^?\n", "console", "escape", "127"},
	{"no escape", "[console]\nescape = none\n", "console", "escape", "-1"},
	{"the default capture", "", "console", "capture", "0"},
	{"capture always", "[console]\ncapture = always\n", "console", "capture", "1"},
	{"the default filter", "", "console", "filter", "0"},
	{"the strict filter", "[console]\nfilter = strict\n", "console", "filter", "1"},
	{"the default for slow links", "", "console", "slow-link", "0"},
	{"skip on slow links", "[console]\nslow-link = skip\n", "console", "slow-link", "1"},
	{"all bytes on slow links", "[console]\nslow-link = raw\n", "console", "slow-link", "2"},
	{"processors stay awake", "", "console", "stay-awake", "0"},
	{"they may sleep", "[console]\nstay-awake = never\n", "console", "stay-awake", "1"},
	{"the default host", "", "host", "uri", "qemu:///system"},
	{"a host without a uri", "[host \"a\"]\n", "host", "uri", "qemu:///system"},
	{"a uri with a query", "[host \"a\"]\nuri = qemu:///session?socket=/run/x=y\n", "host",
	 "uri", "qemu:///session?socket=/run/x=y"},
	{"quoted words", "[access \"x\"]\nusers=a\nguests = * 'a \"b' c\" d\"\nmay = view\n",
	 "access", "guests", "<*><a \"b><c d>"},
	{"a backslash is one", "[access \"x\"]\nusers=a\nguests = \\a\nmay = view\n", "access",
	 "guests", "<\\a>"},
	{"a comma and a # in quotes", "[access \"x\"]\nusers=a\nguests = '#a' \"b,\"\nmay = view\n",
	 "access", "guests", "<#a><b,>"},
	{"all rights",
	 "[access \"x\"]\nusers=a\nguests=*\nmay = view type power break\nmay = share add-serial "
	 "kick\n",
	 "access", "may", "0x7f"},
	{"a name with a bracket", "[access \"[a]\"]\nusers=a\nguests=*\nmay=view\n", "access",
	 "users", "<a>"},
	{"UTF-8", "[access \"x\"]\nusers=J\xC3\xBCrgen\nguests=*\nmay=view\n", "access", "users",
	 "<J\xC3\xBCrgen>"},
};

START_TEST(good_text)
{
	struct config cfg;
	struct shown shown;

	ck_assert_msg(parse(&cfg, good[_i].text) == 0, "%s: %s", good[_i].name, errors);
	show_option(&shown, &cfg, find_option(good[_i].section, good[_i].key), 0);
	ck_assert_msg(strcmp(shown.text, good[_i].shown) == 0, "%s: got %s, not %s", good[_i].name,
		      shown.text, good[_i].shown);
	config_free(&cfg);
}
END_TEST

/* ---- the roles ---- */

/* Sets every option of the table to what is not its default. */
static const char everything[] =
	"[gate]\nusers = a b c\nmax-visitors = 1\nmax-per-source = 2\nmax-unauthenticated = 3\n"
	"idle-timeout = 4s\nhandshake-grace = 5s\nlogin-grace = 6s\npenalty = 7s\npenalty-max = "
	"8s\naudit-file = /audit\nstate-file = /state\n"
	"[ssh]\nlisten = 127.0.0.1:9\nlisten = [::1]:10\nhost-key = /k1 '/k 2'\n"
	"[web]\nlisten = 127.0.0.1:11\ntls-certificate = /crt\ntls-key = /key\n"
	"public-url = https://c.example.org\norigins = https://a.example https://b.example:8\n"
	"embed-from = https://p.example\ntrusted-proxy = 192.0.2.1 2001:db8::/32\n"
	"session-idle = 2m\nsession-total = 3m\n"
	"[auth]\npam-service = other\npam-directory = /pam\nshared-login = who\n"
	"shared-keys = /keys\nguest-separator = %\nauthorized-keys = /k/%u\nauthorized-keys = "
	"%h/k\n"
	"methods = password publickey+password\nmax-tries = 11\n"
	"[console]\nescape = none\nring = 64KiB\nlinger = 12m\nring-total = 2MiB\nboots = 2\n"
	"capture = always\nkeyboard-idle = 13m\nlog-directory = /logs\nlog-size = 65KiB\n"
	"log-files = 14\nfilter = strict\nslow-link = raw\nstay-awake = never\n"
	"[host \"h1\"]\nuri = test:///1\n[host \"h2\"]\nuri = test:///2\n"
	"[access \"x 1\"]\nusers = u1 'u 2'\ngroups = \"g 1\"\nguests = * h1/x\nmay = view type\n"
	"[access \"x2\"]\nusers = u3\nmay = power\ngroups = g2\ngroups = g3\nguests = web1\nmay = "
	"view\n";

static int set_again(void *arg, const char *section, const char *name, const char *key,
		     const char *value)
{
	char err[CONFIG_ERROR_SIZE];

	ck_assert_msg(config_set(arg, section, name, key, value, err, sizeof(err)) == 0, "%s", err);
	return 0;
}

static size_t count_of(const struct config *cfg, const struct config_option *option)
{
	if (option->section == OPTIONS_HOST)
		return cfg->host_count;
	return option->section == OPTIONS_ACCESS ? cfg->access_count : 1;
}

/* _i is the mask: every set of roles there is. */
START_TEST(roles_get_their_own_and_no_more)
{
	struct config file, role, empty;
	struct shown got, expected, unset;

	ck_assert_msg(parse(&file, everything) == 0, "%s", errors);
	ck_assert_int_eq(config_init(&role), 0);
	ck_assert_int_eq(config_init(&empty), 0);
	ck_assert_int_eq(config_each_line(&file, (unsigned)_i, set_again, &role), 0);

	for (size_t i = 0; i < options_count; i++) {
		const struct config_option *option = &options[i];
		const struct config *source = option->roles & (unsigned)_i ? &file : NULL;

		for (size_t j = 0; j < count_of(&role, option); j++) {
			show_option(&got, &role, option, j);
			show_option(&expected, &file, option, j);
			show_option(&unset, &empty, option, 0);
			ck_assert_str_ne(expected.text, unset.text);
			ck_assert_str_eq(got.text, source ? expected.text : unset.text);
		}
	}
	config_free(&file);
	config_free(&role);
	config_free(&empty);
}
END_TEST

START_TEST(roles_get_the_names_they_need)
{
	unsigned mask = (unsigned)_i;
	bool hosts = mask & (CONFIG_CONSOLE | CONFIG_VIRT);
	bool access = mask & (CONFIG_CONSOLE | CONFIG_AUTH);
	struct config file, role;

	ck_assert_msg(parse(&file, everything) == 0, "%s", errors);
	ck_assert_int_eq(config_init(&role), 0);
	ck_assert_int_eq(config_each_line(&file, mask, set_again, &role), 0);
	ck_assert_uint_eq(role.host_count, hosts ? 2 : 1);
	ck_assert_str_eq(role.hosts[0].name, hosts ? "h1" : "local");
	ck_assert_uint_eq(role.access_count, access ? 2 : 0);
	if (access)
		ck_assert_str_eq(role.access[0].name, "x 1");
	config_free(&file);
	config_free(&role);
}
END_TEST

static int stop_at_uri(void *arg, const char *section, const char *name, const char *key,
		       const char *value)
{
	(void)section, (void)name, (void)value;
	++*(int *)arg;
	return strcmp(key, "uri") == 0 ? 42 : 0;
}

START_TEST(each_line_ends_where_it_is_told)
{
	struct config cfg;
	int calls = 0;

	ck_assert_int_eq(parse(&cfg, everything), 0);
	ck_assert_int_eq(config_each_line(&cfg, CONFIG_VIRT, stop_at_uri, &calls), 42);
	ck_assert_int_eq(calls, 2);
	config_free(&cfg);
}
END_TEST

START_TEST(units_are_shown_as_they_are_read)
{
	static const char *const texts[] = {"0", "1ms", "1500ms", "30s", "90s", "2m", "1h", "365d"};
	char shown[32];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		units_show(units_read(texts[i], units_time), units_time, shown, sizeof(shown));
		ck_assert_str_eq(shown, texts[i]);
	}
	ck_assert_int_eq(units_read("", units_time), -1);
	ck_assert_int_eq(units_read("s", units_time), -1);
	ck_assert_int_eq(units_read("1 s", units_time), -1);
	ck_assert_int_eq(units_read("1000000000GiB1000000000GiB", units_size), 2147483648000000000);
	ck_assert_int_eq(units_read("99999999999GiB", units_size), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = tcase_create("config");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, good_text, 0, ARRAY_SIZE(good));
	tcase_add_loop_test(tcase, roles_get_their_own_and_no_more, 0, ALL_ROLES + 1);
	tcase_add_loop_test(tcase, roles_get_the_names_they_need, 0, ALL_ROLES + 1);
	tcase_add_test(tcase, each_line_ends_where_it_is_told);
	tcase_add_test(tcase, units_are_shown_as_they_are_read);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
