/* SPDX-License-Identifier: ISC */
/* See notice.h. Pure. */
#include "terminal/notice.h"

#include <inttypes.h>
#include <string.h>

#include "terminal/escape.h"

/*
 * In a text {name} {host} {text} {escape} {holder} {by} {count} {bytes} stand for what they say,
 * a part in < > is left out where there is no escape key, one in [ ] where nobody waits, one
 * between $ for a person without the right to power, and one between ~ without add-serial.
 */

#define FIRST (1u << 15)             /* there was no state before */
#define ANY 0xffffu
#define S(state) (1u << (state))

enum part { OF_HOST, OF_GUEST, OF_LINE };

static const struct change {
	enum part part;
	unsigned from, to;           /* S() of the states before and now */
	const char *text;            /* NULL: nothing to say; no later row is looked at */
} changes[] = {
	{OF_HOST, FIRST | S(1), S(0),
	 "{host} does not answer[; waiting for it< ({escape} . leaves)>]"},
	{OF_HOST, S(0), S(1), "{host} answers again"},

	{OF_GUEST, FIRST, S(GUEST_OFF),
	 "{name} is off[; waiting until it starts< (${escape} p o starts it, ${escape} . leaves)>]"},
	{OF_GUEST, ANY, S(GUEST_OFF),
	 "{name} is off now[; waiting until it starts< (${escape} p o starts it, ${escape} . "
	 "leaves)>]"},
	{OF_GUEST, S(GUEST_OFF) | S(GUEST_CRASHED), S(GUEST_RUNNING), "{name} has started"},
	{OF_GUEST, S(GUEST_OFF) | S(GUEST_CRASHED), S(GUEST_PAUSED),
	 "{name} has started, paused<$; {escape} p o lets it run$>"},
	{OF_GUEST, S(GUEST_PAUSED) | S(GUEST_SUSPENDED), S(GUEST_RUNNING), "{name} goes on"},
	{OF_GUEST, FIRST | ANY, S(GUEST_PAUSED), "{name} is paused<$; {escape} p o resumes it$>"},
	{OF_GUEST, FIRST | ANY, S(GUEST_SUSPENDED),
	 "{name} is suspended<$; {escape} p o wakes it up$>"},
	{OF_GUEST, FIRST | ANY, S(GUEST_SHUTTING_DOWN), "{name} is shutting down"},
	{OF_GUEST, FIRST | ANY, S(GUEST_CRASHED), "{name} has crashed<$; {escape} p x resets it$>"},

	{OF_LINE, FIRST | ANY, S(LINE_BUSY),
	 "somebody outside (virsh console?) has this console<; {escape} f takes it over>"},
	{OF_LINE, FIRST | ANY, S(LINE_STOLEN),
	 "somebody outside this gate took this console over<; {escape} f takes it back>"},
	{OF_LINE, FIRST | ANY, S(LINE_NO_CONSOLE),
	 "{name} has no serial console: add a serial device of type 'pty' (~the command 'add-serial "
	 "{name}', or ~virsh edit) and start it anew"},
	{OF_LINE, FIRST | ANY, S(LINE_FAILED), "the console does not open: {text}[; trying again]"},
	{OF_LINE, S(LINE_OPEN), S(LINE_OPENING), "the console was closed; opening it again"},
	{OF_LINE, S(LINE_BUSY) | S(LINE_STOLEN) | S(LINE_FAILED) | S(LINE_NO_CONSOLE), S(LINE_OPEN),
	 "the console is open"},
};

