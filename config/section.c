/* SPDX-License-Identifier: ISC */
/*
 * Sections, by the tables of options.c. config.c calls it. It allocates, and
 * does nothing else to the world.
 */
#include "config/section.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/line.h"
#include "config/value.h"

static bool is_in(const struct config_option *option, const struct config_section *section)
{
	return &options_sections[option->section] == section;
}

void *section_field(const struct config_option *option, struct config_seen *base)
{
	return (char *)base + option->offset;
}

int section_fill(const struct config_section *section, struct config_seen *base)
{
	char why[CONFIG_ERROR_SIZE];

	for (size_t i = 0; i < options_count; i++) {
		const struct config_option *option = &options[i];
		const struct value_type *type = &value_types[option->type];
		union value value = {0};

		if (!is_in(option, section) || !option->standard)
			continue;
		if (type->parse(option, option->standard, &value, why, sizeof(why)) != 0)
			return -1;
		memcpy(section_field(option, base), &value, type->size);
	}
	return 0;
}

void section_release(const struct config_section *section, struct config_seen *base)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct value_type *type = &value_types[options[i].type];

		if (is_in(&options[i], section) && type->release)
			type->release(section_field(&options[i], base));
	}
}

static size_t *count_of(struct config *cfg, const struct config_section *section)
{
	return (size_t *)(void *)((char *)cfg + section->count);
}

size_t section_count(const struct config *cfg, const struct config_section *section)
{
	return *(const size_t *)(const void *)((const char *)cfg + section->count);
}

static struct options_named *section_at(struct config *cfg, const struct config_section *section,
					size_t index)
{
	char *items = (char *)cfg + section->items;

	return (struct options_named *)(void *)(items + index * section->item_size);
}

struct options_named *section_find(struct config *cfg, const struct config_section *section,
				   const char *name)
{
	if (section == &options_sections[OPTIONS_HOST] && cfg->default_host)
		return NULL;
	for (size_t i = 0; i < section_count(cfg, section); i++) {
		struct options_named *named = section_at(cfg, section, i);

		if (strcmp(named->name, name) == 0)
			return named;
	}
	return NULL;
}

struct options_named *section_add(struct config *cfg, const struct config_section *section,
				  const char *name)
{
	struct options_named *named = section_at(cfg, section, (*count_of(cfg, section))++);

	named->seen.line = cfg->line;
	named->name = strdup(name);
	if (named->name && section_fill(section, &named->seen) == 0)
		return named;
	section_drop_last(cfg, section);
	return NULL;
}

void section_drop_last(struct config *cfg, const struct config_section *section)
{
	struct options_named *named = section_at(cfg, section, --(*count_of(cfg, section)));

	section_release(section, &named->seen);
	free(named->name);
	memset(named, 0, section->item_size);
}

struct options_named *section_open(struct config *cfg, const struct config_section *section,
				   const char *name, char *err, size_t errsize)
{
	struct options_named *named;

	if (section == &options_sections[OPTIONS_HOST] && cfg->default_host) {
		section_drop_last(cfg, section);
		cfg->default_host = false;
	}
	if (section_count(cfg, section) == section->max) {
		snprintf(err, errsize, "too many [%s] sections; expected at most %zu",
			 section->name, section->max);
		return NULL;
	}
	named = section_add(cfg, section, name);
	if (named && line_add(cfg, section, NULL, named->name, "") == 0)
		return named;
	if (named)
		section_drop_last(cfg, section);
	snprintf(err, errsize, "out of memory");
	return NULL;
}
