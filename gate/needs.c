/* SPDX-License-Identifier: ISC */
/* See needs.h. */
#include "gate/needs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gate/hostkey.h"

struct check {
	struct needs *needs;
	config_error_fn fn;
	void *arg;
	bool has_failed;
};

static void report(void *arg, unsigned line, const char *text)
{
	struct check *c = arg;

	c->has_failed = true;
	c->fn(c->arg, line, text);
}

static void report_option(struct check *c, const char *section, const char *key, const char *text)
{
	report(c, config_line_number(&c->needs->config, section, key), text);
}

/* The whole text; NULL with errno. One byte more than is allowed is read, to be refused. */
static char *read_text(int fd, size_t *len)
{
	const size_t size = CONFIG_FILE_MAX + 1;
	char *text = malloc(size);
	ssize_t n = 1;

	for (*len = 0; text && n > 0 && *len < size; *len += (size_t)n) {
		n = read(fd, text + *len, size - *len);
		if (n < 0) {
			free(text);
			return NULL;
		}
	}
	return text;
}

static char *read_file(const char *path, size_t *len)
{
	/* A reload must not wait for whoever made a fifo of it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	int saved;

	if (fd < 0)
		return NULL;
	errno = EINVAL;
	if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode)))
		text = read_text(fd, len);
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}

static void check_users(struct check *c)
{
	struct needs *n = c->needs;
	char err[CONFIG_ERROR_SIZE];

	n->has_users = geteuid() == 0;
	for (size_t i = 0; n->has_users && i < CONFIG_USERS; i++)
		if (users_find(n->config.gate.users.items[i], &n->users[i], err, sizeof(err)) < 0)
			report_option(c, "gate", "users", err);
}

static void check_keys(struct check *c)
{
	const struct config_list *keys = &c->needs->config.ssh.host_keys;
	char err[CONFIG_ERROR_SIZE];

	for (size_t i = 0; i < keys->count; i++)
		if (hostkey_check(keys->items[i], err, sizeof(err)) < 0)
			report_option(c, "ssh", "host-key", err);
}

static void check_tls(struct check *c)
{
	char err[CONFIG_ERROR_SIZE];
	const char *option;

	if (c->needs->config.web.listen.count &&
	    tls_read(&c->needs->tls, &c->needs->config, &option, err, sizeof(err)) < 0)
		report_option(c, "web", option, err);
}

/* Without it PAM falls back to the service "other", which refuses everybody. */
static void check_pam(struct check *c)
{
	static const char *const system[] = { "/etc/pam.d", "/usr/lib/pam.d", NULL };
	const char *service = c->needs->config.auth.pam_service;
	const char *own[] = { c->needs->config.auth.pam_directory, NULL };
	const char *const *folders = own[0][0] ? own : system;
	char path[PATH_MAX], err[CONFIG_ERROR_SIZE];

	for (size_t i = 0; folders[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], service);
		if (access(path, R_OK) == 0)
			return;
	}
	snprintf(err, sizeof(err), "pam-service: %.300s/%.63s: %s; expected a file with PAM rules",
		 folders[0], service, strerror(errno));
	report_option(c, "auth", own[0][0] ? "pam-directory" : "pam-service", err);
}

static void check_shared_keys(struct check *c)
{
	const char *path = c->needs->config.auth.shared_keys;
	char err[CONFIG_ERROR_SIZE];

	if (path[0] == '\0' || access(path, R_OK) == 0)
		return;
	snprintf(err, sizeof(err), "shared-keys: %.400s: %s", path, strerror(errno));
	report_option(c, "auth", "shared-keys", err);
}

static void check_text(struct check *c, const char *path)
{
	char err[CONFIG_ERROR_SIZE];
	size_t len;
	char *text = read_file(path, &len);

	if (!text) {
		snprintf(err, sizeof(err), "cannot be read: %s", strerror(errno));
		report(c, 0, err);
		return;
	}
	if (config_parse(&c->needs->config, text, len, report, c) == 0) {
		check_users(c);
		check_keys(c);
		check_tls(c);
		check_pam(c);
		check_shared_keys(c);
	}
	free(text);
}

struct needs *needs_read(const char *path, config_error_fn fn, void *arg)
{
	struct check c = { .needs = calloc(1, sizeof(*c.needs)), .fn = fn, .arg = arg };

	if (!c.needs || config_init(&c.needs->config) < 0) {
		fn(arg, 0, "out of memory");
		free(c.needs);
		return NULL;
	}
	check_text(&c, path);
	if (!c.has_failed)
		return c.needs;
	needs_free(c.needs);
	return NULL;
}

void needs_free(struct needs *n)
{
	if (!n)
		return;
	config_free(&n->config);
	tls_clear(&n->tls);
	free(n);
}
