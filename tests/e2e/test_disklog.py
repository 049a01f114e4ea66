#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Consoles logged to disk: a file for each boot, named by UUID, rotated; read again by `log`;
a disk that is full, gone or hangs costs lines of the log and never a console."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import sys
import time

from gateway import IS_ROOT, ROLE_USERS, Gateway, children_of, comm, guests_host
from libvirt_env import wait_for
from person import Person, TICK
from tap import result, run, test
from web import Session


class Logs:
    """What stands in the log directory of one console."""

    def __init__(self, gate, uuid, console="serial0@local"):
        self.folder = pathlib.Path(gate.path("logs"), uuid, console)

    def files(self, kind="log"):
        return sorted(self.folder.glob(f"*.{kind}"))

    def text(self):
        with contextlib.suppress(FileNotFoundError):    # one may be rotated away meanwhile
            return b"".join(path.read_bytes() for path in self.files())
        return b""

    def wait(self, what):
        """Of what the guest echoes; its ticks come in between."""
        wait_for(lambda: what in TICK.sub(b"", self.text()), 30, f"{what!r} in {self.folder}")


def child_called(parent, name):
    return next(pid for pid in children_of(parent) if comm(pid) == name)


def disk_processes(gate):
    """pid of who listens to console, and of who writes."""
    listener = child_called(child_called(gate.roles()["console"], "console-keep"), "console-log")
    return listener, child_called(listener, "console-disk")


@test("what a guest prints is in a file below its UUID, readable by nobody else, with an index")
def written(gate, libvirt):
    logs = Logs(gate, libvirt.uuid("web1"))
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("to-be-logged-1")
        logs.wait(b"to-be-logged-1")
        assert re.fullmatch(r"\d{10}-\d{8}T\d{6}Z\.log", logs.files()[0].name), logs.files()
        assert logs.files()[0].stat().st_mode & 0o077 == 0
        index = logs.files("index")[0].read_text().splitlines()
        assert re.fullmatch(r"e \d+ 0 \d+", index[0]) and re.fullmatch(r"t \d+ 0 \d+", index[1]), index
        assert (logs.folder / "guest").read_text() == "local/web1 serial0\n"
        assert "web1" not in str(logs.folder)


@test("each boot begins a file; all bytes of both are there")
def boots(gate, libvirt):
    logs = Logs(gate, libvirt.uuid("web1"))
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("before-the-boot")
        count = len(logs.files())
        libvirt.virsh("destroy", "web1")
        libvirt.virsh("start", "web1")
        wait_for(lambda: len(logs.files()) > count, 30, "a file for the boot")
        alice.echoes("after-the-boot")
        logs.wait(b"after-the-boot")
        logs.wait(b"before-the-boot")
        assert b"after-the-boot" not in logs.files()[count - 1].read_bytes()
        wait_for(lambda: any(re.search(r"^b ", path.read_text(), re.M)
                             for path in logs.files("index")), 30, "the boot in an index")


@test("console is killed: its last words are on disk, and the next one goes on in a new file")
def console_dies(gate, libvirt):
    logs = Logs(gate, libvirt.uuid("web1"))
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("last-words")
        os.kill(gate.roles()["console"], signal.SIGKILL)
        logs.wait(b"last-words")
        gate.wait_log("console is ready again")
        wait_for(lambda: "console" in gate.roles(), 30, "console")
        count = len(logs.files())
        alice.sees("Connected", timeout=20) if b"Connected" in alice.came else None
        alice.echoes("first-words", timeout=30)
        logs.wait(b"first-words")
        assert len(logs.files()) >= count


@test("a WebSocket that asks for more than memory has gets the files whole, before `attached`")
def over_web(gate, libvirt):
    text = Logs(gate, libvirt.uuid("web1")).text()
    assert b"last-words" in text
    with Session(gate) as alice:
        assert alice.login()["result"] == "ok"
        console = alice.attach("web1", history=True, read_only=True, **{"from": {"kind": "oldest"}})
        files = [m for m in console.said if m["type"] == "log_file"]
        assert files and files[0]["len"] > 0 and re.fullmatch(r"\d+", files[0]["epoch"]), console.said
        assert all(m["time"] <= time.time() for m in files), files
        past = sum(m["len"] for m in files)
        assert bytes(console.bytes[:past]) == text[:past], (files, text[:200], console.bytes[:200])
        # All of what the console before this one had, and its place among the bytes is told.
        assert text.index(b"last-words") < past
        assert files[0]["epoch"] != console.info["epoch"] and files[0]["offset"] == 0, files
        wait_for(lambda: console.position >= console.info["head"] or alice.pump(), 30, "the rest")
        assert b"first-words" in console.bytes
    with Session(gate) as bob:
        assert bob.login("bob", "builder")["result"] == "ok"
        part = bob.attach("web1", history=True, read_only=True, **{
            "from": {"kind": "offset", "epoch": files[0]["epoch"], "value": 10}})
        first = part.hears("log_file")
        assert (first["offset"], first["epoch"]) == (10, files[0]["epoch"]), first
        assert bytes(part.bytes[:first["len"]]) == text[10:10 + first["len"]], part.bytes[:200]


