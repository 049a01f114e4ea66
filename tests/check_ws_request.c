/* SPDX-License-Identifier: ISC */
/* ws/request.c: where a request goes, whose script it is, who says what of themselves; ws/spin.c. */
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "ws/request.h"
#include "ws/spin.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct path_row {
	const char *name;
	const char *path;
	enum route route;
	const char *guest;
} paths[] = {
	{ "the page", "/", ROUTE_PAGE, "" },
	{ "a session", "/session", ROUTE_SESSION, "" },
	{ "not a session", "/session/", ROUTE_NONE, "" },
	{ "guests", "/guests", ROUTE_GUESTS, "" },
	{ "health", "/healthz", ROUTE_HEALTH, "" },
	{ "a console", "/console/web1", ROUTE_CONSOLE, "web1" },
	{ "with host and alias", "/console/host2/web1:serial1", ROUTE_CONSOLE, "host2/web1:serial1" },
	{ "with a blank", "/console/a b", ROUTE_CONSOLE, "a b" },
	{ "no guest", "/console/", ROUTE_NONE, "" },
	{ "no slash", "/console", ROUTE_NONE, "" },
	{ "nothing", "", ROUTE_NONE, "" },
	{ "another", "/favicon.ico", ROUTE_NONE, "" },
};

START_TEST(path)
{
	const struct path_row *row = &paths[_i];
	struct console_request c;

	ck_assert_msg(request_route(row->path, &c) == row->route, "%s", row->name);
	ck_assert_str_eq(c.guest, row->guest);
	ck_assert_uint_eq(c.from.kind, POSITION_NOW);
}
END_TEST

START_TEST(long_path)
{
	struct console_request c;
	char text[REQUEST_PATH_MAX + 2];

	memset(text, 'x', sizeof(text));
	memcpy(text, "/console/", 9);
	text[9 + GUEST_PHRASE_MAX] = '\0';
	ck_assert_int_eq(request_route(text, &c), ROUTE_CONSOLE);
	text[9 + GUEST_PHRASE_MAX] = 'x';
	text[9 + GUEST_PHRASE_MAX + 1] = '\0';
	ck_assert_int_eq(request_route(text, &c), ROUTE_NONE);
}
END_TEST

static const struct option_row {
	const char *name;
	const char *argument;
	int result;
} option_rows[] = {
	{ "read-only", "read-only", 0 },
	{ "a flag with a value", "take=1", -1 },
	{ "a device", "device=serial1", 0 },
	{ "no device", "device", -1 },
	{ "lines", "replay-lines=50", 0 },
	{ "no lines", "replay-lines=", -1 },
	{ "too many lines", "replay-lines=100001", -1 },
	{ "lines and more", "replay-lines=5x", -1 },
	{ "a sign", "replay-lines=-5", -1 },
	{ "a position", "replay-from=18446744073709551615.7", 0 },
	{ "beyond numbers", "replay-from=18446744073709551616.7", -1 },
	{ "half a position", "replay-from=7", -1 },
	{ "half a position, point", "replay-from=7.", -1 },
	{ "unknown", "color=red", -1 },
	{ "a prefix of one", "tak", -1 },
	{ "empty", "", -1 },
};

START_TEST(option)
{
	const struct option_row *row = &option_rows[_i];
	struct console_request c = { 0 };

	ck_assert_msg(request_option(&c, row->argument) == row->result, "%s", row->name);
}
END_TEST

START_TEST(option_values)
{
	struct console_request c = { 0 };

	ck_assert_int_eq(request_option(&c, "take"), 0);
	ck_assert_int_eq(request_option(&c, "wait"), 0);
	ck_assert_int_eq(request_option(&c, "device=console1"), 0);
	ck_assert_int_eq(request_option(&c, "replay-from=12.345"), 0);
	ck_assert(c.take && c.wait && !c.read_only);
	ck_assert_str_eq(c.device, "console1");
	ck_assert(c.from.kind == POSITION_OFFSET && c.from.epoch == 12 && c.from.value == 345);
}
END_TEST

