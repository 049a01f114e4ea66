#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A console's life: viewers stay through everything that happens to their guest and are told in
one line each; nothing is left behind. LIFE_CYCLES=12 is how often a container is started anew;
a quarter of that a QEMU guest, which takes longer."""

import contextlib
import os
import pathlib
import re
import signal
import sys
import time

import pexpect

from gateway import Gateway, IS_ROOT, containers, guests_host
from libvirt_env import wait_for
from person import ESCAPE_LINE, Person, in_one_line
from tap import SANITIZED, result, run, test, wanted

CYCLES = int(os.environ.get("LIFE_CYCLES", "12"))
# From the guest's start to its output on the screen: less than a pause after failures would take,
# and more than QEMU, which notices who opens its pty up to 1 s late, needs on a busy machine.
REATTACH_SECONDS = 12.0
NOTICE_SECONDS = 6.0             # a daemon that only hangs is given up after 8
CONTAINER, MIGRATION = "a container", "two hosts"
OURS = re.compile(rb"\[gate: (.*)\]\r\n")


@contextlib.contextmanager
def viewers(gate, guest, users=("alice", "bob")):
    """alice types, the others watch; all have said their first lines."""
    with contextlib.ExitStack() as stack:
        people = []
        for user in users:
            person = stack.enter_context(Person(gate, f"attach {guest} --replay-lines=0", user=user))
            person.is_on(guest.split("/")[-1])
            if people:
                person.sees("alice has the keyboard; ^] t takes it]")
            else:
                # That nobody else is there is not said.
                person.echoes("<first>")
            people.append(person)
        yield people
        for person in people:
            person.escape(".")
            assert person.status() == 0


class Told:
    """What a person reads from here on: our lines apart from the guest's output."""

    def __init__(self, person):
        self.person = person
        self.text = b""

    def lines(self):
        """Without what one can do about it, which depends on the person."""
        lines = [line.decode().split(";")[0] for line in OURS.findall(in_one_line(self.text))]
        # On a slow machine firmware's own reset is one more; and a hint is no news.
        return [line for i, line in enumerate(lines) if not line.startswith("nothing from ")
                and not (line.endswith("was reset") and line in lines[:i])]

    def reads(self, text, timeout=15):
        """Until text came; our lines so far."""
        text = text.encode()
        deadline = time.monotonic() + timeout
        while text not in in_one_line(self.text):
            left = deadline - time.monotonic()
            assert left > 0 and not self.person.is_over, f"no {text!r} in {self.text[-600:]!r}"
            self.text += self.person.reads(left)
        return self.lines()

    def is_told(self, lines, timeout):
        deadline = time.monotonic() + timeout
        while len(in_full(self.lines())) < len(lines) and time.monotonic() < deadline:
            self.text += self.person.reads(deadline - time.monotonic())
        return self.lines()


def in_full(lines):
    """Two changes that come together are told in one line."""
    full = []
    for line in lines:
        name = line.removesuffix(" has stopped and started again")
        full += [line] if name == line else [f"{name} is off now", f"{name} has started"]
    return full


def expect_told(people, act, lines, until=None, timeout=30):
    """Everybody is told these lines, each once and nothing else, and sees `until`. Seconds
    from the act's end to the last of it."""
    told = [Told(person) for person in people]
    act()
    start = time.monotonic()
    for one in told:
        got = one.is_told(lines, timeout)
        if until:
            got = one.reads(until, timeout)
        # Firmware's own reset, after one of ours, may be told when the next act is under way.
        got = [line for line in got if line in lines or not line.endswith("was reset")]
        assert lines in (got, in_full(got)), f"{one.person.tty.args[-2:]}: {got}, not {lines}"
    return time.monotonic() - start


def still_types(people, word):
    """What alice types all of them see."""
    people[0].echoes(word)
    for person in people[1:]:
        person.hears(word)


# -- one after the other --

def kill_qemu(libvirt, guest):
    pid = pathlib.Path(libvirt.base, "l/run/libvirt/qemu/run", f"{guest}.pid").read_text()
    os.kill(int(pid), signal.SIGKILL)


def shut_down(libvirt, guest):
    libvirt.virsh("shutdown", guest)
    libvirt.wait_for_state(guest, "shut off")


