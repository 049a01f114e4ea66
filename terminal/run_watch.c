/* SPDX-License-Identifier: ISC */
/*
 * See run.h. watch: one JSON line for each line that fits, on any console of any guest that
 * fits the pattern and may be seen, also of guests that come later, until it is interrupted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/date.h"
#include "ipc/json.h"
#include "ipc/uuid.h"
#include "terminal/ask.h"
#include "terminal/expect.h"
#include "terminal/reading.h"
#include "terminal/run.h"

enum {
	WATCHED_MAX = 1024,          /* consoles; console takes no more of one visit */
	SHOWN_PIECE = 1024,          /* bytes, and then: does the client take more? */
};

/* A console that is watched; the attachment is first, so that one finds the other. */
struct watched {
	struct attachment at;
	struct watched *next;
	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
	char alias[ALIAS_MAX + 1];
	char name[GUEST_MAX + 1];
	uint64_t time;               /* of what comes now, ms; 0 unknown */
	struct expect expect;
};

struct watch {
	struct expression regex;
	const char *pattern;         /* NULL all */
	struct watched *first;
	unsigned count;
	bool is_listed;              /* the first list is whole */
	bool is_full_said;

	int64_t due;                 /* of the first line that is held; -1 none */
	struct watched *of;          /* whose bytes wait, or are looked at */
	struct buf waiting;
	size_t shown;
};

static const struct stage watch_stage;

static void drop(struct watch *w, struct watched *x)
{
	struct watched **at = &w->first;

	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	w->count--;
	if (w->of == x) {
		w->of = NULL;
		buf_clear(&w->waiting);
	}
	expect_free(&x->expect);
	free(x);
}

void run_watch_free(struct session *s)
{
	struct watch *w = s->watch;

	if (!w)
		return;
	while (w->first)
		drop(w, w->first);
	expression_free(&w->regex);
	buf_free(&w->waiting);
	free(w);
	s->watch = NULL;
}

/* -- a line that fits -- */

static bool found(void *who, const char *line, size_t len)
{
	struct session *s = who;
	const struct watched *x = s->watch->of;
	char time[DATE_SIZE], *text = strndup(line, len);
	struct json j;
	struct buf out;

	if (!text)
		return true;
	buf_init(&out, SESSION_OUT_MAX);
	date_write_ms(time, x->time ? x->time : (uint64_t)clock_date_ms());
	json_init(&j, &out);
	json_open(&j, NULL, '{');
	json_string(&j, "guest", x->name);
	json_string(&j, "host", x->host);
	json_string(&j, "console", x->alias);
	json_string(&j, "time", time);
	json_string(&j, "line", text);
	json_close(&j, '}');
	buf_append_str(&out, "\n");
	session_print(s, (const char *)out.data, out.len);
	buf_free(&out);
	free(text);
	return true;
}

/* As much as the client takes. The visit is not read while anything waits. */
static void show(struct session *s)
{
	struct watch *w = s->watch;

	while (w->of && w->shown < w->waiting.len && s->out.len < SESSION_OUT_LOW) {
		size_t n = w->waiting.len - w->shown;

		if (n > SHOWN_PIECE)
			n = SHOWN_PIECE;
		expect_feed(&w->of->expect, w->waiting.data + w->shown, n, clock_ms(),
			    found, s);
		w->shown += n;
		if (w->of->expect.is_failed) {
			run_fail(s, REFUSED_FAILED,
				 "the expression needs more memory than it may have");
			return;
		}
	}
	if (w->shown >= w->waiting.len) {
		buf_clear(&w->waiting);
		w->shown = 0;
		w->of = NULL;
	}
	s->holds_visit = w->of != NULL;
}

/* Lines whose rest does not come. */
static void tick(struct session *s)
{
	struct watch *w = s->watch;
	int64_t now = clock_ms();

	w->due = -1;
	for (struct watched *x = w->first; x && !w->of; x = x->next) {
		w->of = x;
		expect_tick(&x->expect, now, found, s);
		w->of = NULL;
		if (x->expect.due >= 0 && (w->due < 0 || x->expect.due < w->due))
			w->due = x->expect.due;
	}
}

static struct watched *watched_of(struct attachment *at)
{
	return (struct watched *)(void *)at;
}

static void hear_output(void *who, struct attachment *at, const struct msg_output *m)
{
	struct session *s = who;
	struct watch *w = s->watch;

	w->of = watched_of(at);
	buf_append(&w->waiting, m->data.data, m->data.len);
	show(s);
}

static void hear_stamp(void *who, struct attachment *at, const struct msg_stamp *m)
{
	(void)who;
	watched_of(at)->time = m->time;
}

static void hear_gap(void *who, struct attachment *at, uint64_t count)
{
	struct watched *x = watched_of(at);
	struct watch *w = ((struct session *)who)->watch;
	char after[64];

	w->of = x;
	expect_break(&x->expect, found, who);
	w->of = NULL;
	snprintf(after, sizeof(after), ": %" PRIu64 " bytes were missed", count);
	if (!(((struct session *)who)->command.options.given & OPTION_QUIET))
		run_say_foreign(who, "", x->name, after);
}

/* -- which consoles -- */

static void hear_state(void *who, struct attachment *at, const struct msg_state *m)
{
	struct session *s = who;

	if (m->gone)
		drop(s->watch, watched_of(at));
}

