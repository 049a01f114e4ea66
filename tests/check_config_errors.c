/* SPDX-License-Identifier: ISC */
/*
 * Tests of what config/ refuses: every error with its line and its text, every
 * limit from both sides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "tests/suite.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* All errors of a text, as "LINE: text\n" each. */
static char errors[128 * 1024];

static void add_error(void *arg, unsigned line, const char *text)
{
	size_t used = strlen(errors);

	(void)arg;
	snprintf(errors + used, sizeof(errors) - used, "%u: %s\n", line, text);
}

static int parse_bytes(struct config *cfg, const char *text, size_t length)
{
	errors[0] = '\0';
	ck_assert_int_eq(config_init(cfg), 0);
	return config_parse(cfg, text, length, add_error, NULL);
}

static int parse(struct config *cfg, const char *text)
{
	return parse_bytes(cfg, text, strlen(text));
}

/* ---- errors ---- */

#define ACCESS_TAIL "users = a\nguests = *\nmay = view\n"

static const struct {
	const char *name, *text, *errors;
} bad[] = {
	{"no section", "max-visitors = 7\n",
	 "1: a key before the first section; expected [SECTION]\n"},
	{"no =", "[gate]\nmax-visitors\n", "2: no '='; expected KEY = VALUE\n"},
	{"no = in the last line", "[gate]\nmax-visitors", "2: no '='; expected KEY = VALUE\n"},
	{"no key", "[gate]\n= 7\n", "2: no key before '='; expected KEY = VALUE\n"},
	{"a broken header", "[gate\nmax-visitors = x\n",
	 "1: bad section; expected [SECTION] or [SECTION \"NAME\"]\n"},
	{"words behind a header", "[gate] x\n",
	 "1: bad section; expected [SECTION] or [SECTION \"NAME\"]\n"},
	{"a name without quotes", "[host a]\n",
	 "1: bad section; expected [SECTION] or [SECTION \"NAME\"]\n"},
	{"a name with an open quote", "[host \"a]\n",
	 "1: bad section; expected [SECTION] or [SECTION \"NAME\"]\n"},
	{"an unknown section, whose keys are passed over", "[cloud]\nx = 1\n[gate]\ny = 1\n",
	 "1: unknown section [cloud]; expected gate, ssh, web, auth, console, host \"NAME\" or "
	 "access \"NAME\"\n"
	 "4: unknown key \"y\" in [gate]; see serialgate.conf(5)\n"},
	{"a mistyped section", "[consoel]\n",
	 "1: unknown section [consoel]; did you mean [console]?\n"},
	{"a mistyped key", "[gate]\nmax-vistors = 7\n",
	 "2: unknown key \"max-vistors\" in [gate]; did you mean \"max-visitors\"?\n"},
	{"a key of another section", "[gate]\nlisten = [::]:22\n",
	 "2: unknown key \"listen\" in [gate]; it belongs to [ssh]\n"},
	{"keys are lower case", "[gate]\nMax-Visitors = 7\n",
	 "2: unknown key \"Max-Visitors\" in [gate]; did you mean \"max-visitors\"?\n"},
	{"a section that has a name too much", "[gate \"x\"]\n",
	 "1: [gate] has no name; expected [gate], not [gate \"x\"]\n"},
	{"a host without a name", "[host]\nuri = x\n",
	 "1: bad name \"\": expected [host \"NAME\"], NAME being 1 to 63 letters, digits, '.', '_' "
	 "and '-'\n"},
	{"a host with a slash", "[host \"a/b\"]\n",
	 "1: bad name \"a/b\": expected [host \"NAME\"], NAME being 1 to 63 letters, digits, '.', "
	 "'_' and '-'\n"},
	{"a host twice", "[host \"a\"]\n[host \"a\"]\nuri = test:///x\n",
	 "2: [host \"a\"] again (first in line 1); expected one with that name\n"},
	{"two hosts of one uri", "[host \"a\"]\n[host \"b\"]\n",
	 "2: [host \"b\"] has the uri of [host \"a\"]; expected one section for each libvirt\n"},
	{"a key twice", "[gate]\nmax-visitors = 7\n\nmax-visitors = 8\n",
	 "4: max-visitors = 8: it is set twice; expected one value\n"},
	{"no host key", "[ssh]\nhost-key =\n",
	 "2: host-key is empty; expected a file, [ssh] listen needs one\n"},
	{"an empty list and a full one", "[ssh]\nhost-key =\nhost-key = /a\n",
	 "3: host-key = /a: it is set twice; expected an empty value alone\n"},
	{"no number", "[gate]\nmax-visitors = many\n",
	 "2: max-visitors = many: expected a number from 1 to 100000\n"},
	{"an empty number", "[gate]\nmax-visitors =\n",
	 "2: max-visitors =: expected a number from 1 to 100000\n"},
	{"a number that is too small", "[gate]\nmax-visitors = 0\n",
	 "2: max-visitors = 0: expected a number from 1 to 100000\n"},
	{"a number that is too large", "[gate]\nmax-visitors = 100001\n",
	 "2: max-visitors = 100001: expected a number from 1 to 100000\n"},
	{"a number no machine holds", "[gate]\nmax-visitors = 99999999999999999999\n",
	 "2: max-visitors = 99999999999999999999: expected a number from 1 to 100000\n"},
	{"a negative number", "[gate]\nmax-visitors = -1\n",
	 "2: max-visitors = -1: expected a number from 1 to 100000\n"},
	{"a time without a unit", "[console]\nlinger = 30\n",
	 "2: linger = 30: expected a time such as 30s, 2m or 1h30m, from 0 to 365d\n"},
	{"an unknown unit", "[gate]\nlogin-grace = 2w\n",
	 "2: login-grace = 2w: expected a time such as 30s, 2m or 1h30m, from 1s to 1h\n"},
	{"a time that is too short", "[gate]\nlogin-grace = 999ms\n",
	 "2: login-grace = 999ms: expected a time such as 30s, 2m or 1h30m, from 1s to 1h\n"},
	{"a size without a unit", "[console]\nring = 65536\n",
	 "2: ring = 65536: expected a size such as 256KiB or 1MiB, from 64KiB to 1GiB\n"},
	{"a size that is too small", "[console]\nring = 1KiB\n",
	 "2: ring = 1KiB: expected a size such as 256KiB or 1MiB, from 64KiB to 1GiB\n"},
	{"an address without a port", "[ssh]\nlisten = 192.0.2.1\n",
	 "2: listen = 192.0.2.1: expected addresses and ports such as 192.0.2.1:2222 or "
	 "[::]:2222\n"},
	{"an IPv6 address without brackets", "[ssh]\nlisten = ::1:2222\n",
	 "2: listen = ::1:2222: expected addresses and ports such as 192.0.2.1:2222 or "
	 "[::]:2222\n"},
	{"a host's name to listen on", "[ssh]\nlisten = localhost:2222\n",
	 "2: listen = localhost:2222: expected addresses and ports such as 192.0.2.1:2222 or "
	 "[::]:2222\n"},
	{"port 0", "[ssh]\nlisten = [::]:0\n",
	 "2: listen = [::]:0: expected addresses and ports such as 192.0.2.1:2222 or [::]:2222\n"},
	{"port 65536", "[ssh]\nlisten = [::]:65536\n",
	 "2: listen = [::]:65536: expected addresses and ports such as 192.0.2.1:2222 or "
	 "[::]:2222\n"},
	{"nowhere to listen", "[web]\nlisten =\n[ssh]\nlisten =\n",
	 "4: listen is empty in [ssh] and in [web]; expected an address, nobody could come in\n"},
	{"one address for both", "[ssh]\nlisten = [::]:22\n[web]\nlisten = [0::0]:22\n",
	 "4: [web] listen has an address twice, or one of [ssh]; expected it once\n"},
	{"one address of the web twice", "[web]\nlisten = 1.2.3.4:5 1.2.3.4:5\n",
	 "2: [web] listen has an address twice, or one of [ssh]; expected it once\n"},
	{"a URL that ends with a slash", "[web]\npublic-url = https://a.example/\n",
	 "2: public-url = https://a.example/: expected a URL such as https://console.example.org, "
	 "without a slash at its end\n"},
	{"a URL of another kind", "[web]\npublic-url = javascript:alert(1)\n",
	 "2: public-url = javascript:alert(1): expected a URL such as https://console.example.org, "
	 "without a slash at its end\n"},
	{"an origin with a path", "[web]\norigins = https://a.example https://b/c\n",
	 "2: origins = https://a.example https://b/c: expected an origin such as "
	 "https://panel.example.org, without a path\n"},
	{"an origin with a wildcard", "[web]\nembed-from = https://*.example\n",
	 "2: embed-from = https://*.example: expected an origin such as "
	 "https://panel.example.org, without a path\n"},
	{"a proxy by its name", "[web]\ntrusted-proxy = proxy\n",
	 "2: trusted-proxy = proxy: expected an address such as 192.0.2.1 or a network such as "
	 "2001:db8::/32\n"},
	{"a relative path for the audit", "[gate]\naudit-file = audit\n",
	 "2: audit-file = audit: expected an absolute path\n"},
	{"an unknown capture", "[console]\ncapture = never\n",
	 "2: capture = never: expected on-demand or always\n"},
	{"an unknown filter", "[console]\nfilter = on\n",
	 "2: filter = on: expected off or strict\n"},
	{"an unknown way for slow links", "[console]\nslow-link = drop\n",
	 "2: slow-link = drop: expected paint, skip or raw\n"},
	{"an unknown time to stay awake", "[console]\nstay-awake = always\n",
	 "2: stay-awake = always: expected keys or never\n"},
	{"a ring larger than all of them", "[console]\nring-total = 1MiB\nring = 2MiB\n",
	 "3: ring is larger than ring-total, all rings together; expected at most as large\n"},
	{"one address twice", "[ssh]\nlisten = [::]:22\nlisten = [0::0]:22\n",
	 "2: [ssh] listen has one address twice; expected it once\n"},
	{"a relative path", "[ssh]\nhost-key = key\n",
	 "2: host-key = key: expected an absolute path\n"},
	{"a way out of the directory", "[auth]\npam-service = ../passwd\n",
	 "2: pam-service = ../passwd: expected the name of a file in /etc/pam.d, without a path\n"},
	{"an empty service", "[auth]\npam-service =\n",
	 "2: pam-service =: expected the name of a file in /etc/pam.d, without a path\n"},
	{"two users", "[gate]\nusers = a b\n", "2: users = a b: expected 3 words\n"},
	{"one user twice", "[gate]\nusers = a b a\n",
	 "2: users names one user twice; expected three different ones, one for each wall\n"},
	{"root", "[gate]\nusers = a root b\n",
	 "2: users names root; expected users without rights\n"},
	{"a login that is shorter than its handshake", "[gate]\nlogin-grace = 10s\n",
	 "2: login-grace is shorter than handshake-grace; expected at least as long, both begin at "
	 "the connection\n"},
	{"a handshake that is longer than the login", "[gate]\nhandshake-grace = 3m\n",
	 "2: login-grace is shorter than handshake-grace; expected at least as long, both begin at "
	 "the connection\n"},
	{"a penalty that is over its most", "[gate]\npenalty = 1h\n",
	 "2: penalty is longer than penalty-max; expected at most as long\n"},
	{"keys for no shared login", "[auth]\nshared-keys = /a\nshared-login =\n",
	 "2: shared-keys has no use while shared-login is empty; expected both or neither\n"},
	{"a letter as separator", "[auth]\nguest-separator = x\n",
	 "2: guest-separator = x: expected one punctuation character other than - . _ or a quote, "
	 "or nothing\n"},
	{"an unknown token", "[auth]\nauthorized-keys = /%f\n",
	 "2: authorized-keys = /%f: expected no % but in %u (user), %h (home) and %%\n"},
	{"a token at the end", "[auth]\nauthorized-keys = /%\n",
	 "2: authorized-keys = /%: expected no % but in %u (user), %h (home) and %%\n"},
	{"no methods", "[auth]\nmethods =\n",
	 "2: methods =: expected 1 to 15 words, all lines together\n"},
	{"an unknown method", "[auth]\nmethods = none\n",
	 "2: methods = none: expected publickey, keyboard-interactive or password, or several "
	 "different ones of them joined by +\n"},
	{"a method twice in a row", "[auth]\nmethods = publickey+publickey\n",
	 "2: methods = publickey+publickey: expected publickey, keyboard-interactive or password, "
	 "or several different ones of them joined by +\n"},
	{"an open row", "[auth]\nmethods = publickey+\n",
	 "2: methods = publickey+: expected publickey, keyboard-interactive or password, or "
	 "several different ones of them joined by +\n"},
	{"an alternative twice", "[auth]\nmethods = publickey\nmethods = publickey\n",
	 "3: methods = publickey: expected each alternative once\n"},
	{"Enter as escape", "[console]\nescape = ^m\n",
	 "2: escape = ^m: expected ^ and a key, such as ^] or ^A (not ^[, ^M or ^J, which Esc and "
	 "Enter send), or none\n"},
	{"a letter as escape", "[console]\nescape = x\n",
	 "2: escape = x: expected ^ and a key, such as ^] or ^A (not ^[, ^M or ^J, which Esc and "
	 "Enter send), or none\n"},
	{"no uri", "[host \"a\"]\nuri = localhost\n",
	 "2: uri = localhost: expected a libvirt URI such as qemu:///system or "
	 "qemu+tls://host2/system\n"},
	{"an empty uri", "[host \"a\"]\nuri =\n",
	 "2: uri =: expected a libvirt URI such as qemu:///system or qemu+tls://host2/system\n"},
	{"an empty access section", "[access \"x\"]\n",
	 "1: [access \"x\"] names nobody; expected users or groups\n"
	 "1: [access \"x\"] names no guest; expected guests, such as *\n"
	 "1: [access \"x\"] allows nothing; expected may, such as view type\n"},
	{"an access section with a bad key is not called empty",
	 "[access \"x\"]\nusers = 'a\nguests = \"\nmay = fly\n",
	 "2: users = 'a: a quote is not closed; expected its other end, with no ' ;' before it, "
	 "which begins a comment\n"
	 "3: guests = \": a quote is not closed; expected its other end, with no ' ;' before it, "
	 "which begins a comment\n"
	 "4: may = fly: expected words out of view type power break share add-serial kick\n"},
	{"commas", "[access \"x\"]\nusers = a, b\nguests = *\nmay = view\n",
	 "2: users = a, b: a word ends with ','; expected blanks between words, and quotes around "
	 "a "
	 "word that is meant so\n"},
	{"a comment with #", "[access \"x\"]\nusers = a # boss\nguests = *\nmay = view\n",
	 "2: users = a # boss: a word begins with '#'; a comment behind a value begins with ';', "
	 "and a word that is meant so stands in quotes\n"},
	{"a comment in quotes", "[access \"x\"]\nusers = a\nguests = \"a ;b\"\nmay = view\n",
	 "3: guests = \"a: a quote is not closed; expected its other end, with no ' ;' before it, "
	 "which begins a comment\n"},
	{"an empty word", "[access \"x\"]\nusers = ''\nguests = *\nmay = view\n",
	 "2: users = '': an empty word; expected a name between the quotes\n"},
	{"an empty access name", "[access \"\"]\n" ACCESS_TAIL,
	 "1: bad name \"\": expected [access \"NAME\"], NAME being 1 to 63 bytes without control "
	 "characters and '\"'\n"},
	{"an escape sequence", "[gate]\nmax-visitors = \033[2J\n",
	 "2: a control character; expected text in UTF-8\n"},
	{"what cannot be printed is not",
	 "[gate]\nmax-visitors = \xC2\x9B"
	 "2J\n",
	 "2: max-visitors = \\u{9b}2J: expected a number from 1 to 100000\n"},
	{"an old Mac's line ends", "[gate]\rmax-visitors = 7\r",
	 "1: a control character; expected text in UTF-8\n"},
};

