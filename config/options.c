/* SPDX-License-Identifier: ISC */
/*
 * Every section and every option of serialgate.conf. config.c, check.c and the
 * tests read these tables; they never change. An option more is a row here, a
 * field in config.h, and its lines in serialgate.conf and serialgate.conf(5).
 */
#include "config/options.h"

#include <stdio.h>
#include <string.h>

#include "config/item.h"
#include "ipc/nearest.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB INT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)

#define IN_CONFIG(field) offsetof(struct config, field)
#define IN_HOST(field) offsetof(struct config_host, field)
#define IN_ACCESS(field) offsetof(struct config_access, field)

const struct config_section options_sections[OPTIONS_SECTIONS] = {
	[OPTIONS_GATE] = {.name = "gate"},
	[OPTIONS_SSH] = {.name = "ssh"},
	[OPTIONS_WEB] = {.name = "web"},
	[OPTIONS_AUTH] = {.name = "auth"},
	[OPTIONS_CONSOLE] = {.name = "console"},
	[OPTIONS_HOST] = {"host", CONFIG_CONSOLE | CONFIG_VIRT, item_check_host, IN_CONFIG(hosts),
			  sizeof(struct config_host), CONFIG_HOSTS_MAX, IN_CONFIG(host_count)},
	[OPTIONS_ACCESS] = {"access", CONFIG_CONSOLE | CONFIG_AUTH, item_check_access,
			    IN_CONFIG(access), sizeof(struct config_access), CONFIG_ACCESS_MAX,
			    IN_CONFIG(access_count)},
};

_Static_assert(IN_HOST(name) == offsetof(struct options_named, name), "begins alike");
_Static_assert(IN_ACCESS(name) == offsetof(struct options_named, name), "begins alike");

