# SPDX-License-Identifier: ISC
"""The figures of many viewers on one console: one that stops reading, a hundred that do not."""

import contextlib
import hashlib
import re
import select
import signal
import statistics
import subprocess
import time

import processes
from client import ATTACHED, Client, close_all
from figures import MIB, START_AT_ONCE, Figure, flood_text, ratio_of, spread

VIEWERS = 5
KIB = 1024


class Audience:
    """Clients that are read at the same time, by one loop."""

    def __init__(self, clients):
        self.clients = clients

    def read_until(self, wanted, timeout, take=lambda client, data: None):
        """Until each has seen it at the end of what it got."""
        poll = select.poll()
        by_fd = {client.read_fd: client for client in self.clients}
        tails = {}
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        deadline = time.monotonic() + timeout
        while by_fd:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(by_fd)} of {len(self.clients)} never saw {wanted!r}")
            for fd, _ in poll.poll(1000):
                data = by_fd[fd].read(0)
                take(by_fd[fd], data)
                tails[fd] = (tails.get(fd, b"") + data)[-len(wanted):]
                if tails[fd] == wanted:
                    poll.unregister(fd)
                    del by_fd[fd]

    def drain(self, quiet=0.3):
        for client in self.clients:
            client.drain(quiet)


def ask_times(client):
    """(seconds the last flood took, its longest write), as the guest itself saw it."""
    client.drain(0.2)
    client.send(b"W")
    seen = b""
    while not (found := re.search(rb"took (\d+) longest (\d+)\r\n", seen)):
        seen += client.read(10)
    return int(found[1]) / 1e6, int(found[2]) / 1e6


def attach_all(world, gate, guest, count):
    """All on one console, where only one of them can be answered a key."""
    clients = []
    try:
        for first in range(0, count, START_AT_ONCE):
            batch = [Client(world.argv(gate, guest), on_pty=False)
                     for _ in range(first, min(first + START_AT_ONCE, count))]
            clients += batch
            for client in batch:
                client.read_until(ATTACHED)
    except BaseException:
        close_all(clients)
        raise
    Audience(clients).drain()
    return clients


@contextlib.contextmanager
def audience(world, gate, guest, count):
    clients = attach_all(world, gate, guest, count)
    try:
        yield clients
    finally:
        for client in clients:
            client.process.send_signal(signal.SIGCONT)
        close_all(clients)


def flood_watched(clients, readers, mib):
    """One flood, typed by the last reader; (bytes a second, longest write)."""
    typist = readers[0]
    typist.send(b"\x1dt")
    Audience(readers).drain(0.1)
    typist.send(b"F%d\r" % mib)
    Audience(readers).read_until(b"done\r\n", 120)
    took, longest = ask_times(typist)
    return mib * MIB / took, longest


def measure_stopped(world, quick):
    # A client is known to be stopped after a second: floods take several.
    mib, rounds = (8, 3) if quick else (96, 9)
    guest = world.guests("ours", 1)[0]
    reading, stopped, longest_reading, longest_stopped = [], [], [], []
    with world.gateway() as gate, audience(world, gate, guest, VIEWERS) as clients:
        flood_watched(clients, clients, mib)
        for _ in range(rounds):
            rate, longest = flood_watched(clients, clients, mib)
            reading.append(rate)
            longest_reading.append(longest)
            clients[-1].process.send_signal(signal.SIGSTOP)
            rate, longest = flood_watched(clients, clients[:-1], mib)
            stopped.append(rate)
            longest_stopped.append(longest)
            clients[-1].process.send_signal(signal.SIGCONT)
            Audience(clients).drain(0.5)
    ratio = ratio_of(stopped, reading)
    blocked = statistics.median(longest_stopped), statistics.median(longest_reading)
    how = (f"{rounds} floods of {mib} MiB each in turn, {VIEWERS} stock ssh on one console, one of them "
           f"stopped (SIGSTOP) or none; rates and writes as the guest itself measured them")
    return [Figure("a stopped viewer", spread(stopped, 1e-6, "MB/s", 1),
                   spread(reading, 1e-6, "MB/s", 1), f"{ratio:.2f} x", ">= 0.95 x", ratio >= 0.95, how),
            Figure("longest write", f"{blocked[0] * 1000:.1f} ms", f"{blocked[1] * 1000:.1f} ms",
                   f"{blocked[0] / blocked[1]:.2f} x", "no longer", blocked[0] <= blocked[1] * 1.1,
                   "the same; medians of the longest write of each flood, a tenth for noise")]


