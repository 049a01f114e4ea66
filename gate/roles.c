/* SPDX-License-Identifier: ISC */
/* See roles.h. */
#include "gate/roles.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/awake.h"
#include "gate/hostkey.h"
#include "gate/spawn.h"
#include "gate/web.h"
#include "ipc/backoff.h"
#include "ipc/buf.h"
#include "ipc/log.h"
#include "ipc/peer.h"
#include "ipc/text.h"

enum {
	READY_MS = 30000,          /* from the start of a role to its MSG_READY */
	AGAIN_MS = 1000, AGAIN_MAX_MS = 30000,   /* pauses before a start, after the first */
	GOOD_LIFE_MS = 60000,      /* who died after that is started at once */
	LAST_WORDS_MS = 1000,      /* a dead role's socket is read no longer than this */
	QUEUE_MAX = 4 * 1024 * 1024, /* the largest configuration fits, and some doors */
	NO_USER = -1,
};

struct role_row {
	enum role_id id;
	const char *name;
	int user;                  /* enum config_user, or NO_USER: stays root */
	unsigned config;           /* enum config_role */
	void (*send_more)(struct peer *to);   /* of its configuration: what are no lines */
};

static void send_keys(struct peer *to);
static void send_certificate(struct peer *to);
static void send_latency(struct peer *to);

static const struct role_row rows[] = {
	{ ROLE_AUTH, "auth", NO_USER, CONFIG_AUTH, NULL },
	{ ROLE_CONSOLE, "console", CONFIG_USER_CONSOLE, CONFIG_CONSOLE, send_latency },
	{ ROLE_VIRT, "virt", CONFIG_USER_VIRT, CONFIG_VIRT, NULL },
	{ ROLE_SSHD, "sshd", CONFIG_USER_VISITOR, CONFIG_SSHD, send_keys },
	{ ROLE_WS, "ws", CONFIG_USER_VISITOR, CONFIG_WS, send_certificate },
};

/* Who has a socket to whom. */
static const enum role_id siblings[][2] = {
	{ ROLE_AUTH, ROLE_CONSOLE },
	{ ROLE_CONSOLE, ROLE_VIRT },
};

struct role_slot {
	const struct role_row *row;
	struct peer_kind kind;
	struct peer peer;
	pid_t pid;                 /* 0: none, or reaped */
	uint64_t started;
	bool is_ready;
	unsigned deaths;           /* in a row, after a short life */
	struct loop_timer timer;   /* the one thing it waits for: readiness, end, start */
};

static struct role_slot slots[ROLE_COUNT];
static struct roles_setup setup;
static bool has_started;           /* all were ready once */
static bool is_closing;

static void start_role(void *owner);

/* -- what a role is told -- */

static int send_line(void *arg, const char *section, const char *name, const char *key,
		     const char *value)
{
	struct msg_config c = { .value = { (const uint8_t *)value, strlen(value) } };

	snprintf(c.section, sizeof(c.section), "%s", section);
	snprintf(c.name, sizeof(c.name), "%s", name);
	snprintf(c.key, sizeof(c.key), "%s", key);
	return peer_send(arg, MSG_CONFIG, &c);
}

static void send_hello(struct role_slot *s)
{
	struct msg_hello hello = { .role = (uint8_t)s->row->id };
	struct buf groups;

	buf_init(&groups, USERS_GROUPS_MAX * sizeof(uint32_t));
	if (setup.with.users && s->row->user != NO_USER) {
		const struct user *u = &setup.with.users[s->row->user];

		hello.drop = 1;
		hello.uid = u->uid;
		hello.gid = u->gid;
		for (size_t i = 0; i < u->ngroups; i++)
			pack_put_u32(&groups, u->groups[i]);
		hello.groups = (struct bytes){ groups.data, groups.len };
	}
	peer_send(&s->peer, MSG_HELLO, &hello);
	buf_free(&groups);
}

static void send_keys(struct peer *to)
{
	const struct config_list *keys = &setup.with.config->ssh.host_keys;
	char err[CONFIG_ERROR_SIZE];

	for (size_t i = 0; i < keys->count; i++)
		if (hostkey_send(to, keys->items[i], err, sizeof(err)) < 0)
			log_error("%s", err);
}

static void send_certificate(struct peer *to)
{
	const struct tls_pair *pair = web_pair();
	const struct msg_tls m = { { pair->chain, pair->chain_len }, { pair->key, pair->key_len } };

	if (tls_is_there(pair))
		peer_send(to, MSG_TLS, &m);
	web_sent();
}

