#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What the web endpoint must refuse: broken heads, upgrades, frames and messages. Each ends its own
connection, leaves one line in the log, and nobody else notices."""

import base64
import contextlib
import json
import os
import re
import socket
import ssl
import struct
import sys
import time

from gateway import Gateway, guests_host
from libvirt_env import wait_for
from tap import result, run, test
from web import Session

UPGRADE = ("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n")
SESSION = "Sec-WebSocket-Protocol: serialgate.v1\r\n"


class Raw:
    """A TCP or TLS connection on which anything can be sent."""

    def __init__(self, gate):
        self.socket = socket.create_connection(("127.0.0.1", gate.web_port), 10)
        if gate.web == "tls":
            context = ssl.create_default_context(cafile=gate.path("web.crt"))
            context.set_alpn_protocols(["h2", "http/1.1"])
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def until(self, text, timeout=30):
        self.socket.settimeout(timeout)
        while text not in self.data:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(f"ended with {self.data!r}")
            self.data += more
        head, self.data = self.data.split(text, 1)
        return head + text

    def rest(self, timeout=30, is_enough=lambda data: False):
        """All until it is closed."""
        self.socket.settimeout(timeout)
        try:
            while not is_enough(self.data) and (more := self.socket.recv(65536)):
                self.data += more
        except (ConnectionError, ssl.SSLError):
            pass
        return self.data


def frame(opcode, data=b"", fin=True, masked=True, length=None, rsv=0):
    length = len(data) if length is None else length
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    mask = 0x80 if masked else 0
    if length < 126:
        head = struct.pack("!BB", first, mask | length)
    elif length < 65536:
        head = struct.pack("!BBH", first, mask | 126, length)
    else:
        head = struct.pack("!BBQ", first, mask | 127, length)
    if not masked:
        return head + data
    key = b"\x11\x22\x33\x44"
    return head + key + bytes(b ^ key[i % 4] for i, b in enumerate(data))


def get(path, more="", version="1.1", method="GET"):
    return f"{method} {path} HTTP/{version}\r\nHost: localhost\r\n{more}\r\n".encode("latin-1")


BASIC = "Authorization: Basic " + base64.b64encode(b"alice:wonder land").decode() + "\r\n"
WRONG = "Authorization: Basic " + base64.b64encode(b"alice:wrong").decode() + "\r\n"

# Heads: bytes, the status that is answered (None: closed without one).
HEADS = {
    "nothing at all": (b"\r\n\r\n\r\n\r\n", None),
    "no HTTP": (b"EHLO there\r\n\r\n", None),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n", None),
    "h2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
    "h2c": (get("/", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"), 400),
    "h2c without settings": (get("/session", "Upgrade: h2c\r\nConnection: Upgrade\r\n"), 400),
    "Upgrade: foo": (get("/", "Upgrade: foo\r\nConnection: Upgrade\r\n"), 403),
    "Upgrade: foo after a GET": (get("/healthz", "Connection: keep-alive\r\n") +
                                 get("/", "Upgrade: foo\r\nConnection: Upgrade\r\n"), 200),
    "two GETs": (get("/healthz") + get("/healthz"), 200),
    "an empty Upgrade": (get("/", "Upgrade: \r\nConnection: Upgrade\r\n"), 200),
    "POST upgrade": (UPGRADE.replace("GET", "POST").format(path="/session", port=1, more=SESSION)
                     .encode(), 400),
    "PUT upgrade": (UPGRADE.replace("GET", "PUT").format(path="/session", port=1, more=SESSION)
                    .encode(), 400),
    "CONNECT": (b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n", None),
    "OPTIONS": (get("/", method="OPTIONS"), None),
    "DELETE": (get("/", method="DELETE"), None),
    "TRACE": (get("/", method="TRACE"), None),
    "POST to the page": (get("/", "Content-Length: 3\r\n", method="POST") + b"abc", 405),
    "no such path": (get("/nothing"), 404),
    "out of the root": (get("/../../etc/passwd"), 404),
    "out of the root, encoded": (get("/%2e%2e/%2e%2e/etc/passwd"), 404),
    "NUL in the path": (get("/console/web1%00x", BASIC), None),
    "an encoded end of the line": (get("/healthz%0aX: y"), 400),
    "an encoded CR": (get("/healthz%0d%0aX: y"), 400),
    "no version": (b"GET /healthz\r\nHost: localhost\r\n\r\n", 400),
    "a version to come": (get("/healthz", version="9.9"), 400),
    "HEAD of the guests": (get("/guests", BASIC, method="HEAD"), 405),
    "a long path": (get("/" + "a" * 2000), None),
    "a long header": (get("/", "X-Long: " + "a" * 20000 + "\r\n"), None),
    "many headers": (get("/", "".join(f"X-{i}: {i}\r\n" for i in range(3000))), None),
    "a header without a colon": (get("/session", "nonsense\r\n"), None),
    "an absolute path missing": (get("session"), None),
    "session without upgrade": (get("/session"), 400),
    "guests without who": (get("/guests"), 401),
    "console without who": (get("/console/web1"), 401),
    "console without a guest": (get("/console/", BASIC), 404),
    "an unknown option": (get("/console/web1?color=red", BASIC), 400),
    "a broken option": (get("/console/web1?replay-lines=many", BASIC), 400),
    "many options": (get("/console/web1?" + "&".join(["take"] * 20), BASIC), 400),
    "broken Basic": (get("/guests", "Authorization: Basic !!!!\r\n"), 400),
    "a method of its own": (get("/guests", "Authorization: Digest x\r\n"), 400),
    "Basic from a script": (get("/guests", BASIC + "Sec-Fetch-Site: same-site\r\n"), 403),
    "Basic from an origin": (get("/guests", BASIC + "Origin: http://localhost\r\n"), 403),
    "a foreign origin": (get("/guests", BASIC + "Origin: http://evil.example\r\n"), 403),
    "a wrong password": (get("/guests", WRONG), 401),
    "a ticket that is none": (get("/guests", "Authorization: Bearer !\r\n"), 400),
    "POST without a length": (get("/console/web1", BASIC, method="POST"), 411),
    "POST in chunks": (get("/console/web1", BASIC + "Transfer-Encoding: chunked\r\n", method="POST") +
                       b"3\r\nabc\r\n0\r\n\r\n", 400),
    "POST of a negative length": (get("/console/web1", BASIC + "Content-Length: -5\r\n",
                                      method="POST"), 411),
    "more behind a body": (get("/console/web1?take", BASIC + "Content-Length: 3\r\n", method="POST") +
                           b"abc" * 10, None),
    "POST too large": (get("/console/web1", BASIC + "Content-Length: 65537\r\n", method="POST"), 413),
    "a length beyond all numbers": (get("/console/web1", BASIC + "Content-Length: 99999999999999999\r\n",
                                        method="POST"), 413),
    "WebSocket at the page": (UPGRADE.format(path="/", port=1, more=SESSION).encode(), 400),
    "WebSocket nowhere": (UPGRADE.format(path="/x", port=1, more=SESSION).encode(), 404),
    "no subprotocol": (UPGRADE.format(path="/session", port=1, more="").encode(), 400),
    "an unknown subprotocol": (UPGRADE.format(path="/session", port=1, more=SESSION.replace(
        "serialgate.v1", "serialgate.v9")).encode(), 400),
    "an unknown one at a console": (UPGRADE.format(path="/console/web1", port=1, more=BASIC + SESSION)
                                    .encode(), 400),
    "a list of subprotocols too long": (UPGRADE.format(path="/session", port=1, more=SESSION.replace(
        "serialgate.v1", "x, " * 100 + "serialgate.v1")).encode(), 400),
    "a ticket that is broken": (UPGRADE.format(
        path="/console/web1", port=1, more="Sec-WebSocket-Protocol: binary, ticket.$\r\n").encode(), 400),
    "a foreign script": (UPGRADE.format(path="/session", port=1,
                                        more=SESSION + "Origin: https://evil.example\r\n").encode(), 403),
    "nobody's script": (UPGRADE.format(path="/session", port=1, more=SESSION + "Origin: null\r\n")
                        .encode(), 403),
    "no key": (UPGRADE.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "")
               .format(path="/session", port=1, more=SESSION).encode(), 400),
    "another version": (UPGRADE.replace("Version: 13", "Version: 8")
                        .format(path="/session", port=1, more=SESSION).encode(), 400),
    "a long key": (UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "A" * 500)
                   .format(path="/session", port=1, more=SESSION).encode(), 400),
    "no Connection header": (UPGRADE.replace("Connection: Upgrade\r\n", "")
                             .format(path="/session", port=1, more=SESSION).encode(), None),
}


def text(message):
    return frame(1, (message if isinstance(message, str) else json.dumps(message)).encode())


LOGIN = {"type": "login", "user": "alice"}
# Frames after the handshake: bytes, the close code (None: closed without one).
FRAMES = {
    "bad UTF-8": (frame(1, b'{"type":"\xff"}'), {1007, None}),
    "bad UTF-8 across frames": (frame(1, b"\xc3", fin=False) + frame(0, b"\x28"), {1007, None}),
    "a bit reserved": (frame(1, b"{}", rsv=4), {1002, None}),
    "an opcode reserved": (frame(3, b"{}"), {1002, None}),
    "a control opcode reserved": (frame(11, b""), {1002, None}),
    "a ping in parts": (frame(9, b"x", fin=False), {1002, None}),
    "a long ping": (frame(9, b"x" * 126), {1002, None}),
    "a continuation of nothing": (frame(0, b"x"), {1002, 4400, None}),
    "a new one inside another": (frame(1, b"{", fin=False) + frame(1, b"}"), {1002, 4400, None}),
    "a length of 2^63": (frame(2, b"", length=1 << 63), {1009, 1002, None}),
    "a text too large": (frame(1, b"x" * 32769), {1009, None}),
    "a binary too large": (frame(2, b"x" * 16389), {1009, None}),
    "a text too large, in parts": (frame(1, b"x" * 30000, fin=False) + frame(0, b"x" * 30000), {1009}),
    "no JSON": (text("hello"), {4400}),
    "JSON that is no object": (text("[1]"), {4400}),
    "no type": (text({"user": "alice"}), {4400}),
    "an unknown type": (text({"type": "become", "user": "root"}), {4400}),
    "an unknown member": (text({**LOGIN, "admin": True}), {4400}),
    "a member twice": (text('{"type":"login","user":"a","user":"b"}'), {4400}),
    "a member missing": (text({"type": "login"}), {4400}),
    "a user too long": (text({"type": "login", "user": "x" * 256}), {4400}),
    "NUL in a user": (text('{"type":"login","user":"a\\u0000b"}'), {4400}),
    "a lone surrogate": (text('{"type":"login","user":"\\ud800"}'), {4400}),
    "a number for a string": (text({"type": "login", "user": 7}), {4400}),
    "depth": (text("[" * 3000), {4400}),
    "answers to nothing": (text({"type": "answers", "answers": []}), {4400}),
    "two logins at once": (text(LOGIN) + text(LOGIN), {4400}),
    "a message for later": (text({"type": "list"}), {4400}),
    "attach before the login": (text({"type": "attach", "handle": 1, "guest": "web1"}), {4400}),
    "input before the login": (frame(2, b"\0\0\0\1x"), {4400}),
    "an unmasked frame": (frame(1, json.dumps({"type": "list"}).encode(), masked=False), {1002, 4400, None}),
    "a method of its own": (text({**LOGIN, "method": "none"}), {4400}),
    "a huge number": (text('{"type":"ping","id":18446744073709551616}'), {4400}),
    "a number with a point": (text('{"type":"ping","id":1.0}'), {4400}),
}
# The same once logged in.
LATER = {
    "a login again": (text(LOGIN), {4400}),
    "handle 0": (text({"type": "attach", "handle": 0, "guest": "web1"}), {4400}),
    "a handle too large": (text({"type": "attach", "handle": 1 << 32, "guest": "web1"}), {4400}),
    "a handle in use": (text({"type": "attach", "handle": 1, "guest": "web1"}) * 2, {4400}),
    "a guest too long": (text({"type": "attach", "handle": 1, "guest": "x" * 512}), {4400}),
    "an unknown position": (text({"type": "attach", "handle": 1, "guest": "web1",
                                  "from": {"kind": "yesterday"}}), {4400}),
    "an unknown act": (text({"type": "act", "handle": 1, "guest": "web1", "act": "burn"}), {4400}),
    "a size of nothing": (text({"type": "resize", "handle": 1, "rows": 0, "cols": 80}), {4400}),
    "input without bytes": (frame(2, b"\0\0\0\1"), {4400}),
    "input without a handle": (frame(2, b"\0\0\0\0x"), {4400}),
    "too many questions": (b"".join(text({"type": "info", "handle": n, "guest": "web1"})
                                    for n in range(1, 200)), {4400, None}),
}


def close_code(data):
    """The code of the close frame at the end of what the server sent; None without one."""
    at = 0
    while at + 2 <= len(data):
        opcode, length = data[at] & 15, data[at + 1] & 127
        at += 2
        if length == 126:
            length, at = struct.unpack_from("!H", data, at)[0], at + 2
        elif length == 127:
            length, at = struct.unpack_from("!Q", data, at)[0], at + 8
        if opcode == 8:
            return struct.unpack_from("!H", data, at)[0] if len(data) >= at + 2 <= at + length else None
        at += length
    return None


def children_end(gate, but=0):
    wait_for(lambda: len(gate.children("ws")) <= but, 30, "the connection's process to end")


def lines_of_refusal(log):
    return [l for l in log.splitlines() if re.search(r"ws\[\d+\]: (refused|closing|closed without)", l)
            or "libwebsockets:" in l]


def one_head(gate, name, data, status):
    since = len(gate.log())
    with Raw(gate) as raw:
        raw.send(data)
        if status is None and gate.web != "tls":
            with contextlib.suppress(OSError):     # it may have been closed by now
                raw.socket.shutdown(socket.SHUT_WR)
        try:
            answer = raw.rest(10 if status else 1)
        except TimeoutError:
            answer = raw.data
    found = int(answer.split()[1]) if answer.startswith(b"HTTP/1.") else None
    assert found == status or (status is None and found in (400, 403, 404, 405)), \
        f"answered {answer[:60]!r}"
    assert answer.count(b"HTTP/1.") <= 1, "answered twice"
    children_end(gate, 1)
    if status not in (200,):
        wait_for(lambda: lines_of_refusal(gate.log(since)), 30, "a line in the log")


@test("heads that are not understood or not wanted are refused", limit=120)
def heads(gate, bystander):
    parent = gate.roles()["ws"]
    wrong = []
    for name, (data, status) in HEADS.items():
        try:
            one_head(gate, name, data, status)
        except (AssertionError, OSError) as error:
            wrong.append(f"{name}: {error}")
        assert gate.roles()["ws"] == parent, f"{name}: the parent died"
    assert not wrong, "\n".join(wrong)
    echoes(bystander)


def upgraded(gate):
    raw = Raw(gate)
    raw.send(UPGRADE.format(path="/session", port=gate.web_port, more=SESSION).encode())
    head = raw.until(b"\r\n\r\n")
    assert b" 101 " in head, head
    return raw


def log_in(raw):
    raw.send(text(LOGIN))
    raw.until(b'"type":"prompt"')
    raw.send(text({"type": "answers", "answers": ["wonder land"]}))
    raw.until(b'"result":"ok"')
    raw.until(b"}")


def one_frame(gate, name, data, codes, is_in=False):
    since = len(gate.log())
    with upgraded(gate) as raw:
        raw.until(b'"now":')
        raw.until(b"}")
        if is_in:
            log_in(raw)
        raw.send(data)
        # The library would wait five seconds for an answer to its close.
        code = close_code(raw.rest(is_enough=close_code))
    assert code in codes, f"{name}: closed with {code}"
    children_end(gate, 1)
    if code is not None and code >= 4000:
        wait_for(lambda: lines_of_refusal(gate.log(since)), 30, f"{name}: a line in the log")
    assert "died of signal" not in gate.log(since), f"{name}: its process died"


@test("broken frames and messages end the session with their code", limit=120)
def frames(gate, bystander):
    parent = gate.roles()["ws"]
    for name, (data, codes) in FRAMES.items():
        one_frame(gate, name, data, codes)
    for name, (data, codes) in LATER.items():
        one_frame(gate, name, data, codes, is_in=True)
    assert gate.roles()["ws"] == parent, "the parent died"
    echoes(bystander)


@test("an origin is ours, listed, or refused")
def origins(gate, _):
    own = f"localhost:{gate.web_port}"
    scheme = "https" if gate.web == "tls" else "http"
    other = "http" if scheme == "https" else "https"
    matrix = {
        "": 101, f"{scheme}://{own}": 101, f"{scheme.upper()}://LOCALHOST:{gate.web_port}": 101,
        f"{other}://{own}": 403, f"{scheme}://localhost": 403, f"{scheme}://{own}.evil.example": 403,
        f"{scheme}://evil.example:{gate.web_port}": 403, f"{scheme}://{own}/": 403,
        f"{scheme}://user@{own}": 403, "null": 403, "file://": 403, own: 403,
        "https://panel.example": 101, "https://panel.example:443": 101, "http://panel.example": 403,
        "https://gate.example": 101, "https://gate.example.evil": 403,
        "https://panel.example, https://evil.example": 403,
    }
    for origin, status in matrix.items():
        with Raw(gate) as raw:
            more = SESSION + (f"Origin: {origin}\r\n" if origin else "")
            raw.send(UPGRADE.format(path="/session", port=gate.web_port, more=more).encode())
            head = raw.until(b"\r\n\r\n").decode()
        assert int(head.split()[1]) == status, f"{origin!r}: {head.splitlines()[0]}"


@test("noise, byte by byte and at random, takes nobody down", limit=120)
def noise(gate, bystander):
    parent = gate.roles()["ws"]
    for seed in range(40):
        with Raw(gate) as raw:
            raw.send(os.urandom(1 + seed * 37))
            if seed % 2:
                raw.send(b"\r\n\r\n")
    for seed in range(20):
        with upgraded(gate) as raw:
            raw.send(os.urandom(1 + seed * 37))
    head = UPGRADE.format(path="/session", port=gate.web_port, more=SESSION).encode()
    with Raw(gate) as raw:
        for i in range(len(head)):
            raw.send(head[i:i + 1])
        assert b" 101 " in raw.until(b"\r\n\r\n")
    children_end(gate, 1)
    assert gate.roles()["ws"] == parent, "the parent died"
    assert "died of signal" not in gate.log(), "a connection's process died of a signal"
    echoes(bystander)


def echoes(bystander):
    """Somebody else's session goes on."""
    before = len(bystander.bytes)
    start = time.monotonic()
    bystander.types(b"?")
    while len(bystander.bytes) == before:
        bystander.session.pump(30)
    assert time.monotonic() - start < 10, "somebody else's echo was slow"


def main():
    extra = {"web": ["origins = https://panel.example", "public-url = https://gate.example/x"],
             "gate": ["penalty = 0", "max-per-source = 500"]}
    with guests_host() as libvirt:
        libvirt.define("web1")
        libvirt.define("web2")
        for how in ("plain", "tls"):
            with Gateway(libvirt, web=how, extra=extra) as gate:
                wait_for(lambda: "web2" in gate.run("list").stdout, 30, "the guests")
                with Session(gate) as s:
                    s.login("bob", "builder")
                    run(gate, s.attach("web2"))
    sys.exit(result())


main()
