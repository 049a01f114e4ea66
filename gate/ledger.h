/* SPDX-License-Identifier: ISC */
/*
 * What is open: logins and attachments that began and did not end yet, so that the audit
 * can end them, also after a crash. And the state file, a sequence of what began and what
 * ended: its entries are made here and read here, as from a stranger. Pure.
 */
#ifndef GATE_LEDGER_H
#define GATE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum {
	LEDGER_MAX = 16384,              /* entries: what begins beyond is not remembered */
	LEDGER_FILE_MAX = 64 * 1024 * 1024,
	LEDGER_CHAINS = 4096,
};

/* The first bytes of a state file. */
#define LEDGER_HEADER "serialgate open 1\n"

enum ledger_kind { LEDGER_LOGIN = 1, LEDGER_ATTACHMENT };
enum ledger_change { LEDGER_BEGINS = 1, LEDGER_ENDS };

struct ledger_entry {
	uint8_t kind;                    /* enum ledger_kind */
	uint64_t began;                  /* ms since the epoch */
	struct msg_audit who;            /* the key is kind, conn, attachment */
};

/* Zeroed memory is an empty one. */
struct ledger {
	struct ledger_entry *entries;    /* owned */
	size_t count, cap;
	/* Chains of entries by their keys: places in entries and 1 more, 0 the end. */
	uint32_t first[LEDGER_CHAINS];
	uint32_t *next;                  /* owned; of each entry */
};

void ledger_free(struct ledger *l);

/* 0, or -1: it is full, or there is no memory. One with that key is replaced. */
int ledger_begin(struct ledger *l, const struct ledger_entry *e);

/* The entry with that key; NULL: there is none. Valid until the next change. */
const struct ledger_entry *ledger_find(const struct ledger *l, enum ledger_kind kind,
				       uint64_t conn, uint64_t attachment);

/* Takes out the entry at that place; another one has the place then. */
void ledger_remove(struct ledger *l, size_t at);

/* One entry of a state file into out (RECORD_ENTRY_MAX bytes are enough). Its length. */
size_t ledger_encode(uint8_t *out, size_t size, enum ledger_change change,
		     const struct ledger_entry *e);

/*
 * Reads a state file into l. 0, or -1: it is none, or it breaks off or is broken somewhere;
 * what came before that is in l.
 */
int ledger_load(struct ledger *l, const uint8_t *data, size_t len);

#endif
