/* SPDX-License-Identifier: ISC */
/* See sketch.h. Pure. */
#include "terminal/sketch.h"

#include <stdio.h>
#include <string.h>

#include "ipc/text.h"

enum { ROW_SIZE = 8192, CELL_SIZE = 1024, STATE_COLUMNS = 13, NAME_LEAST = 8 };

/* What a state looks like where there is colour. */
static const char *const state_colours[GUEST_STATE_COUNT] = {
	[GUEST_RUNNING] = "32", [GUEST_PAUSED] = "33", [GUEST_SHUTTING_DOWN] = "33",
	[GUEST_CRASHED] = "31", [GUEST_OFF] = "2", [GUEST_SUSPENDED] = "33",
};

/* One row in the making: bytes, and how many columns they take. */
struct row {
	char text[ROW_SIZE];
	size_t len;
	size_t columns, most;
};

static void row_begin(struct row *r, size_t most)
{
	r->text[0] = '\0';
	r->len = r->columns = 0;
	r->most = most;
}

/* Colours and the like: no columns. */
static void row_mark(struct row *r, const char *sgr)
{
	if (r->len + strlen(sgr) + 1 < sizeof(r->text)) {
		memcpy(r->text + r->len, sgr, strlen(sgr) + 1);
		r->len += strlen(sgr);
	}
}

/* Escaped text, cut at the screen's end. */
static void row_text(struct row *r, const char *text)
{
	size_t n = text_fit(text, r->most - r->columns);

	if (r->len + n + 1 >= sizeof(r->text))
		return;
	memcpy(r->text + r->len, text, n);
	r->len += n;
	r->text[r->len] = '\0';
	r->columns += text_columns(r->text + r->len - n);
}

static void row_pad(struct row *r, size_t column)
{
	if (column > r->most)
		column = r->most;
	while (r->columns < column && r->len + 2 < sizeof(r->text)) {
		r->text[r->len++] = ' ';
		r->text[r->len] = '\0';
		r->columns++;
	}
}

/* Foreign text into at most width columns; a mark shows where it was cut. */
static void row_cell(struct row *r, const struct sketch *s, const char *foreign, size_t width)
{
	char cell[CELL_SIZE];

	if (s->is_utf8)
		text_escape(cell, sizeof(cell), foreign, strlen(foreign));
	else
		text_escape_ascii(cell, sizeof(cell), foreign, strlen(foreign));
	if (text_columns(cell) > width && width > 1) {
		cell[text_fit(cell, width - 1)] = '\0';
		row_text(r, cell);
		row_text(r, s->is_utf8 ? "…" : "~");
	} else {
		cell[text_fit(cell, width)] = '\0';
		row_text(r, cell);
	}
}

struct widths {
	size_t name, state, who;     /* 0: the column is left out */
};

/* The name needs most; who is on it goes first where there is no room. */
static struct widths measure(const struct menu *m)
{
	struct widths w = { m->widest, STATE_COLUMNS, 0 };
	size_t cols = m->cols > 2 ? m->cols - 2 : 1;

	if (w.name < NAME_LEAST)
		w.name = NAME_LEAST;
	if (cols < NAME_LEAST + 1 + STATE_COLUMNS) {
		w.state = 0;
		w.name = cols;
		return w;
	}
	if (w.name + 1 + w.state + 2 + (cols >= 90 ? 24 : 14) > cols)
		w.who = cols >= 90 ? 24 : cols >= 36 ? 9 : 0;
	else
		w.who = cols - w.name - w.state - 4;
	if (w.name > cols - w.state - 2 - (w.who ? w.who + 2 : 0))
		w.name = cols - w.state - 2 - (w.who ? w.who + 2 : 0);
	return w;
}

static void row_who(struct row *r, const struct sketch *s, const struct guest *g, size_t width)
{
	char text[USER_MAX + 64] = "";

	if (g->viewers == 0)
		return;
	if (*g->holder && width >= 24)
		snprintf(text, sizeof(text), "%u here, keyboard: %s", g->viewers, g->holder);
	else if (*g->holder)
		snprintf(text, sizeof(text), "%u %s", g->viewers, g->holder);
	else
		snprintf(text, sizeof(text), width >= 12 ? "%u watching" : "%u", g->viewers);
	row_cell(r, s, text, width);
}

