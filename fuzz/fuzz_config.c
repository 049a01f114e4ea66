/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as serialgate.conf: errors can be printed as they are, and what is
 * accepted is accepted by each role, too.
 */
#include <stdlib.h>

#include "config/config.h"

static void check_error(void *arg, unsigned line, const char *text)
{
	(void)arg, (void)line;
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			abort();
}

static int set_again(void *arg, const char *section, const char *name, const char *key,
		     const char *value)
{
	char err[CONFIG_ERROR_SIZE];

	return config_set(arg, section, name, key, value, err, sizeof(err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config file, role;

	if (config_init(&file) == 0 &&
	    config_parse(&file, (const char *)data, size, check_error, NULL) == 0)
		for (unsigned roles = CONFIG_GATE; roles <= CONFIG_WS; roles *= 2) {
			if (config_init(&role) || config_each_line(&file, roles, set_again, &role))
				abort();
			config_free(&role);
		}
	config_free(&file);
	return 0;
}