static const char *const sentences[] = {
	[NOTICE_PAINTED] = "{count} KiB went by faster than this link carries"
			   "<; {escape} r shows the last lines again>; the command log has them all",
	[NOTICE_LINEAR] = "linear mode: text lines only<; {escape} l ends it>",
	[NOTICE_NOT_LINEAR] = "linear mode is over: full-screen programs paint again with Ctrl-L",
	[NOTICE_SKIPPED] = "{count} KiB skipped",
	[NOTICE_GAP] = "{bytes} of output missing here<; {escape} r shows the last lines again>",
	[NOTICE_GAP_LOGGED] = "{bytes} of output missing here: 'log {name}' has them",
	[NOTICE_OTHERS] = "{count} others are on this console",
	[NOTICE_ONE_OTHER] = "somebody else is on this console",
	[NOTICE_SILENT] = "nothing from {name} since you came: press Enter<; {escape} r replays>",
	[NOTICE_SILENT_NEW] = "nothing from {name} since you came: press Enter",
	[NOTICE_SILENT_WATCHING] =
		"nothing from {name} since you came<; {escape} r replays>",
	[NOTICE_SILENT_WATCHING_NEW] = "nothing from {name} since you came",
	[NOTICE_SILENT_EVER] =
		"nothing from {name} since it started: press Enter; if nothing comes, "
		"its kernel may want console=ttyS0 (in /etc/default/grub, then update-grub)",
	[NOTICE_NOT_YOURS] = "not sent: {holder} has the keyboard<; {escape} t takes it>",
	[NOTICE_READING_ONLY] = "not sent: you asked to read only",
	[NOTICE_MAY_NOT_TYPE] = "not sent: you may watch this console, not type on it",
	[NOTICE_NOT_RUNNING] = "not sent: {name} is off<$ ({escape} p o starts it)$>",
	[NOTICE_DEAF] = "{name} takes no more input: what you type now is dropped",
	[NOTICE_WATCH_ONLY] = "from now on you may watch this console, not type on it",
	[NOTICE_TYPE_TOO] = "from now on you may type on this console, too",
	[NOTICE_GONE] = "{name} is gone, or you may not see it any more",
	[NOTICE_CONSOLE_LOST] = "the gate lost its console service; waiting for it",
	[NOTICE_CONSOLE_BACK] = "the console service is back; what came in between is missing",
	[NOTICE_NO_TERMINAL] = "no terminal, so lines are sent as they are; for a raw one use "
			       "'ssh -t ... GUEST' or 'ssh USER+GUEST@...'",
	[NOTICE_RENAMED] = "{by} is called {name} now",
	[NOTICE_MOVED] = "{by} went to {host}: this is its console there",
	[NOTICE_ATTACHING] = "still waiting for the console< ({escape} . leaves)>",
};
_Static_assert(sizeof(sentences) / sizeof(sentences[0]) == NOTICE_KINDS, "one for each kind");

static const char *const losses[] = {
	[LOSS_LINE] =
		"{bytes} that you typed did not reach the guest: the console was closed",
	[LOSS_STUCK] = "the guest does not read what is typed: {bytes} dropped, and the "
		       "console opened anew",
	[LOSS_KEYBOARD] =
		"{bytes} dropped: {holder} has the keyboard<; {escape} t takes it>",
};

static void put_word(struct buf *out, const char *word, size_t len,
		     const struct notice_about *about)
{
	const struct { const char *word, *value; } words[] = {
		{ "name", about->name }, { "host", about->host }, { "text", about->text },
		{ "escape", about->escape }, { "holder", about->holder }, { "by", about->by },
	};

	if (len == 5 && memcmp(word, "count", 5) == 0)
		buf_printf(out, "%" PRIu64, about->count);
	if (len == 5 && memcmp(word, "bytes", 5) == 0)
		buf_printf(out, "%" PRIu64 " byte%s", about->count, about->count == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0)
			buf_append_str(out, words[i].value ? words[i].value : "");
}

/* What is between open and close, if keep is false, is left out. */
static const char *skip(const char *text, char close, bool keep)
{
	if (keep)
		return text;
	while (text[1] && *text != close)
		text++;
	return text;
}

static const char *skip_right(const char *text, bool keep)
{
	return keep ? text : skip(text + 1, *text, false);
}

static void put(struct buf *out, const char *text, const struct notice_about *about)
{
	bool has_escape = about->escape && *about->escape;

	for (; *text; text++) {
		if (*text == '<') {
			text = skip(text, '>', has_escape);
		} else if (*text == '[') {
			text = skip(text, ']', about->is_waiting);
		} else if (*text == '$') {
			text = skip_right(text, about->may & MAY_POWER);
		} else if (*text == '~') {
			text = skip_right(text, about->may & MAY_ADD_SERIAL);
		} else if (*text == '{') {
			size_t len = strcspn(++text, "}");

			put_word(out, text, len, about);
			text += len;
		} else if (*text != '>' && *text != ']') {
			buf_append(out, text, 1);
		}
	}
	buf_append_str(out, "\n");
}

/* On its way to being off, on another host or reset: the news is what comes of it. */
static unsigned guest_of(const struct msg_state *m)
{
	bool passes = m->cause == CAUSE_MIGRATING || m->cause == CAUSE_SAVED;

	if (m->guest == GUEST_SHUTTING_DOWN || (m->guest == GUEST_PAUSED && passes))
		return GUEST_RUNNING;
	return m->guest < GUEST_STATE_COUNT ? m->guest : GUEST_UNKNOWN;
}

