/* SPDX-License-Identifier: ISC */
/* See workers.h. */
#include "virt/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/child.h"
#include "ipc/log.h"
#include "ipc/message.h"
#include "ipc/peer.h"

static const struct {
	const char *name;
	unsigned max;
} kinds[WORKER_KINDS] = {
	[WORKER_WATCH] = { "watch", 64 },
	[WORKER_LINE] = { "line", 4096 },
	[WORKER_ACT] = { "act", 64 },
};

/* Freed when the process was reaped and its log has come to its end. */
struct worker {
	struct worker *next;
	pid_t pid;                  /* 0: reaped */
	enum worker_kind kind;
	bool ended_by_us;
	struct peer link;
	char host[HOST_MAX + 1];
	char label[24];
};

static struct worker *workers;
static unsigned counts[WORKER_KINDS];

static void free_if_over(struct worker *w)
{
	struct worker **at = &workers;

	if (w->pid || peer_is_open(&w->link))
		return;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	free(w);
}

static void link_gone(void *owner)
{
	free_if_over(owner);
}

static const struct wire_rule link_rules[] = { { MSG_LOG, 1, child_take_log } };
static const struct peer_kind link_kind = {
	"child", link_rules, 1, link_gone, NULL,
};

pid_t workers_fork(enum worker_kind kind, const char *host, const char *label, int fd)
{
	static struct wire to_parent;
	struct child child;
	struct worker *w;
	pid_t pid;

	errno = EAGAIN;
	if (counts[kind] >= kinds[kind].max)
		return -1;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -1;
	pid = child_fork(&child, &to_parent, &fd, 1, true);
	if (pid <= 0) {
		free(w);
		if (pid == 0)
			log_prefix("virt[%s %s]", kinds[kind].name, label);
		return pid;
	}
	w->pid = pid;
	w->kind = kind;
	snprintf(w->host, sizeof(w->host), "%s", host);
	snprintf(w->label, sizeof(w->label), "%s", label);
	counts[kind]++;
	w->next = workers;
	workers = w;
	/* Without its log it works all the same. */
	peer_open(&w->link, child.link.fd, &link_kind, 1, w);
	return pid;
}

void workers_ended(pid_t pid, int status)
{
	struct worker *w = workers;

	while (w && w->pid != pid)
		w = w->next;
	if (!w)
		return;
	if (WIFSIGNALED(status) && !w->ended_by_us)
		log_warn("%s %s was ended by signal %d", kinds[w->kind].name, w->label,
			 WTERMSIG(status));
	w->pid = 0;
	counts[w->kind]--;
	free_if_over(w);
}

static void end_worker(struct worker *w)
{
	w->ended_by_us = true;
	if (w->pid)
		kill(w->pid, SIGKILL);
}

void workers_kill_host(const char *host)
{
	for (struct worker *w = workers; w; w = w->next)
		if (strcmp(w->host, host) == 0)
			end_worker(w);
}

void workers_kill(void)
{
	for (struct worker *w = workers; w; w = w->next)
		end_worker(w);
}