@test("the writer hangs (SIGSTOP, as a disk would have it): the console goes on; then a hole")
def hangs(gate, libvirt):
    logs = Logs(gate, libvirt.uuid("web1"))
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("it-goes")
        logs.wait(b"it-goes")
        _, writer = disk_processes(gate)
        since = len(gate.log())
        os.kill(writer, signal.SIGSTOP)
        try:
            alice.echoes("while-it-hangs")
            wait_for(lambda: alice.echoes("x")[0] < 1 and "does not answer" in gate.log(since), 30,
                     "the log to say so")
            alice.echoes("more-is-lost")
        finally:
            os.kill(writer, signal.SIGCONT)
        gate.wait_log("its disk answers again", since=since)
        alice.echoes("it-goes-on")
        logs.wait(b"it-goes-on")
        assert re.search(rb"\n\[gate: \d+ bytes were not written\]\n", logs.text()), logs.text()[-500:]
        assert b"more-is-lost" not in logs.text()


@test("the process that listens is killed: another one is started, with one warning and a hole")
def listener_dies(gate, libvirt):
    logs = Logs(gate, libvirt.uuid("web1"))
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        for word in ("first-death", "second-death"):
            alice.echoes(f"before-{word}")
            logs.wait(f"before-{word}".encode())
            since = len(gate.log())
            listener, writer = disk_processes(gate)
            os.kill(writer, signal.SIGSTOP)             # so that something is under way
            alice.echoes(f"lost-{word}")
            os.kill(listener, signal.SIGKILL)
            os.kill(writer, signal.SIGKILL)
            # What is handed to one that is about to die is lost, and told to be.
            gate.wait_log("process for logs on disk ended", since=since)
            alice.echoes(f"meanwhile-{word}")
            logs.wait(f"meanwhile-{word}".encode())
            alice.echoes(f"after-{word}")
            logs.wait(f"after-{word}".encode())
            assert gate.log(since).count("process for logs on disk ended") == 1, gate.log(since)
            assert disk_processes(gate)[0] != listener
            assert f"lost-{word}".encode() not in logs.text()
        assert len(re.findall(rb"\[gate: \d+ bytes were not written\]\n", logs.text())) >= 2
        assert "after-second-death" in gate.run("log", "web1").stdout


@test("the directory vanishes and comes back; SIGHUP names another one", root=True)
def directory(gate, libvirt):
    logs = Logs(gate, libvirt.uuid("web1"))
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("here")
        logs.wait(b"here")
        since = len(gate.log())
        os.rename(gate.path("logs"), gate.path("away"))
        wait_for(lambda: alice.echoes("x") and "are not logged now" in gate.log(since), 30,
                 "the log to say so")
        os.rename(gate.path("away"), gate.path("logs"))
        wait_for(lambda: alice.echoes("y") and "are logged again" in gate.log(since), 30,
                 "the log to say so")
        make_directory(gate, "other")
        gate.extra["console"][0] = f"log-directory = {gate.path('other')}"
        gate.write_config()
        gate.reload()
        alice.echoes("elsewhere")
        other = Logs(gate, libvirt.uuid("web1"))
        other.folder = pathlib.Path(gate.path("other"), *other.folder.parts[-2:])
        other.wait(b"elsewhere")
        assert b"elsewhere" not in logs.text()
        gate.extra["console"][0] = f"log-directory = {gate.path('logs')}"
        gate.write_config()
        gate.reload()