START_TEST(bad_text)
{
	struct config cfg;

	ck_assert_msg(parse(&cfg, bad[_i].text) == -1, "%s: was accepted", bad[_i].name);
	ck_assert_msg(strcmp(errors, bad[_i].errors) == 0, "%s:\n got: %s not: %s", bad[_i].name,
		      errors, bad[_i].errors);
	config_free(&cfg);
	config_free(&cfg);
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	static const char text[] = "[gate]\nmax-visitors = 7\0"
				   "8\n[ssh]\nx = 1\n";
	struct config cfg;

	ck_assert_int_eq(parse_bytes(&cfg, text, sizeof(text) - 1), -1);
	ck_assert_str_eq(errors, "2: a NUL byte; expected text in UTF-8\n"
				 "4: unknown key \"x\" in [ssh]; see serialgate.conf(5)\n");
	config_free(&cfg);
}
END_TEST

/* ---- limits ---- */

/* Writes the part with each # in it replaced by the number. */
static void write_part(FILE *out, const char *part, unsigned number)
{
	for (; *part; part++)
		if (*part == '#')
			fprintf(out, "%u", number);
		else
			fputc(*part, out);
}

/* The head, the part `count` times, the tail. */
static char *repeat(const char *head, const char *part, unsigned count, const char *tail)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(head, out);
	for (unsigned i = 0; i < count; i++)
		write_part(out, part, i);
	fputs(tail, out);
	fclose(out);
	return text;
}

