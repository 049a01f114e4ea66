#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Slow links and the web endpoint: a client of serialgate.v1 that asks to be painted for, behind
a link of 7,000 bytes/s and less, while the guest floods; and one whose link keeps up."""

import base64
import contextlib
import sys
import time

import pyte

from gateway import Gateway, containers
from libvirt_env import wait_for
from slowlink import SlowLink
from tap import result, run, test, wanted
from web import Session, Socket

DELAY = 0.1
ROWS, COLS = 24, 80
# When so many bytes are owed, so long after the last acknowledgement: at once.
ACKS = ((32768, 0.0), (512, 0.01), (1, 0.1))
FLOOD, STOP = b"F4000\r", b"\x03"


class Viewer:
    """What the page is: a terminal that shows an attachment's frames and acknowledges them."""

    def __init__(self, gate, link=None, token=None, **attach):
        how = {"host": "127.0.0.1", "port": link.port} if link else {}
        self.session = Session(gate, **how)
        if token:
            self.session.say("resume", token=token)
            assert self.session.hears("result")["result"] == "ok"
        else:
            assert self.session.login()["result"] == "ok"
        self.terminal = pyte.Screen(COLS, ROWS)
        self.stream = pyte.ByteStream(self.terminal)
        self.fed = 0
        self.is_looking = True
        self.acked_at = 0.0
        how = {"paint": True, "rows": ROWS, "cols": COLS, "from": {"kind": "now"}, **attach}
        self.console = self.session.attach("ours", take=True, **how)
        self.console.acks = False
        self.console.hears("keyboard", yours=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    def acks_in(self):
        """Seconds until what is owed should be told; None: nothing is."""
        owed = self.console.count - self.console.acked
        waits = [after for size, after in ACKS if owed >= size]
        return self.acked_at + min(waits) - time.monotonic() if waits else None

    def look(self, timeout):
        """What came within that time is shown, and acknowledged as the page does it."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            due = self.acks_in()
            if due is not None and due <= 0:
                self.acked_at = time.monotonic()
                self.console.ack()
                continue
            try:
                self.session.pump(left if due is None else min(left, due))
            except TimeoutError:
                continue
            if self.is_looking:
                self.stream.feed(bytes(self.console.bytes[self.fed:]))
            self.fed = len(self.console.bytes)

    def types(self, data):
        self.console.types(data)

    def until(self, text, timeout):
        """Seconds until the screen shows it."""
        start = time.monotonic()
        while not any(text in line for line in self.terminal.display):
            assert time.monotonic() - start < timeout, self.terminal.display
            self.look(0.02)
        return time.monotonic() - start

    def said(self, kind):
        return [m for m in self.console.said if m["type"] == kind]


def floods(viewer, seconds):
    viewer.types(FLOOD)
    viewer.until("abcdefghij", 30)
    viewer.look(seconds)


def time_to_stop(viewer, limit):
    viewer.types(STOP)
    return viewer.until("stopped", limit)


# As in test_slow.py.
SOON, SLOWER = 6, 12


@test("7,000 bytes/s: ^C soon has its effect on screen in a flood; then raw again")
def interrupt(gate, _libvirt):
    with SlowLink(gate.web_port, 7000, DELAY) as link, Viewer(gate, link) as alice:
        floods(alice, 2.5)
        took = time_to_stop(alice, 30)
        assert took <= SOON, f"{took:.2f} s"
        alice.look(2)
        said = alice.said("painting")
        assert [m["on"] for m in said] == [True, False], said
        assert said[-1]["skipped"] > 1 << 20, said
        assert not alice.said("gap"), alice.said("gap")
        # The bytes that come now are the guest's, and stand where they should.
        position, count = alice.console.position, alice.console.count
        alice.types(b"xyzzy")
        alice.until("xyzzy", 30)
        assert alice.console.position - position == alice.console.count - count == 5
        assert alice.console.bytes.endswith(b"xyzzy")


@test("1,200 bytes/s: the same, a little later")
def interrupt_slower(gate, _libvirt):
    with SlowLink(gate.web_port, 1200, DELAY) as link, Viewer(gate, link) as alice:
        floods(alice, 4)
        took = time_to_stop(alice, 30)
        assert took <= SLOWER, f"{took:.2f} s"


@test("a link that keeps up: bytes as the guest sent them, and nothing is painted")
def fast(gate, _libvirt):
    with Viewer(gate) as alice:
        start = alice.console.position
        alice.is_looking = False     # pyte would be what is slow
        alice.types(b"F8\r")
        wait_for(lambda: alice.look(0.1) or alice.console.bytes.endswith(b"done\r\n"), 30, "the end")
        line = b"%010d abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM\r\n"
        assert b"".join(line % n for n in range(1, 8 * 16384 + 1)) in alice.console.bytes
        assert alice.console.position - start == len(alice.console.bytes)
        assert not alice.said("painting") and not alice.said("gap")


@test("a raw console stays open as long as its client reads, though no ping comes through in time")
def raw(gate, _libvirt):
    basic = {"Authorization": "Basic " + base64.b64encode(b"alice:wonder land").decode()}
    with SlowLink(gate.web_port, 3000, DELAY) as link:
        reader = Socket(gate, "/console/ours?read-only", extra_headers=basic, host="127.0.0.1",
                        port=link.port)
        assert gate.run("send ours --take F65536\\r").returncode == 0
        try:
            deadline = time.monotonic() + 52
            while time.monotonic() < deadline:
                assert reader.next() is not None, reader.closed
            assert "the client is silent" not in gate.log()
        finally:
            gate.run("send ours --take --for stopped --timeout 30 \\x03")
            reader.cut()


def main():
    with contextlib.ExitStack() as stack:
        libvirt = containers(stack) if wanted() else None
        if libvirt:
            libvirt.define("ours", "lxc")
            # On a busy machine nobody is fast enough for a ring of 1 MiB.
            gate = Gateway(libvirt, web="plain", extra={"console": ["ring = 16MiB"]})
            run(stack.enter_context(gate), libvirt)
    sys.exit(result())


main()
