#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The menu, as it looks on screens of several sizes and on none at all."""

import contextlib
import os
import sys
import tempfile
import time

from gateway import Gateway, IS_ROOT, guests_host
from libvirt_env import wait_for
from person import Person, Screen
from tap import result, run, skip_group, test, wanted

SIZES = ((10, 40), (24, 80), (60, 200))
MANY, AS_USER = "many guests", "as a user"
COUNT = 2000
# What libvirt takes in a name and a terminal must not get.
NASTY = {"evil\u009d0;title\u009c": "evil\\u{9d}0;title\\u{9c}", "evil\u009b31m": "evil\\u{9b}31m",
         "evil\u202egpj": "evil\\u{202e}gpj"}
WIDE = "數據庫服務器"
LONG = "a-guest-with-a-name-that-is-much-longer-than-most-names-of-guests-are-" + "x" * 60


class OfflineHost:
    """A host of libvirt's test driver, which lives in the one who asks: definitions alone."""

    def __init__(self, names, user="nobody"):
        self.user = user
        self.dir = tempfile.mkdtemp(prefix="sg-menu.", dir="/tmp")
        os.chmod(self.dir, 0o755)
        path = os.path.join(self.dir, "node.xml")
        with open(path, "w", encoding="utf-8") as f:
            f.write("<node>" + "".join(map(self._domain, range(len(names)), names)) + "</node>")
        os.chmod(path, 0o644)
        self.uri = f"test://{path}"

    @staticmethod
    def _domain(number, name):
        return (f"<domain type='test'><name>{name}</name><memory>1024</memory>"
                f"<uuid>00000000-0000-4000-8000-{number:012x}</uuid><os><type>hvm</type></os>"
                "<devices><serial type='pty'><alias name='serial0'/></serial></devices></domain>")

    def close(self):
        os.unlink(os.path.join(self.dir, "node.xml"))
        os.rmdir(self.dir)


@contextlib.contextmanager
def offline_host(names):
    host = OfflineHost(names)
    try:
        yield host
    finally:
        host.close()


@contextlib.contextmanager
def menu(gate, rows=24, cols=80, **how):
    """Somebody at the menu."""
    with Screen(gate, rows=rows, cols=cols, **how) as screen:
        # The last row, too: a picture may come in pieces.
        screen.until("GUEST")
        screen.until(lambda: "q leave" in screen.lines[-1])
        yield screen


@contextlib.contextmanager
def access(gate, text):
    """Other access rules for a while."""
    before, gate.access = gate.access, text
    try:
        gate.write_config()
        gate.reload()
        yield
    finally:
        gate.access = before
        gate.write_config()
        gate.reload()


def selected(screen):
    """The label of the selected row."""
    for line in screen.lines:
        if line.startswith("> "):
            return line[2:].split()[0]
    return None


def leave(screen, keys="q"):
    screen.types(keys)
    assert screen.status() == 0


# -- what it shows --

@test("the list on 40x10, 80x24 and 200x60: title, heads, every guest in a row, the keys")
def sizes(gate, _libvirt):
    for rows, cols in SIZES:
        with menu(gate, rows, cols) as s:
            count = 11
            s.until(lambda: s.lines[0].endswith(f"{count} guests") and "q leave" in s.lines[-1] and
                    len([line for line in s.lines[2:-1] if line]) == min(len(s.lines) - 3, count))
            assert s.lines[0].startswith("serialgate alice"), s.framed()
            assert s.lines[0].endswith(f"{count} guests"), s.framed()
            assert "STATE" in s.lines[1], s.framed()
            assert s.lines[rows - 1].startswith("Enter attach"), s.framed()
            assert "q leave" in s.lines[rows - 1], s.framed()
            shown = [line for line in s.lines[2:rows - 1] if line]
            assert len(shown) == min(rows - 3, count), s.framed()
            assert all(line[:2] in ("> ", "  ") for line in shown), s.framed()
            leave(s)


@test("the rows of the list do not run over the screen's edge, whatever the names")
def no_overflow(gate, _libvirt):
    for rows, cols in SIZES + ((5, 20), (2, 10), (1, 1)):
        with Screen(gate, rows=rows, cols=cols) as s:
            s.until(lambda: s.raw.count(b"\x1b[") > 5, what="a picture")
            s.types("G")
            s.types("k")
            s.look(0.2)
            assert len(s.lines) == rows
            leave(s)


@test("names with escape sequences and bidi controls are shown escaped, wide ones in columns")
def names(gate, _libvirt):
    with menu(gate, 24, 100) as s:
        for shown in (*NASTY.values(), WIDE, "web3"):
            s.until(shown)
        assert not any(raw in s.raw for raw in (b"\xc2\x9b", b"\xc2\x9d", b"\xe2\x80\xae"))
        assert s.screen.title == ""
        column = s.lines[1].index("STATE")
        for row in range(2, 13):
            cells = "".join(s.screen.buffer[row][x].data for x in range(column, column + 7)).strip()
            assert cells in ("running", "off"), s.framed()
        leave(s)


