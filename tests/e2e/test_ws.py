#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The web endpoint as its clients use it: the page, sessions of serialgate.v1, raw consoles."""

import base64
import concurrent.futures
import contextlib
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from gateway import IS_ROOT, Gateway, guests_host, is_alive
from libvirt_env import wait_for
from person import Person
from tap import Skip, result, run, skip_group, test, wanted
from web import LOOP, Session, Socket, tls_context

PASSWORDS = {"alice": "wonder land", "bob": "builder"}
MATRIX = "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so"
TWO_ROUNDS = ("auth required pam_pwdfile.so pwdfile={0}\n"
              f"auth required {MATRIX} passdb={{1}}\naccount required pam_permit.so\n")


def curl(gate, path, *options, user="alice", timeout=20):
    """(status, headers in lower case, body)."""
    url = f"{'https' if gate.web == 'tls' else 'http'}://localhost:{gate.web_port}{path}"
    who = ["-u", f"{user}:{PASSWORDS[user]}"] if user else []
    done = subprocess.run(["curl", "-s", "-i", "-m", str(timeout), "--cacert", gate.path("web.crt"),
                           *who, *options, url], capture_output=True, check=False)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = head.decode().splitlines()
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]) if lines else 0, headers, body


def sign_in(gate, user="alice", **how):
    s = Session(gate, **how)
    assert s.login(user, PASSWORDS[user])["result"] == "ok"
    return s


def basic(user="alice"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{PASSWORDS[user]}".encode()).decode()}


# The page

@test("the page: one document, compressed, with its own rules")
def page(gate, _):
    status, headers, body = curl(gate, "/", user=None)
    assert status == 200 and headers["content-encoding"] == "gzip", headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["connection"] == "close" and headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert len(body) <= 200_000, f"{len(body)} bytes on the wire"
    text = gzip.decompress(body).decode()
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["connect-src"] == "'self'" and policy["frame-ancestors"] == "'none'"
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.S)
    hashes = {"'sha256-" + base64.b64encode(hashlib.sha256(s.encode()).digest()).decode().lower() + "'"
              for s in scripts}
    assert scripts and hashes == set(policy["script-src"].split()), policy
    etag = next(line.split(": ", 1)[1] for line in subprocess.run(
        ["curl", "-sI", "--cacert", gate.path("web.crt"),
         f"https://localhost:{gate.web_port}/"], capture_output=True, text=True).stdout.splitlines()
        if line.lower().startswith("etag"))
    status, headers, body = curl(gate, "/", "-H", f"If-None-Match: {etag}", user=None)
    assert status == 304 and body == b"", (status, body[:50])


@test("healthz, HEAD, and what needs a name")
def health(gate, _):
    assert curl(gate, "/healthz", user=None)[::2] == (200, b"ok\n")
    status, headers, body = curl(gate, "/", "-I", user=None)
    assert status == 200 and body == b""
    status, headers, _ = curl(gate, "/guests", user=None)
    assert status == 401 and headers["www-authenticate"].startswith("basic ")
    status, headers, _ = curl(gate, "/guests", "-A", "Mozilla/5.0 (X11)", user=None)
    assert status == 401 and "www-authenticate" not in headers


@test("TLS 1.2 and 1.3, http/1.1, nothing older")
def tls(gate, _):
    def handshake(*options):
        done = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{gate.web_port}",
                               "-CAfile", gate.path("web.crt"), "-alpn", "h2,http/1.1", *options],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
        return done.stdout
    for version, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
        text = handshake(version)
        assert f"New, {name}" in text and "ALPN protocol: http/1.1" in text, text[-600:]
    assert "Cipher is (NONE)" in handshake("-tls1_1", "-cipher", "ALL:@SECLEVEL=0")


# Sessions