static void draw_guest(struct row *r, const struct sketch *s, const struct menu *m,
		       const struct guest *g, const struct widths *w, bool is_selected)
{
	char label[GUESTS_LABEL_SIZE], mark[16];

	guest_label(label, g);
	row_begin(r, m->cols);
	if (is_selected)
		row_mark(r, "\033[7m");
	row_text(r, is_selected ? "> " : "  ");
	row_cell(r, s, label, w->name);
	row_pad(r, 2 + w->name);
	if (w->state) {
		const char *colour = state_colours[g->state < GUEST_STATE_COUNT ? g->state : 0];

		row_pad(r, 2 + w->name + 1);
		if (s->has_colour && colour) {
			snprintf(mark, sizeof(mark), "\033[%sm", colour);
			row_mark(r, mark);
		}
		row_text(r, guest_state_word(g->state));
		if (s->has_colour && colour)
			row_mark(r, is_selected ? "\033[0;7m" : "\033[m");
		row_pad(r, 2 + w->name + 1 + w->state);
	}
	if (w->who) {
		row_pad(r, r->columns + 2);
		row_who(r, s, g, w->who);
	}
	if (is_selected) {
		row_pad(r, m->cols);
		row_mark(r, "\033[m");
	}
}

static void draw_title(struct row *r, const struct sketch *s, const struct menu *m)
{
	char right[64];
	size_t width;

	if (*m->filter)
		snprintf(right, sizeof(right), "%zu of %zu", m->count, m->guests->count);
	else
		snprintf(right, sizeof(right), "%zu guest%s", m->count, m->count == 1 ? "" : "s");
	width = strlen(right);
	row_begin(r, m->cols);
	row_mark(r, "\033[1m");
	row_text(r, "serialgate ");
	row_mark(r, "\033[m");
	row_cell(r, s, m->user, m->cols > width + 14 ? m->cols - width - 13 : 0);
	if (m->cols > width + 14) {
		row_pad(r, m->cols - width);
		row_text(r, right);
	}
}

static void draw_heads(struct row *r, const struct menu *m, const struct widths *w)
{
	row_begin(r, m->cols);
	row_mark(r, "\033[4m");
	row_text(r, "  GUEST");
	row_pad(r, 2 + w->name + 1);
	if (w->state)
		row_text(r, "STATE");
	row_pad(r, 2 + w->name + 1 + w->state + 2);
	if (w->who)
		row_text(r, w->who >= 24 ? "WHO IS ON IT" : "WHO");
	row_pad(r, m->cols);
	row_mark(r, "\033[m");
}

static void draw_bottom(struct row *r, const struct sketch *s, const struct menu *m)
{
	char text[TEXT_MAX + 64];

	row_begin(r, m->cols);
	if (*m->message) {
		row_text(r, m->message);
	} else if (m->is_filtering || *m->filter) {
		row_text(r, "/");
		row_cell(r, s, m->filter, m->cols > 3 ? m->cols - 2 : 1);
		if (!m->is_filtering)
			row_text(r, "   (Esc: all)");
	} else if (*m->down && m->count) {
		snprintf(text, sizeof(text), "no answer from: %s", m->down);
		row_cell(r, s, text, m->cols);
	} else {
		row_text(r, m->cols >= 60 ? "Enter attach   / filter   i info   ? help   q leave" :
			 "Enter attach  / filter  ? help  q leave");
	}
}

/* Breaks at blanks where it can. */
static size_t wrap(const char *text, size_t columns)
{
	size_t n = text_fit(text, columns);
	size_t at = n;

	if (text[n] == '\0')
		return n;
	while (at && text[at] != ' ')
		at--;
	return at ? at : n ? n : strlen(text);
}

static void draw_empty(const struct sketch *s, const struct menu *m, struct rows *rows,
		       struct buf *out, struct row *r)
{
	char text[TEXT_MAX + 256];
	const char *at = text;

