/* SPDX-License-Identifier: ISC */
/* The menu's keys, its filter, its selection while the list changes, and what is painted. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/menu.h"
#include "terminal/rows.h"
#include "terminal/sketch.h"
#include "tests/suite.h"

static struct guests guests;
static struct menu menu;

static void put(unsigned id, const char *name, uint8_t state)
{
	struct msg_guest m = { .unique = 1, .state = state, .host = "h" };

	m.uuid[0] = (uint8_t)id;
	m.uuid[1] = (uint8_t)(id >> 8);
	snprintf(m.name, sizeof(m.name), "%s", name);
	ck_assert_int_eq(guests_put(&guests, &m), 0);
	menu_changed(&menu);
}

static void gone(unsigned id)
{
	uint8_t uuid[UUID_SIZE] = { (uint8_t)id, (uint8_t)(id >> 8) };

	guests_remove(&guests, uuid, "h");
	menu_changed(&menu);
}

/* web1 to webN on a screen of 10 rows: 7 of them for guests. */
static void setup_with(unsigned count)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	guests_init(&guests);
	ck_assert_int_eq(menu_init(&menu, &guests, "alice", 10, 40), 0);
	menu.is_loaded = true;
	for (unsigned i = 1; i <= count; i++) {
		char name[16];

		snprintf(name, sizeof(name), "web%u", i);
		put(i, name, GUEST_RUNNING);
	}
}

static void teardown(void)
{
	menu_free(&menu);
	guests_free(&guests);
}

static enum menu_action press(const char *bytes)
{
	enum menu_action last = MENU_NOTHING;
	struct keys keys = { 0 };
	struct key key;
	size_t len = strlen(bytes);

	for (size_t used = 0; used < len;) {
		used += keys_feed(&keys, (const uint8_t *)bytes + used, len - used, &key);
		if (key.code != KEY_NONE)
			last = menu_key(&menu, &key);
	}
	keys_flush(&keys, &key);
	if (key.code != KEY_NONE)
		last = menu_key(&menu, &key);
	return last;
}

static const struct {
	const char *what, *keys;
	enum menu_action action;
	const char *selected;
} rows[] = {
	{"at first", "", MENU_NOTHING, "web1"},
	{"down", "\033[B", MENU_NOTHING, "web2"},
	{"down, application mode", "\033OB", MENU_NOTHING, "web2"},
	{"j and k", "jjjk", MENU_NOTHING, "web3"},
	{"not above the first", "kkk", MENU_NOTHING, "web1"},
	{"page down", "\033[6~", MENU_NOTHING, "web8"},
	{"page down and up", "\033[6~\033[6~\033[5~", MENU_NOTHING, "web8"},
	{"end", "\033[F", MENU_NOTHING, "web20"},
	{"end, the other way", "\033[4~", MENU_NOTHING, "web20"},
	{"not below the last", "G\033[6~j", MENU_NOTHING, "web20"},
	{"home", "G\033[H", MENU_NOTHING, "web1"},
	{"enter", "j\r", MENU_ATTACH, "web2"},
	{"info", "ji", MENU_INFO, "web2"},
	{"help", "?", MENU_HELP, "web1"},
	{"leave", "q", MENU_LEAVE, "web1"},
	{"^D leaves", "\x04", MENU_LEAVE, "web1"},
	{"^C leaves", "\x03", MENU_LEAVE, "web1"},
	{"filter", "/2", MENU_NOTHING, "web2"},
	{"filter and down", "/2\033[B", MENU_NOTHING, "web12"},
	{"letters belong to the filter", "/q", MENU_NOTHING, NULL},
	{"filter, case", "/WEB13", MENU_NOTHING, "web13"},
	{"filter and enter", "/13\r", MENU_ATTACH, "web13"},
	{"enter on nothing", "/x\r", MENU_NOTHING, NULL},
	{"filter erased", "/13\x7f\x7f", MENU_NOTHING, "web13"},
	{"a whole name typed is that guest", "G/web1", MENU_NOTHING, "web1"},
	{"a whole name typed, though the selected one fits", "Gkkkkk/web1", MENU_NOTHING, "web1"},
	{"the selected one stays while it fits", "G/web2", MENU_NOTHING, "web2"},
	{"the selected one stays while it fits, a part", "G/web", MENU_NOTHING, "web20"},
	{"else the first that fits", "G/eb1", MENU_NOTHING, "web1"},
	{"filter left", "/13\033", MENU_NOTHING, "web13"},
	{"filter killed", "/13\x15q", MENU_LEAVE, "web13"},
	{"UTF-8 erased whole", "/1\xc3\xa4\x7f", MENU_NOTHING, "web1"},
	{"answers of the terminal mean nothing", "\033[?1;2c\033]11;q\033\\\033[I", MENU_NOTHING,
	 "web1"},
	{"unknown keys mean nothing", "\033[15~\033OPx", MENU_NOTHING, "web1"},
};

