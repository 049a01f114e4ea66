#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Bad input: each gets a clear answer or a closed connection, the log has one line of it, and
somebody else's session notices nothing."""

import contextlib
import ctypes
import itertools
import json
import logging
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import paramiko

from gateway import BUILD, IS_ROOT, Gateway, free_port, guests_host
from libvirt_env import wait_for
from tap import SANITIZED, Skip, result, run, skip_group, test, wanted

logging.getLogger("paramiko").setLevel(logging.CRITICAL)
ACCESS = "[access \"alice\"]\nusers = alice bob\nguests = web* noserial off evil* flood\nmay = view type\n"
EVIL_NAME = "evil\x9b31m\u202etxt\tend\u0085\u2066x"
# What may never reach a terminal as it is: C0 but line ends, DEL, C1, bidi controls.
UNSAFE = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SLOW_ECHO = 8.0


class Bystander:
    """Somebody else's session: a key every tenth of a second, each answered."""

    def __init__(self, gate, guest="web1"):
        self.slowest = 0.0
        self.error = None
        self.client = gate.popen(guest, user="bob", key="bob")
        self.thread = threading.Thread(target=self.type_keys, daemon=True)
        self.is_over = threading.Event()
        self.first = threading.Event()
        self.thread.start()
        assert self.first.wait(40), "the bystander has no console"

    def type_keys(self):
        try:
            for mark in itertools.cycle(b"$&=+<>|;{}"):
                start = time.monotonic()
                os.write(self.client.stdin.fileno(), bytes([mark]))
                text = b""
                while bytes([mark]) not in text:
                    text = os.read(self.client.stdout.fileno(), 65536)
                    if not text:
                        raise EOFError("the session ended")
                if self.first.is_set():
                    self.slowest = max(self.slowest, time.monotonic() - start)
                self.first.set()
                if self.is_over.wait(0.1):
                    return
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    @contextlib.contextmanager
    def undisturbed(self):
        self.slowest = 0.0
        yield
        self.is_over.wait(0.15)
        assert self.error is None, f"another session: {self.error}"
        assert self.slowest < SLOW_ECHO, f"another session's echo took {self.slowest:.1f} s"

    def end(self):
        self.is_over.set()
        self.thread.join(30)
        self.client.kill()
        self.client.communicate()


class Scene:
    """A gateway and a bystander on it."""

    def __init__(self, gate, libvirt):
        self.gate = gate
        self.libvirt = libvirt
        self.bystander = Bystander(gate)

    def log(self, since=0):
        return self.gate.log(since)

    def one_line(self, since, pattern):
        """Exactly one line of the log says it."""
        wait_for(lambda: re.search(pattern, self.log(since)), 30, f"{pattern} in the log")
        lines = [line for line in self.log(since).splitlines() if re.search(pattern, line)]
        assert len(lines) == 1, "\n".join(lines)


def scene_test(name, **how):
    """A test whose bystander has to be undisturbed."""
    def register(function):
        @test(name, **how)
        def inner(scene):
            with scene.bystander.undisturbed():
                function(scene)
        return inner
    return register


def assert_safe(text, what):
    bad = UNSAFE.search(text)
    assert not bad, f"{what} has {bad.group()!r}: {text!r}"


# -- what is asked for --

@scene_test("a forbidden guest has the same answer as one that does not exist")
def forbidden_guest(scene):
    forms = [lambda g: scene.gate.run(g), lambda g: scene.gate.run("info", g),
             lambda g: scene.gate.run("attach", g + ":serial0"),
             lambda g: scene.gate.run(user=f"alice+{g}")]
    uuid = scene.libvirt.uuid("secret")
    for form in forms:
        unknown = form("nosuch")
        assert unknown.returncode == 4, unknown
        assert re.search("^\\[gate: no guest called 'nosuch", unknown.stderr, re.M), unknown
        for name in ("secret", uuid):
            done = form(name)
            assert done.returncode == 4, done
            assert done.stderr == unknown.stderr.replace("nosuch", name), (done.stderr, unknown.stderr)
            assert done.stdout == unknown.stdout
    assert "secret" not in scene.gate.run("list").stdout
    assert "secret" not in scene.gate.run("list", "--json").stdout
    assert "secret" not in scene.gate.run("ssh-config").stdout