SOCKET_MEMORY = re.compile(r"skmem:\(r(\d+),.*?,t(\d+),.*?,w(\d+),")


def socket_memory(gate, pids):
    """Bytes in the queues of the gateway's sockets: TCP to clients, and between its processes."""
    total = 0
    tcp = subprocess.run(["ss", "-Htnm", f"sport = :{gate.port}"], capture_output=True, text=True,
                         check=True).stdout
    local = subprocess.run(["ss", "-Hxnpm"], capture_output=True, text=True, check=True).stdout
    ours = [line for line in re.sub(r"\n\s+", " ", local).splitlines()
            if any(f"pid={pid}," in line for pid in pids)]
    for text in (tcp, "\n".join(ours)):
        for received, _, queued in SOCKET_MEMORY.findall(text):
            total += int(received) + int(queued)
    return total


def measure_stopped_memory(world, quick):
    mib, rounds = 16, 2 if quick else 5
    guest = world.guests("ours", 1)[0]
    added, parts = [], []

    def weigh():
        pids = processes.tree(gate.process.pid)
        return processes.pss(pids), socket_memory(gate, pids)

    with world.gateway() as gate, audience(world, gate, guest, 2) as clients:
        flood_watched(clients, clients, mib)
        for _ in range(rounds):
            flood_watched(clients, clients, mib)
            before = weigh()
            clients[1].process.send_signal(signal.SIGSTOP)
            flood_watched(clients, clients[:1], mib)
            after = weigh()
            clients[1].process.send_signal(signal.SIGCONT)
            Audience(clients).drain(0.5)
            parts.append((after[0] - before[0], after[1] - before[1]))
            added.append(sum(parts[-1]))
    worst = max(added)
    how = (f"{rounds} times, two stock ssh, after a flood of {mib} MiB with the second one stopped "
           "less after the same with both reading: Pss of all processes of the gateway, and what is "
           "in their sockets; "
           + ", ".join(f"{p / KIB:.0f} + {s / KIB:.0f}" for p, s in parts) + " KiB")
    return [Figure("stopped, memory", f"{worst / KIB:.0f} KiB", "-", "-", "<= 256 KiB",
                   worst <= 256 * KIB, how)]


def watch_all(world, gate, guest, count, typist):
    """Stock ssh without a terminal, which gets the guest's bytes and nothing else."""
    argv = [word for word in world.argv(gate, f"{guest} --read-only") if word != "-tt"]
    clients = []
    typist.send(b"L")                   # a line each second: who gets one is attached
    try:
        for first in range(0, count, START_AT_ONCE):
            batch = [Client(argv, on_pty=False) for _ in range(first, min(first + START_AT_ONCE, count))]
            clients += batch
            for client in batch:
                client.read_until(b"tick ")
    except BaseException:
        close_all(clients)
        raise
    typist.send(b"L")
    time.sleep(1.5)
    Audience([typist, *clients]).drain(0.1)
    return clients


# A hundred times 1 MB/s took, on two busy cores, of 10 s: sshd's processes 3.8 to 5.9 s (4 to 6 ms
# a MB, most of it encryption), console 0.8, the line 0.2, the clients 4.8 to 5.7, this program 3:
# two thirds to three quarters of what two cores have.  A client that had to wait for a processor
# for a second is no slow link: nobody is painted for, or its bytes would not be the guest's.
HUNDRED = {"console": ["slow-link = raw"]}


def measure_hundred(world, quick):
    count, seconds = (30, 5) if quick else (100, 30)
    guest = world.guests("ours", 1)[0]
    mib = seconds * 1000000 // MIB + 1
    order = b"R%d\r" % mib
    wanted = hashlib.sha256(order + flood_text(mib) + b"done\r\n").hexdigest()
    with world.gateway(HUNDRED) as gate, contextlib.ExitStack() as stack:
        typist = Client(world.argv(gate, guest), on_pty=False)
        stack.callback(close_all, [typist])
        typist.read_until(ATTACHED)
        clients = watch_all(world, gate, guest, count, typist)
        stack.callback(close_all, clients)
        sums = {id(client): hashlib.sha256() for client in [typist, *clients]}
        start = time.monotonic()
        typist.send(order)
        Audience([typist, *clients]).read_until(
            b"done\r\n", seconds * 4, lambda client, data: sums[id(client)].update(data))
        took = time.monotonic() - start
    equal = sum(sums[id(client)].hexdigest() == wanted for client in clients)
    how = (f"{count} stock ssh without a terminal watch one console; the guest printed {mib} MiB at "
           f"1 MB/s, the last viewer had it all after {took:.1f} s; SHA-256 of what each got, from "
           "the first byte to the last")
    return [Figure(f"{count} viewers", f"{equal} got every byte", "-", "-", f"all {count}",
                   equal == count, how)]


