# SPDX-License-Identifier: ISC
"""The figures: a function each, which measures and judges.  bench/run prints what they return.

Ours and theirs take turns within one run, because machines differ from one minute to the next;
only their ratio says something.  Nothing here is compared with a number from another run.
"""

import contextlib
import os
import random
import re
import statistics
import subprocess
import time
from dataclasses import dataclass

import processes
import slow
from client import Client, close_all
from gateway import BUILD

MIB = 1024 * 1024
ECHO_BLOCK = 20
ECHO_BLOCKS = 5
FLOOD_LINE = 64
START_AT_ONCE = 8


@dataclass
class Figure:
    name: str
    ours: str
    theirs: str
    ratio: str
    bar: str
    met: bool
    how: str


def spread(values, scale, unit, digits=0):
    """Median and the middle half of all values."""
    low, middle, high = (q * scale for q in statistics.quantiles(values, n=4))
    return f"{middle:.{digits}f} {unit} ({low:.{digits}f}-{high:.{digits}f})"


def ratio_of(ours, theirs):
    return statistics.median(ours) / statistics.median(theirs)


# Attach

def attach_once(world, side, guest):
    client = Client(world.argv(side, guest))
    try:
        return client.attach()
    finally:
        client.close(world.detach_keys(side))


def measure_attach(world, quick):
    """From starting ssh to the first answered key; the line is opened for it, too."""
    rounds = 5 if quick else 40
    ours, theirs = world.guests("ours", 10), world.guests("theirs", 10)
    cold, warm, other = [], [], []
    with world.gateway({"console": ["linger = 0"]}) as closing, world.gateway() as lingering:
        # One gateway has guests that the other has not: a console has one stream.
        cold_guests, warm_guest = ours[1:], ours[0]
        turns = [(cold, closing, cold_guests), (warm, lingering, [warm_guest]),
                 (other, world.theirs, theirs)]
        for times, side, guests in turns:
            attach_once(world, side, guests[-1])
        for i in range(rounds):
            for times, side, guests in turns:
                times.append(attach_once(world, side, guests[i % len(guests)]))
    ratio = ratio_of(cold, other)
    how = (f"{rounds} rounds in turn; ssh -tt on a raw pty, ed25519 key, curve25519; our line was "
           f"closed before; with it open {spread(warm, 1000, 'ms')}, "
           f"{ratio_of(warm, other):.2f} x")
    return [Figure("attach", spread(cold, 1000, "ms"), spread(other, 1000, "ms"),
                   f"{ratio:.2f} x", "<= 0.4 x", ratio <= 0.4, how)]


# Echo

def echo_block(client, count, times, pause=True):
    for _ in range(count):
        # A person's keys come one at a time; a fixed rhythm might fall in with somebody's timer.
        if pause:
            time.sleep(random.uniform(0.001, 0.006))
        times.append(client.echo())


def echo_sessions(world, sides, guests, slow, fast):
    """Sessions side by side, in blocks in turn."""
    with contextlib.ExitStack() as stack:
        clients = []
        for side, guest in zip(sides, guests):
            client = Client(world.argv(side, guest))
            stack.callback(client.close, world.detach_keys(side))
            client.attach()
            client.drain()
            echo_block(client, ECHO_BLOCK, [])
            clients.append(client)
        for _ in range(ECHO_BLOCKS):
            for i, client in enumerate(clients):
                echo_block(client, ECHO_BLOCK, slow[i])
                echo_block(client, ECHO_BLOCK, fast[i], pause=False)


def measure_echo(world, quick):
    # Many sessions: which processor its processes came to sit on doubles or halves one's echo.
    rounds = 3 if quick else 25
    slow, fast = ([], [], []), ([], [], [])
    ours, theirs = world.guests("ours", 10), world.guests("theirs", 10)
    with world.gateway() as gate, world.gateway({"console": ["stay-awake = never"]}) as sleepy:
        for i in range(rounds):
            # The two gateways have different guests: a console has one stream.
            echo_sessions(world, (gate, world.theirs, sleepy),
                          (ours[i % 5], theirs[i % 10], ours[5 + i % 5]), slow, fast)
    how = (f"{len(slow[0])} keys each, over {rounds} sessions of each side, in blocks of "
           f"{ECHO_BLOCK} in turn, from write to read on the pty of ssh; ")
    return [judge_echo("echo", slow, how + "1 to 6 ms between keys"),
            judge_echo("echo, no pause", fast, how + "the next key when one is answered")]


def judge_echo(name, times, how):
    ours, theirs, sleepy = times
    ratio = ratio_of(ours, theirs)
    how += (f"; with stay-awake = never {spread(sleepy, 1e6, 'us')}, "
            f"{ratio_of(sleepy, theirs):.2f} x")
    return Figure(name, spread(ours, 1e6, "us"), spread(theirs, 1e6, "us"), f"{ratio:.2f} x",
                  "<= 0.9 x", ratio <= 0.9, how)


