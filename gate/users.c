/* SPDX-License-Identifier: ISC */
/* See users.h. */
#include "gate/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

int users_find(const char *name, struct user *user, char *err, size_t errsize)
{
	int n = USERS_GROUPS_MAX;
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(name);
	if (!pw && errno && errno != ENOENT && errno != ESRCH) {
		snprintf(err, errsize, "cannot look up user \"%s\": %s", name, strerror(errno));
		return -1;
	}
	if (!pw) {
		snprintf(err, errsize, "there is no user \"%s\"; expected one as "
			 "sysusers.d/serialgate.conf has it: run \"systemd-sysusers\", or \"useradd "
			 "--system --user-group --no-create-home --home-dir /nonexistent --shell "
			 "/usr/sbin/nologin %s\"", name, name);
		return -1;
	}
	if (pw->pw_uid == 0 || pw->pw_gid == 0) {
		snprintf(err, errsize, "user \"%s\" is root or in its group; expected one without "
			 "rights", name);
		return -1;
	}
	*user = (struct user){ .uid = pw->pw_uid, .gid = pw->pw_gid };
	if (getgrouplist(name, pw->pw_gid, user->groups, &n) < 0) {
		snprintf(err, errsize, "user \"%s\" is in too many groups; expected at most %d",
			 name, USERS_GROUPS_MAX);
		return -1;
	}
	user->ngroups = (size_t)n;
	return 0;
}
