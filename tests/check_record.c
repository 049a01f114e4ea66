/* SPDX-License-Identifier: ISC */
/* The audit's lines: one for each event, and valid JSON whatever the names are made of. */
#include <stdlib.h>
#include <string.h>

#include "gate/record.h"
#include "ipc/buf.h"
#include "tests/suite.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* 2026-11-22T20:15:30.007Z */
#define NOW UINT64_C(1795378530007)

static const struct msg_audit alice = {
	.event = AUDIT_ATTACH, .ok = 1, .attachment = 3, .conn = 12, .endpoint = ENDPOINT_SSH,
	.user = "alice", .peer = "192.0.2.1", .method = "publickey", .host = "local",
	.guest = "web1", .uuid = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255 },
	.alias = "serial0", .bytes_to_guest = 5, .bytes_from_guest = UINT64_C(5000000000),
};

#define WHO "\"ok\":true,\"user\":\"alice\",\"peer\":\"192.0.2.1\",\"endpoint\":\"ssh\"," \
	"\"method\":\"publickey\",\"visit\":12"
#define GUEST ",\"host\":\"local\",\"guest\":\"web1\"," \
	"\"uuid\":\"01020304-0506-0708-090a-0b0c0d0e0fff\",\"console\":\"serial0\",\"attachment\":3"
#define HEAD(event) "{\"time\":\"2026-11-22T20:15:30.007Z\",\"event\":\"" event "\"," WHO

static const struct {
	const char *name;
	uint8_t event;
	struct record record;
	const char *detail, *line;
} rows[] = {
	{ "login", 0, { .kind = RECORD_LOGIN }, "", HEAD("login") "}" },
	{ "logout", 0, { .kind = RECORD_LOGOUT, .began = NOW - 61500 }, "",
	  HEAD("logout") ",\"began\":\"2026-11-22T20:14:28.507Z\",\"seconds\":61}" },
	{ "logout before login, as the clock has it", 0,
	  { .kind = RECORD_LOGOUT, .began = NOW + 1000, .cause = "the gate died" }, "",
	  HEAD("logout") ",\"began\":\"2026-11-22T20:15:31.007Z\",\"seconds\":0,"
	  "\"cause\":\"the gate died\"}" },
	{ "attach", AUDIT_ATTACH, { .kind = RECORD_EVENT }, "", HEAD("attach") GUEST "}" },
	{ "detach", AUDIT_DETACH, { .kind = RECORD_EVENT, .began = NOW - 1000 }, "",
	  HEAD("detach") GUEST ",\"began\":\"2026-11-22T20:15:29.007Z\",\"seconds\":1,"
	  "\"bytes_to_guest\":5,\"bytes_from_guest\":5000000000}" },
	{ "detach that nobody counted", AUDIT_DETACH,
	  { .kind = RECORD_EVENT, .began = NOW - 1000, .bytes_unknown = true,
	    .cause = "console died" }, "",
	  HEAD("detach") GUEST ",\"began\":\"2026-11-22T20:15:29.007Z\",\"seconds\":1,"
	  "\"cause\":\"console died\"}" },
	{ "keyboard", AUDIT_KEYBOARD, { .kind = RECORD_EVENT }, "bob",
	  HEAD("keyboard") GUEST ",\"from\":\"bob\"}" },
	{ "keyboard from nobody", AUDIT_KEYBOARD, { .kind = RECORD_EVENT }, "",
	  HEAD("keyboard") GUEST "}" },
	{ "break", AUDIT_ACT, { .kind = RECORD_EVENT }, "break", HEAD("break") GUEST "}" },
	{ "sysrq with its key", AUDIT_ACT, { .kind = RECORD_EVENT }, "sysrq b",
	  HEAD("sysrq") GUEST ",\"key\":\"b\"}" },
	{ "add-serial", AUDIT_ACT, { .kind = RECORD_EVENT }, "add-serial",
	  HEAD("add-serial") GUEST "}" },
	{ "power", AUDIT_ACT, { .kind = RECORD_EVENT }, "reset",
	  HEAD("power") GUEST ",\"act\":\"reset\"}" },
	{ "a word that begins as an act", AUDIT_ACT, { .kind = RECORD_EVENT }, "breakfast",
	  HEAD("power") GUEST ",\"act\":\"breakfast\"}" },
	{ "kick", AUDIT_KICK, { .kind = RECORD_EVENT }, "carol",
	  HEAD("kick") GUEST ",\"whom\":\"carol\"}" },
	{ "ticket", AUDIT_TICKET, { .kind = RECORD_EVENT }, "made t1",
	  HEAD("ticket") GUEST ",\"what\":\"made t1\"}" },
};

