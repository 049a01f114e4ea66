/* SPDX-License-Identifier: ISC */
/* Every message goes through encoder and decoder; broken ones are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/buf.h"
#include "ipc/message.h"
#include "tests/suite.h"

START_TEST(every_type_round_trips)
{
	uint8_t first[MESSAGE_MAX], again[MESSAGE_MAX];
	union { struct message m; uint8_t raw[sizeof(struct message)]; } zero = { 0 };
	struct message m;
	int n;

	if (_i == MSG_NONE)
		return;
	n = message_encode(first, sizeof(first), (enum message_type)_i, &zero.m.u);
	ck_assert_msg(n >= 2, "%s cannot be encoded", message_name((enum message_type)_i));
	ck_assert_int_eq(message_decode(&m, first, (size_t)n), 0);
	ck_assert_int_eq(m.type, _i);
	ck_assert_int_eq(message_encode(again, sizeof(again), m.type, &m.u), n);
	ck_assert_mem_eq(first, again, (size_t)n);
}
END_TEST

START_TEST(every_type_refuses_a_byte_less_or_more)
{
	uint8_t data[MESSAGE_MAX];
	union { struct message m; uint8_t raw[sizeof(struct message)]; } zero = { 0 };
	struct message m;
	int n;

	if (_i == MSG_NONE)
		return;
	n = message_encode(data, sizeof(data), (enum message_type)_i, &zero.m.u);
	data[n] = 0;
	ck_assert_int_eq(message_decode(&m, data, (size_t)n + 1), -1);
	ck_assert_int_eq(message_decode(&m, data, (size_t)n - 1), -1);
}
END_TEST

/* A seed is of use to the fuzzer as long as its number is that of its name. */
START_TEST(every_type_has_a_seed)
{
	uint8_t data[MESSAGE_MAX];
	char path[128];
	struct message m;
	size_t n;
	FILE *f;

	if (_i == MSG_NONE)
		return;
	snprintf(path, sizeof(path), "fuzz/corpus/message/%s", message_name((enum message_type)_i));
	f = fopen(path, "r");
	ck_assert_msg(f, "%s is missing", path);
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	ck_assert_msg(message_decode(&m, data, n) == 0 && (int)m.type == _i, "%s is of another message",
		      path);
}
END_TEST

START_TEST(values_arrive)
{
	uint8_t data[MESSAGE_MAX];
	static const uint8_t payload[] = { 0, 1, 2, 0xff };
	struct msg_output out = { 7, 0x0102030405060708ull, { payload, sizeof(payload) } };
	struct message m;
	int n = message_encode(data, sizeof(data), MSG_OUTPUT, &out);

	ck_assert_int_eq(message_decode(&m, data, (size_t)n), 0);
	ck_assert_uint_eq(m.u.output.handle, 7);
	ck_assert(m.u.output.offset == 0x0102030405060708ull);
	ck_assert_uint_eq(m.u.output.data.len, sizeof(payload));
	ck_assert_mem_eq(m.u.output.data.data, payload, sizeof(payload));
}
END_TEST

START_TEST(bounds_hold)
{
	static uint8_t big[MESSAGE_DATA_MAX + 1];
	uint8_t data[MESSAGE_MAX];
	struct msg_output out = { 1, 0, { big, MESSAGE_DATA_MAX } };
	struct msg_refused refused;
	struct message m;
	int n;

	ck_assert_int_gt(message_encode(data, sizeof(data), MSG_OUTPUT, &out), MESSAGE_DATA_MAX);
	out.data.len++;
	ck_assert_int_eq(message_encode(data, sizeof(data), MSG_OUTPUT, &out), -1);
	/* A string without its NUL does not run into what stands behind it. */
	memset(&refused, 'x', sizeof(refused));
	ck_assert_int_eq(message_encode(data, sizeof(data), MSG_REFUSED, &refused), -1);
	memset(&refused, 0, sizeof(refused));
	strcpy(refused.text, "ab");
	n = message_encode(data, sizeof(data), MSG_REFUSED, &refused);
	data[n - 2] = 0;
	ck_assert_msg(message_decode(&m, data, (size_t)n) == -1, "a NUL inside a string");
	ck_assert_int_eq(message_encode(data, sizeof(data), MSG_TYPE_COUNT, &refused), -1);
	data[0] = 0xff;
	ck_assert_msg(message_decode(&m, data, (size_t)n) == -1, "an unknown type");
	ck_assert_msg(message_decode(&m, data, 0) == -1, "an empty datagram");
}
END_TEST

START_TEST(packed_lists)
{
	struct buf b;
	struct pack_reader r;
	struct bytes got;
	uint32_t number;
	uint8_t small;

	buf_init(&b, 64);
	ck_assert_int_eq(pack_put_bytes(&b, "alice", 5), 0);
	ck_assert_int_eq(pack_put_u32(&b, 77), 0);
	ck_assert_int_eq(pack_put_u8(&b, 9), 0);
	pack_open(&r, (struct bytes){ b.data, b.len });
	ck_assert_int_eq(pack_get_bytes(&r, &got), 0);
	ck_assert_mem_eq(got.data, "alice", 5);
	ck_assert_int_eq(pack_get_u32(&r, &number), 0);
	ck_assert_uint_eq(number, 77);
	ck_assert_int_eq(pack_get_u8(&r, &small), 0);
	ck_assert_int_eq(pack_get_u8(&r, &small), -1);
	ck_assert_int_eq(pack_put_bytes(&b, b.data, 60), -1);
	ck_assert(b.full);
	buf_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("message");
	TCase *t = tcase_create("messages");

	tcase_add_loop_test(t, every_type_round_trips, 0, MSG_TYPE_COUNT);
	tcase_add_loop_test(t, every_type_refuses_a_byte_less_or_more, 0, MSG_TYPE_COUNT);
	tcase_add_loop_test(t, every_type_has_a_seed, 0, MSG_TYPE_COUNT);
	tcase_add_test(t, values_arrive);
	tcase_add_test(t, bounds_hold);
	tcase_add_test(t, packed_lists);
	suite_add_tcase(s, t);
	return suite_run(s);
}
