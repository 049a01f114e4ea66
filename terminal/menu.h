/* SPDX-License-Identifier: ISC */
/*
 * The menu: what is listed, filtered and selected, and what a key does to that. The
 * selection stays on its guest while the list changes around it. sketch.h draws it;
 * browse.c feeds it keys and acts. Pure.
 */
#ifndef TERMINAL_MENU_H
#define TERMINAL_MENU_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/buf.h"
#include "terminal/guests.h"
#include "terminal/keys.h"

enum {
	MENU_FILTER_SIZE = 128,
	MENU_MESSAGE_SIZE = 512,
	MENU_FRAME_ROWS = 3,     /* title, column heads, bottom row */
};

enum menu_action { MENU_NOTHING, MENU_ATTACH, MENU_INFO, MENU_HELP, MENU_LEAVE };

struct menu {
	const struct guests *guests;
	char *user;              /* escaped */
	unsigned rows, cols;

	char filter[MENU_FILTER_SIZE];
	bool is_filtering;       /* what is typed goes into the filter */

	size_t *view;            /* places in guests->by_name that fit the filter */
	size_t count, room;
	size_t widest;           /* columns of the widest label in view */
	bool is_stale;           /* guests or filter changed: view is out of date */

	bool has_selected;
	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
	size_t selected, top;    /* places in view */

	bool is_loaded;          /* a whole list was seen */
	bool is_hidden;          /* guests there are, but no access section fits */
	char down[TEXT_MAX + 1]; /* hosts that do not answer, as console said */

	struct buf page;         /* a text shown instead of the list; empty: the list */
	size_t page_top;         /* its first line on the screen */
	char message[MENU_MESSAGE_SIZE];   /* escaped; stands in the bottom row until a key */
};

/* -1: no memory. user is escaped already. */
int menu_init(struct menu *m, const struct guests *guests, const char *user, unsigned rows,
	      unsigned cols);
void menu_free(struct menu *m);

void menu_resize(struct menu *m, unsigned rows, unsigned cols);
void menu_changed(struct menu *m);

/* Brings view, selection and scrolling up to date; before drawing and before each key. */
void menu_update(struct menu *m);

enum menu_action menu_key(struct menu *m, const struct key *key);

/* That guest is selected as soon as it is listed. */
void menu_select(struct menu *m, const uint8_t uuid[UUID_SIZE], const char *host);

/* NULL: nothing is selected. */
const struct guest *menu_selected(struct menu *m);

/* Shows a text (lines with LF) until a key. */
void menu_show(struct menu *m, const char *text, size_t len);

/* Rows for guests. */
unsigned menu_list_rows(const struct menu *m);

/* Why nothing is listed, in a sentence. */
const char *menu_why_empty(const struct menu *m);

#endif
