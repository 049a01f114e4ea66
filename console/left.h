/* SPDX-License-Identifier: ISC */
/*
 * Where each user left a console, so that they can be shown what they have not seen. Of
 * so many users; the one who left the longest ago is forgotten. Pure.
 */
#ifndef CONSOLE_LEFT_H
#define CONSOLE_LEFT_H

#include <stdbool.h>
#include <stdint.h>

enum { LEFT_MAX = 64 };

struct left {
	struct { char *user; uint64_t offset; } at[LEFT_MAX];   /* the longest ago first */
	unsigned count;
};

/* Without memory it is forgotten at once. Never goes back behind what a user had seen. */
void left_note(struct left *l, const char *user, uint64_t offset);

/* Were they ever here? Then *offset is where they left. */
bool left_find(const struct left *l, const char *user, uint64_t *offset);

void left_free(struct left *l);      /* empty and usable again */

#endif
