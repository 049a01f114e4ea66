/* SPDX-License-Identifier: ISC */
/*
 * What one visitor who asks without end costs the others, over the real console: a gate
 * that is slow to read does not end it, attachments, files and acts under way have their bound.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "console/acts.h"
#include "console/disk_name.h"
#include "console/finding.h"
#include "console/visit.h"
#include "tests/console_stage.h"

enum { STORM = 2000, FILES = 100, SPARE_FDS = 40 };

static unsigned begun, ended;        /* attachments, as the audit has them */

/* Until nothing came for so long. */
static void read_gate(int ms)
{
	struct message m;
	int r;

	while ((r = wire_wait(&gate, &m, ms)) == 1) {
		begun += m.type == MSG_AUDIT && m.u.audit.event == AUDIT_ATTACH;
		ended += m.type == MSG_AUDIT && m.u.audit.event == AUDIT_DETACH;
	}
	ck_assert_msg(r == 0, "console died");
}

/* Each attachment that began ends, too. */
static void expect_even(void)
{
	int64_t until = clock_ms() + WAIT;

	do
		read_gate(200);
	while (begun != ended && clock_ms() < until);
	ck_assert_uint_eq(begun, ended);
}

/* Sends it when there is room; what console answers is read meanwhile. False: it is too late. */
static bool put(struct wire *w, enum message_type type, const void *fields, int64_t until)
{
	struct message m;

	for (; clock_ms() < until;) {
		int sent = wire_try_send(w, type, fields);

		ck_assert_msg(sent >= 0, "console died");
		if (sent == 1)
			return true;
		while (wire_wait(w, &m, 1) == 1)
			wire_discard(&m);
	}
	return false;
}

START_TEST(a_gate_that_is_slow)
{
	struct wire v = come(1);
	struct msg_attach a = { .guest = "web1", .flags = ATTACH_READ_ONLY };
	int64_t until = clock_ms() + STORM;

	/* gate is not read. */
	for (a.handle = 1; put(&v, MSG_ATTACH, &a, until); a.handle++)
		put(&v, MSG_DETACH, &(struct msg_handle){ a.handle }, until);
	read_gate(500);
	wire_close(&v);
	read_gate(500);
	ck_assert_uint_gt(begun, 100);
	expect_even();
}
END_TEST

/* Others are not made to wait. */
START_TEST(one_who_asks_without_end)
{
	struct wire v = come(1), other = come(2);
	struct msg_info info = { .handle = 1 };
	struct msg_list list = { 0 };
	int64_t until = clock_ms() + STORM;
	unsigned sent = 0;

	strcpy(info.guest, "web1");
	for (; put(&v, MSG_INFO, &info, until); sent++)
		read_gate(0);
	ck_assert_uint_ge(sent, VISIT_BURST / 2);
	ck_assert_uint_lt(sent, 2 * VISIT_BURST);
	ck_assert(put(&other, MSG_LIST, &list, clock_ms() + WAIT));
	expect(&other, MSG_LIST_END);
	read_gate(0);
	wire_close(&v);
	wire_close(&other);
}
END_TEST

/* Files of earlier runs, for the guest's console. */
static void make_files(void)
{
	char folder[DISK_FOLDER_SIZE], file[DISK_FILE_SIZE], index[DISK_FILE_SIZE], path[1024];

	disk_name_folder(folder, uuid, "serial0", "h");
	snprintf(path, sizeof(path), "mkdir -p '%s/%s'", directory, folder);
	ck_assert_int_eq(system(path), 0);
	for (uint64_t i = 1; i <= FILES; i++) {
		FILE *f;

		disk_name_file(file, i, 1700000000);
		disk_name_index(index, file);
		snprintf(path, sizeof(path), "%s/%s/%s", directory, folder, file);
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fputs("hello\n", f);
		fclose(f);
		snprintf(path, sizeof(path), "%s/%s/%s", directory, folder, index);
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fprintf(f, "e %llu 0 0\nt 1700000000000 0 0\n", (unsigned long long)i);
		fclose(f);
	}
}

static int descriptors(void)
{
	char path[64];
	DIR *d;
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", console);
	for (d = opendir(path); d && readdir(d); n++)
		;
	if (d)
		closedir(d);
	return n;
}

/* How many files come: as many as there have to be, and until none came for so long. */
static unsigned read_files(struct wire *w, unsigned least, int ms)
{
	struct message m;
	unsigned files = 0;

	while (wire_wait(w, &m, files < least ? WAIT : ms) == 1) {
		files += m.type == MSG_LOG_FILE;
		wire_discard(&m);
	}
	return files;
}

START_TEST(files_that_nobody_takes)
{
	struct wire v = come(1);
	struct msg_attach a = { .guest = "web1", .flags = ATTACH_HISTORY,
				.from = { .kind = POSITION_OLDEST } };
	unsigned files;

	make_files();
	a.handle = 1;
	ck_assert_int_eq(wire_send(&v, MSG_ATTACH, &a), 0);
	ck_assert_uint_eq(read_files(&v, FILES, 500), FILES);
	/* From here on it does not read. */
	for (a.handle = 2; a.handle <= 60; a.handle++) {
		wire_send(&v, MSG_ATTACH, &a);
		wire_send(&v, MSG_DETACH, &(struct msg_handle){ a.handle });
		read_gate(20);
	}
	read_gate(500);
	ck_assert_int_lt(descriptors(), FINDING_FILES_MAX + SPARE_FDS);
	files = read_files(&v, 1, 500);
	ck_assert_uint_gt(files, 0);
	ck_assert_uint_le(files, FINDING_FILES_MAX);
	/* Who reads again has files again. */
	ck_assert_int_eq(wire_send(&v, MSG_ATTACH, &a), 0);
	ck_assert_uint_eq(read_files(&v, FILES, 500), FILES);
	wire_close(&v);
	expect_even();
}
END_TEST

