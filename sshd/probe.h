/* SPDX-License-Identifier: ISC */
/*
 * Marks among the bytes to the client, for link.h: a global request that every client
 * refuses, so that its refusal says that all before it has arrived, through whatever jump
 * hosts and tunnels. OpenSSH's server asks the same (ClientAliveInterval). Of a client that
 * never answers only the kernel's own queue is known.
 */
#ifndef SSHD_PROBE_H
#define SSHD_PROBE_H

#include <libssh/libssh.h>
#include <stdbool.h>
#include <stdint.h>

struct link;

struct probe {
	ssh_session ssh;
	int fd;
	bool is_out;                 /* asked, not answered */
	int64_t asked_at;            /* in microseconds */
};

void probe_init(struct probe *p, ssh_session ssh, int fd);

/* Is there an answer? Then, or when the kernel has got rid of something, true. */
bool probe_hear(struct probe *p, struct link *l, int64_t now);

/* Asks when it is time. */
void probe_send(struct probe *p, struct link *l, int64_t now);

/* Until one of them is to be called again: ms, -1 no time. */
int probe_timeout(const struct probe *p, const struct link *l, int64_t now);

#endif
