/* SPDX-License-Identifier: ISC */
/* See ledger.h. */
#include "gate/ledger.h"

#include <stdlib.h>
#include <string.h>

/* In front of each entry's message: its length, the change, the kind, the time. */
enum { HEAD = 2 + 1 + 1 + 8 };

void ledger_free(struct ledger *l)
{
	free(l->entries);
	*l = (struct ledger){ 0 };
}

const struct ledger_entry *ledger_find(const struct ledger *l, enum ledger_kind kind,
				       uint64_t conn, uint64_t attachment)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct ledger_entry *e = &l->entries[i];

		if (e->kind == kind && e->who.conn == conn && e->who.attachment == attachment)
			return e;
	}
	return NULL;
}

int ledger_begin(struct ledger *l, const struct ledger_entry *e)
{
	const struct ledger_entry *old = ledger_find(l, e->kind, e->who.conn, e->who.attachment);
	struct ledger_entry *grown;
	size_t cap = l->cap ? l->cap * 2 : 16;

	if (old)
		ledger_remove(l, (size_t)(old - l->entries));
	if (l->count == LEDGER_MAX)
		return -1;
	if (l->count == l->cap) {
		grown = realloc(l->entries, cap * sizeof(*grown));
		if (!grown)
			return -1;
		l->entries = grown;
		l->cap = cap;
	}
	l->entries[l->count++] = *e;
	return 0;
}

void ledger_remove(struct ledger *l, size_t at)
{
	l->count--;
	if (at < l->count)
		l->entries[at] = l->entries[l->count];
}

static void put(uint8_t *out, uint64_t value, size_t bytes)
{
	for (size_t i = bytes; i > 0; i--, value >>= 8)
		out[i - 1] = (uint8_t)value;
}

static uint64_t get(const uint8_t *in, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | in[i];
	return value;
}

size_t ledger_encode(uint8_t *out, size_t size, enum ledger_change change,
		     const struct ledger_entry *e)
{
	int n = size > HEAD ? message_encode(out + HEAD, size - HEAD, MSG_AUDIT, &e->who) : -1;

	if (n < 0)
		return 0;
	put(out, (uint64_t)n, 2);
	out[2] = (uint8_t)change;
	out[3] = e->kind;
	put(out + 4, e->began, 8);
	return HEAD + (size_t)n;
}

static int load_entry(struct ledger *l, const uint8_t *in, size_t len)
{
	struct ledger_entry e = { .kind = in[3], .began = get(in + 4, 8) };
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
		size_t n = len - at >= HEAD ? HEAD + (size_t)get(data + at, 2) : len;

		if (n > len - at || n <= HEAD || load_entry(l, data + at, n) < 0)
			return -1;
		at += n;
	}
	return 0;
}
