/* SPDX-License-Identifier: ISC */
/* See left.h. */
#include "console/left.h"

#include <stdlib.h>
#include <string.h>

static int find(const struct left *l, const char *user)
{
	for (unsigned i = 0; i < l->count; i++)
		if (strcmp(l->at[i].user, user) == 0)
			return (int)i;
	return -1;
}

static void take_out(struct left *l, unsigned i)
{
	l->count--;
	memmove(&l->at[i], &l->at[i + 1], (l->count - i) * sizeof(l->at[0]));
}

void left_note(struct left *l, const char *user, uint64_t offset)
{
	int known = find(l, user);
	char *name;

	if (known >= 0) {
		name = l->at[known].user;
		if (offset < l->at[known].offset)
			offset = l->at[known].offset;
		take_out(l, (unsigned)known);
	} else {
		name = strdup(user);
		if (!name)
			return;
	}
	if (l->count == LEFT_MAX) {
		free(l->at[0].user);
		take_out(l, 0);
	}
	l->at[l->count].user = name;
	l->at[l->count++].offset = offset;
}

bool left_find(const struct left *l, const char *user, uint64_t *offset)
{
	int known = find(l, user);

	if (known >= 0)
		*offset = l->at[known].offset;
	return known >= 0;
}

void left_free(struct left *l)
{
	for (unsigned i = 0; i < l->count; i++)
		free(l->at[i].user);
	l->count = 0;
}
