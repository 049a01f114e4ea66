/* SPDX-License-Identifier: ISC */
/* See run.h. */
#include "gate/run.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/audit.h"
#include "gate/family.h"
#include "gate/hostkey.h"
#include "gate/listen.h"
#include "gate/needs.h"
#include "gate/notify.h"
#include "gate/roles.h"
#include "gate/spawn.h"
#include "gate/visitors.h"
#include "gate/web.h"
#include "ipc/log.h"
#include "ipc/loop.h"

enum {
	END_TICK_MS = 50,
	END_TERM_MS = 1000,     /* sessions that did not notice by then get SIGTERM */
	END_KILL_MS = 3000,     /* whoever is left gets SIGKILL */
};

/* What the roles may say to gate. */
static const struct wire_rule rules[] = {
	{ MSG_LOG, ROLES_ALL, roles_take_log },
	{ MSG_READY, ROLES_ALL, roles_take_ready },
	{ MSG_REFUSE_CONFIG, ROLES_ALL, roles_take_refusal },
	{ MSG_CONN_PID, ROLES_BIT(ROLE_SSHD) | ROLES_BIT(ROLE_WS), visitors_take_pid },
	{ MSG_CONN_END, ROLES_BIT(ROLE_SSHD) | ROLES_BIT(ROLE_WS), visitors_take_end },
	{ MSG_LOGIN, ROLES_BIT(ROLE_AUTH), visitors_take_login },
	{ MSG_AUDIT, ROLES_BIT(ROLE_CONSOLE), audit_take },
};

static const char *config_path;
static struct needs *needs;             /* owned */
static void (*tell_ready)(void);
static struct loop_watch signals;
static struct loop_timer end_timer;
static uint64_t end_began;
static bool is_ready, wants_reload, is_ending, has_ended;
static int exit_status;

static const struct user *users_of(const struct needs *n)
{
	return n->has_users ? n->users : NULL;
}

static unsigned wanted_roles(const struct config *config)
{
	return web_is_on(config, tls_is_there(web_pair())) ? ROLES_ALL
							   : ROLES_ALL & ~ROLES_BIT(ROLE_WS);
}

static int listen_where(const struct config *config, bool has_certificate, char *err,
			size_t errsize)
{
	static struct listen_at at[LISTEN_MAX];

	return listen_set(at, web_addresses(config, has_certificate, at), err, errsize);
}

int run_listen(const struct needs *n, char *err, size_t errsize)
{
	bool has_certificate = tls_is_there(&n->tls);

	if (web_is_on(&n->config, has_certificate) && spawn_check("ws", err, errsize) < 0)
		return -1;
	return listen_where(&n->config, has_certificate, err, errsize);
}

static void log_addresses(void)
{
	listen_log();
	web_log(&needs->config);
}

int run_make_keys(const struct needs *n)
{
	const struct config_list *keys = &n->config.ssh.host_keys;
	char err[CONFIG_ERROR_SIZE];

	for (size_t i = 0; i < keys->count; i++) {
		int r = hostkey_make(keys->items[i],
				     n->has_users ? &n->users[CONFIG_USER_VISITOR] : NULL, err,
				     sizeof(err));

		if (r < 0) {
			log_error("%s", err);
			return -1;
		}
		if (r > 0)
			log_info("made host key %s", keys->items[i]);
	}
	return 0;
}

/* -- the end -- */

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!audit_reaped(pid) && !roles_reaped(pid, status))
			visitors_reaped(pid);
	if (pid < 0 && errno == ECHILD && is_ending)
		has_ended = true;
}

static void go_on_ending(void *owner)
{
	uint64_t since = loop_now() - end_began;

	(void)owner;
	if (since >= END_KILL_MS)
		family_signal(SIGKILL, NULL);
	else if (since >= END_TERM_MS)
		family_signal(SIGTERM, roles_owns);
	loop_timer_set(&end_timer, END_TICK_MS, go_on_ending, NULL);
	reap();
}

static void end(int status)
{
	if (is_ending) {
		/* Asked a second time: at once. */
		end_began = loop_now() - END_KILL_MS;
		go_on_ending(NULL);
		return;
	}
	is_ending = true;
	exit_status = status;
	end_began = loop_now();
	notify_send("STOPPING=1");
	listen_close();
	roles_close();
	audit_close();
	loop_timer_set(&end_timer, 0, go_on_ending, NULL);
}

static void cannot_start(void)
{
	if (!is_ending)
		end(1);
}

/* -- reload -- */