static void write_row(struct buf *out, const struct record *r, const struct msg_audit *who)
{
	struct record record = *r;

	record.now = NOW;
	record.who = who;
	buf_init(out, RECORD_LINE_MAX);
	record_write(out, &record);
	ck_assert(!out->full);
	ck_assert_int_eq(buf_append(out, "", 1), 0);
}

START_TEST(test_line)
{
	struct msg_audit who = alice;
	struct buf out;

	who.event = rows[_i].event;
	strcpy(who.detail, rows[_i].detail);
	if (rows[_i].record.kind != RECORD_EVENT)
		who.guest[0] = '\0';
	write_row(&out, &rows[_i].record, &who);
	ck_assert_msg(strcmp((char *)out.data, rows[_i].line) == 0, "%s:\n%s\n%s", rows[_i].name,
		      (char *)out.data, rows[_i].line);
	buf_free(&out);
}
END_TEST

/* No byte below a blank, no quote that is not ours, and UTF-8 throughout: see check_json.c. */
START_TEST(test_hostile_names)
{
	const struct record r = { .kind = RECORD_EVENT };
	struct msg_audit who = alice;
	struct buf out;

	strcpy(who.user, "a\"b\\c\nd\x1b[2J\xff\xc2\x9b\xe2\x80\xae");
	strcpy(who.guest, "\xf0\x9f\x90\xa7\x7f");
	write_row(&out, &r, &who);
	ck_assert_ptr_nonnull(strstr((char *)out.data,
		"\"user\":\"a\\\"b\\\\c\\u000ad\\u001b[2J\xef\xbf\xbd\\u009b\\u202e\""));
	ck_assert_ptr_nonnull(strstr((char *)out.data, "\"guest\":\"\xf0\x9f\x90\xa7\\u007f\""));
	buf_free(&out);
}
END_TEST

START_TEST(test_longest_line_fits)
{
	const struct record r = { .kind = RECORD_EVENT, .began = NOW, .cause = "console died" };
	struct msg_audit who = alice;
	struct buf out;

	who.event = AUDIT_DETACH;
	memset(who.user, 1, sizeof(who.user) - 1);
	memset(who.peer, 1, sizeof(who.peer) - 1);
	memset(who.method, 1, sizeof(who.method) - 1);
	memset(who.host, 1, sizeof(who.host) - 1);
	memset(who.guest, 1, sizeof(who.guest) - 1);
	memset(who.alias, 1, sizeof(who.alias) - 1);
	memset(who.detail, 1, sizeof(who.detail) - 1);
	who.conn = who.attachment = who.bytes_to_guest = who.bytes_from_guest = UINT64_MAX;
	write_row(&out, &r, &who);
	buf_free(&out);
}
END_TEST

START_TEST(test_lost)
{
	struct buf out;

	buf_init(&out, RECORD_LINE_MAX);
	record_write_lost(&out, NOW, 17);
	ck_assert_int_eq(buf_append(&out, "", 1), 0);
	ck_assert_str_eq((char *)out.data,
			 "{\"time\":\"2026-11-22T20:15:30.007Z\",\"event\":\"lost\",\"lines\":17}");
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("record");
	TCase *t = tcase_create("record");

	tcase_add_loop_test(t, test_line, 0, ARRAY_SIZE(rows));
	tcase_add_test(t, test_hostile_names);
	tcase_add_test(t, test_longest_line_fits);
	tcase_add_test(t, test_lost);
	suite_add_tcase(s, t);
	return suite_run(s);
}
