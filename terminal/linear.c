/* SPDX-License-Identifier: ISC */
/* See linear.h. Pure. */
#include "terminal/linear.h"

#include <stdlib.h>
#include <string.h>

struct linear *linear_new(void)
{
	struct linear *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	readable_init(&l->readable);
	buf_init(&l->text, READABLE_TEXT_MAX);
	buf_init(&l->shown, READABLE_TEXT_MAX);
	return l;
}

void linear_free(struct linear *l)
{
	if (!l)
		return;
	buf_free(&l->text);
	buf_free(&l->shown);
	free(l);
}

/* Blanks at the end may be only where the cursor passed. */
static size_t seen_length(const struct buf *b)
{
	size_t n = b->len;

	while (n && b->data[n - 1] == ' ')
		n--;
	return n;
}

bool linear_goes_on(struct linear *l)
{
	buf_clear(&l->text);
	readable_text(&l->readable, &l->text);
	return l->text.len >= l->shown.len &&
	       (!l->shown.len || memcmp(l->text.data, l->shown.data, l->shown.len) == 0);
}

/* The line goes on from what was printed of it, or it is another one by now. */
static void show(struct linear *l, struct buf *out)
{
	size_t old = seen_length(&l->shown);

	if (linear_goes_on(l)) {
		buf_append(out, l->text.data + l->shown.len, l->text.len - l->shown.len);
	} else if (l->text.len < old || memcmp(l->text.data, l->shown.data, old) != 0) {
		if (l->text.len)
			buf_append_str(out, "\r\n");
		buf_append(out, l->text.data, l->text.len);
	}
	buf_clear(&l->shown);
	buf_append(&l->shown, l->text.data, l->text.len);
}

void linear_feed(struct linear *l, const uint8_t *data, size_t len, struct buf *out)
{
	size_t used = 0;

	while (used < len) {
		enum readable_event event;

		used += readable_feed(&l->readable, data + used, len - used, &event);
		if (event != READABLE_LINE && event != READABLE_CUT)
			continue;
		show(l, out);
		if (event == READABLE_LINE)
			buf_append_str(out, "\r\n");
		buf_clear(&l->shown);
	}
}

void linear_pause(struct linear *l, struct buf *out)
{
	if (!l->readable.is_over)
		show(l, out);
}
