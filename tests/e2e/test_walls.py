#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The walls, tried from inside: system calls made in the live processes of a gateway with
sessions (by tests/inject.c), one forbidden act after the other. All have to be denied, and the
sessions have to be as well as before."""

import os
import pathlib
import platform
import re
import subprocess
import sys

from gateway import BUILD, IS_ROOT, Gateway, guests_host
from libvirt_env import wait_for
from tap import SANITIZED, result, run, skip_group, test
from web import Session

EPERM, EACCES, ENOSYS = -1, -13, -38

# x86-64; see <asm/unistd_64.h>.
NR = {
    "read": 0, "open": 2, "poll": 7, "mmap": 9, "mprotect": 10, "ioctl": 16, "shmget": 29, "socket": 41,
    "connect": 42, "sendto": 44, "bind": 49, "socketpair": 53, "clone": 56, "fork": 57, "vfork": 58,
    "execve": 59, "kill": 62, "fcntl": 72, "rename": 82, "mkdir": 83, "creat": 85, "link": 86,
    "unlink": 87, "symlink": 88, "chmod": 90, "chown": 92, "getppid": 110, "ptrace": 101, "setuid": 105,
    "setpgid": 109, "setresuid": 117, "mknod": 133, "personality": 135, "setpriority": 141,
    "prctl": 157, "setrlimit": 160, "chroot": 161, "mount": 165, "umount2": 166, "tkill": 200,
    "sched_setaffinity": 203, "mq_open": 240, "keyctl": 250, "openat": 257, "inotify_init": 253,
    "unshare": 272, "perf_event_open": 298, "fanotify_init": 300, "prlimit64": 302, "setns": 308,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "seccomp": 317, "memfd_create": 319,
    "bpf": 321, "execveat": 322, "pkey_mprotect": 329, "io_uring_setup": 425, "clone3": 435,
    "tgkill": 234, "pidfd_open": 434, "openat2": 437, "pidfd_getfd": 438, "userfaultfd": 323,
    "process_madvise": 440, "rt_sigqueueinfo": 129,
}

PROT_EXEC, PROT_READ = 4, 1
ANONYMOUS = 0x22
SIGCHLD = 17
SOCK_STREAM = 1
CLONE_NEWUSER = 0x10000000
F_SETOWN, F_SETSIG = 8, 10
MSG_FASTOPEN = 0x20000000
TIOCSTI, FIOASYNC, SIOCSPGRP, TCGETS = 0x5412, 0x5452, 0x8902, 0x5401
LOCALHOST_22 = "x:" + (2).to_bytes(2, "little").hex() + "0016" + "7f000001" + "00" * 8
UNIX_NOWHERE = "x:" + (1).to_bytes(2, "little").hex() + b"/run/x\0".hex()

# An act: its name, the call and its arguments. {self}, {sibling}, {gate}: pids; {fd}: a socket of
# the process. Pids are of processes with the same uid where there are such: only the filter
# stands between them. Signal 0 asks without harm.
FILES = [
    ("open /etc/passwd", "open", "s:/etc/passwd", 0),
    ("openat /etc/passwd", "openat", -100, "s:/etc/passwd", 0),
    ("openat2 /etc/passwd", "openat2", -100, "s:/etc/passwd", "o:24", 24),
    ("open /etc/shadow", "open", "s:/etc/shadow", 0),
    ("creat", "creat", "s:/tmp/serialgate-wall", 0o600),
    ("mkdir", "mkdir", "s:/tmp/serialgate-wall", 0o700),
    ("symlink", "symlink", "s:/etc/passwd", "s:/tmp/serialgate-wall"),
    ("link", "link", "s:/etc/passwd", "s:/tmp/serialgate-wall"),
    ("unlink", "unlink", "s:/tmp/serialgate-wall"),
    ("rename", "rename", "s:/tmp/serialgate-a", "s:/tmp/serialgate-wall"),
    ("chmod", "chmod", "s:/tmp/serialgate-wall", 0o777),
    ("inotify", "inotify_init"),
]
NETWORK = [
    ("socket AF_INET", "socket", 2, SOCK_STREAM, 0),
    ("socket AF_UNIX", "socket", 1, SOCK_STREAM, 0),
    ("socket AF_NETLINK", "socket", 16, 3, 0),
    ("connect", "connect", "{fd}", LOCALHOST_22, 16),
    ("bind", "bind", "{fd}", UNIX_NOWHERE, 9),
]
PROCESSES = [
    ("fork", "fork"), ("vfork", "vfork"),
    ("fork by clone", "clone", SIGCHLD, 0, 0, 0, 0),
    ("fork by clone3", "clone3", "x:" + "00" * 32 + SIGCHLD.to_bytes(8, "little").hex() + "00" * 24, 64),
    ("execve", "execve", "s:/bin/true", 0, 0),
    ("execveat", "execveat", -100, "s:/bin/true", 0, 0, 0),
    ("setpgid", "setpgid", 0, 0),
]
SIGNALS = [
    ("kill itself", "kill", "{self}", 0), ("kill a sibling", "kill", "{sibling}", 0),
    ("kill gate", "kill", "{gate}", 0), ("kill everybody", "kill", -1, 0),
    ("tkill a sibling", "tkill", "{sibling}", 0),
    ("tgkill a sibling", "tgkill", "{sibling}", "{sibling}", 0),
    ("sigqueue to a sibling", "rt_sigqueueinfo", "{sibling}", 0, "o:128"),
]
OTHERS = [
    ("ptrace a sibling", "ptrace", 16, "{sibling}", 0, 0),
    ("read a sibling's memory", "process_vm_readv", "{sibling}", "o:16", 1, "o:16", 1, 0),
    ("write a sibling's memory", "process_vm_writev", "{sibling}", "o:16", 1, "o:16", 1, 0),
    ("pidfd of a sibling", "pidfd_open", "{sibling}", 0),
    ("pidfd of itself", "pidfd_open", "{self}", 0),
    ("a descriptor of a sibling", "pidfd_getfd", 0, 0, 0),
    ("kcmp", "kcmp", "{self}", "{sibling}", 0, 0, 0),
]
LIMITS = [
    ("a sibling's limits", "prlimit64", "{sibling}", 7, "x:" + "40" + "00" * 7 + "40" + "00" * 7, 0),
]
MACHINE = [
    ("mount", "mount", "s:none", "s:/tmp", "s:tmpfs", 0, 0), ("umount", "umount2", "s:/tmp", 0),
    ("unshare", "unshare", CLONE_NEWUSER), ("setns", "setns", "{fd}", 0), ("chroot", "chroot", "s:/"),
    ("bpf", "bpf", 0, "o:64", 64), ("io_uring", "io_uring_setup", 8, "o:120"),
    ("perf_event_open", "perf_event_open", "o:128", 0, -1, -1, 0),
    ("userfaultfd", "userfaultfd", 1), ("fanotify", "fanotify_init", 0, 0),
    ("personality", "personality", 0x0400000), ("mknod", "mknod", "s:/tmp/serialgate-wall", 0o20600, 0x0101),
]
IDS = [
    ("setuid 0", "setuid", 0), ("setuid to what it is", "setuid", "{uid}"),
    ("setresuid", "setresuid", "{uid}", "{uid}", "{uid}"),
]
MEMORY = [
    ("mmap executable", "mmap", 0, 4096, PROT_READ | PROT_EXEC, ANONYMOUS, -1, 0),
    ("mprotect executable", "mprotect", "{stack}", 4096, PROT_READ | PROT_EXEC),
    ("pkey_mprotect executable", "pkey_mprotect", "{stack}", 4096, PROT_READ | PROT_EXEC, -1),
]
DUMPABLE = [("become dumpable", "prctl", 4, 1, 0, 0, 0)]
STRICT = [
    ("memfd_create", "memfd_create", "s:x", 0), ("keyctl", "keyctl", 0, -3, 1),
    ("shared memory", "shmget", 0, 4096, 0o1600), ("a message queue", "mq_open", "s:x", 0x42, 0o600, 0),
    ("another filter", "seccomp", 1, 0, "o:16"),
    ("raise a limit", "setrlimit", 7, "x:" + "ff" * 2 + "00" * 6 + "ff" * 2 + "00" * 6),
    ("raise a limit by prlimit", "prlimit64", 0, 7, "x:" + "ff" * 2 + "00" * 6 + "ff" * 2 + "00" * 6, 0),
    ("nice", "setpriority", 0, "{sibling}", 5),
    ("a sibling's processors", "sched_setaffinity", "{sibling}", 8, "x:0300000000000000"),
    ("TIOCSTI", "ioctl", "{fd}", TIOCSTI, "s:x"), ("TCGETS", "ioctl", "{fd}", TCGETS, "o:64"),
    ("socket's owner by ioctl", "ioctl", "{fd}", SIOCSPGRP, "{sibling_bytes}"),
    ("socket's owner: a signal at a sibling", "fcntl", "{fd}", F_SETOWN, "{sibling}"),
    ("which signal that is", "fcntl", "{fd}", F_SETSIG, 9),
]

SESSION = FILES + NETWORK + PROCESSES + SIGNALS + OTHERS + LIMITS + MACHINE + IDS + MEMORY + DUMPABLE + STRICT \
    + [("socketpair", "socketpair", 1, 5, 0, "o:8")]
CONSOLE = [act for act in SESSION if act[0] != "socketpair"]
# libvirt's own threads live on in it: what they need is not forbidden.
OPEN_LINE = FILES + NETWORK + PROCESSES[:-1] + SIGNALS + OTHERS + LIMITS + MACHINE + IDS + MEMORY + DUMPABLE
# Root, because PAM is. It may open files, start programs and connect; it may not look into others.
DOOR = SIGNALS + OTHERS + MACHINE
# The parent of sessions forks them, ends them and hands them sockets; that is all.
PARENT = FILES + NETWORK + PROCESSES[4:6] + OTHERS + MACHINE + IDS + MEMORY
# A watch may need nearly anything for libvirt's drivers, such as ssh. Not this.
WATCH = OTHERS + MACHINE


class Target:
    """A process, and what stands for the words in an act's arguments."""

    def __init__(self, pid, sibling, gate):
        self.pid = pid
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        stack = re.search(r"^([0-9a-f]+)-\w+ rw\S+ .*\[stack\]$",
                          pathlib.Path(f"/proc/{pid}/maps").read_text(), re.M)
        fds = sorted(os.listdir(f"/proc/{pid}/fd"), key=int)
        sockets = [fd for fd in fds if os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")]
        self.words = {
            "{self}": pid, "{sibling}": sibling, "{gate}": gate.process.pid, "{fd}": sockets[0],
            "{uid}": re.search(r"^Uid:\s+(\d+)", status, re.M).group(1),
            "{stack}": int(stack.group(1), 16),
            "{sibling_bytes}": "x:" + sibling.to_bytes(4, "little").hex(),
        }

    def fill(self, word):
        return str(self.words.get(word, word))

    def make(self, acts):
        """What each act returned: numbers, or "killed" for the last one."""
        lines = [" ".join([str(NR[call]), *(self.fill(word) for word in args)])
                 for _, call, *args in acts]
        done = subprocess.run([BUILD / "tests/inject", str(self.pid)], input="\n".join(lines) + "\n",
                              capture_output=True, text=True, timeout=20, check=False)
        if done.returncode == 3:
            return None
        assert done.returncode == 0, done.stderr
        return [line if line == "killed" else int(line) for line in done.stdout.split()]

    def results(self, acts):
        """In a process that is waiting: all of ours do that nearly always."""
        return wait_for(lambda: self.make(acts), 30, "the process to wait in a system call")


def check_denied(target, acts):
    results = target.results(acts)
    assert len(results) == len(acts), f"{acts[len(results) - 1][0]}: killed"
    # EPERM is the filter's. ENOSYS may be, too, for clone3: libc goes on with clone then.
    open_ways = [f"{act[0]} ({value})" for act, value in zip(acts, results)
                 if value != EPERM and not (value == ENOSYS and act[1] == "clone3")]
    assert not open_ways, f"{len(open_ways)} of {len(acts)} not denied: " + ", ".join(open_ways)


class Scene:
    """alice and bob, attached to two guests, and whose processes are whose."""

    def __init__(self, gate, libvirt):
        self.gate = gate
        self.libvirt = libvirt
        self.alice = self.enter("web1", "alice")
        self.bob = self.enter("web2", "bob")
        sessions, doors = gate.children("sshd"), gate.children("auth")
        self.watch, *lines = gate.children("virt")
        assert len(sessions) == len(doors) == len(lines) == 2, (sessions, doors, lines)
        self.session = Target(sessions[0], sessions[1], gate)
        self.door = Target(doors[0], doors[1], gate)
        self.line = Target(lines[0], lines[1], gate)
        roles = gate.roles()
        self.console = Target(roles["console"], roles["virt"], gate)
        self.parent = Target(roles["sshd"], sessions[0], gate)
        self.watcher = Target(self.watch, lines[0], gate)
        self.web = [self.enter_by_web("web1", "alice", "wonder land"),
                    self.enter_by_web("web2", "bob", "builder")]
        web_sessions = gate.children("ws")
        self.web_session = Target(web_sessions[0], web_sessions[1], gate)
        self.web_parent = Target(roles["ws"], web_sessions[0], gate)

    def log(self, since=0):
        return self.gate.log(since)

    def __len__(self):
        return len(self.gate.log())

    def enter(self, guest, user):
        terminal = self.gate.terminal(guest, user=user, key=user)
        terminal.expect("Connected to domain")
        terminal.expect("tick|ready")
        return terminal

    def enter_by_web(self, guest, user, password):
        session = Session(self.gate)
        assert session.login(user, password)["result"] == "ok"
        return session.attach(guest, read_only=True)

    def echo(self):
        """Both are as well as before."""
        for terminal in (self.alice, self.bob):
            for mark in "$&":
                terminal.send(mark)
                terminal.expect_exact(mark, timeout=30)
        for console in self.web:
            console.bytes.clear()
        self.alice.send("=")
        self.bob.send("=")
        for console in self.web:
            console.sees(b"=")


@test("inject itself: an allowed call is made, and the process goes on", root=True)
def injector(scene):
    parent = int(re.search(r"^PPid:\s+(\d+)", pathlib.Path(f"/proc/{scene.session.pid}/status").read_text(),
                           re.M).group(1))
    assert scene.session.results([("getppid", "getppid")]) == [parent]
    # Without a filter the very same acts succeed.
    sleeper = subprocess.Popen(["sleep", "60"])
    other = subprocess.Popen(["sleep", "60"])
    try:
        target = Target.__new__(Target)
        target.pid = sleeper.pid
        target.words = scene.session.words | {"{self}": sleeper.pid, "{sibling}": other.pid}
        acts = [act for act in SIGNALS if "everybody" not in act[0] and "queue" not in act[0]] + \
            [FILES[0], NETWORK[0], PROCESSES[0], PROCESSES[2], MEMORY[0]]
        bad = [act[0] for act, value in zip(acts, target.results(acts)) if value < 0]
        assert not bad, f"inject cannot do: {bad}"
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        other.kill()
        sleeper.wait()
        other.wait()
    scene.echo()


@test(f"from a session: {len(SESSION)} forbidden acts", root=True)
def from_session(scene):
    check_denied(scene.session, SESSION)
    scene.echo()


@test(f"from a session of the web: {len(SESSION)} forbidden acts", root=True)
def from_web_session(scene):
    check_denied(scene.web_session, SESSION)
    limit = limits_of(scene.web_session.pid)
    assert limit["Max open files"] == ("64", "64"), limit
    assert SANITIZED or limit["Max address space"] == (str(256 << 20),) * 2, limit
    scene.echo()


@test(f"from the web's parent: {len(PARENT)} forbidden acts", root=True)
def from_web_parent(scene):
    check_denied(scene.web_parent, PARENT)
    scene.echo()


@test(f"from console: {len(CONSOLE)} forbidden acts", root=True)
def from_console(scene):
    check_denied(scene.console, CONSOLE)
    scene.echo()


@test(f"from an open line: {len(OPEN_LINE)} forbidden acts", root=True)
def from_line(scene):
    check_denied(scene.line, OPEN_LINE)
    scene.echo()


@test(f"from a door: {len(DOOR)} forbidden acts", root=True)
def from_door(scene):
    check_denied(scene.door, DOOR)
    scene.echo()


@test(f"from the parent of sessions: {len(PARENT)} forbidden acts", root=True)
def from_parent(scene):
    check_denied(scene.parent, PARENT)
    scene.echo()


@test(f"from a watch: {len(WATCH)} forbidden acts", root=True)
def from_watch(scene):
    check_denied(scene.watcher, WATCH)
    scene.echo()


def is_in(call, pid):
    """Whether the process waits in that system call; see proc(5)."""
    return pathlib.Path(f"/proc/{pid}/syscall").read_text().split()[0] == str(NR[call])


@test(f"from an act: {len(WATCH)} forbidden acts", root=True)
def from_act(scene):
    before = set(scene.gate.children("virt"))
    # While libvirtd hangs the act waits, and can be tried.
    scene.libvirt.hang_daemon()
    try:
        asker = scene.gate.popen("nmi web2")
        act = wait_for(lambda: set(scene.gate.children("virt")) - before, 30, "the act").pop()
        # Until it has connected it closes what it has of its parent's, and puts its walls up.
        wait_for(lambda: is_in("poll", act), 30, "the act to wait for libvirt")
        check_denied(Target(act, scene.line.pid, scene.gate), WATCH)
        assert limits_of(act)["Max open files"] == ("64", "64"), limits_of(act)
    finally:
        scene.libvirt.resume_daemon()
    asker.communicate(timeout=40)
    assert asker.returncode == 0
    scene.echo()


@test("a session cannot turn its connection into one to somewhere else", root=True)
def reconnect(scene):
    target = scene.session
    tcp = {line.split()[9] for line in pathlib.Path(f"/proc/{target.pid}/net/tcp").read_text().splitlines()[1:]}
    names = {fd: os.readlink(f"/proc/{target.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{target.pid}/fd")}
    fds = [fd for fd, name in names.items() if name.removeprefix("socket:[").rstrip("]") in tcp]
    assert len(fds) == 1, names
    for address in (LOCALHOST_22, "x:" + "00" * 16):
        value = target.results([("sendto", "sendto", fds[0], "s:x", 0, MSG_FASTOPEN, address, 16)])[0]
        assert value < 0, f"sendto with MSG_FASTOPEN: {value}"
    scene.echo()


def limits_of(pid):
    text = pathlib.Path(f"/proc/{pid}/limits").read_text()
    return {name.strip(): (soft, hard) for name, soft, hard in
            re.findall(r"^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)", text, re.M)}


@test("limits: no core, few descriptors, bounded memory; nothing is dumpable", root=True)
def limits(scene):
    session = limits_of(scene.session.pid)
    assert session["Max open files"] == ("64", "64"), session
    # AddressSanitizer maps terabytes; the limit is left out with it.
    assert SANITIZED or session["Max address space"] == (str(256 << 20),) * 2, session
    for pid in scene.gate.family()[1:]:
        assert limits_of(pid)["Max core file size"] == ("0", "0"), pid
        # Of a process that is not dumpable these belong to root; see proc(5).
        assert os.stat(f"/proc/{pid}/environ").st_uid == 0, f"{pid} is dumpable"


@test("another architecture's calls end the process", root=True)
def other_numbers(scene):
    # The last of these tests: the session does not survive it. Numbers of the x32 ABI.
    NR["x32 open"] = 0x40000000 + 2
    assert scene.session.results([("x32", "x32 open", "s:/etc/passwd", 0)]) in (["killed"], [ENOSYS], [EPERM])
    scene.bob.send("$")
    scene.bob.expect_exact("$", timeout=30)


def main():
    if not IS_ROOT:
        skip_group("", "needs root")
        sys.exit(0)
    if platform.machine() != "x86_64":
        skip_group("", "knows the system calls of x86-64 only")
        sys.exit(0)
    with guests_host() as libvirt, Gateway(libvirt, web="tls") as gate:
        libvirt.define("web1")
        libvirt.define("web2")
        wait_for(lambda: gate.run("list").stdout.count("running") == 2, 30, "the guests")
        wait_for(lambda: not gate.children("sshd") and not gate.children("auth"), 30, "quiet")
        scene = Scene(gate, libvirt)
        run(scene)
        for terminal in (scene.alice, scene.bob):
            terminal.close(force=True)
    sys.exit(result())


main()
