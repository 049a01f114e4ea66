/* SPDX-License-Identifier: ISC */
/*
 * The child that writes logs, as console has it: the real processes on real disks that are
 * full, read-only, gone, or hang (a FUSE file system of ours that does not answer). It always
 * reads; what was not written is marked; it goes on by itself.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/disk.h"
#include "ipc/clock.h"
#include "ipc/wire.h"
#include "tests/suite.h"

enum { PATIENCE_MS = 15000, LOG = 7, PIECE = 4096 };
#define EPOCH UINT64_C(1795378530000)
#define FOLDER "00010203-0405-0607-0809-0a0b0c0d0e0f/serial0@local"

static char base[64], folder[80];
static struct wire child;
static uint64_t offset;              /* of the next byte that the guest prints */
static size_t under_way;
static char logged[65536];
static char text[8 * 1024 * 1024];

/* -- what console does -- */

/* Takes one message; its type, MSG_NONE: there was none for so long. */
static unsigned take(struct message *m, int timeout_ms)
{
	int r = wire_wait(&child, m, timeout_ms);

	ck_assert_msg(r >= 0, "the child ended\n%s", logged);
	if (r == 0)
		return MSG_NONE;
	if (m->type == MSG_LOG) {
		size_t n = strlen(logged);

		snprintf(logged + n, sizeof(logged) - n, "%s\n", m->u.log.text);
	}
	if (m->type == MSG_DISK_DONE)
		under_way -= m->u.disk_done.count;
	return m->type;
}

static void await_done(size_t at_most)
{
	int64_t until = clock_ms() + PATIENCE_MS;
	struct message m;

	while (under_way > at_most) {
		take(&m, 100);
		ck_assert_msg(clock_ms() < until, "%zu bytes are never DONE\n%s", under_way, logged);
	}
}

static void await_log(const char *what)
{
	int64_t until = clock_ms() + PATIENCE_MS;
	struct message m;

	while (!strstr(logged, what)) {
		take(&m, 100);
		ck_assert_msg(clock_ms() < until, "not logged: %s\n%s", what, logged);
	}
}

static void print(const void *data, size_t len, uint64_t seconds)
{
	const struct msg_disk_data m = { LOG, offset, EPOCH + seconds * 1000, { data, len } };

	await_done(DISK_WINDOW - PIECE);
	ck_assert_int_eq(wire_send(&child, MSG_DISK_DATA, &m), 0);
	offset += len;
	under_way += len;
}

static void print_text(const char *what, uint64_t seconds)
{
	print(what, strlen(what), seconds);
}

static void boot(uint64_t at, uint64_t seconds)
{
	const struct msg_disk_boot m = { LOG, at, EPOCH / 1000 + seconds };

	wire_send(&child, MSG_DISK_BOOT, &m);
}

static void set_up_log(const char *directory, uint64_t size, uint32_t files)
{
	struct msg_disk_setup m = { .size = size, .files = files };

	snprintf(m.directory, sizeof(m.directory), "%s", directory);
	ck_assert_int_eq(wire_send(&child, MSG_DISK_SETUP, &m), 0);
}

static void open_log(uint64_t epoch)
{
	struct msg_disk_open m = { .log = LOG, .host = "local", .name = "we\nb1",
				   .alias = "serial0", .epoch = epoch };

	for (uint8_t i = 0; i < UUID_SIZE; i++)
		m.uuid[i] = i;
	ck_assert_int_eq(wire_send(&child, MSG_DISK_OPEN, &m), 0);
}

static void start(uint64_t size, uint32_t files)
{
	pid_t pid;
	int fd = disk_prepare() == 0 ? disk_start(&pid) : -1;

	ck_assert_int_ge(fd, 0);
	wire_init(&child, fd);
	set_up_log(folder, size, files);
	open_log(EPOCH);
}

static void set_up(void)
{
	snprintf(base, sizeof(base), "/tmp/check_disk.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(folder, sizeof(folder), "%s/logs", base);
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_IGN);
}

static void end_child(void)
{
	int64_t until = clock_ms() + PATIENCE_MS;

	wire_close(&child);
	while (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) {
		ck_assert_msg(clock_ms() < until, "a process stays");
		poll(NULL, 0, 5);
	}
}

