/* SPDX-License-Identifier: ISC */
/*
 * The lines that were set, kept as text: what goes on to the roles, and where
 * in the file an option stands. Of config/ alone.
 */
#ifndef CONFIG_LINE_H
#define CONFIG_LINE_H

#include "config/config.h"
#include "config/options.h"

struct config_line {
	const struct config_section *section;
	const struct config_option *option; /* NULL: the line opens the section */
	const char *name;		    /* borrowed from the section, or "" */
	char *value;
	unsigned number; /* in the file; 0 where there is none */
};

/* Keeps a line with cfg->line as its number. Returns 0, or -1 without memory. */
int line_add(struct config *cfg, const struct config_section *section,
	     const struct config_option *option, const char *name, const char *value);

/* Takes the line that was added last back. */
void line_drop_last(struct config *cfg);

void line_free_all(struct config *cfg);

/* The number of the first line that sets an option of an unnamed section; 0 for none. */
unsigned line_number(const struct config *cfg, const struct config_option *option);

#endif
