/* SPDX-License-Identifier: ISC */
/* See protocol.h. Pure. */
#include "ws/protocol.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/buf.h"
#include "ws/words.h"

#define NUMBER_MAX INT64_C(9007199254740991)   /* 2^53 - 1: what a script can count to */
#define IN(member) offsetof(struct ask, member)
#define TEXT(member) IN(member), sizeof(((struct ask *)0)->member) - 1

struct field;
typedef int (*read_fn)(struct ask *a, const struct field *f, json_t *value);

/* One member of a message; max: of a text its bytes, of a number its greatest value. */
struct field {
	const char *name;
	read_fn read;
	size_t offset;
	uint64_t max;
	bool is_needed;
};

static int read_text(struct ask *a, const struct field *f, json_t *value)
{
	size_t len = json_string_length(value);

	if (!json_is_string(value) || len > f->max || strlen(json_string_value(value)) != len)
		return -1;
	memcpy((char *)a + f->offset, json_string_value(value), len + 1);
	return f->is_needed && len == 0 ? -1 : 0;
}

/* A user's name may be empty: PAM asks for it then. */
static int read_user(struct ask *a, const struct field *f, json_t *value)
{
	struct field relaxed = *f;

	relaxed.is_needed = false;
	return read_text(a, &relaxed, value);
}

static int get_number(json_t *value, uint64_t max, uint64_t *n)
{
	json_int_t v = json_integer_value(value);

	if (!json_is_integer(value) || v < 0 || v > NUMBER_MAX || (uint64_t)v > max)
		return -1;
	*n = (uint64_t)v;
	return 0;
}

static int read_u32(struct ask *a, const struct field *f, json_t *value)
{
	uint64_t n;

	if (get_number(value, f->max, &n) < 0 || n == 0)
		return -1;
	*(uint32_t *)(void *)((char *)a + f->offset) = (uint32_t)n;
	return 0;
}

static int read_u64(struct ask *a, const struct field *f, json_t *value)
{
	return get_number(value, f->max, (uint64_t *)(void *)((char *)a + f->offset));
}

static int read_bool(struct ask *a, const struct field *f, json_t *value)
{
	if (!json_is_boolean(value))
		return -1;
	*((bool *)a + f->offset) = json_is_true(value);
	return 0;
}

static int read_act(struct ask *a, const struct field *f, json_t *value)
{
	int act = json_is_string(value) ? words_find_act(json_string_value(value)) : -1;

	(void)f;
	a->act = (uint8_t)act;
	return act < 0 ? -1 : 0;
}

static int read_key(struct ask *a, const struct field *f, json_t *value)
{
	(void)f;
	if (!json_is_string(value) || json_string_length(value) != 1)
		return -1;
	a->key = (uint8_t)json_string_value(value)[0];
	return a->key > ' ' && a->key < 0x7f ? 0 : -1;
}

/* Epochs are beyond what a script can count to, so they travel as strings. */
static int get_epoch(json_t *value, uint64_t *epoch)
{
	const char *text = json_string_value(value);
	char *end;

	if (!text || text[0] < '0' || text[0] > '9' || strlen(text) > 20)
		return -1;
	*epoch = strtoull(text, &end, 10);
	return *end ? -1 : 0;
}

static int read_position(struct ask *a, const struct field *f, json_t *value)
{
	struct position *p = (void *)((char *)a + f->offset);
	const char *name;
	json_t *member;
	int kind = -1;

	*p = (struct position){ 0 };
	json_object_foreach(value, name, member) {
		int r = -1;

		if (strcmp(name, "kind") == 0 && json_is_string(member))
			r = kind = words_find_position(json_string_value(member));
		else if (strcmp(name, "value") == 0)
			r = get_number(member, NUMBER_MAX, &p->value);
		else if (strcmp(name, "epoch") == 0)
			r = get_epoch(member, &p->epoch);
		if (r < 0)
			return -1;
	}
	p->kind = (uint8_t)kind;
	return kind < 0 ? -1 : 0;
}

/* jansson frees without wiping: done here, as far as it lets us. */
static void wipe_string(json_t *value)
{
	const char *text = json_string_value(value);

	if (text)
		explicit_bzero((void *)(uintptr_t)text, json_string_length(value));
}