static const struct origin_row {
	const char *name;
	const char *origin;
	bool is_tls;
	const char *host;
	bool fits;
} origin_rows[] = {
	{ "none", "", true, "gate:8022", true },
	{ "ours", "https://gate:8022", true, "gate:8022", true },
	{ "ours, shouted", "HTTPS://GATE:8022", true, "gate:8022", true },
	{ "ours, plain", "http://localhost:8022", false, "localhost:8022", true },
	{ "the scheme's own port", "https://gate", true, "gate:443", true },
	{ "an address", "https://[::1]:8022", true, "[::1]:8022", true },
	{ "another scheme", "http://gate:8022", true, "gate:8022", false },
	{ "another port", "https://gate:8023", true, "gate:8022", false },
	{ "another host", "https://evil", true, "gate", false },
	{ "a longer host", "https://gate.evil", true, "gate", false },
	{ "a shorter host", "https://gat", true, "gate", false },
	{ "with a path", "https://gate/", true, "gate", false },
	{ "with a user", "https://x@gate", true, "gate", false },
	{ "null", "null", true, "null", false },
	{ "a file", "file://", true, "", false },
	{ "no host in it", "https://", true, "", false },
	{ "listed", "https://panel.example", true, "gate", true },
	{ "listed, with its port", "https://panel.example:443", true, "gate", true },
	{ "listed, another scheme", "http://panel.example", true, "gate", false },
	{ "public-url, of which only the front counts", "https://gate.example:8022", false, "x", true },
};

START_TEST(origin)
{
	const struct origin_row *row = &origin_rows[_i];
	char panel[] = "https://panel.example";
	char *items[] = { panel };
	struct config_list list = { items, 1 };

	ck_assert_msg(request_origin_fits(row->origin, row->is_tls, row->host,
					  "https://gate.example:8022/consoles", &list) == row->fits,
		      "%s", row->name);
}
END_TEST

static const struct who_row {
	const char *name;
	const char *header;
	enum credentials kind;
	const char *user;
	const char *secret;
} who_rows[] = {
	{ "none", "", CREDENTIALS_NONE, "", "" },
	{ "Basic", "Basic YWxpY2U6d29uZGVyIGxhbmQ=", CREDENTIALS_BASIC, "alice", "wonder land" },
	{ "small letters, blanks", "basic   YWxpY2U6eA==", CREDENTIALS_BASIC, "alice", "x" },
	{ "a colon in the password", "Basic YTpiOmM=", CREDENTIALS_BASIC, "a", "b:c" },
	{ "an empty password", "Basic YTo=", CREDENTIALS_BASIC, "a", "" },
	{ "no colon", "Basic YWxpY2U=", CREDENTIALS_BROKEN, "", "" },
	{ "no user", "Basic Ong=", CREDENTIALS_BROKEN, "", "" },
	{ "NUL in the user", "Basic YQBiOng=", CREDENTIALS_BROKEN, "", "" },
	{ "no base64", "Basic !", CREDENTIALS_BROKEN, "", "" },
	{ "a ticket", "Bearer abc-DEF_123", CREDENTIALS_TICKET, "", "abc-DEF_123" },
	{ "no ticket", "Bearer ", CREDENTIALS_BROKEN, "", "" },
	{ "a ticket with a blank", "Bearer a b", CREDENTIALS_BROKEN, "", "" },
	{ "another scheme", "Digest x", CREDENTIALS_BROKEN, "", "" },
};

START_TEST(who)
{
	const struct who_row *row = &who_rows[_i];
	struct who w;

	request_authorization(&w, row->header);
	ck_assert_msg(w.kind == row->kind, "%s", row->name);
	if (w.kind == CREDENTIALS_BASIC) {
		ck_assert_str_eq(w.user, row->user);
		ck_assert_str_eq(w.password.text, row->secret);
	}
	if (w.kind == CREDENTIALS_TICKET)
		ck_assert_str_eq(w.ticket, row->secret);
	request_who_wipe(&w);
	for (size_t i = 0; i < sizeof(w); i++)
		ck_assert_msg(((const char *)&w)[i] == 0, "%s: not wiped", row->name);
}
END_TEST

