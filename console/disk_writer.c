/* SPDX-License-Identifier: ISC */
/* See disk_writer.h. */
#include "console/disk_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "console/disk_find.h"
#include "console/disk_log.h"
#include "ipc/clock.h"
#include "ipc/log.h"
#include "ipc/sandbox.h"
#include "ipc/wire.h"

enum { WARN_S = 60, OPEN_AGAIN_S = 1 };

static struct wire *out;
static struct msg_disk_setup setup;
static struct disk_log *logs;        /* owned; the one written last is the first */
static time_t warned;                /* 0: all is well, as far as was said */
static time_t open_again;            /* 0: at once */
static uint64_t given_up;            /* bytes, since the warning */

static time_t now_s(void)
{
	return clock_ms() / 1000 + 1;
}

/* NULL: there is none. */
static struct disk_log *find(uint32_t number)
{
	for (struct disk_log **at = &logs; *at; at = &(*at)->next) {
		struct disk_log *d = *at;

		if (d->of.log != number)
			continue;
		*at = d->next;
		d->next = logs;
		logs = d;
		return d;
	}
	return NULL;
}

static void failed(const struct disk_log *d, int error, size_t bytes)
{
	given_up += bytes;
	if (d->fd < 0)
		open_again = now_s() + OPEN_AGAIN_S;
	if (warned && now_s() - warned < WARN_S)
		return;
	warned = now_s();
	log_warn("log-directory %s: %s: consoles are not logged now, %llu bytes are lost",
		 setup.directory, strerror(error), (unsigned long long)given_up);
}

static void succeeded(void)
{
	if (!warned)
		return;
	log_warn("log-directory %s: consoles are logged again, %llu bytes were lost",
		 setup.directory, (unsigned long long)given_up);
	warned = 0;
	given_up = 0;
}

static int take_setup(void *ctx, struct message *m)
{
	(void)ctx;
	for (struct disk_log *d = logs;
	     d && strcmp(setup.directory, m->u.disk_setup.directory) != 0; d = d->next)
		disk_log_close(d);
	setup = m->u.disk_setup;
	open_again = 0;
	return 0;
}

static int take_open(void *ctx, struct message *m)
{
	struct disk_log *d = find(m->u.disk_open.log);

	(void)ctx;
	if (d) {
		disk_log_set(d, &m->u.disk_open);
		return 0;
	}
	d = malloc(sizeof(*d));
	if (!d)
		fatal("out of memory");
	disk_log_init(d, &m->u.disk_open);
	d->next = logs;
	logs = d;
	return 0;
}

static int take_data(void *ctx, struct message *m)
{
	const struct msg_disk_done done = { (uint32_t)m->u.disk_data.data.len };
	struct disk_log *d = find(m->u.disk_data.log);

	(void)ctx;
	if (!d)
		return -1;
	if (setup.directory[0] == '\0')
		disk_log_skip(d, &m->u.disk_data);
	else if (d->fd < 0 && now_s() < open_again)
		given_up += done.count;
	else if (disk_log_write(d, &setup, &m->u.disk_data) < 0)
		failed(d, errno, done.count);
	else
		succeeded();
	/* Known from the first byte on, so that a hole at the beginning is one, too. */
	if (!d->has_offset) {
		d->has_offset = true;
		d->offset = m->u.disk_data.offset;
	}
	return wire_send(out, MSG_DISK_DONE, &done);
}

static int take_boot(void *ctx, struct message *m)
{
	struct disk_log *d = find(m->u.disk_boot.log);

	(void)ctx;
	if (!d)
		return -1;
	disk_log_boot(d, &m->u.disk_boot);
	return 0;
}

static int take_close(void *ctx, struct message *m)
{
	struct disk_log *d = find(m->u.disk_log.log);

	(void)ctx;
	if (!d)
		return -1;
	logs = d->next;
	disk_log_close(d);
	free(d);
	return 0;
}

static void found(void *arg, const struct msg_disk_file *file, const int fds[2])
{
	(void)arg;
	wire_send_fds(out, MSG_DISK_FILE, file, fds, 2);
}

static int take_find(void *ctx, struct message *m)
{
	const struct msg_request done = { m->u.disk_find.request };

	(void)ctx;
	if (setup.directory[0])
		disk_find(setup.directory, &m->u.disk_find, found, NULL);
	return wire_send(out, MSG_DISK_FOUND, &done);
}

static const struct wire_rule rules[] = {
	{ MSG_DISK_SETUP, 1, take_setup },
	{ MSG_DISK_OPEN, 1, take_open },
	{ MSG_DISK_DATA, 1, take_data },
	{ MSG_DISK_BOOT, 1, take_boot },
	{ MSG_DISK_CLOSE, 1, take_close },
	{ MSG_DISK_FIND, 1, take_find },
};

void disk_writer_run(struct wire *link, const struct sandbox *walls)
{
	struct message m;
	int r;

	out = link;
	prctl(PR_SET_NAME, "console-disk");
	log_prefix("console[disk]");
	if (sandbox_enter(walls) < 0)
		fatal("cannot set up the sandbox: %s", strerror(errno));
	do {
		r = wire_wait(link, &m, -1);
		if (r == 1)
			r = wire_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1, &m, NULL);
	} while (r >= 0);
	_exit(0);
}
