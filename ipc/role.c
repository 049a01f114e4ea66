/* SPDX-License-Identifier: ISC */
/* See role.h. */
#include "ipc/role.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config/config.h"
#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/privs.h"

enum { GATE_FD = 3, GROUPS_MAX = 128 };
enum { STATE_ANY = ROLE_STARTING | ROLE_RUNNING };

static const struct role *role;
static struct peer gate;
static struct loop_watch signals;
static struct config *incoming;       /* the configuration being received */
static char incoming_error[TEXT_MAX + 1];
static struct sandbox walls;

struct peer *role_gate(void)
{
	return &gate;
}

static void become(const struct msg_hello *hello)
{
	gid_t groups[GROUPS_MAX];
	size_t n = 0;
	struct pack_reader r;
	uint32_t gid;

	pack_open(&r, hello->groups);
	while (pack_get_u32(&r, &gid) == 0) {
		if (n == GROUPS_MAX)
			fatal("its user is in more than %d groups", GROUPS_MAX);
		groups[n++] = gid;
	}
	if (hello->role != role->id)
		fatal("started as another role");
	if (hello->drop && privs_drop(hello->uid, hello->gid, groups, n) < 0)
		fatal("cannot become uid %u: %s", hello->uid, strerror(errno));
	/* A change of uid clears it only where the kernel is set up so; say it ourselves. */
	prctl(PR_SET_DUMPABLE, 0);
}

static struct config *new_config(void)
{
	struct config *config = malloc(sizeof(*config));

	if (!config || config_init(config) < 0)
		fatal("out of memory");
	return config;
}

static int take_config(void *ctx, struct message *m)
{
	const struct msg_config *c = &m->u.config;
	char value[8193];
	char err[CONFIG_ERROR_SIZE];

	(void)ctx;
	if (!incoming)
		incoming = new_config();
	memcpy(value, c->value.data, c->value.len);
	value[c->value.len] = '\0';
	if (config_set(incoming, c->section, c->name, c->key, value, err, sizeof(err)) < 0)
		snprintf(incoming_error, sizeof(incoming_error), "%s", err);
	return 0;
}

static void start_running(void)
{
	if (role->prepare && role->prepare() < 0)
		fatal("cannot start: %s", strerror(errno));
	if (sandbox_compile(&walls, role->sandbox) < 0 || sandbox_enter(&walls) < 0)
		fatal("cannot set up the sandbox: %s", strerror(errno));
	gate.state = ROLE_RUNNING;
	peer_send(&gate, MSG_READY, NULL);
}

static int end_config(void *ctx, struct message *m)
{
	struct config *config = incoming ? incoming : new_config();
	struct msg_refuse_config refuse = { 0 };
	bool first = gate.state == ROLE_STARTING;

	(void)ctx;
	(void)m;
	incoming = NULL;
	memcpy(refuse.text, incoming_error, sizeof(refuse.text));
	incoming_error[0] = '\0';
	if (!refuse.text[0] && role->configured(config, refuse.text, sizeof(refuse.text)) == 0) {
		if (first)
			start_running();
		else
			peer_send(&gate, MSG_READY, NULL);
		return 0;
	}
	config_free(config);
	free(config);
	if (first)
		fatal("%s", refuse.text);
	peer_send(&gate, MSG_REFUSE_CONFIG, &refuse);
	return 0;
}

static int take_sibling(void *ctx, struct message *m)
{
	(void)ctx;
	if (!role->sibling || m->u.sibling.role >= ROLE_COUNT)
		return -1;
	role->sibling(m->u.sibling.role, m->fds[0]);
	m->fds[0] = -1;
	return 0;
}

static void gate_gone(void *owner)
{
	(void)owner;
	exit(0);
}

static void on_signal(void *owner, unsigned events)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)owner;
	(void)events;
	while (read(signals.fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (role->child_ended)
			role->child_ended(pid, status);
}

static void set_up_signals(void)
{
	sigset_t set;
	int fd;

	/* Ctrl-C in the foreground reaches the whole group; gate decides what follows. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0 || loop_add(&signals, fd, LOOP_READ, on_signal, NULL) < 0)
		fatal("signals: %s", strerror(errno));
}

static void check_start(void)
{
	int type = 0;
	socklen_t len = sizeof(type);
	const int keep[] = { GATE_FD };

	if (getsockopt(GATE_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_SEQPACKET) {
		fprintf(stderr, "%s: this is a part of serialgate, which starts it: "
			"see serialgate(8)\n", role->name);
		exit(2);
	}
	child_close_others(keep, 1);
}

/* The rules common to all roles, with the role's own behind them. */
static struct peer_kind gate_kind(void)
{
	static const struct wire_rule common[] = {
		{ MSG_CONFIG, STATE_ANY, take_config },
		{ MSG_CONFIG_END, STATE_ANY, end_config },
		{ MSG_SIBLING, STATE_ANY, take_sibling },
	};
	static struct wire_rule all[16];
	size_t n = sizeof(common) / sizeof(common[0]);

	if (n + role->nrules > sizeof(all) / sizeof(all[0]))
		fatal("too many rules");
	memcpy(all, common, sizeof(common));
	if (role->nrules)
		memcpy(all + n, role->rules, role->nrules * sizeof(all[0]));
	return (struct peer_kind){ "gate", all, n + role->nrules, gate_gone, NULL };
}

int role_main(const struct role *r)
{
	static struct peer_kind kind;
	struct wire first;
	struct message m;

	role = r;
	prctl(PR_SET_DUMPABLE, 0);
	umask(077);
	log_prefix("%s", role->name);
	check_start();
	setlocale(LC_CTYPE, "C.UTF-8");
	tzset();                                   /* its file cannot be read later */
	wire_init(&first, GATE_FD);
	log_to(&first);
	if (wire_wait(&first, &m, 10000) != 1 || m.type != MSG_HELLO)
		return 1;
	become(&m.u.hello);
	kind = gate_kind();
	if (loop_init() < 0 || peer_open(&gate, GATE_FD, &kind, ROLE_STARTING, NULL) < 0)
		return 1;
	log_to(&gate.wire);
	set_up_signals();
	for (;;) {
		watchdog_arm(WATCHDOG_SECONDS);
		if (loop_turn() < 0)
			fatal("event loop: %s", strerror(errno));
	}
}
