/* SPDX-License-Identifier: ISC */
/* Real sockets: queues, descriptors, and what a hostile peer may send. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ipc/peer.h"
#include "ipc/wire.h"
#include "tests/suite.h"

static struct wire a, b;

static void open_pair(void)
{
	int fds[2];

	ck_assert_int_eq(wire_pair(fds), 0);
	wire_init(&a, fds[0]);
	wire_init(&b, fds[1]);
}

static void close_pair(void)
{
	wire_close(&a);
	wire_close(&b);
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

START_TEST(a_full_socket_queues_in_order_and_within_its_bound)
{
	struct msg_conn_end m = { 0 };
	struct message got;
	uint64_t expected = 0;
	unsigned sent = 0;

	a.limit = 4096;
	while (wire_send(&a, MSG_CONN_END, &m) == 0) {
		m.conn++;
		ck_assert_uint_lt(++sent, 100000);
	}
	ck_assert_int_eq(errno, ENOBUFS);
	while (wire_receive(&b, &got) == 1) {
		ck_assert(got.u.conn_end.conn == expected++);
		ck_assert_int_eq(wire_flush(&a), 0);
	}
	ck_assert(expected == m.conn);
	ck_assert(!wire_is_waiting(&a));
}
END_TEST

START_TEST(descriptors_travel_and_nothing_leaks)
{
	struct msg_sibling m = { ROLE_VIRT };
	struct message got;
	int before = open_descriptors();
	int pipes[2];
	char c;

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(wire_send_fds(&a, MSG_SIBLING, &m, &pipes[0], 1), 0);
	ck_assert_int_eq(wire_receive(&b, &got), 1);
	ck_assert_uint_eq(got.nfds, 1);
	ck_assert_int_eq(write(pipes[1], "x", 1), 1);
	ck_assert_int_eq(read(got.fds[0], &c, 1), 1);
	wire_discard(&got);
	close(pipes[1]);
	/* Too few: refused at the sender, and what it was given is closed. */
	ck_assert_int_eq(wire_send(&a, MSG_SIBLING, &m), -1);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(wire_send_fds(&a, MSG_READY, NULL, pipes, 2), -1);
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

/* What a peer that does not use our sender could do. */
static void send_raw(const void *data, size_t len, unsigned nfds)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	union { struct cmsghdr align; char room[CMSG_SPACE(sizeof(int) * 8)]; } control = { 0 };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	int fds[8] = { 0 };

	if (nfds) {
		h.msg_control = control.room;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	ck_assert_int_ge(sendmsg(a.fd, &h, 0), 0);
}

static const struct { const char *name; uint8_t data[4]; size_t len; unsigned nfds; } hostile[] = {
	{ "surplus descriptor", { 0, MSG_READY }, 2, 1 },
	{ "many surplus descriptors", { 0, MSG_READY }, 2, 8 },
	{ "missing descriptor", { 0, MSG_SIBLING, 1 }, 3, 0 },
	{ "one too many", { 0, MSG_SIBLING, 1 }, 3, 2 },
	{ "unknown type", { 0xff, 0xff }, 2, 0 },
	{ "type cut off", { 0 }, 1, 0 },
	{ "no type", { 0, MSG_NONE }, 2, 0 },
};

START_TEST(hostile_datagrams_end_the_peer_without_leaks)
{
	struct message got;
	int before = open_descriptors();

	send_raw(hostile[_i].data, hostile[_i].len, hostile[_i].nfds);
	ck_assert_msg(wire_receive(&b, &got) == -1, "%s", hostile[_i].name);
	ck_assert_int_eq(errno, EPROTO);
	ck_assert_int_eq(open_descriptors(), before);
}
END_TEST

static int handled;

static int handle(void *ctx, struct message *m)
{
	(void)ctx;
	(void)m;
	handled++;
	return 0;
}

START_TEST(rules_decide_what_is_allowed_when)
{
	static const struct wire_rule rules[] = { { MSG_TAKE, 2, handle }, { MSG_GIVE, 3, handle } };
	struct message m = { .type = MSG_TAKE };

	handled = 0;
	ck_assert_int_eq(wire_dispatch(rules, 2, 1, &m, NULL), -1);
	ck_assert_int_eq(errno, EPROTO);
	ck_assert_int_eq(wire_dispatch(rules, 2, 2, &m, NULL), 0);
	m.type = MSG_GIVE;
	ck_assert_int_eq(wire_dispatch(rules, 2, 1, &m, NULL), 0);
	m.type = MSG_WHO;
	ck_assert_int_eq(wire_dispatch(rules, 2, 3, &m, NULL), -1);
	ck_assert_int_eq(handled, 2);
}
END_TEST

