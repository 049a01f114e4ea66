/* SPDX-License-Identifier: ISC */
/* See finding.h. */
#include "console/finding.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "console/disk.h"
#include "console/position.h"
#include "console/visit.h"

struct finding {
	struct finding *next;
	uint32_t request;
	struct visit *visit;
	struct msg_attach attach;
	finding_go_on *go_on;
	unsigned files;
	struct loop_timer late;
};

static struct finding *findings;
static uint32_t last_request;

/* Boots that began in what the ring has. */
static uint64_t boots_in(const struct ring *r)
{
	uint64_t oldest = ring_oldest(r), n = 0;
	const struct ring_boot *b;

	while ((b = ring_boot_back(r, n)) != NULL && b->offset >= oldest)
		n++;
	return n;
}

/*
 * Does p lie before the ring, or in a hole of it (behind the first part of a boot)? Then it is
 * turned into what the child understands. *limit: from there on the ring has it again.
 */
static bool lies_before(struct position *p, const struct console *c, uint64_t left, uint64_t *limit)
{
	const struct ring *r = &c->ring;
	const struct marks *marks = &r->marks;
	uint64_t boots;

	*limit = ring_oldest(r);
	if (p->kind == POSITION_LEFT && left == POSITION_NEVER)
		p->kind = POSITION_OLDEST;
	else if (p->kind == POSITION_LEFT)
		*p = (struct position){ POSITION_OFFSET, c->epoch, left };
	switch (p->kind) {
	case POSITION_OLDEST:
		return true;
	case POSITION_OFFSET:
		if (p->epoch == c->epoch)
			*limit = ring_kept_from(r, p->value);
		return p->epoch != c->epoch || p->value < *limit;
	case POSITION_LINES:
		*limit = ring_tail(r);
		p->value = ring_lines_before(r, p->value);
		return p->value > 0;
	case POSITION_TIME:
		return !marks->count || p->value < marks->at[0].first / 1000;
	case POSITION_BOOT:
		boots = boots_in(r);
		if (p->value < boots)
			return false;
		p->value -= boots;
		return true;
	default:
		return false;
	}
}

static void finding_free(struct finding *f)
{
	struct finding **at = &findings;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	loop_timer_clear(&f->late);
	free(f);
}

static void finish(struct finding *f)
{
	struct visit *v = f->visit;
	struct msg_attach a = f->attach;
	finding_go_on *go_on = f->go_on;
	bool has_files = f->files > 0;

	finding_free(f);
	go_on(v, &a, has_files);
}

static void late_due(void *owner)
{
	finish(owner);
}

static unsigned count(const struct visit *v)
{
	unsigned n = 0;

	for (const struct finding *f = findings; f; f = f->next)
		n += f->visit == v;
	return n;
}

bool finding_ask(struct peer *disk, struct visit *v, const struct msg_attach *a,
		 const struct console *c, finding_go_on *go_on)
{
	struct msg_disk_find m = { .from = a->from, .until = a->until, .epoch = c->epoch };
	struct finding *f;
	uint64_t left = viewer_left(v, c), any;

	if (!lies_before(&m.from, c, left, &m.offset) || count(v) >= FINDINGS_MAX)
		return false;
	if (!lies_before(&m.until, c, left, &any))
		m.until = (struct position){ .kind = POSITION_NOW };
	f = calloc(1, sizeof(*f));
	if (!f)
		return false;
	f->request = m.request = ++last_request;
	f->visit = v;
	f->attach = *a;
	f->go_on = go_on;
	f->next = findings;
	findings = f;
	memcpy(m.uuid, c->guest->uuid, UUID_SIZE);
	strcpy(m.host, c->guest->host);
	strcpy(m.alias, c->alias);
	loop_timer_set(&f->late, DISK_FIND_MS, late_due, f);
	peer_send(disk, MSG_DISK_FIND, &m);
	return true;
}

/* NULL: its visitor left, or did not wait for it. */
static struct finding *find(uint32_t request)
{
	struct finding *f = findings;

	while (f && f->request != request)
		f = f->next;
	return f;
}

static unsigned unread(struct visit *v)
{
	int bytes;

	if (v->files && ioctl(v->peer.wire.fd, SIOCOUTQ, &bytes) == 0 && bytes == 0)
		v->files = 0;
	return v->files;
}

/*
 * Files that are on their way and not read would use up the descriptors of us all: the
 * kernel counts those under way for each user (unix(7)).
 */
static bool has_room(const struct visit *for_it)
{
	unsigned all = 0, own = 0;

	for (struct visit *v = visit_next(NULL); v; v = visit_next(v)) {
		unsigned n = unread(v);

		all += n;
		own += v->conn == for_it->conn ? n : 0;
	}
	return own < FINDING_FILES_MAX && all < FINDING_FILES_ALL;
}

int finding_file(void *ctx, struct message *m)
{
	const struct msg_disk_file *file = &m->u.disk_file;
	struct finding *f = find(file->request);
	struct msg_log_file answer = { .epoch = file->epoch, .offset = file->offset,
				       .skip = file->skip, .len = file->len, .time = file->time,
				       .end = file->end };

	(void)ctx;
	if (!f || !has_room(f->visit))
		return 0;
	answer.handle = f->attach.handle;
	f->files++;
	f->visit->files++;
	peer_send_fds(&f->visit->peer, MSG_LOG_FILE, &answer, m->fds, 2);
	m->nfds = 0;
	return 0;
}

int finding_found(void *ctx, struct message *m)
{
	struct finding *f = find(m->u.request.request);

	(void)ctx;
	if (f)
		finish(f);
	return 0;
}

bool finding_has(const struct visit *v, uint32_t handle)
{
	for (const struct finding *f = findings; f; f = f->next)
		if (f->visit == v && f->attach.handle == handle)
			return true;
	return false;
}

void finding_forget(const struct visit *v)
{
	for (struct finding *f = findings, *next; f; f = next) {
		next = f->next;
		if (f->visit == v)
			finding_free(f);
	}
}

void finding_give_up(void)
{
	while (findings)
		finish(findings);
}
