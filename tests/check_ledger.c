/* SPDX-License-Identifier: ISC */
/* What is open, and the state file: written, read, cut off anywhere, and broken. */
#include <stdlib.h>
#include <string.h>

#include "gate/ledger.h"
#include "tests/suite.h"

static struct ledger_entry entry(enum ledger_kind kind, uint64_t conn, uint64_t attachment)
{
	return (struct ledger_entry){
		.kind = (uint8_t)kind, .began = 1000 + conn,
		.who = { .event = AUDIT_ATTACH, .ok = 1, .conn = conn, .attachment = attachment,
			 .endpoint = ENDPOINT_SSH, .user = "alice", .peer = "::1",
			 .guest = "a\nb", .host = "local" },
	};
}

static size_t add(uint8_t *file, size_t at, enum ledger_change change, struct ledger_entry e)
{
	size_t n = ledger_encode(file + at, RECORD_ENTRY_MAX, change, &e);

	ck_assert_uint_gt(n, 0);
	return at + n;
}

/* Two logins and an attachment begin, one login ends. */
static size_t write_file(uint8_t *file, size_t ends[4])
{
	size_t n = strlen(LEDGER_HEADER);

	memcpy(file, LEDGER_HEADER, n);
	ends[0] = n = add(file, n, LEDGER_BEGINS, entry(LEDGER_LOGIN, 1, 0));
	ends[1] = n = add(file, n, LEDGER_BEGINS, entry(LEDGER_LOGIN, 2, 0));
	ends[2] = n = add(file, n, LEDGER_BEGINS, entry(LEDGER_ATTACHMENT, 2, 7));
	ends[3] = n = add(file, n, LEDGER_ENDS, entry(LEDGER_LOGIN, 1, 0));
	return n;
}

START_TEST(test_what_is_written_is_read)
{
	uint8_t file[16384];
	const struct ledger_entry *e;
	struct ledger l = { 0 };
	size_t ends[4], len = write_file(file, ends);

	ck_assert_int_eq(ledger_load(&l, file, len), 0);
	ck_assert_uint_eq(l.count, 2);
	ck_assert_ptr_null(ledger_find(&l, LEDGER_LOGIN, 1, 0));
	ck_assert_ptr_nonnull(ledger_find(&l, LEDGER_LOGIN, 2, 0));
	e = ledger_find(&l, LEDGER_ATTACHMENT, 2, 7);
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->began, 1002);
	ck_assert_str_eq(e->who.guest, "a\nb");
	ledger_free(&l);
}
END_TEST

/* A crash may cut the file anywhere: whole entries count. */
START_TEST(test_cut_anywhere)
{
	uint8_t file[16384];
	static const size_t open_at[] = { 0, 1, 2, 3, 2 };
	size_t ends[4], len = write_file(file, ends);

	for (size_t cut = 0; cut <= len; cut++) {
		struct ledger l = { 0 };
		size_t whole = 0;
		int r = ledger_load(&l, file, cut);

		while (whole < 4 && ends[whole] <= cut)
			whole++;
		ck_assert_uint_eq(l.count, open_at[whole]);
		ck_assert_int_eq(r, cut == strlen(LEDGER_HEADER) ||
				    (whole && ends[whole - 1] == cut) ? 0 : -1);
		ledger_free(&l);
	}
}
END_TEST

START_TEST(test_any_byte_changed)
{
	uint8_t file[16384], broken[16384];
	size_t ends[4], len = write_file(file, ends);

	for (size_t at = 0; at < len; at++) {
		struct ledger l = { 0 };

		memcpy(broken, file, len);
		broken[at] ^= 0x55;
		ledger_load(&l, broken, len);
		ck_assert_uint_le(l.count, 4);
		ledger_free(&l);
	}
}
END_TEST

START_TEST(test_one_key_stands_once)
{
	struct ledger l = { 0 };
	struct ledger_entry e = entry(LEDGER_LOGIN, 1, 0);

	ck_assert_int_eq(ledger_begin(&l, &e), 0);
	strcpy(e.who.user, "bob");
	ck_assert_int_eq(ledger_begin(&l, &e), 0);
	ck_assert_uint_eq(l.count, 1);
	ck_assert_str_eq(ledger_find(&l, LEDGER_LOGIN, 1, 0)->who.user, "bob");
	ledger_free(&l);
}
END_TEST

START_TEST(test_it_has_a_bound)
{
	struct ledger l = { 0 };
	struct ledger_entry e = { .kind = LEDGER_LOGIN };

	for (e.who.conn = 0; e.who.conn < LEDGER_MAX; e.who.conn++)
		ck_assert_int_eq(ledger_begin(&l, &e), 0);
	ck_assert_int_eq(ledger_begin(&l, &e), -1);
	e.who.conn = 0;
	ck_assert_int_eq(ledger_begin(&l, &e), 0);
	ck_assert_uint_eq(l.count, LEDGER_MAX);
	ledger_free(&l);
}
END_TEST

/* Whatever begins and ends in whatever order, each is found by its key and nothing else is. */
START_TEST(test_any_order)
{
	enum { CONNS = 40, NUMBERS = 60, STEPS = 40000 };
	static bool is_open[CONNS][NUMBERS];
	struct ledger l = { 0 };
	uint64_t chance = 88172645463325252u;
	size_t open = 0;

	for (int i = 0; i < STEPS; i++) {
		chance ^= chance << 13;
		chance ^= chance >> 7;
		chance ^= chance << 17;

		uint64_t conn = chance % CONNS, number = (chance >> 20) % NUMBERS;
		const struct ledger_entry *e = ledger_find(&l, LEDGER_ATTACHMENT, conn, number);
		struct ledger_entry fresh = entry(LEDGER_ATTACHMENT, conn, number);

		ck_assert_int_eq(e != NULL, is_open[conn][number]);
		ck_assert(!e || (e->who.conn == conn && e->who.attachment == number));
		ck_assert_ptr_null(ledger_find(&l, LEDGER_LOGIN, conn, number));
		if (e && chance >> 60)
			ledger_remove(&l, (size_t)(e - l.entries));
		else
			ck_assert_int_eq(ledger_begin(&l, &fresh), 0);
		is_open[conn][number] = !(e && chance >> 60);
		open += is_open[conn][number];
		open -= e != NULL;
		ck_assert_uint_eq(l.count, open);
	}
	while (l.count)
		ledger_remove(&l, l.count / 2);
	ck_assert_ptr_null(ledger_find(&l, LEDGER_ATTACHMENT, 1, 1));
	ledger_free(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger");
	TCase *t = tcase_create("ledger");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_what_is_written_is_read);
	tcase_add_test(t, test_cut_anywhere);
	tcase_add_test(t, test_any_byte_changed);
	tcase_add_test(t, test_one_key_stands_once);
	tcase_add_test(t, test_it_has_a_bound);
	tcase_add_test(t, test_any_order);
	suite_add_tcase(s, t);
	return suite_run(s);
}
