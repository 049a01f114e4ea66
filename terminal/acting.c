/* SPDX-License-Identifier: ISC */
/* See acting.h. */
#include "terminal/acting.h"

#include <stdio.h>
#include <string.h>

#include "ipc/uuid.h"
#include "terminal/ask.h"
#include "terminal/attach.h"
#include "terminal/typing.h"

enum acting_asks { ASKS_NOTHING, ASKS_POWER, ASKS_SYSRQ, ASKS_YES };
enum { LINE_SIZE = SHOWN_NAME_SIZE + 256, PHRASE_SIZE = 64 + ALIAS_MAX };

/* The keys behind the one for power. sure: the question, behind it the guest's name. */
static const struct {
	char key;
	uint8_t act;
	const char *sure;
} powers[] = {
	{'o', ACT_START, "start (or resume)"},
	{'s', ACT_SHUTDOWN, "ask for a shutdown of"},
	{'r', ACT_REBOOT, "ask for a reboot of"},
	{'x', ACT_RESET, "reset, at once and without a shutdown,"},
	{'f', ACT_POWEROFF, "force off, at once and without a shutdown,"},
	{'n', ACT_NMI, "send an NMI to"},
};

/* SysRq keys that end what runs: asked for once more. */
static const struct {
	char key;
	const char *what;
} grave[] = {{'b', "reboots at once"}, {'c', "crashes the kernel"}, {'o', "powers off at once"}};

static const char power_keys[] =
	"power: o on, s shut down, r reboot, x reset, f off, n NMI; Esc none\n";
static const char sysrq_keys[] =
	"SysRq: its key, such as h help, s sync, w blocked tasks; Esc none\n";

/* Asked for, so --quiet does not keep it back. */
static void tell(struct session *s, const char *text)
{
	struct buf lines;

	buf_init(&lines, ATTACH_LINES_MAX);
	attach_wrap_lines(&lines, text, strlen(text));
	attach_put_lines(s, &lines);
	buf_free(&lines);
}

static void tell_name(struct session *s, const char *before, const char *after)
{
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "%s%s%s\n", before, s->attach.name, after);
	tell(s, line);
}

/* The gate of these acts is console; that it would say no is said before a question is asked. */
static bool may(struct session *s, uint8_t right, const char *word)
{
	char after[64];

	if (!s->attach.is_attached) {
		tell(s, "not on a console yet\n");
		return false;
	}
	if (s->attach.info.may & right)
		return true;
	snprintf(after, sizeof(after), ": that needs the right '%s'", word);
	tell_name(s, "you may not do that to ", after);
	return false;
}

static void ask_for(struct session *s, enum acting_asks what)
{
	struct attach *a = &s->attach;

	a->acting.asks = (uint8_t)what;
	escape_ask(&a->escape);
	if (what != ASKS_YES)
		attach_timer(s, TIMER_REMIND, ESCAPE_REMIND_MS);
}

static void perform(struct session *s, uint8_t act, uint8_t key)
{
	const struct attach *a = &s->attach;
	char phrase[PHRASE_SIZE];

	uuid_write(phrase, a->info.uuid);
	if (act == ACT_BREAK)
		snprintf(phrase + strlen(phrase), sizeof(phrase) - strlen(phrase), ":%s",
			 a->info.alias);
	if (visit_pending(&s->visit, VISIT_ACT))
		tell(s, "not sent: what you asked for before is not done yet\n");
	else
		ask_act(&s->visit, phrase, act, key);
}

/* -- the keys -- */

void acting_power(struct session *s)
{
	if (may(s, MAY_POWER, "power"))
		ask_for(s, ASKS_POWER);
}

void acting_sysrq(struct session *s)
{
	if (may(s, MAY_BREAK, "break"))
		ask_for(s, ASKS_SYSRQ);
}

void acting_break(struct session *s)
{
	if (may(s, MAY_BREAK, "break"))
		perform(s, ACT_BREAK, 0);
}

static void size_command(const struct session *s, char *out, size_t size)
{
	snprintf(out, size, "stty rows %u cols %u", s->rows, s->cols);
}

void acting_size(struct session *s)
{
	char command[64], line[LINE_SIZE];

	size_command(s, command, sizeof(command));
	snprintf(line, sizeof(line), "type '%s' and Enter to %s? y does it\n", command,
		 s->attach.name);
	tell(s, line);
	s->attach.acting.act = 0;
	ask_for(s, ASKS_YES);
}

/* -- the answers -- */

static void key_power(struct session *s, uint32_t text)
{
	for (size_t i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
		char before[80];

		if (text != (uint8_t)powers[i].key)
			continue;
		snprintf(before, sizeof(before), "%s ", powers[i].sure);
		tell_name(s, before, "? y does it");
		s->attach.acting.act = powers[i].act;
		ask_for(s, ASKS_YES);
		return;
	}
	tell(s, power_keys);
}

static void key_sysrq(struct session *s, uint32_t text)
{
	struct acting *acting = &s->attach.acting;
	bool is_key = (text >= 'a' && text <= 'z') || (text >= '0' && text <= '9');

	if (!is_key) {
		tell(s, "a SysRq key is a letter from a to z or a digit: nothing was sent\n");
		return;
	}
	acting->key = (uint8_t)text;
	for (size_t i = 0; i < sizeof(grave) / sizeof(grave[0]); i++) {
		char before[80];

		if (text != (uint8_t)grave[i].key)
			continue;
		snprintf(before, sizeof(before), "SysRq %c %s: send it to ", grave[i].key,
			 grave[i].what);
		tell_name(s, before, "? y does it");
		acting->act = ACT_SYSRQ;
		ask_for(s, ASKS_YES);
		return;
	}
	perform(s, ACT_SYSRQ, acting->key);
}

static void key_yes(struct session *s, uint32_t text)
{
	const struct acting *acting = &s->attach.acting;
	char command[64];

	if (text != 'y' && text != 'Y') {
		tell(s, "not done\n");
	} else if (acting->act) {
		perform(s, acting->act, acting->key);
	} else {
		size_command(s, command, sizeof(command));
		typing_put(s, (const uint8_t *)command, strlen(command));
		typing_put(s, (const uint8_t *)"\r", 1);
	}
}

void acting_key(struct session *s, uint32_t text)
{
	static void (*const keys[])(struct session *s, uint32_t text) = {
		[ASKS_POWER] = key_power, [ASKS_SYSRQ] = key_sysrq, [ASKS_YES] = key_yes,
	};
	uint8_t asks = s->attach.acting.asks;

	s->attach.acting.asks = ASKS_NOTHING;
	if (asks)
		keys[asks](s, text);
}

void acting_cancel(struct session *s)
{
	if (s->attach.acting.asks == ASKS_YES)
		tell(s, "not done\n");
	s->attach.acting.asks = ASKS_NOTHING;
}

void acting_remind(struct session *s)
{
	if (s->attach.acting.asks == ASKS_POWER)
		tell(s, power_keys);
	else if (s->attach.acting.asks == ASKS_SYSRQ)
		tell(s, sysrq_keys);
}

/* -- what became of it -- */

static void tell_foreign(struct session *s, const char *text)
{
	char shown[TEXT_MAX * 2], line[TEXT_MAX * 2 + 2];

	session_escape(s, shown, sizeof(shown), text);
	snprintf(line, sizeof(line), "%s\n", shown);
	tell(s, line);
}

void acting_done(struct session *s, const struct msg_act_done *m)
{
	tell_foreign(s, m->text);
}

void acting_refused(struct session *s, const struct msg_refused *m)
{
	tell_foreign(s, m->text);
}
