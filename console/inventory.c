/* SPDX-License-Identifier: ISC */
/* See inventory.h. Two search trees (tsearch(3)): by host and UUID, and names with counts. */
#include "console/inventory.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct name_count {
	char name[GUEST_MAX + 1];
	unsigned count;
};

static struct guest list = { .prev = &list, .next = &list };
static uint64_t last_seq;
static unsigned count;
static void *by_uuid;
static void *names;

static int compare_uuids(const void *a, const void *b)
{
	const struct guest *x = a, *y = b;
	int r = memcmp(x->uuid, y->uuid, UUID_SIZE);

	return r ? r : strcmp(x->host, y->host);
}

static int compare_names(const void *a, const void *b)
{
	const struct name_count *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct name_count *count_of(const char *name)
{
	struct name_count key;
	void **found;

	strcpy(key.name, name);
	found = tfind(&key, &names, compare_names);
	return found ? *found : NULL;
}

static void touch_namesakes(const char *name)
{
	uint64_t until = last_seq;

	/* Those that are touched move behind `until`, so each is met once. */
	for (struct guest *g = list.next, *next; g != &list && g->seq <= until; g = next) {
		next = g->next;
		if (strcmp(g->name, name) == 0)
			inventory_touch(g);
	}
}

static int add_name(const char *name)
{
	struct name_count *n = count_of(name);

	if (!n) {
		n = calloc(1, sizeof(*n));
		if (!n)
			return -1;
		strcpy(n->name, name);
		if (!tsearch(n, &names, compare_names)) {
			free(n);
			return -1;
		}
	}
	if (++n->count == 2)
		touch_namesakes(name);
	return 0;
}

static void drop_name(const char *name)
{
	struct name_count *n = count_of(name);

	if (!n)
		return;
	n->count--;
	if (n->count == 1)
		touch_namesakes(name);
	if (n->count == 0) {
		tdelete(n, &names, compare_names);
		free(n);
	}
}

bool inventory_is_unique(const struct guest *g)
{
	const struct name_count *n = count_of(g->name);

	return n && n->count == 1;
}

static void unlink_guest(struct guest *g)
{
	g->prev->next = g->next;
	g->next->prev = g->prev;
}

static void link_last(struct guest *g)
{
	g->seq = ++last_seq;
	g->prev = list.prev;
	g->next = &list;
	list.prev->next = g;
	list.prev = g;
}

void inventory_touch(struct guest *g)
{
	unlink_guest(g);
	link_last(g);
}

void inventory_touch_all(void)
{
	for (struct guest *g = list.next; g != &list; g = g->next)
		g->seq = ++last_seq;
}

struct guest *inventory_after(uint64_t seq)
{
	struct guest *g;

	if (seq == 0)
		return list.next == &list ? NULL : list.next;
	/* Mostly the newest few are wanted: from the end backwards. */
	for (g = list.prev; g != &list && g->seq > seq; g = g->prev)
		;
	return g->next == &list ? NULL : g->next;
}

struct guest *inventory_next(const struct guest *g)
{
	struct guest *next = g ? g->next : list.next;

	return next == &list ? NULL : next;
}

struct guest *inventory_find(const char *host, const uint8_t uuid[UUID_SIZE])
{
	struct guest key;
	void **found;

	memcpy(key.uuid, uuid, UUID_SIZE);
	strcpy(key.host, host);
	found = tfind(&key, &by_uuid, compare_uuids);
	return found ? *found : NULL;
}

static struct guest *add_guest(const char *host, const struct msg_domain *d)
{
	struct guest *g = count < INVENTORY_MAX ? calloc(1, sizeof(*g)) : NULL;

	if (!g)
		return NULL;
	memcpy(g->uuid, d->uuid, UUID_SIZE);
	strcpy(g->host, host);
	strcpy(g->name, d->name);
	if (add_name(d->name) < 0)
		goto fail;
	if (!tsearch(g, &by_uuid, compare_uuids))
		goto fail_name;
	link_last(g);
	count++;
	return g;
fail_name:
	drop_name(d->name);
fail:
	free(g);
	return NULL;
}

static unsigned differences(const struct guest *g, const struct msg_domain *d)
{
	unsigned changed = 0;

	if (g->state != (enum guest_state)d->state)
		changed |= GUEST_STATE_CHANGED;
	if (g->cause != (enum guest_cause)d->cause)
		changed |= GUEST_CAUSE_CHANGED;
	if (g->id != d->id)
		changed |= GUEST_RUN_CHANGED;
	if (strcmp(g->name, d->name) != 0)
		changed |= GUEST_RENAMED;
	if (d->reset)
		changed |= GUEST_WAS_RESET;
	if (strcmp(g->consoles, d->consoles) != 0 || strcmp(g->displays, d->displays) != 0)
		changed |= GUEST_DEVICES_CHANGED;
	return changed;
}

struct guest *inventory_set(const char *host, const struct msg_domain *d, unsigned *changed)
{
	struct guest *g = inventory_find(host, d->uuid);

	*changed = 0;
	if (!g) {
		g = add_guest(host, d);
		if (!g)
			return NULL;
		*changed = GUEST_IS_NEW;
	}
	*changed |= differences(g, d);
	g->listed = true;
	if (*changed & GUEST_RENAMED) {
		char old[GUEST_MAX + 1];

		strcpy(old, g->name);
		if (add_name(d->name) < 0)
			return NULL;
		strcpy(g->name, d->name);
		drop_name(old);
	}
	g->state = d->state < GUEST_STATE_COUNT ? (enum guest_state)d->state : GUEST_UNKNOWN;
	g->cause = d->cause < CAUSE_COUNT ? (enum guest_cause)d->cause : CAUSE_NONE;
	g->resets = *changed & GUEST_RUN_CHANGED ? 0 : g->resets + (d->reset ? 1 : 0);
	g->id = d->id;
	strcpy(g->consoles, d->consoles);
	strcpy(g->displays, d->displays);
	if (*changed)
		inventory_touch(g);
	return g;
}

void inventory_remove(struct guest *g)
{
	if (!g)
		return;
	unlink_guest(g);
	tdelete(g, &by_uuid, compare_uuids);
	drop_name(g->name);
	free(g);
	count--;
}

void inventory_begin(const char *host)
{
	for (struct guest *g = list.next; g != &list; g = g->next)
		if (strcmp(g->host, host) == 0)
			g->listed = false;
}

void inventory_end(const char *host, void (*lost)(struct guest *g))
{
	struct guest **gone = calloc(count + 1, sizeof(*gone));
	size_t n = 0;

	/* All of them first: a removal may move namesakes about. */
	for (struct guest *g = list.next; gone && g != &list; g = g->next)
		if (!g->listed && strcmp(g->host, host) == 0)
			gone[n++] = g;
	for (size_t i = 0; i < n; i++)
		lost(gone[i]);
	free(gone);
}
