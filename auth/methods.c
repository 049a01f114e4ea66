/* SPDX-License-Identifier: ISC */
/* See methods.h. */
#include "auth/methods.h"

#include <string.h>

static const char *const names[CONFIG_METHODS] = {
	[CONFIG_PUBLICKEY] = "publickey",
	[CONFIG_KEYBOARD_INTERACTIVE] = "keyboard-interactive",
	[CONFIG_PASSWORD] = "password",
};

_Static_assert(sizeof("publickey,keyboard-interactive,password") <= METHODS_TEXT, "they fit");

const char *methods_name(enum config_method method)
{
	return names[method];
}

int methods_find(const char *name)
{
	for (int i = 0; i < CONFIG_METHODS; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static bool begins_with(const struct config_alternative *a, const struct methods_done *done)
{
	return a->count >= done->count && memcmp(a->steps, done->steps, done->count) == 0;
}

bool methods_allows(const struct config_methods *config, const struct methods_done *done,
		    enum config_method method)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct config_alternative *a = &config->alternatives[i];

		if (begins_with(a, done) && a->count > done->count &&
		    a->steps[done->count] == method)
			return true;
	}
	return false;
}

void methods_pass(struct methods_done *done, enum config_method method)
{
	if (done->count < CONFIG_METHODS)
		done->steps[done->count++] = (uint8_t)method;
}

bool methods_is_complete(const struct config_methods *config, const struct methods_done *done)
{
	for (size_t i = 0; i < config->count; i++)
		if (config->alternatives[i].count == done->count &&
		    begins_with(&config->alternatives[i], done))
			return done->count > 0;
	return false;
}

static void append(char *out, const char *name, const char *separator)
{
	if (out[0])
		strcat(out, separator);
	strcat(out, name);
}

void methods_list_next(const struct config_methods *config, const struct methods_done *done,
		       char out[static METHODS_TEXT])
{
	out[0] = '\0';
	for (int i = 0; i < CONFIG_METHODS; i++)
		if (methods_allows(config, done, i))
			append(out, names[i], ",");
}

void methods_list_done(const struct methods_done *done, char out[static METHODS_TEXT])
{
	out[0] = '\0';
	for (int i = 0; i < done->count; i++)
		append(out, names[done->steps[i]], "+");
}
