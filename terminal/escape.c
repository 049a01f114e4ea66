/* SPDX-License-Identifier: ISC */
/* See escape.h. Pure. */
#include "terminal/escape.h"

#include <string.h>

const struct escape_key escape_keys[] = {
	{ '.', ESCAPE_DETACH, "leave", "leave the console" },
	{ 'q', ESCAPE_DETACH, NULL, NULL },
	{ 'd', ESCAPE_DETACH, NULL, NULL },
	{ 'm', ESCAPE_MENU, "menu", "to the menu" },
	{ 'w', ESCAPE_WHO, "who", "who is here" },
	{ 't', ESCAPE_TAKE, "take", "take the keyboard" },
	{ 'g', ESCAPE_GIVE, "give", "give the keyboard up" },
	{ 'f', ESCAPE_FORCE, NULL, "take the console from somebody outside (virsh console)" },
	{ '?', ESCAPE_HELP, "help", "this page" },
	{ 'h', ESCAPE_HELP, NULL, NULL },
};
const size_t escape_keys_count = sizeof(escape_keys) / sizeof(escape_keys[0]);

void escape_init(struct escape *e, int key)
{
	*e = (struct escape){ .key = key };
}

/* Bytes that are neither the escape key nor may begin an encoding of it. */
static size_t plain_run(const struct escape *e, const uint8_t *in, size_t len)
{
	size_t n = 0;

	while (n < len && in[n] != e->key && in[n] != KEY_ESC)
		n++;
	return n;
}

static void arm(struct escape *e, struct escape_event *ev)
{
	e->is_armed = true;
	e->keys = (struct keys){ 0 };
	ev->action = ESCAPE_ARMED;
}

static void pass(struct escape_event *ev, const struct key *key)
{
	*ev = (struct escape_event){ ESCAPE_BYTES, key->raw, key->len };
}

/* Only a press arms: a key held down must not arm and send itself. */
static void key_while_open(struct escape *e, const struct key *key, struct escape_event *ev)
{
	if (keys_control(key) != e->key)
		pass(ev, key);
	else if (key->event == KEY_PRESS)
		arm(e, ev);
}

static enum escape_action action_of(const struct escape *e, const struct key *key)
{
	if (keys_control(key) == e->key)
		return ESCAPE_SEND;
	if (key->code == KEY_ESC)
		return ESCAPE_CANCEL;
	for (size_t i = 0; i < escape_keys_count; i++)
		if (key->text == (uint8_t)escape_keys[i].key)
			return escape_keys[i].action;
	return ESCAPE_UNKNOWN;
}

static void key_while_armed(struct escape *e, const struct key *key, struct escape_event *ev)
{
	if (key->code == KEY_REPORT) {            /* the guest asked the terminal for it */
		pass(ev, key);
		return;
	}
	if (key->event == KEY_RELEASE || key->code == KEY_MODIFIER)
		return;
	if (key->event == KEY_REPEAT && keys_control(key) == e->key)
		return;
	e->is_armed = false;
	*ev = (struct escape_event){ action_of(e, key), key->raw, key->len };
}

static void take_key(struct escape *e, const struct key *key, struct escape_event *ev)
{
	if (key->code == KEY_NONE)
		return;
	if (e->is_armed)
		key_while_armed(e, key, ev);
	else
		key_while_open(e, key, ev);
}

size_t escape_feed(struct escape *e, const uint8_t *in, size_t len, struct escape_event *ev)
{
	struct key key;
	size_t n;

	*ev = (struct escape_event){ ESCAPE_NOTHING, NULL, 0 };
	if (len == 0)
		return 0;
	if (e->key < 0) {
		*ev = (struct escape_event){ ESCAPE_BYTES, in, len };
		return len;
	}
	if (!e->is_armed) {
		e->keys.in_string = false;        /* only keys after the escape key need to know */
		if (!keys_is_holding(&e->keys)) {
			n = plain_run(e, in, len);
			if (n) {
				*ev = (struct escape_event){ ESCAPE_BYTES, in, n };
				return n;
			}
			if (in[0] == e->key) {
				arm(e, ev);
				return 1;
			}
		}
	}
	n = keys_feed(&e->keys, in, len, &key);
	take_key(e, &key, ev);
	return n;
}

bool escape_is_holding(const struct escape *e)
{
	return keys_is_holding(&e->keys);
}

void escape_flush(struct escape *e, struct escape_event *ev)
{
	struct key key;

	*ev = (struct escape_event){ ESCAPE_NOTHING, NULL, 0 };
	keys_flush(&e->keys, &key);
	take_key(e, &key, ev);
}

void escape_name(char out[ESCAPE_NAME_SIZE], int key)
{
	if (key < 0) {
		memcpy(out, "none", 5);
		return;
	}
	out[0] = '^';
	out[1] = key == 0x7f ? '?' : (char)(key + '@');
	out[2] = '\0';
}

int escape_parse(int *key, const char *text)
{
	int c = (unsigned char)text[0];

	if (strcmp(text, "none") == 0) {
		*key = ESCAPE_KEY_NONE;
		return 0;
	}
	if (c != '^' || text[1] == '\0' || text[2] != '\0')
		return -1;
	c = (unsigned char)text[1];
	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	/* Esc begins arrow keys, ^M and ^J are Enter. */
	if (c < '?' || c > '_' || strchr("[MJ", c))
		return -1;
	*key = c ^ 0x40;
	return 0;
}
