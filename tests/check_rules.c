/* SPDX-License-Identifier: ISC */
/* Who may do what: rows of a configuration, a person, a guest and the rights expected. */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "console/rules.h"
#include "ipc/uuid.h"
#include "tests/suite.h"

#define UUID_1 "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define UUID_2 "00000000-0000-0000-0000-000000000001"

static const char sections[] =
	"[access \"operators\"]\n"
	"groups = ops \"domain admins\"\n"
	"guests = web* db/secret\n"
	"may = view type\n"
	"[access \"alice\"]\n"
	"users = alice\n"
	"guests = web1\n"
	"may = power view\n"
	"[access \"blind\"]\n"
	"users = bob\n"
	"guests = *\n"
	"may = type power\n"
	"[access \"one\"]\n"
	"users = carol\n"
	"guests = " UUID_1 "\n"
	"may = view\n"
	"[access \"host\"]\n"
	"users = dave\n"
	"guests = lab/*\n"
	"may = view\n";

enum { V = CONFIG_MAY_VIEW, T = CONFIG_MAY_TYPE, P = CONFIG_MAY_POWER };

static const struct {
	const char *what, *user, *group, *host, *name, *uuid;
	unsigned rights;
} rows[] = {
	{ "a stranger sees nothing", "eve", NULL, "local", "web1", UUID_1, 0 },
	{ "a group with a blank", "x", "domain admins", "local", "web1", UUID_1, V | T },
	{ "half of that name is another group", "x", "domain", "local", "web1", UUID_1, 0 },
	{ "sections add up", "alice", "ops", "local", "web1", UUID_1, V | T | P },
	{ "only where the pattern fits", "alice", "ops", "local", "web2", UUID_1, V | T },
	{ "not another guest", "alice", NULL, "local", "web2", UUID_1, 0 },
	{ "no view, no right at all", "bob", NULL, "local", "web1", UUID_1, 0 },
	{ "a UUID fits itself", "carol", NULL, "local", "any", UUID_1, V },
	{ "and no other", "carol", NULL, "local", "any", UUID_2, 0 },
	{ "nor a guest named like it", "carol", NULL, "local", UUID_1, UUID_2, 0 },
	{ "a host's guests", "dave", NULL, "lab", "web1", UUID_1, V },
	{ "not those of another host", "dave", NULL, "local", "web1", UUID_1, 0 },
	{ "a pattern with a slash names the host", "x", "ops", "db", "secret", UUID_2, V | T },
	{ "and does not fit elsewhere", "x", "ops", "local", "secret", UUID_2, 0 },
	{ "user names are exact", "Alice", NULL, "local", "web1", UUID_1, 0 },
	{ "a user is not a group", "ops", NULL, "local", "web1", UUID_1, 0 },
	{ "a name that looks like a pattern", "alice", NULL, "local", "*", UUID_1, 0 },
};

static void no_error(void *arg, unsigned line, const char *text)
{
	(void)arg;
	ck_abort_msg("line %u: %s", line, text);
}

START_TEST(rights_are_as_the_sections_say)
{
	static struct config config;
	char group[64] = "", *groups[] = { group };
	struct rules_person who = { .user = rows[_i].user, .groups = groups,
				    .ngroups = rows[_i].group ? 1 : 0 };
	uint8_t uuid[16];

	strcpy(group, rows[_i].group ? rows[_i].group : "");
	ck_assert_int_eq(config_init(&config), 0);
	ck_assert_int_eq(config_parse(&config, sections, strlen(sections), no_error, NULL), 0);
	ck_assert_int_eq(uuid_parse(uuid, rows[_i].uuid), 0);
	ck_assert_msg(rules_rights(&config, &who, rows[_i].host, rows[_i].name, uuid) == rows[_i].rights,
		      "%s", rows[_i].what);
	config_free(&config);
}
END_TEST

/* Who came by a ticket: the issuer's rights, on one guest, cut to watching or typing. */
START_TEST(a_ticket_is_for_one_guest)
{
	static struct config config;
	char group[64] = "", *groups[] = { group };
	struct rules_person who = { .user = rows[_i].user, .groups = groups,
				    .ngroups = rows[_i].group ? 1 : 0, .at_most = CONFIG_MAY_VIEW };
	uint8_t uuid[16], other[16];

	strcpy(group, rows[_i].group ? rows[_i].group : "");
	ck_assert_int_eq(config_init(&config), 0);
	ck_assert_int_eq(config_parse(&config, sections, strlen(sections), no_error, NULL), 0);
	ck_assert_int_eq(uuid_parse(uuid, rows[_i].uuid), 0);
	memcpy(other, uuid, sizeof(other));
	other[15] ^= 1;
	who.only_host = rows[_i].host;
	who.only_uuid = uuid;
	ck_assert_uint_eq(rules_rights(&config, &who, rows[_i].host, rows[_i].name, uuid),
			  rows[_i].rights & CONFIG_MAY_VIEW);
	ck_assert_uint_eq(rules_rights(&config, &who, "elsewhere", rows[_i].name, uuid), 0);
	ck_assert_uint_eq(rules_rights(&config, &who, rows[_i].host, rows[_i].name, other), 0);
	config_free(&config);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rules");
	TCase *t = tcase_create("rules");

	tcase_add_loop_test(t, rights_are_as_the_sections_say, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_loop_test(t, a_ticket_is_for_one_guest, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
