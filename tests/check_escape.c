/* SPDX-License-Identifier: ISC */
/*
 * The escape key in every encoding, split at every byte; everything else passes unchanged.
 * A row's result is written as the guest's bytes with <words> for what the person wants.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/escape.h"
#include "tests/suite.h"

static const char *const words[] = {
	[ESCAPE_NOTHING] = "", [ESCAPE_BYTES] = "", [ESCAPE_ARMED] = "<armed>",
	[ESCAPE_CANCEL] = "<cancel>", [ESCAPE_UNKNOWN] = "<unknown>", [ESCAPE_DETACH] = "<detach>",
	[ESCAPE_SEND] = "<send>", [ESCAPE_HELP] = "<help>", [ESCAPE_MENU] = "<menu>",
	[ESCAPE_WHO] = "<who>", [ESCAPE_TAKE] = "<take>", [ESCAPE_GIVE] = "<give>",
	[ESCAPE_FORCE] = "<force>", [ESCAPE_BREAK] = "<break>", [ESCAPE_SYSRQ] = "<sysrq>",
	[ESCAPE_POWER] = "<power>", [ESCAPE_REPLAY] = "<replay>", [ESCAPE_BOOT] = "<boot>",
	[ESCAPE_SIZE] = "<size>", [ESCAPE_PASTE] = "<paste>", [ESCAPE_LINEAR] = "<linear>", [ESCAPE_KEY] = "<key>",
	[ESCAPE_REPORT] = "",
};

static const struct { const char *what; int key; const char *in, *out;
} rows[] = {
	{"plain text", 0x1d, "ls -l\r", "ls -l\r"},
	{"detach", 0x1d, "ls\x1d.", "ls<armed><detach>"},
	{"detach by q, then text", 0x1d, "\x1dqx", "<armed><detach>x"},
	{"in the middle of a paste", 0x1d, "abc\x1dwdef", "abc<armed><who>def"},
	{"twice sends one", 0x1d, "\x1d\x1d", "<armed><send>\x1d"},
	{"Esc cancels, at the end", 0x1d, "\x1d\033", "<armed><cancel>"},
	{"Esc cancels, text follows", 0x1d, "\x1d\033\rls", "<armed><cancel>\rls"},
	{"unknown key", 0x1d, "\x1dZls", "<armed><unknown>ls"},
	{"unknown UTF-8 key is taken whole", 0x1d, "\x1d\xc3\xbcx", "<armed><unknown>x"},
	{"unknown arrow is taken whole", 0x1d, "\x1d\033[Ax", "<armed><unknown>x"},
	{"unknown application arrow", 0x1d, "\x1d\033OAx", "<armed><unknown>x"},
	{"unknown function key of a Linux console", 0x1d, "\x1d\033[[Ax", "<armed><unknown>x"},
	{"an arrow is the guest's", 0x1d, "\033[A", "\033[A"},
	{"Esc alone is the guest's", 0x1d, "\033", "\033"},
	{"Esc Esc", 0x1d, "\033\033", "\033\033"},
	{"Alt+x", 0x1d, "\033x", "\033x"},
	{"Esc before the escape key", 0x1d, "\033\x1d.", "\033<armed><detach>"},
	{"half a sequence before it", 0x1d, "\033[12\x1d.", "\033[12<armed><detach>"},
	{"kitty", 0x1d, "\033[93;5u.", "<armed><detach>"},
	{"kitty, caps lock", 0x1d, "\033[93;69u.", "<armed><detach>"},
	{"kitty, caps and num lock", 0x1d, "\033[93;197u.", "<armed><detach>"},
	{"kitty, press event", 0x1d, "\033[93;5:1u.", "<armed><detach>"},
	{"kitty, release is ignored", 0x1d, "\033[93;5:1u\033[93;5:3u.", "<armed><detach>"},
	{"kitty, release of Ctrl is ignored", 0x1d, "\033[93;5u\033[57442;5:3u.",
	 "<armed><detach>"},
	{"kitty, held down does not send itself", 0x1d, "\033[93;5:1u\033[93;5:2u.",
	 "<armed><detach>"},
	{"kitty, twice", 0x1d, "\033[93;5u\033[93;5u", "<armed><send>\033[93;5u"},
	{"kitty, Ctrl+5", 0x1d, "\033[53;5u.", "<armed><detach>"},
	{"kitty, without Ctrl", 0x1d, "\033[93;1u", "\033[93;1u"},
	{"kitty, Ctrl and Alt", 0x1d, "\033[93;7u", "\033[93;7u"},
	{"kitty, another key", 0x1d, "\033[94;5u", "\033[94;5u"},
	{"kitty second key", 0x1d, "\x1d\033[46;1u", "<armed><detach>"},
	{"kitty second key without modifiers", 0x1d, "\x1d\033[46u", "<armed><detach>"},
	{"kitty second key, caps lock", 0x1d, "\x1d\033[116;65u", "<armed><take>"},
	{"kitty second key, shifted, told", 0x1d, "\x1d\033[47:63;2u", "<armed><help>"},
	{"kitty second key, shifted, not told", 0x1d, "\x1d\033[47;2u", "<armed><help>"},
	{"kitty second key, with its text", 0x1d, "\x1d\033[223;2;63u", "<armed><help>"},
	{"kitty second key with Ctrl", 0x1d, "\x1d\033[116;5u", "<armed><unknown>"},
	{"kitty Esc", 0x1d, "\x1d\033[27u", "<armed><cancel>"},
	{"modifyOtherKeys", 0x1d, "\033[27;5;93~.", "<armed><detach>"},
	{"modifyOtherKeys second key", 0x1d, "\x1d\033[27;2;63~", "<armed><help>"},
	{"modifyOtherKeys, another key", 0x1d, "\033[27;5;94~", "\033[27;5;94~"},
	{"Delete", 0x1d, "\033[3~", "\033[3~"},
	{"a terminal's answer", 0x1d, "\033[?62;4c", "\033[?62;4c"},
	{"an answer between the keys", 0x1d, "\x1d\033[?62;4c.", "<armed>\033[?62;4c<detach>"},
	{"a cursor report between the keys", 0x1d, "\x1d\033[5;10R.", "<armed>\033[5;10R<detach>"},
	{"a colour report between the keys", 0x1d, "\x1d\033]11;rgb:00/00/00\033\\.",
	 "<armed>\033]11;rgb:00/00/00\033\\<detach>"},
	{"focus between the keys", 0x1d, "\x1d\033[I.", "<armed>\033[I<detach>"},
	{"mouse between the keys", 0x1d, "\x1d\033[<0;1;2M.", "<armed>\033[<0;1;2M<detach>"},
	{"old mouse between the keys", 0x1d, "\x1d\033[M !!.", "<armed>\033[M !!<detach>"},
	{"a colour report is the guest's", 0x1d, "\033]11;rgb:00/00/00\033\\x",
	 "\033]11;rgb:00/00/00\033\\x"},
	{"^A as the key", 0x01, "\x1d.\x01.", "\x1d.<armed><detach>"},
	{"^A, kitty", 0x01, "\033[97;5u.", "<armed><detach>"},
	{"^A, modifyOtherKeys", 0x01, "\033[27;5;97~m", "<armed><menu>"},
	{"^^ with shift", 0x1e, "\033[54:94;6ug", "<armed><give>"},
	{"none: all is the guest's", ESCAPE_KEY_NONE, "\x1d.\033[93;5u", "\x1d.\033[93;5u"},
	{"all other keys", 0x1d,
	 "\x1d"
	 "d\x1dh\x1dt\x1dg\x1d"
	 "f\x1d?",
	 "<armed><detach><armed><help><armed><take><armed><give><armed><force><armed><help>"},
	{"8-bit and binary pass", 0x1d, "\x80\xff\x01\x7f\xc3", "\x80\xff\x01\x7f\xc3"},
	{"a sequence without end", 0x1d,
	 "\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1.",
	 "\033[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1."},
};

static void note(char *out, const struct escape_event *ev)
{
	strcat(out, words[ev->action]);
	if (ev->action == ESCAPE_BYTES || ev->action == ESCAPE_SEND || ev->action == ESCAPE_REPORT)
		strncat(out, (const char *)ev->data, ev->len);
}

/* Feeds pieces of `size` bytes. */
static void feed(char *out, int key, const char *in, size_t size)
{
	const uint8_t *at = (const uint8_t *)in;
	size_t left = strlen(in);
	struct escape_event ev;
	struct escape e;

	escape_init(&e, key);
	out[0] = '\0';
	while (left) {
		size_t piece = left < size ? left : size;

		left -= piece;
		while (piece) {
			size_t n = escape_feed(&e, at, piece, &ev);

			note(out, &ev);
			at += n;
			piece -= n;
		}
	}
	if (escape_is_holding(&e)) {
		escape_flush(&e, &ev);
		note(out, &ev);
	}
	ck_assert(!escape_is_holding(&e));
}

