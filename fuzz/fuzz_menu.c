/* SPDX-License-Identifier: ISC */
/*
 * The menu under any keys, names and sizes: the selection is always one of the list, and what
 * is painted holds no control character but those of the painter.
 */
#include <stdlib.h>
#include <string.h>

#include "terminal/sketch.h"

static struct guests guests;
static struct menu menu;
static struct keys keys;

static void change(const uint8_t *data, size_t size)
{
	struct msg_guest m = { .unique = data[0] & 1, .state = data[0] >> 4, .viewers = data[1] };

	m.uuid[0] = data[0] % 16;
	for (size_t i = 2, n = 0; i < size && n < 40; i++)
		if (data[i])
			m.name[n++] = (char)data[i];
	if (data[1] % 4 == 0)
		guests_remove(&guests, m.uuid, m.host);
	else
		guests_put(&guests, &m);
	menu_changed(&menu);
}

static void press(const uint8_t *data, size_t size)
{
	struct key key;

	for (size_t used = 0; used < size; menu_key(&menu, &key))
		used += keys_feed(&keys, data + used, size - used, &key);
}

static void check(const struct buf *out)
{
	if (menu.count ? menu.selected >= menu.count || !menu_selected(&menu) : menu.selected)
		abort();
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] < 0x20 &&
		    (out->data[i] != 0x1b || i + 1 == out->len || out->data[i + 1] != '['))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sketch s = { size & 1, size & 2 };
	struct rows rows;
	struct buf out;

	rows_init(&rows);
	buf_init(&out, 1 << 24);
	menu_init(&menu, &guests, "alice", 24, 80);
	menu.is_loaded = true;
	for (size_t at = 0, n; at + 3 <= size; at += n) {
		n = data[at + 1] % 32 + 3u < size - at ? data[at + 1] % 32 + 3u : size - at;
		if (data[at] % 4 == 0) {
			menu_resize(&menu, data[at + 1] + 1u, data[at + 2] + 1u);
			rows_resize(&rows, menu.rows);
		} else if (data[at] % 4 == 1) {
			change(data + at, n);
		} else {
			press(data + at, n);
		}
		buf_clear(&out);
		sketch_menu(&s, &menu, &rows, &out);
		check(&out);
	}
	buf_free(&out);
	rows_free(&rows);
	menu_free(&menu);
	guests_free(&guests);
	return 0;
}