static unsigned state_of(const struct msg_state *m, enum part part)
{
	switch (part) {
	case OF_HOST:
		return m->host_up ? 1 : 0;
	case OF_GUEST:
		return guest_of(m);
	case OF_LINE:
		break;
	}
	return m->line;
}

/* States that have a reason worth telling; looked at before the others. */
static const struct reason {
	unsigned to;
	enum guest_cause cause;
	const char *text;
} reasons[] = {
	{S(GUEST_OFF), CAUSE_SAVED,
	 "{name} was saved and is off now[; waiting< (${escape} p o lets it go on, ${escape} . "
	 "leaves)>]"},
	{S(GUEST_OFF), CAUSE_CRASHED,
	 "{name} has crashed and is off now[; waiting< (${escape} p o starts it, ${escape} . "
	 "leaves)>]"},
	{S(GUEST_OFF), CAUSE_FAILED,
	 "{name} did not start[; waiting until it does< ({escape} . leaves)>]"},
	{S(GUEST_OFF), CAUSE_MIGRATED,
	 "{name} went to another host[; waiting until it is back< ({escape} . leaves)>]"},
	{S(GUEST_PAUSED), CAUSE_CRASHED, "{name} has crashed and is paused<$; {escape} p x resets it$>"},
	{S(GUEST_PAUSED), CAUSE_DISK,
	 "{name} is paused: one of its disks failed or is full<$; {escape} p o resumes it$>"},
	{S(GUEST_PAUSED), CAUSE_WATCHDOG,
	 "{name} is paused by its watchdog<$; {escape} p o resumes it$>"},
	{S(GUEST_RUNNING), CAUSE_RESTORED, "{name} goes on from where it was saved"},
};

/* NULL: there is none. What was so from the start is not news but for a guest that is off. */
static const char *reason_for(const struct msg_state *now, unsigned from, unsigned to)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].to & to && reasons[i].cause == now->cause &&
		    !(from == FIRST && to != S(GUEST_PAUSED)))
			return reasons[i].text;
	return NULL;
}

static void notice_part(struct buf *out, enum part part, const struct msg_state *before,
			const struct msg_state *now, const struct notice_about *about)
{
	unsigned to = S(state_of(now, part));
	unsigned from = before ? S(state_of(before, part)) : FIRST;

	if (from == to)
		return;
	if (part == OF_GUEST && reason_for(now, from, to)) {
		put(out, reason_for(now, from, to), about);
		return;
	}
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *c = &changes[i];

		if (c->part == part && c->from & from && c->to & to) {
			put(out, c->text, about);
			return;
		}
	}
}

/* It runs as it did, but not the same way on. */
static void notice_run(struct buf *out, const struct msg_state *before, const struct msg_state *now,
		       const struct notice_about *about)
{
	if (now->run == 0)
		return;     /* it is ending: what comes next says how */
	if (before->run != now->run)
		put(out, "{name} has stopped and started again", about);
	else if (before->resets != now->resets)
		put(out, "{name} was reset", about);
}

/* While a host is away nothing is known of its guests: then only that is said. */
void notice_state(struct buf *out, const struct msg_state *before, const struct msg_state *now,
		  const struct notice_about *about)
{
	notice_part(out, OF_HOST, before, now, about);
	if (!now->host_up)
		return;
	notice_part(out, OF_GUEST, before, now, about);
	if (before && guest_of(before) == GUEST_RUNNING && guest_of(now) == GUEST_RUNNING)
		notice_run(out, before, now, about);
	notice_part(out, OF_LINE, before, now, about);
}

enum mine { NOT_MINE = 1, MINE = 2, WHOSEVER = 3 };

