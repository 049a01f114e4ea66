/* SPDX-License-Identifier: ISC */
/* What a person types: until the escape key comes every byte reaches the guest unchanged. */
#include <stdlib.h>
#include <string.h>

#include "terminal/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct escape_event ev = {ESCAPE_NOTHING, NULL, 0, 0};
	size_t used = 0, passed = 0, step = size ? data[0] % 7 + 1u : 1;
	struct escape e;

	escape_init(&e, size > 1 && data[1] & 1 ? ESCAPE_KEY_DEFAULT : ESCAPE_KEY_NONE);
	e.has_terminal = size > 2 && data[2] & 1;
	while (!e.is_armed && ev.action <= ESCAPE_REPORT && (used < size || escape_is_holding(&e))) {
		if (used == size)
			escape_flush(&e, &ev);
		else
			used += escape_feed(&e, data + used,
					    size - used < step ? size - used : step, &ev);
		if (ev.action == ESCAPE_BYTES || ev.action == ESCAPE_REPORT) {
			if (passed + ev.len > used || memcmp(data + passed, ev.data, ev.len) != 0)
				abort();
			passed += ev.len;
		} else if (!escape_is_holding(&e) && !e.is_armed && passed < used) {
			if (data[passed] != KEY_ESC) /* its key going up is nobody's business */
				abort();
			passed = used;
		}
	}
	if (!e.is_armed && ev.action <= ESCAPE_REPORT && passed != size)
		abort();
	return 0;
}
