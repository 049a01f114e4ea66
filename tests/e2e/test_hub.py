#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the hub keeps and does: replay, boots, readers, captured consoles, company, acts."""

import re
import sys
import time

from gateway import Gateway, guests_host
from libvirt_env import wait_for
from person import OURS, leave, on
from tap import result, run, test

ACCESS = """[access "all"]
users = alice
guests = *
may = view type power break kick share
[access "some"]
users = bob
guests = *
may = view type
[access "watchers"]
users = carol
guests = hub1
may = view
"""
QUICK = {"console": ["ring = 64KiB"]}


def configured(gate, *lines):
    return gate.configured(extra={"console": [*gate.extra["console"], *lines]})


def log(gate, *words, user="alice"):
    done = gate.run("log", *words, user=user, key=user)
    assert done.returncode == 0, (words, done)
    return done.stdout



def lines_of(gate):
    return len(gate.children("virt"))


# -- what is kept --

@test("what was printed while nobody watched is there for who comes back, from where they left")
def since_left(gate, _libvirt):
    with on(gate, "hub1") as alice:
        alice.sees("tick ")
        alice.echoes("seen-by-alice")
        leave(alice)
    with on(gate, "hub1", user="bob") as bob:
        bob.echoes("while-away")
        bob.sees("tick ", "tick ")
        leave(bob)
    missed = log(gate, "hub1", "--from", "left", "--raw")
    assert "while-away" in missed and "seen-by-alice" not in missed, missed


@test("a reader opens no line, is nobody's company and never gets the keyboard")
def readers(gate, _libvirt):
    before = lines_of(gate)
    assert log(gate, "unwatched") == ""
    assert lines_of(gate) == before
    with on(gate, "hub1") as alice:
        alice.echoes("to-be-read")
        assert "to-be-read" in log(gate, "hub1", user="bob")
        alice.types(b"again")
        alice.sees("again")
        leave(alice)
        assert b"bob" not in alice.before


@test("the start of a boot is kept however much is printed after it")
def boots_kept(gate, libvirt):
    with on(gate, "boots") as alice:
        alice.sees("tick ")
        libvirt.virsh("reset", "boots")
        alice.sees("tiny: ready")
        alice.types("!")
        alice.sees("00000100")
        # A ring of 64 KiB is overrun; the first 256 KiB of the boot are not what falls out.
        wait_for(lambda: len(log(gate, "boots", "--boot", "--raw")) > 150000, 30,
                 "the flood to be long enough")
        alice.types("x")
        leave(alice)
    kept = log(gate, "boots", "--boot", "--raw")
    assert "tiny: ready" in kept[:200], kept[:300]
    assert len(kept) > 150000, len(kept)


@test("after linger the line closes, and what was printed stays")
def lingers(gate, _libvirt):
    with configured(gate, "linger = 1s"):
        with on(gate, "brief") as alice:
            alice.echoes("to-be-kept")
            leave(alice)
        before = lines_of(gate)
        wait_for(lambda: "closed" in gate.log() and "brief/serial0: nobody has watched" in gate.log(),
                 30, "the line to be closed")
        wait_for(lambda: lines_of(gate) < before, 30, "its process to end")
        assert "to-be-kept" in log(gate, "brief")


@test("captured: what a guest prints that nobody ever watched, also one that comes later")
def captured(gate, libvirt):
    with configured(gate, "capture = always"):
        wait_for(lambda: "tick" in log(gate, "unwatched"), 30, "a tick of it")
        libvirt.define("later")
        wait_for(lambda: "tick" in log(gate, "later"), 30, "a tick of the later one")
        assert "Viewers:   0\n" in gate.run("info later").stdout or \
            "Viewers" not in gate.run("info later").stdout
        libvirt.virsh("destroy", "later")


# -- company --

@test("who is where, since when; who may not see a guest does not see who is there")
def company(gate, _libvirt):
    with on(gate, "hub1") as alice, on(gate, "hub2", user="bob") as bob:
        everybody = gate.run("who").stdout
        assert re.search(r"alice.*hub1|hub1.*alice", everybody, re.S), everybody
        assert "bob" in everybody and "hub2" in everybody
        seen = gate.run("who", user="carol", key="carol").stdout
        assert "alice" in seen and "bob" not in seen and "hub2" not in seen, seen
        assert gate.run("who hub2", user="carol", key="carol").returncode == 4
        leave(alice)
        leave(bob)


