#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""On a console: real guests, real clients, and what befalls either of them."""

import contextlib
import os
import re
import signal
import sys
import time

import pexpect

from gateway import Gateway, IS_ROOT, guests_host
from libvirt_env import wait_for
from person import ESCAPE, ESCAPE_LINE, Person, in_one_line
from tap import result, run, skip_group, test, wanted

AS_USER = "as a user"


@contextlib.contextmanager
def on(gate, guest, *options, user="alice", **how):
    """Somebody on a guest's console."""
    with Person(gate, " ".join(["attach", guest, *options]), user=user, **how) as person:
        person.is_on(guest.split(":")[0].split("/")[-1])
        yield person


def outside(libvirt, guest, *options):
    """virsh console in a terminal of its own."""
    return pexpect.spawn("virsh", ["-c", libvirt.uri, "console", guest, *options], timeout=15)


@contextlib.contextmanager
def configured(gate, **what):
    """Another configuration for a while: extra=, access=."""
    before = gate.extra, gate.access
    gate.extra, gate.access = what.get("extra", gate.extra), what.get("access", gate.access)
    try:
        gate.write_config()
        gate.reload()
        yield
    finally:
        gate.extra, gate.access = before
        gate.write_config()
        gate.reload()


def is_viewed_by(gate, guest, count):
    done = gate.run(f"info {guest}")
    return f"Viewers:   {count}\n" in done.stdout


def leave(person):
    person.escape(".")
    assert person.status() == 0


# -- to a console --

@test("first two lines as virsh prints them, echo, and ^] . is exit 0")
def first_lines(gate, libvirt):
    with Person(gate, "web1") as alice:
        assert alice.is_on("web1") == b""
        alice.echoes("echo-1")
        leave(alice)
    with contextlib.closing(outside(libvirt, "web2")) as virsh:
        virsh.expect_exact(ESCAPE_LINE)
        assert virsh.before.endswith(b"Connected to domain 'web2'\r\n"), virsh.before


@test("a guest by UUID, host/name, name:alias, UUID:alias, --device, a beginning, user+guest")
def by_what(gate, libvirt):
    for words in ([libvirt.uuid("web1")], ["local/web1"], ["web1:serial0"], ["local/web1:serial0"],
                  [libvirt.uuid("web1") + ":serial0"], ["attach", "web1"],
                  ["web1", "--device=serial0"], ["attach --device serial0 web1"],
                  ["lone"], ["'web1'"]):
        with Person(gate, " ".join(words)) as alice:
            alice.is_on("lonely" if words == ["lone"] else "web1")
            leave(alice)
    for user in ("alice+web1", "alice+web1+quiet", "alice+web1:serial0",
                 "alice+web1+device=serial0"):
        with Person(gate, user=user) as alice:
            if user.endswith("quiet"):
                alice.echoes("quiet one")
            else:
                alice.is_on("web1")
            leave(alice)


@test("two consoles of a guest are two: what is typed on one is not on the other")
def two_consoles(gate, _libvirt):
    with on(gate, "two:serial1") as second, on(gate, "two") as first:
        first.echoes("on-the-first")
        second.escape("w")
        second.sees("on serial1, has the keyboard")
        assert b"on-the-first" not in second.before
        leave(first)
        leave(second)


@test("an ambiguous beginning, an unknown guest, no such console, no console at all: 4")
def refused(gate, _libvirt):
    for words, text in (("web", "'web' fits 3 guests"), ("nix", "no guest called 'nix'"),
                        ("web1:serial7", "has no console 'serial7'; it has: serial0"),
                        ("web1 --device=serial7", "has no console 'serial7'"),
                        ("none", "<serial type='pty'/>")):
        with Person(gate, words) as alice:
            alice.sees(text)
            assert alice.status() == 4, words


# -- the escape key --

