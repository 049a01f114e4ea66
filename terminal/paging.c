/* SPDX-License-Identifier: ISC */
/* See paging.h. */
#include "terminal/paging.h"

#include <stdio.h>
#include <string.h>

#include "ipc/clock.h"
#include "ipc/text.h"
#include "terminal/attach.h"
#include "terminal/keys.h"

/*
 * Over a full-screen program: a page that a key ends, and then the program's screen is painted
 * again. False: it cannot be.
 */
static bool cover(struct session *s)
{
	struct attach *a = &s->attach;
	unsigned rows = s->rows > 2 ? s->rows - 2 : 1;
	char line[1024];
	struct buf page;
	size_t n = 0;
	bool is_shown;

	buf_init(&page, ATTACH_LINES_MAX);
	for (unsigned i = 0; i < rows && n < a->pages.len; i++) {
		const char *text = (const char *)a->pages.data + n;
		const char *end = memchr(text, '\n', a->pages.len - n);
		size_t len = end ? (size_t)(end - text) : a->pages.len - n;

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		line[text_fit(line, s->cols)] = '\0';
		buf_printf(&page, "%s\r\n", line);
		n += len + (end != NULL);
	}
	buf_append_str(&page, n < a->pages.len ? "-- any key: more, q: enough --" : "-- any key: back --");
	is_shown = (a->view.is_covered || track_is_between(&a->talk.track)) &&
		   view_cover(&a->view, page.data, page.len, clock_us());
	buf_free(&page);
	if (is_shown)
		buf_consume(&a->pages, n);
	return is_shown;
}

/* Where that cannot be: one line, in the bottom row, which says that there are others. */
static void put_single(struct session *s, size_t len, bool has_more)
{
	struct attach *a = &s->attach;
	const char *text = (const char *)a->pages.data;
	char line[256];

	while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	snprintf(line, sizeof(line), "%s%.*s%s\n", a->escape_name, (int)len, text,
		 has_more ? "  (any key: more)" : "");
	talk_lines(&a->talk, line, strlen(line));
}

/* One screen of what waits. */
static void next_page(struct session *s)
{
	struct attach *a = &s->attach;
	const char *text = (const char *)a->pages.data;
	bool is_single = track_is_alternate(&a->talk.track);
	unsigned rows = is_single ? 1 : s->rows > 3 ? s->rows - 2 : 1;
	size_t n = 0;
	bool has_more;

	if ((is_single || a->view.is_covered) && cover(s))
		return;
	while (n < a->pages.len) {
		const char *end = memchr(text + n, '\n', a->pages.len - n);
		size_t len = end ? (size_t)(end - text) - n : a->pages.len - n;
		size_t wants = is_single ? 1 : talk_rows(&a->talk, text + n, len);

		if (n && wants > rows)
			break;
		rows -= wants < rows ? (unsigned)wants : rows;
		n += len + (end != NULL);
	}
	has_more = n < a->pages.len;
	if (is_single)
		put_single(s, n, has_more);
	else
		talk_lines(&a->talk, text, n);
	if (has_more && !is_single)
		talk_lines(&a->talk, "-- any key: more, q: enough --\n", 31);
	buf_consume(&a->pages, n);
}

size_t paging_key(struct session *s, const uint8_t *data, size_t len)
{
	if (!s->attach.pages.len || data[0] == 'q' || data[0] == KEY_ESC || data[0] == 0x03)
		paging_end(s);
	else
		next_page(s);
	return data[0] == KEY_ESC ? len : 1;
}

bool paging_is_on(const struct session *s)
{
	return s->attach.pages.len || s->attach.view.is_covered;
}

void paging_end(struct session *s)
{
	buf_clear(&s->attach.pages);
	view_uncover(&s->attach.view);
}

bool paging_cover(struct session *s, const char *text, size_t len)
{
	struct attach *a = &s->attach;

	if (!s->has_terminal || !track_is_alternate(&a->talk.track))
		return false;
	paging_end(s);
	buf_append(&a->pages, text, len);
	if (cover(s))
		return true;
	paging_end(s);
	return false;
}

void paging_help(struct session *s, const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	if (paging_cover(s, text, len))
		return;
	/* In single lines each begins with the escape key: without "After ^]:". */
	if (track_is_alternate(&s->attach.talk.track) && end) {
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	paging_end(s);
	buf_append(&s->attach.pages, text, len);
	next_page(s);
}
