/* SPDX-License-Identifier: ISC */
/* See identity.h. */
#include "auth/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/message.h"
#include "ipc/text.h"

enum { NSS_BUFFER = 4096, NSS_BUFFER_MAX = 1048576, GROUPS_MAX = 65536 };

static int find_groups(struct identity *id, const char *user)
{
	int n = 64;

	while (n <= GROUPS_MAX) {
		int room = n;
		gid_t *grown = reallocarray(id->groups, (size_t)room, sizeof(*grown));

		if (!grown)
			return -1;
		id->groups = grown;
		if (getgrouplist(user, id->gid, id->groups, &n) >= 0) {
			id->ngroups = (size_t)n;
			return 0;
		}
		if (n <= room)
			n = room * 2;
	}
	errno = E2BIG;
	return -1;
}

static int take_entry(struct identity *id, const char *user, const struct passwd *pw)
{
	id->uid = pw->pw_uid;
	id->gid = pw->pw_gid;
	id->home = strdup(pw->pw_dir);
	if (!id->home || find_groups(id, user) < 0)
		return -1;
	id->known = true;
	return 0;
}

int identity_find(struct identity *id, const char *user)
{
	struct passwd entry, *found = NULL;
	char *buffer = NULL;
	int error = ERANGE;

	*id = (struct identity){ 0 };
	for (size_t size = NSS_BUFFER; error == ERANGE && size <= NSS_BUFFER_MAX; size *= 2) {
		char *grown = realloc(buffer, size);

		if (!grown) {
			error = ENOMEM;
			break;
		}
		buffer = grown;
		error = getpwnam_r(user, &entry, buffer, size, &found);
	}
	if (!error && found && take_entry(id, user, found) < 0)
		error = errno;
	free(buffer);
	if (!error)
		return 0;
	/* Some NSS modules say "no such user" by an error of the first kind (getpwnam(3)). */
	if (error == ENOENT || error == ESRCH || error == EBADF || error == EPERM)
		return 0;
	identity_free(id);
	errno = error;
	return -1;
}

void identity_free(struct identity *id)
{
	free(id->home);
	free(id->groups);
	*id = (struct identity){ 0 };
}

static bool is_member(const struct identity *id, const char *name)
{
	struct group entry, *found = NULL;
	char *buffer = NULL;
	int error = ERANGE;
	bool member = false;

	for (size_t size = NSS_BUFFER; error == ERANGE && size <= NSS_BUFFER_MAX; size *= 4) {
		char *grown = realloc(buffer, size);

		if (!grown)
			break;
		buffer = grown;
		error = getgrnam_r(name, &entry, buffer, size, &found);
	}
	for (size_t i = 0; !error && found && i < id->ngroups; i++)
		member |= id->groups[i] == found->gr_gid;
	free(buffer);
	return member;
}

static bool is_packed(const struct buf *b, const char *name)
{
	struct pack_reader r;
	struct bytes one;

	pack_open(&r, (struct bytes){ b->data, b->len });
	while (pack_get_bytes(&r, &one) == 0)
		if (one.len == strlen(name) && memcmp(one.data, name, one.len) == 0)
			return true;
	return false;
}

int identity_pack_groups(const struct identity *id, const struct config *config,
			 struct buf *out)
{
	for (size_t i = 0; id->known && i < config->access_count; i++) {
		const struct config_list *groups = &config->access[i].groups;

		for (size_t j = 0; j < groups->count; j++) {
			const char *name = groups->items[j];

			if (!is_packed(out, name) && is_member(id, name) &&
			    pack_put_bytes(out, name, strlen(name)) < 0)
				return -1;
		}
	}
	return 0;
}

bool identity_name_is_good(const char *user)
{
	const uint8_t *at = (const uint8_t *)user;
	size_t len = strlen(user);

	if (len == 0 || len > USER_MAX)
		return false;
	while (len) {
		uint32_t point;
		size_t n = text_decode(&point, at, len);

		if (n == 0 || point < 0x20 || (point >= 0x7f && point <= 0x9f))
			return false;
		at += n;
		len -= n;
	}
	return true;
}