START_TEST(keys_are_found)
{
	char out[512];

	for (size_t size = 1; size <= strlen(rows[_i].in); size++) {
		feed(out, rows[_i].key, rows[_i].in, size);
		ck_assert_msg(strcmp(out, rows[_i].out) == 0, "%s, in pieces of %zu: %s",
			      rows[_i].what, size, out);
	}
}
END_TEST

START_TEST(esc_is_given_out_after_the_wait)
{
	struct escape_event ev;
	struct escape e;

	escape_init(&e, 0x1d);
	ck_assert_uint_eq(escape_feed(&e, (const uint8_t *)"\033", 1, &ev), 1);
	ck_assert_int_eq(ev.action, ESCAPE_NOTHING);
	ck_assert(escape_is_holding(&e));
	escape_flush(&e, &ev);
	ck_assert_int_eq(ev.action, ESCAPE_BYTES);
	ck_assert_uint_eq(ev.len, 1);
	ck_assert(!escape_is_holding(&e));
}
END_TEST

START_TEST(it_stays_armed_until_a_key_comes)
{
	struct escape_event ev;
	struct escape e;

	escape_init(&e, 0x1d);
	escape_feed(&e, (const uint8_t *)"\x1d", 1, &ev);
	for (int i = 0; i < 3; i++)
		escape_flush(&e, &ev);
	ck_assert(e.is_armed);
	escape_feed(&e, (const uint8_t *)".", 1, &ev);
	ck_assert_int_eq(ev.action, ESCAPE_DETACH);
}
END_TEST