const struct config_option options[] = {
	{OPTIONS_GATE, "users", OPTION_LIST, IN_CONFIG(gate.users), CONFIG_USERS, CONFIG_USERS,
	 CONFIG_GATE, item_check_user, "serialgate serialgate-console serialgate-virt"},
	{OPTIONS_GATE, "max-visitors", OPTION_INTEGER, IN_CONFIG(gate.max_visitors), 1, 100000,
	 CONFIG_GATE, NULL, "500"},
	{OPTIONS_GATE, "max-per-source", OPTION_INTEGER, IN_CONFIG(gate.max_per_source), 1, 100000,
	 CONFIG_GATE, NULL, "100"},
	{OPTIONS_GATE, "max-unauthenticated", OPTION_INTEGER, IN_CONFIG(gate.max_unauthenticated),
	 1, 100000, CONFIG_GATE, NULL, "100"},
	{OPTIONS_GATE, "idle-timeout", OPTION_DURATION, IN_CONFIG(gate.idle_timeout), 0, 365 * DAY,
	 CONFIG_SSHD | CONFIG_WS, NULL, "0"},
	{OPTIONS_GATE, "handshake-grace", OPTION_DURATION, IN_CONFIG(gate.handshake_grace), SECOND,
	 HOUR, CONFIG_GATE | CONFIG_SSHD | CONFIG_WS, NULL, "30s"},
	{OPTIONS_GATE, "login-grace", OPTION_DURATION, IN_CONFIG(gate.login_grace), SECOND, HOUR,
	 CONFIG_GATE | CONFIG_AUTH | CONFIG_SSHD | CONFIG_WS, NULL, "2m"},
	{OPTIONS_GATE, "penalty", OPTION_DURATION, IN_CONFIG(gate.penalty), 0, HOUR, CONFIG_GATE,
	 NULL, "5s"},
	{OPTIONS_GATE, "penalty-max", OPTION_DURATION, IN_CONFIG(gate.penalty_max), SECOND, 7 * DAY,
	 CONFIG_GATE, NULL, "10m"},
	{OPTIONS_GATE, "audit-file", OPTION_STRING, IN_CONFIG(gate.audit_file), 0,
	 CONFIG_STRING_MAX, CONFIG_GATE, item_check_path, ""},
	{OPTIONS_GATE, "state-file", OPTION_STRING, IN_CONFIG(gate.state_file), 0,
	 CONFIG_STRING_MAX, CONFIG_GATE, item_check_path, "/var/lib/serialgate/open"},

	{OPTIONS_SSH, "listen", OPTION_ADDRESSES, IN_CONFIG(ssh.listen), 0, CONFIG_LIST_MAX,
	 CONFIG_GATE, NULL, "[::]:2222"},
	{OPTIONS_SSH, "host-key", OPTION_LIST, IN_CONFIG(ssh.host_keys), 0, CONFIG_LIST_MAX,
	 CONFIG_GATE, item_check_path, "/etc/serialgate/ssh_host_ed25519_key"},

	{OPTIONS_WEB, "listen", OPTION_ADDRESSES, IN_CONFIG(web.listen), 0, CONFIG_LIST_MAX,
	 CONFIG_GATE, NULL, "[::]:8022"},
	{OPTIONS_WEB, "tls-certificate", OPTION_STRING, IN_CONFIG(web.tls_certificate), 0,
	 CONFIG_STRING_MAX, CONFIG_GATE, item_check_path, "/etc/serialgate/web.crt"},
	{OPTIONS_WEB, "tls-key", OPTION_STRING, IN_CONFIG(web.tls_key), 0, CONFIG_STRING_MAX,
	 CONFIG_GATE, item_check_path, "/etc/serialgate/web.key"},
	{OPTIONS_WEB, "public-url", OPTION_STRING, IN_CONFIG(web.public_url), 0, CONFIG_STRING_MAX,
	 CONFIG_SSHD | CONFIG_WS, item_check_url, ""},
	{OPTIONS_WEB, "origins", OPTION_LIST, IN_CONFIG(web.origins), 0, CONFIG_LIST_MAX,
	 CONFIG_WS, item_check_origin, ""},
	{OPTIONS_WEB, "embed-from", OPTION_LIST, IN_CONFIG(web.embed_from), 0, CONFIG_LIST_MAX,
	 CONFIG_WS, item_check_origin, ""},
	{OPTIONS_WEB, "trusted-proxy", OPTION_LIST, IN_CONFIG(web.trusted_proxy), 0,
	 CONFIG_LIST_MAX, CONFIG_WS, item_check_proxy, ""},
	{OPTIONS_WEB, "session-idle", OPTION_DURATION, IN_CONFIG(web.session_idle), MINUTE,
	 7 * DAY, CONFIG_AUTH, NULL, "30m"},
	{OPTIONS_WEB, "session-total", OPTION_DURATION, IN_CONFIG(web.session_total), MINUTE,
	 30 * DAY, CONFIG_AUTH, NULL, "12h"},

	{OPTIONS_AUTH, "pam-service", OPTION_STRING, IN_CONFIG(auth.pam_service), 1, 63,
	 CONFIG_AUTH, item_check_service, "serialgate"},
	{OPTIONS_AUTH, "pam-directory", OPTION_STRING, IN_CONFIG(auth.pam_directory), 0,
	 CONFIG_STRING_MAX, CONFIG_AUTH, item_check_path, ""},
	{OPTIONS_AUTH, "shared-login", OPTION_STRING, IN_CONFIG(auth.shared_login), 0, 255,
	 CONFIG_AUTH, item_check_user, "console"},
	{OPTIONS_AUTH, "shared-keys", OPTION_STRING, IN_CONFIG(auth.shared_keys), 0,
	 CONFIG_STRING_MAX, CONFIG_AUTH, item_check_path, ""},
	{OPTIONS_AUTH, "guest-separator", OPTION_SEPARATOR, IN_CONFIG(auth.guest_separator), 0, 0,
	 CONFIG_SSHD, NULL, "+"},
	{OPTIONS_AUTH, "authorized-keys", OPTION_LIST, IN_CONFIG(auth.authorized_keys), 0,
	 CONFIG_LIST_MAX, CONFIG_AUTH, item_check_key_path, "%h/.ssh/authorized_keys"},
	{OPTIONS_AUTH, "methods", OPTION_METHODS, IN_CONFIG(auth.methods), 1,
	 CONFIG_ALTERNATIVES_MAX, CONFIG_AUTH | CONFIG_SSHD, NULL,
	 "publickey keyboard-interactive"},
	{OPTIONS_AUTH, "max-tries", OPTION_INTEGER, IN_CONFIG(auth.max_tries), 1, 100, CONFIG_AUTH,
	 NULL, "6"},

	{OPTIONS_CONSOLE, "escape", OPTION_ESCAPE, IN_CONFIG(console.escape), 0, 0,
	 CONFIG_SSHD | CONFIG_WS, NULL, "^]"},
	{OPTIONS_CONSOLE, "ring", OPTION_SIZE, IN_CONFIG(console.ring), 64 * KIB, GIB,
	 CONFIG_CONSOLE, NULL, "1MiB"},
	{OPTIONS_CONSOLE, "ring-total", OPTION_SIZE, IN_CONFIG(console.ring_total), MIB,
	 1024 * GIB, CONFIG_CONSOLE, NULL, "1GiB"},
	{OPTIONS_CONSOLE, "boots", OPTION_INTEGER, IN_CONFIG(console.boots), 1, 16, CONFIG_CONSOLE,
	 NULL, "4"},
	{OPTIONS_CONSOLE, "capture", OPTION_CAPTURE, IN_CONFIG(console.capture), 0, 0,
	 CONFIG_CONSOLE, NULL, "on-demand"},
	{OPTIONS_CONSOLE, "keyboard-idle", OPTION_DURATION, IN_CONFIG(console.keyboard_idle), 0,
	 365 * DAY, CONFIG_CONSOLE, NULL, "10m"},
	{OPTIONS_CONSOLE, "log-directory", OPTION_STRING, IN_CONFIG(console.log_directory), 0,
	 CONFIG_STRING_MAX, CONFIG_CONSOLE, item_check_path, ""},
	{OPTIONS_CONSOLE, "log-size", OPTION_SIZE, IN_CONFIG(console.log_size), 64 * KIB,
	 1024 * GIB, CONFIG_CONSOLE, NULL, "16MiB"},
	{OPTIONS_CONSOLE, "log-files", OPTION_INTEGER, IN_CONFIG(console.log_files), 1, 10000,
	 CONFIG_CONSOLE, NULL, "16"},
	{OPTIONS_CONSOLE, "filter", OPTION_FILTER, IN_CONFIG(console.filter), 0, 0,
	 CONFIG_SSHD | CONFIG_WS, NULL, "off"},
	{OPTIONS_CONSOLE, "slow-link", OPTION_SLOW_LINK, IN_CONFIG(console.slow_link), 0, 0,
	 CONFIG_SSHD | CONFIG_WS, NULL, "paint"},
	{OPTIONS_CONSOLE, "linger", OPTION_DURATION, IN_CONFIG(console.linger), 0, 365 * DAY,
	 CONFIG_CONSOLE, NULL, "1h"},
	{OPTIONS_CONSOLE, "stay-awake", OPTION_AWAKE, IN_CONFIG(console.stay_awake), 0, 0,
	 CONFIG_CONSOLE, NULL, "keys"},

	{OPTIONS_HOST, "uri", OPTION_STRING, IN_HOST(uri), 1, CONFIG_STRING_MAX, CONFIG_VIRT,
	 item_check_uri, "qemu:///system"},

	{OPTIONS_ACCESS, "users", OPTION_LIST, IN_ACCESS(users), 0, CONFIG_LIST_MAX, CONFIG_CONSOLE,
	 item_check_name, NULL},
	{OPTIONS_ACCESS, "groups", OPTION_LIST, IN_ACCESS(groups), 0, CONFIG_LIST_MAX,
	 CONFIG_CONSOLE | CONFIG_AUTH, item_check_name, NULL},
	{OPTIONS_ACCESS, "guests", OPTION_LIST, IN_ACCESS(guests), 1, CONFIG_LIST_MAX,
	 CONFIG_CONSOLE, item_check_guest, NULL},
	{OPTIONS_ACCESS, "may", OPTION_RIGHTS, IN_ACCESS(may), 1, CONFIG_LIST_MAX, CONFIG_CONSOLE,
	 NULL, NULL},
};