@test("^] d, q and . detach; doubled sends one; Esc cancels; an unknown key reminds")
def escape_keys(gate, _libvirt):
    for key in "dq":
        with on(gate, "web1") as alice:
            alice.escape(key)
            assert alice.status() == 0
    with on(gate, "web1") as alice:
        alice.types(b"a" + ESCAPE + ESCAPE + b"b")
        alice.sees(b"a" + ESCAPE + b"b")
        alice.types(ESCAPE + b"\x1b")
        time.sleep(0.1)            # an Esc with more behind it would be an arrow key
        alice.echoes("cancelled.")
        alice.escape("X")
        alice.sees("[gate: ^] then . leave,")
        _, came = alice.echoes("still here")
        assert b"X" not in came
        leave(alice)


@test("half a second after ^] the reminder comes by itself, and ^] stays armed")
def reminder(gate, _libvirt):
    with on(gate, "web1") as alice:
        alice.echoes("ready")
        start = time.monotonic()
        alice.types(ESCAPE)
        alice.sees("[gate: ^] then . leave,")
        assert 0.4 < time.monotonic() - start < 1.2
        assert len(alice.sees("]\r\n")) < 80 - len("[gate: ^] then . leave,]")
        alice.types(".")
        assert alice.status() == 0


@test("the escape key as kitty and as xterm's modifyOtherKeys send it")
def escape_forms(gate, _libvirt):
    for form in (b"\x1b[93;5u.", b"\x1b[27;5;93~.", b"\x1b[93;5u\x1b[46u"):
        with on(gate, "web1") as alice:
            alice.types(form)
            assert alice.status() == 0


@test("help, and on a low window in pages")
def help_page(gate, _libvirt):
    with on(gate, "web1") as alice:
        alice.escape("?")
        alice.sees("After ^]:", "take the keyboard", "send one ^] to the guest")
        alice.escape("h")
        alice.sees("After ^]:")
        leave(alice)
    with on(gate, "web1", rows=6) as alice:
        alice.escape("?")
        alice.sees("After ^]:", "any key: more")
        assert b"take the keyboard" not in alice.before
        alice.types(" ")
        alice.sees("any key: more")
        alice.types("q")
        alice.echoes("for the guest")
        leave(alice)


@test("^] m and detaching from the menu's choice lead to the menu")
def to_the_menu(gate, _libvirt):
    with on(gate, "web1") as alice:
        alice.escape("m")
        alice.sees("GUEST", "web1")
        alice.types("q")
        assert alice.status() == 0


@test("--escape: another key, or none")
def other_escape(gate, _libvirt):
    with Person(gate, "web1 --escape=^A") as alice:
        alice.sees("Connected to domain 'web1'\r\nEscape character is ^A (Ctrl + A)\r\n")
        alice.types(b"a" + ESCAPE + b"b")
        alice.sees(b"a" + ESCAPE + b"b")
        alice.types("\x01.")
        assert alice.status() == 0
    with Person(gate, "web1 --escape none --timeout=2") as alice:
        alice.sees("Connected to domain 'web1'\r\n")
        alice.types(b"a" + ESCAPE + b".b")
        assert alice.sees(b"a" + ESCAPE + b".b").count(b"Escape character") == 0
        assert alice.status() == 5


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


# -- the terminal --

# What a guest may leave switched on, and what switches it off again.
MODES = [("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?1000h", "\x1b[?1000l"),
         ("\x1b[?1006h", "\x1b[?1006l"), ("\x1b[?1004h", "\x1b[?1004l"),
         ("\x1b[?2004h", "\x1b[?2004l"), ("\x1b[?1h", "\x1b[?1l"),
         ("\x1b[?25l", "\x1b[?25h"), ("\x1b[>1u", "\x1b[<1u"), ("\x1b[>4;2m", "\x1b[>4"),
         ("\x1b[4h", "\x1b[4l"), ("\x1b[5;10r", "\x1b[r"), ("\x1b=", "\x1b>"),
         ("\x1b[31;1m", "\x1b[")]


@test("on detach the terminal is put back as it was")
def put_back(gate, _libvirt):
    with on(gate, "web1") as alice:
        for mode, _ in MODES:
            alice.echoes(mode)
        alice.echoes("all of them")
        alice.escape(".")
        assert alice.status() == 0
        after = alice.before
        for mode, reset in MODES:
            assert reset.encode() in after, (mode, after)
    with on(gate, "web1") as alice:
        alice.echoes("plain")
        alice.escape(".")
        assert alice.status() == 0
        assert b"\x1b" not in alice.before, alice.before