	if (*m->down && m->is_loaded && !m->guests->count) {
		size_t n = (size_t)snprintf(text, sizeof(text), "%s ", menu_why_empty(m));

		text_escape_ascii(text + n, sizeof(text) - n, m->down, strlen(m->down));
	} else {
		snprintf(text, sizeof(text), "%s", menu_why_empty(m));
	}
	(void)s;
	for (unsigned i = 0; i < menu_list_rows(m); i++) {
		row_begin(r, m->cols);
		if (i && *at) {
			size_t n = wrap(at, m->cols > 4 ? m->cols - 4 : 1);
			char line[ROW_SIZE / 4];

			snprintf(line, sizeof(line), "  %.*s", (int)n, at);
			row_text(r, line);
			at += n;
			at += strspn(at, " ");
		}
		rows_put(rows, out, 2 + i, r->text);
	}
}

static void draw_list(const struct sketch *s, struct menu *m, struct rows *rows, struct buf *out,
		      struct row *r)
{
	struct widths w = measure(m);

	draw_title(r, s, m);
	rows_put(rows, out, 0, r->text);
	draw_heads(r, m, &w);
	rows_put(rows, out, 1, r->text);
	if (m->count == 0)
		draw_empty(s, m, rows, out, r);
	for (unsigned i = 0; m->count && i < menu_list_rows(m); i++) {
		size_t place = m->top + i;

		row_begin(r, m->cols);
		if (place < m->count)
			draw_guest(r, s, m, m->guests->by_name[m->view[place]], &w,
				   place == m->selected);
		rows_put(rows, out, 2 + i, r->text);
	}
	draw_bottom(r, s, m);
	rows_put(rows, out, m->rows - 1, r->text);
	rows->cursor_row = m->is_filtering && !*m->message ? m->rows : 0;
	rows->cursor_col = (unsigned)r->columns + 1;
}

static void draw_page(const struct menu *m, struct rows *rows, struct buf *out, struct row *r)
{
	const char *at = (const char *)m->page.data;
	size_t left = m->page.len;
	unsigned row = 0;

	for (size_t line = 0; left; line++) {
		const char *end = memchr(at, '\n', left);
		size_t n = end ? (size_t)(end - at) : left;
		char text[ROW_SIZE / 4];

		if (line >= m->page_top && row + 1 < m->rows) {
			snprintf(text, sizeof(text), "%.*s", (int)n, at);
			row_begin(r, m->cols);
			row_text(r, text);
			rows_put(rows, out, row++, r->text);
		}
		n += end != NULL;
		at += n;
		left -= n;
		if (left && row + 1 >= m->rows)
			break;
	}
	row_begin(r, m->cols);
	while (row + 1 < m->rows)
		rows_put(rows, out, row++, "");
	row_mark(r, "\033[7m");
	row_text(r, left ? "space: more   any other key: back" : "any key: back");
	row_mark(r, "\033[m");
	rows_put(rows, out, m->rows - 1, r->text);
	rows->cursor_row = 0;
}

void sketch_menu(const struct sketch *s, struct menu *m, struct rows *rows, struct buf *out)
{
	struct row r;

	menu_update(m);
	if (m->page.len)
		draw_page(m, rows, out, &r);
	else if (m->rows > MENU_FRAME_ROWS)
		draw_list(s, m, rows, out, &r);
	else {
		/* Too low for a frame: the selected guest alone. */
		const struct guest *g = menu_selected(m);
		struct widths w = measure(m);

		row_begin(&r, m->cols);
		if (g)
			draw_guest(&r, s, m, g, &w, true);
		else
			row_text(&r, menu_why_empty(m));
		rows_put(rows, out, 0, r.text);
	}
	rows_end(rows, out);
}

void sketch_help(struct buf *out)
{
	buf_append_str(out,
		"The menu\n"
		"\n"
		"  Enter         attach to the guest\n"
		"  up, down, k j one row\n"
		"  PgUp, PgDn    a screen\n"
		"  Home, End     first, last\n"
		"  /             show only what fits\n"
		"                what is typed; Esc: all\n"
		"  i             about the guest\n"
		"  q, ^D         leave\n"
		"\n"
		"On a console the escape key (^] unless\n"
		"configured otherwise) and then a key\n"
		"gets you out and more: ^] ? shows all.\n");
}