@test("without UTF-8 only ASCII is sent")
def ascii_only(gate, _libvirt):
    with menu(gate, 24, 100, lang=False) as s:
        s.until("\\u{6578}")
        assert all(b < 0x80 for b in s.raw), s.raw
        leave(s)


@test("states change while it is shown; guests come and go")
def live_states(gate, libvirt):
    with menu(gate) as s:
        s.until(lambda: "running" in s.lines[s.row_of("web2")])
        libvirt.virsh("suspend", "web2")
        s.until(lambda: "paused" in s.lines[s.row_of("web2")], 5)
        libvirt.virsh("resume", "web2")
        s.until(lambda: "running" in s.lines[s.row_of("web2")], 5)
        libvirt.virsh("destroy", "web2")
        s.until(lambda: "off" in s.lines[s.row_of("web2")], 5)
        libvirt.virsh("start", "web2")
        s.until(lambda: "running" in s.lines[s.row_of("web2")], 5)
        libvirt.define("passing", start=False)
        s.until("passing", 5)
        s.until("12 guests", 5)
        libvirt.virsh("undefine", "passing")
        s.until(lambda: "passing" not in s.text, 5)
        leave(s)


@test("who is on a guest is shown as they come and go")
def who_is_on(gate, _libvirt):
    with menu(gate, cols=100) as s:
        with Person(gate, "web1", user="bob") as bob:
            bob.is_on("web1")
            s.until(lambda: "1 here, keyboard: bob" in s.lines[s.row_of("web1")], 5)
            with Person(gate, "web1 --read-only") as other:
                other.is_on("web1")
                s.until(lambda: "2 here, keyboard: bob" in s.lines[s.row_of("web1")], 5)
                bob.escape("g")
                s.until(lambda: "2 watching" in s.lines[s.row_of("web1")], 5)
        s.until(lambda: s.lines[s.row_of("web1")].endswith("running"), 5)
        leave(s)


@test("libvirtd goes: the list says so, and that it came back")
def host_goes(gate, libvirt):
    with menu(gate) as s:
        libvirt.kill_daemon()
        s.until("no answer from: local", 10)
        libvirt.restart_daemon()
        s.until(lambda: "no answer" not in s.text and "Enter attach" in s.text, 15)
        s.until(lambda: "running" in s.lines[s.row_of("web2")], 10)
        leave(s)


# -- keys --

@test("arrows, j k, pages, Home and End, g and G move; the selection stays in sight")
def moving(gate, _libvirt):
    with menu(gate, 10, 40) as s:
        s.until(lambda: selected(s))
        every = gate.run("list").stdout.splitlines()[1:]
        first, last = s.lines[2], every[-1][:6]
        steps = (("j", 1), ("\x1b[B", 2), ("k", 1), ("\x1b[A", 0), ("\x1bOB", 1), ("\x1bOA", 0),
                 ("\x0e", 1), ("\x10", 0), ("k", 0))
        for keys, row in steps:
            s.types(keys)
            s.until(lambda row=row: s.lines[2 + row].startswith(">"), 5, f"{keys!r} to go to {row}")
        for to_end, to_start in (("G", "g"), ("\x1b[F", "\x1b[H"), ("\x1b[4~", "\x1b[1~")):
            s.types(to_end)
            s.until(lambda: any(line[2:8] == last and line.startswith(">") for line in s.lines), 5)
            s.types(to_start)
            s.until(lambda: s.lines[2] == first, 5)
        s.types("\x1b[6~")
        s.until(lambda: s.lines[2] != first, 5)
        s.types("\x1b[5~")
        s.until(lambda: s.lines[2] == first, 5)
        leave(s)


@test("/ filters as one types; Backspace widens; Esc shows all; letters belong to the filter")
def filtering(gate, _libvirt):
    with menu(gate) as s:
        s.until("web1")
        s.types("/we")
        s.until("3 of 11", 5)
        s.until(lambda: "/we" in s.lines[-1], 5)
        s.types("b2")
        s.until("1 of 11", 5)
        s.until(lambda: selected(s) == "web2", 5)
        s.types("\x7f\x7f\x7f\x7f")
        s.until("11 guests", 5)
        s.types("jq")                          # no motion, no leaving
        s.until("No guest fits.", 5)
        s.types("\x1b")
        s.until("11 guests", 5)
        s.types("/WEB")
        s.until("3 of 11", 5)
        s.types("\r")
        s.until("Connected to domain 'web1'")
        s.escape(".")
        s.until("3 of 11", 5)                  # as one left it, but letters are keys again
        s.types("j")
        s.until(lambda: selected(s) == "web2", 5)
        s.types("\x1b")
        s.until("11 guests", 5)
        leave(s)


