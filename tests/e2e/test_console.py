#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""On a console: getting there, the escape key, the terminal, and without one."""

import contextlib
import re
import sys
import time

from gateway import Gateway, guests_host
from libvirt_env import wait_for
from person import ESCAPE, ESCAPE_LINE, Person, leave, on
from tap import result, run, test


def is_viewed_by(gate, guest, count):
    done = gate.run(f"info {guest}")
    return f"Viewers:   {count}\n" in done.stdout


# -- to a console --

@test("first two lines as virsh prints them, echo, and ^] . is exit 0")
def first_lines(gate, libvirt):
    with Person(gate, "web1") as alice:
        assert alice.is_on("web1") == b""
        alice.echoes("echo-1")
        leave(alice)
    with contextlib.closing(libvirt.console("web2")) as virsh:
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
        time.sleep(1.5)            # an Esc with more behind it would be an arrow key
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
        assert time.monotonic() - start > 0.4
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
    with Person(gate, "web1 --escape none --timeout=6") as alice:
        alice.sees("Connected to domain 'web1'\r\n")
        alice.types(b"a" + ESCAPE + b".b")
        assert alice.sees(b"a" + ESCAPE + b".b").count(b"Escape character") == 0
        assert alice.status() == 5


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
    # What is like a terminal's answer is not sent just after a replay, nor while it is not
    # known yet who has the keyboard; and a tick would cut a sequence.
    with on(gate, "silent", "--replay-lines=0") as alice:
        alice.echoes("mine")
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
        wait_for(at_row_40, 30, "the new size to be known")
        leave(alice)


@test("help and who over a full-screen program: a page that a key ends, then the program's screen again")
def pages(gate, _libvirt):
    with on(gate, "web1") as alice:
        alice.echoes("\x1b[?1049h\x1b[2J\x1b[H")
        alice.echoes("drawn-by-the-guest")
        for key, first in (("?", "After ^]:"), ("w", "alice (you)")):
            alice.escape(key)
            alice.sees("\x1b[2J" + first, "-- any key: back --")
            alice.types("q")
            alice.sees("\x1b[2J", "drawn-by-the-guest")
        alice.echoes("typed-after-it")
        leave(alice)


# -- without a terminal --

@test("without a terminal: the guest's bytes alone on stdout, stdin to the guest, as they are")
def transparent(gate, _libvirt):
    sent = bytes(b for b in range(256) if b not in b"!#%*@")
    with gate.popen("silent --timeout=6") as ssh:
        wait_for(lambda: is_viewed_by(gate, "silent", 1), 30, "the attachment")
        out, err = ssh.communicate(sent, timeout=40)
    assert ssh.returncode == 5, (ssh.returncode, err)
    assert out == sent.replace(b"\r", b"\r\n"), out
    assert err.startswith(b"Connected to domain 'silent'\n[gate: no terminal,"), err
    assert b"ssh -t" in err and b"USER+GUEST" in err


@test("without a terminal: --quiet says nothing, --cr, an escape key only when asked for")
def quiet(gate, _libvirt):
    with gate.popen("silent --timeout=6 --quiet --cr") as ssh:
        out, err = ssh.communicate(b"one\ntwo\n" + ESCAPE + b".", timeout=40)
    assert (ssh.returncode, err) == (5, b"[gate: timed out after 6 s]\n"), (ssh.returncode, err)
    assert out == b"one\r\ntwo\r\n" + ESCAPE + b".", out
    with gate.popen("silent --escape=^]") as ssh:
        ssh.stdin.write(b"x")
        ssh.stdin.flush()
        assert ssh.stdout.read(1) == b"x"
        ssh.stdin.write(ESCAPE + b".")
        ssh.stdin.flush()
        assert ssh.wait(40) == 0


@test("without a terminal: the end of stdin leaves the guest's output on; --timeout is 5")
def stdin_ends(gate, _libvirt):
    start = time.monotonic()
    done = gate.run("web1 --timeout=6")
    assert done.returncode == 5
    assert time.monotonic() - start > 5.9
    assert len(re.findall("tick [0-9]+\n", done.stdout)) >= 2, done.stdout


@test("without a terminal: the guest's end is 6, and a guest that is off too")
def guest_ends(gate, libvirt):
    with gate.popen("web2") as ssh:
        assert re.match(rb"tick \d+\r\n|\w+", ssh.stdout.readline())
        libvirt.virsh("destroy", "web2")
        _, err = ssh.communicate(timeout=40)
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


# -- at login, and after the last one left --

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


@test("linger: a console stays open after its last viewer for that long only")
def linger(gate, libvirt):
    with gate.configured(extra={"console": ["linger = 1s"]}):
        since = len(gate.log())
        with on(gate, "web3") as alice:
            alice.sees("tick ")
            leave(alice)
        gate.wait_log("web3/serial0: nobody has watched for a while: closed", since=since)
        with contextlib.closing(libvirt.console("web3")) as virsh:
            virsh.expect_exact(ESCAPE_LINE)


# -- Linux --

@test("a Linux guest: boots on one's screen, answers, and ^C works")
def linux(gate, libvirt):
    with on(gate, "linux") as alice:
        alice.sees("linux is off")
        libvirt.virsh("start", "linux")
        alice.sees("linux: Linux ", "# ", timeout=45)
        alice.types("echo $((6*7))\r")
        alice.sees("\r\n42\r\n", "# ")
        # A shell of its own says it: ^C before the first one has begun the sleep would be lost.
        alice.types("sh -c 'echo $((6*4)) sleeps; exec sleep 1000'\r")
        alice.sees("\r\n24 sleeps\r\n")
        alice.types("\x03")
        alice.sees("^C", "# ")
        alice.types("echo back\r")
        alice.sees("\r\nback\r\n")
        leave(alice)
    libvirt.virsh("destroy", "linux")


GUESTS = ["web1", "web2", "web3", "lonely", "silent"]


def main():
    with guests_host() as libvirt:
        for name in GUESTS:
            libvirt.define(name)
        libvirt.define("two", serials=2)
        libvirt.define("none", serials=0)
        libvirt.define("linux", "linux", start=False)
        with Gateway(libvirt) as gate:
            with on(gate, "silent") as alice:
                alice.types("#")           # from here on it is
                alice.sees("#")
                leave(alice)
            run(gate, libvirt)
    sys.exit(result())


main()
