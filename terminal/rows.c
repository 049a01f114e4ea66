/* SPDX-License-Identifier: ISC */
/* See rows.h. Pure. */
#include "terminal/rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void rows_init(struct rows *r)
{
	*r = (struct rows){ 0 };
}

static void forget(struct rows *r)
{
	for (unsigned i = 0; i < r->count; i++) {
		free(r->last[i]);
		r->last[i] = NULL;
	}
	r->shown_row = r->shown_col = UINT16_MAX;
}

void rows_free(struct rows *r)
{
	forget(r);
	free(r->last);
	rows_init(r);
}

void rows_enter(struct rows *r, struct buf *out)
{
	forget(r);
	r->is_entered = true;
	/* Without wrapping a row that is a column too wide for this terminal stays one row. */
	buf_append_str(out, "\033[?1049h\033[m\033[H\033[2J\033[?7l\033[?25l");
}

void rows_leave(struct rows *r, struct buf *out)
{
	forget(r);
	r->is_entered = false;
	/* A terminal with one screen only (TERM=linux) goes on below the list, on a row of its own. */
	buf_append_str(out, "\033[m\033[?7h\033[?25h\r\033[K\033[?1049l");
}

int rows_resize(struct rows *r, unsigned count)
{
	char **last;

	forget(r);
	if (count > ROWS_MAX)
		count = ROWS_MAX;
	last = realloc(r->last, count * sizeof(*last));
	if (!last) {
		r->count = 0;
		return -1;
	}
	memset(last, 0, count * sizeof(*last));
	r->last = last;
	r->count = count;
	return 0;
}

/* All of a row or nothing of it: what does not fit is painted when there is room again. */
static bool paint(struct buf *out, unsigned row, const char *text)
{
	size_t before = out->len;

	/* Erased first: behind a full row the cursor still stands on its last column. */
	buf_printf(out, "\033[%u;1H\033[K", row + 1);
	buf_append_str(out, text);
	if (out->full)
		out->len = before;
	return !out->full;
}

void rows_put(struct rows *r, struct buf *out, unsigned row, const char *text)
{
	bool is_painted;

	if (row < r->count && r->last[row] && strcmp(r->last[row], text) == 0)
		return;
	is_painted = paint(out, row, text);
	r->shown_row = UINT16_MAX;
	if (row < r->count) {
		free(r->last[row]);
		r->last[row] = is_painted ? strdup(text) : NULL;
	}
}

void rows_end(struct rows *r, struct buf *out)
{
	if (r->cursor_row == r->shown_row && r->cursor_col == r->shown_col)
		return;
	if (r->cursor_row)
		buf_printf(out, "\033[%u;%uH\033[?25h", r->cursor_row, r->cursor_col);
	else
		buf_append_str(out, "\033[?25l");
	r->shown_row = r->cursor_row;
	r->shown_col = r->cursor_col;
}
