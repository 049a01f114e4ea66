/* SPDX-License-Identifier: ISC */
/* gate/source.c: which addresses count as one source, and how it is shown. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "gate/source.h"
#include "tests/suite.h"

static struct source source(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(1) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(2) };

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return source_of((const void *)&in);
	ck_assert_msg(inet_pton(AF_INET6, text, &in6.sin6_addr) == 1, "%s", text);
	return source_of((const void *)&in6);
}

static const struct {
	const char *name, *a, *b;
	bool equal;
} pairs[] = {
	{ "one IPv4 address", "192.0.2.1", "192.0.2.1", true },
	{ "neighbours of IPv4 are two", "192.0.2.1", "192.0.2.2", false },
	{ "IPv4 behind an IPv6 socket", "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "neighbours behind an IPv6 socket", "::ffff:192.0.2.1", "::ffff:192.0.2.2", false },
	{ "one IPv6 network of 64 bits", "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true },
	{ "the next network", "2001:db8::1", "2001:db8:0:1::1", false },
	{ "the loopback is not mapped IPv4", "::1", "::ffff:0.0.0.1", false },
};

START_TEST(test_pair)
{
	struct source a = source(pairs[_i].a), b = source(pairs[_i].b);

	ck_assert_msg(source_is_equal(&a, &b) == pairs[_i].equal, "%s", pairs[_i].name);
}
END_TEST

static const struct {
	const char *name, *in, *out;
} shown[] = {
	{ "IPv4", "192.0.2.1", "192.0.2.1" },
	{ "mapped IPv4", "::ffff:192.0.2.1", "192.0.2.1" },
	{ "IPv6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
	{ "loopback", "::1", "::/64" },
};

START_TEST(test_show)
{
	struct source s = source(shown[_i].in);
	char text[SOURCE_TEXT_SIZE];

	source_show(&s, text);
	ck_assert_msg(strcmp(text, shown[_i].out) == 0, "%s: %s", shown[_i].name, text);
}
END_TEST

START_TEST(test_other_family)
{
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct source s = source_of(&other), none = { { 0 } };

	ck_assert(source_is_equal(&s, &none));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("source");
	TCase *t = tcase_create("source");

	tcase_add_loop_test(t, test_pair, 0, sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_loop_test(t, test_show, 0, sizeof(shown) / sizeof(shown[0]));
	tcase_add_test(t, test_other_family);
	suite_add_tcase(s, t);
	return suite_run(s);
}
