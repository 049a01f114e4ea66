/* SPDX-License-Identifier: ISC */
/* See bundle.h. */
#include "ws/page/bundle.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MODULES_MAX = 100, NAME_SIZE = 128 };

struct module {
	char name[NAME_SIZE];
	int is_done;
};

struct bundle {
	const char *directory;
	struct text out;
	struct module modules[MODULES_MAX];
	int count;
};

struct half {                    /* a module being rewritten */
	const char *name;
	struct text body, exported;  /* exported: `a, b: c, ` */
};

static int add_module(struct bundle *b, const char *name);

static int is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$';
}

static int starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* `a, b as c`: before gets what stands before " as ", and so on. */
static const char *next_pair(const char *at, const char *end, char *before, char *behind)
{
	size_t n = 0, m = 0;

	while (at < end && !is_word(*at))
		at++;
	while (at < end && is_word(*at) && n < NAME_SIZE - 1)
		before[n++] = *at++;
	before[n] = '\0';
	strcpy(behind, before);
	if (!starts(at, " as "))
		return n ? at : NULL;
	for (at += 4; at < end && is_word(*at) && m < NAME_SIZE - 1; at++)
		behind[m++] = *at;
	behind[m] = '\0';
	return at;
}

/* import { a, b as c } from "./FILE"; returns what follows. */
static const char *put_import(struct bundle *b, struct half *h, const char *at)
{
	const char *open = at + strlen("import {"), *close = strchr(open, '}');
	const char *from = close ? close + strlen("} from \"./") : NULL;
	const char *quote = close && starts(close, "} from \"./") ? strchr(from, '"') : NULL;
	char file[NAME_SIZE], before[NAME_SIZE], behind[NAME_SIZE], number[32];

	if (!quote || !starts(quote, "\";\n") || quote - from >= NAME_SIZE)
		text_die("an import in a form that is not known here", h->name);
	memcpy(file, from, (size_t)(quote - from));
	file[quote - from] = '\0';
	snprintf(number, sizeof(number), "} = $%d;\n", add_module(b, file));
	text_append_str(&h->body, "const { ");
	while ((open = next_pair(open, close, before, behind)) != NULL) {
		text_append_str(&h->body, before);
		text_append_str(&h->body, ": ");
		text_append_str(&h->body, behind);
		text_append_str(&h->body, ", ");
	}
	text_append_str(&h->body, number);
	return quote + 3;
}

static const char *const declarations[] = {
	"function ", "async function ", "class ", "const ", "let ",
};

/* export KIND NAME ...: returns where KIND begins, which stays. */
static const char *put_declaration(struct half *h, const char *at)
{
	size_t len = 0;

	at += strlen("export ");
	for (size_t i = 0; i < sizeof(declarations) / sizeof(declarations[0]); i++) {
		const char *name = at + strlen(declarations[i]);

		if (!starts(at, declarations[i]))
			continue;
		while (is_word(name[len]))
			len++;
		text_append(&h->exported, name, len);
		text_append_str(&h->exported, ", ");
		return at;
	}
	text_die("an export in a form that is not known here", h->name);
}

/* export{a as A,b as B}; at the end of a ready-made module's line. */
static void put_names(struct half *h, const char *at)
{
	const char *end = strchr(at, '}');
	char before[NAME_SIZE], behind[NAME_SIZE];

	if (!end || strcmp(end, "};\n") != 0)
		text_die("an export in a form that is not known here", h->name);
	at += strlen("export{");
	while ((at = next_pair(at, end, before, behind)) != NULL) {
		text_append_str(&h->exported, behind);
		text_append_str(&h->exported, ": ");
		text_append_str(&h->exported, before);
		text_append_str(&h->exported, ", ");
	}
}

static void rewrite(struct bundle *b, struct half *h, const char *at)
{
	while (*at) {
		size_t len = strcspn(at, "\n");
		const char *names = strstr(at, ";export{");

		if (starts(at, "import ")) {
			at = put_import(b, h, at);
			continue;
		}
		if (names && names < at + len) {
			text_append(&h->body, at, (size_t)(names + 1 - at));
			put_names(h, names + 1);
			return;
		}
		if (starts(at, "export ")) {
			at = put_declaration(h, at);
			len = strcspn(at, "\n");
		}
		text_append(&h->body, at, len);
		text_append_str(&h->body, "\n");
		at += len + (at[len] == '\n');
	}
}

static int add_module(struct bundle *b, const char *name)
{
	struct half h = { .name = name };
	struct text source;
	char head[32];
	int i;

	for (i = 0; i < b->count; i++)
		if (strcmp(b->modules[i].name, name) == 0) {
			if (!b->modules[i].is_done)
				text_die("imports what imports it", name);
			return i;
		}
	if (b->count == MODULES_MAX || strlen(name) >= NAME_SIZE)
		text_die("too many modules, or too long a name", name);
	strcpy(b->modules[b->count++].name, name);
	source = text_read(b->directory, name);
	text_append_str(&h.exported, "");
	rewrite(b, &h, source.data);
	snprintf(head, sizeof(head), "const $%d = (() => {\n", i);
	text_append_str(&b->out, head);
	text_append_str(&b->out, h.body.data);
	text_append_str(&b->out, "return { ");
	text_append_str(&b->out, h.exported.data);
	text_append_str(&b->out, "};\n})();\n");
	text_free(&source);
	text_free(&h.body);
	text_free(&h.exported);
	b->modules[i].is_done = 1;
	return i;
}

struct text bundle_make(const char *directory, const char *name)
{
	struct bundle b = { .directory = directory };

	add_module(&b, name);
	return b.out;
}
