/* SPDX-License-Identifier: ISC */
/*
 * The sections of struct config as the tables describe them: their defaults,
 * and the arrays of [host "NAME"] and [access "NAME"]. Of config/ alone.
 */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include <stddef.h>

#include "config/config.h"
#include "config/options.h"

/* Where an option is kept in its section. */
void *section_field(const struct config_option *option, struct config_seen *base);

/*
 * Gives every option of a section its default; base is zeros behind `seen`.
 * Returns 0, or -1 without memory; section_release is due in both cases.
 */
int section_fill(const struct config_section *section, struct config_seen *base);

/* Frees what the section's options hold. */
void section_release(const struct config_section *section, struct config_seen *base);

/* How many named sections of a kind there are. */
size_t section_count(const struct config *cfg, const struct config_section *section);

/* The named section, or NULL; the built-in host cannot be found. */
struct options_named *section_find(struct config *cfg, const struct config_section *section,
				   const char *name);

/*
 * section_add appends a named section with its defaults and returns it, or
 * NULL without memory. section_open does it for one that the file opens: it
 * also minds the limit, keeps the line and drops the built-in host; NULL with err.
 */
struct options_named *section_add(struct config *cfg, const struct config_section *section,
				  const char *name);
struct options_named *section_open(struct config *cfg, const struct config_section *section,
				   const char *name, char *err, size_t errsize);

/* Frees the last of the named sections of a kind. */
void section_drop_last(struct config *cfg, const struct config_section *section);

#endif
