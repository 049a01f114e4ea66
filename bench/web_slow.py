# SPDX-License-Identifier: ISC
"""The figures of slow links over a WebSocket: a client that acknowledges as the page does, and
shows what comes on an 80x24 terminal that pyte stands for, while the guest floods."""

import contextlib
import time

import pyte

from figures import Figure
from slow import COLS, DELAY, GIVE_UP, KEY_BELOW, ROWS as LINES, SET_UP, shown
from slowlink import SlowLink
from web_figures import WebClient

# When so many bytes are owed, so many seconds after the last acknowledgement.
ACKS = ((32768, 0.0), (512, 0.01), (1, 0.1))


class WebTerminal(WebClient):
    def __init__(self, gate, guest, link):
        self.acked_at = 0.0
        self.screen = pyte.Screen(COLS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        super().__init__(gate, guest, port=link.port, paint=True, rows=LINES, cols=COLS)
        self.look(2)

    def acks_in(self, most):
        """Seconds until what is owed should be told."""
        waits = [after for size, after in ACKS if self.shown - self.acked >= size]
        return max(0, min(most, self.acked_at + min(waits) - time.perf_counter())) if waits else most

    def read(self, timeout):
        self.texts.clear()
        data = b"".join(self.output())
        if not data and self.fill(self.acks_in(timeout)):
            data = b"".join(self.output())
        self.shown += len(data)
        if self.shown > self.acked and self.acks_in(1) <= 0:
            self.acked, self.acked_at = self.shown, time.perf_counter()
            self.say(type="ack", handle=1, count=self.shown)
        return data

    def look(self, seconds):
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            self.stream.feed(self.read(0.02))

    def until(self, text):
        """Seconds until the screen shows it; None when it does not."""
        start = time.perf_counter()
        while not any(text in line for line in self.screen.display):
            if time.perf_counter() - start > GIVE_UP:
                return None
            self.stream.feed(self.read(0.02))
        return time.perf_counter() - start


@contextlib.contextmanager
def terminal(gate, guest, rate):
    with SlowLink(gate.web_port, rate, DELAY) as link, \
            contextlib.closing(WebTerminal(gate, guest, link)) as t:
        yield t


def interrupt(gate, guest, rate, flood_for):
    with terminal(gate, guest, rate) as t:
        t.send(b"F4000\r")
        t.look(flood_for)
        t.send(b"\x03")
        return t.until("stopped")


def echo_in_flood(gate, guest, rate):
    with terminal(gate, guest, rate) as t:
        t.send(SET_UP)
        t.look(1)
        t.send(b"F4000\r")
        t.look(3)
        t.send(KEY_BELOW % b"Kx")
        took = t.until("Kx")
        t.send(b"\x03")
        t.look(0.5)
        return took


def measure(world, quick):
    count = 1 if quick else 5
    guest = world.guests("ours", 1)[0]
    figures = []

    def take(name, bar, how, do, *arguments):
        times = [do(gate, guest, *arguments) for _ in range(count)]
        worst = None if None in times else max(times)
        figures.append(Figure(name, shown(worst), "-", "-", f"<= {bar} s",
                              worst is not None and worst <= bar, f"worst of {count}, TLS: {how}"))

    with world.gateway(web="tls") as gate:
        for rate, flood_for, bar in ((7000, 4, 1.5), (1200, 6, 4.0)):
            take(f"web ^C at {rate} B/s", bar,
                 f"from the key to `stopped` on screen, {flood_for} s into the flood",
                 interrupt, rate, flood_for)
        take("web key in a flood", 1.5,
             "7,000 B/s; the answer stands below a region in which the guest floods", echo_in_flood, 7000)
    return figures


ROWS = {"web-slow": measure}