@scene_test("the log has one line of a guest that was refused")
def refusal_is_logged(scene):
    for name in ("secret", "nosuch"):
        mark = len(scene.log())
        scene.gate.run(name)
        wait_for(lambda: "closed:" in scene.log(mark), 30, "the end of the connection")
        scene.one_line(mark, f"alice.*{name}")


@scene_test("a guest without a serial console: says so, and how to add one")
def no_console(scene):
    done = scene.gate.run("noserial")
    assert done.returncode == 4, done
    assert "no serial console" in done.stderr and "<serial type='pty'/>" in done.stderr, done.stderr


@scene_test("a guest that is off is waited for, or is the end")
def guest_is_off(scene):
    done = scene.gate.run("off")
    assert done.returncode == 6 and "off is off" in done.stderr, done
    done = scene.gate.run("attach", "off", "--wait", "--timeout=1")
    assert done.returncode == 5, done


WRONG_USAGE = [
    ("an unknown option", ("list", "--bad"), "unknown option --bad"),
    ("a misspelt option", ("list", "--jsn"), "did you mean --json"),
    ("an option that does not fit", ("list", "--take"), "list takes no --take"),
    ("a word too many", ("info", "web1", "more"), "one word too many: more"),
    ("a name with blanks, quoted once", ("my guest",), "twice"),
    ("a word too few", ("attach",), "attach wants GUEST"),
    ("an open quotation mark", ("'web1",), "quotation mark"),
    ("a bad number", ("attach", "web1", "--timeout=soon"), "--timeout takes"),
    ("options that contradict", ("attach", "web1", "--read-only", "--take"), "make no sense"),
    ("too many words", ("a " * 300,), "too many words|too long|one word too many"),
    ("a very long command", ("x" * 60000,), "too long|no guest"),
]


@scene_test("wrong usage: says what is wrong, status 2")
def wrong_usage(scene):
    wrong = []
    for name, words, expected in WRONG_USAGE:
        done = scene.gate.run(*words)
        if done.returncode not in ((2, 4) if "long" in name else (2,)) or not re.search(expected, done.stderr):
            wrong.append((name, done.returncode, done.stderr[:300]))
        assert done.stdout == "", done.stdout
    assert not wrong, wrong
    done = scene.gate.run(user="alice+web1+no-such-option")
    assert done.returncode == 2 and "unknown option --no-such-option" in done.stderr, done
    done = scene.gate.run("list", user="alice+web1")
    assert done.returncode == 2, done


@scene_test("what somebody typed does not reach a terminal as it is")
def typed_controls(scene):
    for words in (("info", "\x1b[31mred\x9b1m\u202e"), ("--\x1b]0;title\x07",), ("list", "a\x1bb")):
        done = scene.gate.run(*words)
        assert_safe(done.stdout + done.stderr, "the answer")


