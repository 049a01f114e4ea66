/* SPDX-License-Identifier: ISC */
/* See resolve.h. */
#include "console/resolve.h"

#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "console/rules.h"
#include "ipc/text.h"
#include "ipc/uuid.h"

enum { SHOWN_MAX = 5 };

struct search {
	const struct config *config;
	const struct rules_person *who;
	const char *phrase;              /* the guest's part, NUL-terminated */
	struct guest *found[SHOWN_MAX];
	unsigned count;
};

typedef bool fits_fn(const struct guest *g, const char *phrase);

static bool fits_exactly(const struct guest *g, const char *phrase)
{
	uint8_t uuid[UUID_SIZE];
	size_t host = strlen(g->host);

	if (strcmp(g->name, phrase) == 0)
		return true;
	if (strncmp(phrase, g->host, host) == 0 && phrase[host] == '/' &&
	    strcmp(phrase + host + 1, g->name) == 0)
		return true;
	return uuid_parse(uuid, phrase) == 0 && memcmp(uuid, g->uuid, UUID_SIZE) == 0;
}

static bool fits_prefix(const struct guest *g, const char *phrase)
{
	return phrase[0] && strncmp(g->name, phrase, strlen(phrase)) == 0;
}

static void search(struct search *s, const char *phrase, fits_fn *fits)
{
	s->count = 0;
	s->phrase = phrase;
	for (struct guest *g = inventory_next(NULL); g; g = inventory_next(g)) {
		if (!fits(g, phrase))
			continue;
		if (!rules_rights(s->config, s->who, g->host, g->name, g->uuid))
			continue;
		if (s->count < SHOWN_MAX)
			s->found[s->count] = g;
		s->count++;
	}
}

static void refuse_unknown(struct resolved *r, const struct rules_person *who, const char *phrase)
{
	char name[TEXT_MAX / 2];

	text_escape(name, sizeof(name), phrase, strlen(phrase));
	r->code = REFUSED_NO_GUEST;
	snprintf(r->text, sizeof(r->text), who->only_host ?
		 "no guest called '%s' for this ticket: it is for one guest, which may be gone, or on "
		 "a host where whoever made the ticket may not see it" :
		 "no guest called '%s' (or you may not see it): 'list' shows yours", name);
}

static void refuse_ambiguous(struct resolved *r, const struct search *s)
{
	char name[GUEST_LABEL_MAX * 4 + 1];
	size_t used;

	r->code = REFUSED_NO_GUEST;
	text_escape(name, 128, s->phrase, strlen(s->phrase));
	used = (size_t)snprintf(r->text, sizeof(r->text), "'%s' fits %u guests:", name, s->count);
	for (unsigned i = 0; i < s->count && i < SHOWN_MAX && used < sizeof(r->text); i++) {
		char label[GUEST_LABEL_MAX + 1];

		snprintf(label, sizeof(label), "%s/%s", s->found[i]->host, s->found[i]->name);
		text_escape(name, 160, label, strlen(label));
		used += (size_t)snprintf(r->text + used, sizeof(r->text) - used, " %s", name);
	}
	if (s->count > SHOWN_MAX && used < sizeof(r->text))
		snprintf(r->text + used, sizeof(r->text) - used, " ...");
}

/* Is there a guest for this phrase? True also when there are too many. */
static bool settle(struct resolved *r, struct search *s, const char *phrase, fits_fn *fits)
{
	search(s, phrase, fits);
	if (s->count == 0)
		return false;
	if (s->count > 1) {
		refuse_ambiguous(r, s);
		return true;
	}
	r->guest = s->found[0];
	r->rights = rules_rights(s->config, s->who, r->guest->host, r->guest->name,
				 r->guest->uuid);
	return true;
}

void resolve_guest(struct resolved *r, const struct config *config,
		   const struct rules_person *who, const char *phrase, bool prefix)
{
	struct search s = { .config = config, .who = who };
	char guest[GUEST_PHRASE_MAX + 1];
	char *colon;
	bool split;

	*r = (struct resolved){ 0 };
	snprintf(guest, sizeof(guest), "%s", phrase);
	if (settle(r, &s, guest, fits_exactly))
		return;
	if (prefix && settle(r, &s, guest, fits_prefix))
		return;
	colon = strrchr(guest, ':');
	split = colon && colon != guest && strlen(colon + 1) <= ALIAS_MAX;
	if (split) {
		*colon = '\0';
		if (settle(r, &s, guest, fits_exactly) ||
		    (prefix && settle(r, &s, guest, fits_prefix))) {
			strcpy(r->alias, colon + 1);
			return;
		}
	}
	refuse_unknown(r, who, phrase);
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strcspn(word, " ");

	if (word[len] || !len)
		return false;

	for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

int resolve_console(struct resolved *r, const char *alias, char *out)
{
	const struct guest *g = r->guest;
	char name[512], wanted[ALIAS_MAX * 4 + 1];

	text_escape(name, sizeof(name), g->name, strlen(g->name));
	text_escape(wanted, sizeof(wanted), alias, strlen(alias));
	r->code = REFUSED_NO_GUEST;
	if (!g->consoles[0]) {
		snprintf(r->text, sizeof(r->text), r->rights & CONFIG_MAY_ADD_SERIAL ?
			 "guest '%s' has no serial console that libvirt can open (type pty): "
			 "the command add-serial adds one" :
			 "guest '%s' has no serial console that libvirt can open (type pty). To add one: "
			 "virsh edit, in <devices>: <serial type='pty'/> <console type='pty'/>, "
			 "then shut it down and start it; its own system needs console=ttyS0", name);
		return -1;
	}
	if (!alias[0]) {
		size_t len = strcspn(g->consoles, " ");

		snprintf(out, ALIAS_MAX + 1, "%.*s", (int)len, g->consoles);
		return 0;
	}
	if (!has_word(g->consoles, alias)) {
		snprintf(r->text, sizeof(r->text), "guest '%s' has no console '%s'; it has: %s",
			 name, wanted, g->consoles);
		return -1;
	}
	snprintf(out, ALIAS_MAX + 1, "%s", alias);
	return 0;
}
