/* SPDX-License-Identifier: ISC */
/*
 * What a single string of the configuration may look like, and how one that is
 * wrong is shown. Pure.
 */
#ifndef CONFIG_ITEM_H
#define CONFIG_ITEM_H

#include <stdbool.h>
#include <stddef.h>

/* The longest item_show writes, with its NUL. */
#define ITEM_SHOWN_SIZE 72

/* Writes text for a person: printable ASCII, the rest as \xNN, a long one cut with "...". */
void item_show(const char *text, char shown[static ITEM_SHOWN_SIZE]);

/* Whether a byte below 0x20 or 0x7f is in text; a tab is one only where tabs are not good. */
bool item_has_controls(const char *text, bool tabs_good);

/* These return what is expected instead of text, or NULL where it is good. */
const char *item_check_path(const char *text);
const char *item_check_key_path(const char *text);
const char *item_check_service(const char *text);
const char *item_check_user(const char *text);
const char *item_check_uri(const char *text);
const char *item_check_url(const char *text);
const char *item_check_origin(const char *text);
const char *item_check_proxy(const char *text);
const char *item_check_name(const char *text);
const char *item_check_guest(const char *text);
const char *item_check_host(const char *text);
const char *item_check_access(const char *text);

#endif
