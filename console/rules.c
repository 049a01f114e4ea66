/* SPDX-License-Identifier: ISC */
/* See rules.h. */
#include "console/rules.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "ipc/message.h"
#include "ipc/uuid.h"

static bool list_has(const struct config_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], word) == 0)
			return true;
	return false;
}

/* Users and groups name exactly. */
static bool section_fits(const struct config_access *section, const struct rules_person *who)
{
	if (list_has(&section->users, who->user))
		return true;
	for (size_t i = 0; i < who->ngroups; i++)
		if (list_has(&section->groups, who->groups[i]))
			return true;
	return false;
}

static bool pattern_fits(const char *pattern, const char *name, const char *label,
			 const uint8_t uuid[16])
{
	uint8_t only[16];

	if (uuid_parse(only, pattern) == 0)
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

		if (!section_fits(section, who))
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
