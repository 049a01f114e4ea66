/* SPDX-License-Identifier: ISC */
/*
 * The lines that were set. config.c and section.c add them, check.c asks where
 * they stand. The text is kept as it was written, so that a role reads what
 * gate has read.
 */
#include "config/line.h"

#include <stdlib.h>
#include <string.h>

int line_add(struct config *cfg, const struct config_section *section,
	     const struct config_option *option, const char *name, const char *value)
{
	struct config_line *lines, *line;

	lines = reallocarray(cfg->lines, cfg->line_count + 1, sizeof(*lines));
	if (!lines)
		return -1;
	cfg->lines = lines;
	line = &lines[cfg->line_count];
	line->section = section;
	line->option = option;
	line->name = name;
	line->number = cfg->line;
	line->value = strdup(value);
	if (!line->value)
		return -1;
	cfg->line_count++;
	return 0;
}

void line_drop_last(struct config *cfg)
{
	free(cfg->lines[--cfg->line_count].value);
}

void line_free_all(struct config *cfg)
{
	while (cfg->line_count > 0)
		line_drop_last(cfg);
	free(cfg->lines);
	cfg->lines = NULL;
}

unsigned line_number(const struct config *cfg, const struct config_option *option)
{
	for (size_t i = 0; i < cfg->line_count; i++)
		if (cfg->lines[i].option == option)
			return cfg->lines[i].number;
	return 0;
}

unsigned config_line_number(const struct config *cfg, const char *section, const char *key)
{
	return line_number(cfg, options_find(options_find_section(section), key));
}
