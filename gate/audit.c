/* SPDX-License-Identifier: ISC */
/* See audit.h. */
#include "gate/audit.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "gate/journal.h"
#include "gate/ledger.h"
#include "gate/record.h"
#include "gate/scribe.h"
#include "gate/state.h"
#include "gate/web.h"
#include "ipc/buf.h"
#include "ipc/child.h"
#include "ipc/clock.h"
#include "ipc/log.h"
#include "ipc/peer.h"

enum {
	QUEUE_MAX = 1024 * 1024,        /* bytes of lines that wait for the child */
	WIRE_MAX = QUEUE_MAX + LEDGER_MAX * RECORD_ENTRY_MAX,   /* and all of the state, on top */
	REWRITE_BYTES = 64 * 1024,      /* of changes, beyond what is open, before a new file */
	WARN_MS = 60000,
	RESTART_MS = 1000,
	NO_PROCESS_MS = 5000,           /* until it is tried again to start it */
};

static struct ledger ledger;
static struct peer scribe = PEER_CLOSED;
static pid_t scribe_pid;                /* 0: none */
static int state_fd = -1;               /* for the next child; -1: no state is kept */
static char audit_path[PATH_MAX], state_path[PATH_MAX];
static struct loop_timer restart_timer;
static unsigned lost;                   /* lines that were not sent */
static uint64_t warned_at;              /* 0: not yet */
static size_t written, open_bytes;      /* of the state: since the last new file, and then */
static bool wants_rewrite, is_ending;

static void start_scribe(void *owner);

/* -- to the child -- */

static void send_state(enum record_state state, const void *data, size_t len)
{
	const struct msg_record m = { .state = (uint8_t)state, .entry = { data, len } };

	peer_send(&scribe, MSG_RECORD, &m);
}

/* All that is open, as a new file. */
static void rewrite_state(void)
{
	uint8_t entry[RECORD_ENTRY_MAX];

	wants_rewrite = false;
	written = 0;
	open_bytes = 0;
	send_state(RECORD_STATE_BEGIN, LEDGER_HEADER, strlen(LEDGER_HEADER));
	for (size_t i = 0; i < ledger.count; i++) {
		size_t n = ledger_encode(entry, sizeof(entry), LEDGER_BEGINS, &ledger.entries[i]);

		open_bytes += n;
		send_state(RECORD_STATE_ADD, entry, n);
	}
	send_state(RECORD_STATE_COMMIT, NULL, 0);
}

static void count_lost(void)
{
	lost++;
	wants_rewrite = true;
	if (warned_at && loop_now() - warned_at < WARN_MS)
		return;
	warned_at = loop_now();
	log_warn("the audit's files are not written: is their disk full, or does it hang?");
}

/* One line, and what it changes of the state; both or neither are written. */
static void pass_on(const struct buf *line, enum ledger_change change,
		    const struct ledger_entry *e)
{
	struct msg_record m = { .lost = lost, .line = { line->data, line->len } };
	uint8_t entry[RECORD_ENTRY_MAX];

	if (!audit_path[0] && state_fd < 0)
		return;
	if (!peer_is_open(&scribe) || scribe.wire.queued > QUEUE_MAX) {
		count_lost();
		return;
	}
	if (e)
		m.entry = (struct bytes){ entry, ledger_encode(entry, sizeof(entry), change, e) };
	written += m.entry.len;
	lost = 0;
	peer_send(&scribe, MSG_RECORD, &m);
	if (!wire_is_waiting(&scribe.wire) &&
	    (wants_rewrite || written > REWRITE_BYTES + 2 * open_bytes))
		rewrite_state();
}

static void write_record(const struct record *r, enum ledger_change change,
			 const struct ledger_entry *e)
{
	char text[RECORD_LINE_MAX + 16];
	struct buf line;

	buf_init(&line, RECORD_LINE_MAX);
	record_write(&line, r);
	snprintf(text, sizeof(text), "audit: %.*s", (int)line.len, (const char *)line.data);
	journal_write(LOG_NOTICE, text);
	pass_on(&line, change, e);
	buf_free(&line);
}

