/* SPDX-License-Identifier: ISC */
/* See track.h. A parser after ECMA-48, reduced to what the table below needs. Pure. */
#include "terminal/screen/track.h"

#include "terminal/screen/bottom.h"

enum parse {
	GROUND, AFTER_ESC, CHARSET, CODING_SYSTEM, SKIP_ONE, CSI, OSC, STRING,
};

enum slot {
	ALT_47, ALT_1047, ALT_1049, MOUSE_9, MOUSE_1000, MOUSE_1001, MOUSE_1002, MOUSE_1003,
	MOUSE_1005, MOUSE_1006, MOUSE_1015, MOUSE_1016, FOCUS, PASTE, SYNC, IN_BAND_SIZE,
	COLOR_REPORT, CURSOR_KEYS, KEYPAD_MODE, REVERSE, ORIGIN, WRAP, CURSOR, MARGINS_MODE,
	KEYBOARD_LOCK, INSERT, LOCAL_ECHO, NEWLINE, KEYPAD, KITTY_MAIN, KITTY_ALTERNATE,
	OTHER_KEYS, PRINTER, REGION, STYLE, SHIFT_OUT, CHARSETS, CODING, COLOURS, PALETTE,
	COLOR_FG, COLOR_BG, COLOR_CURSOR, REVERSE_WRAP, SLOTS
};
_Static_assert(SLOTS <= 64, "one bit each");
_Static_assert((int)SYNC == TRACK_SYNC && (int)ORIGIN == TRACK_ORIGIN && (int)WRAP == TRACK_WRAP &&
	       (int)MARGINS_MODE == TRACK_MARGINS && (int)INSERT == TRACK_INSERT &&
	       (int)KEYPAD == TRACK_KEYPAD && MOUSE_9 == 3 && MOUSE_1016 == 11, "the header's numbers");

enum kind { BY_PRIVATE_MODE, BY_MODE, BY_CODE };

/*
 * Everything that outlives the guest's screen, in the order in which it is put back: out
 * of the alternate screen first, the cursor's doings last. A row of BY_CODE is set by
 * code below. normal: the mode is on when all is well.
 */
