#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What befalls those who are on a console: guests that stop, are deaf or flood, others who
take it, lines and a libvirtd that die."""

import contextlib
import os
import re
import signal
import socket
import sys
import threading
import time

import pexpect

from gateway import Gateway, IS_ROOT, guests_host
from libvirt_env import wait_for
from person import ESCAPE, ESCAPE_LINE, Person, leave, on
from tap import result, run, skip_group, test, wanted

AS_USER, LATE = "as a user", "a late daemon"
AT_ONCE = 4.0          # less than the 5 s for which a guest may leave its input unread


# -- the guest's life --

@test("a guest that is off: attach waits and comes up with it; stop and start while attached")
def off_and_on(gate, libvirt):
    libvirt.virsh("destroy", "web2")
    with on(gate, "web2") as alice:
        alice.sees("[gate: web2 is off; waiting until it starts (^] p o starts it, ^] . leaves)]")
        libvirt.virsh("start", "web2")
        alice.sees("[gate: web2 has started]", "tick ")
        alice.echoes("up")
        libvirt.virsh("destroy", "web2")
        alice.sees("[gate: web2 is off now; waiting until it starts (^] p o starts it, ^] . leaves)]")
        libvirt.virsh("start", "web2")
        alice.sees("[gate: web2 has started]", "tick ")
        assert alice.before.count(b"[gate: ") == 0, alice.before
        alice.types("@")                   # powers itself off
        alice.sees("[gate: web2 is off now; waiting until it starts (^] p o starts it, ^] . leaves)]")
        leave(alice)
    libvirt.virsh("start", "web2")


@test("paused and going on, reset and rebooted: a line each, and the same console")
def paused_and_reset(gate, libvirt):
    with on(gate, "web2") as alice:
        alice.sees("tick ")
        libvirt.virsh("suspend", "web2")
        alice.sees("[gate: web2 is paused; ^] p o resumes it]")
        libvirt.virsh("resume", "web2")
        alice.sees("[gate: web2 goes on]", "tick ")
        libvirt.virsh("reset", "web2")
        alice.sees("[gate: web2 was reset]", "tick ")
        alice.types("*")                   # reboots
        alice.sees("[gate: web2 was reset]", "tick ")
        alice.echoes("same console")
        leave(alice)


@test("a guest that is undefined while somebody is on it: told, status 6")
def undefined(gate, libvirt):
    libvirt.define("passing", start=False)
    wait_for(lambda: gate.run("info passing").returncode == 0, 30, "the new guest")
    with on(gate, "passing") as alice:
        alice.sees("passing is off")
        libvirt.virsh("undefine", "passing")
        alice.sees("[gate: the guest was undefined]")
        assert alice.status() == 6


@test("a silent guest: a hint after a second")
def silent_hint(gate, _libvirt):
    with on(gate, "silent") as alice:
        alice.sees("[gate: nothing from silent", "press Enter")
        leave(alice)


# -- others have the console --

@test("in use from outside: said, taken over by ^] f; stolen: said, taken back by ^] f")
def busy_and_stolen(gate, libvirt):
    with contextlib.closing(libvirt.console("free")) as virsh:
        virsh.expect_exact(ESCAPE_LINE)
        with on(gate, "free") as alice:
            alice.sees("[gate: somebody outside (virsh console?) has this console; "
                       "^] f takes it over]")
            alice.escape("f")
            alice.sees("[gate: the console is open]")
            alice.echoes("taken over")
            virsh.expect(pexpect.EOF)
            alice.escape("f")
            alice.sees("[gate: nobody outside has this console")
            with contextlib.closing(libvirt.console("free", "--force")) as thief:
                thief.expect_exact(ESCAPE_LINE)
                alice.sees("[gate: somebody outside this gate took this console over; "
                           "^] f takes it back]")
                alice.types("lost")
                alice.sees("did not reach the guest")
                alice.escape("f")
                alice.sees("[gate: the console is open]")
                alice.echoes("taken back")
            leave(alice)


@test("when it was in use and is let go, the console opens by itself")
def let_go(gate, libvirt):
    with contextlib.closing(libvirt.console("free2")) as virsh:
        virsh.expect_exact(ESCAPE_LINE)
        with on(gate, "free2") as alice:
            alice.sees("[gate: somebody outside (virsh")
            virsh.send(ESCAPE)
            virsh.expect(pexpect.EOF)
            assert alice.sees("[gate: the console is open]").count(b"[gate") == 0
            alice.echoes("by itself")
            leave(alice)


# -- guests and viewers that misbehave --

@test("a guest that ignores its input: leaving is instant, others notice nothing, the loss is told")
def deaf_guest(gate, libvirt):
    daemon = libvirt.daemon_pid
    with on(gate, "deaf") as alice, on(gate, "web1", user="bob") as bob:
        bob.echoes("before")
        alice.sees("tick ")
        alice.types("%")
        alice.sees("%")
        # More than all buffers on the way take; what they took counts as sent.
        alice.types(b"x" * 150000)
        slowest = max(bob.echoes(f"key-{n};")[0] for n in range(20))
        assert slowest < AT_ONCE, slowest
        alice.sees("tick ")
        alice.sees("[gate: the guest does not read what is typed: ")
        alice.sees("tick ")
        start = time.monotonic()
        leave(alice)
        assert time.monotonic() - start < AT_ONCE
        assert bob.echoes("after")[0] < AT_ONCE
    for size in (20000, 60000, 300000):
        with on(gate, "deaf") as alice:
            alice.sees("tick ")
            alice.types(b"x" * size)
            start = time.monotonic()
            leave(alice)
            assert time.monotonic() - start < AT_ONCE, size
    assert libvirt.daemon_pid == daemon, "libvirtd did not survive it"
    libvirt.virsh("destroy", "deaf")       # its line would be opened anew in other tests


@test("a key every few ms, for longer than a guest may take to read one: nothing is dropped")
def keys_without_a_pause(gate, _libvirt):
    with on(gate, "web1") as alice:
        alice.echoes("<before>")           # behind what came since somebody left
        typed, came, deadline = 0, b"", time.monotonic() + 7
        while time.monotonic() < deadline:
            alice.types("=")
            typed += 1
            time.sleep(0.004)
            came += alice.reads(0)
        came += alice.echoes("<after>")[1]
        assert came.count(b"=") == typed, (came.count(b"="), typed)
        assert not (said := re.findall(rb"\[gate: [^\r]*", came)), said
        leave(alice)


FLOOD_LINE = rb"\n(1\d{9}) abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM\r"


@test("a flood: one who stopped costs the others no byte, and is told the gap afterwards", limit=90)
def flood(gate, _libvirt):
    with gate.configured(extra={"console": ["ring = 64KiB"]}), \
            on(gate, "flood", "--read-only", user="bob") as stopped, on(gate, "flood") as reading:
        stopped.sees("tick ")
        os.kill(stopped.tty.pid, signal.SIGSTOP)
        reading.types("!")
        seen = bytearray()
        # The client's window, sockets and ring together hold less.
        while len(seen) < 2_000_000:
            came = reading.reads(10)
            assert came, len(seen)
            seen += came
        os.kill(stopped.tty.pid, signal.SIGCONT)
        reading.types(".")
        reading.sees("tick ")
        seen += reading.before
        numbers = [int(n) for n in re.findall(FLOOD_LINE, seen)]
        assert len(numbers) > 20000, len(numbers)
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        stopped.sees(" went by faster than this link carries", timeout=30)
        stopped.sees("tick ")
        leave(stopped)
        leave(reading)


@test("^] . leaves a flood at once")
def leave_flood(gate, _libvirt):
    with on(gate, "flood") as alice:
        alice.types("!")
        alice.sees("abcdef")
        start = time.monotonic()
        leave(alice)
        assert time.monotonic() - start < AT_ONCE
    with on(gate, "flood") as alice:
        alice.types(".")
        alice.sees("tick ")
        leave(alice)


# -- what dies and comes back; last, because everything is shaken --

@test("a line that is killed is opened again")
def line_killed(gate, _libvirt):
    wait_for(lambda: gate.children("virt"), 30, "the watch of a gateway that has just begun")
    before = set(gate.children("virt"))
    with on(gate, "fresh") as alice:
        alice.echoes("before")
        # That of a guest that a test before has ended may be opened once more, in vain.
        wait_for(lambda: len(set(gate.children("virt")) - before) == 1, 30, "one new line")
        line = (set(gate.children("virt")) - before).pop()
        os.kill(line, signal.SIGKILL)
        wait_for(lambda: set(gate.children("virt")) - before - {line}, 30, "a new line")
        alice.sees("tick ")
        alice.echoes("after")
        leave(alice)


class LateDaemon:
    """libvirtd behind a socket of ours, which lets a connection wait `delay` seconds."""

    def __init__(self, libvirt):
        self.to = libvirt.uri.split("socket=")[1]
        self.user = libvirt.user
        self.uri = libvirt.uri + ".late"
        self.delay = 0.0

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.to + ".late")
        os.chmod(self.to + ".late", 0o777)
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        os.unlink(self.to + ".late")

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._carry, args=self.listener.accept()[:1],
                                 daemon=True).start()

    def _carry(self, client):
        time.sleep(self.delay)
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.to)
            back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
            back.start()
            self._copy(client, server)
            back.join()

    @staticmethod
    def _copy(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


@test("lines that die before they are open are opened again after pauses", group=LATE)
def line_killed_early(gate, daemon):
    with on(gate, "web1") as alice:
        alice.sees("tick ")
        watch, _ = gate.children("virt")
        time.sleep(6)                      # a line that was open for so long was a good one
        daemon.delay, killed = 0.2, set()
        deadline = time.monotonic() + 4
        while time.monotonic() < deadline:
            for pid in set(gate.children("virt")) - killed - {watch}:
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            time.sleep(0.01)
        daemon.delay = 0.0
        assert len(killed) < 15, len(killed)

        def answers():
            alice.types("$")
            return b"$" in alice.reads(0.5)
        wait_for(answers, 30, "a key to be answered again")
        leave(alice)


def told_once(person, text):
    person.sees(text)
    assert person.before.count(b"[gate: ") == 0, person.before


@test("libvirtd dies and comes back: a line each, the console goes on")
def daemon_dies(gate, libvirt):
    with on(gate, "web1") as alice:
        alice.echoes("before")
        libvirt.kill_daemon()
        told_once(alice, "[gate: local does not answer; waiting for it (^] . leaves)]")
        done = gate.run("list")
        assert done.returncode == 0 and "no answer from: local" in done.stderr, done
        libvirt.restart_daemon()
        told_once(alice, "[gate: local answers again]")
        alice.sees("tick ")
        alice.echoes("after")
        leave(alice)


@test("libvirtd hangs for 12 s: a line each, `list` answers, the console goes on", limit=90)
def daemon_hangs(gate, libvirt):
    with on(gate, "web1") as alice, on(gate, "web2", user="bob") as bob:
        alice.echoes("before")
        bob.echoes("before")
        libvirt.hang_daemon()
        start = time.monotonic()
        try:
            told_once(alice, "[gate: local does not answer; waiting for it (^] . leaves)]")
            while time.monotonic() - start < 12:
                asked = time.monotonic()
                assert gate.run("list").returncode == 0
                assert time.monotonic() - asked < AT_ONCE
                time.sleep(0.5)
            with Person(gate, "web3") as carol:
                carol.sees("local does not answer")
                leave(carol)
        finally:
            libvirt.resume_daemon()
        told_once(alice, "[gate: local answers again]")
        told_once(bob, "[gate: local does not answer; waiting for it (^] . leaves)]")
        told_once(bob, "[gate: local answers again]")
        alice.sees("tick ")
        alice.echoes("after")
        bob.echoes("after")
        leave(alice)
        leave(bob)


# -- the whole gateway as an ordinary user --

@test("as a user: a guest stops and starts", group=AS_USER)
def user_off_and_on(gate, libvirt):
    with on(gate, "web2") as alice:
        alice.sees("tick ")
        libvirt.virsh("destroy", "web2")
        alice.sees("web2 is off now")
        libvirt.virsh("start", "web2")
        alice.sees("web2 has started", "tick ")
        leave(alice)


@test("as a user: a line that is killed is opened again", group=AS_USER)
def user_line_killed(gate, libvirt):
    line_killed(gate, libvirt)


GUESTS = ["web1", "web2", "web3", "silent", "deaf", "flood", "free", "free2", "fresh"]


def main():
    with guests_host() as libvirt:
        for name in GUESTS:
            libvirt.define(name)
        if wanted():
            with Gateway(libvirt) as gate:
                with on(gate, "silent") as alice:
                    alice.types("#")           # from here on it is
                    alice.sees("#")
                    leave(alice)
                run(gate, libvirt)
        if wanted(LATE):
            with LateDaemon(libvirt) as daemon, Gateway(daemon) as gate:
                run(gate, daemon, group=LATE)
        if not IS_ROOT:
            skip_group(AS_USER, "all of this file ran as a user")
        elif wanted(AS_USER):
            # The one before was in the middle of things; libvirt notices a second later.
            for name in ("web2", "fresh"):
                libvirt.virsh("destroy", name)
                libvirt.virsh("start", name)
            with Gateway(libvirt, as_user=True) as gate:
                run(gate, libvirt, group=AS_USER)
    sys.exit(result())


main()