/* Who had it, who has it, why. The first row that fits speaks. */
static const struct turn {
	unsigned was, is;            /* enum mine */
	unsigned held;               /* 1 free, 2 held, 3 either */
	unsigned causes;             /* S(enum keyboard_cause) */
	const char *text;
} turns[] = {
	{NOT_MINE, MINE, 3, S(KEYBOARD_FIRST), NULL},
	{NOT_MINE, MINE, 3, S(KEYBOARD_SAME_USER),
	 "you have the keyboard now; an older session of yours had it"},
	{NOT_MINE, MINE, 3, S(KEYBOARD_IDLE),
	 "you have the keyboard now: who had it had not typed for a while"},
	{NOT_MINE, MINE, 3, ANY, "you have the keyboard now"},
	{MINE, NOT_MINE, 2, S(KEYBOARD_SAME_USER),
	 "a newer session of yours has the keyboard now<; {escape} t takes it back>"},
	{MINE, NOT_MINE, 2, S(KEYBOARD_IDLE),
	 "{holder} has the keyboard now: you had not typed for a while<; {escape} t takes it back>"},
	{MINE, NOT_MINE, 2, ANY, "{holder} took the keyboard<; {escape} t takes it back>"},
	{MINE, NOT_MINE, 1, ANY, "the keyboard is free: whoever types has it"},
	{NOT_MINE, NOT_MINE, 1, S(KEYBOARD_LEFT),
	 "{by} left; the keyboard is free: whoever types has it"},
	{NOT_MINE, NOT_MINE, 1, ANY, "{by} gave the keyboard up: whoever types has it"},
	{NOT_MINE, NOT_MINE, 2, S(KEYBOARD_TAKEN),
	 "{holder} took the keyboard<; {escape} t takes it>"},
	{NOT_MINE, NOT_MINE, 2, ANY, "{holder} has the keyboard<; {escape} t takes it>"},
};

void notice_keyboard(struct buf *out, const struct msg_keyboard *before,
		     const struct msg_keyboard *now, const struct notice_about *about)
{
	unsigned was = before && before->yours ? MINE : NOT_MINE;
	unsigned is = now->yours ? MINE : NOT_MINE;
	unsigned held = now->held || now->yours ? 2 : 1;

	if (!before && is == NOT_MINE) {
		if (held == 2)
			put(out, "{holder} has the keyboard<; {escape} t takes it>", about);
		return;
	}
	if (before && was == is && before->held == now->held &&
	    strcmp(before->holder, now->holder) == 0 &&
	    strcmp(before->holder_peer, now->holder_peer) == 0)
		return;
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
		const struct turn *t = &turns[i];

		if (t->was & was && t->is & is && t->held & held && t->causes & S(now->cause & 7)) {
			if (t->text)
				put(out, t->text, about);
			return;
		}
	}
}

void notice_lost(struct buf *out, uint8_t cause, const struct notice_about *about)
{
	if (cause < sizeof(losses) / sizeof(losses[0]))
		put(out, losses[cause], about);
}

void notice_say(struct buf *out, enum notice_kind kind, const struct notice_about *about)
{
	put(out, sentences[kind], about);
}

void notice_banner(struct buf *out, const char *label, int escape)
{
	char name[ESCAPE_NAME_SIZE];

	buf_printf(out, "Connected to domain '%s'\n", label);
	if (escape < 0)
		return;
	escape_name(name, escape);
	buf_printf(out, "Escape character is %s (Ctrl + %s)\n", name, name + 1);
}

static bool is_for(const struct escape_key *key, uint8_t may)
{
	return (key->needs & may) == key->needs;
}

void notice_reminder(struct buf *out, const char *escape, uint8_t may)
{
	buf_printf(out, "%s then", escape);
	for (size_t i = 0; i < escape_keys_count; i++)
		if (escape_keys[i].brief && is_for(&escape_keys[i], may))
			buf_printf(out, " %c %s,", escape_keys[i].key, escape_keys[i].brief);
	if (may & MAY_TYPE)
		buf_printf(out, " %s sends %s\n", escape, escape);
	else
		buf_append_str(out, " Esc nothing\n");
}

/* Rows without help name another key for the row before them. */
static void help_row(struct buf *out, size_t i)
{
	char keys[16];
	size_t n = 0;

	keys[n++] = escape_keys[i].key;
	for (size_t k = i + 1; k < escape_keys_count && !escape_keys[k].help; k++) {
		keys[n++] = ' ';
		keys[n++] = escape_keys[k].key;
	}
	keys[n] = '\0';
	buf_printf(out, "  %-6s %s\n", keys, escape_keys[i].help);
}

void notice_help(struct buf *out, const char *escape, uint8_t may)
{
	buf_printf(out, "After %s:\n", escape);
	for (size_t i = 0; i < escape_keys_count; i++)
		if (escape_keys[i].help && is_for(&escape_keys[i], may))
			help_row(out, i);
	if (may & MAY_TYPE)
		buf_printf(out, "  %-6s send one %s to the guest\n", escape, escape);
	buf_append_str(out, "  Esc    nothing\n");
}