static const struct mode {
	enum slot slot;
	enum kind kind;
	uint16_t number;
	bool normal;
	const char *reset;
} modes[] = {
	{ PRINTER, BY_CODE, 0, false, "\033[4i" },
	{ SYNC, BY_PRIVATE_MODE, 2026, false, "\033[?2026l" },
	{ KITTY_ALTERNATE, BY_CODE, 0, false, "\033[=0u" },
	{ ALT_47, BY_PRIVATE_MODE, 47, false, "\033[?47l" },
	{ ALT_1047, BY_PRIVATE_MODE, 1047, false, "\033[?1047l" },
	{ ALT_1049, BY_PRIVATE_MODE, 1049, false, "\033[?1049l" },
	{ KITTY_MAIN, BY_CODE, 0, false, "\033[=0u" },
	{ MOUSE_9, BY_PRIVATE_MODE, 9, false, "\033[?9l" },
	{ MOUSE_1000, BY_PRIVATE_MODE, 1000, false, "\033[?1000l" },
	{ MOUSE_1001, BY_PRIVATE_MODE, 1001, false, "\033[?1001l" },
	{ MOUSE_1002, BY_PRIVATE_MODE, 1002, false, "\033[?1002l" },
	{ MOUSE_1003, BY_PRIVATE_MODE, 1003, false, "\033[?1003l" },
	{ MOUSE_1005, BY_PRIVATE_MODE, 1005, false, "\033[?1005l" },
	{ MOUSE_1006, BY_PRIVATE_MODE, 1006, false, "\033[?1006l" },
	{ MOUSE_1015, BY_PRIVATE_MODE, 1015, false, "\033[?1015l" },
	{ MOUSE_1016, BY_PRIVATE_MODE, 1016, false, "\033[?1016l" },
	{ FOCUS, BY_PRIVATE_MODE, 1004, false, "\033[?1004l" },
	{ PASTE, BY_PRIVATE_MODE, 2004, false, "\033[?2004l" },
	{ COLOR_REPORT, BY_PRIVATE_MODE, 2031, false, "\033[?2031l" },
	{ IN_BAND_SIZE, BY_PRIVATE_MODE, 2048, false, "\033[?2048l" },
	{ OTHER_KEYS, BY_CODE, 0, false, "\033[>4m" },
	{ CURSOR_KEYS, BY_PRIVATE_MODE, 1, false, "\033[?1l" },
	{ KEYPAD_MODE, BY_PRIVATE_MODE, 66, false, "\033[?66l" },
	{ KEYPAD, BY_CODE, 0, false, "\033>" },
	{ REVERSE, BY_PRIVATE_MODE, 5, false, "\033[?5l" },
	{ KEYBOARD_LOCK, BY_MODE, 2, false, "\033[2l" },
	{ INSERT, BY_MODE, 4, false, "\033[4l" },
	{ LOCAL_ECHO, BY_MODE, 12, true, "\033[12h" },
	{ NEWLINE, BY_MODE, 20, false, "\033[20l" },
	{ MARGINS_MODE, BY_PRIVATE_MODE, 69, false, "\0337\033[?69l\0338" },
	{ ORIGIN, BY_PRIVATE_MODE, 6, false, "\0337\033[?6l\0338\033[?6l" },
	{ REGION, BY_CODE, 0, false, "\0337\033[r\0338" },
	{ WRAP, BY_PRIVATE_MODE, 7, true, "\033[?7h" },
	{ REVERSE_WRAP, BY_PRIVATE_MODE, 45, false, "\033[?45l" },
	{ CURSOR, BY_PRIVATE_MODE, 25, true, "\033[?25h" },
	{ STYLE, BY_CODE, 0, false, "\033[0 q" },
	{ SHIFT_OUT, BY_CODE, 0, false, "\017" },
	{ CHARSETS, BY_CODE, 0, false, "\033(B\033)B\033*B\033+B" },
	{ CODING, BY_CODE, 0, false, "\033%G" },
	{ PALETTE, BY_CODE, 0, false, "\033]104\033\\" },
	{ COLOR_FG, BY_CODE, 0, false, "\033]110\033\\" },
	{ COLOR_BG, BY_CODE, 0, false, "\033]111\033\\" },
	{ COLOR_CURSOR, BY_CODE, 0, false, "\033]112\033\\" },
	{ COLOURS, BY_CODE, 0, false, "\033[m" },
};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

#define BIT(slot) (UINT64_C(1) << (slot))
#define ALTERNATE (BIT(ALT_47) | BIT(ALT_1047) | BIT(ALT_1049))

void track_init(struct track *t, struct bottom *bottom)
{
	*t = (struct track){ .at_start = true, .bottom = bottom };
}

static void tell(const struct track *t, enum track_event event, uint8_t final)
{
	if (t->ear.hear)
		t->ear.hear(t->ear.who, t, event, final);
}

static bool is_followed(const struct track *t)
{
	return t->bottom && track_is_alternate(t);
}

/* The alternate screen comes or goes; 47 and 1047 show what was left on it. */
static void follow_screen(struct track *t, bool was_alternate)
{
	if (!t->bottom || was_alternate == track_is_alternate(t))
		return;
	if (was_alternate)
		bottom_free(t->bottom);
	else
		bottom_enter(t->bottom, t->bottom->rows, t->bottom->cols,
			     t->changed & BIT(ALT_1049));
}

static void change(struct track *t, enum slot slot, bool is_changed)
{
	if (is_changed) {
		t->changed |= BIT(slot);
		t->touched |= BIT(slot);
	} else {
		t->changed &= ~BIT(slot);
	}
}

static void set_modes(struct track *t, bool on)
{
	enum kind kind = t->marker == '?' ? BY_PRIVATE_MODE : BY_MODE;
	bool was_alternate = track_is_alternate(t);

	for (unsigned p = 0; p < t->count; p++)
		for (size_t i = 0; i < MODES; i++)
			if (modes[i].kind == kind && modes[i].number == t->value[p])
				change(t, modes[i].slot, on != modes[i].normal);
	/* Any of the three leaves the alternate screen, whichever entered it. */
	if (!on && kind == BY_PRIVATE_MODE)
		for (unsigned p = 0; p < t->count; p++)
			if (t->value[p] == 47 || t->value[p] == 1047 || t->value[p] == 1049)
				t->changed &= ~ALTERNATE;
	follow_screen(t, was_alternate);
}

