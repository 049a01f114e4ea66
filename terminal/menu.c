/* SPDX-License-Identifier: ISC */
/* See menu.h. Pure. */
#include "terminal/menu.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/text.h"

enum { PAGE_MAX = 65536 };

int menu_init(struct menu *m, const struct guests *guests, const char *user, unsigned rows,
	      unsigned cols)
{
	*m = (struct menu){ .guests = guests, .rows = rows, .cols = cols, .is_stale = true };
	buf_init(&m->page, PAGE_MAX);
	m->user = strdup(user);
	return m->user ? 0 : -1;
}

void menu_free(struct menu *m)
{
	free(m->user);
	free(m->view);
	buf_free(&m->page);
	m->user = NULL;
	m->view = NULL;
	m->count = m->room = 0;
}

void menu_resize(struct menu *m, unsigned rows, unsigned cols)
{
	m->rows = rows;
	m->cols = cols;
}

void menu_changed(struct menu *m)
{
	m->is_stale = true;
}

unsigned menu_list_rows(const struct menu *m)
{
	return m->rows > MENU_FRAME_ROWS ? m->rows - MENU_FRAME_ROWS : 1;
}

/* Case does not matter in ASCII; elsewhere bytes are compared. */
static bool fits(const char *label, const char *filter)
{
	return strcasestr(label, filter) != NULL;
}

static void rebuild(struct menu *m)
{
	if (m->room < m->guests->count) {
		size_t *view = realloc(m->view, m->guests->count * sizeof(*view));

		if (!view)
			return;
		m->view = view;
		m->room = m->guests->count;
	}
	m->count = m->widest = 0;
	for (size_t i = 0; i < m->guests->count; i++) {
		char label[GUESTS_LABEL_SIZE], shown[GUESTS_LABEL_SIZE];
		size_t width;

		guest_label(label, m->guests->by_name[i]);
		if (*m->filter && !fits(label, m->filter))
			continue;
		m->view[m->count++] = i;
		text_escape(shown, sizeof(shown), label, strlen(label));
		width = text_columns(shown);
		if (width > m->widest)
			m->widest = width;
	}
	m->is_stale = false;
}

static void remember(struct menu *m)
{
	const struct guest *g;

	m->has_selected = m->count > 0;
	if (!m->has_selected)
		return;
	g = m->guests->by_name[m->view[m->selected]];
	memcpy(m->uuid, g->uuid, UUID_SIZE);
	snprintf(m->host, sizeof(m->host), "%s", g->host);
}

/* Where the selected guest is now; when it is gone, what took its place. */
static void find_selected(struct menu *m)
{
	const struct guest *g = NULL;

	if (m->has_selected)
		g = guests_find(m->guests, m->uuid, m->host);
	if (g) {
		size_t place = (size_t)guests_place(m->guests, g);
		size_t low = 0, high = m->count;

		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (m->view[mid] < place)
				low = mid + 1;
			else
				high = mid;
		}
		m->selected = low;
	}
	if (m->selected >= m->count)
		m->selected = m->count ? m->count - 1 : 0;
	if (g || !m->has_selected || m->is_loaded)   /* else it may still come */
		remember(m);
}

void menu_select(struct menu *m, const uint8_t uuid[UUID_SIZE], const char *host)
{
	m->has_selected = true;
	memcpy(m->uuid, uuid, UUID_SIZE);
	snprintf(m->host, sizeof(m->host), "%s", host);
	m->is_stale = true;
}

static void scroll(struct menu *m)
{
	size_t page = menu_list_rows(m);

	if (m->top + page > m->count)
		m->top = m->count > page ? m->count - page : 0;
	if (m->selected < m->top)
		m->top = m->selected;
	if (m->selected >= m->top + page)
		m->top = m->selected - page + 1;
}

void menu_update(struct menu *m)
{
	if (m->is_stale) {
		size_t row = m->selected - m->top;

		rebuild(m);
		find_selected(m);
		/* The eye stays where it was: the guest keeps its row on the screen. */
		m->top = m->selected > row ? m->selected - row : 0;
	}
	scroll(m);
}

static void select_place(struct menu *m, size_t place)
{
	m->selected = place;
	remember(m);
	scroll(m);
}

/* By so many rows, at most to the first or last. */
static void move(struct menu *m, long by)
{
	long place = (long)m->selected + by;

	if (m->count == 0)
		return;
	if (place < 0)
		place = 0;
	if (place >= (long)m->count)
		place = (long)m->count - 1;
	select_place(m, (size_t)place);
}

enum steps { ONE, PAGE, ALL };

static const struct motion {
	uint32_t key;
	bool is_letter;              /* not while a filter is typed */
	int direction;
	enum steps steps;
} motions[] = {
	{ KEY_UP, false, -1, ONE }, { KEY_DOWN, false, 1, ONE },
	{ 'k', true, -1, ONE }, { 'j', true, 1, ONE },
	{ 0x10, false, -1, ONE }, { 0x0e, false, 1, ONE },          /* ^P ^N */
	{ KEY_PAGE_UP, false, -1, PAGE }, { KEY_PAGE_DOWN, false, 1, PAGE },
	{ ' ', true, 1, PAGE }, { 0x02, false, -1, PAGE }, { 0x06, false, 1, PAGE },
	{ KEY_HOME, false, -1, ALL }, { KEY_END, false, 1, ALL },
	{ 'g', true, -1, ALL }, { 'G', true, 1, ALL },
};

static bool take_motion(const struct motion **found, const struct key *key, bool is_filtering)
{
	for (size_t i = 0; i < sizeof(motions) / sizeof(motions[0]); i++) {
		uint32_t code = motions[i].is_letter ? key->text : key->code;

		if (code == motions[i].key && !(motions[i].is_letter && is_filtering)) {
			*found = &motions[i];
			return true;
		}
	}
	return false;
}

