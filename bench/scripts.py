# SPDX-License-Identifier: ISC
"""The figures of the commands that scripts live on: list, wait, and the seam of log --follow."""

import concurrent.futures
import contextlib
import os
import re
import subprocess
import time

import processes
from figures import FLOOD_LINE, Figure, ratio_of, spread
from gateway import SSH_OPTIONS
from world import ADMIN

DEFINED = 1000
LISTED = """<domain type='lxc'><name>listed{0:04d}</name><memory>16384</memory>
<os><type>exe</type><init>/bin/true</init></os><devices><console type='pty'/></devices></domain>
"""
FOLLOWED = 40000            # bytes of each join, of which the first fifth was there before


def argv(world, side, command, options=()):
    user = ADMIN if side is world.theirs else "alice"
    return ["ssh", *options, *SSH_OPTIONS, "-o", "KexAlgorithms=curve25519-sha256", "-i",
            f"{world.dir}/key", "-p", str(side.port), f"{user}@127.0.0.1", command]


@contextlib.contextmanager
def master(world, side):
    """Options for ssh with which all commands go over one connection."""
    path = f"{world.dir}/cm{side.port}"
    options = ["-o", "ControlMaster=auto", "-o", f"ControlPath={path}", "-o", "ControlPersist=60"]
    subprocess.run(argv(world, side, "help" if side is not world.theirs else "true", options),
                   stdin=subprocess.DEVNULL, capture_output=True, check=True)
    try:
        yield options
    finally:
        subprocess.run(["ssh", "-o", f"ControlPath={path}", "-O", "exit", "x"],
                       capture_output=True, check=False)


# list

@contextlib.contextmanager
def defined(world, count):
    """So many guests more, which are off."""
    names = [f"listed{i:04d}" for i in range(count)]
    path = f"{world.dir}/listed"
    define = []
    for i in range(count):
        with open(f"{path}{i}.xml", "w", encoding="ascii") as f:
            f.write(LISTED.format(i))
        define.append(f"define {path}{i}.xml\n")
    virsh = ["virsh", "-q", "-c", world.libvirt.uri]
    try:
        subprocess.run(virsh, input="".join(define), text=True, capture_output=True, check=True)
        yield
    finally:
        subprocess.run(virsh, input="".join(f"undefine {n}\n" for n in names), text=True,
                       capture_output=True, check=False)


def timed(command, least):
    start = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0 or done.stdout.count(b"listed") < least:
        raise RuntimeError(f"no whole list ({done.returncode}): {done.stdout[:200]!r} {done.stderr!r}")
    return seconds


def measure_list(world, quick):
    rounds = 5 if quick else 40
    ours, shared, theirs, theirs_shared = [], [], [], []
    virsh = f"virsh -c '{world.libvirt.uri}' list --all"
    with world.gateway() as gate, defined(world, DEFINED), master(world, gate) as over, \
            master(world, world.theirs) as over_theirs:
        turns = [(ours, argv(world, gate, "list --json")),
                 (theirs, argv(world, world.theirs, virsh)),
                 (shared, argv(world, gate, "list --json", over)),
                 (theirs_shared, argv(world, world.theirs, virsh, over_theirs))]
        for _ in range(rounds):
            for times, command in turns:
                times.append(timed(command, DEFINED))
    how = (f"{rounds} rounds in turn, {DEFINED} guests defined on LXC and off, from starting ssh to "
           f"its end, ed25519 key, curve25519; theirs over a ControlMaster of its own "
           f"{spread(theirs_shared, 1000, 'ms')}")
    ratio, shared_ratio = ratio_of(ours, theirs), ratio_of(shared, theirs)
    return [Figure("list --json", spread(ours, 1000, "ms"), spread(theirs, 1000, "ms"),
                   f"{ratio:.2f} x", "<= 1.0 x", ratio <= 1.0, how),
            Figure("list, ControlMaster", spread(shared, 1000, "ms"), spread(theirs, 1000, "ms"),
                   f"{shared_ratio:.2f} x", "<= 0.3 x", shared_ratio <= 0.3,
                   "the same, ours over one connection; theirs as in the row before")]


