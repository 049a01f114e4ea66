/* SPDX-License-Identifier: ISC */
/*
 * See sandbox.h. Two sorts of filters: where a process runs only our code and libssh or
 * libc, what it may do is listed and all else fails with EPERM; where foreign modules
 * decide what they need (PAM, NSS, libvirt's drivers), what nobody there needs is listed
 * and fails. A child's filter comes on top of its parent's: the stricter answer wins.
 */
#include "ipc/sandbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define CALL(name) SCMP_SYS(name)
#define LIST_END (-1000000)

/* What any process does that only works on what it already has. */
static const int base_calls[] = {
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(recvmsg), CALL(sendmsg),
	CALL(recvfrom), CALL(sendto), CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6),
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_ctl), CALL(close), CALL(close_range),
	CALL(shutdown), CALL(getsockopt), CALL(setsockopt), CALL(getsockname),
	CALL(getpeername), CALL(fcntl), CALL(fstat), CALL(lseek), CALL(munmap), CALL(mremap),
	CALL(madvise), CALL(brk),
	CALL(futex), CALL(set_robust_list), CALL(rseq), CALL(sched_yield),
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigaltstack),
	CALL(restart_syscall), CALL(clock_gettime), CALL(clock_nanosleep), CALL(nanosleep),
	CALL(gettimeofday), CALL(time), CALL(setitimer), CALL(getitimer), CALL(getrandom),
	CALL(getpid), CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid),
	CALL(getegid), CALL(getresuid), CALL(getresgid), CALL(getrusage), CALL(uname),
	CALL(sysinfo), CALL(exit), CALL(exit_group), CALL(dup), CALL(getrlimit), LIST_END,
};

/* Calls that are harmless only with certain arguments. */
static const struct bounded_call {
	int call;
	struct scmp_arg_cmp arg;
} bounded_calls[] = {
	{ CALL(ioctl), SCMP_CMP32(1, SCMP_CMP_EQ, FIONREAD) },
	{ CALL(ioctl), SCMP_CMP32(1, SCMP_CMP_EQ, SIOCOUTQ) },
	{ CALL(mmap), SCMP_CMP32(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
	{ CALL(mprotect), SCMP_CMP32(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) },
	{ CALL(prlimit64), SCMP_CMP64(2, SCMP_CMP_EQ, 0) },   /* asking, not setting */
};

/* A parent forks children, reaps them, ends those that are overdue, makes their links. */
static const int parent_calls[] = {
	CALL(clone), CALL(clone3), CALL(fork), CALL(vfork), CALL(wait4), CALL(waitid),
	CALL(kill), CALL(socketpair), CALL(epoll_create1), CALL(signalfd4), CALL(seccomp),
	CALL(prctl), CALL(setrlimit), CALL(prlimit64), LIST_END,
};

/* console makes sockets pairs for visits' lines; it forks nothing and opens nothing. */
static const int console_calls[] = { CALL(socketpair), CALL(wait4), LIST_END };

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

/* Children of the roles above also signal nobody (raise and abort use tgkill on oneself). */
static const int signal_calls[] = { CALL(kill), CALL(tkill), CALL(rt_sigqueueinfo),
	CALL(rt_tgsigqueueinfo), LIST_END };

/* An open line has its sockets and threads; libvirt needs no more of anything. */
static const int line_open_calls[] = {
	CALL(kill), CALL(tkill), CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo), CALL(socket),
	CALL(connect), CALL(bind), CALL(listen), CALL(accept), CALL(accept4), CALL(open),
	CALL(openat), CALL(openat2), CALL(creat), CALL(execve), CALL(execveat), CALL(fork),
	CALL(vfork), CALL(unlink), CALL(unlinkat), CALL(rename), CALL(renameat),
	CALL(renameat2), CALL(link), CALL(linkat), CALL(symlink), CALL(symlinkat), CALL(chmod),
	CALL(fchmod), CALL(fchmodat), CALL(chown), CALL(lchown), CALL(fchown), CALL(fchownat),
	CALL(truncate), CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(setuid), CALL(setgid),
	CALL(setresuid), CALL(setresgid), CALL(setreuid), CALL(setregid), CALL(setgroups),
	CALL(inotify_init), CALL(inotify_init1), CALL(keyctl), CALL(add_key),
	CALL(request_key), LIST_END,
};

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
	unsigned long as_mib;        /* address space; UNLIMITED: as inherited */
	unsigned long files;         /* descriptors */
};

#define ONLY(...) SCMP_ACT_ERRNO(EPERM), SCMP_ACT_ALLOW, { __VA_ARGS__ }
#define ALL_BUT(...) SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM), { __VA_ARGS__ }

static const struct wall walls[SANDBOX_COUNT] = {
	[SANDBOX_AUTH] = { ALL_BUT(never_calls), UNLIMITED, 8192 },
	[SANDBOX_AUTH_DOOR] = { ALL_BUT(never_calls, signal_calls), 1024, 256 },
	[SANDBOX_CONSOLE] = { ONLY(base_calls, console_calls), UNLIMITED, 16384 },
	[SANDBOX_VIRT] = { ALL_BUT(never_calls), UNLIMITED, 8192 },
	[SANDBOX_WATCH] = { ALL_BUT(never_calls), 4096, 256 },
	[SANDBOX_LINE] = { ALL_BUT(never_calls), 4096, 64 },
	[SANDBOX_LINE_OPEN] = { ALL_BUT(never_calls, line_open_calls), UNLIMITED, 64 },
	[SANDBOX_SSHD] = { ONLY(base_calls, parent_calls), UNLIMITED, 8192 },
	[SANDBOX_SSHD_SESSION] = { ONLY(base_calls, none), 256, 64 },
};

static int add_lists(scmp_filter_ctx ctx, const struct wall *wall)
{
	for (size_t l = 0; l < 3 && wall->lists[l]; l++)
		for (const int *call = wall->lists[l]; *call != LIST_END; call++) {
			int r = seccomp_rule_add(ctx, wall->listed, *call, 0);

			/* A call this architecture does not have needs no rule. */
			if (r < 0 && r != -EDOM && r != -EINVAL)
				return r;
		}
	if (wall->listed != SCMP_ACT_ALLOW)
		return 0;
	for (size_t i = 0; i < sizeof(bounded_calls) / sizeof(bounded_calls[0]); i++) {
		const struct bounded_call *b = &bounded_calls[i];
		int r = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, b->call, 1, &b->arg);

		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
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
	if (add_lists(ctx, wall) < 0)
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

int sandbox_enter(const struct sandbox *s)
{
	const struct wall *wall = &walls[s->kind];
	struct sock_fprog program = { s->len, s->code };

	if (limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_NOFILE, wall->files) < 0)
		return -1;
	if (LIMIT_ADDRESSES && wall->as_mib != UNLIMITED && limit(RLIMIT_AS, (rlim_t)wall->as_mib * MIB) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
		return -1;
	return 0;
}

void watchdog_arm(unsigned seconds)
{
	struct itimerval t = { .it_value = { .tv_sec = (time_t)seconds } };

	setitimer(ITIMER_PROF, &t, NULL);
}
