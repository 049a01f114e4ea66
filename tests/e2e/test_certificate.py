#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The web endpoint as gate has it: on where it can serve, with the certificate that fits."""

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys

from gateway import Gateway, guests_host
from libvirt_env import wait_for
from tap import result, run, test


def seen_certificate(gate):
    """What a new connection is shown, DER; None: there is no TLS to be had."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError):
        with socket.create_connection(("127.0.0.1", gate.web_port), 5) as s:
            with context.wrap_socket(s, server_hostname="localhost") as tls:
                return tls.getpeercert(binary_form=True)
    return None


def own_certificate(gate):
    with open(gate.path("web.crt"), encoding="ascii") as f:
        return ssl.PEM_cert_to_DER_cert(f.read())


def answers_http(gate):
    with contextlib.suppress(OSError):
        with socket.create_connection(("127.0.0.1", gate.web_port), 5) as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return s.recv(5) == b"HTTP/"
    return False


def hangup(gate, until):
    since = len(gate.log())
    gate.process.send_signal(signal.SIGHUP)
    gate.wait_log(until, since=since)


@test("https with the certificate of the file; SIGHUP: new connections have the new one")
def renewed(gate):
    first = own_certificate(gate)
    wait_for(lambda: seen_certificate(gate) == first, 30, "the certificate")
    gate.make_certificate()
    hangup(gate, "conf again")
    wait_for(lambda: seen_certificate(gate) == own_certificate(gate), 30, "the new certificate")


@test("SIGHUP with a key that does not fit: refused, the old pair stays, also for a new ws")
def wrong_key(gate):
    old = own_certificate(gate)
    kept = {name: open(gate.path(name), "rb").read() for name in ("web.crt", "web.key")}
    gate.make_certificate()
    with open(gate.path("web.crt"), "wb") as f:
        f.write(kept["web.crt"])
    hangup(gate, "ws refuses the new configuration and keeps the old one")
    assert seen_certificate(gate) == old
    since = len(gate.log())
    os.kill(gate.roles()["ws"], signal.SIGKILL)
    gate.wait_log("ws is ready again", since=since)
    wait_for(lambda: seen_certificate(gate) == old, 30, "the old certificate")
    for name, data in kept.items():
        with open(gate.path(name), "wb") as f:
            f.write(data)
    hangup(gate, "conf again")


@test("SIGHUP without the key: refused before anything is changed")
def half(gate):
    old = own_certificate(gate)
    os.rename(gate.path("web.key"), gate.path("hidden"))
    hangup(gate, "is refused: the old one stays")
    assert seen_certificate(gate) == old
    os.rename(gate.path("hidden"), gate.path("web.key"))


@test("neither file any more: plain http on loopback addresses; then https again")
def plain(gate):
    for name in ("web.crt", "web.key"):
        os.rename(gate.path(name), gate.path(name + ".away"))
    hangup(gate, "the web endpoint is plain http, on addresses of this machine alone")
    wait_for(lambda: answers_http(gate), 30, "plain http")
    for name in ("web.crt", "web.key"):
        os.rename(gate.path(name + ".away"), gate.path(name))
    hangup(gate, "(https)")
    wait_for(lambda: seen_certificate(gate) == own_certificate(gate), 30, "https again")


@test("turned off by SIGHUP: nobody listens, ws is gone; and on again")
def off(gate):
    gate.extra["web"] = ["listen ="]
    gate.write_config()
    gate.reload()
    wait_for(lambda: "ws" not in gate.roles(), 30, "ws to end")
    assert seen_certificate(gate) is None
    del gate.extra["web"]
    gate.write_config()
    gate.reload()
    wait_for(lambda: seen_certificate(gate) == own_certificate(gate), 30, "https again")
    assert gate.run("list").returncode == 0


@test("a pair that does not fit, at the start: it does not start, and says why")
def wrong_at_start(gate):
    assert gate.stop() == []
    with open(gate.path("web.crt"), "rb") as f:
        old = f.read()
    gate.make_certificate()
    with open(gate.path("web.crt"), "wb") as f:
        f.write(old)
    done = subprocess.run([gate.path("sbin/serialgate"), "-d", "-f", gate.path("serialgate.conf")],
                          capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1 and "ws: " in done.stderr, done
    gate.make_certificate()


@test("without the program ws: an error where the endpoint is on, none where it is off")
def no_program(gate):
    os.unlink(gate.path("libexec/serialgate/ws"))
    argv = [gate.path("sbin/serialgate"), "-d", "-f", gate.path("serialgate.conf")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1 and "libexec/serialgate/ws: No such file" in done.stderr, done
    gate.extra["web"] = ["listen ="]
    gate.write_config()
    gate.start()


def main():
    with guests_host() as libvirt, Gateway(libvirt, web="tls") as gate:
        run(gate)
    sys.exit(result())


main()
