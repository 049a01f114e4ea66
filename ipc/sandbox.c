/* SPDX-License-Identifier: ISC */
/*
 * See sandbox.h. Two sorts of filters: where a process runs only our code and libssh or
 * libc, what it may do is listed and all else fails with EPERM; where foreign modules
 * decide what they need (PAM, NSS, libvirt's drivers), what nobody there needs is listed
 * and fails. A child's filter comes on top of its parent's: the stricter answer wins.
 */
#include "ipc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS(name)
#define LIST_END (-1000000)

/* What any process does that only works on what it already has. */
static const int base_calls[] = {
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(recvmsg), CALL(sendmsg),
	CALL(recvfrom), CALL(sendto), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6),
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_ctl), CALL(close), CALL(close_range),
	CALL(shutdown), CALL(getsockopt), CALL(setsockopt), CALL(getsockname),
	CALL(getpeername), CALL(fstat), CALL(lseek), CALL(munmap), CALL(mremap),
	CALL(madvise), CALL(brk),
	CALL(futex), CALL(set_robust_list), CALL(rseq), CALL(sched_yield),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigaltstack),
	CALL(restart_syscall), CALL(clock_gettime), CALL(clock_nanosleep), CALL(nanosleep),
	CALL(gettimeofday), CALL(time), CALL(setitimer), CALL(getitimer), CALL(getrandom),
	CALL(getpid), CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid),
	CALL(getegid), CALL(getresuid), CALL(getresgid), CALL(getrusage), CALL(uname),
	CALL(sysinfo), CALL(exit), CALL(exit_group), CALL(dup), CALL(getrlimit), LIST_END,
};

/* Calls that are harmless, or harmful, only with certain arguments. */
struct bounded_call {
	int call;
	unsigned count;
	struct scmp_arg_cmp args[2];
};

/*
 * fcntl: not F_SETOWN and F_SETSIG, with which a socket sends any signal to any process of
 * the same uid.
 */
