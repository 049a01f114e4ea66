/* SPDX-License-Identifier: ISC */
/*
 * Keys out of the bytes a terminal sends: plain bytes, UTF-8, the legacy CSI and SS3
 * sequences, and the two newer encodings of any key with its modifiers, kitty's CSI u
 * and xterm's modifyOtherKeys. The menu, the pages and the escape key read keys here.
 * What a terminal sends by itself (mouse, focus, answers) is told from keys. Pure.
 */
#ifndef TERMINAL_KEYS_H
#define TERMINAL_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	KEYS_MAX = 48,           /* bytes of one sequence; longer ones are no key */
	KEYS_WAIT_MS = 50,       /* a sequence that is not whole after this will never be */
	KEY_ESC = 0x1b,
};

/* Beyond Unicode, whose code points are the codes of all other keys. */
enum key_code {
	KEY_NONE = 0x110000,     /* nothing yet */
	KEY_UNKNOWN,             /* a key, but not one we know */
	KEY_MODIFIER,            /* a modifier alone (kitty reports them when asked to) */
	KEY_REPORT,              /* not a key: the terminal speaks by itself */
	KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_HOME, KEY_END, KEY_PAGE_UP, KEY_PAGE_DOWN,
	KEY_DELETE,
};

enum key_mod {
	KEY_SHIFT = 1, KEY_ALT = 2, KEY_CTRL = 4, KEY_SUPER = 8, KEY_HYPER = 16, KEY_META = 32,
};

enum key_event { KEY_PRESS = 1, KEY_REPEAT = 2, KEY_RELEASE = 3 };

struct key {
	uint32_t code; /* code point without shift where the terminal says so, or key_code */
	uint32_t text;           /* code point it types; 0 none */
	unsigned mods;           /* key_mod; lock keys left out */
	uint8_t event;           /* key_event */
	const uint8_t *raw;      /* as it came: valid until the next call */
	size_t len;
};

struct keys {
	uint8_t held[KEYS_MAX];
	size_t len;
	bool is_done;            /* held was given out as a key */
	bool in_string;          /* inside an answer such as OSC or DCS */
};

/*
 * Reads bytes up to the end of one key. How many it took; key->code is KEY_NONE when
 * all were taken and no key is whole. May take none and still give a key.
 */
size_t keys_feed(struct keys *k, const uint8_t *in, size_t len, struct key *key);

/* Part of a sequence waits: call keys_flush() if KEYS_WAIT_MS pass without input. */
bool keys_is_holding(const struct keys *k);

/* What is held is all there is: Esc alone, or KEY_UNKNOWN; KEY_NONE when nothing is held. */
void keys_flush(struct keys *k, struct key *key);

/* The control byte a key stands for (]: 0x1d, with Ctrl), -1 none. */
int keys_control(const struct key *key);

#endif