static void tear_down(void)
{
	char command[128];

	end_child();
	umount2(folder, MNT_DETACH);
	snprintf(command, sizeof(command), "rm -rf %s", base);
	ck_assert_int_eq(system(command), 0);
}

/* -- what is on disk -- */

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The names of what ends so, in order; how many. */
static size_t list(const char *end, char names[][64])
{
	char path[256];
	const struct dirent *e;
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/" FOLDER, folder);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (strlen(e->d_name) > strlen(end) && n < 64 &&
		    strcmp(e->d_name + strlen(e->d_name) - strlen(end), end) == 0)
			snprintf(names[n++], 64, "%.63s", e->d_name);
	if (dir)
		closedir(dir);
	qsort(names, n, 64, compare);
	return n;
}

/* All files of that kind, one after the other. */
static const char *read_all(const char *end)
{
	char names[64][64], path[256];
	size_t n = list(end, names), len = 0;

	for (size_t i = 0; i < n; i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/" FOLDER "/%s", folder, names[i]);
		f = fopen(path, "re");
		ck_assert_ptr_nonnull(f);
		len += fread(text + len, 1, sizeof(text) - 1 - len, f);
		fclose(f);
	}
	text[len] = '\0';
	return text;
}

START_TEST(test_written)
{
	char names[64][64];
	struct stat st;
	char path[256];

	start(1048576, 4);
	print_text("one\n", 0);
	print_text("two\n", 0);
	boot(offset, 5);
	print_text("three\n", 5);
	await_done(0);
	ck_assert_uint_eq(list(".log", names), 2);
	ck_assert_str_eq(read_all(".log"), "one\ntwo\nthree\n");
	snprintf(path, sizeof(path), "%s/" FOLDER "/%s", folder, names[1]);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07, 0);
	ck_assert_int_eq(st.st_size, 6);
	ck_assert_str_eq(read_all(".index"),
			 "e 1795378530000 0 0\nt 1795378530000 0 0\n"
			 "e 1795378530000 0 8\nb 1795378535 0 8\nt 1795378535000 0 8\n");
	/* People see whose it is, in a line that is one. */
	ck_assert_str_eq(read_all("guest") ? text : "", "");
	snprintf(path, sizeof(path), "%s/" FOLDER "/guest", folder);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(test_a_boot_told_late)
{
	start(1048576, 4);
	print_text("old\nBIOS", 0);
	boot(4, 1);
	print_text(" v1\n", 1);
	await_done(0);
	ck_assert_str_eq(read_all(".log"), "old\nBIOS v1\n");
	ck_assert_ptr_nonnull(strstr(read_all(".index"), "b 1795378531 4 4\n"));
}
END_TEST

START_TEST(test_rotation)
{
	static char piece[PIECE];
	char names[64][64];

	memset(piece, 'x', sizeof(piece));
	start(65536, 3);
	for (int i = 0; i < 160; i++)
		print(piece, sizeof(piece), (uint64_t)i);
	await_done(0);
	ck_assert_uint_eq(list(".log", names), 3);
	ck_assert_uint_eq(list(".index", names), 3);
	ck_assert_uint_le(strlen(read_all(".log")), 3 * 65536);
	/* The newest are those that stay, whole. */
	ck_assert_ptr_nonnull(strstr(read_all(".index"), " 655360") ? text : "");
	ck_assert_int_ge(atoi(names[2]), 10);
}
END_TEST

static bool mount_small(const char *how)
{
	if (mount("tmpfs", folder, "tmpfs", 0, how) == 0)
		return true;
	puts("skipped: no right to mount");
	return false;
}

/* Bytes that are missing, as the log itself says. */
static uint64_t count_missing(const char *of)
{
	uint64_t n = 0;

	while ((of = strstr(of, "[gate: "))) {
		n += strtoull(of + 7, NULL, 10);
		of++;
	}
	return n;
}

static size_t count_x(const char *of)
{
	size_t n = 0;

	for (; *of; of++)
		n += *of == 'x';
	return n;
}