static const struct bounded_call bounded_calls[] = {
	{ CALL(ioctl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, FIONREAD) } },
	{ CALL(ioctl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, SIOCOUTQ) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_GETFD) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_SETFD) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_GETFL) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_SETFL) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC) } },
	{ CALL(mmap), 1, { SCMP_CMP32(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
	{ CALL(mprotect), 1, { SCMP_CMP32(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
	{ CALL(prlimit64), 1, { SCMP_CMP64(2, SCMP_CMP_EQ, 0) } },   /* asking, not setting */
	{ .count = 0 },
};

/* Everywhere: another process's limits; what would let siblings look into this one. */
static const struct bounded_call never_bounded[] = {
	{ CALL(prlimit64), 2, { SCMP_CMP32(0, SCMP_CMP_NE, 0), SCMP_CMP64(2, SCMP_CMP_NE, 0) } },
	{ CALL(prctl), 2, { SCMP_CMP32(0, SCMP_CMP_EQ, PR_SET_DUMPABLE),
			    SCMP_CMP32(1, SCMP_CMP_NE, 0) } },
	{ .count = 0 },
};

/* An open line may start threads, and nothing else; its code is all there is. */
static const struct bounded_call line_open_bounded[] = {
	{ CALL(clone), 1, { SCMP_CMP32(0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0) } },
	{ CALL(mmap), 1, { SCMP_CMP32(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC) } },
	{ CALL(mprotect), 1, { SCMP_CMP32(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_SETOWN) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_SETOWN_EX) } },
	{ CALL(fcntl), 1, { SCMP_CMP32(1, SCMP_CMP_EQ, F_SETSIG) } },
	{ .count = 0 },
};

/* A parent forks children, reaps them, ends those that are overdue, makes their links. */
static const int parent_calls[] = {
	CALL(clone), CALL(clone3), CALL(fork), CALL(vfork), CALL(wait4), CALL(waitid),
	CALL(kill), CALL(socketpair), CALL(epoll_create1), CALL(signalfd4), CALL(seccomp),
	CALL(prctl), CALL(setrlimit), CALL(prlimit64), LIST_END,
};

/* console makes sockets pairs for visits' lines; it forks nothing and opens nothing. */
static const int console_calls[] = { CALL(socketpair), CALL(wait4), LIST_END };

/* Opens, locks, cuts and renames its two files. */
static const int scribe_calls[] = { CALL(open), CALL(openat), CALL(newfstatat), CALL(ftruncate),
	CALL(rename), CALL(flock), LIST_END };

/* Makes, opens, cuts and removes files and folders below its directory. */
static const int disk_calls[] = { CALL(open), CALL(openat), CALL(newfstatat), CALL(stat),
	CALL(ftruncate), CALL(mkdir), CALL(mkdirat), CALL(unlink), CALL(unlinkat), CALL(getdents64),
	LIST_END };

/* One connection: no call that makes or finds anything new. */
static const int none[] = { LIST_END };

/* What no module and no driver has a reason to do here, even as root. */
static const int never_calls[] = {
	CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(pidfd_getfd),
	CALL(pidfd_open), CALL(pidfd_send_signal), CALL(kcmp), CALL(mount), CALL(umount2),
	CALL(pivot_root), CALL(chroot), CALL(move_mount), CALL(open_tree), CALL(fsopen),
	CALL(fsmount), CALL(setns), CALL(unshare), CALL(init_module), CALL(finit_module),
	CALL(delete_module), CALL(kexec_load), CALL(kexec_file_load), CALL(reboot),
	CALL(swapon), CALL(swapoff), CALL(bpf), CALL(perf_event_open), CALL(userfaultfd),
	CALL(io_uring_setup), CALL(io_uring_enter), CALL(io_uring_register), CALL(acct),
	CALL(settimeofday), CALL(clock_settime), CALL(adjtimex), CALL(sethostname),
	CALL(setdomainname), CALL(iopl), CALL(ioperm), CALL(personality), CALL(quotactl),
	CALL(lookup_dcookie), CALL(open_by_handle_at), CALL(name_to_handle_at),
	CALL(fanotify_init), CALL(nfsservctl), CALL(vhangup), CALL(mknod), CALL(mknodat),
	LIST_END,
};

/* Children of the roles above also signal nobody; raise(3) and abort(3) use tgkill. */
static const int signal_calls[] = { CALL(kill), CALL(tkill), CALL(rt_sigqueueinfo),
	CALL(rt_tgsigqueueinfo), LIST_END };

/* Stands for the pid of the process that enters the filter, which is compiled before. */
enum { SELF = 0x73656c66 };

static const struct bounded_call signal_bounded[] = {
	{ CALL(tgkill), 1, { SCMP_CMP32(0, SCMP_CMP_NE, SELF) } },
	{ .count = 0 },
};

/* An open line has its sockets and threads; libvirt needs no more of anything. */
static const int line_open_calls[] = {
	CALL(kill), CALL(tkill), CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo), CALL(tgkill),
	CALL(socket), CALL(connect), CALL(bind), CALL(listen), CALL(accept), CALL(accept4), CALL(open),
	CALL(openat), CALL(openat2), CALL(creat), CALL(execve), CALL(execveat), CALL(fork),
	CALL(vfork), CALL(unlink), CALL(unlinkat), CALL(rename), CALL(renameat),
	CALL(renameat2), CALL(link), CALL(linkat), CALL(symlink), CALL(symlinkat), CALL(chmod),
	CALL(fchmod), CALL(fchmodat), CALL(chown), CALL(lchown), CALL(fchown), CALL(fchownat),
	CALL(truncate), CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(setuid), CALL(setgid),
	CALL(setresuid), CALL(setresgid), CALL(setreuid), CALL(setregid), CALL(setgroups),
	CALL(inotify_init), CALL(inotify_init1), CALL(keyctl), CALL(add_key),
	CALL(request_key), CALL(pkey_mprotect), LIST_END,
};

/* Its flags lie in memory, where no filter looks; without it libc goes on with clone. */
static const int line_open_absent[] = { CALL(clone3), LIST_END };

enum { MIB = 1024 * 1024, UNLIMITED = 0 };

/* AddressSanitizer maps terabytes of shadow: with it there is no limit on addresses. */
#ifdef __SANITIZE_ADDRESS__
enum { LIMIT_ADDRESSES = 0 };
#else
enum { LIMIT_ADDRESSES = 1 };
#endif


struct wall {
	uint32_t otherwise;          /* for calls that no list names */
	uint32_t listed;
	const int *lists[3];
	const struct bounded_call *bounded[3];
	unsigned long as_mib;        /* address space; UNLIMITED: as inherited */
	unsigned long files;         /* descriptors */
	const int *absent;           /* calls that do not exist here: ENOSYS */
};

#define ONLY(...) SCMP_ACT_ERRNO(EPERM), SCMP_ACT_ALLOW, { __VA_ARGS__ }, { bounded_calls }
#define ALL_BUT(...) SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM), { __VA_ARGS__ }

static const struct wall walls[SANDBOX_COUNT] = {
	[SANDBOX_AUTH] = { ALL_BUT(never_calls), { never_bounded }, UNLIMITED, 8192, NULL },
	[SANDBOX_AUTH_DOOR] = { ALL_BUT(never_calls, signal_calls),
				{ never_bounded, signal_bounded }, 1024, 256, NULL },
	[SANDBOX_CONSOLE] = { ONLY(base_calls, console_calls), UNLIMITED, 16384, NULL },
	[SANDBOX_DISK] = { ONLY(base_calls, parent_calls, disk_calls), UNLIMITED, 16384, NULL },
	[SANDBOX_DISK_WRITER] = { ONLY(base_calls, disk_calls), UNLIMITED, 16384, NULL },
	[SANDBOX_VIRT] = { ALL_BUT(never_calls), { never_bounded }, UNLIMITED, 8192, NULL },
	[SANDBOX_WATCH] = { ALL_BUT(never_calls), { never_bounded }, 4096, 256, NULL },
	[SANDBOX_LINE] = { ALL_BUT(never_calls), { never_bounded }, 4096, 64, NULL },
	[SANDBOX_LINE_OPEN] = { ALL_BUT(never_calls, line_open_calls),
				{ never_bounded, line_open_bounded }, UNLIMITED, 64,
				line_open_absent },
	[SANDBOX_ACT] = { ALL_BUT(never_calls), { never_bounded }, 4096, 64, NULL },
	[SANDBOX_SCRIBE] = { ONLY(base_calls, scribe_calls), 256, 32, NULL },
	[SANDBOX_SSHD] = { ONLY(base_calls, parent_calls), UNLIMITED, 8192, NULL },
	[SANDBOX_SSHD_SESSION] = { ONLY(base_calls, none), 256, 64, NULL },
	[SANDBOX_WS] = { ONLY(base_calls, parent_calls), UNLIMITED, 8192, NULL },
	[SANDBOX_WS_SESSION] = { ONLY(base_calls, none), 256, 64, NULL },
};

/* A call that this architecture does not have needs no rule; one that is there is there. */
static bool is_failure(int r)
{
	return r < 0 && r != -EDOM && r != -EEXIST;
}

static int add_list(scmp_filter_ctx ctx, uint32_t action, const int *calls)
{
	for (; calls && *calls != LIST_END; calls++)
		if (is_failure(seccomp_rule_add(ctx, action, *calls, 0)))
			return -1;
	return 0;
}

static int add_bounded(scmp_filter_ctx ctx, uint32_t action, const struct bounded_call *b)
{
	for (; b && b->count; b++)
		if (is_failure(seccomp_rule_add_array(ctx, action, b->call, b->count, b->args)))
			return -1;
	return 0;
}

static int add_wall(scmp_filter_ctx ctx, const struct wall *wall)
{
	for (size_t i = 0; i < 3; i++)
		if (add_list(ctx, wall->listed, wall->lists[i]) < 0 ||
		    add_bounded(ctx, wall->listed, wall->bounded[i]) < 0)
			return -1;
	return add_list(ctx, SCMP_ACT_ERRNO(ENOSYS), wall->absent);
}

/* libseccomp 2.5 writes a program to a descriptor only. */
static int read_program(struct sandbox *s, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size <= 0)
		return -1;
	s->code = malloc((size_t)st.st_size);
	if (!s->code || pread(fd, s->code, (size_t)st.st_size, 0) != st.st_size)
		return -1;
	s->len = (unsigned short)((size_t)st.st_size / sizeof(*s->code));
	return 0;
}

int sandbox_compile(struct sandbox *s, enum sandbox_kind kind)
{
	const struct wall *wall = &walls[kind];
	scmp_filter_ctx ctx = seccomp_init(wall->otherwise);
	int fd = -1;
	int r = -1;

	*s = (struct sandbox){ .kind = kind };
	if (!ctx)
		goto out;
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (add_wall(ctx, wall) < 0)
		goto out;
	fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0 || seccomp_export_bpf(ctx, fd) < 0 || read_program(s, fd) < 0)
		goto out;
	r = 0;
out:
	if (fd >= 0)
		close(fd);
	seccomp_release(ctx);
	if (r < 0) {
		sandbox_free(s);
		if (!errno)
			errno = EINVAL;
	}
	return r;
}

void sandbox_free(struct sandbox *s)
{
	free(s->code);
	s->code = NULL;
	s->len = 0;
}

static int limit(int what, rlim_t value)
{
	struct rlimit r;

	if (getrlimit(what, &r) < 0)
		return -1;
	if (r.rlim_max != RLIM_INFINITY && value > r.rlim_max)
		value = r.rlim_max;
	r.rlim_cur = r.rlim_max = value;
	return setrlimit(what, &r);
}

static void put_own_pid(const struct sandbox *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (BPF_CLASS(s->code[i].code) == BPF_JMP && s->code[i].k == SELF)
			s->code[i].k = (uint32_t)getpid();
}

int sandbox_enter(const struct sandbox *s)
{
	const struct wall *wall = &walls[s->kind];
	struct sock_fprog program = { s->len, s->code };

	if (limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_NOFILE, wall->files) < 0)
		return -1;
	if (LIMIT_ADDRESSES && wall->as_mib != UNLIMITED &&
	    limit(RLIMIT_AS, (rlim_t)wall->as_mib * MIB) < 0)
		return -1;
	put_own_pid(s);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
		return -1;
	return 0;
}

static time_t watchdog_at;   /* the second in which it was armed; 0: it is not */

void watchdog_forget(void)
{
	watchdog_at = 0;
}

void watchdog_arm(unsigned seconds)
{
	struct itimerval t = { .it_value = { .tv_sec = (time_t)seconds } };
	struct timespec now;

	/* Once a second is enough: a system call less for each key that somebody types. */
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec == watchdog_at)
		return;
	watchdog_at = now.tv_sec;
	setitimer(ITIMER_PROF, &t, NULL);
}
