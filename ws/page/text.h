/* SPDX-License-Identifier: ISC */
/* A text that grows, and files as such: for the programs that make runs. They exit on errors. */
#ifndef WS_PAGE_TEXT_H
#define WS_PAGE_TEXT_H

#include <stddef.h>

struct text {
	char *data;                  /* ends with '\0', which len does not count; NULL at first */
	size_t len;
};

_Noreturn void text_die(const char *what, const char *which);

void text_append(struct text *t, const char *data, size_t len);
void text_append_str(struct text *t, const char *s);
void text_free(struct text *t);

/* The whole file directory/name, which has no '\0'; "" for an empty one. */
struct text text_read(const char *directory, const char *name);

#endif