@test("reset, reboot, pause, shutdown, destroy, start, save: a line each, and the console goes on")
def befalls(gate, libvirt):
    off, on = "life is off now", "life has started"
    with viewers(gate, "life") as people:
        for name, act, lines, until in (
                ("reset", lambda: libvirt.virsh("reset", "life"), ["life was reset"], "tiny: ready"),
                ("reboot", lambda: libvirt.virsh("reboot", "life"), ["life was reset"], "tiny: ready"),
                ("pause", lambda: libvirt.virsh("suspend", "life"), ["life is paused"], None),
                ("resume", lambda: libvirt.virsh("resume", "life"), ["life goes on"], "tick "),
                ("shutdown", lambda: shut_down(libvirt, "life"), [off], None),
                ("start", lambda: libvirt.virsh("start", "life"), [on], "tick "),
                ("destroy", lambda: libvirt.virsh("destroy", "life"), [off], None),
                ("start paused", lambda: libvirt.virsh("start", "life", "--paused"),
                 ["life has started, paused"], None),
                ("resume", lambda: libvirt.virsh("resume", "life"), ["life goes on"], "tick "),
                ("save", lambda: libvirt.virsh("managedsave", "life"),
                 ["life was saved and is off now"], None),
                ("restore", lambda: libvirt.virsh("start", "life"),
                 ["life goes on from where it was saved"], "tick "),
                ("crash", lambda: kill_qemu(libvirt, "life"), ["life has crashed and is off now"],
                 None),
                ("start", lambda: libvirt.virsh("start", "life"), [on], "tick ")):
            took = expect_told(people, act, lines, until)
            print(f"    {name}: {took:.2f} s")
            if until:
                still_types(people, f"<{name}>")


@test(f"{CYCLES // 4} cycles of reset, and of destroy and start: back within {REATTACH_SECONDS:.0f} s, "
      "nothing left behind", limit=60 + 4 * CYCLES)