@test("a line of ours on the bottom row of an alternate screen, also after a window change")
def bottom_row(gate, _libvirt):
    with on(gate, "web1") as alice:
        alice.echoes("\x1b[?1049h")
        alice.echoes("drawn")
        alice.escape("X")
        alice.sees("\x1b[24;1H\x1b[m\x1b[K\x1b[7m[gate: ^] then")
        alice.tty.setwinsize(40, 100)

        def at_row_40():
            alice.escape("X")
            alice.sees(";1H\x1b[m\x1b[K\x1b[7m[gate: ^] then")
            return alice.before.endswith(b"\x1b[40")
        wait_for(at_row_40, 10, "the new size to be known")
        leave(alice)


# -- without a terminal --

@test("without a terminal: the guest's bytes alone on stdout, stdin to the guest, as they are")
def transparent(gate, _libvirt):
    sent = bytes(b for b in range(256) if b not in b"!#%*@")
    with gate.popen("silent --timeout=2") as ssh:
        wait_for(lambda: is_viewed_by(gate, "silent", 1), 10, "the attachment")
        out, err = ssh.communicate(sent, timeout=20)
    assert ssh.returncode == 5, (ssh.returncode, err)
    assert out == sent.replace(b"\r", b"\r\n"), out
    assert err.startswith(b"Connected to domain 'silent'\n[gate: no terminal,"), err
    assert b"ssh -t" in err and b"USER+GUEST" in err


@test("without a terminal: --quiet says nothing, --cr, an escape key only when asked for")
def quiet(gate, _libvirt):
    with gate.popen("silent --timeout=2 --quiet --cr") as ssh:
        out, err = ssh.communicate(b"one\ntwo\n" + ESCAPE + b".", timeout=20)
    assert (ssh.returncode, err) == (5, b"[gate: timed out after 2 s]\n"), (ssh.returncode, err)
    assert out == b"one\r\ntwo\r\n" + ESCAPE + b".", out
    with gate.popen("silent --escape=^]") as ssh:
        ssh.stdin.write(b"x" + ESCAPE + b".")
        ssh.stdin.flush()
        assert ssh.wait(15) == 0


@test("without a terminal: the end of stdin leaves the guest's output on; --timeout is 5")
def stdin_ends(gate, _libvirt):
    start = time.monotonic()
    done = gate.run("web1 --timeout=3")
    assert done.returncode == 5
    assert 2.9 < time.monotonic() - start < 6
    assert len(re.findall("tick [0-9]+\n", done.stdout)) >= 2, done.stdout


@test("without a terminal: the guest's end is 6, and a guest that is off too")
def guest_ends(gate, libvirt):
    with gate.popen("web2") as ssh:
        assert re.match(rb"tick \d+\r\n|\w+", ssh.stdout.readline())
        libvirt.virsh("destroy", "web2")
        _, err = ssh.communicate(timeout=20)
        assert ssh.returncode == 6, (ssh.returncode, err)
        assert b"[gate: web2 is off now]\n" in err, err
    done = gate.run("web2")
    assert done.returncode == 6 and "[gate: web2 is off]\n" in done.stderr, done
    libvirt.virsh("start", "web2")