@scene_test("a guest's name with control characters is shown safely", limit=30)
def evil_name(scene):
    xml = scene.libvirt.virsh("dumpxml", "off")
    xml = re.sub(r"<uuid>.*?</uuid>", "", xml)
    for name in (EVIL_NAME, "evil \u202eplain", "evil"):
        escaped = "".join(c if " " <= c <= "~" else f"&#x{ord(c):x};" for c in name)
        path = scene.gate._write("evil.xml", re.sub(r"<name>.*?</name>", f"<name>{escaped}</name>", xml), 0o644)
        scene.libvirt.virsh("define", path)
    wait_for(lambda: scene.gate.run("list").stdout.count("evil") == 3, 30, "the guests in the list")
    for words in (("list",), ("ssh-config",), ("list", "evil*")):
        done = scene.gate.run(*words)
        assert done.returncode == 0, done
        assert_safe(done.stdout + done.stderr, " ".join(words))
    listed = json.loads(scene.gate.run("list", "--json").stdout)
    uuids = {guest["name"]: guest["uuid"] for guest in listed}
    assert EVIL_NAME in uuids, list(uuids)
    assert_safe(scene.gate.run("info", uuids[EVIL_NAME]).stdout, "info")
    mark = len(scene.log())
    done = scene.gate.run(uuids[EVIL_NAME])
    assert done.returncode == 6, done
    assert_safe(done.stderr, "attach")
    assert_safe(scene.log(mark), "the log")
    screen = scene.gate.terminal(uuids[EVIL_NAME])
    screen.expect("Connected to domain [^\n]*\n")
    assert_safe((screen.before + screen.after).decode(), "the first line")
    screen.close(force=True)


@scene_test("a user's name with control characters leaves one line, and no other in its name")
def evil_user(scene):
    mark = len(scene.log())
    t = paramiko.Transport(("127.0.0.1", scene.gate.port))
    t.start_client(timeout=20)
    with contextlib.suppress(paramiko.SSHException):
        t.auth_interactive("mallory\x1b[31m\nauth[9]: 1.2.3.4 port 1: accepted publickey for root",
                           lambda *_: ["x"])
    t.close()
    wait_for(lambda: "closed:" in scene.log(mark), 30, "the end of the connection")
    scene.one_line(mark, "refused keyboard-interactive")
    text = scene.log(mark)
    assert_safe(text, "the log")
    assert not re.search("^[^ ]* [^ ]* auth\\[9\\]", text, re.M), text


# -- what is no SSH --

def connect(scene):
    s = socket.create_connection(("127.0.0.1", scene.gate.port), 10)
    s.settimeout(30)
    return s


def is_closed(s):
    """Reads what there is; the connection has to end."""
    try:
        while s.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    finally:
        s.close()
    return True


