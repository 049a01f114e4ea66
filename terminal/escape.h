/* SPDX-License-Identifier: ISC */
/*
 * The escape key: finds it anywhere in what a person types, in every encoding a terminal
 * may use for it, and reads the key that follows. All other bytes come out unchanged and
 * in order. The session feeds it and acts; this file does nothing but tell. Pure.
 */
#ifndef TERMINAL_ESCAPE_H
#define TERMINAL_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "terminal/keys.h"

enum {
	ESCAPE_KEY_NONE = -1,
	ESCAPE_KEY_DEFAULT = 0x1d,
	ESCAPE_REMIND_MS = 500,  /* armed for this long: show what may follow */
};

enum escape_action {
	ESCAPE_NOTHING,          /* all was taken, nothing to do yet */
	ESCAPE_BYTES,            /* data, len: for the guest */
	ESCAPE_REPORT,           /* data, len: no key, the terminal speaks by itself */
	ESCAPE_ARMED,            /* the escape key came */
	ESCAPE_CANCEL,           /* Esc after it */
	ESCAPE_UNKNOWN,          /* a key that means nothing after it */
	ESCAPE_DETACH, ESCAPE_SEND, ESCAPE_HELP, ESCAPE_MENU, ESCAPE_WHO, ESCAPE_TAKE,
	ESCAPE_GIVE, ESCAPE_FORCE, ESCAPE_BREAK, ESCAPE_SYSRQ, ESCAPE_POWER, ESCAPE_REPLAY,
	ESCAPE_BOOT, ESCAPE_SIZE, ESCAPE_PASTE, ESCAPE_LINEAR,
	ESCAPE_KEY,              /* the key that escape_ask() wanted: text */
	ESCAPE_ACTIONS
};

struct escape_event {
	enum escape_action action;
	const uint8_t *data;     /* BYTES, REPORT, SEND: valid until the next call or the input's end */
	size_t len;
	uint32_t text;           /* KEY: what it types, 0 nothing */
};

/* One key that may follow: the help page and the reminder are made from these rows. */
struct escape_key {
	char key;
	enum escape_action action;
	const char *brief;       /* for the reminder; NULL: not in it */
	const char *help;        /* NULL: another key for the row above */
	uint8_t needs;           /* enum may; 0: everybody's */
};
extern const struct escape_key escape_keys[];
extern const size_t escape_keys_count;

struct escape {
	int key;                 /* control byte, or ESCAPE_KEY_NONE: everything is the guest's */
	bool is_armed;
	bool is_asking;          /* the next key is the answer to a question */
	bool has_terminal;       /* without a key, too, reports are told from keys */
	struct keys keys;
};

void escape_init(struct escape *e, int key);

/*
 * Reads up to the next event. How many bytes it took: call again until all are gone (it
 * may take none and still have an event).
 */
size_t escape_feed(struct escape *e, const uint8_t *in, size_t len, struct escape_event *ev);

/* The next key comes as KEY, unless it is Esc (CANCEL) or the escape key (ARMED). */
void escape_ask(struct escape *e);

/* The start of a sequence is held back: call escape_flush() if KEYS_WAIT_MS pass without input. */
bool escape_is_holding(const struct escape *e);
void escape_flush(struct escape *e, struct escape_event *ev);

/* The name of a key: "^]", or "none". */
enum { ESCAPE_NAME_SIZE = 8 };
void escape_name(char out[ESCAPE_NAME_SIZE], int key);

/* ^A, ^], or none into *key. 0, or -1: no such key. */
int escape_parse(int *key, const char *text);

#endif
