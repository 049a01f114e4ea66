/* SPDX-License-Identifier: ISC */
/* The visitor's picture of the guest list: its order, and that it stays right whatever comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/guests.h"
#include "tests/suite.h"

static const struct { const char *a, *b; int order;
} names[] = {
	{"web2", "web10", -1},
	{"web10", "web2", 1},
	{"web2", "web2", 0},
	{"web02", "web2", -1},
	{"web1a", "web01b", -1},
	{"a", "b", -1},
	{"web", "web1", -1},
	{"web9-2", "web9-10", -1},
	{"10", "9", 1},
	{"", "a", -1},
	{"", "", 0},
	{"a\xc3\xa4", "az", 1},
	{"x18446744073709551617", "x18446744073709551616", 1},
};

START_TEST(names_are_ordered_as_people_count)
{
	int r = guest_compare_names(names[_i].a, names[_i].b);

	ck_assert_msg((r > 0) - (r < 0) == names[_i].order, "%s, %s: %d", names[_i].a, names[_i].b,
		      r);
	r = guest_compare_names(names[_i].b, names[_i].a);
	ck_assert_int_eq((r > 0) - (r < 0), -names[_i].order);
}
END_TEST

static struct msg_guest make(unsigned id, const char *host, const char *name, bool is_unique)
{
	struct msg_guest m = { .unique = is_unique, .state = GUEST_RUNNING };

	m.uuid[0] = (uint8_t)id;
	m.uuid[1] = (uint8_t)(id >> 8);
	snprintf(m.host, sizeof(m.host), "%s", host);
	snprintf(m.name, sizeof(m.name), "%s", name);
	return m;
}

static void check_order(const struct guests *g)
{
	for (size_t i = 1; i < g->count; i++) {
		ck_assert_int_le(guest_compare_names(g->by_name[i - 1]->name, g->by_name[i]->name),
				 0);
		ck_assert_int_le(memcmp(g->by_id[i - 1]->uuid, g->by_id[i]->uuid, UUID_SIZE), 0);
	}
	for (size_t i = 0; i < g->count; i++) {
		ck_assert_ptr_eq(guests_find(g, g->by_name[i]->uuid, g->by_name[i]->host),
				 g->by_name[i]);
		ck_assert_int_eq(guests_place(g, g->by_name[i]), (long)i);
	}
}

START_TEST(a_long_life)
{
	struct guests g;
	unsigned seed = 1, held = 0;
	bool is_there[500] = { false };

	guests_init(&g);
	for (int step = 0; step < 20000; step++) {
		unsigned id;
		char name[32];
		struct msg_guest m;

		seed = seed * 1103515245 + 12345;
		id = (seed >> 16) % 500;
		snprintf(name, sizeof(name), "g%u", (seed >> 8) % 300);
		m = make(id, "h", name, true);
		if (step % 3 == 2) {
			guests_remove(&g, m.uuid, "h");
			held -= is_there[id];
			is_there[id] = false;
		} else {
			ck_assert_int_eq(guests_put(&g, &m), 0);
			held += !is_there[id];
			is_there[id] = true;
		}
		ck_assert_uint_eq(g.count, held);
		if (step % 1000 == 0)
			check_order(&g);
	}
	check_order(&g);
	guests_free(&g);
	ck_assert_uint_eq(g.count, 0);
}
END_TEST

START_TEST(labels_are_found)
{
	struct msg_guest a = make(1, "kvm1", "web", false), b = make(2, "kvm2", "web", false);
	struct msg_guest c = make(3, "kvm1", "db", true);
	char label[GUESTS_LABEL_SIZE];
	struct guests g;

	guests_init(&g);
	guests_put(&g, &a);
	guests_put(&g, &b);
	guests_put(&g, &c);
	ck_assert_int_eq(guests_find_label(&g, "db"), 0);
	ck_assert_int_eq(guests_find_label(&g, "kvm1/db"), 0);
	ck_assert_int_eq(guests_find_label(&g, "web"), -1);
	ck_assert_int_eq(guests_find_label(&g, "kvm2/web"), 2);
	ck_assert_int_eq(guests_find_label(&g, "kvm3/web"), -1);
	ck_assert_int_eq(guests_find_label(&g, ""), -1);
	guest_label(label, g.by_name[2]);
	ck_assert_str_eq(label, "kvm2/web");
	guest_label(label, g.by_name[0]);
	ck_assert_str_eq(label, "db");
	guests_free(&g);
}
END_TEST

START_TEST(one_uuid_on_two_hosts_is_two_guests)
{
	struct msg_guest a = make(1, "kvm1", "web", false), b = make(1, "kvm2", "web", false);
	struct guests g;

	guests_init(&g);
	guests_put(&g, &a);
	guests_put(&g, &b);
	ck_assert_uint_eq(g.count, 2);
	guests_remove(&g, a.uuid, "kvm1");
	ck_assert_uint_eq(g.count, 1);
	ck_assert_str_eq(g.by_id[0]->host, "kvm2");
	guests_remove(&g, a.uuid, "kvm1");
	ck_assert_uint_eq(g.count, 1);
	guests_free(&g);
}
END_TEST

START_TEST(a_new_list_sweeps_the_old_one)
{
	struct msg_guest a = make(1, "h", "a", true), b = make(2, "h", "b", true),
			 c = make(3, "h", "c", true);
	struct guests g;

	guests_init(&g);
	guests_begin(&g);
	guests_put(&g, &a);
	guests_put(&g, &b);
	guests_end(&g);
	guests_begin(&g);
	guests_put(&g, &c);
	guests_put(&g, &b);
	ck_assert_uint_eq(g.count, 3);
	guests_end(&g);
	ck_assert_uint_eq(g.count, 2);
	check_order(&g);
	ck_assert_int_eq(guests_find_label(&g, "a"), -1);
	guests_free(&g);
}
END_TEST

START_TEST(there_is_a_bound)
{
	struct guests g;
	char name[16];

	guests_init(&g);
	for (unsigned i = 0; i < GUESTS_MAX; i++) {
		struct msg_guest m;

		snprintf(name, sizeof(name), "%u", i);
		m = make(i, "h", name, true);
		ck_assert_int_eq(guests_put(&g, &m), 0);
	}
	snprintf(name, sizeof(name), "last");
	{
		struct msg_guest m = make(0, "other", name, true);

		ck_assert_int_eq(guests_put(&g, &m), -1);
	}
	ck_assert_uint_eq(g.count, GUESTS_MAX);
	guests_free(&g);
}
END_TEST

START_TEST(states_have_words)
{
	ck_assert_str_eq(guest_state_word(GUEST_OFF), "off");
	ck_assert_str_eq(guest_state_word(200), "unknown");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guests");
	TCase *t = tcase_create("guests");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, names_are_ordered_as_people_count, 0,
			    sizeof(names) / sizeof(names[0]));
	tcase_add_test(t, a_long_life);
	tcase_add_test(t, labels_are_found);
	tcase_add_test(t, one_uuid_on_two_hosts_is_two_guests);
	tcase_add_test(t, a_new_list_sweeps_the_old_one);
	tcase_add_test(t, there_is_a_bound);
	tcase_add_test(t, states_have_words);
	suite_add_tcase(s, t);
	return suite_run(s);
}
