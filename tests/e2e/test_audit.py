#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The audit: who logged in, attached and did what, as lines of JSON in the log and in a file,
and one end for each beginning, whatever is killed in between."""

import json
import os
import pathlib
import pwd
import re
import signal
import stat
import subprocess
import sys

import pexpect

from gateway import Gateway, comm, guests_host, is_alive
from libvirt_env import wait_for
from person import Person
from tap import result, run, test

ENDS = {"login": "logout", "attach": "detach"}


class Audit:
    """The file as a list of objects; every line of it has to be one."""

    def __init__(self, gate):
        self.path = pathlib.Path(gate.path("audit"))
        self.gate = gate

    def lines(self):
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def has(self, since=0, **what):
        return [l for l in self.lines()[since:] if all(l.get(k) == v for k, v in what.items())]

    def wait(self, since=0, count=1, **what):
        return wait_for(lambda: self.has(since, **what) if len(self.has(since, **what)) >= count
                        else None, 15, f"{count} of {what} in the audit")

    def unended(self):
        """Beginnings without an end, and ends without a beginning."""
        found = []
        for begin, end in ENDS.items():
            begun = {(l["time"], l["visit"], l.get("attachment"))
                     for l in self.has(event=begin, ok=True)}
            ended = [(l.get("began"), l["visit"], l.get("attachment")) for l in self.has(event=end)]
            found += [(begin, key, ended.count(key)) for key in begun if ended.count(key) != 1]
            found += [(end, key, "no beginning") for key in ended if key not in begun]
        return found

    def is_even(self):
        wait_for(lambda: not self.unended(), 30, "one end for each beginning")


def in_log(gate):
    return [json.loads(line) for line in re.findall(r"audit: (\{.*\})$", gate.log(), re.M)]


def login_with(gate, password):
    child = pexpect.spawn("ssh", gate.ssh_argv(
        "list", key=None, options=["-o", "NumberOfPasswordPrompts=1"])[1:], timeout=40)
    child.expect(b"[Pp]assword: ")
    child.sendline(password.encode())
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


@test("a wrong password and a right one: login with ok false and true, and one logout")
def logins(gate, _):
    audit = Audit(gate)
    since = len(audit.lines())
    assert login_with(gate, "wrong") != 0
    failed = audit.wait(since, event="login", ok=False)[0]
    assert failed["user"] == "alice" and failed["peer"] == "127.0.0.1", failed
    assert failed["method"] == "keyboard-interactive" and failed["endpoint"] == "ssh", failed
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", failed["time"]), failed
    assert login_with(gate, "wonder land") == 0
    done = audit.wait(since, event="login", ok=True)[0]
    out = audit.wait(since, event="logout")[0]
    assert out["visit"] == done["visit"] and out["began"] == done["time"], (done, out)
    assert not audit.has(since, event="logout", visit=failed["visit"])
    wait_for(lambda: [l for l in in_log(gate) if l in audit.lines()[since:]] ==
             audit.lines()[since:], 5, "the same lines in the log")


@test("attach and detach: host, guest, UUID, console, duration, bytes each way")
def attach(gate, libvirt):
    audit = Audit(gate)
    since = len(audit.lines())
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("0123456789")
        begun = audit.wait(since, event="attach")[0]
        alice.escape(".")
        assert alice.status() == 0
    ended = audit.wait(since, event="detach")[0]
    assert begun["guest"] == "web1" and begun["host"] == "local", begun
    assert begun["uuid"] == libvirt.uuid("web1") and begun["console"] == "serial0", begun
    assert ended["attachment"] == begun["attachment"] and ended["began"] == begun["time"]
    assert ended["bytes_to_guest"] == 10 and ended["bytes_from_guest"] >= 10, ended
    assert "cause" not in ended and ended["seconds"] < 30, ended
    audit.is_even()


@test("taking the keyboard is told, with from whom")
def keyboard(gate, _):
    audit = Audit(gate)
    since = len(audit.lines())
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        audit.wait(since, event="attach", user="alice")
        with Person(gate, "web1", user="bob") as bob:
            bob.is_on("web1")
            bob.escape("t")
            taken = audit.wait(since, event="keyboard")[0]
            assert taken["user"] == "bob" and taken["from"] == "alice", taken
    audit.is_even()


@test("what is typed is nowhere in it")
def no_keys(gate, _):
    audit = Audit(gate)
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("s3cret-typed")
        alice.escape(".")
        alice.status()
    audit.is_even()
    assert "s3cret" not in audit.path.read_text() + gate.log()
    assert "wonder" not in audit.path.read_text() + gate.log()


@test("kill -9 of console, of a session, of sshd's parent: one end for each beginning", limit=90)
def deaths(gate, _):
    audit = Audit(gate)
    since = len(audit.lines())
    with Person(gate, "web1") as alice, Person(gate, "web1", user="bob") as bob:
        alice.is_on("web1")
        bob.is_on("web1")
        audit.wait(since, count=2, event="attach")
        os.kill(gate.roles()["console"], signal.SIGKILL)
        audit.wait(since, count=2, event="detach", cause="console died")
        audit.wait(since, count=4, event="attach")
        children = wait_for(lambda: len(gate.children("sshd")) == 2 and gate.children("sshd"), 30,
                            "earlier sessions to end")
        os.kill(children[0], signal.SIGKILL)
        audit.wait(since, event="logout")
        audit.wait(since, count=3, event="detach")
        os.kill(gate.roles()["sshd"], signal.SIGKILL)
        gate.wait_log("sshd is ready again")
        assert len(audit.has(since, event="logout")) == 1, audit.lines()[since:]
        wait_for(lambda: not (alice.tty.isalive() and bob.tty.isalive()), 30, "one to be gone")
        (alice if alice.tty.isalive() else bob).escape(".")
        audit.wait(since, count=2, event="logout")
    audit.is_even()
    assert all("bytes_to_guest" in l for l in audit.has(since, event="detach") if "cause" not in l)


@test("the file is renamed, and SIGHUP begins a new one, 0600")
def rotation(gate, _):
    audit = Audit(gate)
    old = audit.path.with_suffix(".1")
    audit.path.rename(old)
    gate.reload()
    gate.run("list")
    audit.wait(event="logout")
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600
    old.write_text(old.read_text() + audit.path.read_text())
    old.rename(audit.path)
    gate.reload()


@test("kill -9 of the gate: the next one ends what was open, once", limit=90)
def gate_dies(gate, _):
    audit = Audit(gate)
    since = len(audit.lines())
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        audit.wait(since, event="attach")
        below = gate.family()
        gate.process.kill()
        gate.process.wait()
        wait_for(lambda: not any(is_alive(pid) for pid in below), 30, "all to be gone")
        gate.start()
    assert len(audit.has(since, cause="the gate died")) == 2, audit.lines()[since:]
    assert audit.has(since, event="detach", cause="the gate died")[0]["guest"] == "web1"
    audit.is_even()


@test("SIGTERM ends what is open; a new start has nothing to end")
def end(gate, _):
    audit = Audit(gate)
    since = len(audit.lines())
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        audit.wait(since, event="attach")
        assert gate.stop() == []
    assert len(audit.has(since, cause="the gate ended")) == 2
    gate.start()
    audit.is_even()
    assert not audit.has(since, cause="the gate died")


@test("started by a user: no state is kept where it is by default, and nothing is said of it",
      group="user", root=True)
def as_user(gate, _):
    gate.run("list")
    wait_for(lambda: any(l["event"] == "logout" for l in in_log(gate)), 30, "the audit in the log")
    assert "state-file" not in gate.log()


def limit_processes(gate, soft):
    """Of the gate's user, for processes that the gate itself forks."""
    group = str(pwd.getpwnam(gate.runner).pw_gid)
    subprocess.run(["setpriv", "--reuid", gate.runner, "--regid", group, "--clear-groups",
                    "prlimit", "--pid", str(gate.process.pid), f"--nproc={soft}:"], check=True)