/* Each screen has a stack of flags of its own. */
static void kitty(struct track *t)
{
	bool screen = track_is_alternate(t);
	uint16_t *depth = &t->kitty_depth[screen];
	uint32_t n = t->value[0] ? t->value[0] : 1;

	if (t->marker == '>' && *depth < UINT16_MAX)
		++*depth;
	else if (t->marker == '<')
		*depth = n < *depth ? (uint16_t)(*depth - n) : 0;
	else if (t->marker == '=')
		change(t, screen ? KITTY_ALTERNATE : KITTY_MAIN, t->value[0] != 0 || t->count > 1);
}

static void end_csi(struct track *t, uint8_t final)
{
	if (is_followed(t))
		bottom_csi(t->bottom, t, final);
	if (final == 'h' || final == 'l') {
		if (!t->between && (t->marker == '?' || !t->marker))
			set_modes(t, final == 'h');
	} else if (final == 'u' && t->marker && t->marker != '?') {
		kitty(t);
	} else if (final == 'm' && t->marker == '>') {
		if (t->value[0] == 4 || t->value[0] == 0)
			change(t, OTHER_KEYS, t->count > 1 && t->value[1]);
	} else if (final == 'm' && !t->marker && !t->between) {
		change(t, COLOURS, t->count > 1 || t->value[0]);
	} else if (final == 'r' && !t->marker && !t->between) {
		change(t, REGION, t->count > 1 || t->value[0] > 1);
	} else if (final == 'q' && t->between == ' ') {
		change(t, STYLE, t->value[0] != 0);
	} else if (final == 'i' && !t->between) {
		change(t, PRINTER, t->value[0] == 5);
	} else if (final == 'p' && t->between == '!') {
		/* Soft reset (DECSTR). */
		t->changed &= ~(BIT(INSERT) | BIT(ORIGIN) | BIT(CURSOR_KEYS) | BIT(KEYPAD) |
				BIT(REGION) | BIT(COLOURS) | BIT(CHARSETS) | BIT(SHIFT_OUT) |
				BIT(CURSOR) | BIT(KEYBOARD_LOCK));
	}
	if (final != 'm' && final != 'h' && final != 'l' && final != 'K' && final != 'J') {
		t->at_start = false;                   /* the cursor may be anywhere */
		t->is_dirty = true;
	}
	tell(t, TRACK_CSI, final);
}

static void feed_escape(struct track *t, uint8_t c)
{
	t->parse = GROUND;
	if (is_followed(t))
		bottom_escape(t->bottom, c);
	if (c == '[') {
		t->parse = CSI;
		t->marker = t->between = 0;
		t->joined = 0;
		t->count = 1;
		t->value[0] = 0;
	} else if (c == ']') {
		t->parse = OSC;
		t->value[0] = 0;
	} else if (c == 'P' || c == '_' || c == '^' || c == 'X') {
		t->parse = STRING;
	} else if (c == '(' || c == ')' || c == '*' || c == '+') {
		t->parse = CHARSET;
		t->between = c;
	} else if (c == '%') {
		t->parse = CODING_SYSTEM;
		t->between = c;
	} else if (c >= 0x20 && c <= 0x2f) {
		t->parse = SKIP_ONE;
		t->between = c;
	} else if (c == '=' || c == '>') {
		change(t, KEYPAD, c == '=');
	} else if (c == 'n' || c == 'o') {         /* locking shifts to G2, G3 */
		change(t, SHIFT_OUT, true);
	} else if (c == 'c') {                     /* full reset */
		if (is_followed(t))
			bottom_free(t->bottom);
		t->changed = 0;
		t->kitty_depth[0] = t->kitty_depth[1] = 0;
		t->at_start = true;
		t->is_dirty = false;
	} else if (c == '8' || c == 'M') {
		t->at_start = false;
		t->is_dirty = true;
	}
	if (t->parse == GROUND)
		tell(t, TRACK_ESCAPE, c);
	else if (t->parse == CSI || t->parse == OSC || t->parse == STRING)
		tell(t, TRACK_BEGIN, c);
}