static void fill_disk(int *fd)
{
	static char fill[4096];
	char path[256];

	snprintf(path, sizeof(path), "%s/filler", folder);
	*fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(*fd, fill, sizeof(fill)) > 0)
		;
}

START_TEST(test_full)
{
	static char piece[PIECE];
	int fd;

	if (!mount_small("size=512k"))
		return;
	memset(piece, 'x', sizeof(piece));
	start(1048576, 4);
	print(piece, sizeof(piece), 0);
	await_done(0);
	fill_disk(&fd);
	for (int i = 0; i < 100; i++)
		print(piece, sizeof(piece), 1);
	await_done(0);
	await_log("No space left on device");
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
	print_text("after\n", 2);
	await_done(0);
	await_log("logged again");
	read_all(".log");
	ck_assert_ptr_nonnull(strstr(text, "bytes were not written]\nafter\n"));
	ck_assert_uint_eq(count_missing(text) + count_x(text) - 0, 101 * PIECE);
	ck_assert_ptr_nonnull(strstr(read_all(".index"), "\nh "));
}
END_TEST

/* Full from the beginning: no file without a byte drives out those that have some. */
START_TEST(test_full_from_the_start)
{
	char names[64][64];
	int fd;

	if (!mount_small("size=64k"))
		return;
	start(1048576, 1);
	print_text("first\n", 0);
	await_done(0);
	fill_disk(&fd);
	open_log(EPOCH + 1);
	offset = 0;
	for (int i = 0; i < 20; i++)
		print_text("lost\n", 1);
	await_done(0);
	await_log("No space");
	ck_assert_uint_eq(list(".log", names), 1);
	ck_assert_str_eq(read_all(".log"), "first\n");
	close(fd);
}
END_TEST

