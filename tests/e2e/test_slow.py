#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Slow links: a stock ssh through a link of 7,000 bytes/s and less, while the guest floods."""

import contextlib
import sys
import time

from gateway import Gateway, containers
from person import Person, Screen
from slowlink import SlowLink
from tap import result, run, test, wanted

DELAY = 0.1
FLOOD, STOP = "F4000\r", "\x03"


class Slow(Screen):
    """Somebody behind a slow link, on a guest that echoes and floods."""

    def __init__(self, gate, link, *words):
        super().__init__(gate, *words, options=("-o", "SendEnv=LANG", "-p", str(link.port)))

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look(0.05)


def floods(alice, seconds=2.5):
    alice.types(FLOOD)
    alice.until("abcdefghij", timeout=5)
    alice.watch(seconds)


def time_to_stop(alice, limit):
    start = time.monotonic()
    alice.types(STOP)
    alice.until("stopped", timeout=limit)
    return time.monotonic() - start


def leave(alice):
    alice.escape(".")
    assert alice.status() == 0


@test("7,000 bytes/s: ^C has its effect on screen within 1.5 s of a flood")
def interrupt(gate, _libvirt):
    with SlowLink(gate.port, 7000, DELAY) as link, Slow(gate, link, "ours") as alice:
        alice.until("Escape character is")
        floods(alice)
        took = time_to_stop(alice, 15)
        assert took <= 1.5, f"{took:.2f} s"
        # Raw again: the line that says so, and what is typed comes as it is.
        alice.until("went by faster than this link carries")
        alice.raw = b""
        alice.types("xyzzy")
        alice.until("xyzzy")
        assert alice.raw.endswith(b"xyzzy"), alice.raw
        leave(alice)


@test("1,200 bytes/s: within 4 s")
def interrupt_slower(gate, _libvirt):
    with SlowLink(gate.port, 1200, DELAY) as link, Slow(gate, link, "ours") as alice:
        alice.until("Escape character is", timeout=20)
        floods(alice, 4)
        took = time_to_stop(alice, 30)
        assert took <= 4, f"{took:.2f} s"


@test("no link is so fast that it would be painted on: bytes as the guest sent them")
def fast(gate, _libvirt):
    with Person(gate, "ours") as alice:
        alice.is_on("ours")
        alice.types("F8\r")
        came = bytearray()
        while not came.endswith(b"done\r\n"):
            part = alice.reads(10)
            assert part, bytes(came[-300:])
            came += part
        line = b"%010d abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM\r\n"
        assert b"".join(line % n for n in range(1, 8 * 16384 + 1)) in came
        leave(alice)


@test("slow-link = skip: the newest bytes, and how many were skipped")
def skip(gate, _libvirt):
    gate.extra["console"] = ["slow-link = skip"]
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
        gate.extra.pop("console")
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
            run(stack.enter_context(Gateway(libvirt)), libvirt)
    sys.exit(result())


main()