def cpu_of(pids):
    return sum(processes.run_seconds(pids).values())


def measure_small(world, quick):
    mib, rounds = (1, 3) if quick else (2, 9)
    expected = flood_text(mib)
    used = {"ours": [], "theirs": []}
    with contextlib.ExitStack() as stack:
        gate = stack.enter_context(world.gateway())
        turns = []
        for name, side in (("ours", gate), ("theirs", world.theirs)):
            client = Client(world.argv(side, world.guests(name, 1)[0]))
            stack.callback(client.close, world.detach_keys(side))
            client.attach()
            turns.append((name, side, client))
        for _ in range(rounds):
            for name, side, client in turns:
                client.drain()
                pids = processes.tree(side.process.pid)
                before = cpu_of(pids)
                client.send(b"D%d\r" % mib)
                got = b""
                while not got.endswith(b"done\r\n"):
                    got += client.read(20)
                if expected not in got:
                    raise RuntimeError(f"{name}: not every byte came")
                used[name].append((cpu_of(pids) - before) / (len(expected) / 1e6))
    ratio = ratio_of(used["ours"], used["theirs"])
    how = (f"{rounds} floods of {mib} MiB each in turn, the guest writes 4 bytes at a time; the "
           "scheduler's count of all processes of the gateway, against sshd and virsh")
    return [Figure("CPU, 4 bytes", spread(used["ours"], 1000, "ms/MB", 1),
                   spread(used["theirs"], 1000, "ms/MB", 1), f"{ratio:.2f} x", "<= 0.6 x", ratio <= 0.6, how)]


def paced_flood(side, client, mib, expected):
    """(bytes a second, the gateway's processor seconds for a byte) of one flood at 3 MB/s."""
    client.drain()
    pids = processes.tree(side.process.pid)
    before, start = cpu_of(pids), time.perf_counter()
    client.send(b"Q%d\r" % mib)
    got = b""
    while not got.endswith(b"done\r\n"):
        got += client.read(20)
    took = time.perf_counter() - start
    if expected not in got:
        raise RuntimeError("not every byte came as the guest sent it")
    return len(expected) / took, (cpu_of(pids) - before) / len(expected)


def measure_model(world, quick):
    mib, rounds = (4, 3) if quick else (12, 9)
    expected = flood_text(mib)
    rates, used = {"paint": [], "raw": []}, {"paint": [], "raw": []}
    with contextlib.ExitStack() as stack:
        turns = []
        for kind, guest in zip(rates, world.guests("ours", 2)):
            gate = stack.enter_context(world.gateway({"console": [f"slow-link = {kind}"]}))
            client = Client(world.argv(gate, guest))
            stack.callback(client.close, world.detach_keys(gate))
            client.attach()
            turns.append((kind, gate, client))
        for _ in range(rounds):
            for kind, gate, client in turns:
                rate, cost = paced_flood(gate, client, mib, expected)
                rates[kind].append(rate)
                used[kind].append(cost)
    ratio = ratio_of(rates["paint"], rates["raw"])
    how = (f"{rounds} floods of {mib} MiB each in turn, the guest at 3 MB/s, read from the pty of ssh and "
           "compared byte for byte; slow-link = paint, which keeps a model of the screen, against raw; "
           "the gateway's processes took "
           f"{statistics.median(used['paint']) * 1e9:.1f} and {statistics.median(used['raw']) * 1e9:.1f} ms/MB")
    return [Figure("the model's cost", spread(rates["paint"], 1e-6, "MB/s", 2),
                   spread(rates["raw"], 1e-6, "MB/s", 2), f"{ratio:.2f} x", ">= 0.99 x", ratio >= 0.99, how)]


ROWS = {"stopped": measure_stopped, "stopped-memory": measure_stopped_memory,
        "hundred": measure_hundred, "small": measure_small,
        "model": measure_model}
