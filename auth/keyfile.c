/* SPDX-License-Identifier: ISC */
/* See keyfile.h. */
#include "auth/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ipc/buf.h"
#include "ipc/log.h"

enum { RIGHTS_GROUPS = 1024 };

/* Who may own the file and its directories beside root, and where the check ends. */
struct trust {
	uid_t owner;
	const char *home;        /* NULL: up to the root directory */
};

/* The rights that were put aside to read as somebody else. */
struct rights {
	bool lowered;
	int ngroups;
	gid_t groups[RIGHTS_GROUPS];
};

/* -- paths -- */

static bool is_file_name(const char *user)
{
	return user[0] && !strchr(user, '/') && strcmp(user, ".") != 0 && strcmp(user, "..") != 0;
}

int keyfile_expand(char *out, size_t size, const char *pattern, const char *user,
		   const char *home)
{
	size_t n = 0;

	for (const char *p = pattern; *p; p++) {
		char plain[2] = { *p, '\0' };
		const char *add = plain;
		size_t len;

		if (*p == '%') {
			p++;
			add = *p == 'u' && is_file_name(user) ? user : *p == 'h' ? home :
			      *p == '%' ? "%" : NULL;
		}
		len = add ? strlen(add) : size;
		if (len >= size - n)
			return -1;
		memcpy(out + n, add, len);
		n += len;
	}
	out[n] = '\0';
	return (int)n;
}

/* -- the rights of the file's user -- */

static void lower_rights(struct rights *r, const struct identity *id)
{
	r->lowered = geteuid() == 0 && id && id->known && id->uid != 0;
	if (!r->lowered)
		return;
	r->ngroups = getgroups(RIGHTS_GROUPS, r->groups);
	if (r->ngroups < 0 || setgroups(id->ngroups, id->groups) < 0)
		fatal("cannot read with a user's rights: %s", strerror(errno));
	setfsgid(id->gid);
	setfsuid(id->uid);
	/* They report no failure; asking with an id that does not exist tells. */
	if ((uid_t)setfsuid((uid_t)-1) != id->uid || (gid_t)setfsgid((gid_t)-1) != id->gid)
		fatal("cannot read with a user's rights");
}

static void raise_rights(const struct rights *r)
{
	if (!r->lowered)
		return;
	setfsuid(geteuid());
	setfsgid(getegid());
	if (setgroups((size_t)r->ngroups, r->groups) < 0 ||
	    (uid_t)setfsuid((uid_t)-1) != geteuid())
		fatal("cannot take root's rights back");
	/* Both are lost with a change of the file system uid (prctl(2)). */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
}

/* -- one file -- */

static const char *check_modes(const struct stat *st, const struct trust *trust)
{
	if (st->st_uid != 0 && st->st_uid != trust->owner)
		return "is owned by somebody else";
	return st->st_mode & (S_IWGRP | S_IWOTH) ? "can be written by others" : NULL;
}

/* Every directory above the (resolved) path, up to the home or the root directory. */
static const char *check_directories(const char *path, const struct trust *trust,
				     char culprit[static PATH_MAX])
{
	char home[PATH_MAX] = "/";
	const char *wrong = NULL;
	struct stat st;

	if (trust->home && !realpath(trust->home, home))
		strcpy(home, "/");
	snprintf(culprit, PATH_MAX, "%s", path);
	while (!wrong && strcmp(culprit, home) != 0 && strcmp(culprit, "/") != 0) {
		char *slash = strrchr(culprit, '/');

		slash[slash == culprit] = '\0';
		wrong = stat(culprit, &st) < 0 ? strerror(errno) : check_modes(&st, trust);
	}
	return wrong;
}

static const char *read_text(int fd, const struct stat *st, struct buf *text)
{
	char piece[4096];
	ssize_t n;

	if (st->st_size > KEYFILE_MAX)
		return "is larger than 1 MiB";
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		if (buf_append(text, piece, (size_t)n) < 0)
			return "is larger than 1 MiB";
	return n < 0 ? strerror(errno) : NULL;
}