@contextlib.contextmanager
def busy_processors():
    """Each has something else to do."""
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"], start_new_session=True)
             for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def measure_busy_echo(world, quick):
    """Where no processor ever sleeps."""
    rounds = 2 if quick else 10
    slow, fast = ([], []), ([], [])
    ours, theirs = world.guests("ours", 10), world.guests("theirs", 10)
    with world.gateway() as gate, busy_processors():
        for i in range(rounds):
            echo_sessions(world, (gate, world.theirs), (ours[i], theirs[i]), slow, fast)
    ratio = ratio_of(*slow)
    how = (f"{len(slow[0])} keys each, 1 to 6 ms apart, with a loop without end on each of "
           f"{os.cpu_count()} processors; one key behind the other {ratio_of(*fast):.2f} x")
    return [Figure("echo, busy machine", spread(slow[0], 1e6, "us"), spread(slow[1], 1e6, "us"),
                   f"{ratio:.2f} x", "<= 1.2 x", ratio <= 1.2, how)]


# Flood

def flood_text(mib):
    """What guests/flood.c sends."""
    text = b"abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFGHIJKLM"[:51].ljust(51)
    return b"".join(b"%010d %s\r\n" % (i, text) for i in range(1, mib * MIB // FLOOD_LINE + 1))


def flood_once(client, mib, expected):
    """(bytes a second, bytes that did not come)."""
    client.drain()
    start = time.perf_counter()
    client.send(b"F%d\r" % mib)
    chunks = []
    tail = b""
    while not tail.endswith(b"done\r\n"):
        data = client.read(10)
        if not data:
            break
        chunks.append(data)
        tail = (tail + data)[-6:]
    seconds = time.perf_counter() - start
    got = b"".join(chunks)
    if expected in got:
        return len(expected) / seconds, 0
    lines = len(re.findall(rb"(?m)^\d{10} .{51}\r\n", got))
    return len(got) / seconds, len(expected) - lines * FLOOD_LINE


def measure_flood(world, quick):
    mib, rounds = (8, 3) if quick else (32, 13)
    expected = flood_text(mib)
    ours, theirs, lost = [], [], {"ours": 0, "theirs": 0}
    with contextlib.ExitStack() as stack:
        gate = stack.enter_context(world.gateway())
        turns = []
        for name, side, speeds in (("ours", gate, ours), ("theirs", world.theirs, theirs)):
            client = Client(world.argv(side, world.guests(name, 1)[0]))
            stack.callback(client.close, world.detach_keys(side))
            client.attach()
            turns.append((name, client, speeds))
        for _ in range(rounds):
            for name, client, speeds in turns:
                speed, missing = flood_once(client, mib, expected)
                speeds.append(speed)
                lost[name] += missing
    ratio = ratio_of(ours, theirs)
    how = (f"{rounds} floods of {mib} MiB each in turn, read from the pty of ssh and compared "
           f"byte for byte; missing: ours {lost['ours']}, theirs {lost['theirs']} bytes")
    return [Figure("flood", spread(ours, 1e-6, "MB/s", 1), spread(theirs, 1e-6, "MB/s", 1),
                   f"{ratio:.2f} x", ">= 1.0 x", ratio >= 1.0 and not lost["ours"], how)]


# Memory

def attach_many(argvs):
    """One session for each, a few at a time; each has had a key answered."""
    clients = []
    try:
        for i in range(0, len(argvs), START_AT_ONCE):
            batch = [Client(argv, on_pty=False) for argv in argvs[i:i + START_AT_ONCE]]
            clients += batch
            for client in batch:
                client.attach()
    except BaseException:
        close_all(clients)
        raise
    return clients


def weigh(world, side, guests, count):
    """(bytes a session, bytes and count by name of process)."""
    before = processes.pss(processes.tree(side.process.pid))
    clients = attach_many([world.private_argv(side, guests[i % len(guests)])
                           for i in range(count)])
    try:
        time.sleep(1)
        pids = processes.tree(side.process.pid)
        added = processes.pss(pids) - before
        return added / count, processes.pss_by_name(pids)
    finally:
        close_all(clients)


def by_name(found):
    return ", ".join(f"{count} {name} {size / MIB:.1f}" for name, (count, size) in
                     sorted(found.items(), key=lambda item: -item[1][1]))


def measure_memory(world, quick):
    count = 20 if quick else 100
    guests = world.guests("ours", 10)
    with world.gateway() as gate:
        ours, our_processes = weigh(world, gate, guests, count)
    theirs, their_processes = weigh(world, world.theirs, world.guests("theirs", count), count)
    ratio = ours / theirs
    how = (f"Pss of all processes of the gateway (of sshd) with {count} sessions less that with "
           f"none, by {count}; ours on 10 consoles, theirs on {count}, as libvirt allows one "
           f"stream each; clients map libraries of their own. MiB: {by_name(our_processes)}; "
           f"{by_name(their_processes)}")
    shown = (f"{ours / MIB:.2f} MiB", f"{theirs / MIB:.2f} MiB", f"{ratio:.3f} x")
    return [Figure("memory", *shown, "<= 1.5 MiB", ours <= 1.5 * MIB, how),
            Figure("memory, ratio", *shown, "<= 0.15 x", ratio <= 0.15, "the same")]


def measure_line(world, quick):
    del quick
    guests = world.guests("ours", 10)
    with world.gateway() as gate:
        wait_for_role(gate, "virt")
        before = set(gate.children("virt"))
        clients = attach_many([world.private_argv(gate, guest) for guest in guests])
        try:
            time.sleep(1)
            lines = [pid for pid in gate.children("virt") if pid not in before]
            size = processes.pss(lines) / len(lines)
        finally:
            close_all(clients)
    how = f"Pss of the {len(lines)} processes which virt has more with {len(guests)} consoles open"
    return [Figure("line", f"{size / MIB:.2f} MiB", "-", "-", "<= 2 MiB",
                   size <= 2 * MIB and len(lines) == len(guests), how)]


def wait_for_role(gate, role):
    """Its watch of the host is there: what comes from then on are lines."""
    deadline = time.monotonic() + 10
    while not gate.children(role):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{role} has no child")
        time.sleep(0.05)


# Many

def all_answer(by_guest):
    """Each takes the keyboard in turn and types; how many saw it come back on every screen."""
    answered = 0
    for clients in by_guest.values():
        for number, client in enumerate(clients):
            client.drain(0)
            client.send(b"\x1dt")
            client.read_until(b"you have the keyboard now", 10)
            for viewer in clients:
                viewer.drain(0)
            word = b"<k%d>" % number
            client.send(word)
            for viewer in clients:
                viewer.read_until(word, 10)
            answered += 1
    return answered


def measure_many(world, quick):
    count, seconds = (60, 5) if quick else (300, 20)
    guests = world.guests("ours", 10)
    with world.gateway() as gate:
        clients = attach_many([world.argv(gate, guests[i % 10]) for i in range(count)])
        try:
            answered = all_answer({g: clients[i::10] for i, g in enumerate(guests)})
            pids = processes.tree(gate.process.pid)
            cpu, run = processes.cpu_seconds(pids), processes.run_seconds(pids)
            time.sleep(seconds)
            share = (sum(processes.cpu_seconds(pids).values()) - sum(cpu.values())) / seconds
            exact = (sum(processes.run_seconds(pids).values()) - sum(run.values())) / seconds
        finally:
            close_all(clients)
    worst = max(share, exact)
    how = (f"{count} stock ssh on 10 consoles; each took the keyboard and typed a word that all "
           f"viewers of that console saw; then {seconds} s idle, utime+stime of {len(pids)} "
           f"processes {share:.2%}, by the scheduler's count {exact:.2%}")
    return [Figure(f"{count} sessions", f"{answered} answer", "-", "-", f"all {count}",
                   answered == count, how),
            Figure(f"{count} idle", f"{worst:.2%} of a core", "-", "-", "<= 3 %", worst <= 0.03,
                   "the same")]


def measure_keys(_world, quick):
    count = 1000 if quick else 10000
    done = subprocess.run([BUILD / "tests" / "check_escape_streams"], capture_output=True, text=True,
                          env=dict(os.environ, STREAMS=str(count)), check=False)
    said = re.search(r"(\d+) streams, (\d+) leaves", done.stdout)
    met = done.returncode == 0 and said is not None and int(said[1]) == count
    how = (f"the escape key in six encodings among text, keys, answers and look-alikes, cut at random; "
           f"{said[2] if said else 'no'} leaves typed, each seen, no other, all other bytes passed")
    return [Figure("escape keys", f"{count} streams" if met else "failed", "-", "-",
                   "none false, none missed", met, how)]


# Slow links

def measure_slow(world, quick):
    """How soon one sees what one typed, over a modem."""
    figures = []
    for name, ours, theirs, bar, how in slow.rows(world, quick):
        figures.append(Figure(name, slow.shown(ours), "-" if "^C" not in name else slow.shown(theirs),
                              "-", f"<= {bar} s", ours is not None and ours <= bar, how))
    return figures


ROWS = {"attach": measure_attach, "echo": measure_echo, "echo-busy": measure_busy_echo,
        "flood": measure_flood, "memory": measure_memory, "line": measure_line, "many": measure_many,
        "keys": measure_keys, "slow": measure_slow}
