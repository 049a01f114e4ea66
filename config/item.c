/* SPDX-License-Identifier: ISC */
/*
 * Checks of single strings. The option table names them; a value that fails
 * one never reaches struct config.
 */
#include "config/item.h"

#include <string.h>

#include "config/config.h"
#include "ipc/text.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define WORD LETTERS DIGITS "._-"

#define NAME_MAX_BYTES 255				       /* of a user or a group */
#define GUEST_MAX_BYTES (CONFIG_NAME_MAX + 1 + NAME_MAX_BYTES) /* host/name */

void item_show(const char *text, char shown[static ITEM_SHOWN_SIZE])
{
	char whole[2 * ITEM_SHOWN_SIZE];
	size_t length = strlen(text), used;

	if (text_escape_ascii(whole, sizeof(whole), text, length) < ITEM_SHOWN_SIZE) {
		strcpy(shown, whole);
		return;
	}
	used = text_escape_ascii(shown, ITEM_SHOWN_SIZE - strlen("..."), text, length);
	strcpy(shown + used, "...");
}

bool item_has_controls(const char *text, bool tabs_good)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == 0x7f || (byte < 0x20 && !(byte == '\t' && tabs_good)))
			return true;
	}
	return false;
}

/* Whether all of text is from `allowed`, and 1 to max bytes long. */
static bool consists_of(const char *text, const char *allowed, size_t max)
{
	size_t length = strspn(text, allowed);

	return text[length] == '\0' && length >= 1 && length <= max;
}

const char *item_check_path(const char *text)
{
	return text[0] == '/' ? NULL : "an absolute path";
}

const char *item_check_key_path(const char *text)
{
	const char *percent = text;

	if (text[0] != '/' && strncmp(text, "%h/", 3) != 0)
		return "a path that begins with / or %h/";
	while ((percent = strchr(percent, '%'))) {
		if (percent[1] == '\0' || !strchr("uh%", percent[1]))
			return "no % but in %u (user), %h (home) and %%";
		percent += 2;
	}
	return NULL;
}

/* PAM looks the name up in a directory: it must not lead out of it. */
const char *item_check_service(const char *text)
{
	return consists_of(text, WORD, 63) && text[0] != '.'
		       ? NULL
		       : "the name of a file in /etc/pam.d, without a path";
}

const char *item_check_user(const char *text)
{
	return consists_of(text, WORD, NAME_MAX_BYTES) && text[0] != '-'
		       ? NULL
		       : "a user name of letters, digits, '.', '_' and '-'";
}

const char *item_check_uri(const char *text)
{
	size_t scheme = strspn(text, LETTERS DIGITS "+");

	return scheme > 0 && strncmp(text + scheme, "://", 3) == 0 && !strchr(text, ' ')
		       ? NULL
		       : "a libvirt URI such as qemu:///system or qemu+tls://host2/system";
}

/* Where scheme and :// end, or NULL. */
static const char *after_web_scheme(const char *text)
{
	static const char *const schemes[] = {"https://", "http://"};

	for (size_t i = 0; i < 2; i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			return text + strlen(schemes[i]);
	return NULL;
}

const char *item_check_url(const char *text)
{
	const char *rest = after_web_scheme(text);

	return rest && consists_of(rest, WORD ":[]/~%+@", CONFIG_STRING_MAX) &&
			       rest[strlen(rest) - 1] != '/'
		       ? NULL
		       : "a URL such as https://console.example.org, without a slash at its end";
}

const char *item_check_origin(const char *text)
{
	const char *rest = after_web_scheme(text);

	return rest && consists_of(rest, WORD ":[]", CONFIG_STRING_MAX)
		       ? NULL
		       : "an origin such as https://panel.example.org, without a path";
}

const char *item_check_proxy(const char *text)
{
	return consists_of(text, DIGITS "abcdefABCDEF.:/", 63) && strpbrk(text, ".:")
		       ? NULL
		       : "an address such as 192.0.2.1 or a network such as 2001:db8::/32";
}

const char *item_check_name(const char *text)
{
	return strlen(text) <= NAME_MAX_BYTES ? NULL : "a name of at most 255 bytes";
}

const char *item_check_guest(const char *text)
{
	return strlen(text) <= GUEST_MAX_BYTES ? NULL : "a name of at most 319 bytes";
}

const char *item_check_host(const char *text)
{
	return consists_of(text, WORD, CONFIG_NAME_MAX)
		       ? NULL
		       : "1 to 63 letters, digits, '.', '_' and '-'";
}

const char *item_check_access(const char *text)
{
	size_t length = strlen(text);

	return length >= 1 && length <= CONFIG_NAME_MAX && !item_has_controls(text, false) &&
			       !strchr(text, '"')
		       ? NULL
		       : "1 to 63 bytes without control characters and '\"'";
}
