/* SPDX-License-Identifier: ISC */
/* See record.h. */
#include "gate/record.h"

#include <stdio.h>
#include <string.h>

#include "ipc/buf.h"
#include "ipc/date.h"
#include "ipc/json.h"

/* What an event is called, and what its detail is; the console's acts come below. */
static const struct { const char *name, *detail; } events[AUDIT_EVENT_COUNT] = {
	[AUDIT_ATTACH] = { "attach", NULL },
	[AUDIT_DETACH] = { "detach", NULL },
	[AUDIT_KEYBOARD] = { "keyboard", "from" },
	[AUDIT_ACT] = { "power", "act" },
	[AUDIT_KICK] = { "kick", "whom" },
	[AUDIT_TICKET] = { "ticket", "what" },
};

/* Acts that are events of their own; the rest are power. */
static const struct { const char *act, *event, *detail; } acts[] = {
	{ "break", "break", NULL },
	{ "sysrq", "sysrq", "key" },
	{ "add-serial", "add-serial", NULL },
	{ "show-serial", "show-serial", NULL },
};

static void put_time(struct json *j, const char *key, uint64_t ms)
{
	char text[DATE_SIZE];

	date_write_ms(text, ms);
	json_string(j, key, text);
}

/* "sysrq b" is the event sysrq with the key b. */
static void put_event(struct json *j, const struct msg_audit *who, const char **key,
		      const char **detail)
{
	const char *name = events[who->event].name;

	*key = events[who->event].detail;
	*detail = who->detail;
	for (size_t i = 0; who->event == AUDIT_ACT && i < sizeof(acts) / sizeof(acts[0]); i++) {
		size_t n = strlen(acts[i].act);

		if (strncmp(who->detail, acts[i].act, n) != 0 ||
		    (who->detail[n] != '\0' && who->detail[n] != ' '))
			continue;
		name = acts[i].event;
		*key = acts[i].detail;
		*detail = who->detail + n + (who->detail[n] == ' ');
		break;
	}
	json_string(j, "event", name);
}

static void put_guest(struct json *j, const struct msg_audit *who)
{
	if (who->guest[0] == '\0')
		return;
	json_string(j, "host", who->host);
	json_string(j, "guest", who->guest);
	json_uuid(j, "uuid", who->uuid);
	if (who->alias[0])
		json_string(j, "console", who->alias);
}

static void put_end(struct json *j, const struct record *r)
{
	bool is_detach = r->kind == RECORD_EVENT;

	if (r->began) {
		put_time(j, "began", r->began);
		json_number(j, "seconds", r->now > r->began ? (r->now - r->began) / 1000 : 0);
	}
	if (is_detach && !r->bytes_unknown) {
		json_number(j, "bytes_to_guest", r->who->bytes_to_guest);
		json_number(j, "bytes_from_guest", r->who->bytes_from_guest);
	}
	if (r->cause)
		json_string(j, "cause", r->cause);
}

void record_write(struct buf *out, const struct record *r)
{
	static const char *const endpoints[] = { "", "ssh", "web" };
	const struct msg_audit *who = r->who;
	const char *key = NULL, *detail = who->detail;
	bool is_event = r->kind == RECORD_EVENT;
	struct json j;

	json_init(&j, out);
	json_open(&j, NULL, '{');
	put_time(&j, "time", r->now);
	if (is_event)
		put_event(&j, who, &key, &detail);
	else
		json_string(&j, "event", r->kind == RECORD_LOGIN ? "login" : "logout");
	json_bool(&j, "ok", who->ok);
	json_string(&j, "user", who->user);
	json_string(&j, "peer", who->peer);
	json_string(&j, "endpoint", who->endpoint <= ENDPOINT_WEB ? endpoints[who->endpoint] : "");
	json_string(&j, "method", who->method);
	json_number(&j, "visit", who->conn);
	put_guest(&j, who);
	if (is_event && who->attachment)
		json_number(&j, "attachment", who->attachment);
	if (detail[0])
		json_string(&j, key ? key : "detail", detail);
	if (r->kind == RECORD_LOGOUT || (is_event && who->event == AUDIT_DETACH))
		put_end(&j, r);
	json_close(&j, '}');
}

void record_write_lost(struct buf *out, uint64_t now, uint64_t lines)
{
	struct json j;

	json_init(&j, out);
	json_open(&j, NULL, '{');
	put_time(&j, "time", now);
	json_string(&j, "event", "lost");
	json_number(&j, "lines", lines);
	json_close(&j, '}');
}
