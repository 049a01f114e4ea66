/* SPDX-License-Identifier: ISC */
/* See warmup.h. */
#include "sshd/warmup.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipc/log.h"

enum { PATIENCE_S = 10 };

/* The client's half, in a process of its own; blocking. Its exit status. */
static int be_client(int fd)
{
	static const bool off = false;
	static const int no = 0;
	ssh_session ssh = ssh_new();

	alarm(PATIENCE_S);
	if (!ssh)
		return 1;
	ssh_options_set(ssh, SSH_OPTIONS_PROCESS_CONFIG, &off);
	ssh_options_set(ssh, SSH_OPTIONS_HOST, "localhost");
	ssh_options_set(ssh, SSH_OPTIONS_USER, "warm-up");
	ssh_options_set(ssh, SSH_OPTIONS_STRICTHOSTKEYCHECK, &no);
	ssh_options_set(ssh, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	ssh_options_set(ssh, SSH_OPTIONS_FD, &fd);
	if (ssh_connect(ssh) != SSH_OK)
		return 1;
	/* A refusal is what is wanted: it came through the ciphers both ways. */
	return ssh_userauth_none(ssh, NULL) == SSH_AUTH_DENIED ? 0 : 1;
}

static int be_server(ssh_bind bind, int fd)
{
	static const long patience = PATIENCE_S;
	ssh_session ssh = ssh_new();
	ssh_message m;
	int r = -1;

	if (!ssh) {
		close(fd);
		return -1;
	}
	ssh_options_set(ssh, SSH_OPTIONS_COMPRESSION, "none");
	ssh_options_set(ssh, SSH_OPTIONS_TIMEOUT, &patience);
	if (ssh_bind_accept_fd(bind, ssh, fd) == SSH_OK) {
		ssh_set_auth_methods(ssh, SSH_AUTH_METHOD_PUBLICKEY);
		r = ssh_handle_key_exchange(ssh) == SSH_OK ? 0 : -1;
	}
	while (r == 0 && (m = ssh_message_get(ssh))) {
		ssh_message_reply_default(m);
		ssh_message_free(m);
	}
	if (r < 0)
		log_error("warm-up: %s", ssh_get_error(ssh));
	ssh_disconnect(ssh);
	ssh_free(ssh);
	return r;
}

int warmup_run(ssh_bind bind)
{
	int fds[2];
	int status;
	pid_t pid;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	if (pid == 0) {
		close(fds[0]);
		_exit(be_client(fds[1]));
	}
	close(fds[1]);
	r = be_server(bind, fds[0]);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		r = -1;
	if (r < 0)
		errno = EPROTO;
	return r;
}
