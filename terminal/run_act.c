/* SPDX-License-Identifier: ISC */
/*
 * See run.h. What is done to guests and their company: power, BREAK, SysRq, a serial console
 * added, somebody kicked. What was done is said on standard error; only the change to a
 * guest's definition is data.
 */
#include <string.h>

#include "terminal/ask.h"
#include "terminal/run.h"
#include "terminal/run_hunt.h"

static const struct stage act_stage, show_stage, confirm_stage;

/* By the name of the command. */
static const struct { const char *name; enum guest_act act; } acts[] = {
	{"start", ACT_START}, {"shutdown", ACT_SHUTDOWN}, {"reboot", ACT_REBOOT},
	{"reset", ACT_RESET}, {"poweroff", ACT_POWEROFF}, {"nmi", ACT_NMI}, {"break", ACT_BREAK},
};

static enum guest_act act_of(const struct session *s)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, s->command.verb->name) == 0)
			return acts[i].act;
	return ACT_COUNT;
}

static void begin(struct session *s, enum guest_act act, uint8_t key, const struct stage *stage)
{
	session_enter(s, stage);
	run_timer(s);
	ask_act(&s->visit, s->command.arg[0], act, key);
}

void run_act(struct session *s)
{
	if (s->command.options.given & OPTION_FOR)
		run_hunt_act(s, act_of(s));
	else
		begin(s, act_of(s), 0, &act_stage);
}

void run_sysrq(struct session *s)
{
	const char *key = s->command.arg[1];

	if (strlen(key) != 1)
		run_fail(s, REFUSED_USAGE, "sysrq wants one key: a letter or a digit (h: help)");
	else
		begin(s, ACT_SYSRQ, (uint8_t)key[0], &act_stage);
}

void run_kick(struct session *s)
{
	session_enter(s, &act_stage);
	run_timer(s);
	ask_kick(&s->visit, s->command.arg[0]);
}

static void hear_done(void *who, const struct msg_act_done *m)
{
	struct session *s = who;

	run_say_foreign(s, "", m->text, "");
	session_end(s, 0);
}

static void late_turn(struct session *s)
{
	(void)run_is_late(s);
}

static int64_t late_due(struct session *s)
{
	return s->run_due;
}

/* Console went away with the question: whether it was done, nobody knows. */
static void lost(struct session *s)
{
	run_fail(s, REFUSED_FAILED, "the console service was restarted meanwhile: it is not known "
		 "whether it was done");
}

/* -- add-serial: shown, and done when that is wanted -- */

void run_add_serial(struct session *s)
{
	begin(s, ACT_SHOW_SERIAL, 0, &show_stage);
}

static void add(struct session *s)
{
	begin(s, ACT_ADD_SERIAL, 0, &act_stage);
}

static void show_done(void *who, const struct msg_act_done *m)
{
	struct session *s = who;

	session_print(s, (const char *)m->detail.data, m->detail.len);
	if (s->command.options.given & OPTION_YES) {
		add(s);
		return;
	}
	run_say_foreign(s, "", m->text, "");
	if (!s->has_terminal) {
		run_fail(s, 0, "nothing was changed: --yes does it");
		return;
	}
	session_say(s, "do it? y or n");
	session_enter(s, &confirm_stage);
}

static size_t confirm_input(struct session *s, const uint8_t *data, size_t len)
{
	if (data[0] == 'y' || data[0] == 'Y')
		add(s);
	else
		run_fail(s, 0, "nothing was changed");
	return len;
}

static const struct visit_ears act_ears = {
	.act_done = hear_done, .refused = run_hear_refused,
};

static const struct stage act_stage = {
	.ears = &act_ears,
	.input = run_input,
	.turn = late_turn,
	.due = late_due,
	.back = lost,
};

static const struct visit_ears show_ears = {
	.act_done = show_done, .refused = run_hear_refused,
};

static const struct stage show_stage = {
	.ears = &show_ears,
	.turn = late_turn,
	.due = late_due,
	.back = lost,
};

static const struct visit_ears confirm_ears;

static const struct stage confirm_stage = {
	.ears = &confirm_ears,
	.input = confirm_input,
	.turn = late_turn,
	.due = late_due,
};
