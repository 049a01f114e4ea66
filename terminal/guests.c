/* SPDX-License-Identifier: ISC */
/* See guests.h. Two sorted arrays of pointers to the same guests. Pure: memory only. */
#include "terminal/guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_words[] = {
	[GUEST_UNKNOWN] = "unknown",
	[GUEST_RUNNING] = "running",
	[GUEST_PAUSED] = "paused",
	[GUEST_SHUTTING_DOWN] = "shutting down",
	[GUEST_OFF] = "off",
	[GUEST_CRASHED] = "crashed",
	[GUEST_SUSPENDED] = "suspended",
};
_Static_assert(sizeof(state_words) / sizeof(state_words[0]) == GUEST_STATE_COUNT,
	       "a word for each");

const char *guest_state_word(uint8_t state)
{
	return state_words[state < GUEST_STATE_COUNT ? state : GUEST_UNKNOWN];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int guest_compare_names(const char *a, const char *b)
{
	const char *a0 = a, *b0 = b;

	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			size_t na, nb;
			int r;

			while (*a == '0')
				a++;
			while (*b == '0')
				b++;
			na = strspn(a, "0123456789");
			nb = strspn(b, "0123456789");
			if (na != nb)
				return na < nb ? -1 : 1;
			r = strncmp(a, b, na);
			if (r)
				return r;
			a += na;
			b += nb;
		} else if (*a != *b) {
			break;
		} else {
			a++;
			b++;
		}
	}
	if (*a || *b)
		return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
	return strcmp(a0, b0);                     /* web1 and web01 differ */
}

static int compare_ids(const struct guest *a, const uint8_t *uuid, const char *host)
{
	int r = memcmp(a->uuid, uuid, UUID_SIZE);

	return r ? r : strcmp(a->host, host);
}

static int compare_names(const struct guest *a, const struct guest *b)
{
	int r = guest_compare_names(a->name, b->name);

	if (r == 0)
		r = guest_compare_names(a->host, b->host);
	return r ? r : memcmp(a->uuid, b->uuid, UUID_SIZE);
}

void guests_init(struct guests *g)
{
	*g = (struct guests){ 0 };
}

void guests_free(struct guests *g)
{
	for (size_t i = 0; i < g->count; i++)
		free(g->by_id[i]);
	free(g->by_id);
	free(g->by_name);
	guests_init(g);
}

