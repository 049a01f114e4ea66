/* SPDX-License-Identifier: ISC */
/* See text.h. */
#include "ws/page/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_die(const char *what, const char *which)
{
	fprintf(stderr, "embed: %s: %s\n", which, what);
	exit(1);
}

void text_append(struct text *t, const char *data, size_t len)
{
	t->data = realloc(t->data, t->len + len + 1);
	if (!t->data)
		text_die("out of memory", "page");
	memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void text_append_str(struct text *t, const char *s)
{
	text_append(t, s, strlen(s));
}

void text_free(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}

struct text text_read(const char *directory, const char *name)
{
	char path[4096], piece[65536];
	struct text t = { 0 };
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "rb");
	if (!f)
		text_die(strerror(errno), path);
	text_append(&t, "", 0);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		text_append(&t, piece, n);
	if (ferror(f) || memchr(t.data, '\0', t.len))
		text_die("cannot be read, or is no text", path);
	fclose(f);
	return t;
}
