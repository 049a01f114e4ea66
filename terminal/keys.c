/* SPDX-License-Identifier: ISC */
/* See keys.h. Sources: ECMA-48, xterm's ctlseqs, kitty's keyboard protocol. Pure. */
#include "terminal/keys.h"

#include <string.h>

#include "ipc/text.h"

enum { PARAMS_MAX = 3, SUBS_MAX = 3 };

struct params {
	uint32_t value[PARAMS_MAX][SUBS_MAX];
	unsigned count;
};

/* CSI NUMBER ~ */
static const struct { uint32_t number, code; } tilde_keys[] = {
	{ 1, KEY_HOME }, { 7, KEY_HOME }, { 4, KEY_END }, { 8, KEY_END }, { 3, KEY_DELETE },
	{ 5, KEY_PAGE_UP }, { 6, KEY_PAGE_DOWN }, { 200, KEY_REPORT }, { 201, KEY_REPORT },
};

/* CSI ... LETTER and SS3 LETTER; all other letters are reports. */
static const struct { char letter; uint32_t code; } letter_keys[] = {
	{ 'A', KEY_UP }, { 'B', KEY_DOWN }, { 'C', KEY_RIGHT }, { 'D', KEY_LEFT },
	{ 'H', KEY_HOME }, { 'F', KEY_END }, { 'E', KEY_UNKNOWN }, { 'P', KEY_UNKNOWN },
	{ 'Q', KEY_UNKNOWN }, { 'S', KEY_UNKNOWN }, { 'Z', KEY_UNKNOWN }, { '[', KEY_UNKNOWN },
};

/* Keys of kitty's private area that have a plain meaning: the number pad. */
static const struct { uint32_t kitty, code; } pad_keys[] = {
	{ 57409, '.' }, { 57410, '/' }, { 57414, '\r' }, { 57417, KEY_LEFT }, { 57418, KEY_RIGHT },
	{ 57419, KEY_UP }, { 57420, KEY_DOWN }, { 57421, KEY_PAGE_UP }, { 57422, KEY_PAGE_DOWN },
	{ 57423, KEY_HOME }, { 57424, KEY_END },
};

/* Digits that stand for control characters, as on a VT220 (Ctrl+5 is ^]), and others. */
static const struct { uint32_t code; int control; } control_keys[] = {
	{ ' ', 0 }, { '2', 0 }, { '3', 0x1b }, { '4', 0x1c }, { '5', 0x1d }, { '6', 0x1e },
	{ '7', 0x1f }, { '/', 0x1f }, { '8', 0x7f }, { '?', 0x7f },
};

static bool is_string_start(uint8_t c)
{
	return c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X';
}

/* Nothing after ESC may go on with a control or 8-bit byte, nor UTF-8 with any but its own. */
static bool is_broken_by(const struct keys *k, uint8_t c)
{
	if (k->held[0] != KEY_ESC)
		return (c & 0xc0) != 0x80;
	if (k->len >= 3 && k->held[1] == '[' && k->held[2] == 'M')
		return c == KEY_ESC;
	return c < 0x20 || c >= 0x7f;
}

static bool is_whole(const struct keys *k)
{
	uint8_t first = k->held[0], last = k->held[k->len - 1];

	if (first != KEY_ESC)
		return first < 0xc2 || first > 0xf4 ||
		       k->len == (first < 0xe0 ? 2u : first < 0xf0 ? 3u : 4u);
	if (k->len < 3)
		return k->len == 2 && k->held[1] != '[' && k->held[1] != 'O';
	if (k->held[1] == 'O')
		return true;
	if (k->held[2] == 'M')                     /* X10 mouse: three bytes follow */
		return k->len == 6;
	if (k->held[2] == '[')                     /* a Linux console's F1: ESC [ [ A */
		return k->len == 4;
	return last >= 0x40 && last <= 0x7e;
}

static void parse_params(struct params *p, const uint8_t *at, size_t len)
{
	unsigned sub = 0;

	*p = (struct params){ .count = 1 };
	for (size_t i = 0; i < len; i++) {
		uint32_t *v = &p->value[p->count - 1][sub];

		if (at[i] >= '0' && at[i] <= '9' && *v < 1000000) {
			*v = *v * 10 + (at[i] - '0');
		} else if (at[i] == ':' && sub + 1 < SUBS_MAX) {
			sub++;
		} else if (at[i] == ';' && p->count < PARAMS_MAX) {
			p->count++;
			sub = 0;
		}
	}
}

static uint32_t shifted(uint32_t code)
{
	if (code >= 'a' && code <= 'z')
		return code - 'a' + 'A';
	return code == '/' ? '?' : code; /* the one key of ours that needs it, on a US layout */
}

static void set_mods(struct key *key, const struct params *p)
{
	if (p->count < 2)
		return;
	if (p->value[1][0] > 1)
		key->mods = (p->value[1][0] - 1) & 0x3f;
	if (p->value[1][1] >= KEY_PRESS && p->value[1][1] <= KEY_RELEASE)
		key->event = (uint8_t)p->value[1][1];
}

