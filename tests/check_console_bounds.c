/* SPDX-License-Identifier: ISC */
/*
 * What one visitor who asks without end costs the others, over the real console: a gate
 * that is slow to read does not end it, attachments, files and acts under way have their bound.
 * The test plays gate, auth, virt and the visitor.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "console/acts.h"
#include "console/disk_name.h"
#include "console/finding.h"
#include "console/visit.h"
#include "ipc/wire.h"

enum { WAIT = 10000, STORM = 2000, FILES = 100, SPARE_FDS = 40 };

static const uint8_t uuid[UUID_SIZE] = { 7 };
static struct wire gate, auth, virt, watch;
static pid_t console;
static char directory[64];
static unsigned begun, ended;        /* attachments, as the audit has them */

static void option(const char *section, const char *name, const char *key, const char *value)
{
	struct msg_config m = { .value = { (const uint8_t *)value, strlen(value) } };

	strcpy(m.section, section);
	strcpy(m.name, name);
	strcpy(m.key, key);
	ck_assert_int_eq(wire_send(&gate, MSG_CONFIG, &m), 0);
}

static void configure(void)
{
	option("console", "", "log-directory", directory);
	option("host", "h", "", "");
	option("access", "a", "", "");
	option("access", "a", "users", "alice bob");
	option("access", "a", "guests", "*");
	option("access", "a", "may", "view power");
	ck_assert_int_eq(wire_send(&gate, MSG_CONFIG_END, NULL), 0);
}

static struct message expect(struct wire *w, enum message_type type)
{
	struct message m;

	do
		ck_assert_msg(wire_wait(w, &m, WAIT) == 1, "no %s", message_name(type));
	while (m.type != type);
	return m;
}

static void sibling(enum role_id who, struct wire *w)
{
	int fds[2];

	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(w, fds[0]);
	ck_assert_int_eq(wire_send_fds(&gate, MSG_SIBLING, &(struct msg_sibling){ (uint8_t)who },
				       &fds[1], 1), 0);
}

/* One host with one guest, which is off. */
static void tell_of_guest(void)
{
	struct msg_domain d = { .name = "web1", .state = GUEST_OFF, .consoles = "serial0" };
	struct message m = expect(&virt, MSG_WATCH_HOST);

	wire_init(&watch, m.fds[0]);
	memcpy(d.uuid, uuid, UUID_SIZE);
	wire_send(&watch, MSG_HOST, &(struct msg_host){ 1, "" });
	wire_send(&watch, MSG_DOMAIN, &d);
	wire_send(&watch, MSG_DOMAINS_END, NULL);
}

