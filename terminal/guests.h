/* SPDX-License-Identifier: ISC */
/*
 * The guests that one visitor may see, as console tells of them: kept in the order in
 * which they are shown, found by name or by (UUID, host), changed one at a time while
 * thousands are there. The menu and the commands read it; only messages change it. Pure.
 */
#ifndef TERMINAL_GUESTS_H
#define TERMINAL_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/message.h"

enum {
	GUESTS_MAX = 65536,
	GUESTS_LABEL_SIZE = GUEST_LABEL_MAX + 1,
};

/* All strings are the guest's own and as console sent them: escape them before printing. */
struct guest {
	uint8_t uuid[UUID_SIZE];
	const char *host;
	const char *name;
	const char *holder;      /* who has the keyboard, "" nobody */
	const char *consoles;    /* aliases, blanks between */
	const char *displays;
	uint16_t viewers;
	uint8_t state;           /* enum guest_state */
	bool is_unique;
	unsigned round;          /* of the last list it was in */
	char text[];
};

struct guests {
	struct guest **by_name;  /* natural order of name, then host, then UUID */
	struct guest **by_id;    /* order of UUID, then host */
	size_t count;
	size_t room;
	unsigned round;
};

void guests_init(struct guests *g);
void guests_free(struct guests *g);

/* Puts in or replaces one. 0, or -1: no memory, or more than GUESTS_MAX. */
int guests_put(struct guests *g, const struct msg_guest *m);
void guests_remove(struct guests *g, const uint8_t uuid[UUID_SIZE], const char *host);

/* A whole list begins; at its end those that were not in it go. */
void guests_begin(struct guests *g);
void guests_end(struct guests *g);

/* Pointers are good until the next change. NULL: there is none. */
const struct guest *guests_find(const struct guests *g, const uint8_t uuid[UUID_SIZE],
				const char *host);

/* By label: a unique name, or host/name. Its place in by_name, or -1. */
long guests_find_label(const struct guests *g, const char *label);
long guests_place(const struct guests *g, const struct guest *which);

/* How it is shown and asked for: name, or host/name where the name is not unique. */
void guest_label(char out[GUESTS_LABEL_SIZE], const struct guest *g);

/* The word for a state, in the words of the manual. */
const char *guest_state_word(uint8_t state);

/* Order of names as people count: web2 before web10. <0, 0, >0. */
int guest_compare_names(const char *a, const char *b);

#endif