static const struct { const char *text; int result, key; const char *name;
} names[] = {
	{"^]", 0, 0x1d, "^]"},
	{"^A", 0, 1, "^A"},
	{"^a", 0, 1, "^A"},
	{"^^", 0, 0x1e, "^^"},
	{"^?", 0, 0x7f, "^?"},
	{"^@", 0, 0, "^@"},
	{"none", 0, ESCAPE_KEY_NONE, "none"},
	{"", -1, 0, NULL},
	{"a", -1, 0, NULL},
	{"^", -1, 0, NULL},
	{"^[", -1, 0, NULL},
	{"^M", -1, 0, NULL},
	{"^J", -1, 0, NULL},
	{"^ab", -1, 0, NULL},
	{"^1", -1, 0, NULL},
	{"None", -1, 0, NULL},
};

START_TEST(keys_have_names)
{
	char name[ESCAPE_NAME_SIZE];
	int key = 99;

	ck_assert_int_eq(escape_parse(&key, names[_i].text), names[_i].result);
	if (names[_i].result < 0)
		return;
	ck_assert_int_eq(key, names[_i].key);
	escape_name(name, key);
	ck_assert_str_eq(name, names[_i].name);
}
END_TEST

START_TEST(the_table_has_no_key_twice)
{
	for (size_t i = 0; i < escape_keys_count; i++)
		for (size_t k = i + 1; k < escape_keys_count; k++)
			ck_assert_int_ne(escape_keys[i].key, escape_keys[k].key);
	ck_assert(escape_keys[0].help);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("escape");
	TCase *t = tcase_create("escape");

	tcase_add_loop_test(t, keys_are_found, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, esc_is_given_out_after_the_wait);
	tcase_add_test(t, it_stays_armed_until_a_key_comes);
	tcase_add_loop_test(t, keys_have_names, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(t, the_table_has_no_key_twice);
	suite_add_tcase(s, t);
	return suite_run(s);
}