def cycles(gate, libvirt):
    cycle_guest(gate, libvirt, "life", CYCLES // 4, "tiny: ready")


def cycle_guest(gate, libvirt, guest, count, ready=None):
    """ready: what it says after a reset; None: it cannot be reset."""
    off, on = f"{guest} is off now", f"{guest} has started"
    slowest = 0.0
    with viewers(gate, guest) as people:
        before = None
        for cycle in range(count + 1):
            if ready:
                slowest = max(slowest, expect_told(people, lambda: libvirt.virsh("reset", guest),
                                                   [f"{guest} was reset"], ready))
            expect_told(people, lambda: libvirt.virsh("destroy", guest), [off])
            took = expect_told(people, lambda: libvirt.virsh("start", guest), [on])
            start = time.monotonic() - took
            slowest = max(slowest, comes_back(people[0]) - start)
            still_types(people, f"<{cycle}>")
            # The first one opens what stays open.
            before = before or left_behind(gate)
        after = left_behind(gate)
    assert after[0] == before[0], f"descriptors before and after: {before[0]} {after[0]}"
    assert SANITIZED or after[1] < before[1] + 512, f"KiB before and after: {before[1]} {after[1]}"
    assert slowest <= REATTACH_SECONDS, f"{slowest:.2f} s to come back"
    print(f"    slowest: {slowest:.2f} s; memory {after[1] - before[1]:+d} KiB")


def comes_back(person):
    """The time at which a key is answered: what is typed until then may be lost."""
    def answers():
        person.types("+")
        return b"+" in person.reads(0.02)

    wait_for(answers, 30, "a key to be answered")
    return time.monotonic()


def left_behind(gate):
    """({name of process: (how many, their descriptors)}, KiB of private memory of console)."""
    def look():
        found = {}
        for pid in gate.family():
            with contextlib.suppress(OSError):
                name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
                files = len(os.listdir(f"/proc/{pid}/fd")) if IS_ROOT else 0
                count, sum_files = found.get(name, (0, 0))
                found[name] = (count + 1, sum_files + files)
        return found

    # A child that is about to end is still counted: twice the same is what stays.
    last = [None]

    def settled():
        now = look()
        same, last[0] = now == last[0], now
        time.sleep(0.1)
        return now if same else None

    found = wait_for(settled, 30, "the processes to settle")
    memory = 0
    if IS_ROOT:
        text = pathlib.Path(f"/proc/{gate.roles()['console']}/smaps_rollup").read_text()
        memory = int(re.search(r"^Private_Dirty:\s+(\d+)", text, re.M).group(1))
    return found, memory


@test("renamed while off: those who wait are with the new name")
def renamed(gate, libvirt):
    libvirt.define("before", start=False)
    wait_for(lambda: gate.run("info before").returncode == 0, 30, "the new guest")
    with Person(gate, "attach before") as alice:
        alice.sees("[gate: before is off; waiting until it starts ")
        libvirt.virsh("domrename", "before", "after")
        alice.sees("[gate: before is called after now]")
        libvirt.virsh("start", "after")
        alice.sees("[gate: after has started]", "tick ")
        alice.echoes("<renamed>")
        libvirt.virsh("destroy", "after")
        alice.sees("after is off now")
        libvirt.virsh("undefine", "after")
        alice.sees("[gate: the guest was undefined]")
        assert alice.status() == 6


def is_robbed(person):
    """libvirt may end the stream in order, too: then it is known when the console does not open."""
    told = Told(person)
    told.reads("[gate: somebody outside ")
    told.reads(" f takes it ")
    wait_for(lambda: told.text.endswith(b"\n") or told.is_told([""] * 9, 0.1), 30, "the line's end")
    return told.lines() in (["somebody outside this gate took this console over"],
                            ["somebody outside (virsh console?) has this console"],
                            ["the console was closed",
                             "somebody outside (virsh console?) has this console"])


@test("stolen three times from outside: said once each, taken back")
def stolen(gate, libvirt):
    with viewers(gate, "life") as people:
        for _ in range(3):
            with contextlib.closing(libvirt.console("life", "--force")) as thief:
                thief.expect_exact(ESCAPE_LINE)
                for person in people:
                    assert is_robbed(person), person.tty.args[-2:]
                expect_told(people, lambda: people[0].escape("f"), ["the console is open"], "tick ")
                # virsh may say that its stream failed, and stay.
                thief.expect([pexpect.EOF, "stream had I/O failure"])
            still_types(people, "<back>")


@test("libvirtd is killed twice: noticed at once, and back soon after its return", limit=120)
def daemon_dies(gate, libvirt):
    away = "local does not answer"
    with viewers(gate, "life") as people:
        for _ in range(2):
            pid = libvirt.daemon_pid
            took = expect_told(people, lambda: os.kill(libvirt.daemon_pid, signal.SIGKILL), [away])
            assert took <= NOTICE_SECONDS, f"noticed after {took:.1f} s"
            # Its lock on the console counts until it is reaped, which not every init does at once.
            wait_for(lambda: not os.path.exists(f"/proc/{pid}"), what="libvirtd to be reaped")
            took = expect_told(people, libvirt.restart_daemon, ["local answers again"], "tick ")
            assert took <= REATTACH_SECONDS, f"back after {took:.1f} s"
            still_types(people, "<again>")


@test("serial0, serial1 and a virtio console of one guest at once: each has its own", limit=120)
def three_consoles(gate, libvirt):
    libvirt.define("three", "linux", serials=2, virtio=True, start=False)
    aliases = ("serial0", "serial1", "console1")
    wait_for(lambda: gate.run("info three").returncode == 0, 30, "the new guest")
    with contextlib.ExitStack() as stack:
        people = [stack.enter_context(Person(gate, f"attach three:{alias}")) for alias in aliases]
        for person in people:
            person.sees("three is off")
        libvirt.virsh("start", "three")
        for person, tty in zip(people, ("ttyS0", "ttyS1", "hvc0")):
            person.sees("has started")
            person.sees("# ", timeout=45)
            person.types("tty\r")
            person.sees(f"/dev/{tty}\r\n", "# ")
        # By the keyboard, and as BREAK with a key after it; the kernel answers on its console.
        gate.run("sysrq three h")
        people[0].sees("HELP : ")
        done = gate.run("break three:serial0")
        assert "BREAK sent on serial0 (QMP" in done.stdout + done.stderr, done
        people[0].types("h")
        people[0].sees("HELP : ")
        people[0].types("\r")
        people[0].sees("# ")
        for person, alias in zip(people, aliases):
            person.types(f"echo only-{alias}\r")
            person.sees(f"\r\nonly-{alias}\r\n")
            person.escape(".")
            assert person.status() == 0
            assert person.before.count(b"only-") == 0, person.before
    libvirt.virsh("destroy", "three")


# -- a container --

@test(f"{CYCLES} cycles of destroy and start: back within {REATTACH_SECONDS:.0f} s, nothing left "
      "behind", group=CONTAINER, limit=60 + 4 * CYCLES, root=True)
def container_cycles(gate, libvirt):
    cycle_guest(gate, libvirt, "box", CYCLES)


@test("paused and resumed: a line each", group=CONTAINER, root=True)
def container_paused(gate, libvirt):
    with viewers(gate, "box") as people:
        expect_told(people, lambda: libvirt.virsh("suspend", "box"), ["box is paused"])
        expect_told(people, lambda: libvirt.virsh("resume", "box"), ["box goes on"])
        still_types(people, "<goes on>")


@test("asked to shut down and to reboot from here: its init hears of it", group=CONTAINER, root=True)
def container_asked(gate, _libvirt):
    with viewers(gate, "box") as people:
        for act, lines, said in (
                ("reboot", ["box is off now", "box has started"], "rebooted (SIGHUP to its init)"),
                ("shutdown", ["box is off now"], "asked to shut down (SIGTERM to its init) and did"),
                ("start", ["box has started"], "is started")):
            done = []
            expect_told(people, lambda a=act, d=done: d.append(gate.run(f"{a} box")), lines)
            assert done[0].returncode == 0 and said in done[0].stdout + done[0].stderr, done[0]
            if act != "shutdown":
                comes_back(people[0])


# -- two hosts --

def migrate(one, two, *options):
    one.virsh("migrate", "--live", *options, "--migrateuri", "tcp:127.0.0.1", "nomad", two.uri)


@test("a guest migrates there and back: its viewers go along, told in a line, and miss "
      "nothing that is kept", group=MIGRATION, limit=90)
def migrates(gate, hosts):
    there, back = [hosts["one"], hosts["two"]], [hosts["two"], hosts["one"]]
    with viewers(gate, "one/nomad") as people:
        for (source, target), name in ((there, "two"), (back, "one")):
            took = expect_told(people, lambda: migrate(source, target, "--undefinesource",
                                                       "--persistent"),
                               [f"nomad went to {name}: this is its console there"], "tick ")
            print(f"    to {name}: {took:.2f} s")
            still_types(people, f"<at {name}>")


@test("one that stays defined where it was, and one that is migrated while nobody looks",
      group=MIGRATION, limit=90)
def stays_defined(gate, hosts):
    with viewers(gate, "one/nomad") as people:
        expect_told(people, lambda: migrate(hosts["one"], hosts["two"]),
                    ["nomad went to two: this is its console there"], "tick ")
        still_types(people, "<there>")
        done = gate.run("list")
        assert re.search(r"^one/nomad +off ", done.stdout, re.M), done.stdout
        assert re.search(r"^two/nomad +running +2 ", done.stdout, re.M), done.stdout
    migrate(hosts["two"], hosts["one"])
    with Person(gate, "attach one/nomad") as alice:
        alice.is_on("nomad")
        alice.echoes("<home>")


def main():
    with contextlib.ExitStack() as stack:
        if wanted():
            libvirt = stack.enter_context(guests_host())
            libvirt.define("life")
            run(stack.enter_context(Gateway(libvirt)), libvirt)
        libvirt = containers(stack, CONTAINER) if wanted(CONTAINER) else None
        if libvirt:
            libvirt.define("box", "lxc")
            run(stack.enter_context(Gateway(libvirt)), libvirt, group=CONTAINER)
        if wanted(MIGRATION):
            hosts = {name: stack.enter_context(guests_host()) for name in ("one", "two")}
            hosts["one"].define("nomad")
            gate = stack.enter_context(Gateway(hosts))
            run(gate, hosts, group=MIGRATION)
    sys.exit(result())


main()
