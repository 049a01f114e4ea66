/* SPDX-License-Identifier: ISC */
/* See request.h. */
#include "sshd/request.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* What a client may set; its TERM counts only until it asks for a terminal. */
static const struct variable {
	const char *name;
	size_t offset;
} variables[] = {
	{ "LANG", offsetof(struct request, lang) },
	{ "LC_ALL", offsetof(struct request, lc_all) },
	{ "LC_CTYPE", offsetof(struct request, lc_ctype) },
	{ "TERM", offsetof(struct request, term) },
};

static int set_text(char *to, const char *from)
{
	size_t len = strlen(from);

	if (len > REQUEST_TEXT_MAX)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (from[i] <= ' ' || from[i] > '~')
			return -1;
	memcpy(to, from, len + 1);
	return 0;
}

static unsigned clamp(int n)
{
	if (n <= 0)
		return 0;
	return n > REQUEST_SIZE_MAX ? REQUEST_SIZE_MAX : (unsigned)n;
}

void request_set_size(struct request *r, int cols, int rows)
{
	r->cols = clamp(cols);
	r->rows = clamp(rows);
}

int request_set_terminal(struct request *r, const char *term, int cols, int rows)
{
	if (r->has_terminal || r->is_complete)
		return -1;
	/* A terminal whose name we cannot take is still a terminal. */
	if (set_text(r->term, term) < 0)
		r->term[0] = '\0';
	request_set_size(r, cols, rows);
	r->has_terminal = true;
	return 0;
}

int request_set_env(struct request *r, const char *name, const char *value)
{
	if (r->is_complete)
		return -1;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (strcmp(variables[i].name, name) != 0)
			continue;
		if (r->has_terminal && variables[i].offset == offsetof(struct request, term))
			return -1;
		return set_text((char *)r + variables[i].offset, value);
	}
	return -1;
}

int request_set_shell(struct request *r)
{
	if (r->is_complete)
		return -1;
	r->is_complete = true;
	return 0;
}

int request_set_command(struct request *r, const char *command)
{
	if (r->is_complete)
		return -1;
	r->command = strdup(command);
	if (!r->command)
		return -1;
	r->is_complete = true;
	return 0;
}

const char *request_lang(const struct request *r)
{
	if (r->lc_all[0])
		return r->lc_all;
	return r->lc_ctype[0] ? r->lc_ctype : r->lang;
}

void request_free(struct request *r)
{
	free(r->command);
	*r = (struct request){ 0 };
}
