/* SPDX-License-Identifier: ISC */
/* See rules.h. */
#include "console/rules.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "ipc/message.h"

static bool list_has(const struct config_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], word) == 0)
			return true;
	return false;
}

bool rules_section_fits(const struct config_access *section, const struct rules_person *who)
{
	if (list_has(&section->users, who->user))
		return true;
	for (size_t i = 0; i < who->ngroups; i++)
		if (list_has(&section->groups, who->groups[i]))
			return true;
	return false;
}

void rules_uuid_text(char text[RULES_UUID_TEXT], const uint8_t uuid[16])
{
	char *at = text;

	for (int i = 0; i < 16; i++)
		at += sprintf(at, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int rules_uuid_parse(uint8_t uuid[16], const char *text)
{
	if (strnlen(text, RULES_UUID_TEXT) != RULES_UUID_TEXT - 1)
		return -1;
	for (int i = 0, at = 0; i < 16; i++, at += 2) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
			return -1;
		high = hex((char)tolower((unsigned char)text[at]));
		low = hex((char)tolower((unsigned char)text[at + 1]));
		if (high < 0 || low < 0)
			return -1;
		uuid[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static bool pattern_fits(const char *pattern, const char *name, const char *label,
			 const uint8_t uuid[16])
{
	uint8_t only[16];

	if (rules_uuid_parse(only, pattern) == 0)
		return memcmp(only, uuid, sizeof(only)) == 0;
	return fnmatch(pattern, strchr(pattern, '/') ? label : name, 0) == 0;
}

unsigned rules_rights(const struct config *config, const struct rules_person *who,
		      const char *host, const char *name, const uint8_t uuid[16])
{
	char label[GUEST_LABEL_MAX + 1];
	unsigned rights = 0;

	if (who->only_host && (strcmp(who->only_host, host) != 0 || memcmp(who->only_uuid, uuid, 16) != 0))
		return 0;
	snprintf(label, sizeof(label), "%s/%s", host, name);
	for (size_t i = 0; i < config->access_count; i++) {
		const struct config_access *section = &config->access[i];

		if (!rules_section_fits(section, who))
			continue;
		for (size_t g = 0; g < section->guests.count; g++)
			if (pattern_fits(section->guests.items[g], name, label, uuid)) {
				rights |= section->may;
				break;
			}
	}
	if (!(rights & CONFIG_MAY_VIEW))
		return 0;
	return who->only_host ? rights & who->at_most : rights;
}