GARBAGE = [
    ("a web request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("random bytes", os.urandom(5000)),
    ("zeros", bytes(5000)),
    ("a long line", b"A" * 300),
    ("lines without end", b"x\r\n" * 5000),
    ("an old version", b"SSH-1.5-old\r\n" + bytes(100)),
    ("a version, then random bytes", b"SSH-2.0-x\r\n" + os.urandom(5000)),
    ("a version with controls", b"SSH-2.0-\x1b[31m\x9b\x07\r\n" + os.urandom(100)),
    ("a packet of 4 GiB", b"SSH-2.0-x\r\n" + b"\xff\xff\xff\xff" + bytes(100)),
    ("a packet without padding", b"SSH-2.0-x\r\n" + b"\0\0\0\x0c\0\x14" + bytes(100)),
    ("a key exchange of zeros", b"SSH-2.0-x\r\n" + b"\0\0\x04\0\x08\x14" + bytes(2000)),
]


@scene_test("garbage instead of SSH ends the connection and leaves one line")
def garbage(scene):
    wrong = []
    for name, data in GARBAGE:
        mark = len(scene.log())
        s = connect(scene)
        # It may be closed before all is sent, and then there is nothing to shut down.
        with contextlib.suppress(OSError):
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
        if not is_closed(s):
            wrong.append(f"{name}: not closed")
        wait_for(lambda: re.search(r"sshd\[\d+\]: closed: ", scene.log(mark)), 30, f"the end of {name}")
        said = [line for line in scene.log(mark).splitlines()
                if not re.search(r"connection from 127", line)]
        if len(said) != 1:
            wrong.append(f"{name}: {len(said)} lines: {said}")
        assert_safe(scene.log(mark), f"the log of {name}")
    assert not wrong, "; ".join(wrong)


# -- limits --

@contextlib.contextmanager
def options(scene, *lines):
    gate = scene.gate
    before = gate.extra
    gate.extra = before | {"gate": list(lines)}
    try:
        gate.write_config()
        gate.reload()
        yield
    finally:
        gate.extra = before
        gate.write_config()
        gate.reload()


@scene_test("a client that sends nothing is closed at handshake-grace")
def sends_nothing(scene):
    with options(scene, "handshake-grace = 1s"):
        mark = len(scene.log())
        start = time.monotonic()
        silent, half = connect(scene), connect(scene)
        half.sendall(b"SSH-2.0-half\r\n\0\0\4")
        assert is_closed(silent) and is_closed(half)
        assert time.monotonic() - start > 0.8
        wait_for(lambda: scene.log(mark).count("closed: handshake grace is over") == 2, 30, "two lines")


@scene_test("a client that does not log in is closed at login-grace")
def does_not_log_in(scene):
    with options(scene, "handshake-grace = 5s", "login-grace = 5s"):
        mark = len(scene.log())
        start = time.monotonic()
        t = paramiko.Transport(("127.0.0.1", scene.gate.port))
        t.start_client(timeout=20)
        wait_for(lambda: not t.is_active(), 30, "it to be closed")
        assert time.monotonic() - start > 4.5
        # auth ends its side at the same moment.
        scene.one_line(mark, "closed: (login grace is over|the login service is gone)")


def refused_at_once(scene, why):
    s = connect(scene)
    s.settimeout(20)
    try:
        return s.makefile("rb").read(200) == why + b"\r\n"
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    finally:
        s.close()


@scene_test("max-per-source and max-unauthenticated are kept, and many refusals are few lines")
def limits(scene):
    for option, words, why in (
            ("max-per-source = 4", "max-per-source is reached",
             b"Too many connections from your address"),
            ("max-unauthenticated = 3", "max-unauthenticated is reached",
             b"Too many connections that have not logged in"),
            ("max-visitors = 4", "max-visitors is reached", b"Too many connections")):
        with options(scene, option):
            held = []
            wait_for(lambda: len(scene.gate.children("sshd")) == 1, 30, "the bystander alone")
            mark = len(scene.log())
            for _ in range(3):
                held.append(connect(scene))
                assert held[-1].recv(4) == b"SSH-", option
            for _ in range(40):
                assert refused_at_once(scene, why), option
            assert scene.gate.run("list").returncode == 255
            scene.gate.wait_log(words, since=mark)
            assert scene.log(mark).count(words) <= 4, "a line for each refusal"
            for s in held:
                s.close()
            wait_for(lambda: scene.gate.run("list").returncode == 0, 30, "room again")


IDLE_TEXT = "Nothing was typed for too long."


@scene_test("who types nothing is ended at idle-timeout, whatever the guest prints; who types is not")
def types_nothing(scene):
    with options(scene, "idle-timeout = 5s"):
        mark = len(scene.log())
        typing = Bystander(scene.gate)
        start = time.monotonic()
        idle = scene.gate.popen("web1", options=["-o", "LogLevel=INFO"])
        menu = scene.gate.terminal(options=["-o", "LogLevel=INFO"])
        text = idle.communicate(timeout=40)[1].decode()
        took = time.monotonic() - start
        assert took > 4.9, took
        assert idle.returncode == 255 and IDLE_TEXT in text, text
        menu.expect_exact(IDLE_TEXT, timeout=30)
        menu.close(force=True)
        with typing.undisturbed():
            wait_for(lambda: scene.log(mark).count("closed: idle for too long") == 2, 30, "two lines")
        typing.end()


def connection_of(pid):
    """A duplicate of a process's TCP socket, to ask for its options."""
    with contextlib.closing(os.fdopen(os.pidfd_open(pid), "rb", 0)) as process:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            if not os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:"):
                continue
            copy = LIBC.syscall(PIDFD_GETFD, process.fileno(), int(fd), 0)
            if copy < 0:
                raise Skip(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
            s = socket.socket(fileno=copy)
            if s.family != socket.AF_UNIX:
                return s
            s.close()
    raise AssertionError("no connection")


LIBC = ctypes.CDLL(None, use_errno=True)
PIDFD_GETFD = 438
IS_PROBED = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10), (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 60000),
]


