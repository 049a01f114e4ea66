#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""stay-awake: what keeps processors awake for keys, who has it, and that it ends."""

import contextlib
import os
import pathlib
import signal
import struct
import sys
import threading
import time

from gateway import IS_ROOT, Gateway, guests_host
from libvirt_env import wait_for
from person import leave, on
from tap import result, run, skip_group, test

DEVICE = pathlib.Path("/dev/cpu_dma_latency")


def holders(gate):
    """pids of all its processes that have the device open."""
    found = set()
    for pid in gate.family():
        with contextlib.suppress(FileNotFoundError):     # it may be gone by now
            for fd in os.listdir(f"/proc/{pid}/fd"):
                with contextlib.suppress(FileNotFoundError):
                    if os.readlink(f"/proc/{pid}/fd/{fd}") == str(DEVICE):
                        found.add(pid)
    return found


def is_there():
    try:
        os.close(os.open(DEVICE, os.O_WRONLY))
    except OSError:
        return False
    return True


def wait_for_guest(gate):
    wait_for(lambda: "running" in gate.run("list").stdout, 30, "the guest")


def console_alone(gate):
    return holders(gate) == {gate.roles().get("console")}


@test("console has the device and nobody else; with never nobody has; again with keys")
def who_has_it(gate):
    wait_for(lambda: console_alone(gate), 30, "console to have it")
    with gate.configured(extra={"console": ["stay-awake = never"]}):
        wait_for(lambda: not holders(gate), 30, "nobody to have it")
    wait_for(lambda: console_alone(gate), 30, "console to have it again")


@test("while somebody types processors may not sleep, and soon after they may")
def awake_for_keys(gate):
    latencies, stop = set(), threading.Event()

    def sample():
        with DEVICE.open("rb", buffering=0) as device:
            while not stop.is_set():
                latencies.add(struct.unpack("i", os.pread(device.fileno(), 4, 0))[0])
                time.sleep(0.0002)

    with on(gate, "web1") as alice:
        thread = threading.Thread(target=sample)
        thread.start()
        try:
            # Another gateway on this machine may do the same: whether it is this one's doing is
            # what check_awake sees.
            until = time.monotonic() + 30
            while 0 not in latencies and time.monotonic() < until:
                alice.echoes("key")
            assert 0 in latencies, latencies
            latencies.clear()
            wait_for(lambda: any(latencies), 30, "another latency than 0")
        finally:
            stop.set()
            thread.join()
        leave(alice)


@test("a new console has it as the one before, and a killed one holds nothing")
def after_a_death(gate):
    wait_for(lambda: console_alone(gate), 30, "console to have it")
    before = gate.roles()["console"]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: before not in holders(gate) and console_alone(gate), 60, "the next to have it")
    wait_for_guest(gate)
    with on(gate, "web1") as alice:
        alice.echoes("again")
        leave(alice)


def main():
    if not IS_ROOT:
        skip_group("", "needs root, who alone may open the device")
    elif not is_there():
        skip_group("", f"{DEVICE} cannot be opened here")
    else:
        with guests_host() as libvirt, Gateway(libvirt) as gate:
            libvirt.define("web1")
            wait_for_guest(gate)
            run(gate)
    sys.exit(result())


main()