const size_t options_count = ARRAY_SIZE(options);

_Static_assert(ARRAY_SIZE(options) <= 64, "struct config_seen has a bit for each option");

const struct config_section *options_find_section(const char *name)
{
	for (size_t i = 0; i < OPTIONS_SECTIONS; i++)
		if (strcmp(options_sections[i].name, name) == 0)
			return &options_sections[i];
	return NULL;
}

static const struct config_section *section_of(const struct config_option *option)
{
	return &options_sections[option->section];
}

const struct config_option *options_find(const struct config_section *section, const char *key)
{
	for (size_t i = 0; i < options_count; i++)
		if (section_of(&options[i]) == section && strcmp(options[i].key, key) == 0)
			return &options[i];
	return NULL;
}

void options_explain_section(const char *name, char *err, size_t errsize)
{
	const char *meant = NULL;
	char shown[ITEM_SHOWN_SIZE];
	unsigned best = NEAREST_NONE;

	for (size_t i = 0; i < OPTIONS_SECTIONS; i++)
		if (nearest_is(name, options_sections[i].name, &best))
			meant = options_sections[i].name;
	item_show(name, shown);
	if (meant)
		snprintf(err, errsize, "unknown section [%s]; did you mean [%s]?", shown, meant);
	else
		snprintf(err, errsize,
			 "unknown section [%s]; expected gate, ssh, web, auth, console, host \"NAME\" "
			 "or access \"NAME\"",
			 shown);
}

void options_explain_key(const struct config_section *section, const char *key, char *err,
			 size_t errsize)
{
	const char *meant = NULL, *elsewhere = NULL;
	char shown[ITEM_SHOWN_SIZE];
	unsigned best = NEAREST_NONE;

	for (size_t i = 0; i < options_count; i++) {
		if (section_of(&options[i]) != section) {
			if (!elsewhere && strcmp(options[i].key, key) == 0)
				elsewhere = section_of(&options[i])->name;
		} else if (nearest_is(key, options[i].key, &best)) {
			meant = options[i].key;
		}
	}
	item_show(key, shown);
	if (elsewhere)
		snprintf(err, errsize, "unknown key \"%s\" in [%s]; it belongs to [%s]", shown,
			 section->name, elsewhere);
	else if (meant)
		snprintf(err, errsize, "unknown key \"%s\" in [%s]; did you mean \"%s\"?", shown,
			 section->name, meant);
	else
		snprintf(err, errsize, "unknown key \"%s\" in [%s]; see serialgate.conf(5)", shown,
			 section->name);
}