@test("Enter attaches; ^] m and detaching come back to the same place")
def attach_and_back(gate, _libvirt):
    with menu(gate) as s:
        for way in (".", "m", "d"):
            s.types("g/web2\r")
            # This terminal has no second screen: what is left of the menu stands above.
            s.until(lambda: "Connected to domain 'web2'" in s.lines, what="a row of its own")
            s.types("x")
            s.until("x")
            s.escape(way)
            s.until("GUEST")
            s.until(lambda: selected(s) == "web2", 5)
            s.types("\x1b")
            s.until("11 guests")
        leave(s)


@test("a guest that is off and one without a console, chosen in the menu")
def attach_odd_ones(gate, libvirt):
    with menu(gate) as s:
        s.types("/none\r")
        s.until("has no serial console", 5)
        s.until("GUEST", 5)
        s.types("\x1b")
        s.until("11 guests", 5)
        s.types("/web3\r")
        s.until("web3 is off; waiting until it starts")
        libvirt.virsh("start", "web3")
        s.until("tick ")
        s.escape(".")
        s.until("GUEST")
        libvirt.virsh("destroy", "web3")
        leave(s)


@test("i shows what is known of a guest, ? the keys; any key goes back")
def pages(gate, libvirt):
    for rows, cols in SIZES:
        with menu(gate, rows, cols) as s:
            s.types("/web2")
            s.until("/web2", 5)
            s.types("\x1b[B\x1b[A")
            s.until(lambda: selected(s) == "web2", 5)
            s.types("\x7f" * 6)
            s.until("11 guests", 5)
            s.until(lambda: selected(s) == "web2", 5)
            s.types("i")
            s.until(libvirt.uuid("web2") if cols > 60 else "UUID:", 5)
            s.until("State:     running", 5)
            s.types("x")
            s.until("GUEST", 5)
            s.types("?")
            s.until("The menu", 5)
            if rows == 10:
                s.until("space: more", 5)
                s.types(" ")
                s.until("^] ? shows all", 5)
            s.types("x")
            s.until("GUEST", 5)
            leave(s)


@test("q, ^D and ^C leave with 0, and the terminal is put back")
def leaving(gate, _libvirt):
    for key in ("q", "\x04", "\x03"):
        with menu(gate) as s:
            leave(s, key)
            for put_back in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?7h"):
                assert put_back in s.before, s.before


@test("the window changes size while it is shown")
def resizing(gate, _libvirt):
    with menu(gate) as s:
        s.until("web1")
        for rows, cols in ((10, 40), (60, 200), (5, 20), (24, 80)):
            s.resize(rows, cols)
            s.until(lambda cols=cols: s.lines[0].endswith("11 guests" if cols > 30 else ""), 5)
            s.until(lambda rows=rows: "attach" in s.lines[rows - 1], 5, "the keys on the last row")
            s.until(lambda: selected(s), 5)
        leave(s)


@test("what PAM has to say is seen in the menu, too")
def notice(gate, _libvirt):
    with open(gate.path("pam/serialgate"), encoding="utf-8") as f:
        before = f.read()
    try:
        gate.write_pam(before + "account optional pam_echo.so tonight: maintenance of %u\n")
        with Screen(gate) as s:
            s.until("tonight: maintenance of alice")
            s.types(" ")
            s.until("GUEST", 5)
            leave(s)
    finally:
        gate.write_pam(before)


# -- other terminals --

@test("TERM=dumb: a numbered list and a prompt; by number, by name, by a part of it")
def dumb(gate, _libvirt):
    with Person(gate, term="dumb") as alice:
        alice.sees("  1  ", "web1, running\r\n", "q leaves): ")
        number = next(line.split()[0] for line in (alice.before + alice.came).decode().splitlines()
                      if "web2, " in line)
        alice.types(number + "\r")
        alice.sees("Connected to domain 'web2'\r\n")
        alice.escape(".")
        alice.sees("web2, running", "q leaves): ")
        alice.types("web1\r")
        alice.sees("Connected to domain 'web1'\r\n")
        alice.escape("m")
        alice.sees("q leaves): ")
        alice.types("eb\r")
        alice.sees("web3, off", "q leaves): ")
        assert b"none" not in alice.before
        alice.types("nothing\r")
        alice.sees("No guest has that number or name.", "q leaves): ")
        alice.types("?\r")
        alice.sees("A number or a name attaches", "q leaves): ")
        alice.types("q\r")
        assert alice.status() == 0
    with Person(gate, term="dumb") as alice:
        alice.sees("q leaves): ")
        assert b"\x1b" not in alice.before, alice.before
        alice.types("\x04")
        assert alice.status() == 0


