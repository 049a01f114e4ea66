/* SPDX-License-Identifier: ISC */
/* See probe.h. */
#include "sshd/probe.h"

#include <libssh/server.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "terminal/link.h"

enum {
	PATIENCE_US = 3000000,      /* then the client is one that does not answer */
	LOOK_MS = 50,               /* how often the kernel's queue is looked at */
};

void probe_init(struct probe *p, ssh_session ssh, int fd)
{
	*p = (struct probe){ .ssh = ssh, .fd = fd };
}

static bool is_mute(const struct probe *p, const struct link *l, int64_t now)
{
	return p->is_out && !l->is_answered && now - p->asked_at > PATIENCE_US;
}

static void look_at_kernel(const struct probe *p, struct link *l, int64_t now)
{
	int queued = 0;

	if (ssh_get_status(p->ssh) & SSH_WRITE_PENDING || ioctl(p->fd, SIOCOUTQ, &queued) < 0)
		return;
	link_arrived(l, l->sent > (uint64_t)queued ? l->sent - (uint64_t)queued : 0, now);
}

bool probe_hear(struct probe *p, struct link *l, int64_t now)
{
	uint64_t before = l->arrived;

	if (!p->is_out)
		return false;
	/*
	 * libssh has one state for all requests without a channel, and while one is under way
	 * each of these calls only asks what became of it; this one tells, and sends nothing.
	 */
	if (ssh_channel_cancel_forward(p->ssh, NULL, 0) != SSH_AGAIN) {
		p->is_out = false;
		link_answer(l, now);
	} else if (is_mute(p, l, now)) {
		look_at_kernel(p, l, now);
	}
	return l->arrived != before;
}

void probe_send(struct probe *p, struct link *l, int64_t now)
{
	if (!link_wants_mark(l, now) || ssh_get_status(p->ssh) & SSH_WRITE_PENDING)
		return;
	if (is_mute(p, l, now)) {
		link_mark(l, now);
		return;
	}
	if (p->is_out)
		return;
	ssh_send_keepalive(p->ssh);
	link_mark(l, now);
	p->is_out = true;
	p->asked_at = now;
}

int probe_timeout(const struct probe *p, const struct link *l, int64_t now)
{
	int64_t due = link_due(l);

	if (p->is_out && !l->is_answered)
		return link_flight(l) ? LOOK_MS : -1;
	if (p->is_out || due < 0)
		return -1;
	return due <= now ? 0 : (int)((due - now) / 1000 + 1);
}