static void hear_refused(void *who, struct attachment *at, const struct msg_refused *m)
{
	struct session *s = who;

	if (!at)
		return;
	if (!(s->command.options.given & OPTION_QUIET))
		run_say_foreign(s, watched_of(at)->name, ": ", m->text);
	if (at->state == ATTACHMENT_FREE)
		drop(s->watch, watched_of(at));
}

static bool is_same(const struct watched *x, const struct guest *g)
{
	return memcmp(x->uuid, g->uuid, UUID_SIZE) == 0 && strcmp(x->host, g->host) == 0;
}

static struct watched *find(const struct watch *w, const struct guest *g, const char *alias)
{
	for (struct watched *x = w->first; x; x = x->next)
		if (is_same(x, g) && strcmp(x->alias, alias) == 0)
			return x;
	return NULL;
}

static void add(struct session *s, const struct guest *g, const char *alias)
{
	struct watch *w = s->watch;
	struct watched *x = w->count < WATCHED_MAX ? calloc(1, sizeof(*x)) : NULL;
	struct msg_attach m = { .flags = ATTACH_READ_ONLY | ATTACH_STAMPS };

	if (!x) {
		if (!w->is_full_said)
			session_say(s, "there are more consoles than can be watched at once: "
				       "narrow the pattern");
		w->is_full_said = true;
		return;
	}
	memcpy(x->uuid, g->uuid, UUID_SIZE);
	snprintf(x->host, sizeof(x->host), "%s", g->host);
	snprintf(x->alias, sizeof(x->alias), "%s", alias);
	snprintf(x->name, sizeof(x->name), "%s", g->name);
	expect_init(&x->expect, &w->regex, s->command.options.given & OPTION_RAW);
	x->next = w->first;
	w->first = x;
	w->count++;
	uuid_write(m.guest, g->uuid);
	snprintf(m.device, sizeof(m.device), "%s", alias);
	ask_attach(&s->visit, &x->at, &m);
}

/* What console tells of a guest: its consoles, and its name, which may have changed. */
static void look_at(struct session *s, const struct guest *g)
{
	struct watch *w = s->watch;
	bool is_meant = report_fits(g, w->pattern);
	char alias[ALIAS_MAX + 1];
	struct watched *x;

	for (const char *at = g->consoles; is_meant && *at;) {
		size_t n = strcspn(at, " ");

		snprintf(alias, sizeof(alias), "%.*s", (int)n, at);
		x = find(w, g, alias);
		if (x)
			snprintf(x->name, sizeof(x->name), "%s", g->name);
		else
			add(s, g, alias);
		at += n;
		at += strspn(at, " ");
	}
	for (struct watched *next, *y = w->first; !is_meant && y; y = next) {
		next = y->next;
		if (!is_same(y, g))
			continue;
		ask_detach(&s->visit, &y->at);
		drop(w, y);
	}
}

static void hear_guest(void *who, const struct msg_guest *m)
{
	struct session *s = who;
	const struct guest *g;

	session_hear_guest(who, m);
	g = guests_find(&s->guests, m->uuid, m->host);
	if (g)
		look_at(s, g);
}

static void hear_list_end(void *who, const struct msg_list_end *m)
{
	struct session *s = who;
	struct watch *w = s->watch;

	session_hear_list_end(who, m);
	if (*m->down && !w->is_listed)
		run_say_foreign(s, "no answer from: ", m->down, "");
	if (!w->is_listed && w->count == 0 && !(s->command.options.given & OPTION_QUIET))
		session_say(s, "there is no such console yet: waiting for one");
	w->is_listed = true;
}

/* -- turns -- */

static void turn(struct session *s)
{
	if (run_is_late(s))
		return;
	show(s);
	if (!s->is_over)
		tick(s);
}

static int64_t due(struct session *s)
{
	const struct watch *w = s->watch;

	if (s->holds_visit)
		return s->out.len < SESSION_OUT_LOW ? 0 : s->run_due;
	return w->due >= 0 && (s->run_due < 0 || w->due < s->run_due) ? w->due : s->run_due;
}

/* Console comes back without any of the attachments; the list that follows asks for them. */
static void away(struct session *s)
{
	reading_away(s);
	while (s->watch->first)
		drop(s->watch, s->watch->first);
	s->holds_visit = false;
}

void run_watch(struct session *s)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w) {
		run_fail(s, REFUSED_FAILED, "out of memory");
		return;
	}
	s->watch = w;
	w->due = -1;
	buf_init(&w->waiting, MESSAGE_DATA_MAX);
	if (run_compile(s, &w->regex, s->command.arg[0]) < 0)
		return;
	w->pattern = s->command.count > 1 ? s->command.arg[1] : NULL;
	session_enter(s, &watch_stage);
	run_timer(s);
	session_list(s, true);
}

static const struct visit_ears watch_ears = {
	.guest = hear_guest, .guest_gone = session_hear_guest_gone, .list_end = hear_list_end,
	.refused = hear_refused, .output = hear_output, .gap = hear_gap, .state = hear_state,
	.stamp = hear_stamp,
};

static const struct stage watch_stage = {
	.ears = &watch_ears,
	.input = run_input,
	.turn = turn,
	.due = due,
	.away = away,
};