static const struct {
	const char *name, *head, *part, *tail;
	unsigned most;
	const char *error; /* begins the first error of one more */
} limits[] = {
	{"words in a line", "[access \"x\"]\nguests = *\nmay = view\nusers =", " u#", "\n",
	 CONFIG_LIST_MAX, "4: users = u0 u1"},
	{"words over all lines", "[access \"x\"]\nguests = *\nmay = view\n", "users = u#\n", "",
	 CONFIG_LIST_MAX, "68: users = u64: expected 0 to 64 words, all lines together\n"},
	{"hosts", "", "[host \"h#\"]\nuri = test:///#\n", "", CONFIG_HOSTS_MAX,
	 "129: too many [host] sections; expected at most 64\n"},
	{"access sections", "", "[access \"x#\"]\n" ACCESS_TAIL, "", CONFIG_ACCESS_MAX,
	 "1025: too many [access] sections; expected at most 256\n"},
	{"a path's bytes", "[auth]\npam-directory = /", "x", "\n", CONFIG_STRING_MAX - 1,
	 "2: pam-directory = /xx"},
	{"a word's bytes", "[ssh]\nhost-key = /", "x", "\n", CONFIG_STRING_MAX - 1,
	 "2: host-key = /xx"},
	{"a host's name", "[host \"", "x", "\"]\n", CONFIG_NAME_MAX, "1: bad name \"xx"},
	{"an access section's name", "[access \"", "x", "\"]\n" ACCESS_TAIL, CONFIG_NAME_MAX,
	 "1: bad name \"xx"},
	{"a user's name", "[access \"x\"]\nguests = *\nmay = view\nusers = ", "x", "\n", 255,
	 "4: users = xxx"},
	{"a guest's name", "[access \"x\"]\nusers = a\nmay = view\nguests = ", "x", "\n", 319,
	 "4: guests = xxx"},
	{"a line's bytes", "[gate]\nmax-visitors = 7 ;", "x", "\n", CONFIG_LINE_MAX - 18,
	 "2: the line is too long; expected at most 4096 bytes\n"},
	{"a file's bytes", "", "\n", "", CONFIG_FILE_MAX,
	 "0: the file is too large; expected at most 1MiB\n"},
};

