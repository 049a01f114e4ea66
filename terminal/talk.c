/* SPDX-License-Identifier: ISC */
/* See talk.h. Pure. */
#include "terminal/talk.h"

#include <string.h>

#include "ipc/text.h"

void talk_init(struct talk *t, struct buf *out, unsigned rows, unsigned cols, bool is_utf8)
{
	*t = (struct talk){ .out = out, .rows = rows, .cols = cols, .is_utf8 = is_utf8 };
	buf_init(&t->waiting, TALK_WAITING_MAX);
	track_init(&t->track);
}

void talk_free(struct talk *t)
{
	buf_free(&t->waiting);
}

/* Saves the guest's cursor, colours and origin mode, and gives them back. */
static void put_bottom(struct talk *t, const char *line, size_t len)
{
	char text[1024];
	size_t n = len < sizeof(text) - 1 ? len : sizeof(text) - 1;

	memcpy(text, line, n);
	text[n] = '\0';
	n = text_fit(text, t->cols > 1 ? t->cols - 1 : 1);
	buf_printf(t->out, "\0337\033[?6l\033[%u;1H\033[0;7m%.*s\033[0m\033[K\0338", t->rows,
		   (int)n, text);
	t->has_bottom = n > 0;
}

static void put_line(struct talk *t, const char *line, size_t len)
{
	if (track_is_alternate(&t->track)) {
		put_bottom(t, line, len);
		return;
	}
	buf_append_str(t->out, t->track.is_dirty ? "\r\n" : t->track.at_start ? "" : "\r");
	buf_append(t->out, line, len);
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
	if (t->has_bottom && track_is_alternate(&t->track) && track_is_between(&t->track))
		put_bottom(t, "", 0);
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