@test("log in by two rounds of PAM")
def two_rounds(gate, _):
    before = gate.pam
    if not os.path.exists(MATRIX):
        raise Skip("libpam-wrapper is not installed")
    with open(gate.path("matrix"), "w", encoding="ascii") as f:
        f.write("alice:wonder land:serialgate\n")
    gate.write_pam(TWO_ROUNDS.format(gate.path("passwords"), gate.path("matrix")))
    try:
        with Session(gate) as s:
            s.say("methods", user="alice")
            m = s.hears("methods")
            assert m["possible"] and "keyboard-interactive" in m["methods"], m
            s.say("login", user="alice")
            for _ in range(2):
                m = s.hears("prompt")
                assert len(m["prompts"]) == 1 and not m["prompts"][0]["echo"], m
                s.say("answers", answers=["wonder land"])
            assert s.hears("result")["result"] == "ok"
        status, _, body = curl(gate, "/guests")
        assert status == 401, f"Basic answered two prompts: {body}"
    finally:
        gate.write_pam(before or f"auth required pam_pwdfile.so pwdfile={gate.path('passwords')}\n"
                       "account required pam_permit.so\n")


@test("a wrong password fails, and max-tries are all there are")
def wrong_password(gate, _):
    with Session(gate) as s:
        for tries in range(1, 20):
            m = s.login("alice", "wrong")
            if m["result"] == "over":
                break
            assert m["result"] == "failed", m
        assert tries == 2 and s.ends()[0] == 4201, (tries, s.closed)


@test("the list, live; attach; type; the answer; detach")
def use(gate, libvirt):
    with sign_in(gate) as s:
        s.say("list", watch=True)
        guests = {}
        while "web1" not in guests or "off" not in guests:
            m = s.hears("guest")
            guests[m["label"]] = m
        s.hears("list_end")
        assert guests["web1"]["state"] == "running" and guests["web1"]["consoles"] == ["serial0"]
        assert guests["off"]["state"] == "off" and "secret" not in guests
        console = s.attach(guests["web1"]["uuid"], exact_credit=True)
        assert console.info["label"] == "web1" and console.info["may_type"]
        console.say("resize", rows=30, cols=100)
        console.types(b"hello there")
        console.sees(b"hello there")
        console.hears("credit")
        s.hears("guest", label="web1", holder="alice")
        libvirt.virsh("start", "off")
        s.hears("guest", label="off", state="running")
        libvirt.virsh("destroy", "off")
        s.hears("guest", label="off", state="off")
        console.say("detach")
        console.hears("detached")
        none = s.attach("secret", is_waited=False)
        assert none.hears("refused")["code"] == 4
        s.say("ping", id=7)
        assert s.hears("pong")["id"] == 7


@test("who is here, info, what is refused")
def ask(gate, _):
    with sign_in(gate) as s:
        console = s.attach("web1")
        console.say("who")
        m = console.hears("peer")
        assert m["user"] == "alice" and m["endpoint"] == "web" and m["you"], m
        console.hears("who_end")
        heard = s.ask("info", guest="web1")
        assert [m["type"] for m in heard][-1] == "info_end" and heard[0]["name"] == "web1", heard
        assert s.ask("info", guest="nobody")[-1]["code"] == 4
        assert s.ask("act", guest="secret", act="start")[-1]["code"] == 4
        assert s.ask("kick", who="bob")[-1]["type"] in ("refused", "act_done")


@test("several consoles at once; one that is not read holds up no other")
def several(gate, _):
    with sign_in(gate) as s:
        one, two = s.attach("web1"), s.attach("web2")
        for console, text in ((one, b"first"), (two, b"second"), (one, b"third")):
            console.types(text)
            console.sees(text)
        assert b"second" not in one.bytes and b"first" not in two.bytes


@test("the keyboard goes to an SSH viewer and comes back")
def keyboard(gate, _):
    with sign_in(gate) as s:
        console = s.attach("web1")
        console.hears("keyboard", yours=True)
        with Person(gate, "web1", user="bob", key="bob") as bob:
            bob.is_on("web1")
            bob.escape("t")
            m = console.hears("keyboard", yours=False)
            assert m["holder"] == "bob" and m["cause"] == "taken", m
            console.types(b"lost")
            assert console.hears("lost")["cause"] == "keyboard"
            bob.echoes("mine")
            console.say("take")
            console.hears("keyboard", yours=True)
            bob.sees("alice")
            console.types(b"backagain")
            console.sees(b"backagain")
            bob.sees("backagain")
        console.say("give")
        console.hears("keyboard", held=False)


