# SPDX-License-Identifier: ISC
"""The figures of the web endpoint, beside `virsh console` on a local pty.

The client is a few lines on a socket, and what it costs counts as ours: it makes no system call
and no copy that a key does not need.
"""

import contextlib
import json
import select
import socket
import ssl
import struct
import subprocess
import time

import processes
from client import Client
from figures import MIB, Figure, flood_once, flood_text, ratio_of, spread
from gateway import BUILD

ECHO_BLOCK, ECHO_BLOCKS = 20, 5
MASK = b"\0\0\0\0"             # a mask that changes nothing, as every client may choose
ACK_EVERY = 65536
HEAD = (b"GET /session HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: serialgate.v1\r\n\r\n")


class WebClient(Client):
    """One console by serialgate.v1, with the calls of a client on a pty."""

    def __init__(self, gate, guest, token=None, position=None, port=None, **attach):  # pylint: disable=super-init-not-called
        self.seen = bytearray()
        self.data = bytearray()
        self.space = memoryview(bytearray(1 << 18))
        self.texts = []
        self.shown = self.acked = 0
        self.started = time.perf_counter()
        plain = socket.create_connection(("localhost", port or gate.web_port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = ssl.create_default_context(cafile=gate.path("web.crt"))
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        self.socket.sendall(HEAD)
        while b"\r\n\r\n" not in self.data:
            self.data += self.socket.recv(65536)
        del self.data[:self.data.index(b"\r\n\r\n") + 4]
        self.socket.setblocking(False)
        self.poll = select.poll()
        self.poll.register(self.socket, select.POLLIN)
        self.login(token)
        how = {"from": position or {"kind": "now"}, **attach}
        self.say(type="attach", handle=1, guest=guest, take=True, **how)
        self.info = self.hears("attached")
        self.position = self.info["offset"]
        while not self.hears("keyboard")["yours"]:
            pass

    def login(self, token):
        if token:
            self.say(type="resume", token=token)
        else:
            self.say(type="login", user="alice")
            self.hears("prompt")
            self.say(type="answers", answers=["wonder land"])
        assert self.hears("result")["result"] == "ok"
        self.say(type="token")
        self.token = self.hears("token")["token"]

    # Frames

    def write(self, opcode, data):
        size = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, len(data)) if len(data) > 125 else \
            struct.pack("!BB", 0x80 | opcode, 0x80 | len(data))
        frame = size + MASK + data
        with contextlib.suppress(ssl.SSLWantWriteError):
            if self.socket.send(frame) == len(frame):
                return
        # A TLS record is written whole or not at all, and again from its beginning.
        self.socket.setblocking(True)
        self.socket.sendall(frame)
        self.socket.setblocking(False)

    def say(self, **message):
        self.write(1, json.dumps(message).encode())

    def send(self, data):
        self.write(2, b"\0\0\0\1" + data)

    def fill(self, timeout):
        """More bytes from the network; False after timeout."""
        while True:
            if not self.socket.pending() and not self.poll.poll(timeout * 1000):
                return False
            try:
                count = self.socket.recv_into(self.space)
            except ssl.SSLWantReadError:
                continue
            if not count:
                raise EOFError("the gateway closed")
            self.data += self.space[:count]
            return True

    def frames(self):
        """(opcode, bytes) of those that are whole."""
        at, data = 0, self.data
        while len(data) - at >= 2:
            length, head = data[at + 1] & 127, 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2:at + 4], "big"), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2:at + 10], "big"), 10
            if len(data) - at < head + length:
                break
            yield data[at] & 15, bytes(data[at + head:at + head + length])
            at += head + length
        del data[:at]

    def hears(self, kind):
        """The next message of that kind; what came before it is passed over."""
        while True:
            while self.texts:
                message = self.texts.pop(0)
                if message["type"] == kind:
                    return message
            self.shown += sum(map(len, self.output()))
            if not self.texts:
                assert self.fill(20), f"no {kind}"

    def read(self, timeout):
        self.texts.clear()
        shown = b"".join(self.output())
        while not shown and self.fill(timeout):
            shown = b"".join(self.output())
        self.shown += len(shown)
        if self.shown - self.acked >= ACK_EVERY:
            self.acked = self.shown
            self.say(type="ack", handle=1, count=self.shown)
        return shown

    def output(self):
        for opcode, data in self.frames():
            if opcode == 1:
                self.texts.append(json.loads(data))
            elif opcode == 9:
                self.write(10, data)
            elif opcode == 2:
                self.position = int.from_bytes(data[4:12], "big")
                yield data[12:]

    def close(self, keys=b""):
        self.socket.close()


def virsh_argv(world, guest):
    return ["virsh", "-c", world.libvirt.uri, "console", guest]


def virsh(world, guest):
    client = Client(virsh_argv(world, guest))
    client.attach()
    client.drain()
    return client


