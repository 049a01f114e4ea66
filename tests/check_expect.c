/* SPDX-License-Identifier: ISC */
/* Expressions of strangers within their bounds, and finding them in what a console prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/expect.h"
#include "tests/suite.h"

static const struct { const char *what, *text, *why; } bad[] = {
	{"a parenthesis that is never closed", "a(b", "at character 2: a<here>(b"},
	{"a bracket that is never closed", "ab[c-", "at character 3: ab<here>[c-"},
	{"a class nobody knows", "x[[:foo:]]", "at character 2"},
	{"a range the wrong way", "[z-a]", "Invalid range end, at character 1"},
	{"nothing but a backslash", "a\\", "railing backslash, at character 2"},
	{"a back-reference", "(a)\\1", "back-references are not taken, at character 4"},
	{"many repetitions", "a{1001}", "too many repetitions, at character 2"},
	{"that multiply", "((a{100}){100}){100}", "too many repetitions"},
	{"that double", "x++++++++++++++++++++++++++++", "too many repetitions, at character 16"},
	{"of groups, too", "((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+", "too many repetitions"},
	{"behind a bounded one", "x{900}+++++", "too many repetitions, at character 11"},
	{"a hostile one", "(\033[2J", "<here>(\\x1b[2J"},
	{"deep", "((((((((((((((((((((a))))))))))))))))))))", "too deep, at character 17"},
};

START_TEST(bad_expressions)
{
	char why[EXPRESSION_WHY_SIZE];
	struct expression e;

	ck_assert_msg(expression_compile(&e, bad[_i].text, why) == -1, "%s", bad[_i].what);
	ck_assert_msg(strstr(why, bad[_i].why), "%s: %s", bad[_i].what, why);
	ck_assert(!strpbrk(why, "\033\n"));
	expression_free(&e);
}
END_TEST

static const struct { const char *what, *text, *literal; } literals[] = {
	{"a word", "login:", "login:"}, {"anchors", "^login: $", "login: "},
	{"the longest", "a.*login", "login"}, {"what may be missing", "logins?", "login"},
	{"what may be repeated", "ab+cde", "cde"}, {"a set", "web[0-9]+ login", " login"},
	{"a group may be missing", "(ab)?c", "c"}, {"a choice", "abc|def", ""},
	{"an escaped dot", "a\\.b", "a.b"}, {"a class", "\\wabc", "abc"}, {"a word's start", "\\<ab", "ab"},
	{"a count", "abc{0,3}", "ab"}, {"brackets in a set", "[]()]xyz", "xyz"},
};

START_TEST(known_literals)
{
	char why[EXPRESSION_WHY_SIZE];
	struct expression e;

	ck_assert_int_eq(expression_compile(&e, literals[_i].text, why), 0);
	ck_assert_msg(strcmp(e.literal, literals[_i].literal) == 0, "%s: '%s'", literals[_i].what,
		      e.literal);
	expression_free(&e);
}
END_TEST

struct result {
	struct buf lines;
	unsigned enough;             /* after so many lines; 0 never */
};

static bool found(void *who, const char *line, size_t len)
{
	struct result *r = who;

	buf_append(&r->lines, line, len);
	buf_append_str(&r->lines, "/");
	return r->enough == 0 || --r->enough > 0;
}

static const struct {
	const char *what, *text, *in, *lines;
	bool is_raw;
} rows[] = {
	{"a line", "two", "one\r\ntwo\r\nthree\r\n", "two/", false},
	{"every line", "o", "one\r\ntwo\r\nthree\r\n", "one/two/", false},
	{"a prompt", "login: $", "Debian\r\n\r\nweb1 login: ", "web1 login: /", false},
	{"what was typed behind it", "login: $", "web1 login: root\r\nx", "", false},
	{"told of once", "login", "web1 login: root\r\nPassword: ", "web1 login: root/", false},
	{"anchors are of lines", "^b$", "a\nb\nc\n", "b/", false},
	{"an empty line", "^$", "a\n\nb\n", "/", false},
	{"a dot fits no LF", "a.b", "a\nb\naxb\n", "axb/", false},
	{"a space fits none either", "a[[:space:]]b", "a\nb\na b\n", "a b/", false},
	{"colours between", "Kernel panic", "Ker\033[31mnel\033[0m panic\n", "Kernel panic/", false},
	{"what is wiped away", "any key", "Press any key\r\033[Kgone\n", "Press any key/", false},
	{"a choice", "ok|failed", "x\nfailed\n", "failed/", false},
	{"raw bytes with escapes", "\033\\[1m", "a\n\033[1mb\r\n", "\033[1mb\r/", true},
	{"a raw prompt", "# $", "a\r\n# ", "# /", true},
	{"raw, told of once", "#", "# ls\r\nx\r\n# ", "# ls\r/# /", true},
};

