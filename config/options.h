/* SPDX-License-Identifier: ISC */
/*
 * The table of options and sections: one row each. Only config/ and its tests
 * include this; the roles see struct config.
 */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

/* Where an option is kept; the order of options_sections[]. */
enum options_section {
	OPTIONS_GATE,
	OPTIONS_SSH,
	OPTIONS_WEB,
	OPTIONS_AUTH,
	OPTIONS_CONSOLE,
	OPTIONS_HOST,
	OPTIONS_ACCESS,
	OPTIONS_SECTIONS,
};

/*
 * Sections that stand once keep their options in struct config itself. The
 * named ones, [name "NAME"], are an array in it whose items begin like
 * struct options_named.
 */
struct config_section {
	const char *name;
	unsigned roles;			    /* named: who is told that one was opened */
	const char *(*check)(const char *); /* named: of NAME, as of an item; else NULL */
	size_t items, item_size, max;	    /* named: offset in struct config, and the most */
	size_t count;			    /* named: offset of a size_t in struct config */
};

struct options_named {
	struct config_seen seen;
	char *name;
};

/* How a value is written; the order of value_types[]. Comments give the type of the field. */
enum option_type {
	OPTION_INTEGER,	  /* int; min and max of it */
	OPTION_DURATION,  /* int64_t; in ms, as min and max */
	OPTION_SIZE,	  /* size_t; in bytes, as min and max */
	OPTION_STRING,	  /* char *; min and max are its length */
	OPTION_LIST,	  /* struct config_list; min and max of its items, as in all below */
	OPTION_ADDRESSES, /* struct config_addresses */
	OPTION_METHODS,	  /* struct config_methods */
	OPTION_RIGHTS,	  /* unsigned, enum config_right */
	OPTION_ESCAPE,	  /* int; no limits */
	OPTION_SEPARATOR, /* char; no limits */
	OPTION_CAPTURE,	  /* int, enum config_capture; no limits, as below */
	OPTION_FILTER,	  /* int, enum config_filter */
	OPTION_SLOW_LINK, /* int, enum config_slow_link */
	OPTION_AWAKE,	  /* int, enum config_awake */
	OPTION_TYPES,
};

struct config_option {
	enum options_section section;
	const char *key;
	enum option_type type;
	size_t offset; /* in struct config, config_host or config_access, as the section has it */
	int64_t min, max;
	unsigned roles;			    /* enum config_role */
	const char *(*check)(const char *); /* of a string or item: what was expected, or NULL */
	const char *standard;		    /* the default as written; NULL: a field of zeros */
};

extern const struct config_section options_sections[OPTIONS_SECTIONS];
extern const struct config_option options[];
extern const size_t options_count; /* at most 64: struct config_seen has a bit for each */

/* Return the row, or NULL where there is none of that name. */
const struct config_section *options_find_section(const char *name);
const struct config_option *options_find(const struct config_section *section, const char *key);

/*
 * Write "unknown ..., did you mean ...?" for a name that was not found. A key
 * that stands in another section is said to belong there.
 */
void options_explain_section(const char *name, char *err, size_t errsize);
void options_explain_key(const struct config_section *section, const char *key, char *err,
			 size_t errsize);

#endif
