/* SPDX-License-Identifier: ISC */
/* See limits.h. */
#include "gate/limits.h"

#include <stdlib.h>

/* A debt of more than this many failed logins keeps a source out. */
enum { FAILURES_FREE = 3 };

int limits_configure(struct limits *l, const struct limits_settings *settings)
{
	size_t cap = settings->max_visitors;
	struct limits_conn *conns;

	/* Those who are in stay in, also when fewer are allowed now. */
	if (cap > l->cap) {
		conns = realloc(l->conns, cap * sizeof(*conns));
		if (!conns)
			return -1;
		l->conns = conns;
		l->cap = cap;
	}
	l->settings = *settings;
	return 0;
}

void limits_free(struct limits *l)
{
	free(l->conns);
	*l = (struct limits){ 0 };
}

static size_t count_source(const struct limits *l, const struct source *s)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		n += source_is_equal(&l->conns[i].source, s);
	return n;
}

static bool is_penalised(const struct limits *l, const struct source *s, uint64_t now)
{
	uint64_t penalty = l->settings.penalty;

	return penalty && penalty_left(&l->penalties, s, now) > FAILURES_FREE * penalty;
}

enum limits_verdict limits_admit(struct limits *l, uint64_t id, const struct source *s,
				 uint8_t endpoint, uint64_t now)
{
	if (is_penalised(l, s, now))
		return LIMITS_PENALTY;
	if (l->count >= l->settings.max_visitors)
		return LIMITS_VISITORS;
	if (count_source(l, s) >= l->settings.max_per_source)
		return LIMITS_SOURCE;
	if (l->unauthenticated >= l->settings.max_unauthenticated)
		return LIMITS_UNAUTHENTICATED;
	l->conns[l->count++] = (struct limits_conn){ .id = id, .source = *s,
						    .endpoint = endpoint };
	l->unauthenticated++;
	return LIMITS_ADMITTED;
}

static struct limits_conn *find(struct limits *l, uint64_t id)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->conns[i].id == id)
			return &l->conns[i];
	return NULL;
}

uint8_t limits_endpoint(const struct limits *l, uint64_t id)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->conns[i].id == id)
			return l->conns[i].endpoint;
	return 0;
}

bool limits_has(const struct limits *l, uint64_t id)
{
	return limits_endpoint(l, id) != 0;
}

static void drop(struct limits *l, struct limits_conn *c)
{
	const uint64_t id = c->id;

	l->ended[l->ended_at] = (struct limits_ended){ id, c->source };
	l->ended_at = (l->ended_at + 1) % LIMITS_ENDED_MAX;
	if (!c->authenticated)
		l->unauthenticated--;
	*c = l->conns[--l->count];
	if (l->removed)
		l->removed(id);
}

void limits_set_pid(struct limits *l, uint64_t id, pid_t pid)
{
	struct limits_conn *c = find(l, id);

	if (c)
		c->pid = pid;
}

void limits_logged_in(struct limits *l, uint64_t id)
{
	struct limits_conn *c = find(l, id);

	if (!c || c->authenticated)
		return;
	c->authenticated = true;
	l->unauthenticated--;
}

void limits_login_failed(struct limits *l, uint64_t id, uint64_t now)
{
	const struct limits_conn *c = find(l, id);
	const struct source *s = c ? &c->source : NULL;

	for (size_t i = 0; i < LIMITS_ENDED_MAX && !s; i++)
		if (l->ended[i].id == id)
			s = &l->ended[i].source;
	if (s && l->settings.penalty)
		penalty_add(&l->penalties, s, now, l->settings.penalty, l->settings.penalty_max);
}

void limits_remove(struct limits *l, uint64_t id)
{
	struct limits_conn *c = find(l, id);

	if (c)
		drop(l, c);
}

void limits_remove_pid(struct limits *l, pid_t pid)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->conns[i].pid == pid) {
			drop(l, &l->conns[i]);
			return;
		}
}

void limits_remove_lost(struct limits *l, uint8_t endpoint, bool (*keep)(pid_t pid))
{
	for (size_t i = l->count; i > 0; i--)
		if (l->conns[i - 1].endpoint == endpoint && !keep(l->conns[i - 1].pid))
			drop(l, &l->conns[i - 1]);
}
