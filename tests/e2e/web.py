# SPDX-License-Identifier: ISC
"""A client of serialgate.v1 and of raw consoles, by python3-websockets.

    with Session(gate) as s:
        s.login("alice", "wonder land")
        console = s.attach("web1")
        console.types(b"x")
        console.sees(b"x")
"""

import asyncio
import collections
import itertools
import json
import ssl
import struct
import threading
import time

import websockets


class Loop:
    """asyncio in a thread: the tests themselves wait for one thing after the other."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine, timeout=30):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)


LOOP = Loop()


def tls_context(gate):
    if gate.web != "tls":
        return None
    context = ssl.create_default_context(cafile=gate.path("web.crt"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Socket:
    """A WebSocket; messages are kept in order until they are asked for."""

    def __init__(self, gate, path, subprotocols=None, **how):
        self.gate = gate
        url = f"{'wss' if gate.web == 'tls' else 'ws'}://localhost:{gate.web_port}{path}"
        self.messages = collections.deque()
        self.arrived = threading.Condition()
        self.is_reading = threading.Event()
        self.is_reading.set()
        self.closed = None
        self.socket = LOOP.run(self._connect(
            url, subprotocols=subprotocols, ssl=tls_context(gate), compression=None, max_size=None,
            ping_interval=None, open_timeout=30, **how))
        self.reader = asyncio.run_coroutine_threadsafe(self._read(), LOOP.loop)

    @staticmethod
    async def _connect(url, **how):
        return await websockets.connect(url, **how)

    async def _read(self):
        try:
            async for message in self.socket:
                while not self.is_reading.is_set():
                    await asyncio.sleep(0.02)
                self._put(message)
        except websockets.ConnectionClosed:
            pass
        with self.arrived:
            self.closed = (self.socket.close_code, self.socket.close_reason)
            self.arrived.notify_all()

    def _put(self, message):
        with self.arrived:
            self.messages.append(message)
            self.arrived.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        LOOP.run(self.socket.close())

    def cut(self):
        """The connection is gone, without a word."""
        LOOP.loop.call_soon_threadsafe(self.socket.transport.abort)
        self.ends()

    def send(self, message):
        LOOP.run(self.socket.send(message))

    def next(self, timeout=30):
        """The next message; None: it was closed, see `closed`."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: self.messages or self.closed, timeout):
                raise TimeoutError("no message came")
            return self.messages.popleft() if self.messages else None

    def ends(self, timeout=30):
        """(code, reason) of its end; what came before it is dropped."""
        while self.next(timeout) is not None:
            pass
        return self.closed


class Console:
    """One attachment. `bytes`: what was shown; `position`: where that ends."""

    def __init__(self, session, handle):
        self.session = session
        self.handle = handle
        self.bytes = bytearray()
        self.position = None
        self.start = None
        self.count = 0
        self.acked = 0
        self.credit = 0
        self.acks = True
        self.info = {}
        self.said = []

    def take_frame(self, position, data):
        if self.start is None:
            self.start = position - len(data)
        self.position = position
        self.bytes += data
        self.count += len(data)
        if self.acks and self.count - self.acked >= 32768:
            self.ack()

    def ack(self):
        self.acked = self.count
        self.session.say("ack", handle=self.handle, count=self.count)

    def take(self, message):
        self.said.append(message)
        if message["type"] == "attached":
            self.info = message
            self.position = self.start = message["offset"]
            self.credit = message["credit"]
        elif message["type"] == "credit":
            self.credit += message["count"]

    def types(self, data):
        self.credit -= len(data)
        self.session.send(struct.pack(">I", self.handle) + data)

    def sees(self, text, timeout=30):
        deadline = time.monotonic() + timeout
        searched = 0
        while self.bytes.find(text, searched) < 0:
            searched = max(0, len(self.bytes) - len(text))
            self.session.pump(max(0.01, deadline - time.monotonic()))

    def hears(self, kind, timeout=30, **fits):
        """The first message of that kind, with these members, that was not heard yet."""
        deadline = time.monotonic() + timeout
        while True:
            for i, m in enumerate(self.said):
                if m["type"] == kind and all(m.get(k) == v for k, v in fits.items()):
                    del self.said[i]
                    return m
            self.session.pump(max(0.01, deadline - time.monotonic()))

    def say(self, kind, **members):
        self.session.say(kind, handle=self.handle, **members)


class Session(Socket):
    """serialgate.v1."""

    def __init__(self, gate, **how):
        super().__init__(gate, "/session", ["serialgate.v1"], **how)
        self.handles = itertools.count(1)
        self.consoles = {}
        self.texts = collections.deque()
        self.hello = self.hears("hello")

    def say(self, kind, **members):
        self.send(json.dumps({"type": kind, **members}))

    def pump(self, timeout=30):
        """Takes one message to whom it belongs; EOFError at the end."""
        message = self.next(timeout)
        if message is None:
            raise EOFError(f"closed: {self.closed}")
        if isinstance(message, bytes):
            handle, position = struct.unpack(">IQ", message[:12])
            if handle in self.consoles:
                self.consoles[handle].take_frame(position, message[12:])
            return
        message = json.loads(message)
        console = self.consoles.get(message.get("handle"))
        if console:
            console.take(message)
        else:
            self.texts.append(message)

    def hears(self, kind, timeout=30, **fits):
        """The next message of that kind; others of no console are passed over."""
        deadline = time.monotonic() + timeout
        while True:
            while self.texts:
                m = self.texts.popleft()
                if m["type"] == kind and all(m.get(k) == v for k, v in fits.items()):
                    return m
            self.pump(max(0.01, deadline - time.monotonic()))

    def login(self, user="alice", password="wonder land"):
        """The result."""
        self.say("login", user=user)
        while True:
            while not self.texts:
                self.pump()
            m = self.texts.popleft()
            if m["type"] == "result":
                return m
            if m["type"] == "prompt":
                self.say("answers", answers=[password for _ in m["prompts"]])

    def attach(self, guest, is_waited=True, **members):
        console = Console(self, next(self.handles))
        self.consoles[console.handle] = console
        console.say("attach", guest=guest, **members)
        if is_waited:
            console.hears("attached")
        return console

    def ask(self, kind, **members):
        """A request by a handle of its own: the messages about it up to its answer."""
        handle = next(self.handles)
        self.say(kind, handle=handle, **members)
        heard = []
        while True:
            while self.texts:
                m = self.texts.popleft()
                if m.get("handle") != handle and m["type"] != "guest":
                    continue
                heard.append(m)
                if m["type"] in ("info_end", "who_end", "act_done", "refused", "ticket"):
                    return heard
            self.pump()