/* However many connections do that at a time. */
START_TEST(files_that_nobody_takes_on_any_connection)
{
	struct wire v[FINDING_FILES_ALL / FINDING_FILES_MAX + 2];
	const unsigned n = sizeof(v) / sizeof(v[0]);
	struct msg_attach a = { .guest = "web1", .flags = ATTACH_HISTORY,
				.from = { .kind = POSITION_OLDEST } };
	unsigned files = 0;

	make_files();
	for (unsigned i = 0; i < n; i++) {
		v[i] = come(i + 1);
		for (a.handle = 1; a.handle <= FINDINGS_MAX; a.handle++) {
			wire_send(&v[i], MSG_ATTACH, &a);
			read_gate(20);
		}
	}
	read_gate(500);
	for (int64_t until = clock_ms() + WAIT; files < FINDING_FILES_ALL && clock_ms() < until;)
		for (unsigned i = 0; i < n; i++)
			files += read_files(&v[i], 0, 10);
	for (unsigned i = 0; i < n; i++) {
		files += read_files(&v[i], 0, 100);
		wire_close(&v[i]);
	}
	ck_assert_uint_eq(files, FINDING_FILES_ALL);
	read_gate(200);
}
END_TEST

/* Also when those that wait for files are counted late. */
START_TEST(attachments_have_a_bound)
{
	struct wire v = come(1);
	struct msg_attach a = { .guest = "web1", .flags = ATTACH_HISTORY };
	struct message m;
	unsigned attached = 0, refused = 0;

	for (a.handle = 1; a.handle <= VISIT_VIEWERS_MAX + 100; a.handle++) {
		bool late = a.handle >= VISIT_VIEWERS_MAX - 1 && a.handle < VISIT_VIEWERS_MAX + 3;

		a.from.kind = late ? POSITION_OLDEST : POSITION_NOW;
		ck_assert_int_eq(wire_send(&v, MSG_ATTACH, &a), 0);
		while (!late && wire_wait(&v, &m, a.handle % 64 == 0 ? 100 : 0) == 1) {
			attached += m.type == MSG_ATTACHED;
			refused += m.type == MSG_REFUSED;
		}
		read_gate(a.handle == VISIT_VIEWERS_MAX - 2 ? 200 : 0);
	}
	while (attached + refused < VISIT_VIEWERS_MAX + 100 && wire_wait(&v, &m, WAIT) == 1) {
		attached += m.type == MSG_ATTACHED;
		refused += m.type == MSG_REFUSED;
	}
	ck_assert_uint_ge(attached, VISIT_VIEWERS_MAX);
	ck_assert_uint_le(attached, VISIT_VIEWERS_MAX + FINDINGS_MAX);
	wire_close(&v);
	expect_even();
}
END_TEST

/* The same of acts that virt is asked for; it answers none. Their sockets are kept. */
static unsigned take_acts(int *kept, unsigned least, int ms)
{
	struct message m;
	unsigned n = 0;

	while (wire_wait(&virt, &m, n < least ? WAIT : ms) == 1)
		if (m.type == MSG_DO_ACT)
			kept[n++] = m.fds[0];
		else
			wire_discard(&m);
	return n;
}

/* Those of one person, over however many connections, leave room for the others'. */
START_TEST(acts_of_one_person)
{
	struct wire crowd[16], other = come_as("bob", 100);
	struct msg_act a = { .guest = "web1", .act = ACT_START };
	int kept[64];
	struct message m;
	unsigned n;

	for (uint64_t i = 0; i < 16; i++) {
		crowd[i] = come(i + 1);
		for (a.handle = 1; a.handle <= ACTS_PER_VISIT; a.handle++)
			ck_assert_int_eq(wire_send(&crowd[i], MSG_ACT, &a), 0);
	}
	n = take_acts(kept, ACTS_PER_USER, 300);
	ck_assert_uint_eq(n, ACTS_PER_USER);
	m = expect(&crowd[15], MSG_REFUSED);
	ck_assert_ptr_nonnull(strstr(m.u.refused.text, "try again"));
	/* Also when those who asked are gone: what they asked for is still under way. */
	for (int i = 0; i < 16; i++)
		wire_close(&crowd[i]);
	crowd[0] = come(50);
	ck_assert_int_eq(wire_send(&crowd[0], MSG_ACT, &a), 0);
	expect(&crowd[0], MSG_REFUSED);
	ck_assert_int_eq(wire_send(&other, MSG_ACT, &a), 0);
	ck_assert_uint_eq(take_acts(kept + n, 1, 300), 1);
	/* One that is done makes room. */
	close(kept[0]);
	read_gate(200);
	ck_assert_int_eq(wire_send(&crowd[0], MSG_ACT, &a), 0);
	ck_assert_uint_eq(take_acts(kept + n + 1, 1, 300), 1);
	wire_close(&crowd[0]);
	wire_close(&other);
	for (unsigned i = 1; i < n + 2; i++)
		close(kept[i]);
	read_gate(200);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		a_gate_that_is_slow, one_who_asks_without_end, files_that_nobody_takes,
		files_that_nobody_takes_on_any_connection, attachments_have_a_bound, acts_of_one_person,
	};

	return run_tests("console bounds", tests, sizeof(tests) / sizeof(tests[0]), 1, set_up, tear_down);
}
