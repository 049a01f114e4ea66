# SPDX-License-Identifier: ISC
"""A slow link in user space: a TCP proxy with a rate, a delay and small buffers.

    with SlowLink(port, rate=7000, delay=0.1) as link:
        ssh -p {link.port} ...

Each direction of each connection takes `rate` bytes a second and hands each byte on `delay`
seconds after it took it, so that a round trip is twice that.  What it cannot take stays with
the sender: the kernel's buffers on both sides are as small as they can be.
"""

import collections
import contextlib
import select
import socket
import threading
import time

TICK = 0.01
SMALL = 1               # the kernel makes of it what it can bear least, about 2 KiB
# Loopback's segments are larger than such a buffer: the sender would wait for a window that
# never comes, and probe it after ever longer pauses.
SEGMENT = 536


class _Direction:
    """One way through: bytes with the time at which they are due."""

    def __init__(self, source, sink, link):
        self.source, self.sink, self.link = source, sink, link
        self.queue = collections.deque()
        self.free_at = 0.0
        self.ended = self.closed = False

    def take(self, now):
        # At least a byte; and no more than the time since the last look was good for.
        self.free_at = max(self.free_at, now - TICK)
        want = int((now - self.free_at) * self.link.rate)
        if self.ended or want < 1:
            return
        try:
            data = self.source.recv(want)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.ended = True
            return
        self.free_at += len(data) / self.link.rate
        self.link.carried += len(data)
        self.queue.append([max(self.free_at, now) + self.link.delay, data])

    def give(self, now):
        while self.queue and self.queue[0][0] <= now:
            try:
                n = self.sink.send(self.queue[0][1])
            except BlockingIOError:
                return
            except OSError:
                self.ended = self.closed = True
                return
            self.queue[0][1] = self.queue[0][1][n:]
            if self.queue[0][1]:
                return
            self.queue.popleft()
        if self.ended and not self.queue and not self.closed:
            self.closed = True
            with contextlib.suppress(OSError):
                self.sink.shutdown(socket.SHUT_WR)


class SlowLink:
    def __init__(self, port, rate, delay):
        self.to, self.rate, self.delay = port, rate, delay
        self.carried = 0
        self.is_over = False
        self.threads = []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        # Inherited by what is accepted, and of use only before the handshake.
        self._make_small(self.listener)
        self.port = self.listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        self.is_over = True
        for thread in list(self.threads):
            thread.join()
        self.listener.close()

    def _start(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        while not self.is_over:
            if not select.select([self.listener], [], [], 0.1)[0]:
                continue
            client, _ = self.listener.accept()
            self._start(self._carry, client, self._connect())

    @staticmethod
    def _make_small(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)

    def _connect(self):
        server = socket.socket()
        self._make_small(server)
        server.connect(("127.0.0.1", self.to))
        return server

    def _carry(self, client, server):
        for s in (client, server):
            s.setblocking(False)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ways = [_Direction(client, server, self), _Direction(server, client, self)]
        while not self.is_over and not all(way.closed for way in ways):
            now = time.monotonic()
            for way in ways:
                way.take(now)
                way.give(now)
            time.sleep(TICK)
        client.close()
        server.close()