def resumed(gate, token, guest, console):
    s = Session(gate)
    s.say("resume", token=token)
    assert s.hears("result")["result"] == "ok"
    again = s.attach(guest, **{"from": {"kind": "offset", "epoch": console.info["epoch"],
                                        "value": console.position}})
    return s, again


@test("the connection is cut ten times during output: no byte lost or repeated")
def resume(gate, _):
    s = sign_in(gate)
    s.say("token")
    token = s.hears("token")["token"]
    if not token:
        raise Skip("auth gives no tokens yet")
    console = s.attach("web3", **{"from": {"kind": "now"}})
    console.hears("keyboard", yours=True)
    console.types(b"#")          # no ticks in between
    console.types(b"begin")
    console.sees(b"begin")
    start = console.position
    console.bytes.clear()
    shown = bytearray()
    typed = b""
    for cut in range(10):
        line = b"<" + b"%d" % cut * 300 + b">"
        typed += line
        console.types(line)
        # Cut in the middle of the echo.
        while len(console.bytes) < 100:
            s.pump()
        s.cut()
        shown += console.bytes
        position = console.position
        s, console = resumed(gate, token, "web3", console)
        assert console.info["offset"] == position and console.info["missed"] == 0, console.info
        s.say("token")
        token = s.hears("token")["token"]
        console.hears("keyboard", yours=True)
        while not (shown + console.bytes).endswith(b">"):
            s.pump()
        shown += console.bytes
        console.bytes.clear()
    assert console.position - start == len(shown), "the count of bytes is not the offsets'"
    at = next((i for i, (a, b) in enumerate(zip(shown, typed)) if a != b), min(len(shown), len(typed)))
    assert bytes(shown) == typed, f"at {at} of {len(typed)}: {bytes(shown[max(at - 20, 0):at + 40])}"
    s.say("logout")
    assert s.ends()[0] == 4200
    with Session(gate) as late:
        late.say("resume", token=token)
        assert late.hears("result")["result"] != "ok", "a token outlived its login"


@test("an origin of its own, and Node's ws")
def node(gate, _):
    if not shutil.which("node") or not os.path.isdir("/usr/share/nodejs/ws"):
        raise Skip("node-ws is not installed")
    script = """
        const W = require("/usr/share/nodejs/ws");
        const w = new W(process.argv[1], "serialgate.v1", {origin: process.argv[2],
                        ca: require("fs").readFileSync(process.argv[3])});
        w.on("message", (data, binary) => {
            if (binary) { process.stdout.write(data.subarray(12)); w.close(1000); return; }
            const m = JSON.parse(data);
            const say = (o) => w.send(JSON.stringify(o));
            if (m.type == "hello") say({type: "login", user: "alice"});
            if (m.type == "prompt") say({type: "answers", answers: ["wonder land"]});
            if (m.type == "result") say({type: "attach", handle: 9, guest: "web2", take: true,
                                         from: {kind: "now"}});
            if (m.type == "keyboard" && m.yours) w.send(Buffer.from("\\0\\0\\0\\x09node"));
        });
        w.on("close", (code) => process.exit(code == 1000 ? 0 : 1));"""
    done = subprocess.run(["node", "-e", script, f"wss://localhost:{gate.web_port}/session",
                           f"https://localhost:{gate.web_port}", gate.path("web.crt")],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stdout.startswith("n"), done


# Raw consoles

@test("raw bytes over a WebSocket: by password, with and without a subprotocol")
def raw_socket(gate, _):
    for offer in (None, ["binary"]):
        with Socket(gate, "/console/web1?take", offer, extra_headers=basic()) as s:
            s.send(b"raw one")
            text = b""
            while b"raw one" not in text:
                text += s.next()
    with Socket(gate, "/console/secret", extra_headers=basic()) as s:
        assert s.ends()[0] == 4404
    wrong = {"Authorization": "Basic " + base64.b64encode(b"alice:no").decode()}
    with Socket(gate, "/console/web1", extra_headers=wrong) as s:
        assert s.ends()[0] == 4403


@test("curl -N watches, POST types, guests are listed")
def raw_http(gate, _):
    url = f"https://localhost:{gate.web_port}/console/web1"
    since = len(gate.log())
    with subprocess.Popen(["curl", "-sN", "--cacert", gate.path("web.crt"), "-u",
                           "alice:wonder land", url], stdout=subprocess.PIPE) as watcher:
        gate.wait_log("attached to local/web1", since=since)
        wait_for(lambda: json.loads(curl(gate, "/guests")[2])[0]["viewers"] or True, 30)
        status, _, body = curl(gate, "/console/web1", "--data-binary", "typed by curl")
        assert (status, json.loads(body)) == (200, {"sent": 13}), (status, body)
        text = b""
        while b"typed by curl" not in text:
            text += os.read(watcher.stdout.fileno(), 4096)
        watcher.kill()
    with sign_in(gate, "bob") as s:
        s.attach("web1", take=True).hears("keyboard", yours=True)
        assert curl(gate, "/console/web1", "--data-binary", "x")[0] == 409
        assert curl(gate, "/console/web1?take", "--data-binary", "x")[0] == 200
    assert curl(gate, "/console/web1", "--data-binary", "x" * 65537)[0] == 413
    # Who still sends when it is refused gets to read why.
    large = pathlib.Path(gate.path("large"))
    large.write_bytes(b"x" * 1_000_000)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: curl(gate, "/console/web1", "--data-binary", f"@{large}")[0],
                            range(60)))
    assert got == [413] * 60, got
    assert curl(gate, "/console/nobody", "--data-binary", "x")[0] == 404
    names = {g["label"] for g in json.loads(curl(gate, "/guests")[2])}
    assert {"web1", "web2", "off"} <= names and "secret" not in names, names
    assert curl(gate, "/console/off", "-X", "GET")[0] in (200, 409)