static void decode_kitty(struct key *key, const struct params *p)
{
	key->code = p->value[0][0];
	if (key->code >= 57344 && key->code <= 63743) {   /* kitty's functional keys */
		uint32_t code =
			key->code >= 57441 && key->code <= 57454 ? KEY_MODIFIER : KEY_UNKNOWN;

		if (key->code >= 57358 && key->code <= 57360)   /* the lock keys */
			code = KEY_MODIFIER;
		for (size_t i = 0; i < sizeof(pad_keys) / sizeof(pad_keys[0]); i++)
			if (pad_keys[i].kitty == key->code)
				code = pad_keys[i].code;
		if (key->code >= 57399 && key->code <= 57408)
			code = '0' + (key->code - 57399);
		key->code = code;
	}
	if (key->code > 0x10ffff || key->mods & ~(unsigned)KEY_SHIFT)
		return;
	key->text = key->code;
	if (key->mods & KEY_SHIFT)
		key->text = p->value[0][1] ? p->value[0][1] : shifted(key->code);
	if (p->count > 2 && p->value[2][0])
		key->text = p->value[2][0];
}

static void decode_tilde(struct key *key, const struct params *p)
{
	if (p->value[0][0] == 27 && p->count == 3) {      /* xterm's modifyOtherKeys */
		key->code = p->value[2][0] <= 0x10ffff ? p->value[2][0] : (uint32_t)KEY_UNKNOWN;
		if (!(key->mods & ~(unsigned)KEY_SHIFT) && key->code <= 0x10ffff)
			key->text = key->code;
		return;
	}
	for (size_t i = 0; i < sizeof(tilde_keys) / sizeof(tilde_keys[0]); i++)
		if (tilde_keys[i].number == p->value[0][0])
			key->code = tilde_keys[i].code;
}

static void decode_letter(struct key *key, char letter)
{
	key->code = KEY_REPORT;
	for (size_t i = 0; i < sizeof(letter_keys) / sizeof(letter_keys[0]); i++)
		if (letter_keys[i].letter == letter)
			key->code = letter_keys[i].code;
}

static void decode_csi(struct key *key, const uint8_t *at, size_t len)
{
	struct params p;
	uint8_t final = at[len - 1];

	if (len < 3)
		return;
	if ((at[2] >= '<' && at[2] <= '?') || at[2] == 'M') {   /* answers, the mouse */
		key->code = KEY_REPORT;
		return;
	}
	if (final < 0x40)
		return;
	parse_params(&p, at + 2, len - 3);
	set_mods(key, &p);
	if (final == 'u')
		decode_kitty(key, &p);
	else if (final == '~')
		decode_tilde(key, &p);
	else
		decode_letter(key, at[2] == '[' ? '[' : (char)final);
}

static void decode(const struct keys *k, struct key *key)
{
	*key = (struct key){.code = KEY_UNKNOWN, .event = KEY_PRESS, .raw = k->held, .len = k->len};
	if (k->held[0] != KEY_ESC) {
		uint32_t point;

		if (text_decode(&point, k->held, k->len) == k->len)
			key->code = key->text = point;
	} else if (k->len == 1) {
		key->code = key->text = KEY_ESC;
	} else if (k->held[1] == '[') {
		decode_csi(key, k->held, k->len);
	} else if (k->held[1] == 'O') {
		if (k->len > 2)
			decode_letter(key, (char)k->held[2]);
		if (key->code == KEY_REPORT)              /* the application keypad */
			key->code = KEY_UNKNOWN;
	} else if (is_string_start(k->held[1]) || k->held[1] == '\\') {
		key->code = KEY_REPORT;                   /* an answer's start, or its end */
	} else {
		key->code = k->held[1];
		key->mods = KEY_ALT;
	}
}

/* Bytes inside an answer go by as they are, up to BEL or ST. */
static size_t feed_string(struct keys *k, const uint8_t *in, size_t len, struct key *key)
{
	size_t n = 0;

	while (n < len && in[n] != KEY_ESC && in[n] != 0x07)
		n++;
	if (n < len) {
		k->in_string = false;
		if (in[n] == 0x07)
			n++;
	}
	*key = (struct key){ .code = KEY_REPORT, .event = KEY_PRESS, .raw = in, .len = n };
	return n;
}

size_t keys_feed(struct keys *k, const uint8_t *in, size_t len, struct key *key)
{
	size_t used = 0;

	*key = (struct key){ .code = KEY_NONE };
	if (k->is_done)
		k->len = 0;
	k->is_done = false;
	if (k->in_string && len)
		return feed_string(k, in, len, key);
	while (used < len) {
		bool is_broken = k->len && is_broken_by(k, in[used]);

		if (!is_broken)
			k->held[k->len++] = in[used++];
		if (is_broken || is_whole(k) || k->len == KEYS_MAX) {
			decode(k, key);
			if (key->code == KEY_REPORT && k->len == 2 && k->held[1] != '\\')
				k->in_string = true;
			k->is_done = true;
			break;
		}
	}
	return used;
}

bool keys_is_holding(const struct keys *k)
{
	return k->in_string || (k->len && !k->is_done);
}

void keys_flush(struct keys *k, struct key *key)
{
	*key = (struct key){ .code = KEY_NONE };
	k->in_string = false;
	if (k->len == 0 || k->is_done)
		return;
	decode(k, key);
	k->is_done = true;
}

int keys_control(const struct key *key)
{
	if (key->code < 0x20 && key->mods == 0)
		return (int)key->code;
	if (!(key->mods & KEY_CTRL) || key->mods & ~(unsigned)(KEY_CTRL | KEY_SHIFT))
		return -1;
	for (size_t i = 0; i < sizeof(control_keys) / sizeof(control_keys[0]); i++)
		if (control_keys[i].code == key->code)
			return control_keys[i].control;
	if (key->code == '-' && key->mods & KEY_SHIFT)
		return 0x1f;
	return key->code >= '@' && key->code <= '~' ? (int)(key->code & 0x1f) : -1;
}
