/* SPDX-License-Identifier: ISC */
/*
 * One complete SSH handshake of the process with itself. libssh and OpenSSL open files
 * and load code when they first need it; after this they have all they need, in the
 * parent, before the walls go up and for every child to inherit.
 */
#ifndef SSHD_WARMUP_H
#define SSHD_WARMUP_H

#include <libssh/server.h>

/*
 * Takes a fraction of a second; forks a client that is gone when it returns. 0, or -1
 * with errno.
 */
int warmup_run(ssh_bind bind);

#endif
