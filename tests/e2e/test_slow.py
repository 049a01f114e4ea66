#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Slow links: a stock ssh through a link of 7,000 bytes/s and less, while the guest floods."""

import collections
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

from gateway import Gateway, containers
from jump import JumpHost, Tunnel
from libvirt_env import wait_for
from person import Person, Screen
from slowlink import SlowLink
from ssh_clients import CLIENTS, Target
from tap import result, run, test, wanted

DELAY = 0.1
FLOOD, STOP = "F4000\r", "\x03"


class Slow(Screen):
    """Somebody behind a slow link, on a guest that echoes and floods."""

    def __init__(self, gate, link, *words, options=None):
        way = options or ("-p", str(link.port))
        super().__init__(gate, *words, options=("-o", "SendEnv=LANG", *way))

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look(0.05)


def floods(alice, seconds=2.5):
    alice.types(FLOOD)
    alice.until("abcdefghij", timeout=30)
    alice.watch(seconds)


def time_to_stop(alice, limit):
    start = time.monotonic()
    alice.types(STOP)
    alice.until("stopped", timeout=limit)
    return time.monotonic() - start


def leave(alice):
    alice.escape(".")
    assert alice.status() == 0


# Not figures, which a busy machine would spoil: without what is tested it takes minutes.
SOON, SLOWER = 6, 12
RING = ["ring = 16MiB"]


@test("7,000 bytes/s: ^C soon has its effect on screen in a flood")
def interrupt(gate, _libvirt):
    with SlowLink(gate.port, 7000, DELAY) as link, Slow(gate, link, "ours") as alice:
        alice.until("Escape character is")
        floods(alice)
        took = time_to_stop(alice, 30)
        assert took <= SOON, f"{took:.2f} s"
        # Raw again: the line that says so, and what is typed comes as it is.
        alice.until("went by faster than this link carries")
        alice.raw = b""
        alice.types("xyzzy")
        alice.until("xyzzy")
        assert alice.raw.endswith(b"xyzzy"), alice.raw
        leave(alice)


@test("1,200 bytes/s: the same, a little later")
def interrupt_slower(gate, _libvirt):
    with SlowLink(gate.port, 1200, DELAY) as link, Slow(gate, link, "ours") as alice:
        alice.until("Escape character is", timeout=30)
        floods(alice, 4)
        took = time_to_stop(alice, 30)
        assert took <= SLOWER, f"{took:.2f} s"


@test("^] r: who asks for the last lines gets them all, however slow; a key goes on to the guest")
def asked_for(gate, _libvirt):
    with SlowLink(gate.port, 3000, DELAY) as link, Slow(gate, link, "ours") as alice:
        alice.until("Escape character is", timeout=20)
        floods(alice)
        time_to_stop(alice, 30)
        alice.until("went by faster than this link carries")
        alice.raw = b""
        alice.escape("r")
        alice.until(lambda: b"live from here on" in alice.raw, 60, "the end of it")
        came = alice.raw[alice.raw.index(b"from before, from "):]
        assert came.count(b"\n") >= 60 and b"went by" not in came, came
        alice.escape("R")
        alice.until(lambda: b"since that boot, from " in alice.raw, what="the boot")
        alice.watch(1)
        alice.types("xyzzy")
        alice.until("xyzzy", timeout=15)


@test("behind a jump host: what its buffers take is known by the client's own answers")
def behind_jump_host(gate, _libvirt):
    with JumpHost(gate.path("keys/alice")) as jump, SlowLink(jump.port, 7000, DELAY) as link:
        # What `ssh -J jump` runs; that would want its key from a configuration of the person's.
        proxy = f"ssh -F {jump.client_config(link.port)} -W [%h]:%p jump"
        with Slow(gate, link, "ours", options=("-o", f"ProxyCommand={proxy}")) as alice:
            alice.until("Escape character is", timeout=30)
            floods(alice)
            took = time_to_stop(alice, 30)
            assert took <= SOON, f"{took:.2f} s"
            leave(alice)


