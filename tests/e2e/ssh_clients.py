# SPDX-License-Identifier: ISC
"""The stock SSH clients behind one interface: OpenSSH, dropbear, PuTTY's plink, paramiko.

    where = Target(port=2222, user="alice", password="wonder land")
    status, out, err = CLIENTS["plink"].run(where, "list")
    console = CLIENTS["dbclient"].attach(where, "web1")
    console.expect(rb"Escape character"); console.send(b"\\x1d."); console.wait() == 0

A target has a password, or a key (an OpenSSH private key file). Nothing of the person who
runs this gets into it: no agent, no configuration, no known hosts.
"""

import contextlib
import dataclasses
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time

import pexpect

TIMEOUT = 40


@dataclasses.dataclass
class Target:
    port: int
    user: str = "alice"
    password: str = None
    key: str = None
    host: str = "127.0.0.1"


class Scratch:
    """A directory for what a client wants as a file; removed when the client is done."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="serialgate-client.")

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode=0o600):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


class Terminal:
    """A pexpect child with the few calls that all clients' terminals have."""

    def __init__(self, argv, env, scratch, rows, cols):
        self.scratch = scratch
        self.child = pexpect.spawn(argv[0], argv[1:], env=env, dimensions=(rows, cols),
                                   timeout=TIMEOUT, encoding=None)
        self.child.delaybeforesend = None

    def expect(self, pattern, timeout=TIMEOUT):
        """Waits for a regular expression (bytes); the match."""
        self.child.expect(pattern, timeout=timeout)
        return self.child.match

    def send(self, data):
        self.child.send(data)

    def resize(self, rows, cols):
        self.child.setwinsize(rows, cols)

    def wait(self, timeout=TIMEOUT):
        """Waits for the end; the exit status (negative: a signal)."""
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
            self.child.close()
        finally:
            self.scratch.remove()
        status = self.child.exitstatus
        return -self.child.signalstatus if status is None else status

    def close(self):
        self.child.close(force=True)
        self.scratch.remove()


class Program:
    """A client that is a program: command line, environment, and where it asks."""

    name = None
    terminal_option = "-t"

    def is_there(self):
        return shutil.which(self.name) is not None

    def command_line(self, where, scratch):
        """argv up to the options, and the environment."""
        raise NotImplementedError

    def destination(self, where):
        return [f"{where.user}@{where.host}"]

    def run(self, where, command, stdin=b"", timeout=TIMEOUT):
        """(exit status, output, errors) of a command without a terminal.  Among the errors
        are the client's own words."""
        scratch = Scratch()
        try:
            argv, env = self.command_line(where, scratch)
            done = subprocess.run(argv + self.destination(where) + [command], input=stdin,
                                  env=env, capture_output=True, timeout=timeout, check=False)
        finally:
            scratch.remove()
        return done.returncode, done.stdout, done.stderr

    def attach(self, where, command=None, rows=24, cols=80, term="xterm-256color"):
        """A Terminal: a shell, or a command with a terminal."""
        scratch = Scratch()
        argv, env = self.command_line(where, scratch)
        argv += [self.terminal_option, *self.destination(where)] + ([command] if command else [])
        return Terminal(argv, dict(env, TERM=term), scratch, rows, cols)


def plain_environment(**more):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "USER", "LOGNAME")}
    return dict(kept, LANG="C.UTF-8", **more)


class OpenSSH(Program):
    name = "ssh"
    terminal_option = "-tt"

    def command_line(self, where, scratch):
        argv = ["ssh", "-F", "none", "-p", str(where.port), "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null",
                "-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR",
                "-o", "SendEnv=LANG LC_*"]
        if where.key:
            return argv + ["-i", private_copy(where.key, scratch)], plain_environment()
        secret = scratch.write("secret", where.password)
        asker = scratch.write("ask", f"#!/bin/sh\ncat '{secret}'\n", 0o700)
        return argv + ["-o", "NumberOfPasswordPrompts=1"], plain_environment(
            SSH_ASKPASS=asker, SSH_ASKPASS_REQUIRE="force")


class Dbclient(Program):
    name = "dbclient"

    def command_line(self, where, scratch):
        # -y twice: the host key is neither checked nor kept.
        argv = ["dbclient", "-y", "-y", "-p", str(where.port)]
        if where.key:
            subprocess.run(["dropbearconvert", "openssh", "dropbear", where.key,
                            scratch.path("key")], check=True, capture_output=True)
            return argv + ["-i", scratch.path("key")], plain_environment()
        return argv, plain_environment(DROPBEAR_PASSWORD=where.password)