static void send_latency(struct peer *to)
{
	awake_send(to, setup.with.config);
}

static void send_config(struct role_slot *s)
{
	config_each_line(setup.with.config, s->row->config, send_line, &s->peer);
	if (s->row->send_more)
		s->row->send_more(&s->peer);
	peer_send(&s->peer, MSG_CONFIG_END, NULL);
}

static void join(enum role_id a, enum role_id b)
{
	struct msg_sibling to_a = { .role = (uint8_t)b }, to_b = { .role = (uint8_t)a };
	int fds[2];

	/* Of a dead one the socket may still be open, for its last words. */
	if (!slots[a].pid || !slots[b].pid || !peer_is_open(&slots[a].peer) ||
	    !peer_is_open(&slots[b].peer))
		return;
	if (wire_pair(fds) < 0) {
		/* Half of the service without the other is worth nothing. */
		log_error("cannot join %s and %s: %s", slots[a].row->name, slots[b].row->name,
			  strerror(errno));
		kill(slots[a].pid, SIGKILL);
		return;
	}
	peer_send_fds(&slots[a].peer, MSG_SIBLING, &to_a, &fds[0], 1);
	peer_send_fds(&slots[b].peer, MSG_SIBLING, &to_b, &fds[1], 1);
}

/* -- a role's life -- */

static bool is_wanted(const struct role_slot *s)
{
	return s->row && setup.with.wanted & ROLES_BIT(s->row->id);
}

static void restart_later(struct role_slot *s)
{
	uint64_t wait = 0;

	if (loop_now() - s->started >= GOOD_LIFE_MS)
		s->deaths = 0;
	if (s->deaths)
		wait = backoff_pause(s->deaths - 1, AGAIN_MS, AGAIN_MAX_MS);
	s->deaths++;
	if (wait)
		log_info("%s: started again in %llu s", s->row->name,
			 (unsigned long long)wait / 1000);
	loop_timer_set(&s->timer, wait, start_role, s);
}

/* Its process is reaped and its socket is read to the end, in whichever order. */
static void role_ended(struct role_slot *s)
{
	loop_timer_clear(&s->timer);
	if (is_closing)
		return;
	setup.ended(s->row->id);
	if (!has_started)
		setup.cannot_start();
	else if (is_wanted(s))
		restart_later(s);
}

static void not_ready_in_time(void *owner)
{
	struct role_slot *s = owner;

	log_error("%s is not ready after %d s: it is killed", s->row->name, READY_MS / 1000);
	kill(s->pid, SIGKILL);
}

static void kill_it(void *owner)
{
	const struct role_slot *s = owner;

	kill(s->pid, SIGKILL);
}

static void last_words_over(void *owner)
{
	struct role_slot *s = owner;

	peer_close(&s->peer);
	role_ended(s);
}

static void socket_gone(void *owner)
{
	struct role_slot *s = owner;

	s->is_ready = false;
	if (s->pid)
		kill(s->pid, SIGKILL);
	else
		role_ended(s);
}

static int open_role(struct role_slot *s)
{
	struct spawn spawn = { .name = s->row->name, .output = -1 };
	int fds[2];

	if (wire_pair(fds) < 0)
		return -1;
	spawn.socket = fds[1];
	s->pid = spawn_program(&spawn);
	close(fds[1]);
	if (s->pid < 0) {
		s->pid = 0;
		close(fds[0]);
		return -1;
	}
	if (peer_open(&s->peer, fds[0], &s->kind, ROLES_BIT(s->row->id), s) == 0)
		return 0;
	/* Without its socket it exits; roles_reaped() hears of it and tries again. */
	kill(s->pid, SIGKILL);
	return -1;
}

static void start_role(void *owner)
{
	struct role_slot *s = owner;

	s->started = loop_now();
	s->is_ready = false;
	if (open_role(s) < 0) {
		log_error("cannot start %s: %s", s->row->name, strerror(errno));
		if (!s->pid)
			role_ended(s);
		return;
	}
	s->peer.wire.limit = QUEUE_MAX;
	loop_timer_set(&s->timer, READY_MS, not_ready_in_time, s);
	send_hello(s);
	send_config(s);
	for (size_t i = 0; i < sizeof(siblings) / sizeof(siblings[0]); i++)
		if (siblings[i][0] == s->row->id || siblings[i][1] == s->row->id)
			join(siblings[i][0], siblings[i][1]);
}

