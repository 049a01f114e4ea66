/* SPDX-License-Identifier: ISC */
/*
 * struct config: its defaults, its options set one by one, and the lines that
 * go on to the roles. gate calls it for the file, each role for its lines. It
 * works through the tables of options.c and knows no option by name.
 */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/item.h"
#include "config/line.h"
#include "config/options.h"
#include "config/section.h"
#include "config/value.h"

#define DEFAULT_HOST "local"

int config_init(struct config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	for (size_t i = 0; i < OPTIONS_SECTIONS; i++) {
		const struct config_section *section = &options_sections[i];

		if (!section->check && section_fill(section, &cfg->seen) != 0)
			goto fail;
	}
	if (!section_add(cfg, &options_sections[OPTIONS_HOST], DEFAULT_HOST))
		goto fail;
	cfg->default_host = true;
	return 0;
fail:
	config_free(cfg);
	return -1;
}

void config_free(struct config *cfg)
{
	if (!cfg)
		return;
	for (size_t i = 0; i < OPTIONS_SECTIONS; i++) {
		const struct config_section *section = &options_sections[i];

		if (!section->check)
			section_release(section, &cfg->seen);
		else
			while (section_count(cfg, section) > 0)
				section_drop_last(cfg, section);
	}
	line_free_all(cfg);
	memset(cfg, 0, sizeof(*cfg));
}

void config_replace(struct config **current, struct config *fresh)
{
	config_free(*current);
	free(*current);
	*current = fresh;
}

/* Refuses a NAME that is missing, one too much, and one that is not well formed. */
static int check_name(const struct config_section *section, const char *name, char *err,
		      size_t errsize)
{
	char shown[ITEM_SHOWN_SIZE];
	const char *wrong;

	if (!section->check && name[0] == '\0')
		return 0;
	item_show(name, shown);
	if (!section->check) {
		snprintf(err, errsize, "[%s] has no name; expected [%s], not [%s \"%s\"]",
			 section->name, section->name, section->name, shown);
		return -1;
	}
	wrong = section->check(name);
	if (!wrong)
		return 0;
	snprintf(err, errsize, "bad name \"%s\": expected [%s \"NAME\"], NAME being %s", shown,
		 section->name, wrong);
	return -1;
}

static int open_section(struct config *cfg, const struct config_section *section, const char *name,
			char *err, size_t errsize)
{
	struct options_named *named;
	char shown[ITEM_SHOWN_SIZE];

	if (!section->check)
		return 0;
	named = section_find(cfg, section, name);
	if (!named)
		return section_open(cfg, section, name, err, errsize) ? 0 : -1;
	item_show(name, shown);
	snprintf(err, errsize, "[%s \"%s\"] again (first in line %u); expected one with that name",
		 section->name, shown, named->seen.line);
	return -1;
}

static bool is_empty_list(const struct config_option *option, const void *field)
{
	union value value = {0};
	static const union value zero;
	size_t size = value_types[option->type].size;

	memcpy(&value, field, size);
	return memcmp(&value, &zero, size) == 0;
}

/* Sets or grows the field; value is the caller's again when it fails. */
static int commit(const struct config_option *option, void *field, bool again, union value *value,
		  char *why, size_t whysize)
{
	const struct value_type *type = &value_types[option->type];

	if (!again) {
		if (type->release)
			type->release(field);
		memcpy(field, value, type->size);
		return 0;
	}
	if (!type->join) {
		snprintf(why, whysize, "it is set twice; expected one value");
		return -1;
	}
	if (is_empty_list(option, field) || is_empty_list(option, value)) {
		snprintf(why, whysize, "it is set twice; expected an empty value alone");
		return -1;
	}
	return type->join(option, field, value, why, whysize);
}

static int set_option(struct config *cfg, const struct config_option *option,
		      struct config_seen *base, const char *name, const char *text, char *why,
		      size_t whysize)
{
	const struct config_section *section = &options_sections[option->section];
	const struct value_type *type = &value_types[option->type];
	uint64_t bit = UINT64_C(1) << (option - options);
	union value value = {0};

	base->failed |= bit;
	if (type->parse(option, text, &value, why, whysize) != 0)
		return -1;
	if (line_add(cfg, section, option, name, text) != 0) {
		snprintf(why, whysize, "out of memory");
		goto fail;
	}
	if (commit(option, section_field(option, base), base->set & bit, &value, why, whysize) !=
	    0) {
		line_drop_last(cfg);
		goto fail;
	}
	base->set |= bit;
	base->failed &= ~bit;
	return 0;
fail:
	if (type->release)
		type->release(&value);
	return -1;
}

/* The line's own name must be the section's, which outlives it. */
static int set_in_section(struct config *cfg, const struct config_option *option, const char *name,
			  const char *text, char *err, size_t errsize)
{
	const struct config_section *section = &options_sections[option->section];
	char why[CONFIG_ERROR_SIZE / 2], shown[ITEM_SHOWN_SIZE];
	struct options_named *named = NULL;

	if (section->check) {
		named = section_find(cfg, section, name);
		if (!named)
			named = section_open(cfg, section, name, err, errsize);
		if (!named)
			return -1;
	}
	if (set_option(cfg, option, named ? &named->seen : &cfg->seen, named ? named->name : "",
		       text, why, sizeof(why)) == 0)
		return 0;
	item_show(text, shown);
	snprintf(err, errsize, "%s =%s%s: %s", option->key, shown[0] ? " " : "", shown, why);
	return -1;
}

int config_set(struct config *cfg, const char *section_name, const char *name, const char *key,
	       const char *value, char *err, size_t errsize)
{
	const struct config_section *section = options_find_section(section_name);
	const struct config_option *option;

	if (!section) {
		options_explain_section(section_name, err, errsize);
		return -1;
	}
	if (check_name(section, name, err, errsize) != 0)
		return -1;
	if (key[0] == '\0' && value[0] == '\0')
		return open_section(cfg, section, name, err, errsize);
	option = options_find(section, key);
	if (!option) {
		options_explain_key(section, key, err, errsize);
		return -1;
	}
	if (strlen(value) > CONFIG_VALUE_MAX || item_has_controls(value, true)) {
		snprintf(err, errsize,
			 "bad value for %s: expected at most %d bytes, none of them a control "
			 "character",
			 key, CONFIG_VALUE_MAX);
		return -1;
	}
	return set_in_section(cfg, option, name, value, err, errsize);
}

static bool is_for(const struct config_line *line, unsigned roles)
{
	return (line->option ? line->option->roles : line->section->roles) & roles;
}

int config_each_line(const struct config *cfg, unsigned roles, config_line_fn fn, void *arg)
{
	for (size_t i = 0; i < cfg->line_count; i++) {
		const struct config_line *line = &cfg->lines[i];
		int result;

		if (!is_for(line, roles))
			continue;
		result = fn(arg, line->section->name, line->name,
			    line->option ? line->option->key : "", line->value);
		if (result != 0)
			return result;
	}
	return 0;
}
