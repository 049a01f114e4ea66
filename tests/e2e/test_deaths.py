#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Who dies, who lives: kill -9 of every process, twenty times each, against the table in
docs/privsep.md. One round has a fresh gateway, for a role that died a second time is started
again only after a pause; rounds run side by side, each on guests of its own."""

import concurrent.futures
import contextlib
import itertools
import os
import re
import signal
import sys
import time

import pexpect

from gateway import IS_ROOT, Gateway, guests_host, is_alive
from libvirt_env import wait_for
from tap import result, run, test

ROUNDS = 20
LANES = 4
GONE_SECONDS = 10.0
# Only root may look into a process that is not dumpable.
COUNTS_FILES = IS_ROOT

# What the guest echoes and nobody else writes.
MARKS = "$&=+<>|;{}"


class Person:
    """Somebody at a terminal, attached to a guest."""

    def __init__(self, gate, guest, user):
        self.marks = itertools.cycle(MARKS)
        self.user = user
        self.terminal = gate.terminal(guest, user=user, key=user)
        self.terminal.expect("Connected to domain", timeout=40)

    def tries_key(self, timeout):
        mark = next(self.marks)
        self.terminal.send(mark)
        return self.terminal.expect_exact([mark, pexpect.TIMEOUT], timeout=timeout) == 0

    def is_undisturbed(self):
        """The next key is answered."""
        assert self.tries_key(30), f"{self.user}'s key is not answered: {self.terminal.before[-400:]}"

    def comes_back(self, timeout=40):
        """Keys are answered again, after a while."""
        wait_for(lambda: self.tries_key(1), timeout,
                 f"{self.user}'s keys to be answered: {self.terminal.before[-400:]}")

    def is_gone(self, timeout=30):
        self.terminal.expect(pexpect.EOF, timeout=timeout)
        self.terminal.close()

    def leave(self):
        self.terminal.close(force=True)


class Round:
    """A fresh gateway, alice and bob attached, and who belongs to whom."""

    def __init__(self, gate, guests):
        self.gate = gate
        self.guests = guests
        wait_for(lambda: gate.run("list").stdout.count("running") >= len(guests), 30, "the guests")
        wait_for(lambda: not gate.children("sshd") and not gate.children("auth"), 30,
                 "earlier sessions to end")
        self.watch = gate.children("virt")
        assert len(self.watch) == 1, f"virt's children: {self.watch}"
        self.processes = {}
        self.people = {}
        self.enter("alice")
        self.enter("bob")

    def enter(self, user):
        before = {role: set(self.gate.children(role)) for role in ("auth", "sshd", "virt")}
        person = Person(self.gate, self.guests[user], user)
        self.people[user] = person
        person.comes_back()
        new = {role: set(self.gate.children(role)) - pids for role, pids in before.items()}
        assert all(len(new[role]) == 1 for role in ("auth", "sshd")), new
        self.processes[user] = {"door": new["auth"].pop(), "session": new["sshd"].pop(),
                                "line": new["virt"].pop() if new["virt"] else None}

    def counts(self):
        """Descriptors of the processes that stay."""
        found = {}
        for name, pid in [("gate", self.gate.process.pid), *self.gate.roles().items()]:
            with contextlib.suppress(OSError):
                found[name] = len(os.listdir(f"/proc/{pid}/fd"))
        return found

    def kill(self, pid):
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_alive(pid), 30, "it to be dead")

    def kill_role(self, name):
        mark = len(self.gate.log())
        self.kill(self.gate.roles()[name])
        self.gate.wait_log(f"gate: {name} is ready again", 30, mark)

    def fresh_login(self):
        before = self.below()
        done = self.gate.run("list")
        assert done.returncode == 0 and "running" in done.stdout, (done.returncode, done.stderr)
        wait_for(lambda: self.below() <= before, 30, "the login's processes to end")

    def below(self):
        return {*self.gate.children("sshd"), *self.gate.children("auth")}

    def close(self):
        for person in self.people.values():
            person.leave()


# -- the rows of the table: each kills one process and checks the others --

def session_dies(r):
    r.kill(r.processes["alice"]["session"])
    r.people["alice"].is_gone()
    r.people["bob"].is_undisturbed()
    r.enter("alice")


def door_dies(r):
    r.kill(r.processes["alice"]["door"])
    r.people["alice"].is_undisturbed()
    r.people["bob"].is_undisturbed()
    # With a door again, for what comes.
    r.people["alice"].leave()
    wait_for(lambda: not is_alive(r.processes["alice"]["session"]), 30, "the session to end")
    r.enter("alice")


def line_dies(r):
    lines = [pid for pid in r.gate.children("virt") if pid != r.watch[0]]
    bobs = r.processes["bob"]["line"]
    assert len(lines) == 2 and bobs in lines, (lines, bobs)
    lines.remove(bobs)
    r.kill(lines[0])
    r.people["bob"].is_undisturbed()
    r.people["alice"].comes_back()


def watch_dies(r):
    r.kill(r.watch[0])
    r.people["alice"].is_undisturbed()
    r.people["bob"].is_undisturbed()
    wait_for(lambda: len(r.gate.children("virt")) == 3, 30, "a new watch")


def virt_dies(r):
    below = r.gate.children("virt")
    r.kill_role("virt")
    wait_for(lambda: not any(is_alive(pid) for pid in below), GONE_SECONDS, "its children to die with it")
    r.people["alice"].comes_back()
    r.people["bob"].comes_back()


def console_dies(r):
    lines = [pid for pid in r.gate.children("virt")]
    r.kill_role("console")
    wait_for(lambda: not any(is_alive(pid) for pid in lines), 30, "watch and lines to end")
    r.people["alice"].comes_back()
    r.people["bob"].comes_back()


def sshd_dies(r):
    r.kill_role("sshd")
    r.people["alice"].is_undisturbed()
    r.people["bob"].is_undisturbed()


def auth_dies(r):
    below = r.gate.children("auth")
    r.kill_role("auth")
    wait_for(lambda: not any(is_alive(pid) for pid in below), GONE_SECONDS, "its children to die with it")
    r.people["alice"].is_undisturbed()
    r.people["bob"].is_undisturbed()


def gate_dies(r):
    family = r.gate.family()
    os.kill(r.gate.process.pid, signal.SIGKILL)
    r.gate.process.wait()
    r.gate.process = None
    start = time.monotonic()
    wait_for(lambda: not any(is_alive(pid) for pid in family), 30, "all to exit")
    took = time.monotonic() - start
    assert took <= GONE_SECONDS, f"it took {took:.1f} s until all had exited"
    for person in r.people.values():
        person.is_gone()


ROWS = [
    ("a session's process", session_dies), ("a door's process", door_dies),
    ("a line", line_dies), ("a watch", watch_dies), ("virt's parent", virt_dies),
    ("console", console_dies), ("sshd's parent", sshd_dies), ("auth", auth_dies),
]


def same_counts(r, least, what):
    """Nothing leaks: no death leaves a process that lives with more descriptors than the fewest
    that it has had (what it was about to close counts for a moment)."""
    def more():
        return {name: (least[name], now) for name, now in r.counts().items()
                if not what.startswith(name) and now > least[name]}
    if COUNTS_FILES:
        wait_for(lambda: not more(), 30, f"no more descriptors than before {what} died: {more()}")
    for name, now in r.counts().items():
        least[name] = now if what.startswith(name) else min(now, least[name])


class Tally:
    """What each row has come to over all rounds."""

    def __init__(self):
        self.good = {}
        self.wrong = {}

    def note(self, row, error, log):
        if error is None:
            self.good[row] = self.good.get(row, 0) + 1
        else:
            self.wrong.setdefault(row, []).append((error, log))


def one_round(gate, guests, tally):
    r = Round(gate, guests)
    try:
        least = r.counts()
        for row, act in ROWS:
            mark = len(gate.log())
            try:
                act(r)
                r.fresh_login()
                same_counts(r, least, row)
            except Exception as error:  # pylint: disable=broad-except
                tally.note(row, error, gate.log(mark))
                return
            tally.note(row, None, "")
        mark = len(gate.log())
        try:
            gate_dies(r)
            tally.note("gate", None, "")
        except Exception as error:  # pylint: disable=broad-except
            tally.note("gate", error, gate.log(mark))
    finally:
        r.close()


def lane(libvirt, number, rounds, tally):
    for i in range(rounds):
        # libvirt needs a second to notice that a console's user was killed: the round after
        # has other guests.
        guests = {user: f"{user}-{number}-{i % 2}" for user in ("alice", "bob")}
        with Gateway(libvirt) as gate:
            mark = len(gate.log())
            try:
                one_round(gate, guests, tally)
            except Exception as error:  # pylint: disable=broad-except
                tally.note("the start of a round", error, gate.log(mark))


def explain(wrong):
    text = f"{len(wrong)} of {ROUNDS} rounds failed"
    for error, log in wrong[:2]:
        text += f"\n{type(error).__name__}: {error}\n" + "\n".join(log.splitlines()[-15:])
    return text


TALLY = Tally()


def add_row_test(name):
    @test(f"{ROUNDS} times: {name} dies")
    def row(*_):
        bad = TALLY.wrong.get(name) or TALLY.wrong.get("the start of a round")
        assert not bad, explain(bad)
        done = TALLY.good.get(name, 0)
        assert done == ROUNDS, f"only {done} rounds came to this"


for row_name in [*(name for name, _ in ROWS), "gate"]:
    add_row_test(row_name)


@test("a role that dies again is started after a pause, and says so", group="one gateway")
def pause(gate, _):
    for word in ("", "started again in 1 s"):
        mark = len(gate.log())
        pid = gate.roles()["auth"]
        os.kill(pid, signal.SIGKILL)
        gate.wait_log("auth is ready again", since=mark)
        assert word in gate.log(mark)
    refused = len(gate.log())
    os.kill(gate.roles()["auth"], signal.SIGKILL)
    gate.wait_log("started again in 2 s", since=refused)
    done = gate.run("list")
    assert done.returncode == 255, "let in without auth"
    gate.wait_log("refused 1 connection, from 127.0.0.1: auth, or sshd or ws, is not there", since=refused)
    gate.wait_log("auth is ready again", since=refused)
    assert gate.run("list").returncode == 0


@test("console is away for a while: who waits for it is told so once", group="one gateway")
def away(gate, _):
    alice = Person(gate, "alice-0-0", "alice")
    for word in ("", "started again in 1 s", "started again in 2 s"):
        alice.comes_back()
        mark = len(gate.log())
        os.kill(gate.roles()["console"], signal.SIGKILL)
        gate.wait_log("console is ready again", since=mark)
        assert word in gate.log(mark)
        alice.terminal.expect("the console service is back")
        said = alice.terminal.before.count(b"the gate lost its console service")
        assert said == 1, f"{said} times: {alice.terminal.before[-400:]}"
    alice.comes_back()
    alice.leave()


@test(f"{ROUNDS} sessions killed in a row leave neither processes nor descriptors", group="one gateway")
def leaks(gate, _):
    def count():
        pids = gate.family()
        return len(pids), sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids) if COUNTS_FILES else 0
    guest = "alice-0-0"
    first = Person(gate, guest, "bob")
    first.comes_back()
    before = count()
    for _ in range(ROUNDS):
        others = set(gate.children("sshd"))
        person = Person(gate, guest, "alice")
        os.kill((set(gate.children("sshd")) - others).pop(), signal.SIGKILL)
        person.is_gone()
    wait_for(lambda: count() == before, 30, f"as many as before: {before}, not {count()}")
    first.is_undisturbed()
    first.leave()
    # Looking for leaks takes ptrace: that says so, where a process ends by itself.
    said = re.findall(".*(?:segfault|AddressSanitizer|runtime error|assert).*", gate.log())
    assert not said, "\n".join(said)


def main():
    if not COUNTS_FILES:
        print("skip that deaths leave no descriptors: counting them needs root", flush=True)
    with guests_host() as libvirt:
        for number in range(LANES):
            for user, i in itertools.product(("alice", "bob"), (0, 1)):
                libvirt.define(f"{user}-{number}-{i}")
        with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
            list(pool.map(lambda n: lane(libvirt, n, ROUNDS // LANES, TALLY), range(LANES)))
        run()
        with Gateway(libvirt) as gate:
            wait_for(lambda: "running" in gate.run("list").stdout, 30, "the guests")
            run(gate, libvirt, group="one gateway")
    sys.exit(result())


main()