/* The same whole and, where no half of a line may be told of, in pieces. */
START_TEST(matches)
{
	static struct expect e;
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;
	struct result r = { .enough = 0 };

	ck_assert_int_eq(expression_compile(&x, rows[_i].text, why), 0);
	buf_init(&r.lines, 65536);
	expect_init(&e, &x, rows[_i].is_raw);
	expect_feed(&e, (const uint8_t *)rows[_i].in, strlen(rows[_i].in), 0,
		    found, &r);
	expect_tick(&e, EXPECT_SETTLE_MS, found, &r);
	buf_append(&r.lines, "", 1);
	ck_assert_msg(strcmp((char *)r.lines.data, rows[_i].lines) == 0, "%s: '%s'", rows[_i].what,
		      (char *)r.lines.data);
	expect_free(&e);
	expect_init(&e, &x, rows[_i].is_raw);
	buf_clear(&r.lines);
	r.enough = 1;
	for (const char *s = rows[_i].in; *s; s++) {
		expect_feed(&e, (const uint8_t *)s, 1, 0, found, &r);
		if (!r.enough)
			break;
	}
	if (r.enough)
		expect_tick(&e, EXPECT_SETTLE_MS, found, &r);
	ck_assert_msg(r.enough == 0 || !*rows[_i].lines, "%s, byte by byte", rows[_i].what);
	expect_free(&e);
	buf_free(&r.lines);
	expression_free(&x);
}
END_TEST

/* In lines and pieces of every length, across the blocks that are looked at together. */
START_TEST(floods)
{
	static struct expect e;
	static char flood[300000];
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;
	struct result r = { .enough = 0 };
	size_t step = (size_t)_i % 2 ? 997 : 60000, len = 0;
	bool is_raw = _i >= 2;

	while (len < sizeof(flood) - 64)
		len += (size_t)sprintf(flood + len, "line %zu\n", len);
	memcpy(flood + 200000, "\nneedle\n", 8);
	ck_assert_int_eq(expression_compile(&x, "ne+dle", why), 0);
	buf_init(&r.lines, 65536);
	expect_init(&e, &x, is_raw);
	for (size_t at = 0; at < len; at += step)
		expect_feed(&e, (const uint8_t *)flood + at, len - at < step ? len - at : step,
			    0, found, &r);
	buf_append(&r.lines, "", 1);
	ck_assert_str_eq((char *)r.lines.data, "needle/");
	expect_free(&e);
	buf_free(&r.lines);
	expression_free(&x);
}
END_TEST

START_TEST(a_line_without_end)
{
	static struct expect e;
	static char line[100000];
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;

	memset(line, 'x', sizeof(line));
	ck_assert_int_eq(expression_compile(&x, "needle", why), 0);
	for (size_t at = READABLE_COLUMNS_MAX - 10; at < READABLE_COLUMNS_MAX + 4; at++) {
		struct result r = { .enough = 1 };

		memset(line, 'x', sizeof(line));
		memcpy(line + at, "needle", 6);
		buf_init(&r.lines, 65536);
		expect_init(&e, &x, _i);
		for (size_t i = 0; i < sizeof(line) && r.enough; i += 500)
			expect_feed(&e, (const uint8_t *)line + i, 500, 0, found, &r);
		if (r.enough)
			expect_tick(&e, EXPECT_SETTLE_MS, found, &r);
		ck_assert_msg(r.enough == 0, "at %zu", at);
		ck_assert_uint_lt(e.block.len + e.carry.len, 3 * EXPECT_BLOCK);
		expect_free(&e);
		buf_free(&r.lines);
	}
	expression_free(&x);
}
END_TEST

