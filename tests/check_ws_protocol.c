/* SPDX-License-Identifier: ISC */
/* ws/protocol.c and ws/tell.c: what a client of serialgate.v1 may say, and what it is told. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suite.h"
#include "ws/protocol.h"
#include "ws/tell.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct good_row {
	const char *text;
	enum ask_kind kind;
} good[] = {
	{ "{\"type\":\"methods\",\"user\":\"alice\"}", ASK_METHODS },
	{ "{\"type\":\"login\",\"user\":\"\"}", ASK_LOGIN },
	{ "{\"type\":\"login\",\"user\":\"a\",\"method\":\"password\"}", ASK_LOGIN },
	{ "{\"type\":\"answers\",\"answers\":[]}", ASK_ANSWERS },
	{ "{\"type\":\"answers\",\"answers\":[\"a\",\"\"]}", ASK_ANSWERS },
	{ "{\"type\":\"resume\",\"token\":\"x\"}", ASK_RESUME },
	{ "{\"type\":\"use_ticket\",\"token\":\"x\"}", ASK_USE_TICKET },
	{ " {\"type\" : \"token\"} ", ASK_TOKEN },
	{ "{\"type\":\"logout\"}", ASK_LOGOUT },
	{ "{\"type\":\"list\"}", ASK_LIST },
	{ "{\"type\":\"list\",\"watch\":true}", ASK_LIST },
	{ "{\"type\":\"info\",\"handle\":1,\"guest\":\"web1\",\"probe\":true}", ASK_INFO },
	{ "{\"type\":\"ask_who\",\"handle\":4294967295}", ASK_WHO_ALL },
	{ "{\"type\":\"attach\",\"handle\":1,\"guest\":\"web1\",\"take\":true}", ASK_ATTACH },
	{ "{\"type\":\"attach\",\"handle\":1,\"guest\":\"web1\",\"paint\":true,\"rows\":24,\"cols\":80}",
	  ASK_ATTACH },
	{ "{\"type\":\"detach\",\"handle\":1}", ASK_DETACH },
	{ "{\"type\":\"resize\",\"handle\":1,\"rows\":24,\"cols\":1000}", ASK_RESIZE },
	{ "{\"type\":\"take\",\"handle\":1}", ASK_TAKE },
	{ "{\"type\":\"give\",\"handle\":1}", ASK_GIVE },
	{ "{\"type\":\"who\",\"handle\":1}", ASK_WHO },
	{ "{\"type\":\"force\",\"handle\":1}", ASK_FORCE },
	{ "{\"type\":\"replay\",\"handle\":1,\"from\":{\"kind\":\"boot\",\"value\":1}}", ASK_REPLAY },
	{ "{\"type\":\"ack\",\"handle\":1,\"count\":0}", ASK_ACK },
	{ "{\"type\":\"act\",\"handle\":1,\"guest\":\"w\",\"act\":\"sysrq\",\"key\":\"b\"}", ASK_ACT },
	{ "{\"type\":\"kick\",\"handle\":1,\"who\":\"bob\"}", ASK_KICK },
	{ "{\"type\":\"ask_ticket\",\"handle\":1,\"guest\":\"w\",\"valid\":600}", ASK_TICKET },
	{ "{\"type\":\"ask_tickets\",\"handle\":1}", ASK_TICKETS },
	{ "{\"type\":\"revoke\",\"handle\":1,\"id\":\"t1\"}", ASK_REVOKE },
	{ "{\"type\":\"ping\",\"id\":9007199254740991}", ASK_PING },
};

START_TEST(good_message)
{
	struct ask a;
	const char *why = NULL;

	ck_assert_msg(protocol_read(&a, good[_i].text, strlen(good[_i].text), &why) == 0,
		      "%s: %s", good[_i].text, why);
	ck_assert_int_eq(a.kind, good[_i].kind);
	ck_assert(protocol_when(a.kind) != 0);
	protocol_wipe(&a);
}
END_TEST

static const char *const bad[] = {
	"", "{", "null", "[]", "\"login\"", "{\"type\":1}", "{\"type\":\"\"}", "{}",
	"{\"type\":\"login\"}", "{\"type\":\"login\",\"user\":null}",
	"{\"type\":\"login\",\"user\":\"a\",\"x\":1}", "{\"type\":\"login\",\"user\":\"a\"} x",
	"{\"type\":\"login\",\"user\":\"a\\u0000\"}", "{\"type\":\"token\",\"handle\":1}",
	"{\"type\":\"list\",\"watch\":1}", "{\"type\":\"detach\",\"handle\":0}",
	"{\"type\":\"detach\",\"handle\":-1}", "{\"type\":\"detach\",\"handle\":4294967296}",
	"{\"type\":\"detach\",\"handle\":1.5}", "{\"type\":\"detach\",\"handle\":\"1\"}",
	"{\"type\":\"info\",\"handle\":1,\"guest\":\"\"}",
	"{\"type\":\"ping\",\"id\":9007199254740992}", "{\"type\":\"ping\"}",
	"{\"type\":\"answers\",\"answers\":{}}", "{\"type\":\"answers\",\"answers\":[1]}",
	"{\"type\":\"resize\",\"handle\":1,\"rows\":1001,\"cols\":80}",
	"{\"type\":\"replay\",\"handle\":1,\"from\":{}}",
	"{\"type\":\"replay\",\"handle\":1,\"from\":{\"kind\":\"offset\",\"epoch\":\"-1\"}}",
	"{\"type\":\"replay\",\"handle\":1,\"from\":{\"kind\":\"offset\",\"epoch\":7}}",
	"{\"type\":\"replay\",\"handle\":1,\"from\":{\"kind\":\"now\",\"size\":7}}",
	"{\"type\":\"act\",\"handle\":1,\"guest\":\"w\",\"act\":\"burn\"}",
	"{\"type\":\"act\",\"handle\":1,\"guest\":\"w\",\"act\":\"sysrq\",\"key\":\"bb\"}",
	"{\"type\":\"act\",\"handle\":1,\"guest\":\"w\",\"act\":\"sysrq\",\"key\":\"\\u0007\"}",
	"{\"type\":\"ask_ticket\",\"handle\":1,\"guest\":\"w\"}",
};

START_TEST(bad_message)
{
	struct ask a;
	const char *why = NULL;

	ck_assert_msg(protocol_read(&a, bad[_i], strlen(bad[_i]), &why) < 0, "%s", bad[_i]);
	ck_assert(why && why[0]);
}
END_TEST

START_TEST(answers)
{
	static const char text[] = "{\"type\":\"answers\",\"answers\":[\"a\\u00e9\",\"\",\"xyz\"]}";
	static const uint8_t packed[] = { 0, 3, 'a', 0xc3, 0xa9, 0, 0, 0, 3, 'x', 'y', 'z' };
	struct ask a;
	const char *why;

	ck_assert_int_eq(protocol_read(&a, text, sizeof(text) - 1, &why), 0);
	ck_assert_uint_eq(a.answer_count, 3);
	ck_assert_uint_eq(a.answers_len, sizeof(packed));
	ck_assert_mem_eq(a.answers, packed, sizeof(packed));
	protocol_wipe(&a);
	for (size_t i = 0; i < sizeof(a.answers); i++)
		ck_assert_uint_eq(a.answers[i], 0);
}
END_TEST

START_TEST(attach)
{
	static const char text[] =
		"{\"type\":\"attach\",\"handle\":7,\"guest\":\"h/web1\",\"device\":\"serial1\","
		"\"read_only\":true,\"stamps\":true,"
		"\"from\":{\"kind\":\"offset\",\"epoch\":\"18446744073709551615\",\"value\":9}}";
	struct ask a;
	const char *why;

	ck_assert_int_eq(protocol_read(&a, text, sizeof(text) - 1, &why), 0);
	ck_assert_uint_eq(a.handle, 7);
	ck_assert_str_eq(a.guest, "h/web1");
	ck_assert_str_eq(a.device, "serial1");
	ck_assert(a.read_only && a.stamps && !a.take && !a.prefix);
	ck_assert(a.from.kind == POSITION_OFFSET && a.from.epoch == UINT64_MAX && a.from.value == 9);
	ck_assert_uint_eq(a.until.kind, POSITION_NOW);
}
END_TEST

START_TEST(frames)
{
	static const uint8_t frame[] = { 1, 2, 3, 4, 'x', 'y' };
	static const uint8_t nobody[] = { 0, 0, 0, 0, 'x' };
	static uint8_t long_one[PROTOCOL_HANDLE + PROTOCOL_INPUT_MAX + 1] = { 1 };
	uint8_t head[PROTOCOL_HEAD];
	struct bytes data;
	uint32_t handle;

	ck_assert_int_eq(protocol_read_input(&handle, &data, frame, sizeof(frame)), 0);
	ck_assert_uint_eq(handle, 0x01020304);
	ck_assert(data.len == 2 && data.data == frame + 4);
	ck_assert_int_eq(protocol_read_input(&handle, &data, frame, 4), -1);
	ck_assert_int_eq(protocol_read_input(&handle, &data, nobody, sizeof(nobody)), -1);
	ck_assert_int_eq(protocol_read_input(&handle, &data, long_one, sizeof(long_one)), -1);
	ck_assert_int_eq(protocol_read_input(&handle, &data, long_one, sizeof(long_one) - 1), 0);
	protocol_put_head(head, 0x01020304, 0x1112131415161718);
	ck_assert_mem_eq(head, "\1\2\3\4\x11\x12\x13\x14\x15\x16\x17\x18", sizeof(head));
}
END_TEST

/* -- what is told -- */