@test("without a terminal: --wait waits for the start and stays through a stop")
def wait_option(gate, libvirt):
    libvirt.virsh("destroy", "web2")
    with gate.popen("web2 --wait") as ssh:
        seen = b""
        while b"web2 is off; waiting until it starts]\n" not in seen:
            seen += ssh.stderr.readline()
        for _ in range(2):
            libvirt.virsh("start", "web2")
            line = b""
            while not line.startswith(b"tick "):
                line = ssh.stdout.readline()
            libvirt.virsh("destroy", "web2")
            while b"web2 is off now; waiting until it starts" not in seen:
                seen += ssh.stderr.readline()
            assert ssh.poll() is None
            seen = b""
        ssh.kill()
    libvirt.virsh("start", "web2")


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
    wait_for(lambda: gate.run("info passing").returncode == 0, 10, "the new guest")
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
    with contextlib.closing(outside(libvirt, "free")) as virsh:
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
            with contextlib.closing(outside(libvirt, "free", "--force")) as thief:
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
    with contextlib.closing(outside(libvirt, "free2")) as virsh:
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
        assert slowest < 0.5, slowest
        alice.sees("tick ")
        alice.sees("[gate: the guest does not read what is typed: ", timeout=20)
        alice.sees("tick ")
        start = time.monotonic()
        leave(alice)
        assert time.monotonic() - start < 1
        assert bob.echoes("after")[0] < 0.5
    for size, limit in ((20000, 1), (60000, 1), (300000, 2)):
        with on(gate, "deaf") as alice:
            alice.sees("tick ")
            alice.types(b"x" * size)
            start = time.monotonic()
            leave(alice)
            assert time.monotonic() - start < limit, size
    assert libvirt.daemon_pid == daemon, "libvirtd did not survive it"
    libvirt.virsh("destroy", "deaf")       # its line would be opened anew in other tests


FLOOD_LINE = rb"\n(1\d{9}) abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM\r"


@test("a flood: one who stopped costs the others no byte, and is told the gap afterwards", limit=90)
def flood(gate, _libvirt):
    with configured(gate, extra={"console": ["ring = 64KiB"]}), \
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
        assert time.monotonic() - start < 1.5
    with on(gate, "flood") as alice:
        alice.types(".")
        alice.sees("tick ")
        leave(alice)


# -- who may --

ONLY_WEB = ("[access \"web\"]\nusers = alice\nguests = web*\nmay = view type\n"
            "[access \"watch\"]\nusers = bob\nguests = web1\nmay = view\n")


@test("nothing is allowed that no section allows; forbidden is like unknown; view is not type")
def access(gate, _libvirt):
    with configured(gate, access=ONLY_WEB):
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
    with configured(gate, access=""):
        assert gate.run("web1").returncode == 4


@test("a right that is taken away ends what is open within 5 s of the reload")
def right_taken(gate, _libvirt):
    with on(gate, "silent") as alice, on(gate, "web1", user="bob") as bob, \
            on(gate, "web2") as other:
        start = time.monotonic()
        with configured(gate, access=ONLY_WEB):
            alice.sees("[gate: ")
            assert alice.status() == 6
            bob.sees("[gate: from now on you may watch this console, not type on it]")
            bob.types("x")
            bob.sees("[gate: not sent: you may watch this console, not type on it]")
            other.echoes("other goes on")
        assert time.monotonic() - start < 5
        bob.sees("[gate: from now on you may type on this console, too]")
        bob.echoes("again")
        leave(other)


@test("linger: a console stays open after its last viewer for that long only")
def linger(gate, libvirt):
    with configured(gate, extra={"console": ["linger = 1s"]}):
        since = len(gate.log())
        with on(gate, "web3") as alice:
            alice.sees("tick ")
            leave(alice)
        gate.wait_log("web3/serial0: nobody has watched for a while: closed", since=since)
        with contextlib.closing(outside(libvirt, "web3")) as virsh:
            virsh.expect_exact(ESCAPE_LINE)


@test("what PAM has to say at login is shown")
def pam_notice(gate, _libvirt):
    with open(gate.path("pam/serialgate"), encoding="utf-8") as f:
        before = f.read()
    try:
        gate.write_pam(before + "account optional pam_echo.so tonight: maintenance of %u\n")
        with Person(gate, "web1") as alice:
            alice.sees(ESCAPE_LINE, "[gate: tonight: maintenance of alice]\r\n")
            leave(alice)
        done = gate.run("list")
        assert "maintenance" not in done.stdout
    finally:
        gate.write_pam(before)


# -- Linux --

