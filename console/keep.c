/* SPDX-License-Identifier: ISC */
/*
 * Which consoles there are: made when somebody attaches, or, captured, when their guest
 * runs; their lines close when nobody has watched for a while; what they printed is kept
 * until all of it together is too much, and then the longest unwatched goes first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "console/hub.h"
#include "console/listing.h"
#include "console/logging.h"
#include "console/visit.h"
#include "ipc/clock.h"
#include "ipc/log.h"

enum { LOOK_AGAIN_MS = 1000 };   /* when all that is kept is watched */

static const struct config *config;
static size_t held;              /* bytes, of all rings */
static unsigned count;
static uint64_t look_again;

/* No two consoles of one gateway share one, also not across restarts. */
static uint64_t new_epoch(void)
{
	static uint64_t last;
	uint64_t now = (uint64_t)clock_date_ms();

	last = now > last ? now : last + 1;
	return last;
}

static bool is_captured(const struct console *c)
{
	return config->console.capture == CONFIG_ALWAYS && c->guest->id != 0;
}

bool keep_is_wanted(const struct console *c)
{
	return viewer_count(c) || loop_timer_is_set(&c->linger) || is_captured(c);
}

static int make_ring(struct console *c)
{
	c->epoch = new_epoch();
	return ring_init(&c->ring, config->console.ring, (unsigned)config->console.boots);
}

static void free_ring(struct console *c)
{
	held -= ring_held(&c->ring);
	ring_free(&c->ring);
	left_free(&c->left);
}

void keep_free(struct console *c)
{
	struct console **at;

	for (at = &c->guest->open; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	logging_forget(c);
	line_close(c, LINE_CLOSED);
	loop_timer_clear(&c->linger);
	loop_timer_clear(&c->settle);
	loop_timer_clear(&c->merge);
	free_ring(c);
	free(c);
	count--;
}

/* Has a captured one begin anew, and all others go. */
static void drop(struct console *c)
{
	log_info("%s/%s: nobody has watched for long and there is no room: what was kept is dropped",
		 c->guest->name, c->alias);
	if (!is_captured(c)) {
		keep_free(c);
		return;
	}
	free_ring(c);
	if (make_ring(c) < 0) {
		/* It cannot be written to. */
		keep_free(c);
		return;
	}
	c->boot = c->line_from = c->state_at = c->flushed = 0;
	c->logged = c->log_from = c->log_boot_from = 0;
	c->knows_boot = false;
	c->unwatched = loop_now();
	logging_changed(c);
}

typedef bool can_go_fn(const struct console *c);

static bool has_something(const struct console *c)
{
	return !c->viewers && c->ring.head > 0;
}

static bool is_done_with(const struct console *c)
{
	return !c->viewers && !is_captured(c);
}

static struct console *longest_unwatched(can_go_fn *can_go)
{
	struct console *longest = NULL;

	for (struct guest *g = inventory_next(NULL); g; g = inventory_next(g))
		for (struct console *c = g->open; c; c = c->next)
			if (can_go(c) && (!longest || c->unwatched < longest->unwatched))
				longest = c;
	return longest;
}

static void fit(void)
{
	struct console *c;

	if (held <= config->console.ring_total || loop_now() < look_again)
		return;
	while (held > config->console.ring_total && (c = longest_unwatched(has_something)) != NULL)
		drop(c);
	if (held > config->console.ring_total)
		look_again = loop_now() + LOOK_AGAIN_MS;
}

void keep_grew(struct console *c, size_t held_before)
{
	held += ring_held(&c->ring) - held_before;
	fit();
}

struct console *keep_find(const struct guest *g, const char *alias)
{
	for (struct console *c = g->open; c; c = c->next)
		if (strcmp(c->alias, alias) == 0)
			return c;
	return NULL;
}

struct console *keep_console(struct guest *g, const char *alias)
{
	struct console *c = keep_find(g, alias);
	struct console *old;

	if (c)
		return c;
	if (count >= CONSOLES_KEPT_MAX && (old = longest_unwatched(is_done_with)) != NULL)
		keep_free(old);
	c = calloc(1, sizeof(*c));
	if (!c || make_ring(c) < 0) {
		free(c);
		return NULL;
	}
	c->guest = g;
	snprintf(c->alias, sizeof(c->alias), "%s", alias);
	c->line.peer = (struct peer)PEER_CLOSED;
	c->unwatched = loop_now();
	c->next = g->open;
	g->open = c;
	count++;
	return c;
}

void keep_capture(struct guest *g)
{
	char alias[ALIAS_MAX + 1];

	if (config->console.capture != CONFIG_ALWAYS || g->id == 0)
		return;
	for (const char *at = g->consoles; *at;) {
		size_t len = strcspn(at, " ");

		if (len <= ALIAS_MAX) {
			struct console *c;

			snprintf(alias, sizeof(alias), "%.*s", (int)len, at);
			c = keep_console(g, alias);
			if (c)
				line_update(c);
		}
		at += len;
		at += strspn(at, " ");
	}
}

static void linger_due(void *owner)
{
	struct console *c = owner;

	if (c->ring.head == 0 && !c->viewers && !is_captured(c)) {
		keep_free(c);
		return;
	}
	log_info("%s/%s: nobody has watched for a while: closed", c->guest->name, c->alias);
	line_update(c);
}

void keep_describe(struct guest *g)
{
	unsigned viewers = 0;
	const char *holder = "";

	for (struct console *c = g->open; c; c = c->next) {
		viewers += viewer_count(c);
		if (c->holder)
			holder = c->holder->visit->name;
	}
	if (g->viewers == viewers && strcmp(g->holder, holder) == 0)
		return;
	g->viewers = viewers;
	snprintf(g->holder, sizeof(g->holder), "%s", holder);
	inventory_touch(g);
	listing_changed(false);
}

void keep_viewers_changed(struct console *c)
{
	bool is_watched = viewer_count(c) > 0;

	if (is_watched) {
		loop_timer_clear(&c->linger);
		c->is_watched = true;
	} else if (c->is_watched) {
		c->is_watched = false;
		c->unwatched = loop_now();
		loop_timer_set(&c->linger, (uint64_t)config->console.linger, linger_due, c);
	} else if (!c->viewers && c->ring.head == 0 && !peer_is_open(&c->line.peer) &&
		   !loop_timer_is_set(&c->linger)) {
		/* Made for a reader who found nothing. Not here: the caller still has it. */
		loop_timer_set(&c->linger, 0, linger_due, c);
	}
	keep_describe(c->guest);
}

void keep_configure(const struct config *fresh)
{
	config = fresh;
	keyboard_configure((uint64_t)fresh->console.keyboard_idle);
	for (struct guest *g = inventory_next(NULL); g; g = inventory_next(g)) {
		keep_capture(g);
		for (struct console *c = g->open; c; c = c->next)
			line_update(c);
	}
	look_again = 0;
	fit();
}
