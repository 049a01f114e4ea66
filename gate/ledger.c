/* SPDX-License-Identifier: ISC */
/* See ledger.h. */
#include "gate/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/pack.h"

/* In front of each entry's message: its length, the change, the kind, the time. */
enum { HEAD = 2 + 1 + 1 + 8 };

void ledger_free(struct ledger *l)
{
	free(l->entries);
	free(l->next);
	*l = (struct ledger){ 0 };
}

static size_t chain_of(unsigned kind, uint64_t conn, uint64_t attachment)
{
	uint64_t key = (conn * 31 + attachment) * 2 + kind;

	return (size_t)(key * 0x9e3779b97f4a7c15u >> 32) % LEDGER_CHAINS;
}

/* What says where the entry at that place is: the end of its chain, or the entry before it. */
static uint32_t *link_to(struct ledger *l, size_t at)
{
	const struct ledger_entry *e = &l->entries[at];
	uint32_t *link = &l->first[chain_of(e->kind, e->who.conn, e->who.attachment)];

	while (*link != at + 1)
		link = &l->next[*link - 1];
	return link;
}

const struct ledger_entry *ledger_find(const struct ledger *l, enum ledger_kind kind,
				       uint64_t conn, uint64_t attachment)
{
	for (uint32_t at = l->first[chain_of(kind, conn, attachment)]; at; at = l->next[at - 1]) {
		const struct ledger_entry *e = &l->entries[at - 1];

		if (e->kind == kind && e->who.conn == conn && e->who.attachment == attachment)
			return e;
	}
	return NULL;
}

/* Room for one more. 0, or -1. */
static int make_room(struct ledger *l)
{
	size_t cap = l->cap ? l->cap * 2 : 16;
	void *grown;

	if (l->count == LEDGER_MAX)
		return -1;
	if (l->count < l->cap)
		return 0;
	grown = realloc(l->entries, cap * sizeof(*l->entries));
	if (!grown)
		return -1;
	l->entries = grown;
	grown = realloc(l->next, cap * sizeof(*l->next));
	if (!grown)
		return -1;
	l->next = grown;
	l->cap = cap;
	return 0;
}

int ledger_begin(struct ledger *l, const struct ledger_entry *e)
{
	const struct ledger_entry *old = ledger_find(l, e->kind, e->who.conn, e->who.attachment);
	uint32_t *first = &l->first[chain_of(e->kind, e->who.conn, e->who.attachment)];

	if (old)
		ledger_remove(l, (size_t)(old - l->entries));
	if (make_room(l) < 0)
		return -1;
	l->entries[l->count] = *e;
	l->next[l->count] = *first;
	*first = (uint32_t)++l->count;
	return 0;
}

void ledger_remove(struct ledger *l, size_t at)
{
	size_t last = l->count - 1;

	*link_to(l, at) = l->next[at];
	if (at < last) {
		*link_to(l, last) = (uint32_t)at + 1;
		l->next[at] = l->next[last];
		l->entries[at] = l->entries[last];
	}
	l->count = last;
}

/* It stands in files that another version wrote; so does the form of its fields. */
_Static_assert(MSG_AUDIT == 15, "new messages go to the end, or the header gets another number");

size_t ledger_encode(uint8_t *out, size_t size, enum ledger_change change,
		     const struct ledger_entry *e)
{
	int n = size > HEAD ? message_encode(out + HEAD, size - HEAD, MSG_AUDIT, &e->who) : -1;

	if (n < 0)
		return 0;
	pack_store(out, (uint64_t)n, 2);
	out[2] = (uint8_t)change;
	out[3] = e->kind;
	pack_store(out + 4, e->began, 8);
	return HEAD + (size_t)n;
}

static int load_entry(struct ledger *l, const uint8_t *in, size_t len)
{
	struct ledger_entry e = { .kind = in[3], .began = pack_load(in + 4, 8) };
	const struct ledger_entry *old;
	struct message m = { 0 };

	if (e.kind != LEDGER_LOGIN && e.kind != LEDGER_ATTACHMENT)
		return -1;
	if (message_decode(&m, in + HEAD, len - HEAD) < 0 || m.type != MSG_AUDIT)
		return -1;
	e.who = m.u.audit;
	if (in[2] == LEDGER_BEGINS)
		return ledger_begin(l, &e);
	if (in[2] != LEDGER_ENDS)
		return -1;
	old = ledger_find(l, e.kind, e.who.conn, e.who.attachment);
	if (old)
		ledger_remove(l, (size_t)(old - l->entries));
	return 0;
}

int ledger_load(struct ledger *l, const uint8_t *data, size_t len)
{
	const size_t header = strlen(LEDGER_HEADER);

	if (len < header || memcmp(data, LEDGER_HEADER, header) != 0)
		return -1;
	for (size_t at = header; at < len;) {
		size_t n = len - at >= HEAD ? HEAD + (size_t)pack_load(data + at, 2) : len;

		if (n > len - at || n <= HEAD || load_entry(l, data + at, n) < 0)
			return -1;
		at += n;
	}
	return 0;
}
