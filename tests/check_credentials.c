/* SPDX-License-Identifier: ISC */
/* Tokens and tickets: what each of them is worth, and when no more. */
#include <stdio.h>
#include <string.h>

#include "auth/credentials.h"
#include "tests/suite.h"

static struct credentials table;

static const uint8_t *chance(unsigned seed)
{
	static uint8_t bytes[CREDENTIALS_CHANCE];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(seed >> 8 * (i % 4));
	return bytes;
}

static const char *make_token(uint64_t login, uint64_t until, uint64_t now)
{
	struct credential *one = credentials_token(&table, login, "alice", "", until, now,
						   chance((unsigned)login));

	return one ? one->token : "";
}

static struct credential *make_ticket(const char *user, uint32_t valid, bool once, uint64_t now)
{
	static unsigned seed;
	struct msg_ticket_make make = { .valid = valid, .once = once, .guest = "web1" };
	const char *why;

	snprintf(make.user, sizeof(make.user), "%s", user);
	return credentials_ticket(&table, &make, now, chance(++seed), &why);
}

static void tear_down(void)
{
	credentials_clear(&table);
}

START_TEST(a_login_has_one_token)
{
	char first[TOKEN_MAX + 1];

	strcpy(first, make_token(1, 1000, 100));
	ck_assert_uint_eq(strlen(first), 43);
	ck_assert_str_eq(make_token(1, 1000, 200), first);
	ck_assert_str_ne(make_token(2, 1000, 200), first);
	ck_assert_uint_eq(credentials_resume(&table, first, 300, 60)->login, 1);
	ck_assert_ptr_null(credentials_resume(&table, "", 300, 60));
	ck_assert_ptr_null(credentials_resume(&table, "x", 300, 60));
}
END_TEST

static const struct {
	const char *what;
	int left;                 /* connections that went away at 500 */
	int came;                 /* and came at 510 */
	uint64_t asked;
	bool good;
} ages[] = {
	{ "in use for long", 0, 0, 9000, true },
	{ "unused, not for long", 1, 0, 560, true },
	{ "unused for too long", 1, 0, 561, false },
	{ "unused, and then the clock was set back", 1, 0, 400, true },
	{ "used again", 1, 1, 9000, true },
	{ "the end of its time", 0, 0, 10000, false },
};

START_TEST(a_token_grows_old_unused)
{
	char token[TOKEN_MAX + 1];

	strcpy(token, make_token(7, 10000, 100));
	for (int i = 0; i < ages[_i].left; i++)
		credentials_count(&table, 7, -1, 500);
	for (int i = 0; i < ages[_i].came; i++)
		credentials_count(&table, 7, 1, 510);
	ck_assert_msg(!!credentials_resume(&table, token, ages[_i].asked, 60) == ages[_i].good,
		      "%s", ages[_i].what);
}
END_TEST

START_TEST(a_login_that_is_void)
{
	char token[TOKEN_MAX + 1];

	strcpy(token, make_token(7, 10000, 100));
	credentials_void_login(&table, 8);
	ck_assert_ptr_nonnull(credentials_resume(&table, token, 100, 60));
	credentials_void_login(&table, 7);
	ck_assert_ptr_null(credentials_resume(&table, token, 100, 60));
	credentials_void_login(&table, 7);
	credentials_count(&table, 7, -1, 100);
}
END_TEST

/* The one that nobody has used for longest goes first, and none that is in use. */
START_TEST(tokens_are_bounded)
{
	char used[TOKEN_MAX + 1], idle[TOKEN_MAX + 1], later[TOKEN_MAX + 1];

	strcpy(used, make_token(1, 10000, 100));
	strcpy(idle, make_token(2, 10000, 100));
	strcpy(later, make_token(3, 10000, 100));
	credentials_count(&table, 2, -1, 101);
	credentials_count(&table, 3, -1, 102);
	for (uint64_t i = 4; i < CREDENTIALS_TOKENS_MAX + 2; i++)
		make_token(i, 10000, 103);
	ck_assert_ptr_nonnull(credentials_resume(&table, used, 104, 60));
	ck_assert_ptr_null(credentials_resume(&table, idle, 104, 60));
	ck_assert_ptr_nonnull(credentials_resume(&table, later, 104, 60));
}
END_TEST

