/* SPDX-License-Identifier: ISC */
/*
 * The option types that are lists: the functions of their rows in
 * value_types[], with the contract of struct value_type. Pure.
 */
#ifndef CONFIG_LISTS_H
#define CONFIG_LISTS_H

#include <stddef.h>

#include "config/value.h"

int lists_parse_list(const struct config_option *option, const char *text, union value *value,
		     char *why, size_t whysize);
int lists_join_list(const struct config_option *option, void *field, union value *value, char *why,
		    size_t whysize);
void lists_release_list(void *field);

int lists_parse_addresses(const struct config_option *option, const char *text, union value *value,
			  char *why, size_t whysize);
int lists_join_addresses(const struct config_option *option, void *field, union value *value,
			 char *why, size_t whysize);
void lists_release_addresses(void *field);

int lists_parse_methods(const struct config_option *option, const char *text, union value *value,
			char *why, size_t whysize);
int lists_join_methods(const struct config_option *option, void *field, union value *value,
		       char *why, size_t whysize);

int lists_parse_rights(const struct config_option *option, const char *text, union value *value,
		       char *why, size_t whysize);
int lists_join_rights(const struct config_option *option, void *field, union value *value,
		      char *why, size_t whysize);

#endif