class Plink(Program):
    name = "plink"

    def command_line(self, where, scratch):
        argv = ["plink", "-batch", "-noagent", "-no-antispoof", "-P", str(where.port),
                "-hostkey", host_fingerprint(where)]
        # It keeps its settings there.
        env = plain_environment(PUTTYDIR=scratch.dir)
        if where.key:
            subprocess.run(["puttygen", where.key, "-O", "private", "-o", scratch.path("key")],
                           check=True, capture_output=True, env=env)
            return argv + ["-i", scratch.path("key")], env
        return argv + ["-pwfile", scratch.write("secret", where.password + "\n")], env


def private_copy(key, scratch):
    """OpenSSH takes no key that others may read."""
    if not os.stat(key).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return key
    with open(key, encoding="ascii") as file:
        return scratch.write("key", file.read())


def host_fingerprint(where):
    scan = subprocess.run(["ssh-keyscan", "-t", "ed25519", "-p", str(where.port), where.host],
                          capture_output=True, check=True, timeout=TIMEOUT).stdout
    shown = subprocess.run(["ssh-keygen", "-lf", "-"], input=scan, capture_output=True, check=True)
    return shown.stdout.split()[1].decode()


class ParamikoTerminal:
    """The calls of Terminal on a paramiko channel."""

    def __init__(self, transport, channel):
        self.transport = transport
        self.channel = channel
        self.seen = b""

    def expect(self, pattern, timeout=TIMEOUT):
        end = time.monotonic() + timeout
        while True:
            match = re.search(pattern, self.seen, re.DOTALL)
            if match:
                self.seen = self.seen[match.end():]
                return match
            self.channel.settimeout(max(0.01, end - time.monotonic()))
            data = self.channel.recv(65536)
            if not data:
                raise EOFError(f"{pattern!r} never came, but {self.seen[-200:]!r}")
            self.seen += data

    def send(self, data):
        self.channel.sendall(data)

    def resize(self, rows, cols):
        self.channel.resize_pty(cols, rows)

    def wait(self, timeout=TIMEOUT):
        end = time.monotonic() + timeout
        while not self.channel.exit_status_ready() and time.monotonic() < end:
            self.channel.settimeout(0.05)
            with contextlib.suppress(OSError):
                self.seen += self.channel.recv(65536)
        if not self.channel.exit_status_ready():
            raise TimeoutError("the session goes on")
        status = self.channel.recv_exit_status()
        self.close()
        return status

    def close(self):
        self.transport.close()


class Paramiko:
    name = "paramiko"

    def is_there(self):
        try:
            import paramiko  # pylint: disable=import-outside-toplevel,unused-import
        except ImportError:
            return False
        return True

    def connect(self, where):
        """A paramiko Transport, logged in."""
        import paramiko  # pylint: disable=import-outside-toplevel
        transport = paramiko.Transport((where.host, where.port))
        transport.start_client(timeout=TIMEOUT)
        try:
            if where.key:
                key = paramiko.Ed25519Key.from_private_key_file(where.key)
                transport.auth_publickey(where.user, key)
            else:
                transport.auth_interactive(
                    where.user, lambda title, text, prompts: [where.password for _ in prompts])
        except paramiko.SSHException:
            transport.close()
            raise
        return transport

    def run(self, where, command, stdin=b"", timeout=TIMEOUT):
        transport = self.connect(where)
        try:
            channel = transport.open_session()
            channel.settimeout(timeout)
            channel.exec_command(command)
            channel.sendall(stdin)
            channel.shutdown_write()
            out = read_all(channel.recv)
            err = read_all(channel.recv_stderr)
            return channel.recv_exit_status(), out, err
        finally:
            transport.close()

    def attach(self, where, command=None, rows=24, cols=80, term="xterm-256color"):
        transport = self.connect(where)
        channel = transport.open_session()
        channel.get_pty(term, cols, rows)
        if command:
            channel.exec_command(command)
        else:
            channel.invoke_shell()
        return ParamikoTerminal(transport, channel)


def read_all(receive):
    parts = []
    while True:
        data = receive(65536)
        if not data:
            return b"".join(parts)
        parts.append(data)


CLIENTS = {"openssh": OpenSSH(), "dbclient": Dbclient(), "plink": Plink(), "paramiko": Paramiko()}