static void feed_csi(struct track *t, uint8_t c)
{
	if (c >= '0' && c <= '9') {
		uint32_t *v = &t->value[t->count - 1];

		if (*v < 100000)
			*v = *v * 10 + (c - '0');
	} else if (c == ';' || c == ':') {
		if (t->count < TRACK_PARAMS_MAX) {
			t->joined |= (uint32_t)(c == ':') << t->count;
			t->value[t->count++] = 0;
		}
	} else if (c >= '<' && c <= '?') {
		t->marker = c;
	} else if (c >= 0x20 && c <= 0x2f) {
		t->between = c;
	} else if (c >= 0x40 && c <= 0x7e) {
		t->parse = GROUND;
		end_csi(t, c);
	}
}

/* A query counts as a change, too: putting back what is right does no harm. */
static void feed_osc(struct track *t, uint8_t c)
{
	static const struct { uint32_t number; enum slot slot; bool is_changed; } colours[] = {
		{ 4, PALETTE, true }, { 104, PALETTE, false }, { 10, COLOR_FG, true },
		{ 110, COLOR_FG, false }, { 11, COLOR_BG, true }, { 111, COLOR_BG, false },
		{ 12, COLOR_CURSOR, true }, { 112, COLOR_CURSOR, false },
	};

	if (c >= '0' && c <= '9' && t->value[0] < 100000) {
		t->value[0] = t->value[0] * 10 + (c - '0');
		return;
	}
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (colours[i].number == t->value[0] && (c == ';' || !colours[i].is_changed))
			change(t, colours[i].slot, colours[i].is_changed);
	t->parse = STRING;
}

/* Controls act inside sequences, too, but not inside strings. */
static void feed_control(struct track *t, uint8_t c)
{
	bool is_end = c == 0x18 || c == 0x1a || c == 0x1b;

	if ((is_end && t->parse != GROUND) || (c == 0x07 && (t->parse == OSC || t->parse == STRING)))
		tell(t, TRACK_BREAK, c);
	if (c == 0x1b) {
		if (t->parse == OSC)
			feed_osc(t, c);
		t->parse = AFTER_ESC;
		tell(t, TRACK_BEGIN, c);
	} else if (c == 0x18 || c == 0x1a) {
		t->parse = GROUND;
	} else if (t->parse == OSC || t->parse == STRING) {
		if (t->parse == OSC)
			feed_osc(t, c);
		if (c == 0x07)
			t->parse = GROUND;
	} else if (c == '\r') {
		t->at_start = true;
	} else if (c >= '\n' && c <= '\f') {
		t->is_dirty = false;
	} else if (c == '\t') {
		t->at_start = false;
	} else if (c == 0x0e || c == 0x0f) {
		change(t, SHIFT_OUT, c == 0x0e);
		tell(t, TRACK_SHIFT, c);
	}
}

static void feed_text(struct track *t, uint8_t c)
{
	t->at_start = false;
	t->is_dirty = true;
	if (is_followed(t))
		bottom_text(t->bottom, &c, 1);
	if (c < 0x80)
		t->utf8_left = 0;
	else if (c < 0xc0)
		t->utf8_left -= t->utf8_left > 0;
	else
		t->utf8_left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
}

static void feed_string(struct track *t, uint8_t c)
{
	(void)t, (void)c;
}

static void feed_charset(struct track *t, uint8_t c)
{
	if (c < 0x30 || c > 0x7e)                  /* its name has more than one byte */
		return;
	change(t, CHARSETS, c != 'B');
	if (is_followed(t))
		bottom_charset(t->bottom, c);
	t->parse = GROUND;
	tell(t, TRACK_CHARSET, c);
}

