/* SPDX-License-Identifier: ISC */
/* See pasting.h. */
#include "terminal/pasting.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ipc/clock.h"
#include "terminal/attach.h"
#include "terminal/typing.h"

enum {
	PASTE_MAX = 1 << 20,     /* what waits to be typed */
	PROGRESS_MS = 3000,
};

static void say(struct session *s, const char *before, const char *after)
{
	const struct attach *a = &s->attach;
	char line[160], sent[PAST_SIZE_SIZE], left[PAST_SIZE_SIZE];

	past_size(sent, a->pace.bytes);
	past_size(left, a->typed.len);
	snprintf(line, sizeof(line), "%s: %" PRIu64 " lines, %s sent%s%s%s\n", before, a->pace.lines,
		 sent, a->typed.len ? ", " : "", a->typed.len ? left : "",
		 a->typed.len ? after : "");
	attach_say_lines(s, line, strlen(line));
}

void pasting_end(struct session *s, const char *how)
{
	struct attach *a = &s->attach;

	if (a->pace.bytes || a->typed.len)
		say(s, how, " not sent");
	a->pace.is_on = false;
	a->typed.max = TYPED_MAX;
	attach_timer(s, TIMER_PACE, -1);
	attach_timer(s, TIMER_PROGRESS, -1);
}

void pasting_go_on(struct session *s)
{
	struct attach *a = &s->attach;

	if (!a->pace.is_on)
		return;
	if (a->pace.is_ending && a->typed.len == 0 && a->pace.due < 0)
		pasting_end(s, "pasted");
	else
		a->due[TIMER_PACE] = a->pace.due;
}

static void begin(struct session *s)
{
	struct attach *a = &s->attach;
	char line[128];

	snprintf(line, sizeof(line), "pasting slowly until %s Esc; %s v stops it at once\n",
		 a->escape_name, a->escape_name);
	attach_say_lines(s, line, strlen(line));
	pace_begin(&a->pace);
	a->typed.max = PASTE_MAX;
	attach_timer(s, TIMER_PROGRESS, PROGRESS_MS);
}

void pasting_toggle(struct session *s)
{
	struct attach *a = &s->attach;

	if (!a->pace.is_on) {
		begin(s);
		return;
	}
	pasting_end(s, "stopped");
	buf_clear(&a->typed);
}

void pasting_output(struct session *s, const uint8_t *data, size_t len)
{
	if (s->attach.pace.is_on && pace_output(&s->attach.pace, data, len))
		typing_send(s);
}

void pasting_time(struct session *s)
{
	if (s->attach.pace.is_on && pace_tick(&s->attach.pace, clock_ms()))
		typing_send(s);
}

void pasting_progress(struct session *s)
{
	if (!s->attach.pace.is_on)
		return;
	if (s->attach.typed.len)
		say(s, "pasting", " to go");
	attach_timer(s, TIMER_PROGRESS, PROGRESS_MS);
}