static void log_config_error(void *arg, unsigned line, const char *text)
{
	(void)arg;
	if (line)
		log_error("%s:%u: %s", config_path, line, text);
	else
		log_error("%s: %s", config_path, text);
}

static int adopt(const struct needs *fresh)
{
	char err[CONFIG_ERROR_SIZE];

	if (run_make_keys(fresh) < 0)
		return -1;
	if (visitors_configure(&fresh->config) < 0) {
		log_error("out of memory");
		return -1;
	}
	if (run_listen(fresh, err, sizeof(err)) == 0)
		return 0;
	log_error("%s", err);
	/* Its table has room for as many already: this cannot fail. */
	visitors_configure(&needs->config);
	return -1;
}

static void reload(void)
{
	struct needs *fresh = needs_read(config_path, log_config_error, NULL);

	if (!fresh || adopt(fresh) < 0) {
		log_error("the new configuration is refused: the old one stays");
		needs_free(fresh);
		return;
	}
	if (memcmp(fresh->users, needs->users, sizeof(needs->users)) != 0)
		log_warn("other users take effect when a process is started anew");
	web_take(&fresh->tls);
	audit_configure(&fresh->config);
	roles_configure(&(struct roles_config){ &fresh->config, users_of(fresh),
						wanted_roles(&fresh->config) });
	needs_free(needs);
	needs = fresh;
	log_info("read %s again", config_path);
	log_addresses();
}

/* -- signals -- */

static void on_hangup(void)
{
	/* Before the roles are ready a reload would be a second start: later. */
	wants_reload = true;
	if (!is_ready || is_ending)
		return;
	wants_reload = false;
	notify_send("RELOADING=1");
	reload();
	notify_send("READY=1");
}

static void on_end(void)
{
	log_info("ending");
	end(0);
}

static const struct {
	int number;
	void (*handle)(void);
} signal_table[] = {
	{ SIGCHLD, reap },
	{ SIGHUP, on_hangup },
	{ SIGTERM, on_end },
	{ SIGINT, on_end },
};

enum { SIGNALS = sizeof(signal_table) / sizeof(signal_table[0]) };

static void on_signal(void *owner, unsigned events)
{
	struct signalfd_siginfo info;

	(void)owner;
	(void)events;
	while (read(signals.fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		for (size_t i = 0; i < SIGNALS; i++)
			if (signal_table[i].number == (int)info.ssi_signo)
				signal_table[i].handle();
}

static int set_up_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&set, signal_table[i].number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -1 : loop_add(&signals, fd, LOOP_READ, on_signal, NULL);
}

/* -- the start -- */

static void all_ready(void)
{
	is_ready = true;
	listen_accept(visitors_arrive);
	log_addresses();
	tell_ready();
	notify_send("READY=1");
	if (wants_reload)
		on_hangup();
}

/* The certificate in force is another one now, or none is. */
static void certificate_changed(void)
{
	char err[CONFIG_ERROR_SIZE];

	if (is_ending)
		return;
	if (listen_where(&needs->config, tls_is_there(web_pair()), err, sizeof(err)) < 0)
		log_error("%s", err);
	roles_want(wanted_roles(&needs->config));
	log_addresses();
}

static void role_ended(enum role_id who)
{
	visitors_recount(who);
	if (who == ROLE_CONSOLE)
		audit_console_ended();
	if (who == ROLE_WS && is_ready && web_ended())
		certificate_changed();
}

static void role_answered(enum role_id who, bool ok)
{
	if (who == ROLE_WS && web_answered(ok))
		certificate_changed();
}

int run_gate(const char *path, struct needs *with, void (*ready)(void))
{
	struct roles_setup setup = {
		.with = { .config = &with->config, .users = users_of(with) }, .rules = rules,
		.nrules = sizeof(rules) / sizeof(rules[0]), .all_ready = all_ready,
		.cannot_start = cannot_start, .ended = role_ended, .answered = role_answered,
	};

	config_path = path;
	needs = with;
	web_take(&with->tls);
	setup.with.wanted = wanted_roles(&with->config);
	tell_ready = ready;
	if (loop_init() < 0 || set_up_signals() < 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		fatal("cannot start: %s", strerror(errno));
	if (visitors_configure(&needs->config) < 0)
		fatal("out of memory");
	audit_start(&needs->config);
	roles_start(&setup);
	while (!has_ended)
		if (loop_turn() < 0)
			fatal("event loop: %s", strerror(errno));
	needs_free(needs);
	needs = NULL;
	return exit_status;
}
