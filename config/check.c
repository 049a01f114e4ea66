/* SPDX-License-Identifier: ISC */
/*
 * Checks across options. config_parse calls it when all lines are read. A check
 * of options that stand once is a row of rules[]; [host] and [access] have a
 * function each.
 */
#include "config/check.h"

#include <stdio.h>
#include <string.h>

#include "config/item.h"
#include "config/line.h"
#include "config/options.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The first option is the one whose line is shown, unless it has none. */
struct rule {
	struct {
		const char *section, *key;
	} options[2];
	bool (*is_broken)(const struct config *cfg);
	const char *text;
};

static bool listens_nowhere(const struct config *cfg)
{
	return cfg->ssh.listen.count == 0 && cfg->web.listen.count == 0;
}

static bool has_no_host_key(const struct config *cfg)
{
	return cfg->ssh.listen.count > 0 && cfg->ssh.host_keys.count == 0;
}

static unsigned count_address(const struct config_addresses *listen,
			      const struct config_address *address)
{
	unsigned count = 0;

	for (size_t i = 0; i < listen->count; i++)
		count += memcmp(&listen->items[i].address, &address->address,
				sizeof(address->address)) == 0;
	return count;
}

static bool ssh_listens_twice(const struct config *cfg)
{
	for (size_t i = 0; i < cfg->ssh.listen.count; i++)
		if (count_address(&cfg->ssh.listen, &cfg->ssh.listen.items[i]) > 1)
			return true;
	return false;
}

static bool web_listens_twice(const struct config *cfg)
{
	for (size_t i = 0; i < cfg->web.listen.count; i++)
		if (count_address(&cfg->web.listen, &cfg->web.listen.items[i]) +
			    count_address(&cfg->ssh.listen, &cfg->web.listen.items[i]) > 1)
			return true;
	return false;
}

static bool console_ring_is_over_all(const struct config *cfg)
{
	return cfg->console.ring > cfg->console.ring_total;
}

static bool users_are_alike(const struct config *cfg)
{
	char **items = cfg->gate.users.items;

	return strcmp(items[CONFIG_USER_VISITOR], items[CONFIG_USER_CONSOLE]) == 0 ||
	       strcmp(items[CONFIG_USER_VISITOR], items[CONFIG_USER_VIRT]) == 0 ||
	       strcmp(items[CONFIG_USER_CONSOLE], items[CONFIG_USER_VIRT]) == 0;
}

static bool a_user_is_root(const struct config *cfg)
{
	for (size_t i = 0; i < cfg->gate.users.count; i++)
		if (strcmp(cfg->gate.users.items[i], "root") == 0)
			return true;
	return false;
}

static bool login_ends_before_handshake(const struct config *cfg)
{
	return cfg->gate.login_grace < cfg->gate.handshake_grace;
}

static bool penalty_is_over_its_most(const struct config *cfg)
{
	return cfg->gate.penalty > cfg->gate.penalty_max;
}

static bool shared_keys_have_no_login(const struct config *cfg)
{
	return cfg->auth.shared_keys[0] != '\0' && cfg->auth.shared_login[0] == '\0';
}

static const struct rule rules[] = {
	{{{"gate", "users"}},
	 users_are_alike,
	 "users names one user twice; expected three different ones, one for each wall"},
	{{{"gate", "users"}}, a_user_is_root, "users names root; expected users without rights"},
	{{{"gate", "login-grace"}, {"gate", "handshake-grace"}},
	 login_ends_before_handshake,
	 "login-grace is shorter than handshake-grace; expected at least as long, both begin at "
	 "the connection"},
	{{{"gate", "penalty"}, {"gate", "penalty-max"}},
	 penalty_is_over_its_most,
	 "penalty is longer than penalty-max; expected at most as long"},
	{{{"ssh", "listen"}, {"web", "listen"}},
	 listens_nowhere,
	 "listen is empty in [ssh] and in [web]; expected an address, nobody could come in"},
	{{{"ssh", "listen"}},
	 ssh_listens_twice,
	 "[ssh] listen has one address twice; expected it once"},
	{{{"web", "listen"}},
	 web_listens_twice,
	 "[web] listen has an address twice, or one of [ssh]; expected it once"},
	{{{"console", "ring"}, {"console", "ring-total"}},
	 console_ring_is_over_all,
	 "ring is larger than ring-total, all rings together; expected at most as large"},
	{{{"ssh", "host-key"}, {"ssh", "listen"}},
	 has_no_host_key,
	 "host-key is empty; expected a file, [ssh] listen needs one"},
	{{{"auth", "shared-keys"}, {"auth", "shared-login"}},
	 shared_keys_have_no_login,
	 "shared-keys has no use while shared-login is empty; expected both or neither"},
};

static const struct config_option *find_option(const char *section, const char *key)
{
	return options_find(options_find_section(section), key);
}

static bool has_failed(const struct config_seen *seen, const struct config_option *option)
{
	return seen->failed & UINT64_C(1) << (option - options);
}

static void check_rule(const struct config *cfg, const struct rule *rule, config_error_fn fn,
		       void *arg)
{
	unsigned line = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rule->options) && rule->options[i].key; i++) {
		const struct config_option *option =
			find_option(rule->options[i].section, rule->options[i].key);

		if (has_failed(&cfg->seen, option))
			return;
		if (line == 0)
			line = line_number(cfg, option);
	}
	if (rule->is_broken(cfg))
		fn(arg, line, rule->text);
}

static void check_host(const struct config *cfg, size_t index, config_error_fn fn, void *arg)
{
	const struct config_host *host = &cfg->hosts[index];
	char text[CONFIG_ERROR_SIZE];

	if (has_failed(&host->seen, find_option("host", "uri")))
		return;
	for (size_t i = 0; i < index; i++)
		if (strcmp(cfg->hosts[i].uri, host->uri) == 0) {
			snprintf(text, sizeof(text),
				 "[host \"%s\"] has the uri of [host \"%s\"]; expected one section "
				 "for each libvirt",
				 host->name, cfg->hosts[i].name);
			fn(arg, host->seen.line, text);
			return;
		}
}

static void check_access(const struct config_access *access, config_error_fn fn, void *arg)
{
	const struct config_seen *seen = &access->seen;
	char text[CONFIG_ERROR_SIZE], shown[ITEM_SHOWN_SIZE];
	const struct {
		bool is_missing;
		const char *key, *what;
	} parts[] = {
		{access->users.count + access->groups.count == 0 &&
			 !has_failed(seen, find_option("access", "users")),
		 "groups", "names nobody; expected users or groups"},
		{access->guests.count == 0, "guests", "names no guest; expected guests, such as *"},
		{access->may == 0, "may", "allows nothing; expected may, such as view type"},
	};

	item_show(access->name, shown);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!parts[i].is_missing || has_failed(seen, find_option("access", parts[i].key)))
			continue;
		snprintf(text, sizeof(text), "[access \"%s\"] %s", shown, parts[i].what);
		fn(arg, seen->line, text);
	}
}

void check_together(const struct config *cfg, config_error_fn fn, void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		check_rule(cfg, &rules[i], fn, arg);
	for (size_t i = 0; i < cfg->host_count; i++)
		check_host(cfg, i, fn, arg);
	for (size_t i = 0; i < cfg->access_count; i++)
		check_access(&cfg->access[i], fn, arg);
}