static json_t *told(const struct message *m)
{
	struct buf out;
	json_t *root;

	buf_init(&out, TELL_MAX);
	ck_assert_int_eq(tell_message(&out, m), 0);
	ck_assert(!out.full);
	root = json_loadb((const char *)out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json_is_object(root), "%.*s", (int)out.len, (const char *)out.data);
	buf_free(&out);
	return root;
}

static const char *text_of(json_t *root, const char *key)
{
	return json_string_value(json_object_get(root, key));
}

START_TEST(tell_attached)
{
	struct message m = { .type = MSG_ATTACHED };
	json_t *root;

	m.u.attached = (struct msg_attached){
		.handle = 5, .host = "h", .name = "web1", .alias = "serial0", .epoch = UINT64_MAX,
		.offset = 10, .head = 20, .until = UINT64_MAX, .missed = UINT64_MAX,
		.from = POSITION_LEFT, .may = CONFIG_MAY_VIEW | CONFIG_MAY_POWER,
	};
	root = told(&m);
	ck_assert_str_eq(text_of(root, "type"), "attached");
	ck_assert_str_eq(text_of(root, "label"), "h/web1");
	ck_assert_str_eq(text_of(root, "epoch"), "18446744073709551615");
	ck_assert_str_eq(text_of(root, "from"), "left");
	ck_assert(json_is_null(json_object_get(root, "until")));
	ck_assert(json_is_null(json_object_get(root, "missed")));
	ck_assert_int_eq(json_integer_value(json_object_get(root, "offset")), 10);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "may")), 2);
	json_decref(root);
}
END_TEST

