/* SPDX-License-Identifier: ISC */
/* See authorized_keys.h. */
#include "auth/authorized_keys.h"

#include <string.h>
#include <strings.h>

#include "auth/from.h"

struct span {
	const char *at;
	size_t len;
};

/* What the options of one line have said so far. */
struct terms {
	const struct authorized_keys_query *query;
	bool has_from;
	bool has_user;
	char *user;
};

struct flag_option {
	const char *name;
	bool plain;          /* "pty" is accepted */
	bool negated;        /* "no-pty" is accepted */
};

struct value_option {
	const char *name;
	enum authorized_keys_result (*take)(struct terms *t, const char *value);
};

static const char *const types[] = {
	"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
	"ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
};

/*
 * Whether somebody touched or unlocked the token is not visible behind libssh: a line
 * that demands it cannot be honoured.
 */
static const struct flag_option flag_options[] = {
	{ "restrict", true, false },
	{ "pty", true, true },
	{ "port-forwarding", true, true },
	{ "agent-forwarding", true, true },
	{ "x11-forwarding", true, true },
	{ "user-rc", true, true },
	{ "touch-required", false, true },
	{ "verify-required", false, true },
};

static enum authorized_keys_result take_from(struct terms *t, const char *value);
static enum authorized_keys_result take_expiry(struct terms *t, const char *value);
static enum authorized_keys_result take_user(struct terms *t, const char *value);