START_TEST(test_read_only)
{
	if (!mount_small("size=512k"))
		return;
	ck_assert_int_eq(mount(NULL, folder, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	start(1048576, 4);
	print_text("lost\n", 0);
	await_done(0);
	await_log("Read-only file system");
	ck_assert_int_eq(mount(NULL, folder, NULL, MS_REMOUNT, NULL), 0);
	for (int i = 0; i < 300 && !strstr(logged, "logged again"); i++) {
		print_text("x", 1);
		await_done(0);
		poll(NULL, 0, 20);
	}
	await_log("logged again");
	read_all(".log");
	ck_assert_uint_eq(count_missing(text) + count_x(text), offset);
}
END_TEST

START_TEST(test_vanished)
{
	char other[96];

	start(1048576, 4);
	print_text("one\n", 0);
	await_done(0);
	snprintf(other, sizeof(other), "%s/elsewhere", base);
	ck_assert_int_eq(rename(folder, other), 0);
	for (int i = 0; i < 300 && !strstr(logged, "No such file"); i++) {
		print_text("x", 1);
		await_done(0);
		poll(NULL, 0, 20);
	}
	await_log("No such file");
	ck_assert_int_eq(access(folder, F_OK), -1);
	ck_assert_int_eq(rename(other, folder), 0);
	for (int i = 0; i < 300 && !strstr(logged, "logged again"); i++) {
		print_text("x", 2);
		await_done(0);
		poll(NULL, 0, 20);
	}
	await_log("logged again");
	read_all(".log");
	ck_assert_uint_eq(count_missing(text) + count_x(text) + 4, offset);
}
END_TEST

/* -- a disk that hangs: FUSE, and nobody answers -- */

static int mount_fuse(void)
{
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd >= 0 && mount("check", folder, "fuse", 0, options) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Says that it is a file system, and nothing after that. */
static void answer_init(int fd)
{
	struct { struct fuse_out_header head; struct fuse_init_out init; } out = {
		.head = { .len = sizeof(out) },
		.init = { FUSE_KERNEL_VERSION, FUSE_KERNEL_MINOR_VERSION, .max_write = 4096 },
	};
	static char in[FUSE_MIN_READ_BUFFER * 2];

	ck_assert_int_gt(read(fd, in, sizeof(in)), 0);
	memcpy(&out.head.unique, in + offsetof(struct fuse_in_header, unique), 8);
	ck_assert_int_gt(write(fd, &out, sizeof(out)), 0);
}

START_TEST(test_hung)
{
	static char piece[PIECE];
	int64_t began;
	int fd = mount_fuse();

	if (fd < 0) {
		puts("skipped: no FUSE here");
		return;
	}
	answer_init(fd);
	memset(piece, 'x', sizeof(piece));
	start(1048576, 4);
	began = clock_ms();
	/* Far more than the window: console is never stopped for longer than the first doubt. */
	for (int i = 0; i < 1000; i++)
		print(piece, sizeof(piece), 0);
	await_done(0);
	ck_assert_int_lt(clock_ms() - began, 6000);
	await_log("does not answer");
	ck_assert_ptr_null(strstr(strstr(logged, "does not answer") + 1, "does not answer"));
	/* A question for files is answered at once: there are none. */
	wire_send(&child, MSG_DISK_FIND, &(struct msg_disk_find){ .request = 3 });
	for (struct message m = { 0 }; take(&m, PATIENCE_MS) != MSG_DISK_FOUND;)
		;
	/* The disk is back: the file system is gone, below it is the directory itself. */
	close(fd);
	umount2(folder, MNT_DETACH);
	for (int i = 0; i < 500 && !strstr(logged, "logged again"); i++) {
		print_text("y\n", 1);
		await_done(0);
		poll(NULL, 0, 10);
	}
	await_log("answers again");
	await_log("logged again");
	print_text("y\ny\n", 1);
	await_done(0);
	read_all(".log");
	ck_assert_uint_gt(count_missing(text), 0);
	ck_assert_ptr_nonnull(strstr(text, "y\ny\n"));
}
END_TEST

static pid_t find_writer(void)
{
	char path[96], list_[64] = "";
	long pid = 0;

	for (pid_t at = getpid();; at = (pid_t)pid) {
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)at, (int)at);
		f = fopen(path, "re");
		list_[0] = '\0';
		if (f) {
			(void)!fgets(list_, sizeof(list_), f);
			fclose(f);
		}
		if (strtol(list_, NULL, 10) == 0)
			return (pid_t)pid;
		pid = strtol(list_, NULL, 10);
	}
}

START_TEST(test_writer_killed)
{
	start(1048576, 4);
	print_text("one\n", 0);
	await_done(0);
	kill(find_writer(), SIGKILL);
	await_log("ended");
	print_text("xx\n", 1);
	await_done(0);
	for (int i = 0; i < 500 && !strstr(read_all(".log"), "y"); i++) {
		print_text("y", 2);
		await_done(0);
		poll(NULL, 0, 10);
	}
	/* What is missing is known from what the first writer left. */
	ck_assert_uint_gt(count_missing(text), 2);
	ck_assert_msg(strncmp(text, "one\n[gate: ", 11) == 0, "%.200s", text);
}
END_TEST

/* -- finding -- */

static struct { struct msg_disk_file file; char content[256]; } answers[16];

static size_t ask(struct position from, struct position until, uint64_t epoch, uint64_t end)
{
	struct msg_disk_find what = { .request = 9, .host = "local", .alias = "serial0",
				      .from = from, .until = until, .epoch = epoch, .offset = end };
	struct message m;
	char head[2];
	size_t n = 0;

	for (uint8_t i = 0; i < UUID_SIZE; i++)
		what.uuid[i] = i;
	wire_send(&child, MSG_DISK_FIND, &what);
	for (;;) {
		unsigned type = take(&m, PATIENCE_MS);

		ck_assert_uint_ne(type, MSG_NONE);
		if (type == MSG_DISK_FOUND)
			return n;
		if (type != MSG_DISK_FILE)
			continue;
		answers[n].file = m.u.disk_file;
		memset(answers[n].content, 0, sizeof(answers[n].content));
		ck_assert_int_eq(pread(m.fds[0], answers[n].content, m.u.disk_file.len,
				       (off_t)m.u.disk_file.skip), (int)m.u.disk_file.len);
		ck_assert_int_eq(pread(m.fds[1], head, 2, 0), 2);
		ck_assert_int_eq(memcmp(head, "e ", 2), 0);
		ck_assert_uint_eq(m.u.disk_file.end, m.u.disk_file.offset + m.u.disk_file.skip +
				  m.u.disk_file.len);
		wire_discard(&m);
		n++;
	}
}

#define NOW { POSITION_NOW, 0, 0 }
#define SECOND(n) { POSITION_TIME, 0, EPOCH / 1000 + (n) }
#define BOOT(n) { POSITION_BOOT, 0, n }
#define AT(n) { POSITION_OFFSET, EPOCH, n }
#define LINES(n) { POSITION_LINES, 0, n }
#define OLDEST { POSITION_OLDEST, 0, 0 }

static const struct {
	const char *name;
	struct position from, until;
	const char *parts[4];
} questions[] = {
	{ "the oldest", OLDEST, NOW, { "zero\n", "one\n", "two\n", "three" } },
	{ "the newest boot", BOOT(0), NOW, { "three" } },
	{ "the boot before", BOOT(1), NOW, { "two\n", "three" } },
	{ "more boots than there are", BOOT(9), NOW, { "zero\n", "one\n", "two\n", "three" } },
	{ "an offset", AT(2), NOW, { "e\n", "two\n", "three" } },
	{ "an offset to another", AT(2), AT(6), { "e\n", "tw" } },
	{ "a time", SECOND(20), NOW, { "two\n", "three" } },
	{ "a time between", SECOND(15), NOW, { "two\n", "three" } },
	{ "a time to another", SECOND(5), SECOND(15), { "one\n" } },
	{ "a boot to the next", BOOT(1), BOOT(0), { "two\n" } },
	{ "a line that the ring has the end of", LINES(1), NOW, { "three" } },
	{ "a line more", LINES(2), NOW, { "two\n", "three" } },
	{ "of an earlier epoch", LINES(4), NOW, { "zero\n", "one\n", "two\n", "three" } },
	{ "more lines than there are", LINES(99), NOW, { "zero\n", "one\n", "two\n", "three" } },
};

START_TEST(test_find)
{
	size_t n, expected = 0;

	start(1048576, 8);
	open_log(EPOCH - 1);
	print_text("zero\n", 0);
	await_done(0);
	open_log(EPOCH);
	offset = 0;
	print_text("one\n", 10);
	boot(offset, 20);
	print_text("two\n", 20);
	boot(offset, 30);
	print_text("three\nand what the ring has", 30);
	await_done(0);
	n = ask(questions[_i].from, questions[_i].until, EPOCH, 13);
	while (expected < 4 && questions[_i].parts[expected])
		expected++;
	for (size_t i = 0; i < n && i < expected; i++)
		ck_assert_msg(strcmp(answers[i].content, questions[_i].parts[i]) == 0, "%s: %zu: %s",
			      questions[_i].name, i, answers[i].content);
	ck_assert_msg(n == expected, "%s: %zu files", questions[_i].name, n);
}
END_TEST

START_TEST(test_nothing_to_find)
{
	start(1048576, 8);
	ck_assert_uint_eq(ask((struct position)OLDEST, (struct position)NOW, EPOCH, 100), 0);
	set_up_log("", 1048576, 8);
	print_text("one\n", 0);
	await_done(0);
	ck_assert_uint_eq(ask((struct position)OLDEST, (struct position)NOW, EPOCH, 100), 0);
	/* Turned on later: what was before is no hole. */
	set_up_log(folder, 1048576, 8);
	print_text("two\n", 0);
	await_done(0);
	ck_assert_str_eq(read_all(".log"), "two\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("disk");
	TCase *t = tcase_create("disk");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, test_written);
	tcase_add_test(t, test_a_boot_told_late);
	tcase_add_test(t, test_rotation);
	tcase_add_test(t, test_full);
	tcase_add_test(t, test_full_from_the_start);
	tcase_add_test(t, test_read_only);
	tcase_add_test(t, test_vanished);
	tcase_add_test(t, test_hung);
	tcase_add_test(t, test_writer_killed);
	tcase_add_loop_test(t, test_find, 0, sizeof(questions) / sizeof(questions[0]));
	tcase_add_test(t, test_nothing_to_find);
	suite_add_tcase(s, t);
	return suite_run(s);
}