# wait

def run_seconds(gate):
    return sum(processes.run_seconds(processes.tree(gate.process.pid)).values())


def flood_to(world, gate, over, command, guest, mib):
    """CPU seconds of the whole gateway while that command reads a flood, and how it ended. The
    connection stays, so that no process takes its count along."""
    reader = subprocess.Popen(argv(world, gate, command, over), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.5)
    before = run_seconds(gate)
    subprocess.run(argv(world, gate, f"send {guest} F{mib}\\r", over), stdin=subprocess.DEVNULL,
                   check=True, capture_output=True)
    tail, size = b"", 0
    while not tail.endswith(b"done\r\n") and (data := os.read(reader.stdout.fileno(), 1 << 20)):
        tail, size = (tail + data)[-6:], size + len(data)
    time.sleep(0.3)
    used = run_seconds(gate) - before
    reader.terminate()
    return used, size, reader.stderr.read().decode(), reader.wait()


def measure_wait(world, quick):
    mib, rounds = (16, 1) if quick else (96, 5)
    guest = world.guests("ours", 1)[0]
    waits, attaches, found, missed = [], [], 0, 0
    with world.gateway() as gate, master(world, gate) as over:
        for _ in range(rounds):
            used, size, err, status = flood_to(
                world, gate, over, f"wait {guest} --for '^done$' --timeout 120", guest, mib)
            waits.append(used)
            found += status == 0 and size > 0
            missed += status != 0 and "missing" in err
            used, size, _, _ = flood_to(world, gate, over,
                                        f"attach {guest} --read-only --timeout 120", guest, mib)
            attaches.append(used)
    waits, attaches = waits * 2, attaches * 2  # quantiles want two
    ratio = ratio_of(waits, attaches)
    how = (f"{rounds} floods of {mib} MiB each in turn, over one connection; seconds of all of the "
           f"gateway's processes by the scheduler's count; found {found}, gaps told of {missed}")
    return [Figure("wait in a flood", spread(waits, 1, "s", 2), spread(attaches, 1, "s", 2),
                   f"{ratio:.2f} x", "<= 2 x, found", ratio <= 2 and found + missed == rounds, how)]


# log --follow

def join(world, gate, over, guest):
    """Bytes lost or repeated and not told of, in one join while the guest prints."""
    reader = subprocess.Popen(argv(world, gate, f"log {guest} --follow --raw --lines 128", over),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
    got = b""
    while len(got) < FOLLOWED and (data := os.read(reader.stdout.fileno(), 65536)):
        got += data
    reader.terminate()
    told = sum(map(int, re.findall(r"(\d+) bytes of output missing", reader.stderr.read().decode())))
    reader.wait()
    numbers = [int(n) for n in re.findall(rb"(?m)^(\d{10}) .{51}\r$", got)]
    if len(numbers) < FOLLOWED // FLOOD_LINE - 2:
        return FOLLOWED
    holes = sum(abs(b - a - 1) for a, b in zip(numbers, numbers[1:])) * FLOOD_LINE
    return abs(holes - told) if holes != told else 0


def measure_follow(world, quick):
    joins = 50 if quick else 1000
    guest = world.guests("ours", 1)[0]
    with world.gateway() as gate, master(world, gate) as over:
        subprocess.run(argv(world, gate, f"send {guest} D60000\\r", over), check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
        time.sleep(1)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            wrong = list(pool.map(lambda _: join(world, gate, over, guest), range(joins)))
        subprocess.run(argv(world, gate, f"send {guest} \\x03", over), check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
    bad = sum(1 for w in wrong if w)
    how = (f"{joins} joins, three at a time, while the guest writes numbered lines four bytes at a "
           f"time: each begins 128 lines back, goes on live, and its numbers must follow each "
           f"other; {bad} had a byte too many or too few")
    return [Figure("log --follow", f"{sum(wrong)} bytes", "-", "-", "none lost, none twice",
                   not bad, how)]


ROWS = {"list": measure_list, "wait": measure_wait, "follow": measure_follow}