@test("a ticket opens one guest: in a session, by Bearer, by subprotocol")
def ticket(gate, _):
    with sign_in(gate) as s:
        m = s.ask("ask_ticket", guest="web1", may_type=True, valid=600)[-1]
        assert m["type"] == "ticket" and m["token"], m
        token = m["token"]
        assert [t["id"] for t in s.ask("ask_tickets") if t["type"] == "ticket"] == [m["id"]]
        with Session(gate) as other:
            other.say("use_ticket", token=token)
            assert other.hears("result")["result"] == "ok"
            other.attach("web1", read_only=True)
            assert other.attach("web2", is_waited=False).hears("refused")["code"] == 4
        bearer = ["-H", f"Authorization: Bearer {token}"]
        names = [g["label"] for g in json.loads(curl(gate, "/guests", *bearer, user=None)[2])]
        assert names == ["web1"], names
        with Socket(gate, "/console/web1?take", ["binary", f"ticket.{token}"]) as raw:
            assert raw.socket.subprotocol == "binary"
            raw.send(b"by ticket")
            text = b""
            while b"by ticket" not in text:
                text += raw.next()
        assert s.ask("revoke", id=m["id"])[-1]["type"] == "act_done"
        assert curl(gate, "/guests", *bearer, user=None)[0] == 401


# Hard times

@test("200 wrong passwords at once, and an honest one gets in", limit=120)
def burst(gate, _):
    request = (f"GET /guests HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
               f"{base64.b64encode(b'bob:wrong').decode()}\r\n\r\n").encode()
    answers = []

    def attack():
        context = tls_context(gate)
        for _ in range(4):
            try:
                with socket.create_connection(("127.0.0.1", gate.web_port), 30) as plain, \
                        context.wrap_socket(plain, server_hostname="localhost") as s:
                    s.sendall(request)
                    answers.append(s.recv(4096)[9:12])
            except OSError as error:
                answers.append(error)

    threads = [threading.Thread(target=attack) for _ in range(50)]
    for t in threads:
        t.start()
    start = time.monotonic()
    with sign_in(gate) as s:
        s.attach("web1")
    took = time.monotonic() - start
    for t in threads:
        t.join()
    assert answers.count(b"401") == 200, {str(a) for a in answers}
    assert took < 15, f"the honest one waited {took:.1f} s"
    wait_for(lambda: len(gate.children("ws")) <= 1, 30, "all connections to end")