@test("kick: whoever may ends somebody's visit; who may not is told which right it takes")
def kicked(gate, _libvirt):
    with on(gate, "hub2", user="bob") as bob:
        refused = gate.run("kick alice", user="bob", key="bob")
        assert refused.returncode == 1, refused
        with on(gate, "hub1") as alice:
            refused = gate.run("kick alice", user="bob", key="bob")
            assert refused.returncode == 3 and "'kick'" in refused.stderr, refused
            leave(alice)
        done = gate.run("kick bob")
        assert done.returncode == 0, done
        bob.sees("kicked by alice")
        assert bob.status() == 1
    for command in ("wait hub2 --for never", "attach hub2", "log hub2 --follow"):
        script = gate.popen(command, user="bob", key="bob")
        wait_for(lambda: "bob" in gate.run("who hub2").stdout, 30, f"{command} to be there")
        assert gate.run("kick bob").returncode == 0
        said = script.communicate(timeout=30)[1]
        assert script.returncode == 1 and b"kicked by alice" in said, (command, script, said)
    assert gate.run("kick nobody-at-all").returncode == 1


@test("an idle keyboard goes to who asks")
def idle_keyboard(gate, _libvirt):
    with configured(gate, "keyboard-idle = 5s"):
        with on(gate, "hub1") as alice, on(gate, "hub1", user="bob") as bob:
            alice.echoes("mine")
            bob.types("x")
            bob.sees("alice has the keyboard")
            time.sleep(5.1)
            bob.escape("t")
            bob.sees("you have the keyboard")
            bob.echoes("now-bobs")
            alice.sees("now-bobs")
            leave(alice)
            leave(bob)


# -- acts --

@test("power: the right is asked for and named; a beginning of a name is not enough")
def power_rights(gate, libvirt):
    refused = gate.run("reset hub1", user="bob", key="bob")
    assert refused.returncode == 3 and "'power'" in refused.stderr, refused
    assert gate.run("reset hub").returncode == 4
    assert gate.run("reset hub1", user="carol", key="carol").returncode == 3
    assert gate.run("reset hub2", user="carol", key="carol").returncode == 4
    assert libvirt.state("hub1") == "running"


def prints(person, text):
    """Waits for what the guest prints, also where a line of ours came in the middle of it."""
    came = b""
    while text not in OURS.sub(b"", came):
        more = person.reads(30)
        assert more, came
        came += more


@test("started while somebody waits for it: the first byte it prints is the first one shown")
def first_byte(gate, libvirt):
    libvirt.virsh("destroy", "starts")
    with on(gate, "starts") as alice:
        alice.sees("is off")
        for _ in range(3):
            done = gate.run("start starts")
            assert done.returncode == 0, done
            prints(alice, b"tiny: ready")
            wait_for(lambda: "tick 1" in log(gate, "starts", "--boot", "--raw"), 30, "its ticks")
            kept = log(gate, "starts", "--boot", "--raw")
            assert kept.lstrip("\r\n").startswith("tiny: ready"), kept[:80]
            assert gate.run("poweroff starts").returncode == 0
            alice.sees("starts is off now")
        leave(alice)


@test("start goes on with a paused guest; an act that libvirt refuses is 1")
def paused(gate, libvirt):
    libvirt.virsh("suspend", "hub2")
    assert gate.run("start hub2").returncode == 0
    assert libvirt.state("hub2") == "running"
    assert gate.run("start hub2").returncode == 1
    assert gate.run("sysrq hub2 h").returncode in (0, 1)


def main():
    with guests_host() as libvirt:
        for name in ("hub1", "hub2", "boots", "brief", "starts", "unwatched"):
            libvirt.define(name)
        with Gateway(libvirt, extra=QUICK, access=ACCESS) as gate:
            gate.make_key("carol")
            gate.authorize("carol", "carol")
            run(gate, libvirt)
    sys.exit(result())


main()