@scene_test("a peer that vanished is noticed within a minute: the kernel asks after it", root=True)
def half_open(scene):
    before = set(scene.gate.children("sshd"))
    s = connect(scene)
    with s:
        session = wait_for(lambda: set(scene.gate.children("sshd")) - before, 30, "the process").pop()
        wait_for(lambda: s.recv(1), 30, "its first word")
        with connection_of(session) as theirs:
            assert theirs.getpeername()[1] == s.getsockname()[1]
            for level, option, value in IS_PROBED:
                assert theirs.getsockopt(level, option) == value, (level, option)
            assert not os.get_blocking(theirs.fileno())
        ours, port = (f"{n:04X}" for n in (s.getsockname()[1], scene.gate.port))
        # The kernel's own word, see proc(5): timer 02 is the one for keepalive, in 1/100 s.
        rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()]
        timers = [row[5] for row in rows if row[1].endswith(":" + port) and row[2].endswith(":" + ours)]
        assert len(timers) == 1 and timers[0].startswith("02:"), timers
        assert int(timers[0][3:], 16) <= 3100, timers


@scene_test("failed logins are a penalty for their source only", limit=120)
def penalties(scene):
    def fail():
        t = paramiko.Transport(("127.0.0.1", scene.gate.port))
        with contextlib.suppress(paramiko.SSHException, EOFError):
            t.start_client(timeout=20)
            t.auth_interactive("alice", lambda *_: ["wrong"])
        t.close()
    with options(scene, "penalty = 2s", "penalty-max = 10s"):
        mark = len(scene.log())
        threads = [threading.Thread(target=fail) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused_at_once(scene, b"Not allowed at this time: too many failed logins")
        scene.one_line(mark, "too many failed logins \\(penalty\\)")
        with socket.create_connection(("::1", scene.gate.port), 5) as other:
            other.settimeout(20)
            assert other.recv(4) == b"SSH-", "another source is refused, too"
        wait_for(lambda: scene.gate.run("list").returncode == 0, 30, "the penalty to be over")


@scene_test("200 connections at once, half of them garbage: the honest ones get in", limit=120)
def many(scene):
    with options(scene, "handshake-grace = 8s", "max-per-source = 1000", "max-unauthenticated = 1000"):
        sockets = [connect(scene) for _ in range(100)]
        for s in sockets[::2]:
            with contextlib.suppress(ConnectionError):
                s.sendall(os.urandom(100))
        assert scene.gate.run("list").returncode == 0
        assert all(is_closed(s) for s in sockets)
        wait_for(lambda: len(scene.gate.children("sshd")) == 1, 30, "them to be gone")


# -- configuration --

BROKEN = """\
[gate]
max-visitors = many
idle-timeout = 5 parsecs
[ssh]
listen = 127.0.0.1:{port}
listne = 127.0.0.1:1
[nonsense]
a = b
[auth]
methods = publickey+telepathy
[console]
ring = 3
[host "local"]
uri =
[access "x"]
users = a
guests = *
may = view fly
"""
BROKEN_LINES = {2, 3, 6, 7, 10, 12, 14, 18}


def serialgate(*arguments):
    return subprocess.run([BUILD / "sbin/serialgate", *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=15, check=False)


@scene_test("a broken configuration: every error with its line, status 2, nothing bound")
def broken_configuration(scene):
    port = free_port()
    path = scene.gate._write("broken.conf", BROKEN.format(port=port))
    held = socket.socket()
    held.bind(("127.0.0.1", port))
    held.listen()
    try:
        for arguments in (("-t", "-f", path), ("-d", "-f", path), ("-f", path)):
            done = serialgate(*arguments)
            assert done.returncode == 2, (arguments, done)
            lines = done.stderr.splitlines()
            found = [int(m.group(1)) for m in (re.match(re.escape(path) + r":(\d+): .+", l) for l in lines) if m]
            assert set(found) == BROKEN_LINES and len(lines) == len(found) == len(BROKEN_LINES), done.stderr
            # The port is taken: had it tried to bind, it would have said so.
            assert "listen on" not in done.stderr
    finally:
        held.close()
    assert serialgate("-t", "-f", scene.gate.path("serialgate.conf")).returncode == 0


@scene_test("needed files that are missing, and options of the command line")
def missing_files(scene):
    good = pathlib.Path(scene.gate.path("serialgate.conf")).read_text()
    for old, new in (("shared-keys = ", "shared-keys = /nowhere"), ("host-key = ", "host-key = /nowhere/x/"),
                     ("pam-directory = ", "pam-directory = /nowhere")):
        path = scene.gate._write("missing.conf", good.replace(old, new))
        line = 1 + next(i for i, l in enumerate(good.splitlines()) if l.startswith(old))
        done = serialgate("-t", "-f", path)
        assert done.returncode == 2 and done.stderr.startswith(f"{path}:{line}: "), (old, done)
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert serialgate("-t", "-f", "/nowhere").returncode == 2
    assert serialgate("-x").returncode == 2
    assert serialgate("word").returncode == 2
    assert serialgate("--version").returncode == 0


@scene_test("a broken configuration at SIGHUP leaves the old one in force")
def broken_reload(scene):
    gate = scene.gate
    path = gate.path("serialgate.conf")
    good = pathlib.Path(path).read_text()
    mark = len(scene.log())
    try:
        gate._write("serialgate.conf", BROKEN.format(port=gate.port))
        gate.process.send_signal(signal.SIGHUP)
        gate.wait_log("the old one stays", since=mark)
        text = scene.log(mark)
        assert {int(n) for n in re.findall(r"serialgate\.conf:(\d+):", text)} == BROKEN_LINES, text
        assert gate.run("list").returncode == 0
    finally:
        gate._write("serialgate.conf", good)
    gate.reload()


# -- a host that moves --

@test("a host with a new address at SIGHUP: old watch and line end, the new one is shown", group="moved")
def host_moves(gate, old, new):
    def names():
        return {guest["name"] for guest in json.loads(gate.run("list", "--json").stdout)}
    wait_for(lambda: names() == {"both", "old"}, 30, "the first host's guests")
    # The image, too, has to be the new one's own.
    same = old.virsh("dumpxml", "both", "--inactive").replace(old.base, new.base)
    new.virsh("define", gate._write("both.xml", same))
    new.virsh("start", "both")
    mark = len(gate.log())
    viewer = gate.popen("both")
    other = gate.popen("old", user="bob", key="bob")
    try:
        assert viewer.stdout.read(1) and other.stdout.read(1)
        before = gate.children("virt")
        assert len(before) == 3, before
        gate.hosts = {"local": new}
        gate.write_config()
        gate.reload()
        wait_for(lambda: not set(before) & set(gate.children("virt")), 30, "the old watch and lines to end")
        wait_for(lambda: names() == {"both", "new"}, 30, f"the second host's guests, not {names()}")
        assert other.wait(40) == 6, other.stderr.read()
        assert gate.run("old").returncode == 4
        # The same guest goes on, and its line is one to the second host.
        echo(viewer, b"!")
        old.stop()
        echo(viewer, b"&")
        assert names() == {"both", "new"}
        assert "was ended by signal" not in gate.log(mark)
    finally:
        for client in (viewer, other):
            client.kill()
            client.communicate()


def echo(client, mark):
    """Types it until it comes back: meanwhile nothing may be there to type on."""
    deadline = time.monotonic() + 40
    text = b""
    os.set_blocking(client.stdout.fileno(), False)
    while mark not in text:
        assert time.monotonic() < deadline and client.poll() is None, (text[-300:], client.poll())
        os.write(client.stdin.fileno(), mark)
        time.sleep(0.1)
        with contextlib.suppress(BlockingIOError):
            text = os.read(client.stdout.fileno(), 65536)


# -- a client that never reads --

NEVER_READS = """
import paramiko, sys, time
t = paramiko.Transport(("127.0.0.1", int(sys.argv[1])))
t.start_client(timeout=20)
t.auth_publickey("alice", paramiko.Ed25519Key.from_private_key_file(sys.argv[2]))
c = t.open_session(window_size=2**31 - 1, max_packet_size=32768, timeout=20)
c.exec_command("flood")
while b"flood" not in c.recv(65536):
    pass
c.sendall(b"F20000\\r")
c.recv(10)
print("flooding", flush=True)
time.sleep(600)
"""


def memory_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", text).group(1))


@test("a client that never reads: memory is bounded, others see the whole flood", group="flood", root=True)
def never_reads(gate, _):
    before = set(gate.children("sshd"))
    client = subprocess.Popen([sys.executable, "-c", NEVER_READS, str(gate.port), gate.path("keys/alice")],
                              stdout=subprocess.PIPE)
    try:
        assert client.stdout.readline() == b"flooding\n"
        session = (set(gate.children("sshd")) - before).pop()
        client.send_signal(signal.SIGSTOP)
        watcher = gate.popen("flood", user="bob", key="bob")
        seen = 0
        while seen < 8 << 20:
            chunk = os.read(watcher.stdout.fileno(), 1 << 20)
            assert chunk, watcher.stderr.read()
            seen += len(chunk)
        sizes = {"session": memory_of(session), "console": memory_of(gate.roles()["console"])}
        while seen < 64 << 20:
            chunk = os.read(watcher.stdout.fileno(), 1 << 20)
            assert chunk, watcher.stderr.read()
            seen += len(chunk)
        grown = {"session": memory_of(session) - sizes["session"],
                 "console": memory_of(gate.roles()["console"]) - sizes["console"]}
        assert all(kib < 1024 for kib in grown.values()), f"grown by {grown} KiB"
        assert SANITIZED or sizes["session"] < 8192, sizes
        assert gate.run("list").returncode == 0
        watcher.kill()
        watcher.communicate()
    finally:
        client.kill()
        client.communicate()


def main():
    if wanted():
        with guests_host() as libvirt, Gateway(libvirt, access=ACCESS) as gate:
            libvirt.define("web1")
            libvirt.define("secret")
            libvirt.define("noserial", serials=0)
            libvirt.define("off", start=False)
            wait_for(lambda: "noserial" in gate.run("list").stdout, 30, "the guests")
            scene = Scene(gate, libvirt)
            run(scene)
            scene.bystander.end()
    if wanted("moved"):
        with guests_host() as old, guests_host() as new:
            for libvirt, name in ((old, "both"), (old, "old"), (new, "new")):
                libvirt.define(name)
            with Gateway(old, access=ACCESS.replace("web*", "both old new web*")) as gate:
                run(gate, old, new, group="moved")
    if not IS_ROOT:
        skip_group("flood", "needs root")
    elif wanted("flood"):
        containers = guests_host(driver="lxc")
        try:
            containers.start()
        except RuntimeError as e:
            # In a chroot, say: there are no namespaces to make there.
            skip_group("flood", f"no containers here: {e}")
            sys.exit(result())
        with contextlib.ExitStack() as stack:
            stack.callback(containers.stop)
            gate = stack.enter_context(Gateway(containers, access=ACCESS))
            containers.define("flood", "lxc")
            wait_for(lambda: "flood" in gate.run("list").stdout, 30, "the guest")
            run(gate, containers, group="flood")
    sys.exit(result())


main()