/* It has a short time to become whole; told is what came until then, and only once. */
START_TEST(a_line_that_fits_early)
{
	static struct expect e;
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;
	struct result r = { .enough = 0 };

	ck_assert_int_eq(expression_compile(&x, "k=[0-9]", why), 0);
	buf_init(&r.lines, 1000);
	expect_init(&e, &x, _i);
	expect_feed(&e, (const uint8_t *)"k=6.1", 5, 1000, found, &r);
	ck_assert_int_eq(e.due, 1000 + EXPECT_SETTLE_MS);
	expect_tick(&e, 1050, found, &r);
	ck_assert_uint_eq(r.lines.len, 0);
	expect_feed(&e, (const uint8_t *)"-56\nk=7", 7, 1060, found, &r);
	ck_assert_uint_eq(r.lines.len, 9);
	ck_assert_mem_eq(r.lines.data, "k=6.1-56/", 9);
	ck_assert_int_eq(e.due, 1060 + EXPECT_SETTLE_MS);
	expect_feed(&e, (const uint8_t *)"..", 2, 1100, found, &r);
	expect_tick(&e, 1060 + EXPECT_SETTLE_MS, found, &r);
	expect_feed(&e, (const uint8_t *)"..\nk=8\n", 7, 1300, found, &r);
	buf_append(&r.lines, "", 1);
	ck_assert_str_eq((char *)r.lines.data, "k=6.1-56/k=7../k=8/");
	ck_assert_int_eq(e.due, -1);
	expect_free(&e);
	buf_free(&r.lines);
	expression_free(&x);
}
END_TEST

/* "web1 login: " fitted, and then somebody typed: it was there all the same. */
START_TEST(a_line_that_fits_no_more)
{
	static struct expect e;
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;
	struct result r = { .enough = 0 };

	ck_assert_int_eq(expression_compile(&x, "login: $", why), 0);
	buf_init(&r.lines, 1000);
	expect_init(&e, &x, _i);
	expect_feed(&e, (const uint8_t *)"\nlogin: ", 8, 0, found, &r);
	expect_feed(&e, (const uint8_t *)"root\nx\n", 7, 10, found, &r);
	buf_append(&r.lines, "", 1);
	ck_assert_str_eq((char *)r.lines.data, "login: /");
	expect_free(&e);
	buf_free(&r.lines);
	expression_free(&x);
}
END_TEST

/* Looked for over all lines from each of them on, it would take minutes. */
START_TEST(many_lines_that_begin_a_match)
{
	static struct expect e;
	static char lines[262144];
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;
	struct result r = { .enough = 0 };

	memset(lines, 'a', sizeof(lines));
	for (size_t i = 1; i < sizeof(lines); i += 2)
		lines[i] = '\n';
	lines[sizeof(lines) - 2] = 'c';
	ck_assert_int_eq(expression_compile(&x, "a[[:space:]a]*[bc]", why), 0);
	buf_init(&r.lines, 65536);
	expect_init(&e, &x, _i);
	expect_feed(&e, (const uint8_t *)lines, sizeof(lines), 0, found, &r);
	ck_assert_uint_eq(r.lines.len, 0);
	expect_free(&e);
	buf_free(&r.lines);
	expression_free(&x);
}
END_TEST

START_TEST(nul_is_a_byte)
{
	static struct expect e;
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;
	struct result r = { .enough = 1 };

	ck_assert_int_eq(expression_compile(&x, "^b[^x]c$", why), 0);
	buf_init(&r.lines, 100);
	expect_init(&e, &x, true);
	expect_feed(&e, (const uint8_t *)"\0a\nb\0c\n", 7, 0, found, &r);
	ck_assert_uint_eq(r.enough, 0);
	ck_assert_mem_eq(r.lines.data, "b\0c/", 4);
	expect_free(&e);
	buf_free(&r.lines);
	expression_free(&x);
}
END_TEST

START_TEST(a_gap_is_no_bridge)
{
	static struct expect e;
	char why[EXPRESSION_WHY_SIZE];
	struct expression x;
	struct result r = { .enough = 0 };

	ck_assert_int_eq(expression_compile(&x, "needle", why), 0);
	buf_init(&r.lines, 100);
	expect_init(&e, &x, _i);
	expect_feed(&e, (const uint8_t *)"a\nnee", 5, 0, found, &r);
	expect_break(&e, found, &r);
	expect_feed(&e, (const uint8_t *)"dle\n", 4, 0, found, &r);
	ck_assert_uint_eq(r.lines.len, 0);
	expect_free(&e);
	buf_free(&r.lines);
	expression_free(&x);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("expect");
	TCase *t = tcase_create("expect");

	tcase_add_loop_test(t, bad_expressions, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_loop_test(t, known_literals, 0, sizeof(literals) / sizeof(literals[0]));
	tcase_add_loop_test(t, matches, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, floods, 0, 4);
	tcase_add_loop_test(t, a_line_without_end, 0, 2);
	tcase_add_loop_test(t, a_line_that_fits_early, 0, 2);
	tcase_add_loop_test(t, a_line_that_fits_no_more, 0, 2);
	tcase_add_loop_test(t, many_lines_that_begin_a_match, 0, 2);
	tcase_add_test(t, nul_is_a_byte);
	tcase_add_loop_test(t, a_gap_is_no_bridge, 0, 2);
	suite_add_tcase(s, t);
	return suite_run(s);
}