static void feed_coding(struct track *t, uint8_t c)
{
	change(t, CODING, c != 'G');
	t->parse = GROUND;
	tell(t, TRACK_OTHER, c);
}

static void feed_skipped(struct track *t, uint8_t c)
{
	t->parse = GROUND;
	tell(t, TRACK_OTHER, c);
}

static void (*const feeders[])(struct track *t, uint8_t c) = {
	[GROUND] = feed_text, [AFTER_ESC] = feed_escape, [CHARSET] = feed_charset,
	[CODING_SYSTEM] = feed_coding, [SKIP_ONE] = feed_skipped, [CSI] = feed_csi,
	[OSC] = feed_osc, [STRING] = feed_string,
};

static void feed_one(struct track *t, uint8_t c)
{
	if (c >= 0x20) {
		feeders[t->parse](t, c);
		return;
	}
	t->utf8_left = 0;
	if (is_followed(t) && t->parse != OSC && t->parse != STRING)
		bottom_control(t->bottom, c);
	feed_control(t, c);
}

void track_feed(struct track *t, const uint8_t *in, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t from = i;

		/* Plain text, most of all output, costs one look a byte. */
		if (t->parse == GROUND)
			while (i < len && in[i] >= 0x20 && in[i] < 0x80)
				i++;
		if (i > from) {
			t->at_start = false;
			t->is_dirty = true;
			t->utf8_left = 0;
			if (is_followed(t))
				bottom_text(t->bottom, in + from, i - from);
		} else {
			t->used = ++i;
			feed_one(t, in[i - 1]);
		}
	}
}

bool track_is_between(const struct track *t)
{
	return t->parse == GROUND && t->utf8_left == 0;
}

bool track_is_alternate(const struct track *t)
{
	return t->changed & ALTERNATE;
}

static void reset_mode(const struct track *t, const struct mode *m, uint64_t wrong, struct buf *out)
{
	unsigned depth = 0;

	if (m->slot == KITTY_MAIN || m->slot == KITTY_ALTERNATE)
		depth = t->kitty_depth[m->slot == KITTY_ALTERNATE];
	if (depth)
		buf_printf(out, "\033[<%uu", depth);
	if (wrong & BIT(m->slot))
		buf_append_str(out, m->reset);
}

/* What a screen is painted with is switched by the painter itself. */
#define NOT_CARRIED (ALTERNATE | BIT(SYNC) | BIT(ORIGIN) | BIT(INSERT) | BIT(WRAP) | BIT(MARGINS_MODE))

void track_carry(struct buf *out, uint64_t from, uint64_t to)
{
	uint64_t differ = (from ^ to) & ~NOT_CARRIED;

	for (size_t i = 0; i < MODES && differ; i++) {
		const struct mode *m = &modes[i];
		bool on = (to >> m->slot & 1) != m->normal;

		if (!(differ & BIT(m->slot)))
			continue;
		if (m->kind != BY_CODE)
			buf_printf(out, "\033[%s%u%c", m->kind == BY_PRIVATE_MODE ? "?" : "",
				   m->number, on ? 'h' : 'l');
		else if (m->slot == KEYPAD)
			buf_append_str(out, on ? "\033=" : "\033>");
	}
}

int track_reset(struct track *t, struct buf *out, bool is_sure)
{
	uint64_t wrong = is_sure ? t->changed : t->touched;
	struct track_ear ear;

	/* ESC breaks off a sequence, and with the backslash it ends a string. */
	if (!is_sure || !track_is_between(t))
		buf_append_str(out, "\033\\");
	/* The flags of the alternate screen can be put back only there. */
	if ((t->kitty_depth[1] || wrong & BIT(KITTY_ALTERNATE)) &&
	    !(is_sure && track_is_alternate(t))) {
		buf_append_str(out, "\033[?1049h");
		wrong |= BIT(ALT_1049);
	}
	for (size_t i = 0; i < MODES; i++)
		reset_mode(t, &modes[i], wrong, out);
	if (t->bottom)
		bottom_free(t->bottom);
	ear = t->ear;
	track_init(t, t->bottom);
	t->ear = ear;
	return out->full ? -1 : 0;
}