class Typist:
    """Keys from C on either side: an interpreter's time would be a third of what is measured."""

    def __init__(self, *argv):
        self.process = subprocess.Popen([BUILD / "bench" / "typist", *map(str, argv)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != "ready\n":
            self.close()
            raise EOFError("no key was answered")

    def echo_block(self, count, times):
        """Seconds for each key."""
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        times += [float(self.process.stdout.readline()) / 1e6 for _ in range(count)]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=20)


def echo_beside(world, gate, ca, pairs):
    """(ours, theirs), seconds for each key: blocks in turn, each pair on other guests."""
    slow = ([], [])
    guests = list(zip(world.guests("ours", 10), world.guests("theirs", 10)))
    for i in range(pairs):
        ours, theirs = guests[i % 10]
        with contextlib.closing(Typist("web", gate.web_port, ca, ours)) as web, \
                contextlib.closing(Typist("pty", *virsh_argv(world, theirs))) as local:
            for typist in (web, local):
                typist.echo_block(ECHO_BLOCK, [])
            for _ in range(ECHO_BLOCKS):
                web.echo_block(ECHO_BLOCK, slow[0])
                local.echo_block(ECHO_BLOCK, slow[1])
    return slow


def measure_echo(world, quick):
    pairs = 3 if quick else 25
    figures = []
    for kind, name, said in (("tls", "web-echo", "with TLS"),
                             ("plain", "web-echo, plain", "without TLS, as on loopback")):
        with world.gateway(web=kind) as gate:
            slow = echo_beside(world, gate, gate.path("web.crt") if kind == "tls" else "", pairs)
        ratio = ratio_of(*slow)
        figures.append(Figure(
            name, spread(slow[0], 1e6, "us"), spread(slow[1], 1e6, "us"), f"{ratio:.2f} x", "<= 1.3 x",
            ratio <= 1.3, f"{len(slow[0])} keys each, 1 to 6 ms between them, over {pairs} pairs: ours "
            f"from a WebSocket {said}, theirs virsh console on a local pty, both typed by a program in C"))
    return figures


def measure_flood(world, quick):
    mib, rounds = (8, 3) if quick else (32, 9)
    expected = flood_text(mib)
    ours, theirs, lost = [], [], 0
    with contextlib.ExitStack() as stack:
        gate = stack.enter_context(world.gateway(web="tls"))
        web = WebClient(gate, world.guests("ours", 1)[0])
        local = virsh(world, world.guests("theirs", 1)[0])
        stack.callback(local.close, b"\x1d")
        stack.callback(web.close)
        for _ in range(rounds):
            speed, missing = flood_once(web, mib, expected)
            ours.append(speed)
            lost += missing
            theirs.append(flood_once(local, mib, expected)[0])
    ratio = ratio_of(ours, theirs)
    return [Figure("web-flood", spread(ours, 1e-6, "MB/s", 1), spread(theirs, 1e-6, "MB/s", 1),
                   f"{ratio:.2f} x", ">= 0.8 x", ratio >= 0.8 and not lost,
                   f"{rounds} floods of {mib} MiB each in turn, TLS against a local pty, compared byte "
                   f"for byte; missing: {lost} bytes")]


def measure_memory(world, quick):
    count = 10 if quick else 50
    guests = world.guests("ours", 10)
    with world.gateway(web="tls") as gate:
        before = processes.pss(processes.tree(gate.process.pid))
        # Watching, so that nobody takes the keyboard from the one before.
        clients = [WebClient(gate, guests[i % 10]) for i in range(count)]
        time.sleep(1)
        pids = processes.tree(gate.process.pid)
        size = (processes.pss(pids) - before) / count
        names = processes.pss_by_name(pids)
        for client in clients:
            client.close()
    web = names["ws"][1] / MIB / names["ws"][0]
    return [Figure("web-memory", f"{size / MIB:.2f} MiB", "-", "-", "<= 2 MiB", size <= 2 * MIB,
                   f"Pss of all processes of the gateway with {count} attached sessions with TLS less "
                   f"that with none, by {count}; a process of ws alone {web:.2f} MiB")]


def measure_cut(world, quick):
    del quick
    mib = 8
    expected = flood_text(mib)
    got = bytearray()
    with world.gateway(web="tls", extra={"console": ["ring = 16MiB"]}) as gate:
        guest = world.guests("ours", 1)[0]
        client = WebClient(gate, guest)
        client.send(b"F%d\r" % mib)
        for _ in range(10):
            end = len(got) + len(expected) // 12
            while len(got) < end:
                got += client.read(10)
            client.close()
            client = WebClient(gate, guest, client.token,
                               {"kind": "offset", "epoch": client.info["epoch"], "value": client.position})
        while not got.endswith(b"done\r\n"):
            more = client.read(10)
            if not more:
                break
            got += more
        client.close()
    exact = expected in got
    wrong = 0 if exact else abs(len(expected) - len(got)) or len(expected)
    return [Figure("web-cut", f"{wrong} bytes", "-", "-", "0 bytes", exact,
                   f"a flood of {mib} MiB with 10 forced reconnects within the ring, compared byte for byte")]


ROWS = {"web-echo": measure_echo, "web-flood": measure_flood, "web-memory": measure_memory,
        "web-cut": measure_cut}