static void log_end(const struct role_slot *s, int status)
{
	if (is_closing || !is_wanted(s))
		return;
	if (WIFSIGNALED(status))
		log_error("%s (pid %d) was ended by signal %d (%s)", s->row->name, (int)s->pid,
			  WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_error("%s (pid %d) ended with status %d", s->row->name, (int)s->pid,
			  WEXITSTATUS(status));
}

bool roles_reaped(pid_t pid, int status)
{
	for (int i = 0; i < ROLE_COUNT; i++) {
		struct role_slot *s = &slots[i];

		if (!s->row || s->pid != pid)
			continue;
		log_end(s, status);
		s->pid = 0;
		s->is_ready = false;
		if (peer_is_open(&s->peer))
			loop_timer_set(&s->timer, LAST_WORDS_MS, last_words_over, s);
		else
			role_ended(s);
		return true;
	}
	return false;
}

bool roles_owns(pid_t pid)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (slots[i].row && slots[i].pid == pid)
			return true;
	return false;
}

/* -- what a role says -- */

enum role_id roles_who(const void *ctx)
{
	const struct role_slot *s = ctx;

	return s->row->id;
}

/* A broken-into role may write what it likes: not in another's name, and nothing unescaped. */
int roles_take_log(void *ctx, struct message *m)
{
	const struct role_slot *s = ctx;
	const char *text = m->u.log.text;
	size_t n = strlen(s->row->name);
	char line[TEXT_MAX + 1];
	int used = 0;

	if (strncmp(text, s->row->name, n) != 0 || (text[n] != ':' && text[n] != '['))
		used = snprintf(line, sizeof(line), "%s: ", s->row->name);
	text_escape(line + used, sizeof(line) - (size_t)used, text, strlen(text));
	log_forward(m->u.log.priority & LOG_PRIMASK, line);
	return 0;
}

static bool are_all_ready(void)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (is_wanted(&slots[i]) && !slots[i].is_ready)
			return false;
	return true;
}

int roles_take_ready(void *ctx, struct message *m)
{
	struct role_slot *s = ctx;

	(void)m;
	setup.answered(s->row->id, true);
	/* It comes again after each new configuration. */
	if (s->is_ready || !s->pid)
		return 0;
	s->is_ready = true;
	loop_timer_clear(&s->timer);
	if (has_started) {
		log_info("%s is ready again (pid %d)", s->row->name, (int)s->pid);
	} else if (are_all_ready()) {
		has_started = true;
		setup.all_ready();
	}
	return 0;
}

int roles_take_refusal(void *ctx, struct message *m)
{
	const struct role_slot *s = ctx;

	log_error("%s refuses the new configuration and keeps the old one: %s", s->row->name,
		  m->u.refuse_config.text);
	setup.answered(s->row->id, false);
	return 0;
}

/* -- all of them -- */

void roles_start(const struct roles_setup *with)
{
	setup = *with;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct role_slot *s = &slots[rows[i].id];

		s->row = &rows[i];
		s->kind = (struct peer_kind){ rows[i].name, setup.rules, setup.nrules,
					      socket_gone, NULL };
		s->peer.wire.fd = -1;
		/* From the loop, all in its first turn: nothing calls back from in here. */
		if (is_wanted(s))
			loop_timer_set(&s->timer, 0, start_role, s);
	}
}

/* It ends when its socket closes; what it forked goes on. */
static void end_role(struct role_slot *s)
{
	s->is_ready = false;
	peer_close(&s->peer);
	loop_timer_clear(&s->timer);
	if (s->pid)
		loop_timer_set(&s->timer, LAST_WORDS_MS, kill_it, s);
}

void roles_want(unsigned wanted)
{
	setup.with.wanted = wanted;
	for (int i = 0; i < ROLE_COUNT; i++) {
		struct role_slot *s = &slots[i];

		if (s->row && !is_wanted(s))
			end_role(s);
		else if (s->row && !s->pid && !loop_timer_is_set(&s->timer))
			loop_timer_set(&s->timer, 0, start_role, s);
	}
}

void roles_configure(const struct roles_config *with)
{
	setup.with = *with;
	roles_want(with->wanted);
	for (int i = 0; i < ROLE_COUNT; i++)
		if (slots[i].row && peer_is_open(&slots[i].peer))
			send_config(&slots[i]);
}

struct peer *roles_peer(enum role_id id)
{
	return slots[id].is_ready && peer_is_open(&slots[id].peer) ? &slots[id].peer : NULL;
}

void roles_close(void)
{
	is_closing = true;
	for (int i = 0; i < ROLE_COUNT; i++) {
		if (!slots[i].row)
			continue;
		loop_timer_clear(&slots[i].timer);
		peer_close(&slots[i].peer);
		slots[i].is_ready = false;
	}
}
