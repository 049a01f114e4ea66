/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as the state file: what is read from it can be written, and means the same when
 * it is read again.
 */
#include <stdlib.h>
#include <string.h>

#include "gate/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t entry[RECORD_ENTRY_MAX + sizeof(LEDGER_HEADER)];
	const size_t header = strlen(LEDGER_HEADER);
	struct ledger l = { 0 };

	ledger_load(&l, data, size);
	memcpy(entry, LEDGER_HEADER, header);
	for (size_t i = 0; i < l.count; i++) {
		const struct ledger_entry *e = &l.entries[i];
		size_t n = ledger_encode(entry + header, RECORD_ENTRY_MAX, LEDGER_BEGINS, e);
		struct ledger one = { 0 };

		if (n == 0 || ledger_load(&one, entry, header + n) < 0 || one.count != 1 ||
		    !ledger_find(&one, (enum ledger_kind)e->kind, e->who.conn, e->who.attachment))
			abort();
		ledger_free(&one);
	}
	ledger_free(&l);
	return 0;
}
