/* SPDX-License-Identifier: ISC */
/*
 * The menu of a terminal that can do nothing but print lines (TERM=dumb, or none): a
 * numbered list and a prompt with its own small line editor. It prints only when asked,
 * so that nothing disturbs the line that is being typed. Pure.
 */
#ifndef TERMINAL_PROMPT_H
#define TERMINAL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "ipc/buf.h"
#include "terminal/guests.h"
#include "terminal/keys.h"

enum { PROMPT_LINE_SIZE = 512, PROMPT_LIST_MAX = 100 };

enum prompt_action { PROMPT_NOTHING, PROMPT_ATTACH, PROMPT_HELP, PROMPT_LEAVE };

/* A guest that stands in the list as printed: numbers mean these, whatever changes. */
struct prompt_entry {
	uint8_t uuid[UUID_SIZE];
	char host[HOST_MAX + 1];
};

struct prompt {
	const struct guests *guests;
	bool is_utf8;
	char line[PROMPT_LINE_SIZE];
	struct prompt_entry *listed;
	size_t count;
	struct prompt_entry chosen;      /* after PROMPT_ATTACH */
};

void prompt_init(struct prompt *p, const struct guests *guests, bool is_utf8);
void prompt_free(struct prompt *p);

/* Prints the list ("" all; else what fits) and the prompt. Lines end with CR LF. */
void prompt_list(struct prompt *p, struct buf *out, const char *filter);
/* The prompt alone, with what was typed so far. */
void prompt_again(struct prompt *p, struct buf *out);

enum prompt_action prompt_key(struct prompt *p, const struct key *key, struct buf *out);

#endif
