/* SPDX-License-Identifier: ISC */
/* A client's messages: refused with a reason in ASCII, or within their bounds and wiped after. */
#include <stdlib.h>
#include <string.h>

#include "ws/protocol.h"

static void check(const struct ask *a)
{
	struct pack_reader r = { a->answers, a->answers_len };
	struct bytes answer;
	unsigned n = 0;

	if (!protocol_when(a->kind) || a->rows > 1000 || a->cols > 1000)
		abort();
	if (strlen(a->guest) > GUEST_PHRASE_MAX || strlen(a->user) > USER_MAX || a->act >= ACT_COUNT)
		abort();
	for (; r.left; n++)
		if (pack_get_bytes(&r, &answer) < 0 || answer.len > PROTOCOL_ANSWER_MAX)
			abort();
	if (n != a->answer_count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ask a;
	const char *why = NULL;
	struct bytes input;
	uint32_t handle;

	if (protocol_read(&a, (const char *)data, size, &why) == 0)
		check(&a);
	else if (!why || !*why || strlen(why) > 123)
		abort();
	protocol_wipe(&a);
	if (protocol_read_input(&handle, &input, data, size) == 0 && (!handle || !input.len))
		abort();
	return 0;
}