def until_stopped(terminal, name, took, start):
    terminal.expect(rb"stopped", timeout=40)
    took[name] = time.monotonic() - start[0]


@test("every stock client answers, through a tunnel as well: all see the end of a flood in time")
def clients_answer(gate, _libvirt):
    there = {name: client for name, client in CLIENTS.items() if client.is_there()}
    took, start, threads = {}, [0.0], []
    with contextlib.ExitStack() as stack:
        jump = stack.enter_context(JumpHost(gate.path("keys/alice")))
        typist = stack.enter_context(Person(gate, "ours", "--take"))
        typist.is_on("ours")
        terminals = {}
        for name, client in there.items():
            link = stack.enter_context(SlowLink(jump.port, 7000, DELAY))
            tunnel = stack.enter_context(Tunnel(jump, link, gate.port))
            where = Target(tunnel.port, key=gate.path("keys/alice"))
            terminals[name] = client.attach(where, "attach ours --read-only")
            stack.callback(terminals[name].close)
            terminals[name].expect(rb"Escape character is")
        typist.types("\r\nall are here\r\n")
        for terminal in terminals.values():
            terminal.expect(rb"all are here")
        typist.types(FLOOD)
        for name, terminal in terminals.items():
            threads.append(threading.Thread(target=until_stopped, args=(terminal, name, took, start),
                                            daemon=True))
            threads[-1].start()
        end = time.monotonic() + 4
        while time.monotonic() < end:
            typist.reads(0.2)
        start[0] = time.monotonic()
        typist.types(STOP)
        typist.sees("stopped")
        for thread in threads:
            thread.join(45)
    late = {name: took.get(name) for name in there if took.get(name, 99) > SLOWER}
    assert not late, f"{late} of {took}"


