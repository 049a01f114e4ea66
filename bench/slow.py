# SPDX-License-Identifier: ISC
"""The figures of slow links: through a proxy with a rate and a delay, an 80x24 terminal that
pyte stands for, and a guest that floods 20 MB/s; beside `ssh -t ... virsh console`."""

import contextlib
import fcntl
import socket
import struct
import termios
import threading
import time

import pyte

from client import Client
from slowlink import SlowLink

DELAY = 0.1
ROWS, COLS = 24, 80
GIVE_UP = 20
# The guest echoes what it gets: rows 1 to 20 scroll, and this key's answer stands below them.
SET_UP = b"\x1b[1;20r\x1b[20;1H"
KEY_BELOW = b"\x1b7\x1b[23;9H%s\x1b8"


class Terminal:
    """A session through a slow link, and what its terminal shows."""

    def __init__(self, world, side, guest, link):
        argv = list(world.argv(side, guest))
        argv[argv.index("-p") + 1] = str(link.port)
        self.client = Client(argv)
        fcntl.ioctl(self.client.write_fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLS, 0, 0))
        self.screen = pyte.Screen(COLS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.client.attach()
        self.look(2)

    def look(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.stream.feed(self.client.read(0.02))

    def until(self, text, seconds=GIVE_UP):
        """Seconds until the screen shows it; None when it does not."""
        start = time.monotonic()
        while not any(text in line for line in self.screen.display):
            if time.monotonic() - start > seconds:
                return None
            self.stream.feed(self.client.read(0.02))
        return time.monotonic() - start


@contextlib.contextmanager
def terminal(world, side, guest, rate):
    with SlowLink(side.port, rate, DELAY) as link:
        t = Terminal(world, side, guest, link)
        try:
            yield t
        finally:
            t.client.close()


def interrupt(world, side, guest, rate, flood_for):
    with terminal(world, side, guest, rate) as t:
        t.client.send(b"F4000\r")
        t.look(flood_for)
        t.client.send(b"\x03")
        return t.until("stopped")


def echo_in_flood(world, side, guest, rate):
    with terminal(world, side, guest, rate) as t:
        t.client.send(SET_UP)
        t.look(1)
        t.client.send(b"F4000\r")
        t.look(3)
        t.client.send(KEY_BELOW % b"Kx")
        took = t.until("Kx")
        t.client.send(b"\x03")
        t.look(0.5)
        return took


def round_trip(rate):
    """A byte there and back through the same link."""
    with socket.create_server(("127.0.0.1", 0)) as listener, \
            SlowLink(listener.getsockname()[1], rate, DELAY) as link:
        def answer():
            peer, _ = listener.accept()
            with peer:
                while data := peer.recv(64):
                    peer.sendall(data)
        threading.Thread(target=answer, daemon=True).start()
        times = []
        with socket.create_connection(("127.0.0.1", link.port)) as s:
            for _ in range(9):
                start = time.perf_counter()
                s.sendall(b"x")
                s.recv(1)
                times.append(time.perf_counter() - start)
                time.sleep(0.2)
    return sorted(times)[4]


def idle_echo(world, side, guest, rate):
    with terminal(world, side, guest, rate) as t:
        t.client.drain(1)
        times = []
        for _ in range(9):
            times.append(t.client.echo())
            t.look(0.25)
    return sorted(times)[4]


def shown(seconds):
    return f"> {GIVE_UP} s" if seconds is None else f"{seconds:.3f} s"


def rows(world, quick):
    """(name, ours, theirs or None, bar in seconds, how), all in seconds; None: not seen."""
    count = 1 if quick else 5
    ours, theirs = world.guests("ours", 1)[0], world.guests("theirs", 1)[0]

    def worst(measure, *how):
        times = [measure(world, gate, ours, *how) for _ in range(count)]
        return None if None in times else max(times)

    with world.gateway() as gate:
        for rate, flood_for, bar in ((7000, 4, 1.5), (1200, 6, 4.0)):
            yield (f"^C at {rate} B/s", worst(interrupt, rate, flood_for),
                   interrupt(world, world.theirs, theirs, rate, flood_for), bar,
                   f"worst of {count}: from the key to `stopped` on screen, {flood_for} s into the flood")
        yield ("key in a flood", worst(echo_in_flood, 7000), None, 1.5,
               f"worst of {count}: 7,000 B/s; the answer stands below a region in which the guest floods")
        trip = round_trip(7000)
        yield ("idle echo, added", idle_echo(world, gate, ours, 7000) - trip, None, 0.020,
               f"median of 9; the link's own round trip is {trip * 1000:.0f} ms for a byte without SSH")