START_TEST(tell_prompt)
{
	static const uint8_t prompts[] = { 0, 0, 3, 'P', 'W', 0xff, 1, 0, 0 };
	struct message m = { .type = MSG_PROMPT };
	json_t *root, *list;

	m.u.prompt.count = 2;
	m.u.prompt.instruction = (struct bytes){ (const uint8_t *)"say\n\"it\"", 8 };
	m.u.prompt.prompts = (struct bytes){ prompts, sizeof(prompts) };
	root = told(&m);
	list = json_object_get(root, "prompts");
	ck_assert_str_eq(text_of(root, "instruction"), "say\n\"it\"");
	ck_assert_uint_eq(json_array_size(list), 2);
	ck_assert_str_eq(text_of(json_array_get(list, 0), "text"), "PW\xef\xbf\xbd");
	ck_assert(json_is_false(json_object_get(json_array_get(list, 0), "echo")));
	ck_assert(json_is_true(json_object_get(json_array_get(list, 1), "echo")));
	json_decref(root);
	m.u.prompt.count = 3;
	{
		struct buf out;

		buf_init(&out, TELL_MAX);
		ck_assert_int_eq(tell_message(&out, &m), -1);
		buf_free(&out);
	}
}
END_TEST

static const struct method_row {
	const char *methods;
	bool possible;
} method_rows[] = {
	{ "keyboard-interactive", true },
	{ "publickey,keyboard-interactive", true },
	{ "publickey,password", true },
	{ "publickey", false },
	{ "", false },
	{ "not-keyboard-interactive", false },
};

START_TEST(tell_methods)
{
	struct message m = { .type = MSG_METHODS };
	json_t *root;

	strcpy(m.u.methods.methods, method_rows[_i].methods);
	root = told(&m);
	ck_assert_msg(json_is_true(json_object_get(root, "possible")) == method_rows[_i].possible,
		      "%s", method_rows[_i].methods);
	json_decref(root);
}
END_TEST

START_TEST(tell_nothing)
{
	struct message m = { .type = MSG_OUTPUT };
	struct buf out;

	buf_init(&out, TELL_MAX);
	ck_assert_int_eq(tell_message(&out, &m), -1);
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ws/protocol");
	TCase *t = tcase_create("protocol");

	tcase_add_loop_test(t, good_message, 0, ROWS(good));
	tcase_add_loop_test(t, bad_message, 0, ROWS(bad));
	tcase_add_test(t, answers);
	tcase_add_test(t, attach);
	tcase_add_test(t, frames);
	tcase_add_test(t, tell_attached);
	tcase_add_test(t, tell_prompt);
	tcase_add_loop_test(t, tell_methods, 0, ROWS(method_rows));
	tcase_add_test(t, tell_nothing);
	suite_add_tcase(s, t);
	return suite_run(s);
}
