/* SPDX-License-Identifier: ISC */
/* Who is on a console, as info, who and ^] w show them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/report.h"
#include "terminal/roster.h"
#include "tests/suite.h"

static const struct {
	const char *what;
	struct msg_peer peer;
	const char *line, *json;
} rows[] = {
	{"with the keyboard",
	 {.alias = "serial0", .user = "alice", .peer = "192.0.2.1", .endpoint = ENDPOINT_SSH,
	  .keyboard = 1, .you = 1, .since = 1764000000},
	 "alice (you) from 192.0.2.1 by ssh since 2025-11-24T16:00:00Z on serial0, has the keyboard\n",
	 "\"user\":\"alice\",\"address\":\"192.0.2.1\",\"endpoint\":\"ssh\",\"console\":\"serial0\","
	 "\"keyboard\":true,\"you\":true,\"since\":\"2025-11-24T16:00:00Z\"}"},
	{"from the page",
	 {.alias = "serial0", .user = "bob", .peer = "2001:db8::1", .endpoint = ENDPOINT_WEB},
	 "bob from 2001:db8::1 by web since 1970-01-01T00:00:00Z on serial0\n",
	 "\"user\":\"bob\",\"address\":\"2001:db8::1\",\"endpoint\":\"web\",\"console\":\"serial0\","
	 "\"keyboard\":false,\"you\":false,\"since\":\"1970-01-01T00:00:00Z\"}"},
	{"from who knows where, at no time that has a date",
	 {.user = "eve", .peer = "::1", .endpoint = 7, .since = UINT64_MAX / 2},
	 "eve from ::1 by unknown since \n",
	 "\"user\":\"eve\",\"address\":\"::1\",\"endpoint\":\"unknown\",\"console\":\"\","
	 "\"keyboard\":false,\"you\":false,\"since\":\"\"}"},
};

static void ends(struct buf *out, const char *want, const char *what)
{
	size_t len = strlen(want);

	ck_assert(buf_append(out, "", 1) == 0);
	ck_assert_msg(out->len > len && strcmp((char *)out->data + out->len - 1 - len, want) == 0,
		      "%s: %s", what, out->data);
	buf_clear(out);
}

START_TEST(one_viewer)
{
	static const struct msg_guest guest = {.host = "local", .name = "web1", .unique = 1};
	const struct msg_peer *peer = &rows[_i].peer;
	char json[1024];
	struct buf out;

	buf_init(&out, 8192);
	report_peer(&out, peer, true);
	ends(&out, rows[_i].line, rows[_i].what);
	report_info(&out, &guest, peer, 1, true);
	ends(&out, rows[_i].line, rows[_i].what);
	report_info_json(&out, &guest, peer, 1);
	snprintf(json, sizeof(json), "%s]}\n", rows[_i].json);
	ends(&out, json, rows[_i].what);
	roster_json(&out, peer, 1);
	snprintf(json, sizeof(json), "\"endpoint\":\"%s\"", roster_endpoint(peer->endpoint));
	ck_assert(memmem(out.data, out.len, json, strlen(json)) != NULL);
	buf_free(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report");
	TCase *t = tcase_create("viewers");

	tcase_add_loop_test(t, one_viewer, 0, sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(s, t);
	return suite_run(s);
}