static int pack_answer(struct buf *b, json_t *value)
{
	size_t len = json_string_length(value);
	int r = -1;

	if (json_is_string(value) && len <= PROTOCOL_ANSWER_MAX)
		r = pack_put_bytes(b, json_string_value(value), len);
	wipe_string(value);
	return r;
}

static int read_answers(struct ask *a, const struct field *f, json_t *value)
{
	struct buf b = { .data = a->answers, .cap = sizeof(a->answers), .max = sizeof(a->answers) };
	json_t *answer;
	size_t i;
	int r = 0;

	(void)f;
	if (!json_is_array(value) || json_array_size(value) > PROTOCOL_ANSWERS_MAX)
		return -1;
	json_array_foreach(value, i, answer)
		if (pack_answer(&b, answer) < 0)
			r = -1;
	a->answer_count = (uint8_t)json_array_size(value);
	a->answers_len = b.len;
	return r;
}

/* -- the messages -- */

#define HANDLE { "handle", read_u32, IN(handle), UINT32_MAX, true }
#define FLAG(member) { #member, read_bool, IN(member), 0, false }
#define GUEST { "guest", read_text, TEXT(guest), true }
#define TOKEN { "token", read_text, TEXT(token), true }

static const struct field f_none[] = { { 0 } };
static const struct field f_handle[] = { HANDLE, { 0 } };
static const struct field f_user[] = { { "user", read_user, TEXT(user), true }, { 0 } };
static const struct field f_login[] = { { "user", read_user, TEXT(user), true },
	{ "method", read_text, TEXT(method), false }, { 0 } };
static const struct field f_answers[] = { { "answers", read_answers, 0, 0, true }, { 0 } };
static const struct field f_token[] = { TOKEN, { 0 } };
static const struct field f_list[] = { FLAG(watch), { 0 } };
static const struct field f_info[] = { HANDLE, GUEST, FLAG(prefix), FLAG(probe), { 0 } };
static const struct field f_attach[] = { HANDLE, GUEST,
	{ "device", read_text, TEXT(device), false },
	FLAG(read_only), FLAG(take), FLAG(prefix), FLAG(history), FLAG(stamps),
	FLAG(exact_credit), FLAG(paint),
	{ "rows", read_u32, IN(rows), 1000, false },
	{ "cols", read_u32, IN(cols), 1000, false },
	{ "from", read_position, IN(from), 0, false },
	{ "until", read_position, IN(until), 0, false }, { 0 } };
static const struct field f_resize[] = { HANDLE, { "rows", read_u32, IN(rows), 1000, true },
	{ "cols", read_u32, IN(cols), 1000, true }, { 0 } };
static const struct field f_replay[] = { HANDLE, { "from", read_position, IN(from), 0, true },
	{ 0 } };
static const struct field f_ack[] = { HANDLE, { "count", read_u64, IN(count), NUMBER_MAX, true },
	{ 0 } };
static const struct field f_act[] = { HANDLE, GUEST, { "act", read_act, 0, 0, true },
	{ "key", read_key, 0, 0, false }, { 0 } };
static const struct field f_kick[] = { HANDLE, { "who", read_text, TEXT(user), true }, { 0 } };
static const struct field f_ticket[] = { HANDLE, GUEST, FLAG(once),
	{ "may_type", read_bool, IN(type), 0, false },
	{ "valid", read_u32, IN(valid), UINT32_MAX, true }, { 0 } };
static const struct field f_revoke[] = { HANDLE, { "id", read_text, TEXT(id), true }, { 0 } };
static const struct field f_ping[] = { { "id", read_u64, IN(count), NUMBER_MAX, true }, { 0 } };