static const struct value_option value_options[] = {
	{ "from", take_from },
	{ "expiry-time", take_expiry },
	{ "user", take_user },
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static bool equals(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

static bool equals_any_case(struct span s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct span *s)
{
	while (s->len && is_blank(*s->at)) {
		s->at++;
		s->len--;
	}
}

static struct span take(struct span *s, size_t len)
{
	struct span taken = { s->at, len };

	s->at += len;
	s->len -= len;
	return taken;
}

static struct span take_word(struct span *s)
{
	size_t n = 0;

	while (n < s->len && !is_blank(s->at[n]))
		n++;
	return take(s, n);
}

/* Options end at the first blank outside quotes; quotes left open take the whole line. */
static struct span take_options(struct span *s)
{
	bool quoted = false;
	size_t n = 0;

	for (; n < s->len && (quoted || !is_blank(s->at[n])); n++) {
		if (s->at[n] == '\\' && n + 1 < s->len && s->at[n + 1] == '"')
			n++;
		else if (s->at[n] == '"')
			quoted = !quoted;
	}
	return take(s, n);
}

static const char *find_type(struct span word)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (equals(word, types[i]))
			return types[i];
	return NULL;
}

/* -- the key -- */

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* RFC 4648 4, padded, no bits left over. Whether it is the encoding of want. */
static bool encodes(struct span text, struct bytes want)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t n = 0, padding = 0;

	while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
		padding++;
	if (text.len % 4 != 0 || text.len / 4 * 3 - padding != want.len)
		return false;
	for (size_t i = 0; i < text.len - padding; i++) {
		int digit = digit_of(text.at[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (want.data[n++] != (uint8_t)(bits >> held))
			return false;
	}
	return (bits & ((1u << held) - 1)) == 0;
}

static const char *type_of(const struct authorized_keys_query *q)
{
	const char *name = q->algorithm;

	if (strcmp(name, "rsa-sha2-256") == 0 || strcmp(name, "rsa-sha2-512") == 0)
		name = "ssh-rsa";
	return find_type((struct span){ name, strlen(name) });
}

bool authorized_keys_can_match(const struct authorized_keys_query *q)
{
	const char *type = type_of(q);
	struct pack_reader r = { q->blob.data, q->blob.len };
	uint32_t len;

	return type && pack_get_u32(&r, &len) == 0 && len == strlen(type) && r.left > len &&
	       memcmp(r.at, type, len) == 0;
}

/* -- options -- */

static enum authorized_keys_result take_from(struct terms *t, const char *value)
{
	if (t->has_from)
		return KEYS_OPTION;
	t->has_from = true;
	return from_match(value, t->query->peer) == FROM_YES ? KEYS_MATCH : KEYS_FROM;
}

/* YYYYMMDD[HHMM[SS]] as a number of 14 digits, or 0. */
static uint64_t read_time(const char *text, size_t len)
{
	static const struct { unsigned divisor, least, most; } parts[] = {
		{ 100000000, 1, 12 }, { 1000000, 1, 31 },
		{ 10000, 0, 23 }, { 100, 0, 59 }, { 1, 0, 60 },
	};
	uint64_t stamp = 0;

	if (len != 8 && len != 12 && len != 14)
		return 0;
	for (size_t i = 0; i < 14; i++) {
		if (i < len && (text[i] < '0' || text[i] > '9'))
			return 0;
		stamp = stamp * 10 + (i < len ? (uint64_t)(text[i] - '0') : 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		unsigned part = (unsigned)(stamp / parts[i].divisor % 100);

		if (part < parts[i].least || part > parts[i].most)
			return 0;
	}
	return stamp;
}

static enum authorized_keys_result take_expiry(struct terms *t, const char *value)
{
	size_t len = strlen(value);
	uint64_t now = t->query->now_local;

	if (len > 1 && strcasecmp(value + len - 1, "Z") == 0) {
		now = t->query->now_utc;
		len -= 1;
	} else if (len > 3 && strcasecmp(value + len - 3, "UTC") == 0) {
		now = t->query->now_utc;
		len -= 3;
	}
	/* A broken time is 0, and so over. */
	return read_time(value, len) < now ? KEYS_EXPIRED : KEYS_MATCH;
}

static enum authorized_keys_result take_user(struct terms *t, const char *value)
{
	size_t len = strlen(value);

	if (!t->query->shared || t->has_user || len == 0 || len > USER_MAX)
		return KEYS_OPTION;
	t->has_user = true;
	memcpy(t->user, value, len + 1);
	return KEYS_MATCH;
}

/* Takes "..." from the options; \" is a quotation mark, any other backslash is itself. */
static int take_quoted(struct span *s, char *out)
{
	size_t n = 0;

	if (!s->len || *s->at != '"')
		return -1;
	for (take(s, 1); s->len && *s->at != '"'; take(s, 1)) {
		if (s->len > 1 && s->at[0] == '\\' && s->at[1] == '"')
			take(s, 1);
		out[n++] = *s->at;
	}
	out[n] = '\0';
	if (!s->len)
		return -1;
	take(s, 1);
	return 0;
}

static enum authorized_keys_result take_flag(struct span name)
{
	bool negated = name.len > 3 && strncasecmp(name.at, "no-", 3) == 0;

	if (negated)
		take(&name, 3);
	for (size_t i = 0; i < ARRAY_SIZE(flag_options); i++)
		if (equals_any_case(name, flag_options[i].name) &&
		    (negated ? flag_options[i].negated : flag_options[i].plain))
			return KEYS_MATCH;
	return KEYS_OPTION;
}

static enum authorized_keys_result take_option(struct terms *t, struct span *opts)
{
	char value[AUTHORIZED_KEYS_LINE_MAX + 1];
	struct span name;
	size_t n = 0;

	while (n < opts->len && opts->at[n] != '=' && opts->at[n] != ',')
		n++;
	name = take(opts, n);
	if (!opts->len || *opts->at == ',')
		return take_flag(name);
	take(opts, 1);
	if (take_quoted(opts, value) < 0)
		return KEYS_OPTION;
	for (size_t i = 0; i < ARRAY_SIZE(value_options); i++)
		if (equals_any_case(name, value_options[i].name))
			return value_options[i].take(t, value);
	return KEYS_OPTION;
}

static enum authorized_keys_result judge(struct terms *t, struct span opts)
{
	while (opts.len) {
		enum authorized_keys_result r = take_option(t, &opts);

		if (r != KEYS_MATCH)
			return r;
		/* A comma must be followed by another option. */
		if (opts.len && (*opts.at != ',' || opts.len == 1))
			return KEYS_OPTION;
		if (opts.len)
			take(&opts, 1);
	}
	return t->query->shared && !t->has_user ? KEYS_NO_USER : KEYS_MATCH;
}

enum authorized_keys_result authorized_keys_match(const struct authorized_keys_query *q,
						  const char *line, size_t len,
						  char user[static USER_MAX + 1])
{
	struct span rest = { line, len };
	struct span opts = { line, 0 };
	struct terms terms = { .query = q, .user = user };
	struct span ahead, word;
	enum authorized_keys_result r;

	user[0] = '\0';
	if (len > AUTHORIZED_KEYS_LINE_MAX)
		return KEYS_LONG;
	if (rest.len && rest.at[rest.len - 1] == '\r')
		rest.len--;
	skip_blanks(&rest);
	if (!rest.len || *rest.at == '#' || memchr(rest.at, 0, rest.len) ||
	    !authorized_keys_can_match(q))
		return KEYS_OTHER;
	ahead = rest;
	if (!find_type(take_word(&ahead)))
		opts = take_options(&rest);
	skip_blanks(&rest);
	word = take_word(&rest);
	skip_blanks(&rest);
	if (!equals(word, type_of(q)) || !encodes(take_word(&rest), q->blob))
		return KEYS_OTHER;
	r = judge(&terms, opts);
	if (r != KEYS_MATCH)
		user[0] = '\0';
	return r;
}

const char *authorized_keys_reason(enum authorized_keys_result result)
{
	static const char *const reasons[KEYS_RESULT_COUNT] = {
		[KEYS_OTHER] = "it is another key",
		[KEYS_MATCH] = "the key fits",
		[KEYS_FROM] = "its from= does not have this address",
		[KEYS_EXPIRED] = "its expiry-time is over or cannot be read",
		[KEYS_OPTION] = "it has an option that is not known here, broken or given twice",
		[KEYS_NO_USER] = "it has no user=\"...\"",
		[KEYS_LONG] = "the line is too long",
	};

	return (unsigned)result < KEYS_RESULT_COUNT ? reasons[result] : "?";
}
