/* SPDX-License-Identifier: ISC */
/* See hub.h: news of guests, and what they print, reaches consoles here. */
#include "console/hub.h"

#include <string.h>
#include <time.h>

#include "console/host.h"
#include "console/listing.h"
#include "console/logging.h"
#include "console/moves.h"
#include "ipc/clock.h"

/* A hundred viewers who are each woken for every line of a flood would not keep up. */
static uint64_t time_to_merge(uint64_t cost_us)
{
	uint64_t ms = cost_us * MERGE_COST / 1000;

	return ms < MERGE_MS ? MERGE_MS : ms > MERGE_MAX_MS ? MERGE_MAX_MS : ms;
}

static void flush_all(struct console *c)
{
	uint64_t start = clock_us();

	loop_timer_clear(&c->merge);
	c->flushed = c->ring.head;
	c->flushed_at = loop_now();
	c->is_awaited = false;
	for (struct viewer *v = c->viewers; v; v = v->next)
		output_flush(v);
	c->merge_ms = time_to_merge(clock_us() - start);
}

static void merge_due(void *owner)
{
	flush_all(owner);
}

static bool is_due(const struct console *c)
{
	if (c->is_awaited || loop_now() - c->flushed_at >= c->merge_ms)
		return true;
	return c->merge_ms == MERGE_MS && c->ring.head - c->flushed >= MERGE_BYTES;
}

/* The first byte goes out at once, and what may be an echo. What follows it waits a little. */
void hub_output(struct console *c, struct bytes data)
{
	size_t held = ring_held(&c->ring);

	ring_write(&c->ring, data.data, data.len, clock_date_ms());
	if (is_due(c))
		flush_all(c);
	else if (!loop_timer_is_set(&c->merge))
		loop_timer_set(&c->merge, c->flushed_at + c->merge_ms - loop_now(), merge_due, c);
	logging_output(c);
	/* Last: it may have to go itself. */
	keep_grew(c, held);
}

static void pass_state_on(struct console *c)
{
	c->state_at = c->ring.head;
	for (struct viewer *v = c->viewers; v; v = v->next) {
		v->news |= NEWS_STATE;
		output_flush(v);
	}
}

void hub_tell(struct console *c)
{
	loop_timer_clear(&c->settle);
	c->line.told = c->line.state;
	pass_state_on(c);
}

static bool is_settling(const struct console *c)
{
	return loop_timer_is_set(&c->settle) && c->line.state != LINE_OPEN;
}

enum line_state hub_line_told(const struct console *c)
{
	return is_settling(c) ? c->line.told : c->line.state;
}

/* News of a guest that runs, or of its host, is no news of its line. */
static void tell_of_guest(struct console *c)
{
	if (is_settling(c) && c->guest->id != 0)
		pass_state_on(c);
	else
		hub_tell(c);
}

static void settle_due(void *owner)
{
	struct console *c = owner;

	if (line_is_unclear(c))
		hub_tell_within(c, SETTLE_MS);
	else
		hub_tell(c);
}

void hub_tell_within(struct console *c, unsigned ms)
{
	if (!loop_timer_is_set(&c->settle))
		loop_timer_set(&c->settle, ms, settle_due, c);
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

/* Where a run began whose line may have been opened before the news of it came. */
static uint64_t run_offset(const struct console *c)
{
	const struct ring_boot *last = ring_boot_back(&c->ring, 0);
	bool is_open = c->line.state == LINE_OPEN;

	return is_open && c->line_from > (last ? last->offset : 0) ? c->line_from : c->ring.head;
}

/* It goes on where it was: here, or on another host. */
static bool goes_on(const struct guest *g)
{
	return g->cause == CAUSE_MIGRATING || g->cause == CAUSE_MIGRATED || g->cause == CAUSE_RESTORED;
}

static void note_run(struct console *c)
{
	c->run_at = loop_now();
	if (c->guest->id && goes_on(c->guest)) {
		c->knows_boot = false;
		return;
	}
	c->boot = run_offset(c);
	c->knows_boot = true;
	if (c->guest->id)
		ring_boot(&c->ring, c->boot, (uint64_t)time(NULL));
}

static void note_reset(struct console *c)
{
	const struct ring_boot *last = ring_boot_back(&c->ring, 0);
	uint64_t now = (uint64_t)time(NULL);

	if (!last || c->ring.head - last->offset > SAME_BOOT_BYTES ||
	    now - last->time > SAME_BOOT_SECONDS)
		ring_boot(&c->ring, c->ring.head, now);
}

/* One that was there before we looked did not boot now. */
static void note_boots(struct guest *g, unsigned changed)
{
	if ((changed & GUEST_IS_NEW) && !host_is_up(g->host))
		return;
	for (struct console *c = g->open; c; c = c->next) {
		if (changed & GUEST_RUN_CHANGED)
			note_run(c);
		else if (changed & GUEST_WAS_RESET)
			note_reset(c);
	}
}

void hub_guest_changed(struct guest *g, unsigned changed)
{
	moves_forget(g);
	if (changed)
		listing_changed(false);
	keep_capture(g);
	note_boots(g, changed);
	for (struct console *c = g->open; c; c = c->next) {
		line_news(c);
		if (changed & (GUEST_RUN_CHANGED | GUEST_DEVICES_CHANGED))
			try_line_anew(c);
		line_update(c);
		if (changed & GUEST_RENAMED)
			logging_changed(c);
		if (changed & (GUEST_STATE_CHANGED | GUEST_CAUSE_CHANGED | GUEST_RUN_CHANGED |
			       GUEST_DEVICES_CHANGED | GUEST_RENAMED))
			tell_of_guest(c);
		else if (changed & GUEST_WAS_RESET)
			/* Firmware resets once or twice more on its way up: one line for all. */
			hub_tell_within(c, SETTLE_MS);
	}
	if (changed & (GUEST_IS_NEW | GUEST_STATE_CHANGED | GUEST_CAUSE_CHANGED | GUEST_RUN_CHANGED))
		moves_changed(g);
}

static void let_go(struct guest *g, const char *why)
{
	struct console *next;

	for (struct console *c = g->open; c; c = next) {
		next = c->next;
		while (c->viewers)
			viewer_gone(c->viewers, REFUSED_GONE, why);
		keep_free(c);
	}
	listing_guest_gone(g);
	moves_forget(g);
	inventory_remove(g);
	/* A namesake may be the only one now, and shows it. */
	listing_changed(false);
}

void hub_guest_left(struct guest *g)
{
	if (!moves_gone(g, hub_guest_lost))
		hub_guest_lost(g);
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
			tell_of_guest(c);
		}
	}
	listing_changed(true);
}