/* First place in by_id that is not before (uuid, host); *found: it is exactly that. */
static size_t seek_id(const struct guests *g, const uint8_t *uuid, const char *host, bool *found)
{
	size_t low = 0, high = g->count;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int r = compare_ids(g->by_id[mid], uuid, host);

		if (r == 0)
			*found = true;
		if (r < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* First of `count` places in by_name that is not before which. */
static size_t seek_name(const struct guests *g, size_t count, const struct guest *which)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_names(g->by_name[mid], which) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const char *put_text(char **at, const char *text)
{
	char *start = *at;
	size_t size = strlen(text) + 1;

	memcpy(start, text, size);
	*at += size;
	return start;
}

static struct guest *guest_new(const struct msg_guest *m)
{
	struct guest *n;
	char *at;

	n = malloc(sizeof(*n) + strlen(m->host) + strlen(m->name) + strlen(m->holder) +
		   strlen(m->consoles) + strlen(m->displays) + 5);
	if (!n)
		return NULL;
	memcpy(n->uuid, m->uuid, UUID_SIZE);
	n->viewers = m->viewers;
	n->state = m->state;
	n->is_unique = m->unique;
	at = n->text;
	n->host = put_text(&at, m->host);
	n->name = put_text(&at, m->name);
	n->holder = put_text(&at, m->holder);
	n->consoles = put_text(&at, m->consoles);
	n->displays = put_text(&at, m->displays);
	return n;
}

static int grow(struct guests *g)
{
	size_t room = g->room ? g->room * 2 : 16;
	struct guest **by_id, **by_name;

	if (g->count < g->room)
		return 0;
	if (room > GUESTS_MAX)
		return -1;
	by_id = realloc(g->by_id, room * sizeof(*by_id));
	if (!by_id)
		return -1;
	g->by_id = by_id;
	by_name = realloc(g->by_name, room * sizeof(*by_name));
	if (!by_name)
		return -1;
	g->by_name = by_name;
	g->room = room;
	return 0;
}

static void take_out(struct guest **array, size_t count, size_t at)
{
	memmove(array + at, array + at + 1, (count - at - 1) * sizeof(*array));
}

static void put_at(struct guest **array, size_t count, size_t at, struct guest *which)
{
	memmove(array + at + 1, array + at, (count - at) * sizeof(*array));
	array[at] = which;
}

int guests_put(struct guests *g, const struct msg_guest *m)
{
	struct guest *n, *old;
	bool found;
	size_t id = seek_id(g, m->uuid, m->host, &found), place;

	if (!found && grow(g) < 0)
		return -1;
	n = guest_new(m);
	if (!n)
		return -1;
	n->round = g->round;
	if (found) {
		old = g->by_id[id];
		place = seek_name(g, g->count, old);
		g->by_id[id] = n;
		if (strcmp(old->name, n->name) == 0) {
			g->by_name[place] = n;
		} else {
			take_out(g->by_name, g->count, place);
			put_at(g->by_name, g->count - 1, seek_name(g, g->count - 1, n), n);
		}
		free(old);
		return 0;
	}
	put_at(g->by_id, g->count, id, n);
	put_at(g->by_name, g->count, seek_name(g, g->count, n), n);
	g->count++;
	return 0;
}

void guests_remove(struct guests *g, const uint8_t uuid[UUID_SIZE], const char *host)
{
	bool found;
	size_t id = seek_id(g, uuid, host, &found);
	struct guest *old;

	if (!found)
		return;
	old = g->by_id[id];
	take_out(g->by_name, g->count, seek_name(g, g->count, old));
	take_out(g->by_id, g->count, id);
	g->count--;
	free(old);
}

void guests_begin(struct guests *g)
{
	g->round++;
}

void guests_end(struct guests *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->count; i++)
		if (g->by_name[i]->round == g->round)
			g->by_name[kept++] = g->by_name[i];
	kept = 0;
	for (size_t i = 0; i < g->count; i++) {
		if (g->by_id[i]->round == g->round)
			g->by_id[kept++] = g->by_id[i];
		else
			free(g->by_id[i]);
	}
	g->count = kept;
}

const struct guest *guests_find(const struct guests *g, const uint8_t uuid[UUID_SIZE],
				const char *host)
{
	bool found;
	size_t id = seek_id(g, uuid, host, &found);

	return found ? g->by_id[id] : NULL;
}

long guests_place(const struct guests *g, const struct guest *which)
{
	return (long)seek_name(g, g->count, which);
}

long guests_find_label(const struct guests *g, const char *label)
{
	const char *slash = strchr(label, '/');
	const char *name = slash ? slash + 1 : label;
	struct guest probe = { .name = name, .host = "" };
	char own[GUESTS_LABEL_SIZE];

	for (size_t i = seek_name(g, g->count, &probe);
	     i < g->count && strcmp(g->by_name[i]->name, name) == 0; i++) {
		snprintf(own, sizeof(own), "%s/%s", g->by_name[i]->host, name);
		if (strcmp(own, label) == 0 || (!slash && g->by_name[i]->is_unique))
			return (long)i;
	}
	return -1;
}

void guest_label(char out[GUESTS_LABEL_SIZE], const struct guest *g)
{
	if (g->is_unique)
		snprintf(out, GUESTS_LABEL_SIZE, "%s", g->name);
	else
		snprintf(out, GUESTS_LABEL_SIZE, "%s/%s", g->host, g->name);
}