static size_t count_lines(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static size_t page_rows(const struct menu *m)
{
	return m->rows > 1 ? m->rows - 1 : 1;
}

static enum menu_action page_key(struct menu *m, const struct key *key)
{
	const struct motion *motion;
	size_t lines = count_lines(&m->page), rows = page_rows(m);
	size_t last = lines > rows ? lines - rows : 0;
	size_t step;

	if (take_motion(&motion, key, false) && (motion->direction < 0 || m->page_top < last)) {
		step = motion->steps == ONE ? 1 : motion->steps == PAGE ? rows : lines;
		if (motion->direction > 0)
			m->page_top = m->page_top + step < last ? m->page_top + step : last;
		else
			m->page_top = m->page_top > step ? m->page_top - step : 0;
		return MENU_NOTHING;
	}
	buf_clear(&m->page);
	return MENU_NOTHING;
}

/* 2: the whole name was typed, 1: its beginning, 0: some part. */
static int rank(const struct menu *m, size_t place)
{
	char label[GUESTS_LABEL_SIZE];
	size_t len = strlen(m->filter);

	guest_label(label, m->guests->by_name[m->view[place]]);
	return strncasecmp(label, m->filter, len) != 0 ? 0 : label[len] ? 1 : 2;
}

/* What Enter takes is what was typed: not web10 for web1, wherever the selection was before. */
static void select_best(struct menu *m, bool is_kept)
{
	size_t best = is_kept ? m->selected : 0;
	int best_rank = is_kept ? 1 : -1;

	for (size_t i = 0; i < m->count && best_rank < 2; i++) {
		int r = rank(m, i);

		if (r > best_rank) {
			best = i;
			best_rank = r;
		}
	}
	if (m->count)
		select_place(m, best);
}

static void filter_changed(struct menu *m)
{
	uint8_t uuid[UUID_SIZE];
	bool had_selected = m->has_selected;

	memcpy(uuid, m->uuid, UUID_SIZE);
	m->is_stale = true;
	menu_update(m);
	if (*m->filter)
		select_best(m, had_selected && memcmp(uuid, m->uuid, UUID_SIZE) == 0);
}

static void filter_erase(struct menu *m)
{
	size_t len = strlen(m->filter);

	while (len && ((uint8_t)m->filter[--len] & 0xc0) == 0x80)
		;
	m->filter[len] = '\0';
	filter_changed(m);
}

static void filter_clear(struct menu *m)
{
	m->filter[0] = '\0';
	m->is_filtering = false;
	filter_changed(m);
}

/* True: the key was for the filter. */
static bool filter_key(struct menu *m, const struct key *key)
{
	size_t len = strlen(m->filter);

	if (key->code == 0x7f || key->code == 0x08) {
		if (len)
			filter_erase(m);
		else
			m->is_filtering = false;
	} else if (key->code == 0x15 || key->code == KEY_ESC) {    /* ^U */
		filter_clear(m);
	} else if (m->is_filtering && key->text >= 0x20 && key->text < KEY_NONE) {
		if (len + key->len < sizeof(m->filter)) {
			memcpy(m->filter + len, key->raw, key->len);
			m->filter[len + key->len] = '\0';
			filter_changed(m);
		}
	} else {
		return false;
	}
	return true;
}

static const struct { uint32_t text; enum menu_action action; } letters[] = {
	{ 'i', MENU_INFO }, { '?', MENU_HELP }, { 'h', MENU_HELP }, { 'q', MENU_LEAVE },
};

enum menu_action menu_key(struct menu *m, const struct key *key)
{
	const struct motion *motion;

	if (key->code == KEY_NONE || key->code == KEY_REPORT || key->code == KEY_MODIFIER ||
	    key->event == KEY_RELEASE)
		return MENU_NOTHING;
	m->message[0] = '\0';
	menu_update(m);
	if (keys_control(key) == 0x04 || keys_control(key) == 0x03)    /* ^D ^C */
		return MENU_LEAVE;
	if (m->page.len)
		return page_key(m, key);
	if (key->code == '\r' || key->code == '\n' || key->code == KEY_RIGHT) {
		m->is_filtering = false;             /* back here, letters are keys again */
		return m->count ? MENU_ATTACH : MENU_NOTHING;
	}
	if (take_motion(&motion, key, m->is_filtering)) {
		move(m, motion->direction * (motion->steps == ONE ? 1 :
		     motion->steps == PAGE ? (long)menu_list_rows(m) : (long)m->count));
		return MENU_NOTHING;
	}
	if (filter_key(m, key))
		return MENU_NOTHING;
	if (key->text == '/') {
		m->is_filtering = true;
		return MENU_NOTHING;
	}
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].text == key->text)
			return letters[i].action;
	return MENU_NOTHING;
}

const struct guest *menu_selected(struct menu *m)
{
	menu_update(m);
	return m->count ? m->guests->by_name[m->view[m->selected]] : NULL;
}

void menu_show(struct menu *m, const char *text, size_t len)
{
	buf_clear(&m->page);
	buf_append(&m->page, text, len);
	if (len && text[len - 1] != '\n')
		buf_append_str(&m->page, "\n");
	m->page_top = 0;
}

const char *menu_why_empty(const struct menu *m)
{
	if (!m->is_loaded)
		return "Asking for the list...";
	if (m->guests->count)
		return "No guest fits.";
	if (m->is_hidden)
		return "There are guests, but no access section of the configuration lets you see "
		       "one.";
	if (*m->down)
		return "No guest: the host does not answer.";
	return "There is no guest yet.";
}