/* -- what begins and ends -- */

static void begin(enum ledger_kind kind, const struct msg_audit *who)
{
	struct ledger_entry e = { .kind = (uint8_t)kind, .began = clock_date_ms(), .who = *who };
	struct record r = { .kind = kind == LEDGER_LOGIN ? RECORD_LOGIN : RECORD_EVENT,
			    .now = e.began, .who = who };

	if (ledger_begin(&ledger, &e) < 0)
		log_warn("more than %d logins and attachments: the end of visit %llu will not "
			 "be known", LEDGER_MAX, (unsigned long long)who->conn);
	write_record(&r, LEDGER_BEGINS, &e);
}

/* The end of the entry at that place; told: what console had to say of it, or NULL. */
static void end_at(size_t at, const char *cause, const struct msg_audit *told)
{
	struct ledger_entry e = ledger.entries[at];
	struct record r = { .kind = RECORD_LOGOUT, .now = clock_date_ms(), .began = e.began,
			    .cause = cause, .bytes_unknown = !told, .who = &e.who };

	ledger_remove(&ledger, at);
	if (told)
		e.who = *told;
	e.who.detail[0] = '\0';
	if (e.kind == LEDGER_ATTACHMENT) {
		r.kind = RECORD_EVENT;
		e.who.event = AUDIT_DETACH;
	}
	e.who.ok = 1;
	write_record(&r, LEDGER_ENDS, &e);
}

static void end_all(enum ledger_kind kind, const char *cause)
{
	for (size_t i = ledger.count; i > 0; i--)
		if (ledger.entries[i - 1].kind == kind)
			end_at(i - 1, cause, NULL);
}

void audit_login(const struct msg_login *login, bool is_here)
{
	struct msg_audit who = { .ok = login->ok, .conn = login->conn,
				 .endpoint = login->endpoint };
	const struct record failed = { .kind = RECORD_LOGIN, .now = clock_date_ms(), .who = &who };

	memcpy(who.user, login->user, sizeof(who.user));
	memcpy(who.peer, login->peer, sizeof(who.peer));
	memcpy(who.method, login->method, sizeof(who.method));
	if (!login->ok) {
		write_record(&failed, 0, NULL);
		return;
	}
	/* A door yields one login; a role that says otherwise has two ends. */
	audit_conn_ended(login->conn, "logged in again");
	begin(LEDGER_LOGIN, &who);
	if (!is_here)
		audit_conn_ended(login->conn, NULL);
}

void audit_conn_ended(uint64_t conn, const char *cause)
{
	const struct ledger_entry *e = ledger_find(&ledger, LEDGER_LOGIN, conn, 0);

	if (e)
		end_at((size_t)(e - ledger.entries), cause, NULL);
}

void audit_console_ended(void)
{
	end_all(LEDGER_ATTACHMENT, "console died");
}

int audit_take(void *ctx, struct message *m)
{
	const struct msg_audit *who = &m->u.audit;
	const struct record r = { .kind = RECORD_EVENT, .now = clock_date_ms(), .who = who };
	const struct ledger_entry *e;

	(void)ctx;
	if (who->event == 0 || who->event >= AUDIT_EVENT_COUNT || who->endpoint > ENDPOINT_WEB)
		return -1;
	e = ledger_find(&ledger, LEDGER_ATTACHMENT, who->conn, who->attachment);
	if (who->event == AUDIT_ATTACH && who->ok) {
		if (e)
			end_at((size_t)(e - ledger.entries), "attached again", NULL);
		begin(LEDGER_ATTACHMENT, who);
	} else if (who->event == AUDIT_DETACH && e) {
		end_at((size_t)(e - ledger.entries), who->detail[0] ? who->detail : NULL, who);
	} else {
		write_record(&r, 0, NULL);
	}
	return 0;
}

