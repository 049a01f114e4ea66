/* SPDX-License-Identifier: ISC */
/* Any bytes as the index of a log: places in it are found or not, and lines mean what they say. */
#include <stdlib.h>
#include <string.h>

#include "ipc/disk_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	char again[DISK_INDEX_LINE_SIZE];
	struct disk_index_line l, m;
	uint64_t epoch, offset;
	size_t at = 0, n, zero;

	while (disk_index_next(text, size, &at, &l)) {
		n = disk_index_write(again, &l);
		zero = 0;
		if (at > size || !disk_index_next(again, n, &zero, &m) || zero != n ||
		    m.kind != l.kind || m.value != l.value || m.position != l.position ||
		    m.offset != l.offset)
			abort();
		disk_index_find_offset(text, size, l.offset);
		disk_index_find_time(text, size, l.value / 1000);
	}
	n = disk_index_boots(text, size, UINT64_MAX);
	if (disk_index_find_boot(text, size, UINT64_MAX, n) != UINT64_MAX)
		abort();
	disk_index_head(text, size, &epoch, &offset);
	return 0;
}