@test("rotation by size and number: the newest bytes stay", root=True)
def rotation(gate, libvirt):
    uuid = libvirt.uuid("flood")
    logs = Logs(gate, uuid)
    with Person(gate, "flood") as alice:
        alice.is_on("flood")
        alice.types("!")                                # floods until the next key
        wait_for(lambda: len(logs.files()) == 3 and int(logs.files()[0].name[:10]) > 1, 40,
                 "the oldest file to go")
        alice.types("x")
        assert all(path.stat().st_size <= 65536 for path in logs.files()), logs.files()
        # After it the guest says what it says each second.
        wait_for(lambda: re.search(rb"x(\r?\n?tick \d+\r\n)*(t[ick]* ?\d*\r?)?$", logs.text()), 30,
                 "the last byte to be written")
        numbers = [int(n) for n in re.findall(rb"\b(1\d{9}) abc", logs.text())]
        assert len(numbers) > 1000 and b"[gate:" not in logs.text()
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(logs.files("index")) <= 4


@test("what memory has not any more `log` reads from disk, each line with its time; who attaches is told")
def from_disk(gate, libvirt):
    gate.extra["console"][1:] = ["log-size = 8MiB", "log-files = 8", "ring = 256KiB"]
    gate.write_config()
    gate.reload()
    logs = Logs(gate, libvirt.uuid("holes"))
    with Person(gate, "holes") as alice:
        alice.is_on("holes")
        libvirt.virsh("reset", "holes")
        alice.sees("tiny: ready")
        alice.types("!")
        # The first 256 KiB of a boot stay in memory, and the newest; between them is a hole.
        wait_for(lambda: len(logs.text()) > 640 * 1024, 60, "the flood to be long enough")
        # While the ring goes on, what leaves it is read from disk.
        lines = gate.run("log", "holes", "--raw", "--lines", "8000")
        assert "missing" not in lines.stderr, lines.stderr
        last = [int(n) for n in re.findall(r"^(\d{8,10}) abc", lines.stdout, re.M)]
        assert len(last) > 7900 and last == list(range(last[0], last[0] + len(last))), len(last)
        alice.types("x")
        alice.echoes("calm")
    kept = gate.run("log", "holes", "--boot", "--raw")
    assert "missing" not in kept.stderr and "not kept" not in kept.stderr, kept.stderr
    numbers = [int(n) for n in re.findall(r"\b(\d{8,10}) abc", kept.stdout)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), kept.stderr
    assert len(kept.stdout) > 600 * 1024
    # By lines, more of them than the ring has after the hole.
    lines = gate.run("log", "holes", "--raw", "--lines", "8000")
    count = lines.stdout.count("\n") + (not lines.stdout.endswith("\n"))
    assert "missing" not in lines.stderr and count == 8000, (count, lines.stderr)
    last = [int(n) for n in re.findall(r"^(\d{8,10}) abc", lines.stdout, re.M)]
    assert last and last == numbers[-len(last):], (last[:2], last[-2:], numbers[-1])
    # From within the hole, and to within it.
    epoch = re.search(r"this ends at (\d+)\.", kept.stderr)[1]
    part = gate.run("log", "holes", "--raw", "--from", f"{epoch}.300000", "--until", f"{epoch}.320000")
    assert "missing" not in part.stderr and part.stdout in kept.stdout, part.stderr
    assert len(part.stdout.replace("\n", "\r\n")) == 20000, len(part.stdout)
    timed = gate.run("log", "holes", "--timestamps", "--from", f"{epoch}.300000")
    times = [line[:24] for line in timed.stdout.splitlines() if " abc" in line]
    assert times == sorted(times) and times[0][:2] == "20" and len(set(times)) > 1, times[::1000]
    with Person(gate, "holes", "--replay-from", f"{epoch}.300000") as alice:
        alice.sees("not here: 'log holes --from", f"{epoch}.300000' has them")


def make_directory(gate, name):
    path = gate.path(name)
    os.mkdir(path, 0o700)
    if IS_ROOT:
        shutil.chown(path, ROLE_USERS[1])


def main():
    with guests_host() as libvirt:
        libvirt.define("web1")
        libvirt.define("flood")
        libvirt.define("holes")
        with Gateway(libvirt, web="plain") as gate:
            gate.stop()
            make_directory(gate, "logs")
            gate.extra = {"console": [f"log-directory = {gate.path('logs')}", "log-size = 64KiB",
                                      "log-files = 3"]}
            gate.write_config()
            gate.start()
            run(gate, libvirt)
            assert gate.stop() == []
    sys.exit(result())


main()