static void set_up(void)
{
	const struct msg_hello hello = { .role = ROLE_CONSOLE };
	char path[512];
	int fds[2];

	snprintf(path, sizeof(path), "%s/libexec/serialgate/console",
		 getenv("BUILD") ? getenv("BUILD") : "build");
	strcpy(directory, "/tmp/console-bounds.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	begun = ended = 0;
	ck_assert_int_eq(wire_pair(fds), 0);
	console = fork();
	if (console == 0) {
		dup2(fds[1], 3);
		fcntl(3, F_SETFD, 0);
		execl(path, path, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	wire_init(&gate, fds[0]);
	wire_send(&gate, MSG_HELLO, &hello);
	configure();
	expect(&gate, MSG_READY);
	sibling(ROLE_VIRT, &virt);
	sibling(ROLE_AUTH, &auth);
	tell_of_guest();
}

static void tear_down(void)
{
	char command[128];
	int status;

	wire_close(&gate);
	ck_assert_int_eq(waitpid(console, &status, 0), console);
	ck_assert_msg(status == 0, "console ended with %#x", status);
	wire_close(&auth);
	wire_close(&virt);
	wire_close(&watch);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	ck_assert_int_eq(system(command), 0);
}

static struct wire come_as(const char *user, uint64_t conn)
{
	struct msg_identity id = { .conn = conn, .endpoint = ENDPOINT_SSH, .peer = "192.0.2.1" };
	struct wire w;
	int fds[2];

	strcpy(id.user, user);
	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(&w, fds[0]);
	ck_assert_int_eq(wire_send_fds(&auth, MSG_IDENTITY, &id, &fds[1], 1), 0);
	return w;
}

static struct wire come(uint64_t conn)
{
	return come_as("alice", conn);
}

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

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Sends it when there is room; what console answers is read meanwhile. False: it is too late. */
static bool put(struct wire *w, enum message_type type, const void *fields, uint64_t until)
{
	struct message m;

	for (; now_ms() < until;) {
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
	uint64_t until = now_ms() + STORM;

	/* gate is not read. */
	for (a.handle = 1; put(&v, MSG_ATTACH, &a, until); a.handle++)
		put(&v, MSG_DETACH, &(struct msg_handle){ a.handle }, until);
	read_gate(500);
	wire_close(&v);
	read_gate(500);
	ck_assert_uint_gt(begun, 100);
	ck_assert_uint_eq(begun, ended);
}
END_TEST

/* Others are not made to wait. */
START_TEST(one_who_asks_without_end)
{
	struct wire v = come(1), other = come(2);
	struct msg_info info = { .handle = 1 };
	struct msg_list list = { 0 };
	uint64_t until = now_ms() + STORM;
	unsigned sent = 0;

	strcpy(info.guest, "web1");
	for (; put(&v, MSG_INFO, &info, until); sent++)
		read_gate(0);
	ck_assert_uint_ge(sent, VISIT_BURST / 2);
	ck_assert_uint_lt(sent, 2 * VISIT_BURST);
	ck_assert(put(&other, MSG_LIST, &list, now_ms() + STORM));
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

static unsigned read_files(struct wire *w, int ms)
{
	struct message m;
	unsigned files = 0;

	while (wire_wait(w, &m, ms) == 1) {
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
	ck_assert_uint_eq(read_files(&v, 500), FILES);
	/* From here on it does not read. */
	for (a.handle = 2; a.handle <= 60; a.handle++) {
		wire_send(&v, MSG_ATTACH, &a);
		wire_send(&v, MSG_DETACH, &(struct msg_handle){ a.handle });
		read_gate(20);
	}
	read_gate(500);
	ck_assert_int_lt(descriptors(), FINDING_FILES_MAX + SPARE_FDS);
	files = read_files(&v, 500);
	ck_assert_uint_gt(files, 0);
	ck_assert_uint_le(files, FINDING_FILES_MAX);
	/* Who reads again has files again. */
	ck_assert_int_eq(wire_send(&v, MSG_ATTACH, &a), 0);
	ck_assert_uint_eq(read_files(&v, 500), FILES);
	wire_close(&v);
	read_gate(200);
	ck_assert_uint_eq(begun, ended);
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
	for (unsigned i = 0; i < n; i++) {
		files += read_files(&v[i], 100);
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
	read_gate(500);
	ck_assert_uint_eq(begun, ended);
}
END_TEST

/* How many acts virt is asked for; it answers none. Their sockets are kept. */
static unsigned take_acts(int *kept, int ms)
{
	struct message m;
	unsigned n = 0;

	while (wire_wait(&virt, &m, ms) == 1)
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
	n = take_acts(kept, 300);
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
	ck_assert_uint_eq(take_acts(kept + n, 300), 1);
	/* One that is done makes room. */
	close(kept[0]);
	read_gate(200);
	ck_assert_int_eq(wire_send(&crowd[0], MSG_ACT, &a), 0);
	ck_assert_uint_eq(take_acts(kept + n + 1, 300), 1);
	wire_close(&crowd[0]);
	wire_close(&other);
	for (unsigned i = 1; i < n + 2; i++)
		close(kept[i]);
	read_gate(200);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("console bounds");
	TCase *tcase = tcase_create("one visitor");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_gate_that_is_slow);
	tcase_add_test(tcase, one_who_asks_without_end);
	tcase_add_test(tcase, files_that_nobody_takes);
	tcase_add_test(tcase, files_that_nobody_takes_on_any_connection);
	tcase_add_test(tcase, attachments_have_a_bound);
	tcase_add_test(tcase, acts_of_one_person);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
