/* SPDX-License-Identifier: ISC */
/* See moves.h. */
#include "console/moves.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/hub.h"
#include "console/logging.h"
#include "console/sharing.h"
#include "console/visit.h"
#include "ipc/log.h"

/* A guest that its host does not know any more, and no other host yet. */
struct move {
	struct move *next;
	struct guest *guest;
	void (*lost)(struct guest *g);
	struct loop_timer timer;
};

static struct move *under_way;

static bool has_come(const struct guest *g)
{
	return g->cause == CAUSE_MIGRATED && g->id != 0;
}

static struct move **find_move(const struct guest *g)
{
	struct move **at = &under_way;

	while (*at && (*at)->guest != g)
		at = &(*at)->next;
	return at;
}

static bool has_gone(const struct guest *g)
{
	return (g->cause == CAUSE_MIGRATED && g->id == 0) || *find_move(g);
}

static struct guest *find_twin(const struct guest *g, bool (*fits)(const struct guest *g))
{
	for (struct guest *at = inventory_next(NULL); at; at = inventory_next(at))
		if (at != g && memcmp(at->uuid, g->uuid, UUID_SIZE) == 0 && fits(at))
			return at;
	return NULL;
}

/* Who was on the other host before the guest came is on another console. */
static void make_way(struct console *c)
{
	while (c->viewers)
		viewer_gone(c->viewers, REFUSED_GONE,
			    "the guest came here from another host: attach again");
	keep_free(c);
}

static void take_over(struct console *c, struct guest *to)
{
	struct console *there = keep_find(to, c->alias);
	struct console **at;

	if (there)
		make_way(there);
	line_close(c, LINE_CLOSED);
	for (at = &c->guest->open; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	c->guest = to;
	c->next = to->open;
	to->open = c;
}

static void join(struct guest *from, struct guest *to)
{
	sharing_moved(from, to);
	if (!from->open)
		return;
	log_info("%s migrated from host %s to host %s", to->name, from->host, to->host);
	while (from->open)
		take_over(from->open, to);
	keep_describe(from);
	for (struct console *c = to->open; c; c = c->next) {
		/* Those who may not see it there are told and let go. */
		visit_recheck_viewers(c);
		logging_changed(c);
		line_update(c);
		hub_tell(c);
	}
	keep_describe(to);
}

void moves_changed(struct guest *g)
{
	struct guest *twin = NULL;
	struct move *m;

	if (has_come(g)) {
		twin = find_twin(g, has_gone);
		if (twin)
			join(twin, g);
	} else if (has_gone(g)) {
		twin = find_twin(g, has_come);
		if (twin)
			join(g, twin);
		return;
	}
	/* The one that was waited for: its old self can go. */
	m = twin ? *find_move(twin) : NULL;
	if (m)
		m->lost(twin);
}

static void wait_due(void *owner)
{
	struct move *m = owner;

	m->lost(m->guest);
}

bool moves_gone(struct guest *g, void (*lost)(struct guest *g))
{
	struct guest *twin = find_twin(g, has_come);
	struct move *m;

	if (twin) {
		join(g, twin);
		return false;
	}
	if (!g->open || g->cause != CAUSE_MIGRATING || *find_move(g))
		return *find_move(g) != NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return false;
	m->guest = g;
	m->lost = lost;
	m->next = under_way;
	under_way = m;
	loop_timer_set(&m->timer, MOVES_WAIT_MS, wait_due, m);
	return true;
}

void moves_forget(const struct guest *g)
{
	struct move **at = find_move(g);
	struct move *m = *at;

	if (!m)
		return;
	*at = m->next;
	loop_timer_clear(&m->timer);
	free(m);
}