START_TEST(end_of_file_and_time_out_are_told_apart)
{
	struct message got;

	ck_assert_int_eq(wire_receive(&b, &got), 0);
	ck_assert_int_eq(wire_wait(&b, &got, 1), 0);
	wire_close(&a);
	ck_assert_int_eq(wire_wait(&b, &got, 1000), -1);
	ck_assert_int_eq(errno, 0);
}
END_TEST

/* What a dying peer said is heard, also when it left something unread itself. */
START_TEST(last_words_are_heard)
{
	struct msg_conn_end m = { 7 };
	struct message got;

	ck_assert_int_eq(wire_send(&b, MSG_READY, NULL), 0);
	ck_assert_int_eq(wire_send(&a, MSG_CONN_END, &m), 0);
	wire_close(&a);
	ck_assert_int_eq(wire_wait(&b, &got, 1000), 1);
	ck_assert(got.u.conn_end.conn == 7);
	ck_assert_int_eq(wire_receive(&b, &got), -1);
	ck_assert_int_eq(errno, 0);
}
END_TEST

/* -- as many descriptors under way as the kernel lets one user have -- */

enum { FEW = 20, SENT = 28, A_WHILE_MS = 350 };

/* Not root any more, for whom there is no such limit; the test has a process of its own. */
static void have_few(void)
{
	const struct rlimit few = { FEW, FEW };

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(setgroups(0, NULL), 0);
		ck_assert_int_eq(setresuid(65534, 65534, 65534), 0);
	}
}

static void send_many(int (*send)(const int *fd))
{
	for (int i = 0; i < SENT; i++) {
		int fd = dup(0);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_eq(send(&fd), 0);
	}
}

static int send_one(const int *fd)
{
	return wire_send_fds(&a, MSG_SIBLING, &(struct msg_sibling){ ROLE_VIRT }, fd, 1);
}

static int cpu_ms(void)
{
	return (int)(clock() / (CLOCKS_PER_SEC / 1000));
}

static int take_all(void)
{
	struct message got;
	int n = 0;

	while (wire_receive(&b, &got) == 1) {
		wire_discard(&got);
		n++;
	}
	return n;
}

START_TEST(descriptors_that_may_not_travel_wait_without_spinning)
{
	struct message got;
	int before, n;

	have_few();
	send_many(send_one);
	ck_assert(wire_is_waiting(&a) && a.is_held);
	before = cpu_ms();
	ck_assert_int_eq(wire_wait(&a, &got, A_WHILE_MS), 0);
	ck_assert_int_lt(cpu_ms() - before, A_WHILE_MS / 4);
	for (n = take_all(); n < SENT; n += take_all())
		ck_assert_int_eq(wire_flush(&a), 0);
	ck_assert(!wire_is_waiting(&a) && !a.is_held);
	ck_assert_int_eq(n, SENT);
}
END_TEST

static struct peer peer;

static int send_by_peer(const int *fd)
{
	return peer_send_fds(&peer, MSG_SIBLING, &(struct msg_sibling){ ROLE_VIRT }, fd, 1);
}

static void gone(void *owner)
{
	(void)owner;
	ck_abort_msg("the peer is gone");
}

START_TEST(a_peer_tries_again_by_the_clock)
{
	static const struct peer_kind kind = { "test", NULL, 0, gone, NULL };
	int turns = 0, n = 0;

	ck_assert_int_eq(loop_init(), 0);
	ck_assert_int_eq(peer_open(&peer, a.fd, &kind, 1, NULL), 0);
	a.fd = -1;
	have_few();
	send_many(send_by_peer);
	peer_want_writable(&peer, true);
	ck_assert(peer.wire.is_held);
	for (uint64_t until = loop_now() + A_WHILE_MS; loop_now() < until; turns++)
		loop_turn();
	ck_assert_int_lt(turns, 2 * A_WHILE_MS / WIRE_HELD_MS);
	peer_want_writable(&peer, false);
	for (n = take_all(); n < SENT; n += take_all())
		loop_turn();
	ck_assert(!wire_is_waiting(&peer.wire));
	peer_close(&peer);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire");
	TCase *t = tcase_create("wires");

	tcase_add_checked_fixture(t, open_pair, close_pair);
	tcase_add_test(t, a_full_socket_queues_in_order_and_within_its_bound);
	tcase_add_test(t, descriptors_travel_and_nothing_leaks);
	tcase_add_loop_test(t, hostile_datagrams_end_the_peer_without_leaks, 0,
			    sizeof(hostile) / sizeof(hostile[0]));
	tcase_add_test(t, rules_decide_what_is_allowed_when);
	tcase_add_test(t, end_of_file_and_time_out_are_told_apart);
	tcase_add_test(t, last_words_are_heard);
	tcase_add_test(t, descriptors_that_may_not_travel_wait_without_spinning);
	tcase_add_test(t, a_peer_tries_again_by_the_clock);
	suite_add_tcase(s, t);
	return suite_run(s);
}