# -- few guests and none --

ONE = "[access \"one\"]\nusers = alice\nguests = web1\nmay = view type\n"


@test("who may see exactly one guest is on it at once, and detaching ends the session")
def exactly_one(gate, _libvirt):
    with access(gate, ONE):
        with Person(gate) as alice:
            assert alice.is_on("web1") == b""
            alice.echoes("here at once")
            alice.escape(".")
            assert alice.status() == 0
        with menu_from_one(gate) as s:
            s.until("1 guest")
            leave(s)


@contextlib.contextmanager
def menu_from_one(gate):
    """^] m leads to the menu all the same."""
    with Screen(gate) as s:
        s.until("Connected to domain 'web1'")
        s.escape("m")
        s.until("GUEST")
        yield s


@test("an empty menu says why: no access section, no guest, the host does not answer")
def empty(gate, libvirt):
    with access(gate, ""):
        for rows, cols in SIZES:
            with menu(gate, rows, cols) as s:
                s.until(lambda: "no access section of the configuration lets you see one." in
                        " ".join(s.text.split()), 5)
                leave(s)
    with offline_host([]) as nothing, Gateway({"void": nothing}) as other, menu(other) as s:
        s.until("There is no guest yet.", 5)
        leave(s)
    libvirt.kill_daemon()
    try:
        with Gateway(libvirt) as other, menu(other) as s:
            s.until("No guest: the host does not answer. local", 10)
            libvirt.restart_daemon()
            s.until("web1", 20)
            leave(s)
    finally:
        if libvirt.daemon_pid is None:
            libvirt.restart_daemon()


# -- thousands --

# Not figures but signs of something that grows with the number of guests: what it takes is some
# 40 ms and 5 ms, and a machine may be busy.
FIRST_SCREEN, ONE_KEY = 30, 8


@test("2,000 guests: the first screen at once, a key's effect without delay", group=MANY)
def many(gate, _libvirt):
    for rows, cols in SIZES:
        start = time.monotonic()
        with Screen(gate, rows=rows, cols=cols) as s:
            s.until(f"{COUNT} guests", FIRST_SCREEN)
            s.until(lambda: selected(s), FIRST_SCREEN)
            took = time.monotonic() - start
            assert took < FIRST_SCREEN, took
            slowest = 0
            for keys in ["j"] * 10 + ["\x1b[6~"] * 5 + ["G", "k", "g", *"/199", "\x7f", "\x1b"]:
                before = s.lines, s.screen.cursor.x
                start = time.monotonic()
                s.types(keys)
                s.until(lambda before=before: (s.lines, s.screen.cursor.x) != before)
                slowest = max(slowest, time.monotonic() - start)
            assert slowest < ONE_KEY, slowest
            leave(s)


@test("2,000 guests: list, and attach by name", group=MANY)
def many_listed(gate, _libvirt):
    done = gate.run("list")
    assert len(done.stdout.splitlines()) == COUNT + 1, len(done.stdout.splitlines())
    assert len(gate.run("list --json").stdout) > 100 * COUNT
    assert len(gate.run("list 'many-19*'").stdout.splitlines()) == 101


@test("as a user: the menu, a console and back", group=AS_USER)
def as_user(gate, libvirt):
    attach_and_back(gate, libvirt)
    live_states(gate, libvirt)


def prepare(libvirt):
    for name in ("web1", "web2", "none"):
        libvirt.define(name, serials=0 if name == "none" else 1)
    for name in ("web3", WIDE, LONG, "lonely", "second", *NASTY):
        libvirt.define(name, start=False)


def main():
    if wanted() or wanted(AS_USER):
        with guests_host() as libvirt:
            prepare(libvirt)
            if wanted():
                with Gateway(libvirt) as gate:
                    run(gate, libvirt)
            if not IS_ROOT:
                skip_group(AS_USER, "all of this file ran as a user")
            elif wanted(AS_USER):
                # The one before was in the middle of things; libvirt notices a second later.
                for name in ("web1", "web2"):
                    libvirt.virsh("destroy", name)
                    libvirt.virsh("start", name)
                with Gateway(libvirt, as_user=True) as gate:
                    run(gate, libvirt, group=AS_USER)
    if wanted(MANY):
        with offline_host([f"many-{n:04}" for n in range(COUNT)]) as host, \
                Gateway({"many": host}) as gate:
            # libvirt reads all of them first.
            wait_for(lambda: len(gate.run("list").stdout.splitlines()) > COUNT, 90, "the guests")
            run(gate, host, group=MANY)
    sys.exit(result())


main()