@test("console is restarted: away, then everything again", group="deaths")
def console_dies(gate, _):
    with sign_in(gate) as s:
        s.say("list", watch=True)
        s.hears("list_end")
        console = s.attach("web1")
        os.kill(gate.roles()["console"], signal.SIGKILL)
        console.hears("away")
        s.hears("list_end", timeout=30)
        wait_for(lambda: try_attach(s), 30, "an attachment")


def try_attach(s):
    console = s.attach("web1", is_waited=False)
    while not console.said:
        s.pump()
    return console.said[0]["type"] == "attached"


@test("ws's parent and auth are restarted: sessions go on", group="deaths")
def parents_die(gate, _):
    with sign_in(gate) as s:
        console = s.attach("web1")
        for role in ("ws", "auth"):
            os.kill(gate.roles()[role], signal.SIGKILL)
            wait_for(lambda r=role: r in gate.roles(), 30, f"{role} again")
            console.types(role.encode())
            console.sees(role.encode())
        with contextlib.suppress(EOFError):
            s.attach("web2", is_waited=False)
            s.ends()
        assert s.closed[0] == 4100, s.closed
    wait_for(lambda: may_enter(gate), 30, "a new session")


def may_enter(gate):
    with contextlib.suppress(OSError), sign_in(gate) as s:
        return s.attach("web1").info
    return None


@test("the certificate is reloaded for new connections; a pair that does not fit is not")
def reload(gate, _):
    with sign_in(gate) as s:
        console = s.attach("web1")
        old = open(gate.path("web.crt")).read()
        gate.make_certificate()
        gate.reload()
        assert open(gate.path("web.crt")).read() != old
        curl_ok = curl(gate, "/healthz", user=None)[0]
        assert curl_ok == 200, "the new certificate is not used"
        gate.make_certificate(("rsa:2048",))
        gate.reload()
        assert curl(gate, "/healthz", user=None)[0] == 200, "the one of another kind is shown"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", gate.path("other.key")],
                       check=True, capture_output=True)
        kept = open(gate.path("web.key"), "rb").read()
        with open(gate.path("web.key"), "wb") as f:
            f.write(open(gate.path("other.key"), "rb").read())
        since = len(gate.log())
        gate.process.send_signal(signal.SIGHUP)
        gate.wait_log("do not belong together", since=since)
        assert curl(gate, "/healthz", user=None)[0] == 200, "the pair before is not kept"
        with open(gate.path("web.key"), "wb") as f:
            f.write(kept)
        gate.reload()
        console.types(b"still here")
        console.sees(b"still here")


# Floods

LINE = 64


def numbers_of(data):
    """Of the guest's numbered lines, the whole ones."""
    return [int(line.split()[0]) for line in bytes(data).split(b"\n")[1:-1] if line[:1].isdigit()]


@test("one who does not acknowledge misses bytes, in bounds; others go on", group="flood",
      root=True)
def slow(gate):
    with sign_in(gate, "bob") as other, sign_in(gate) as s:
        seen = other.attach("flood", **{"from": {"kind": "now"}})
        lazy = s.attach("flood", **{"from": {"kind": "now"}})
        lazy.acks = False
        seen.hears("keyboard", yours=True)
        seen.types(b"F24\r")      # more than a window and the ring
        seen.sees(b"done", timeout=50)
        missed = sum(m["count"] for m in seen.said if m["type"] == "gap")
        assert seen.position - seen.start == seen.count + missed, "the other viewer"
        assert seen.position - seen.start > 24 << 20
        with contextlib.suppress(TimeoutError):
            while True:
                s.pump(0.5)
        assert lazy.count <= s.hello["window"] + 65536, f"{lazy.count} bytes without an ack"
        lazy.acks = True
        lazy.ack()
        m = lazy.hears("gap")
        while lazy.position < seen.position:
            s.pump()
        assert lazy.position - lazy.start == lazy.count + m["count"], (lazy.count, m)