@test("a Linux guest: boots on one's screen, answers, and ^C works")
def linux(gate, libvirt):
    with on(gate, "linux") as alice:
        alice.sees("linux is off")
        libvirt.virsh("start", "linux")
        alice.sees("linux: Linux ", "# ", timeout=45)
        alice.types("echo $((6*7))\r")
        alice.sees("\r\n42\r\n", "# ")
        alice.types("echo $((6*4)) sleeps; sleep 1000\r")
        alice.sees("\r\n24 sleeps\r\n")
        alice.types("\x03")
        alice.sees("^C", "# ")
        alice.types("echo back\r")
        alice.sees("\r\nback\r\n")
        leave(alice)
    libvirt.virsh("destroy", "linux")


# -- what dies and comes back; last, because everything is shaken --

@test("a line that is killed is opened again")
def line_killed(gate, _libvirt):
    wait_for(lambda: gate.children("virt"), 10, "the watch of a gateway that has just begun")
    before = set(gate.children("virt"))
    with on(gate, "fresh") as alice:
        alice.echoes("before")
        # That of a guest that a test before has ended may be opened once more, in vain.
        wait_for(lambda: len(set(gate.children("virt")) - before) == 1, 10, "one new line")
        line = (set(gate.children("virt")) - before).pop()
        os.kill(line, signal.SIGKILL)
        wait_for(lambda: set(gate.children("virt")) - before - {line}, 10, "a new line")
        alice.sees("tick ")
        alice.echoes("after")
        leave(alice)


def told_once(person, text, timeout):
    person.sees(text, timeout=timeout)
    assert person.before.count(b"[gate: ") == 0, person.before


@test("libvirtd dies and comes back: a line each, the console goes on")
def daemon_dies(gate, libvirt):
    with on(gate, "web1") as alice:
        alice.echoes("before")
        libvirt.kill_daemon()
        told_once(alice, "[gate: local does not answer; waiting for it (^] . leaves)]", 10)
        done = gate.run("list")
        assert done.returncode == 0 and "no answer from: local" in done.stderr, done
        libvirt.restart_daemon()
        told_once(alice, "[gate: local answers again]", 20)
        alice.sees("tick ", timeout=20)
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
            told_once(alice, "[gate: local does not answer; waiting for it (^] . leaves)]", 12)
            while time.monotonic() - start < 12:
                asked = time.monotonic()
                assert gate.run("list").returncode == 0
                assert time.monotonic() - asked < 1
                time.sleep(0.5)
            with Person(gate, "web3") as carol:
                carol.sees("local does not answer")
                leave(carol)
        finally:
            libvirt.resume_daemon()
        told_once(alice, "[gate: local answers again]", 30)
        told_once(bob, "[gate: local does not answer; waiting for it (^] . leaves)]", 1)
        told_once(bob, "[gate: local answers again]", 5)
        alice.sees("tick ", timeout=20)
        alice.echoes("after")
        bob.echoes("after")
        leave(alice)
        leave(bob)


# -- the whole gateway as an ordinary user --

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


GUESTS = ["web1", "web2", "web3", "lonely", "silent", "deaf", "flood", "free", "free2", "fresh"]


def prepare(libvirt):
    for name in GUESTS:
        libvirt.define(name)
    libvirt.define("two", serials=2)
    libvirt.define("none", serials=0)
    libvirt.define("linux", "linux", start=False)


def main():
    with guests_host() as libvirt:
        prepare(libvirt)
        if wanted():
            with Gateway(libvirt) as gate:
                # Its own gateway's first viewer silences it; the next ones find it so.
                with on(gate, "silent") as alice:
                    alice.types("#")
                    alice.sees("#")
                    leave(alice)
                run(gate, libvirt)
        if not IS_ROOT:
            skip_group(AS_USER, "all of this file ran as a user")
        elif wanted(AS_USER):
            # The one before was in the middle of things; libvirt notices a second later.
            for name in ("web1", "web2", "fresh"):
                libvirt.virsh("destroy", name)
                libvirt.virsh("start", name)
            with Gateway(libvirt, as_user=True) as gate:
                run(gate, libvirt, group=AS_USER)
    sys.exit(result())


main()
