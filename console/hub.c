/* SPDX-License-Identifier: ISC */
/* See hub.h: consoles come and go here, and news reaches them here. */
#include "console/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/config.h"
#include "console/host.h"
#include "console/visit.h"
#include "ipc/log.h"

static const struct config *config;

void hub_configure(const struct config *c)
{
	config = c;
}

/* No two consoles of one gateway share one, also not across restarts. */
static uint64_t new_epoch(void)
{
	static uint64_t last;
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_REALTIME, &ts);
	now = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	last = now > last ? now : last + 1;
	return last;
}

struct console *hub_console(struct guest *g, const char *alias)
{
	struct console *c;

	for (c = g->open; c; c = c->next)
		if (strcmp(c->alias, alias) == 0)
			return c;
	c = calloc(1, sizeof(*c));
	if (!c || ring_init(&c->ring, config->console.ring) < 0) {
		free(c);
		return NULL;
	}
	c->guest = g;
	snprintf(c->alias, sizeof(c->alias), "%s", alias);
	c->epoch = new_epoch();
	c->line.peer = (struct peer)PEER_CLOSED;
	c->next = g->open;
	g->open = c;
	return c;
}

/* Its viewers must be gone. */
static void console_free(struct console *c)
{
	struct console **at;

	for (at = &c->guest->open; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	line_close(c, LINE_CLOSED);
	loop_timer_clear(&c->linger);
	loop_timer_clear(&c->settle);
	ring_free(&c->ring);
	free(c);
}

bool hub_is_wanted(const struct console *c)
{
	return c->viewers || loop_timer_is_set(&c->linger);
}

static void linger_due(void *owner)
{
	struct console *c = owner;

	log_info("%s/%s: nobody has watched for a while: closed", c->guest->name, c->alias);
	console_free(c);
}

static void describe_viewers(struct guest *g)
{
	unsigned viewers = 0;
	const char *holder = "";

	for (struct console *c = g->open; c; c = c->next) {
		for (struct viewer *v = c->viewers; v; v = v->next)
			viewers++;
		if (c->holder)
			holder = c->holder->visit->user;
	}
	if (g->viewers == viewers && strcmp(g->holder, holder) == 0)
		return;
	g->viewers = viewers;
	snprintf(g->holder, sizeof(g->holder), "%s", holder);
	inventory_touch(g);
	visit_list_changed(false);
}

void hub_viewers_changed(struct console *c)
{
	if (c->viewers)
		loop_timer_clear(&c->linger);
	else if (!loop_timer_is_set(&c->linger))
		loop_timer_set(&c->linger, (uint64_t)config->console.linger, linger_due, c);
	describe_viewers(c->guest);
}

void hub_tell(struct console *c)
{
	loop_timer_clear(&c->settle);
	c->state_at = c->ring.head;
	for (struct viewer *v = c->viewers; v; v = v->next) {
		v->news |= NEWS_STATE;
		viewer_flush(v);
	}
}

static void settle_due(void *owner)
{
	hub_tell(owner);
}

void hub_tell_soon(struct console *c)
{
	if (!loop_timer_is_set(&c->settle))
		loop_timer_set(&c->settle, SETTLE_MS, settle_due, c);
}

/* What stood in the way of a line may be gone: an old run, or a device that was missing. */
static void try_line_anew(struct console *c)
{
	c->line.failures = 0;
	if (peer_is_open(&c->line.peer))
		return;
	loop_timer_clear(&c->line.retry);
	c->line.state = LINE_CLOSED;
}

void hub_guest_changed(struct guest *g, unsigned changed)
{
	if (changed)
		visit_list_changed(false);
	for (struct console *c = g->open; c; c = c->next) {
		if (changed & GUEST_RUN_CHANGED) {
			c->boot = c->ring.head;
			c->knows_boot = true;
		}
		if (changed & (GUEST_RUN_CHANGED | GUEST_DEVICES_CHANGED))
			try_line_anew(c);
		line_update(c);
		if (changed & (GUEST_STATE_CHANGED | GUEST_RUN_CHANGED | GUEST_DEVICES_CHANGED))
			hub_tell(c);
		else if (changed & GUEST_WAS_RESET)
			/* Firmware resets once or twice more on its way up: one line for all. */
			hub_tell_soon(c);
	}
}

static void let_go(struct guest *g, const char *why)
{
	struct console *next;

	for (struct console *c = g->open; c; c = next) {
		next = c->next;
		while (c->viewers)
			viewer_gone(c->viewers, why);
		console_free(c);
	}
	visit_guest_gone(g);
	inventory_remove(g);
	/* A namesake may be the only one now, and shows it. */
	visit_list_changed(false);
}

void hub_guest_lost(struct guest *g)
{
	let_go(g, "the guest was undefined");
}

void hub_guest_forgotten(struct guest *g)
{
	let_go(g, "its host is not in the configuration any more");
}

void hub_host_changed(const char *host)
{
	for (struct guest *g = inventory_next(NULL); g; g = inventory_next(g)) {
		if (strcmp(g->host, host) != 0)
			continue;
		for (struct console *c = g->open; c; c = c->next) {
			line_update(c);
			hub_tell(c);
		}
	}
	visit_list_changed(true);
}