static const struct offer_row {
	const char *name;
	const char *header;
	int result;
	bool session, binary;
	const char *ticket;
} offer_rows[] = {
	{ "none", "", 0, false, false, "" },
	{ "a session", "serialgate.v1", 0, true, false, "" },
	{ "several", "foo, serialgate.v1 ,binary", 0, true, true, "" },
	{ "a ticket", "binary, ticket.abc", 0, false, true, "abc" },
	{ "two tickets", "ticket.abc, ticket.def", -1, false, false, "" },
	{ "a ticket that is none", "binary, ticket.a$", -1, false, true, "" },
	{ "an empty ticket is another word", "ticket.", 0, false, false, "" },
	{ "another version", "serialgate.v10", 0, false, false, "" },
};

START_TEST(offer)
{
	const struct offer_row *row = &offer_rows[_i];
	struct who w = { 0 };
	struct offer o;

	ck_assert_msg(request_offer(&o, &w, row->header) == row->result, "%s", row->name);
	if (row->result < 0)
		return;
	ck_assert(o.session == row->session && o.binary == row->binary);
	ck_assert(o.any == (row->header[0] != '\0'));
	ck_assert_str_eq(w.ticket, row->ticket);
}
END_TEST

static const struct proxy_row {
	const char *name;
	const char *peer;
	bool fits;
} proxies[] = {
	{ "an address", "192.0.2.1", true },
	{ "its neighbour", "192.0.2.2", false },
	{ "in a network", "10.1.255.3", true },
	{ "beside it", "10.2.0.1", false },
	{ "in an odd network", "172.16.15.9", true },
	{ "beside it", "172.16.16.0", false },
	{ "IPv6", "2001:db8::7", true },
	{ "not that IPv6", "2001:db9::7", false },
	{ "no address", "unknown", false },
};

START_TEST(proxy)
{
	char a[] = "192.0.2.1", b[] = "10.1.0.0/16", c[] = "172.16.0.0/20", d[] = "2001:db8::/32";
	char e[] = "1.2.3.4/33", f[] = "x";
	char *items[] = { e, f, a, b, c, d };
	struct config_list list = { items, 6 };

	ck_assert_msg(request_is_from(proxies[_i].peer, &list) == proxies[_i].fits, "%s: %s",
		      proxies[_i].name, proxies[_i].peer);
}
END_TEST

START_TEST(spin)
{
	struct spin s = { 0 };

	for (int i = 0; i < SPIN_MAX; i++)
		ck_assert(!spin_turn(&s, false, 1));
	ck_assert(!spin_turn(&s, true, 1));
	for (int i = 1; i < SPIN_MAX; i++)
		ck_assert(!spin_turn(&s, false, 1));
	ck_assert(!spin_turn(&s, false, 2));
	for (int i = 1; i < SPIN_MAX; i++)
		ck_assert(!spin_turn(&s, false, 2));
	ck_assert(spin_turn(&s, false, 2));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ws/request");
	TCase *t = tcase_create("request");

	tcase_add_loop_test(t, path, 0, ROWS(paths));
	tcase_add_test(t, long_path);
	tcase_add_loop_test(t, option, 0, ROWS(option_rows));
	tcase_add_test(t, option_values);
	tcase_add_loop_test(t, origin, 0, ROWS(origin_rows));
	tcase_add_loop_test(t, who, 0, ROWS(who_rows));
	tcase_add_loop_test(t, offer, 0, ROWS(offer_rows));
	tcase_add_loop_test(t, proxy, 0, ROWS(proxies));
	tcase_add_test(t, spin);
	suite_add_tcase(s, t);
	return suite_run(s);
}
