# SPDX-License-Identifier: ISC
"""The figures of a console's life: guests that are reset, rebooted, ended and started, and a
libvirtd that is killed, while somebody is attached.  On QEMU: containers cannot be reset."""

import contextlib
import os
import pathlib
import signal
import time

import processes
from client import Client
from figures import Figure
from gateway import Gateway, SSH_OPTIONS, guests_host
from libvirt_env import wait_for

GUEST = "life"
READY = b"tiny: ready"
BACK_SECONDS = 2.0
NOTICE_SECONDS = 2.0
RETURN_SECONDS = 5.0
AWAY_SECONDS = 5.0


@contextlib.contextmanager
def attached():
    """A libvirt, a gateway, and a stock ssh on a QEMU guest that answers at once."""
    with guests_host() as libvirt:
        libvirt.define(GUEST)
        with Gateway(libvirt) as gate:
            client = Client(["ssh", "-tt", *SSH_OPTIONS, "-i", gate.path("keys/alice"), "-p",
                             str(gate.port), "alice@127.0.0.1", GUEST])
            try:
                client.attach()
                yield libvirt, gate, client
            finally:
                client.close(b"\x1d.")


def until_answered(client):
    """Types until a key is answered: what is typed while there is no line is lost."""
    start = time.perf_counter()
    client.drain(0)
    while True:
        client.send(b"+")
        if b"+" in client.read(0.02):
            return
        if time.perf_counter() - start > 30:
            raise TimeoutError("no key was answered in 30 s")


def reset(libvirt, client):
    libvirt.virsh("reset", GUEST)
    start = time.perf_counter()
    client.read_until(READY)
    return time.perf_counter() - start


def reboot(libvirt, client):
    """The guest ends at its power button, which libvirt makes a reset of."""
    libvirt.virsh("reboot", GUEST)
    start = time.perf_counter()
    client.read_until(READY)
    return time.perf_counter() - start


def start_anew(libvirt, client):
    libvirt.virsh("destroy", GUEST)
    client.read_until(b"is off now")
    libvirt.virsh("start", GUEST)
    start = time.perf_counter()
    until_answered(client)
    return time.perf_counter() - start


ACTS = {"reset": reset, "reboot": reboot, "destroy+start": start_anew}


def weigh(gate):
    """{name: (processes, descriptors)}, and bytes: settled, when it is twice the same."""
    def count():
        found = {}
        for pid in processes.tree(gate.process.pid):
            with contextlib.suppress(OSError):
                name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
                number, files = found.get(name, (0, 0))
                found[name] = (number + 1, files + len(os.listdir(f"/proc/{pid}/fd")))
        return found

    def settled():
        before = count()
        time.sleep(0.2)
        return before if count() == before else None

    return wait_for(settled, 20, "the processes to settle"), processes.pss(processes.tree(gate.process.pid))


def measure_life(_world, quick):
    rounds = 5 if quick else 50
    took = {name: [] for name in ACTS}
    with attached() as (libvirt, gate, client):
        start_anew(libvirt, client)
        counted, size = weigh(gate)
        for _ in range(rounds):
            for name, act in ACTS.items():
                took[name].append(act(libvirt, client))
                until_answered(client)
        after, grown = weigh(gate)
        kept = client.process.poll() is None
    worst = max(max(times) for times in took.values())
    nothing_left = after == counted and grown - size < 1 << 20
    each = ", ".join(f"{name} {sorted(times)[len(times) // 2]:.2f} s (at most {max(times):.2f})"
                     for name, times in took.items())
    how = (f"{rounds} times each in turn on a QEMU guest, one ssh all along; from virsh's end to "
           f"the guest's first line, for a start to an answered key (QEMU sees a reader of its pty "
           f"up to 1 s late): {each}; processes and descriptors "
           f"{'as' if after == counted else 'NOT as'} before, memory {(grown - size) / 1024:+.0f} KiB")
    return [Figure("life", f"{worst:.2f} s at most", "-", "-", "<= 2 s, nothing leaked",
                   worst <= BACK_SECONDS and nothing_left and kept, how)]


def measure_daemon(_world, quick):
    rounds = 1 if quick else 5
    noticed, back = [], []
    with attached() as (libvirt, _gate, client):
        for _ in range(rounds):
            start = time.perf_counter()
            os.kill(libvirt.daemon_pid, signal.SIGKILL)
            client.read_until(b"does not answer")
            noticed.append(time.perf_counter() - start)
            time.sleep(AWAY_SECONDS)
            libvirt.restart_daemon()
            start = time.perf_counter()
            until_answered(client)
            back.append(time.perf_counter() - start)
        kept = client.process.poll() is None
    met = kept and max(noticed) <= NOTICE_SECONDS and max(back) <= RETURN_SECONDS
    how = (f"{rounds} times: kill -9, {AWAY_SECONDS:.0f} s away; told on the same ssh after "
           f"{max(noticed):.2f} s at most, a key answered {max(back):.2f} s at most after it is back")
    return [Figure("libvirtd dies", f"{max(noticed):.2f} s, {max(back):.2f} s", "-", "-",
                   "<= 2 s, <= 5 s", met, how)]


ROWS = {"life": measure_life, "daemon": measure_daemon}