static const struct kind {
	const char *type;
	unsigned when;
	const struct field *fields;
} kinds[ASK_COUNT] = {
	[ASK_METHODS] = { "methods", ASK_BEFORE, f_user },
	[ASK_LOGIN] = { "login", ASK_BEFORE, f_login },
	[ASK_ANSWERS] = { "answers", ASK_BEFORE, f_answers },
	[ASK_RESUME] = { "resume", ASK_BEFORE, f_token },
	[ASK_USE_TICKET] = { "use_ticket", ASK_BEFORE, f_token },
	[ASK_TOKEN] = { "token", ASK_AFTER, f_none },
	[ASK_LOGOUT] = { "logout", ASK_AFTER, f_none },
	[ASK_LIST] = { "list", ASK_AFTER, f_list },
	[ASK_INFO] = { "info", ASK_AFTER, f_info },
	[ASK_WHO_ALL] = { "ask_who", ASK_AFTER, f_handle },
	[ASK_ATTACH] = { "attach", ASK_AFTER, f_attach },
	[ASK_DETACH] = { "detach", ASK_AFTER, f_handle },
	[ASK_RESIZE] = { "resize", ASK_AFTER, f_resize },
	[ASK_TAKE] = { "take", ASK_AFTER, f_handle },
	[ASK_GIVE] = { "give", ASK_AFTER, f_handle },
	[ASK_WHO] = { "who", ASK_AFTER, f_handle },
	[ASK_FORCE] = { "force", ASK_AFTER, f_handle },
	[ASK_REPLAY] = { "replay", ASK_AFTER, f_replay },
	[ASK_ACK] = { "ack", ASK_AFTER, f_ack },
	[ASK_ACT] = { "act", ASK_AFTER, f_act },
	[ASK_KICK] = { "kick", ASK_AFTER, f_kick },
	[ASK_TICKET] = { "ask_ticket", ASK_AFTER, f_ticket },
	[ASK_TICKETS] = { "ask_tickets", ASK_AFTER, f_handle },
	[ASK_REVOKE] = { "revoke", ASK_AFTER, f_revoke },
	[ASK_PING] = { "ping", ASK_BEFORE | ASK_AFTER, f_ping },
};

unsigned protocol_when(enum ask_kind kind)
{
	return kinds[kind].when;
}

static const struct kind *find_kind(json_t *root)
{
	const char *type = json_string_value(json_object_get(root, "type"));

	for (size_t i = 0; type && i < ASK_COUNT; i++)
		if (strcmp(kinds[i].type, type) == 0)
			return &kinds[i];
	return NULL;
}

static int read_fields(struct ask *a, const struct field *f, json_t *root, const char **why)
{
	size_t known = 1;

	for (; f->name; f++) {
		json_t *value = json_object_get(root, f->name);

		if (!value && !f->is_needed)
			continue;
		*why = value ? "a member has a wrong value" : "a member is missing";
		if (!value || f->read(a, f, value) < 0)
			return -1;
		known++;
	}
	*why = "a member is unknown";
	return known == json_object_size(root) ? 0 : -1;
}

/* What must not stay behind in freed memory. */
static void wipe_secrets(json_t *root)
{
	json_t *answer;
	size_t i;

	wipe_string(json_object_get(root, "token"));
	json_array_foreach(json_object_get(root, "answers"), i, answer)
		wipe_string(answer);
}

int protocol_read(struct ask *a, const char *text, size_t len, const char **why)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const struct kind *kind;
	int r = -1;

	memset(a, 0, sizeof(*a));
	a->from.kind = POSITION_DEFAULT;
	a->until.kind = POSITION_NOW;
	if (!json_is_object(root)) {
		*why = "not a JSON object";
		goto out;
	}
	kind = find_kind(root);
	*why = "an unknown type";
	if (kind) {
		a->kind = (enum ask_kind)(kind - kinds);
		r = read_fields(a, kind->fields, root, why);
	}
	wipe_secrets(root);
out:
	json_decref(root);
	if (r < 0)
		protocol_wipe(a);
	return r;
}

void protocol_wipe(struct ask *a)
{
	explicit_bzero(a->token, sizeof(a->token));
	explicit_bzero(a->answers, sizeof(a->answers));
}

/* -- binary frames -- */

int protocol_read_input(uint32_t *handle, struct bytes *data, const uint8_t *frame, size_t len)
{
	if (len <= PROTOCOL_HANDLE || len > PROTOCOL_HANDLE + PROTOCOL_INPUT_MAX)
		return -1;
	*handle = (uint32_t)pack_load(frame, PROTOCOL_HANDLE);
	*data = (struct bytes){ frame + PROTOCOL_HANDLE, len - PROTOCOL_HANDLE };
	return *handle ? 0 : -1;
}

void protocol_put_head(uint8_t out[PROTOCOL_HEAD], uint32_t handle, uint64_t position)
{
	pack_store(out, handle, PROTOCOL_HANDLE);
	pack_store(out + PROTOCOL_HANDLE, position, PROTOCOL_HEAD - PROTOCOL_HANDLE);
}