@test("the writer cannot be started again for a while: then it is, and tells how much was lost",
      group="user", root=True)
def no_process(gate, _):
    gate.stop()
    gate.extra["gate"].append(f"audit-file = {gate.path('audit')}")
    gate.write_config()
    gate.start()
    gate.run("list")
    audit = Audit(gate)
    audit.wait(event="logout")
    limits = pathlib.Path(f"/proc/{gate.process.pid}/limits").read_text(encoding="ascii")
    before = re.search(r"Max processes +(\S+)", limits).group(1)
    limit_processes(gate, 1)
    try:
        writer = next(pid for pid in gate.family() if comm(pid) == "audit")
        os.kill(writer, signal.SIGKILL)
        gate.wait_log("the audit's files are not written: Resource temporarily unavailable")
        gate.run("list")                   # its lines are among the lost ones
    finally:
        limit_processes(gate, before)
    wait_for(lambda: any(comm(pid) == "audit" for pid in gate.family()), 30, "the next writer")
    since = len(audit.lines())
    gate.run("list")
    audit.wait(since, event="logout")


def main():
    with guests_host() as libvirt:
        libvirt.define("web1")
        with Gateway(libvirt) as gate:
            gate.stop()
            gate.extra = {"gate": [f"audit-file = {gate.path('audit')}"]}
            gate.write_config()
            gate.start()
            run(gate, libvirt)
        with Gateway(libvirt, as_user=True, extra={"gate": ["state-file"]}) as gate:
            run(gate, libvirt, group="user")
    sys.exit(result())


main()
