/* SPDX-License-Identifier: ISC */
/*
 * Makes system calls inside another, running process, to see what its walls let through:
 * inject PID reads lines "NUMBER ARG..." and prints what each call returned, or "killed".
 * An ARG is a number, s:TEXT or x:HEX (their address), or o:N (the address of N zeros).
 * The process goes on as if nothing had happened; children it made are killed. For
 * test_walls.py, as root; x86-64 only. Never installed.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(__x86_64__)
#error "inject knows the registers of x86-64 only"
#endif

enum {
	ARGS = 6,
	SCRATCH = 2048,          /* bytes for what arguments point to, far below the stack in use */
	BELOW_STACK = 8192,
	NONE = INT32_MIN,        /* no result: it was killed */
};

struct call {
	unsigned long long number;
	unsigned long long args[ARGS];
	uint8_t data[SCRATCH];
	size_t used;
};

static pid_t target;
static struct user_regs_struct saved;

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void attach(void)
{
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
	int status;
	long code;

	if (ptrace(PTRACE_SEIZE, target, NULL, (void *)options) < 0 ||
	    ptrace(PTRACE_INTERRUPT, target, NULL, NULL) < 0)
		die("attach");
	if (waitpid(target, &status, __WALL) < 0 || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_GETREGS, target, NULL, &saved) < 0)
		die("stop");
	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, target, (void *)(saved.rip - 2), NULL);
	if (errno || (code & 0xffff) != 0x050f) {
		fprintf(stderr, "inject: the process does not wait in a system call\n");
		exit(3);
	}
}

/* -- a line of input -- */

static void put_hex(struct call *c, const char *hex)
{
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2) {
		c->data[c->used++] = (uint8_t)byte;
		if (!hex[1])
			break;
	}
}

static unsigned long long parse(struct call *c, const char *word)
{
	unsigned long long at = saved.rsp - BELOW_STACK + c->used;
	size_t room = SCRATCH - c->used;

	if (word[1] != ':')
		return (unsigned long long)strtoll(word, NULL, 0);
	if (strlen(word) >= room || (word[0] == 'o' && strtoul(word + 2, NULL, 10) >= room)) {
		fprintf(stderr, "inject: too much data\n");
		exit(2);
	}
	if (word[0] == 's') {
		memcpy(c->data + c->used, word + 2, strlen(word + 2));
		c->used += strlen(word + 2) + 1;
	} else if (word[0] == 'x') {
		put_hex(c, word + 2);
	} else {
		c->used += strtoul(word + 2, NULL, 10);
	}
	c->used = (c->used + 15) & ~(size_t)15;
	return at;
}

static void parse_line(struct call *c, char *line)
{
	char *word = strtok(line, " \n");

	memset(c, 0, sizeof(*c));
	c->number = strtoull(word ? word : "-1", NULL, 0);
	for (int i = 0; i < ARGS && (word = strtok(NULL, " \n")); i++)
		c->args[i] = parse(c, word);
}

/* -- a call -- */

static void put_data(const struct call *c)
{
	for (size_t i = 0; i < c->used; i += sizeof(long)) {
		long word;

		memcpy(&word, c->data + i, sizeof(word));
		if (ptrace(PTRACE_POKEDATA, target, (void *)(saved.rsp - BELOW_STACK + i),
			   (void *)word) < 0)
			die("write");
	}
}

static void kill_new_process(void)
{
	unsigned long pid;
	int status;

	if (ptrace(PTRACE_GETEVENTMSG, target, NULL, &pid) < 0)
		die("event");
	kill((pid_t)pid, SIGKILL);
	waitpid((pid_t)pid, &status, __WALL);
}

static void step_over(const struct call *c)
{
	struct user_regs_struct r = saved;

	r.rip -= 2;
	r.rax = c->number;
	/* Nothing is to be restarted before our call. */
	r.orig_rax = (unsigned long long)-1;
	r.rdi = c->args[0];
	r.rsi = c->args[1];
	r.rdx = c->args[2];
	r.r10 = c->args[3];
	r.r8 = c->args[4];
	r.r9 = c->args[5];
	if (ptrace(PTRACE_SETREGS, target, NULL, &r) < 0)
		die("registers");
}

static long long make_call(const struct call *c)
{
	struct user_regs_struct r;
	int status;

	put_data(c);
	step_over(c);
	for (;;) {
		if (ptrace(PTRACE_SINGLESTEP, target, NULL, NULL) < 0 ||
		    waitpid(target, &status, __WALL) < 0)
			die("step");
		if (!WIFSTOPPED(status) || WSTOPSIG(status) == SIGSYS)
			return NONE;
		if (status >> 16 != 0 && status >> 16 != PTRACE_EVENT_STOP)
			kill_new_process();
		else if (WSTOPSIG(status) == SIGTRAP)
			break;
	}
	return ptrace(PTRACE_GETREGS, target, NULL, &r) < 0 ? NONE : (long long)r.rax;
}

int main(int argc, char **argv)
{
	char line[2 * SCRATCH];
	static struct call c;

	if (argc != 2) {
		fprintf(stderr, "usage: inject PID < calls\n");
		return 2;
	}
	target = (pid_t)atoi(argv[1]);
	attach();
	while (fgets(line, sizeof(line), stdin)) {
		long long result;

		parse_line(&c, line);
		result = make_call(&c);
		if (result == NONE) {
			puts("killed");
			return 0;
		}
		printf("%lld\n", result);
	}
	if (ptrace(PTRACE_SETREGS, target, NULL, &saved) < 0 ||
	    ptrace(PTRACE_DETACH, target, NULL, NULL) < 0)
		die("detach");
	return 0;
}
