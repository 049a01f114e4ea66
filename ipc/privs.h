/* SPDX-License-Identifier: ISC */
/*
 * Giving up root for good, and proof that it is gone. Called once by each role that has
 * a uid to drop to, before it reads anything but its HELLO.
 */
#ifndef IPC_PRIVS_H
#define IPC_PRIVS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Becomes uid, gid and exactly these supplementary groups, empties the capability
 * bounding set, then checks: real, effective and saved ids, groups, no capability left,
 * no way back to 0. 0, or -1 with errno; the caller must then exit.
 */
int privs_drop(uid_t uid, gid_t gid, const gid_t *groups, size_t ngroups);

#endif