/* -- the child -- */

static int take_ready(void *ctx, struct message *m)
{
	(void)ctx;
	(void)m;
	if (!is_ending)
		rewrite_state();
	return 0;
}

static void scribe_gone(void *owner)
{
	(void)owner;
	if (scribe_pid)
		kill(scribe_pid, SIGKILL);
}

/* At the end: all is sent. */
static void all_sent(void *owner)
{
	(void)owner;
	peer_close(&scribe);
}

static const struct wire_rule scribe_rules[] = {
	{ MSG_LOG, 1, child_take_log },
	{ MSG_READY, 1, take_ready },
};
static const struct peer_kind scribe_kind = {
	"audit", scribe_rules, sizeof(scribe_rules) / sizeof(scribe_rules[0]), scribe_gone,
	all_sent,
};

static void start_scribe(void *owner)
{
	const int keep[] = { state_fd };
	struct child child = { 0 };
	struct wire link;
	pid_t pid;

	(void)owner;
	pid = child_fork(&child, &link, keep, state_fd >= 0, false);
	if (pid == 0) {
		web_forget();
		scribe_run(&(struct scribe){ &link, audit_path, state_path, state_fd });
	}
	if (pid < 0 || peer_open(&scribe, child.link.fd, &scribe_kind, 1, NULL) < 0) {
		log_error("the audit's files are not written: %s", strerror(errno));
		loop_timer_set(&restart_timer, NO_PROCESS_MS, start_scribe, NULL);
		return;
	}
	scribe_pid = pid;
	scribe.wire.limit = WIRE_MAX;
}

bool audit_reaped(pid_t pid)
{
	if (pid == 0 || pid != scribe_pid)
		return false;
	scribe_pid = 0;
	peer_close(&scribe);
	if (is_ending)
		return true;
	log_error("the child that writes the audit's files ended: it is started again");
	wants_rewrite = true;
	loop_timer_set(&restart_timer, RESTART_MS, start_scribe, NULL);
	return true;
}

/* -- all of it -- */

static void open_state(const struct config *config)
{
	bool is_default = config_line_number(config, "gate", "state-file") == 0;
	char err[CONFIG_ERROR_SIZE];

	snprintf(state_path, sizeof(state_path), "%s", config->gate.state_file);
	if (state_path[0] == '\0')
		return;
	state_fd = state_open(state_path, &ledger, err, sizeof(err));
	/* Nobody but root can write where it is by default, and who is not knows that. */
	if (state_fd < 0 && (geteuid() == 0 || !is_default))
		log_warn("%s: what is open is not remembered", err);
}

void audit_start(const struct config *config)
{
	snprintf(audit_path, sizeof(audit_path), "%s", config->gate.audit_file);
	open_state(config);
	if (audit_path[0] || state_fd >= 0)
		start_scribe(NULL);
	end_all(LEDGER_ATTACHMENT, "the gate died");
	end_all(LEDGER_LOGIN, "the gate died");
}

void audit_configure(const struct config *config)
{
	const char *path = config->gate.audit_file;
	struct msg_config m = { .section = "gate", .key = "audit-file",
				.value = { (const uint8_t *)path, strlen(path) } };

	snprintf(audit_path, sizeof(audit_path), "%s", path);
	if (peer_is_open(&scribe))
		peer_send(&scribe, MSG_CONFIG, &m);
	else if (audit_path[0] && !scribe_pid && !loop_timer_is_set(&restart_timer))
		start_scribe(NULL);
}

void audit_close(void)
{
	end_all(LEDGER_ATTACHMENT, "the gate ended");
	end_all(LEDGER_LOGIN, "the gate ended");
	is_ending = true;
	loop_timer_clear(&restart_timer);
	if (wire_is_waiting(&scribe.wire))
		peer_want_writable(&scribe, true);
	else
		peer_close(&scribe);
}
