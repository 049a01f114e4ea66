#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Several people at a console: the keyboard, who is there, and who may what."""

import os
import re
import signal
import sys

from gateway import Gateway, IS_ROOT, guests_host
from person import in_one_line, leave, on
from tap import result, run, skip_group, test, wanted

AS_USER = "as a user"


# -- two at a console --

@test("the second one watches; what they type is dropped with one line that names the holder")
def second_watches(gate, _libvirt):
    with on(gate, "web1") as alice:
        alice.echoes("mine")
        with on(gate, "web1", user="bob") as bob:
            bob.sees("[gate: somebody else is on this console]",
                     "[gate: alice has the keyboard; ^] t takes it]")
            bob.types("zzz")
            bob.sees("[gate: not sent: alice has the keyboard; ^] t takes it]")
            bob.types("zzz")
            _, came = alice.echoes("after-that")
            assert b"zzz" not in came
            assert bob.sees("after-that").count(b"not sent") == 0
            leave(bob)
        leave(alice)


@test("who: each with address, since when, who has the keyboard, who is oneself")
def who(gate, _libvirt):
    with on(gate, "web1") as alice, on(gate, "web1", user="bob") as bob:
        bob.sees("alice has the keyboard")
        bob.escape("w")
        lines = b""
        while lines.count(b" on serial0") < 2:
            lines += bob.sees("]\r\n") + b"]\r\n"
        lines = in_one_line(lines)
        for line in (rb"bob \(you\) from 127\.0\.0\.1 by ssh since [-0-9]+T[:0-9]+Z on serial0",
                     rb"alice from 127\.0\.0\.1 .* on serial0, has the keyboard"):
            assert re.search(rb"\[gate: " + line + rb"\]\r\n", lines), lines
        leave(bob)
        leave(alice)


@test("the keyboard is taken visibly, given up, and free when its holder leaves")
def keyboard(gate, _libvirt):
    with on(gate, "web1") as alice, on(gate, "web1", user="bob") as bob:
        alice.echoes("first")
        bob.sees("alice has the keyboard")
        bob.escape("t")
        bob.sees("[gate: you have the keyboard now]")
        alice.sees("[gate: bob took the keyboard; ^] t takes it back]")
        bob.echoes("bob types")
        alice.types("yyy")
        alice.sees("not sent: bob has the keyboard")
        bob.escape("g")
        alice.sees("[gate: bob gave the keyboard up: whoever types has it]")
        bob.sees("[gate: the keyboard is free: whoever types has it]")
        alice.echoes("free for alice")
        leave(alice)
        bob.sees("[gate: alice left; the keyboard is free: whoever types has it]")
        bob.echoes("free for bob")
        leave(bob)


@test("--take takes the keyboard; a broken connection frees it")
def take(gate, _libvirt):
    with on(gate, "web1") as alice, on(gate, "web1", "--take", user="bob") as bob:
        alice.sees("[gate: bob took the keyboard; ^] t takes it back]")
        bob.echoes("taken")
        os.kill(bob.tty.pid, signal.SIGKILL)
        alice.sees("[gate: bob left; the keyboard is free: whoever types has it]")
        leave(alice)


@test("a newer session of the same user takes the keyboard from the older one")
def same_user(gate, _libvirt):
    with on(gate, "web1") as older:
        older.echoes("older")
        with on(gate, "web1") as newer:
            older.sees("[gate: a newer session of yours has the keyboard now; ^] t takes it back]")
            newer.sees("[gate: you have the keyboard now; an older session of yours had it]")
            newer.echoes("newer")
            older.escape("t")
            older.sees("[gate: you have the keyboard now]")
            newer.sees("[gate: ")
            older.echoes("again")
            leave(newer)
        leave(older)


@test("--read-only sends nothing and leaves the keyboard alone")
def read_only(gate, _libvirt):
    with on(gate, "web1", "--read-only") as alice:
        alice.types("qqq")
        alice.sees("[gate: not sent: you asked to read only]")
        alice.escape("t")
        alice.sees("[gate: not sent: you asked to read only]")
        with on(gate, "web1", user="bob") as bob:
            _, came = bob.echoes("bob may")
            assert b"qqq" not in came
            alice.sees("bob may")
            leave(bob)
        leave(alice)


# -- who may --

ONLY_WEB = ("[access \"web\"]\nusers = alice\nguests = web*\nmay = view type\n"
            "[access \"watch\"]\nusers = bob\nguests = web1\nmay = view\n")


@test("nothing is allowed that no section allows; forbidden is like unknown; view is not type")
def access(gate, _libvirt):
    with gate.configured(access=ONLY_WEB):
        unknown, forbidden = gate.run("nothing"), gate.run("silent")
        assert forbidden.returncode == unknown.returncode == 4
        assert forbidden.stderr.replace("silent", "nothing") == unknown.stderr
        names = [line.split()[0] for line in gate.run("list").stdout.splitlines()]
        assert names == ["NAME", "web1", "web2", "web3"], names
        with on(gate, "web1", user="bob") as bob:
            bob.types("x")
            bob.sees("[gate: not sent: you may watch this console, not type on it]")
            bob.escape("t")
            bob.sees("[gate: not sent: you may watch this console, not type on it]")
            leave(bob)
    with gate.configured(access=""):
        assert gate.run("web1").returncode == 4


@test("a right that is taken away ends what is open at the reload")
def right_taken(gate, _libvirt):
    with on(gate, "silent") as alice, on(gate, "web1", user="bob") as bob, \
            on(gate, "web2") as other:
        with gate.configured(access=ONLY_WEB):
            alice.sees("[gate: ")
            assert alice.status() == 6
            bob.sees("[gate: from now on you may watch this console, not type on it]")
            bob.types("x")
            bob.sees("[gate: not sent: you may watch this console, not type on it]")
            other.echoes("other goes on")
        bob.sees("[gate: from now on you may type on this console, too]")
        bob.echoes("again")
        leave(other)


@test("as a user: two people on a console, the keyboard, and back", group=AS_USER)
def user_keyboard(gate, _libvirt):
    with on(gate, "web1") as alice, on(gate, "web1", user="bob") as bob:
        alice.echoes("mine")
        bob.sees("alice has the keyboard")
        bob.escape("t")
        alice.sees("bob took the keyboard")
        bob.echoes("bob's")
        leave(alice)
        leave(bob)


def main():
    with guests_host() as libvirt:
        for name in ("web1", "web2", "web3", "silent"):
            libvirt.define(name)
        if wanted():
            with Gateway(libvirt) as gate:
                run(gate, libvirt)
        if not IS_ROOT:
            skip_group(AS_USER, "all of this file ran as a user")
        elif wanted(AS_USER):
            with Gateway(libvirt, as_user=True) as gate:
                run(gate, libvirt, group=AS_USER)
    sys.exit(result())


main()
