/* SPDX-License-Identifier: ISC */
/* See talk.h. Pure. */
#include "terminal/talk.h"

#include <string.h>

#include "ipc/text.h"

void talk_init(struct talk *t, struct buf *out, unsigned rows, unsigned cols, bool is_utf8)
{
	*t = (struct talk){ .out = out, .is_utf8 = is_utf8 };
	buf_init(&t->waiting, TALK_WAITING_MAX);
	bottom_init(&t->bottom, rows, cols);
	track_init(&t->track, &t->bottom);
}

/* What stands where after that is up to the terminal, until the guest paints again. */
void talk_resize(struct talk *t, unsigned rows, unsigned cols)
{
	if (track_is_alternate(&t->track))
		bottom_enter(&t->bottom, rows, cols, false);
	else
		bottom_init(&t->bottom, rows, cols);
	t->has_bottom = false;
}

void talk_free(struct talk *t)
{
	buf_free(&t->waiting);
	bottom_free(&t->bottom);
}

/* The cursor's place is known for sure, so that it need not be saved where the guest has its own.
 */
static bool is_exact(const struct bottom *b)
{
	return b->cursor.row && b->cursor.col && b->cursor.col <= b->cols && !b->is_drawing;
}

static void to_bottom(struct talk *t)
{
	if (!is_exact(&t->bottom))
		buf_append_str(t->out, "\0337\017\033(B");
	buf_printf(t->out, "\033[?6l\033[%u;1H\033[m\033[K", t->bottom.rows);
}

static void from_bottom(struct talk *t)
{
	const struct bottom *b = &t->bottom;
	unsigned row = b->cursor.row;

	if (!is_exact(b)) {
		buf_append_str(t->out, "\0338");
		return;
	}
	if (b->cursor.has_origin) {
		buf_append_str(t->out, "\033[?6h");
		row -= b->top - 1;
	}
	buf_printf(t->out, "\033[%u;%uH", row, b->cursor.col);
	style_print(t->out, &b->cursor.style);
}

static void put_bottom(struct talk *t, const char *line, size_t len)
{
	char text[1024];
	size_t n = len < sizeof(text) - 1 ? len : sizeof(text) - 1;

	memcpy(text, line, n);
	text[n] = '\0';
	n = text_fit(text, t->bottom.cols > 1 ? t->bottom.cols - 1 : 1);
	to_bottom(t);
	buf_printf(t->out, "\033[7m%.*s\033[m", (int)n, text);
	from_bottom(t);
	t->has_bottom = true;
}

/* How much of the line stands in the next row: up to a blank, if there is one to break at. */
static size_t row_length(const char *line, size_t len, unsigned cols)
{
	char text[1024];
	size_t n = len < sizeof(text) - 1 ? len : sizeof(text) - 1;

	memcpy(text, line, n);
	text[n] = '\0';
	n = text_fit(text, cols);
	if (n >= len || n == 0)
		return len;
	for (size_t at = n; at > n / 2; at--)
		if (line[at] == ' ')
			return at;
	return n;
}

/* A line that is longer than the window goes on below, further in. */
static size_t put_rows(const struct talk *t, const char *line, size_t len, struct buf *out)
{
	unsigned cols = t->bottom.cols, indent = 0;
	size_t rows = 1;

	for (;;) {
		size_t n = row_length(line, len, cols - indent);

		if (out)
			buf_append(out, line, n);
		while (n < len && line[n] == ' ')
			n++;
		line += n;
		len -= n;
		if (!len)
			return rows;
		indent = cols > 20 ? 2 : 0;
		if (out)
			buf_append_str(out, indent ? "\r\n  " : "\r\n");
		rows++;
	}
}

size_t talk_rows(const struct talk *t, const char *line, size_t len)
{
	return put_rows(t, line, len, NULL);
}

static void put_line(struct talk *t, const char *line, size_t len)
{
	if (track_is_alternate(&t->track)) {
		put_bottom(t, line, len);
		return;
	}
	buf_append_str(t->out, t->track.is_dirty ? "\r\n" : t->track.at_start ? "" : "\r");
	put_rows(t, line, len, t->out);
	buf_append_str(t->out, "\r\n");
	t->track.at_start = true;
	t->track.is_dirty = false;
}

static void put_waiting(struct talk *t)
{
	const char *at = (const char *)t->waiting.data;
	size_t left = t->waiting.len;

	while (left) {
		const char *end = memchr(at, '\n', left);
		size_t n = end ? (size_t)(end - at) : left;

		put_line(t, at, n);
		n += end != NULL;
		at += n;
		left -= n;
	}
	buf_clear(&t->waiting);
}

int talk_guest(struct talk *t, const uint8_t *data, size_t len)
{
	size_t n = 0;

	while (t->waiting.len && n < len) {
		track_feed(&t->track, data + n++, 1);
		if (!track_is_between(&t->track))
			continue;
		if (buf_append(t->out, data, n) < 0)
			return -1;
		put_waiting(t);
		data += n;
		len -= n;
		n = 0;
	}
	track_feed(&t->track, data + n, len - n);
	return buf_append(t->out, data, len);
}

void talk_lines(struct talk *t, const char *lines, size_t len)
{
	buf_append(&t->waiting, lines, len);
	if (track_is_between(&t->track))
		put_waiting(t);
}

bool talk_is_waiting(const struct talk *t)
{
	return t->waiting.len;
}

void talk_press(struct talk *t)
{
	static const uint8_t cancel = 0x18;        /* CAN */

	if (!t->waiting.len)
		return;
	track_feed(&t->track, &cancel, 1);
	buf_append(t->out, &cancel, 1);
	put_waiting(t);
}

void talk_clear_bottom(struct talk *t)
{
	if (t->has_bottom && track_is_alternate(&t->track) && track_is_between(&t->track)) {
		to_bottom(t);
		bottom_print(&t->bottom, t->out);
		from_bottom(t);
	}
	t->has_bottom = false;
}

void talk_leave(struct talk *t, bool is_sure)
{
	bool at_start = t->track.at_start && !t->track.is_dirty && is_sure &&
			!track_is_alternate(&t->track);

	track_reset(&t->track, t->out, is_sure);
	if (!at_start)
		buf_append_str(t->out, "\r\n");
	buf_clear(&t->waiting);
	t->has_bottom = false;
}