START_TEST(a_ticket_and_its_end)
{
	struct credential *t = make_ticket("alice", 60, false, 100);
	char token[TOKEN_MAX + 1], id[TICKET_ID_MAX + 1];

	strcpy(token, t->token);
	strcpy(id, t->ticket);
	ck_assert_ptr_nonnull(credentials_use(&table, token, 159));
	ck_assert_ptr_nonnull(credentials_use(&table, token, 159));
	ck_assert_ptr_null(credentials_use(&table, id, 159));
	ck_assert_ptr_null(credentials_resume(&table, token, 159, 60));
	ck_assert_ptr_null(credentials_find(&table, "bob", id, 159));
	ck_assert_uint_eq(credentials_find(&table, "alice", id, 159)->uses, 2);
	ck_assert_ptr_null(credentials_use(&table, token, 160));
	ck_assert_ptr_null(credentials_find(&table, NULL, id, 160));
}
END_TEST

/* With its guest, to another host: that of the same UUID, and no other. */
START_TEST(a_ticket_whose_guest_moves)
{
	struct credential *t = make_ticket("alice", 60, false, 100);
	struct msg_tickets_moved m = { .to = "far" };
	char token[TOKEN_MAX + 1];

	strcpy(token, t->token);
	strcpy(m.from, t->host);
	memcpy(m.uuid, t->uuid, UUID_SIZE);
	m.uuid[0] ^= 1;
	credentials_move(&table, &m);
	ck_assert_str_eq(credentials_use(&table, token, 110)->host, m.from);
	m.uuid[0] ^= 1;
	credentials_move(&table, &m);
	ck_assert_str_eq(credentials_use(&table, token, 110)->host, "far");
	credentials_move(&table, &m);
	ck_assert_str_eq(credentials_use(&table, token, 110)->host, "far");
}
END_TEST

START_TEST(a_ticket_for_once)
{
	struct credential *t = make_ticket("alice", 60, true, 100);

	ck_assert_ptr_nonnull(credentials_use(&table, t->token, 101));
	ck_assert_ptr_null(credentials_use(&table, t->token, 101));
	ck_assert_ptr_nonnull(credentials_find(&table, "alice", t->ticket, 101));
}
END_TEST

/* Who came by a ticket may come back as long as it is good, also when it was for once. */
START_TEST(a_token_by_a_ticket)
{
	struct credential *t = make_ticket("alice", 60, true, 100), *token;
	char text[TOKEN_MAX + 1];

	credentials_use(&table, t->token, 101);
	token = credentials_token(&table, 5, "alice", t->ticket, 9999, 102, chance(999));
	strcpy(text, token->token);
	ck_assert_uint_eq(token->until, t->until);
	ck_assert_ptr_nonnull(credentials_resume(&table, text, 159, 600));
	credentials_revoke(&table, t);
	ck_assert_ptr_null(credentials_resume(&table, text, 110, 600));
	ck_assert_ptr_null(credentials_token(&table, 6, "alice", "00000000", 9999, 102, chance(9)));
}
END_TEST

START_TEST(tickets_are_bounded)
{
	ck_assert_ptr_null(make_ticket("alice", 0, false, 100));
	ck_assert_ptr_null(make_ticket("alice", CREDENTIALS_VALID_MAX + 1, false, 100));
	for (int i = 0; i < CREDENTIALS_PER_USER_MAX; i++)
		ck_assert_ptr_nonnull(make_ticket("alice", 10, false, 100));
	ck_assert_ptr_null(make_ticket("alice", 10, false, 100));
	ck_assert_ptr_nonnull(make_ticket("bob", 10, false, 100));
	/* Those that are over make room. */
	ck_assert_ptr_nonnull(make_ticket("alice", 10, false, 110));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("credentials");
	TCase *t = tcase_create("credentials");

	tcase_add_checked_fixture(t, NULL, tear_down);
	tcase_add_test(t, a_login_has_one_token);
	tcase_add_loop_test(t, a_token_grows_old_unused, 0, sizeof(ages) / sizeof(ages[0]));
	tcase_add_test(t, a_login_that_is_void);
	tcase_add_test(t, tokens_are_bounded);
	tcase_add_test(t, a_ticket_and_its_end);
	tcase_add_test(t, a_ticket_whose_guest_moves);
	tcase_add_test(t, a_ticket_for_once);
	tcase_add_test(t, a_token_by_a_ticket);
	tcase_add_test(t, tickets_are_bounded);
	suite_add_tcase(s, t);
	return suite_run(s);
}
