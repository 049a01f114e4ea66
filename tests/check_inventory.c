/* SPDX-License-Identifier: ISC */
/* The guest list as watches change it, and finding a guest by what a person typed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "console/inventory.h"
#include "console/resolve.h"
#include "console/rules.h"
#include "tests/suite.h"

static struct config config;
static char *no_groups[1];
static const struct rules_person alice = { .user = "alice", .groups = no_groups };

static const char access_text[] =
	"[access \"alice\"]\nusers = alice\nguests = *\nmay = view type\n"
	"[access \"nobody\"]\nusers = nobody\nguests = hidden*\nmay = view\n";

static struct msg_domain domain(const char *name, uint8_t number)
{
	struct msg_domain d = { .state = GUEST_RUNNING, .id = number };

	d.uuid[15] = number;
	strcpy(d.name, name);
	strcpy(d.consoles, "serial0 serial1");
	return d;
}

static struct guest *put(const char *host, const char *name, uint8_t number, unsigned *changed)
{
	struct msg_domain d = domain(name, number);

	return inventory_set(host, &d, changed);
}

static void set_up(void)
{
	unsigned changed;

	config_init(&config);
	ck_assert_int_eq(config_parse(&config, access_text, strlen(access_text), NULL, NULL), 0);
	put("local", "web1", 1, &changed);
	put("local", "web10", 2, &changed);
	put("local", "db1", 3, &changed);
	put("lab", "db1", 4, &changed);
	put("local", "two words", 5, &changed);
	put("local", "odd:serial1", 6, &changed);
	put("local", "odd", 7, &changed);
}

static void drop_all(void)
{
	while (inventory_next(NULL))
		inventory_remove(inventory_next(NULL));
	config_free(&config);
}

static const struct { const char *what, *phrase; int prefix; uint8_t number; const char *alias; } rows[] = {
	{ "a name", "web1", 0, 1, "" },
	{ "a longer one", "web10", 0, 2, "" },
	{ "a prefix is not enough", "web", 0, 0, "" },
	{ "an exact name wins over longer ones", "web1", 1, 1, "" },
	{ "a unique prefix", "two", 1, 5, "" },
	{ "an ambiguous prefix", "web", 1, 0, "" },
	{ "the empty prefix", "", 1, 0, "" },
	{ "a name on two hosts", "db1", 0, 0, "" },
	{ "with its host", "lab/db1", 0, 4, "" },
	{ "with the other host", "local/db1", 0, 3, "" },
	{ "a name with a blank", "two words", 0, 5, "" },
	{ "with a console", "web1:serial1", 0, 1, "serial1" },
	{ "an exact name wins over the split", "odd:serial1", 0, 6, "" },
	{ "split at the last colon", "odd:serial1:serial0", 0, 6, "serial0" },
	{ "host, name and console", "lab/db1:serial0", 0, 4, "serial0" },
	{ "a UUID", "00000000-0000-0000-0000-000000000003", 0, 3, "" },
	{ "a UUID with a console", "00000000-0000-0000-0000-000000000003:serial1", 0, 3, "serial1" },
	{ "nobody's name", "nothere", 1, 0, "" },
	{ "only a colon", ":", 1, 0, "" },
};

START_TEST(phrases_find_their_guest)
{
	struct resolved r;

	resolve_guest(&r, &config, &alice, rows[_i].phrase, rows[_i].prefix);
	if (!rows[_i].number) {
		ck_assert_msg(!r.guest, "%s", rows[_i].what);
		ck_assert_uint_eq(r.code, REFUSED_NO_GUEST);
		ck_assert_msg(r.text[0], "%s: no text", rows[_i].what);
		return;
	}
	ck_assert_msg(r.guest && r.guest->uuid[15] == rows[_i].number, "%s: %s", rows[_i].what, r.text);
	ck_assert_str_eq(r.alias, rows[_i].alias);
}
END_TEST

START_TEST(a_forbidden_guest_is_refused_like_an_unknown_one)
{
	static const struct rules_person nobody = { .user = "nobody", .groups = no_groups };
	struct resolved forbidden, unknown;

	resolve_guest(&forbidden, &config, &nobody, "web1", true);
	resolve_guest(&unknown, &config, &nobody, "web9", true);
	ck_assert(!forbidden.guest && !unknown.guest);
	ck_assert_uint_eq(forbidden.code, unknown.code);
	*strchr(unknown.text, '9') = '1';
	ck_assert_str_eq(forbidden.text, unknown.text);
	resolve_guest(&forbidden, &config, &nobody, "00000000-0000-0000-0000-000000000001", false);
	ck_assert(!forbidden.guest);
}
END_TEST

START_TEST(consoles_are_chosen)
{
	struct resolved r;
	char alias[ALIAS_MAX + 1];

	resolve_guest(&r, &config, &alice, "web1", false);
	ck_assert_int_eq(resolve_console(&r, "", alias), 0);
	ck_assert_str_eq(alias, "serial0");
	ck_assert_int_eq(resolve_console(&r, "serial1", alias), 0);
	ck_assert_str_eq(alias, "serial1");
	ck_assert_int_eq(resolve_console(&r, "serial", alias), -1);
	ck_assert_int_eq(resolve_console(&r, "serial7", alias), -1);
	ck_assert_ptr_nonnull(strstr(r.text, "serial0 serial1"));
	r.guest->consoles[0] = '\0';
	ck_assert_int_eq(resolve_console(&r, "", alias), -1);
	ck_assert_ptr_nonnull(strstr(r.text, "virsh edit"));
}
END_TEST

START_TEST(changes_are_numbered_so_that_nothing_is_missed)
{
	unsigned changed;
	uint64_t seen = 0;
	struct guest *g, *web;
	int n = 0;

	for (g = inventory_after(0); g; g = inventory_next(g), n++) {
		ck_assert(g->seq > seen);
		seen = g->seq;
	}
	ck_assert_int_eq(n, 7);
	ck_assert_ptr_null(inventory_after(seen));
	web = put("local", "web1", 1, &changed);
	ck_assert_uint_eq(changed, 0);
	ck_assert_ptr_null(inventory_after(seen));
	web = put("local", "renamed", 1, &changed);
	ck_assert_uint_eq(changed, GUEST_RENAMED);
	ck_assert_ptr_eq(inventory_after(seen), web);
	ck_assert_ptr_null(inventory_next(web));
	/* One namesake more: both must be shown anew, with their hosts. */
	seen = web->seq;
	put("lab", "odd", 8, &changed);
	for (n = 0, g = inventory_after(seen); g; g = inventory_next(g), n++)
		ck_assert(!inventory_is_unique(g));
	ck_assert_int_eq(n, 2);
}
END_TEST

static int lost;

static void lose(struct guest *g)
{
	lost++;
	inventory_remove(g);
}

START_TEST(a_listing_takes_out_what_it_does_not_name)
{
	unsigned changed;

	lost = 0;
	inventory_begin("local");
	inventory_begin("lab");
	put("local", "web1", 1, &changed);
	put("lab", "db1", 4, &changed);
	inventory_end("lab", lose);
	ck_assert_int_eq(lost, 0);
	inventory_end("local", lose);
	ck_assert_int_eq(lost, 5);
	ck_assert(inventory_is_unique(inventory_find("lab", domain("", 4).uuid)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("inventory");
	TCase *t = tcase_create("inventory");

	tcase_add_checked_fixture(t, set_up, drop_all);
	tcase_add_loop_test(t, phrases_find_their_guest, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, a_forbidden_guest_is_refused_like_an_unknown_one);
	tcase_add_test(t, consoles_are_chosen);
	tcase_add_test(t, changes_are_numbered_so_that_nothing_is_missed);
	tcase_add_test(t, a_listing_takes_out_what_it_does_not_name);
	suite_add_tcase(s, t);
	return suite_run(s);
}