def ran(pid):
    """Seconds on a processor so far."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


@test("a client that takes nothing costs nothing while a guest floods, and is told what it missed")
def stopped(gate, _libvirt):
    def rests():
        before = ran(child)
        time.sleep(0.5)
        return ran(child) - before < 0.002

    with Person(gate, "ours") as alice:
        alice.is_on("ours")
        child = gate.children("sshd")[-1]
        alice.types("F65536\r")
        alice.sees("abcdefghij")
        alice.tty.kill(signal.SIGSTOP)
        try:
            wait_for(rests, 30, "its session to rest")
        finally:
            alice.tty.kill(signal.SIGCONT)
            alice.types(STOP)
        alice.sees("stopped", "went by faster than this link carries")
        leave(alice)


@test("no link is so fast that it would be painted on: bytes as the guest sent them")
def fast(gate, _libvirt):
    with Person(gate, "ours") as alice:
        alice.is_on("ours")
        alice.types("F2\r")
        came = bytearray()
        while not came.endswith(b"done\r\n"):
            part = alice.reads(10)
            assert part, bytes(came[-300:])
            came += part
        line = b"%010d abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM\r\n"
        assert b"".join(line % n for n in range(1, 2 * 16384 + 1)) in came
        leave(alice)


@test("slow-link = skip: the newest bytes, and how many were skipped")
def skip(gate, _libvirt):
    gate.extra["console"] = [*RING, "slow-link = skip"]
    gate.write_config()
    gate.reload()
    try:
        with SlowLink(gate.port, 7000, DELAY) as link, Slow(gate, link, "ours") as alice:
            alice.until("Escape character is")
            floods(alice)
            time_to_stop(alice, 15)
            assert b" KiB skipped]" in alice.raw, alice.raw[-500:]
            leave(alice)
    finally:
        gate.extra["console"] = RING
        gate.write_config()
        gate.reload()


@test("linear mode: text lines, and no cursor is placed")
def linear(gate, _libvirt):
    with Person(gate, "ours", "--linear") as alice:
        alice.is_on("ours")
        alice.types("\x1b[5;5H\x1b[31mab\x1b[?1049hcd\r\n")
        came = alice.sees("cd") + b"cd"
        alice.escape("l")
        came += alice.sees("linear mode is over")
        assert b"\x1b" not in came, came
        alice.escape("l")
        alice.sees("text lines only")
        leave(alice)


# -- several of one connection, several guests of one command --

@contextlib.contextmanager
def one_connection(gate, link):
    """Options for ssh with which all commands go over one connection, and that over the link."""
    path = gate.path("slow")
    options = ["-p", str(link.port), "-o", "ControlMaster=auto", "-o", f"ControlPath={path}",
               "-o", "ControlPersist=60"]
    assert gate.run("list", options=options).returncode == 0
    try:
        yield options
    finally:
        subprocess.run(["ssh", "-o", f"ControlPath={path}", "-O", "exit", "x"],
                       capture_output=True, check=False)


@contextlib.contextmanager
def flooding(gate):
    begun = gate.run("send ours --take --for abcdefghij --timeout 30 F65536\\r")
    assert begun.returncode == 0, begun
    try:
        yield
    finally:
        gate.run("send ours --take --for stopped --timeout 30 \\x03")


@test("a command that prints without end leaves the others of its connection their turn")
def others_of_a_connection(gate, _libvirt):
    with SlowLink(gate.port, 200000, 0.01) as link, one_connection(gate, link) as options, \
            open(gate.path("flood"), "wb") as flood, flooding(gate), \
            subprocess.Popen(gate.ssh_argv("attach ours --read-only", options=options),
                             stdin=subprocess.PIPE, stdout=flood, stderr=flood) as reader:
        try:
            wait_for(lambda: os.path.getsize(flood.name) > 200000 or reader.poll() is not None, 30,
                     "the flood")
            assert reader.poll() is None, open(flood.name, "rb").read()[-300:]
            assert gate.run("list", options=options, timeout=60).returncode == 0
        finally:
            reader.kill()


@test("watch: a guest that prints without end leaves the others their turn, however slow the link")
def watched_in_turn(gate, _libvirt):
    def count():
        with contextlib.suppress(ValueError):            # it is killed in the middle of a line
            for line in watch.stdout:
                lines[json.loads(line)["guest"]] += 1

    lines = collections.Counter()
    with SlowLink(gate.port, 200000, 0.01) as link, \
            gate.popen("watch . --quiet", options=("-p", str(link.port))) as watch:
        threading.Thread(target=count, daemon=True).start()
        try:
            assert gate.run("send other L").returncode == 0
            wait_for(lambda: lines["other"], 30, "lines of the other")
            with flooding(gate):
                wait_for(lambda: lines["ours"] > 1500, 60, "the flood")
                before = lines["other"]
                wait_for(lambda: lines["other"] > before + 3, 60, "lines of the other")
        finally:
            watch.kill()


@test("linear mode: keys that come without a pause are seen while they are typed")
def linear_keys(gate, _libvirt):
    with Person(gate, "ours", "--linear") as alice:
        alice.is_on("ours")
        alice.echoes("<before>")
        came, deadline = b"", time.monotonic() + 3
        while time.monotonic() < deadline:
            alice.types("=")
            time.sleep(0.01)
            came += alice.reads(0)
        assert came.count(b"=") > 50, came
        leave(alice)


@test("compression is offered, after the login only")
def compression(gate, _libvirt):
    done = gate.run("list", options=("-vv", "-C", "-o", "LogLevel=DEBUG2"))
    offers = [line for line in done.stderr.splitlines() if "compression stoc" in line]
    assert done.returncode == 0 and len(offers) == 2, done.stderr
    assert offers[1].split()[-1] == "none,zlib@openssh.com", offers
    assert "compression: zlib@openssh.com" in done.stderr


def main():
    with contextlib.ExitStack() as stack:
        libvirt = containers(stack) if wanted() else None
        if libvirt:
            libvirt.define("ours", "lxc")
            libvirt.define("other", "lxc")
            # On a busy machine nobody is fast enough for a ring of 1 MiB.
            gate = Gateway(libvirt, extra={"console": RING})
            run(stack.enter_context(gate), libvirt)
    sys.exit(result())


main()
