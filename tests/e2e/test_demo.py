#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""`make demo` as somebody who tries it: log in as it says, look around, Ctrl-C; nothing stays."""

import contextlib
import glob
import gzip
import os
import pathlib
import re
import sys
import urllib.request

import pexpect

from gateway import TOP
from libvirt_env import wait_for
from tap import result, run, test

READY_SECONDS = 100     # it builds what is not built yet


def directories():
    return set(glob.glob("/tmp/serialgate-demo*"))


def processes_of(path):
    """{pid: command line} of all that run from a directory or are told of it."""
    found = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            with contextlib.suppress(OSError):
                command = f"{os.readlink(entry / 'exe')} {command}"
            if path in command:
                found[int(entry.name)] = command
    return found


class Demo:
    """One that runs: how to log in, and where it has its things."""

    def __init__(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        self.make = pexpect.spawn("make", ["demo"], cwd=str(TOP), env=environment, encoding="utf-8",
                                  timeout=READY_SECONDS, dimensions=(50, 200))
        self.make.expect_exact("Ctrl-C here ends the demo and leaves nothing behind.")
        self.text = self.make.before
        self.path = re.search(r"UserKnownHostsFile=(/tmp/serialgate-demo\.\w+)/known_hosts", self.text).group(1)

    def says(self, what):
        return re.search(rf"^ +{what} +(\S.*?)\r?$", self.text, re.M).group(1)

    def client(self, what):
        """Runs the line that it prints for something, and types the password."""
        words = self.says(what).split()
        child = pexpect.spawn(words[0], ["-F", "/dev/null", "-o", "PubkeyAuthentication=no",
                                         "-o", "StrictHostKeyChecking=yes", *words[1:]],
                              encoding="utf-8", timeout=20, dimensions=(24, 100))
        child.expect("Password: ")
        child.sendline(self.says("password"))
        return child

    def end(self):
        """Ctrl-C."""
        self.make.sendintr()
        self.make.expect(pexpect.EOF, timeout=30)
        self.make.close()

    def close(self):
        if self.make.isalive():
            with contextlib.suppress(pexpect.ExceptionPexpect):
                self.end()
        self.make.close(force=True)


@test("make demo: log in as it says, see its guests, Ctrl-C leaves nothing", limit=200)
def demo(*_):
    before = directories()
    it = Demo()
    try:
        assert it.path in directories() - before and processes_of(it.path)
        assert it.says("user name") == "demo"
        listing = it.client("the guests, for a script")
        listing.expect(pexpect.EOF)
        listing.close()
        assert listing.exitstatus == 0
        names = re.findall(r"^(\S+) +running", listing.before, re.M)
        assert sorted(names) == ["db1", "web1"], listing.before
        console = it.client("a console")
        console.expect("Connected to domain 'web1'")
        console.expect("Escape character")
        console.send("\x1d.")
        console.expect(pexpect.EOF)
        page = re.search(r"http://localhost:\d+/", it.text).group()
        with urllib.request.urlopen(page, timeout=10) as answer:
            assert b"serialgate" in gzip.decompress(answer.read())
        link = it.client("a link to one guest")
        link.expect(re.escape(page) + "#ticket=[A-Za-z0-9_-]+")
        link.expect(pexpect.EOF)
        menu = it.client("the menu")
        menu.expect("web1")
        it.end()
        menu.expect(pexpect.EOF)
        assert "Cleaning up." in it.make.before, it.make.before
        assert it.path not in directories()
        wait_for(lambda: not processes_of(it.path), 30, f"its processes to end: {processes_of(it.path)}")
    finally:
        it.close()


def main():
    run()
    sys.exit(result())


main()
