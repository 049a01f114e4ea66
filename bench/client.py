# SPDX-License-Identifier: ISC
"""A stock ssh with a program at its ends instead of a person: what every figure is taken with.

Both sides of a comparison use this same code.  On a pty (raw from the start, as ssh would make
it) or on pipes.  It never types into a session by itself but what its caller hands it.
"""

import os
import pathlib
import re
import select
import shutil
import subprocess
import time
import tty

# The two lines that virsh and the gateway begin a console with end in this.
ATTACHED = b"Escape character is "
# No text has this byte, and a terminal that echoes by itself would show "^B".
KEY = b"\x02"
KEY_AGAIN = 0.005
READ_SIZE = 65536


class Client:
    def __init__(self, argv, on_pty=True):
        self.seen = bytearray()
        self.started = time.perf_counter()
        if on_pty:
            self.write_fd = self._start_on_pty(argv)
            self.read_fd = self.write_fd
        else:
            self._start_on_pipes(argv)
        self.poll = select.poll()
        self.poll.register(self.read_fd, select.POLLIN)

    def _start_on_pty(self, argv):
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        try:
            self.process = subprocess.Popen(argv, stdin=theirs, stdout=theirs,
                                            stderr=subprocess.DEVNULL, start_new_session=True)
        finally:
            os.close(theirs)
        return ours

    def _start_on_pipes(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, start_new_session=True,
                                        bufsize=0)
        self.write_fd = self.process.stdin.fileno()
        self.read_fd = self.process.stdout.fileno()

    def send(self, data):
        os.write(self.write_fd, data)

    def read(self, timeout):
        """What is there, at most READ_SIZE; b"" after timeout seconds without any."""
        if not self.poll.poll(timeout * 1000):
            return b""
        try:
            data = os.read(self.read_fd, READ_SIZE)
        except OSError:
            data = b""
        if not data:
            raise EOFError(f"ssh ended after {bytes(self.seen[-300:])!r}")
        return data

    def read_until(self, wanted, timeout=30):
        """Reads until `wanted` has come since the last call, and forgets all up to there."""
        deadline = time.perf_counter() + timeout
        while wanted not in self.seen:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"no {wanted!r} in {timeout} s: {bytes(self.seen[-300:])!r}")
            self.seen += self.read(0.5)
        end = self.seen.index(wanted) + len(wanted)
        del self.seen[:end]

    def attach(self):
        """Until the guest answered a key: seconds since ssh was started.

        The key goes out as soon as the console is announced, and again until it is answered:
        what virsh gets before it has made its terminal raw is thrown away.
        """
        self.read_until(ATTACHED)
        deadline = time.perf_counter() + 30
        while True:
            self.send(KEY)
            if KEY in self.read(KEY_AGAIN):
                return time.perf_counter() - self.started
            if time.perf_counter() > deadline:
                raise TimeoutError("no key was answered in 30 s")

    def echo(self):
        """Seconds from one key to its answer."""
        start = time.perf_counter()
        self.send(KEY)
        while KEY not in self.read(10):
            if time.perf_counter() - start > 10:
                raise TimeoutError("a key was not answered in 10 s")
        return time.perf_counter() - start

    def drain(self, quiet=0.1):
        """Reads and forgets until nothing has come for `quiet` seconds."""
        self.seen.clear()
        while self.read(quiet):
            pass

    def close(self, keys=b""):
        """Types `keys` and waits for the end; whoever does not end then is ended."""
        try:
            if keys:
                self.send(keys)
                self._wait_for_end()
        except (OSError, EOFError, subprocess.TimeoutExpired):
            pass
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for fd in {self.read_fd, self.write_fd}:
            try:
                os.close(fd)
            except OSError:
                pass
        self.read_fd = self.write_fd = -1

    def _wait_for_end(self):
        deadline = time.perf_counter() + 5
        while time.perf_counter() < deadline:
            self.read(0.5)


def close_all(clients):
    """At once and not in turn; nobody is asked."""
    for client in clients:
        client.process.kill()
    for client in clients:
        client.close()


def private_ssh(directory):
    """Start of a command line: ssh with copies of all its libraries, as if it ran on another
    machine.  Else servers would share pages with their clients and weigh less than they do."""
    os.makedirs(directory)
    program = shutil.copy2(shutil.which("ssh"), directory)
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for path in re.findall(r"(?:=> |^\s)(/\S+) \(", listed, re.M):
        shutil.copy(path, directory)
    loader = next(pathlib.Path(directory).glob("ld-linux*"))
    return [str(loader), "--library-path", directory, program]
