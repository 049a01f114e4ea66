/* SPDX-License-Identifier: ISC */
/* See privs.h. The order is OpenBSD's: groups, gid, uid; each is checked afterwards. */
#include "ipc/privs.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has_ids(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	return getresuid(&r, &e, &s) == 0 && getresgid(&rg, &eg, &sg) == 0 &&
	       r == uid && e == uid && s == uid && rg == gid && eg == gid && sg == gid;
}

static bool has_groups(const gid_t *groups, size_t n)
{
	gid_t now[128];
	int have = getgroups(128, now);

	if (have < 0 || (size_t)have != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		while (j < n && now[j] != groups[i])
			j++;
		if (j == n)
			return false;
	}
	return true;
}

static bool has_no_capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	return syscall(SYS_capget, &head, data) == 0 &&
	       !(data[0].effective | data[0].permitted | data[0].inheritable |
		 data[1].effective | data[1].permitted | data[1].inheritable);
}

int privs_drop(uid_t uid, gid_t gid, const gid_t *groups, size_t ngroups)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -1;
	if (setgroups(ngroups, groups) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return -1;
	if (uid == 0 || !has_ids(uid, gid) || !has_groups(groups, ngroups) ||
	    !has_no_capabilities() || setuid(0) == 0 || setgid(0) == 0) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