START_TEST(keys_do_as_the_manual_says)
{
	const struct guest *g;

	setup_with(20);
	ck_assert_msg(press(rows[_i].keys) == rows[_i].action, "%s", rows[_i].what);
	g = menu_selected(&menu);
	if (rows[_i].selected)
		ck_assert_msg(g && strcmp(g->name, rows[_i].selected) == 0, "%s: %s", rows[_i].what,
			      g ? g->name : "none");
	else
		ck_assert_msg(!g, "%s", rows[_i].what);
	teardown();
}
END_TEST

START_TEST(the_selection_stays_on_its_guest)
{
	size_t row;

	setup_with(20);
	press("\033[6~jj");
	ck_assert_str_eq(menu_selected(&menu)->name, "web10");
	row = menu.selected - menu.top;
	put(100, "aaa", GUEST_OFF);
	put(101, "aab", GUEST_OFF);
	gone(3);
	ck_assert_str_eq(menu_selected(&menu)->name, "web10");
	ck_assert_uint_eq(menu.selected - menu.top, row);
	put(10, "renamed", GUEST_OFF);
	ck_assert_str_eq(menu_selected(&menu)->name, "renamed");
	gone(10);
	ck_assert_str_eq(menu_selected(&menu)->name, "web1");
	press("G");
	ck_assert_str_eq(menu_selected(&menu)->name, "web20");
	gone(20);
	ck_assert_str_eq(menu_selected(&menu)->name, "web19");
	for (unsigned i = 0; i < 200; i++)
		gone(i);
	ck_assert_ptr_null(menu_selected(&menu));
	ck_assert_int_eq(press("\r\033[Bi"), MENU_INFO);
	teardown();
}
END_TEST

START_TEST(only_changed_rows_are_painted)
{
	struct sketch s = { true, true };
	struct rows screen;
	struct buf out;

	setup_with(20);
	buf_init(&out, 1 << 20);
	rows_init(&screen);
	rows_resize(&screen, 10);
	rows_enter(&screen, &out);
	sketch_menu(&s, &menu, &screen, &out);
	buf_clear(&out);
	sketch_menu(&s, &menu, &screen, &out);
	ck_assert_uint_eq(out.len, 0);
	put(2, "web2", GUEST_CRASHED);
	sketch_menu(&s, &menu, &screen, &out);
	buf_append(&out, "", 1);
	ck_assert(strncmp((char *)out.data, "\033[4;1H", 6) == 0);
	ck_assert(strstr((char *)out.data, "\033[31mcrashed"));
	ck_assert(!strchr((char *)out.data + 1, 'H') || !strstr((char *)out.data, "web1"));
	buf_free(&out);
	rows_free(&screen);
	teardown();
}
END_TEST

START_TEST(without_utf8_and_colour)
{
	struct sketch s = { false, false };
	struct rows screen;
	struct buf out;

	setup_with(0);
	put(1, "a\xc3\xa4\033[2J name much longer than there is room for", GUEST_RUNNING);
	buf_init(&out, 1 << 20);
	rows_init(&screen);
	rows_resize(&screen, 10);
	sketch_menu(&s, &menu, &screen, &out);
	for (size_t i = 0; i < out.len; i++)
		ck_assert_uint_lt(out.data[i], 0x80);
	buf_append(&out, "", 1);
	ck_assert(strstr((char *)out.data, "a\\u{e4}\\x1b"));
	ck_assert(!strstr((char *)out.data, "\033[32m"));
	buf_free(&out);
	rows_free(&screen);
	teardown();
}
END_TEST

START_TEST(pages_scroll_and_end)
{
	setup_with(3);
	menu_show(&menu, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12", 26);
	ck_assert_int_eq(press(" "), MENU_NOTHING);
	ck_assert_uint_eq(menu.page_top, 3);
	press("k");
	ck_assert_uint_eq(menu.page_top, 2);
	ck_assert_uint_gt(menu.page.len, 0);
	press("x");
	ck_assert_uint_eq(menu.page.len, 0);
	menu_show(&menu, "short", 5);
	press(" ");
	ck_assert_uint_eq(menu.page.len, 0);
	teardown();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("menu");
	TCase *t = tcase_create("menu");

	tcase_add_loop_test(t, keys_do_as_the_manual_says, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, the_selection_stays_on_its_guest);
	tcase_add_test(t, only_changed_rows_are_painted);
	tcase_add_test(t, without_utf8_and_colour);
	tcase_add_test(t, pages_scroll_and_end);
	suite_add_tcase(s, t);
	return suite_run(s);
}