START_TEST(a_limit)
{
	char *fits = repeat(limits[_i].head, limits[_i].part, limits[_i].most, limits[_i].tail);
	char *over = repeat(limits[_i].head, limits[_i].part, limits[_i].most + 1, limits[_i].tail);
	struct config cfg;

	ck_assert_msg(parse(&cfg, fits) == 0, "%s: %s", limits[_i].name, errors);
	config_free(&cfg);
	ck_assert_msg(parse(&cfg, over) == -1, "%s: one more was accepted", limits[_i].name);
	ck_assert_msg(strncmp(errors, limits[_i].error, strlen(limits[_i].error)) == 0,
		      "%s: %.200s", limits[_i].name, errors);
	config_free(&cfg);
	free(fits);
	free(over);
}
END_TEST

START_TEST(errors_have_an_end)
{
	char *text = repeat("", "x\n", 5000, ""), *last;
	struct config cfg;

	ck_assert_int_eq(parse(&cfg, text), -1);
	last = strstr(errors, "\n100: ");
	ck_assert_ptr_nonnull(last);
	ck_assert_str_eq(last, "\n100: no '='; expected KEY = VALUE\n"
			       "101: more errors from here on are not shown\n");
	config_free(&cfg);
	free(text);
}
END_TEST

START_TEST(config_set_bounds_what_comes_over_the_wire)
{
	char *value = repeat("", "/", CONFIG_VALUE_MAX + 1, ""), err[CONFIG_ERROR_SIZE];
	struct config cfg;

	ck_assert_int_eq(config_init(&cfg), 0);
	ck_assert_int_eq(config_set(&cfg, "ssh", "", "host-key", value, err, sizeof(err)), -1);
	ck_assert_str_eq(err, "bad value for host-key: expected at most 4095 bytes, none of them a "
			      "control character");
	ck_assert_int_eq(config_set(&cfg, "ssh", "", "host-key", "/a\nb", err, sizeof(err)), -1);
	ck_assert_int_eq(config_set(&cfg, "ssh", "", "", "x", err, sizeof(err)), -1);
	ck_assert_int_eq(config_set(&cfg, "ssh", "", "", "", err, sizeof(err)), 0);
	ck_assert_int_eq(config_set(&cfg, "nosuch", "", "a", "b", err, 8), -1);
	ck_assert_uint_eq(strlen(err), 7);
	ck_assert_int_eq(config_set(&cfg, "host", "x", "uri", "test:///a", err, sizeof(err)), 0);
	ck_assert_uint_eq(cfg.host_count, 1);
	ck_assert_str_eq(cfg.hosts[0].name, "x");
	config_free(&cfg);
	free(value);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config errors");
	TCase *tcase = tcase_create("config errors");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, bad_text, 0, ARRAY_SIZE(bad));
	tcase_add_test(tcase, a_nul_byte_is_refused);
	tcase_add_loop_test(tcase, a_limit, 0, ARRAY_SIZE(limits));
	tcase_add_test(tcase, errors_have_an_end);
	tcase_add_test(tcase, config_set_bounds_what_comes_over_the_wire);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