@test("cut ten times in a flood: every byte within the ring, once", group="flood", root=True)
def flood_resume(gate):
    s = sign_in(gate)
    s.say("token")
    token = s.hears("token")["token"]
    console = s.attach("flood", take=True, **{"from": {"kind": "now"}})
    console.hears("keyboard", yours=True)
    start = console.position
    console.types(b"F8\r")
    shown = bytearray()
    for _ in range(10):
        while len(console.bytes) < 300_000:
            s.pump()
        s.cut()
        shown += console.bytes
        s, console = resumed(gate, token, "flood", console)
        s.say("token")
        token = s.hears("token")["token"]
        assert console.info["missed"] == 0, console.info
    console.sees(b"done", timeout=40)
    shown += console.bytes
    assert console.position - start == len(shown), "the count of bytes is not the offsets'"
    assert not [m for m in console.said if m["type"] == "gap"]
    numbers = numbers_of(shown)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "lines lost or repeated"
    assert len(numbers) > (8 << 20) // LINE - 4, len(numbers)
    s.close()


class Silent:
    """A session that answers no ping, from the start of the tests on."""

    def __init__(self, gate):
        before = set(gate.children("ws"))
        self.session = sign_in(gate)
        self.session.attach("web2", read_only=True)
        self.since = time.monotonic()
        self.pid = (set(gate.children("ws")) - before).pop()
        LOOP.loop.call_soon_threadsafe(self.session.socket.transport.pause_reading)

    def ends(self):
        wait_for(lambda: not is_alive(self.pid), 75, "its process to end")
        took = time.monotonic() - self.since
        self.session.cut()
        assert took > 30, f"it ended after {took:.0f} s"


# Short times

@test("handshake-grace, login-grace and idle-timeout end who is slow", group="short")
def graces(gate, _):
    with socket.create_connection(("127.0.0.1", gate.web_port)) as s:
        s.settimeout(30)
        assert s.recv(1) == b"", "it was answered"
    with Session(gate) as s:
        assert s.ends()[0] == 4202
    with sign_in(gate) as s:
        s.attach("web1")
        assert s.ends()[0] == 4203


@test("a peer that went silent is noticed", group="silent", limit=90)
def silent(peer):
    peer.ends()


def flood_group(access):
    containers = guests_host(driver="lxc")
    try:
        containers.start()
    except RuntimeError as e:
        skip_group("flood", f"no containers here: {e}")
        return
    with contextlib.ExitStack() as stack:
        stack.callback(containers.stop)
        gate = stack.enter_context(Gateway(containers, web="tls", access=access.replace("off", "flood"),
                                           extra={"console": ["ring = 16MiB"]}))
        containers.define("flood", "lxc")
        wait_for(lambda: "flood" in gate.run("list").stdout, 30, "the guest")
        run(gate, group="flood")


def main():
    access = ("[access \"all\"]\nusers = alice bob\nguests = web* off\n"
              "may = view type power break share\n")
    with guests_host() as libvirt:
        for name in ("web1", "web2", "web3", "secret"):
            libvirt.define(name)
        libvirt.define("off", start=False)
        if wanted() or wanted("silent") or wanted("deaths"):
            with Gateway(libvirt, web="tls", access=access,
                         extra={"auth": ["max-tries = 2"],
                                "gate": ["penalty = 0", "max-per-source = 500",
                                         "max-unauthenticated = 300"]}) as gate:
                wait_for(lambda: "off" in gate.run("list").stdout, 30, "the guests")
                peer = Silent(gate) if wanted("silent") else None
                run(gate, libvirt)
                run(peer, group="silent")
                run(gate, libvirt, group="deaths")
        if not IS_ROOT:
            skip_group("flood", "needs root")
        elif wanted("flood"):
            flood_group(access)
        if wanted("short"):
            with Gateway(libvirt, web="plain", access=access,
                         extra={"gate": ["handshake-grace = 1s", "login-grace = 2s",
                                         "idle-timeout = 2s", "penalty = 0"]}) as gate:
                wait_for(lambda: "off" in gate.run("list").stdout, 30, "the guests")
                run(gate, libvirt, group="short")
    sys.exit(result())


main()