static const char *read_resolved(const char *path, const struct trust *trust, struct buf *text,
				 char culprit[static PATH_MAX])
{
	const char *wrong;
	struct stat st;
	int fd;

	snprintf(culprit, PATH_MAX, "%s", path);
	/* O_NONBLOCK: opening a fifo must not wait for somebody to write to it. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &st) < 0)
		wrong = strerror(errno);
	else if (!S_ISREG(st.st_mode))
		wrong = "is not a regular file";
	else
		wrong = check_modes(&st, trust);
	if (!wrong)
		wrong = read_text(fd, &st, text);
	close(fd);
	return wrong ? wrong : check_directories(path, trust, culprit);
}

/* 0 with the text, or -1: there is no such file, or the log says what is wrong. */
static int read_file(const char *path, const struct identity *id, const struct trust *trust,
		     struct buf *text)
{
	char resolved[PATH_MAX], culprit[PATH_MAX];
	const char *wrong = NULL;
	bool absent = false;
	struct rights rights;

	lower_rights(&rights, id);
	if (realpath(path, resolved)) {
		wrong = read_resolved(resolved, trust, text, culprit);
	} else {
		absent = errno == ENOENT || errno == ENOTDIR;
		wrong = strerror(errno);
		snprintf(culprit, sizeof(culprit), "%s", path);
	}
	raise_rights(&rights);
	if (wrong && !absent)
		log_warn("authorized keys in %s are not used: %s: %s", path, culprit, wrong);
	return wrong ? -1 : 0;
}

/* -- the lines -- */

static bool search_text(const char *path, const struct buf *text,
			const struct authorized_keys_query *query, struct keyfile_found *found)
{
	const char *at = (const char *)text->data;
	size_t left = text->len;

	for (unsigned line = 1; left; line++) {
		const char *end = memchr(at, '\n', left);
		size_t len = end ? (size_t)(end - at) : left;
		char user[USER_MAX + 1];
		enum authorized_keys_result r = authorized_keys_match(query, at, len, user);

		if (r == KEYS_LONG) {
			log_warn("%s:%u: the line is longer than %d bytes: skipped", path, line,
				 AUTHORIZED_KEYS_LINE_MAX);
		} else if (r != KEYS_OTHER) {
			found->result = r;
			snprintf(found->where, sizeof(found->where), "%s:%u", path, line);
			memcpy(found->user, user, sizeof(user));
		}
		if (r == KEYS_MATCH)
			return true;
		at += len + (end ? 1 : 0);
		left -= len + (end ? 1 : 0);
	}
	return false;
}

static bool search_file(const char *path, const struct identity *id, const struct trust *trust,
			const struct authorized_keys_query *query, struct keyfile_found *found)
{
	struct buf text;
	bool match = false;

	buf_init(&text, KEYFILE_MAX);
	if (read_file(path, id, trust, &text) == 0)
		match = search_text(path, &text, query, found);
	buf_free(&text);
	return match;
}

bool keyfile_search_user(const struct config *config, const char *user,
			 const struct identity *id, const struct authorized_keys_query *query,
			 struct keyfile_found *found)
{
	const struct config_list *patterns = &config->auth.authorized_keys;
	bool own = id->known && geteuid() == 0;
	struct trust trust = { own ? id->uid : geteuid(), id->known ? id->home : NULL };
	char path[PATH_MAX];

	*found = (struct keyfile_found){ .result = KEYS_OTHER };
	for (size_t i = 0; i < patterns->count; i++)
		if (keyfile_expand(path, sizeof(path), patterns->items[i], user,
				   id->known ? id->home : NULL) > 0 &&
		    search_file(path, id, &trust, query, found))
			return true;
	return false;
}

bool keyfile_search_shared(const struct config *config,
			   const struct authorized_keys_query *query,
			   struct keyfile_found *found)
{
	struct trust trust = { geteuid(), NULL };

	*found = (struct keyfile_found){ .result = KEYS_OTHER };
	return config->auth.shared_keys[0] &&
	       search_file(config->auth.shared_keys, NULL, &trust, query, found);
}

static uint64_t stamp_of(const struct tm *t)
{
	uint64_t date = (uint64_t)(t->tm_year + 1900) * 10000 + (uint64_t)(t->tm_mon + 1) * 100 +
			(uint64_t)t->tm_mday;

	return date * 1000000 + (uint64_t)t->tm_hour * 10000 + (uint64_t)t->tm_min * 100 +
	       (uint64_t)t->tm_sec;
}

void keyfile_set_time(struct authorized_keys_query *query)
{
	time_t now = time(NULL);
	struct tm t;

	query->now_utc = stamp_of(gmtime_r(&now, &t));
	query->now_local = stamp_of(localtime_r(&now, &t));
}
