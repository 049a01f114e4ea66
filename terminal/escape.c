/* SPDX-License-Identifier: ISC */
/* See escape.h. Pure. */
#include "terminal/escape.h"

#include <string.h>

#include "ipc/message.h"

const struct escape_key escape_keys[] = {
	{'.', ESCAPE_DETACH, "leave", "leave the console", 0},
	{'q', ESCAPE_DETACH, NULL, NULL, 0},
	{'d', ESCAPE_DETACH, NULL, NULL, 0},
	{'m', ESCAPE_MENU, "menu", "to the menu", 0},
	{'w', ESCAPE_WHO, NULL, "who is here", 0},
	{'t', ESCAPE_TAKE, "take", "take the keyboard", MAY_TYPE},
	{'g', ESCAPE_GIVE, NULL, "give the keyboard up", MAY_TYPE},
	{'f', ESCAPE_FORCE, NULL, "take the console from somebody outside (virsh console)", 0},
	{'r', ESCAPE_REPLAY, "replay", "show the last 60 lines again", 0},
	{'R', ESCAPE_BOOT, NULL, "show all of this boot again", 0},
	{'p', ESCAPE_POWER, "power", "power: then o on, s shut down, r reboot, x reset, f off, n NMI",
	 MAY_POWER},
	{'b', ESCAPE_BREAK, NULL, "send BREAK", MAY_BREAK},
	{'s', ESCAPE_SYSRQ, NULL, "Magic SysRq: then its key, h for help", MAY_BREAK},
	{'z', ESCAPE_SIZE, NULL, "tell the guest's shell the size of this window (stty)", MAY_TYPE},
	{'v', ESCAPE_PASTE, NULL, "paste slowly, until the next escape key", MAY_TYPE},
	{'l', ESCAPE_LINEAR, NULL, "linear mode, on or off: text lines only", 0},
	{'?', ESCAPE_HELP, "help", "this page", 0},
	{'h', ESCAPE_HELP, NULL, NULL, 0},
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
	e->is_asking = false;
	e->keys = (struct keys){ 0 };
	ev->action = ESCAPE_ARMED;
}

static void pass(struct escape_event *ev, const struct key *key)
{
	bool is_report = key->code == KEY_REPORT;

	*ev = (struct escape_event){is_report ? ESCAPE_REPORT : ESCAPE_BYTES, key->raw, key->len, 0};
}

/* Only a press arms: a key held down must not arm and send itself. */
static void key_while_open(struct escape *e, const struct key *key, struct escape_event *ev)
{
	if (e->key < 0 || keys_control(key) != e->key)
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

static void answer(struct escape *e, const struct key *key, struct escape_event *ev)
{
	if (e->key >= 0 && keys_control(key) == e->key) {
		arm(e, ev);
		return;
	}
	e->is_asking = e->is_armed = false;
	ev->action = key->code == KEY_ESC ? ESCAPE_CANCEL : ESCAPE_KEY;
	ev->text = key->text;
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
	if (e->is_asking) {
		answer(e, key, ev);
		return;
	}
	e->is_armed = false;
	*ev = (struct escape_event){action_of(e, key), key->raw, key->len, 0};
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

	*ev = (struct escape_event){ESCAPE_NOTHING, NULL, 0, 0};
	if (len == 0)
		return 0;
	if (e->key < 0 && !e->has_terminal) {
		*ev = (struct escape_event){ESCAPE_BYTES, in, len, 0};
		return len;
	}
	if (!e->is_armed) {
		e->keys.in_string = false;        /* only keys after the escape key need to know */
		if (!keys_is_holding(&e->keys)) {
			n = plain_run(e, in, len);
			if (n) {
				*ev = (struct escape_event){ESCAPE_BYTES, in, n, 0};
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

void escape_ask(struct escape *e)
{
	e->is_armed = e->is_asking = true;
	e->keys = (struct keys){0};
}

bool escape_is_holding(const struct escape *e)
{
	return keys_is_holding(&e->keys);
}

void escape_flush(struct escape *e, struct escape_event *ev)
{
	struct key key;

	*ev = (struct escape_event){ESCAPE_NOTHING, NULL, 0, 0};
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
