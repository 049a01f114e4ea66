/* SPDX-License-Identifier: ISC */
/*
 * Files of authorized keys on a real file system: which are read, which are refused and
 * why, and with whose rights. A home in a directory of the test ends the check of modes.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/keyfile.h"
#include "ipc/log.h"
#include "tests/suite.h"

#define LINE "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAAXg="

enum { SOMEBODY = 12345 };   /* a uid that owns nothing here */

static const uint8_t blob[] = "\0\0\0\x0bssh-ed25519\0\0\0\x01x";
static const struct authorized_keys_query query = {
	"ssh-ed25519", { blob, sizeof(blob) - 1 }, "192.0.2.7", 0, 0, false,
};

static char home[PATH_MAX];
static char logged[4096];
static struct config config;

static void keep_log(int priority, const char *line)
{
	(void)priority;
	strncat(logged, line, sizeof(logged) - strlen(logged) - 2);
	strcat(logged, "\n");
}

static const char *in_home(const char *name)
{
	static char path[2][PATH_MAX * 2];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", home, name);
	return path[turn];
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	int fd = open(in_home(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
}

static void set_option(const char *key, const char *value)
{
	char err[CONFIG_ERROR_SIZE];

	ck_assert_msg(config_set(&config, "auth", "", key, value, err, sizeof(err)) == 0, "%s",
		      err);
}

static void set_up(void)
{
	snprintf(home, sizeof(home), "/tmp/serialgate-keyfile-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert_int_eq(mkdir(in_home(".ssh"), 0700), 0);
	ck_assert_int_eq(config_init(&config), 0);
	logged[0] = '\0';
	log_to_sink(keep_log);
}

static void tear_down(void)
{
	char command[PATH_MAX + 16];

	config_free(&config);
	snprintf(command, sizeof(command), "rm -rf %s", home);
	ck_assert_int_eq(system(command), 0);
}

static struct identity me(void)
{
	static gid_t group;
	group = getgid();
	return (struct identity){ true, getuid(), getgid(), home, &group, 1 };
}

static bool search(void)
{
	struct identity id = me();
	struct keyfile_found found;

	return keyfile_search_user(&config, "alice", &id, &query, &found);
}

/* Something done to a good file of keys, and what comes of it. */
static void leave_alone(void) { }
static void group_writes_file(void) { chmod(in_home(".ssh/authorized_keys"), 0660); }
static void all_write_file(void) { chmod(in_home(".ssh/authorized_keys"), 0602); }
static void group_writes_directory(void) { chmod(in_home(".ssh"), 0770); }
static void all_write_home(void) { chmod(home, 0707); }
static void sticky_home(void) { chmod(home, 01777); }
static void all_read(void) { chmod(in_home(".ssh/authorized_keys"), 0644); }
static void remove_it(void) { unlink(in_home(".ssh/authorized_keys")); }
static void make_directory(void) { remove_it(); mkdir(in_home(".ssh/authorized_keys"), 0700); }
static void make_fifo(void) { remove_it(); mkfifo(in_home(".ssh/authorized_keys"), 0600); }

static void link_to_good(void)
{
	rename(in_home(".ssh/authorized_keys"), in_home("keys"));
	ck_assert_int_eq(symlink(in_home("keys"), in_home(".ssh/authorized_keys")), 0);
}

static void link_out_of_home(void)
{
	remove_it();
	ck_assert_int_eq(symlink("/dev/zero", in_home(".ssh/authorized_keys")), 0);
}

static void link_to_link(void)
{
	remove_it();
	ck_assert_int_eq(symlink("authorized_keys", in_home(".ssh/authorized_keys")), 0);
}

static void too_large(void)
{
	ck_assert_int_eq(truncate(in_home(".ssh/authorized_keys"), KEYFILE_MAX + 1), 0);
}

static void long_line_first(void)
{
	char text[AUTHORIZED_KEYS_LINE_MAX + 200];

	memset(text, 'x', AUTHORIZED_KEYS_LINE_MAX + 1);
	strcpy(text + AUTHORIZED_KEYS_LINE_MAX + 1, "\n" LINE);
	write_file(".ssh/authorized_keys", text, 0600);
}

static void other_lines_first(void)
{
	write_file(".ssh/authorized_keys", "# mine\n\ncommand=\"x\" " LINE "\n" LINE "\n", 0600);
}

static const struct row {
	const char *name;
	void (*spoil)(void);
	bool match;
	const char *log;      /* in the log; NULL: nothing is logged */
} rows[] = {
	{ "a good file", leave_alone, true, NULL },
	{ "everybody may read it", all_read, true, NULL },
	{ "the group may write it", group_writes_file, false, "can be written by others" },
	{ "everybody may write it", all_write_file, false, "can be written by others" },
	{ "the group may write its directory",
	  group_writes_directory, false, "/.ssh: can be written" },
	{ "everybody may write the home", all_write_home, false, "can be written by others" },
	{ "a sticky home is no better", sticky_home, false, "can be written by others" },
	{ "no file", remove_it, false, NULL },
	{ "a directory", make_directory, false, "is not a regular file" },
	{ "a fifo that nobody writes to", make_fifo, false, "is not a regular file" },
	{ "a link to a good file", link_to_good, true, NULL },
	{ "a link to a device", link_out_of_home, false, "is not a regular file" },
	{ "a link to itself", link_to_link, false, "symbolic links" },
	{ "a file too large", too_large, false, "larger than 1 MiB" },
	{ "a line too long, then ours",
	  long_line_first, true, "authorized_keys:1: the line is longer" },
	{ "a line that counts behind one that does not", other_lines_first, true, NULL },
};

START_TEST(modes)
{
	const struct row *row = &rows[_i];

	write_file(".ssh/authorized_keys", LINE "\n", 0600);
	row->spoil();
	ck_assert_msg(search() == row->match, "%s: %s", row->name, logged);
	if (row->log)
		ck_assert_msg(strstr(logged, row->log), "%s: %s", row->name, logged);
	else
		ck_assert_msg(!logged[0], "%s: %s", row->name, logged);
}
END_TEST

static const struct expand_row {
	const char *name;
	const char *pattern;
	const char *user;
	const char *home;
	const char *want;     /* NULL: no path */
} expansions[] = {
	{ "home",
	  "%h/.ssh/authorized_keys", "alice", "/home/alice", "/home/alice/.ssh/authorized_keys" },
	{ "user", "/etc/keys/%u", "alice", NULL, "/etc/keys/alice" },
	{ "a percent sign", "/a%%b/%u%u", "x", NULL, "/a%b/xx" },
	{ "no home", "%h/.ssh/authorized_keys", "alice", NULL, NULL },
	{ "a way out", "/etc/keys/%u", "../../home/m/k", "/", NULL },
	{ "a slash", "/etc/keys/%u", "a/b", "/", NULL },
	{ "dots", "/etc/keys/%u/k", "..", "/", NULL },
	{ "a dot", "/etc/keys/%u", ".", "/", NULL },
	{ "no name", "/etc/keys/%u", "", "/", NULL },
	{ "an unknown letter", "/etc/%x", "a", "/", NULL },
	{ "a percent sign at the end", "/etc/%", "a", "/", NULL },
	{ "too long",
	  "/etc/keys/%u", "0123456789012345678901234567890123456789012345678901", "/", NULL },
};

START_TEST(paths)
{
	const struct expand_row *row = &expansions[_i];
	char out[48];
	int n = keyfile_expand(out, sizeof(out), row->pattern, row->user, row->home);

	ck_assert_msg((n >= 0) == (row->want != NULL), "%s: %d", row->name, n);
	if (row->want) {
		ck_assert_str_eq(out, row->want);
		ck_assert_int_eq(n, (int)strlen(row->want));
	}
}
END_TEST

START_TEST(where_and_why)
{
	struct identity id = me();
	struct keyfile_found found;

	write_file(".ssh/authorized_keys", "# x\nfrom=\"10.0.0.1\" " LINE "\n", 0600);
	ck_assert(!keyfile_search_user(&config, "alice", &id, &query, &found));
	ck_assert_int_eq(found.result, KEYS_FROM);
	ck_assert_str_eq(strrchr(found.where, '/'), "/authorized_keys:2");
}
END_TEST

START_TEST(the_owner)
{
	if (geteuid() != 0) {
		printf("skipped: the owner of a file of keys: needs root\n");
		return;
	}
	write_file(".ssh/authorized_keys", LINE, 0644);
	ck_assert_int_eq(chown(in_home(".ssh/authorized_keys"), SOMEBODY, SOMEBODY), 0);
	ck_assert(!search());
	ck_assert_ptr_nonnull(strstr(logged, "is owned by somebody else"));
}
END_TEST

/* Root reads what the user can read, no more, and is root again afterwards. */
START_TEST(with_the_users_rights)
{
	gid_t group = SOMEBODY;
	struct identity id = { true, SOMEBODY, SOMEBODY, home, &group, 1 };
	struct keyfile_found found;

	if (geteuid() != 0) {
		printf("skipped: reading keys with the user's rights: needs root\n");
		return;
	}
	chmod(home, 0755);
	chmod(in_home(".ssh"), 0755);
	write_file(".ssh/authorized_keys", LINE, 0600);
	ck_assert(!keyfile_search_user(&config, "alice", &id, &query, &found));
	ck_assert_ptr_nonnull(strstr(logged, "Permission denied"));
	ck_assert_int_eq(chown(in_home(".ssh/authorized_keys"), SOMEBODY, SOMEBODY), 0);
	ck_assert(keyfile_search_user(&config, "alice", &id, &query, &found));
	ck_assert_int_eq(access("/etc/shadow", R_OK), 0);
	ck_assert_int_eq(open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0, 1);
}
END_TEST

/* Above a directory that anybody may write to, a file outside of homes is refused. */
START_TEST(shared_keys)
{
	struct authorized_keys_query shared = query;
	struct keyfile_found found;

	shared.shared = true;
	ck_assert(!keyfile_search_shared(&config, &shared, &found));
	write_file("shared", "user=\"bob\" " LINE, 0600);
	set_option("shared-keys", in_home("shared"));
	ck_assert(!keyfile_search_shared(&config, &shared, &found));
	ck_assert_ptr_nonnull(strstr(logged, "/tmp: can be written by others"));
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
	Suite *s = suite_create("keyfile");
	TCase *t = tcase_create("keyfile");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, modes, 0, COUNT(rows));
	tcase_add_loop_test(t, paths, 0, COUNT(expansions));
	tcase_add_test(t, where_and_why);
	tcase_add_test(t, the_owner);
	tcase_add_test(t, with_the_users_rights);
	tcase_add_test(t, shared_keys);
	suite_add_tcase(s, t);
	return suite_run(s);
}
