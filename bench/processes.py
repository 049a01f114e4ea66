# SPDX-License-Identifier: ISC
"""What processes weigh and use, from /proc.  Needs root: the gateway's are not dumpable."""

import os
import pathlib

from gateway import children_of

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid):
    return [pid, *children_of(pid)]


def pss(pids):
    """Proportional set size in bytes; a process that has gone meanwhile counts as nothing."""
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            continue
    return total


def pss_by_name(pids):
    """{name: (count, bytes)}, for who wants to know where it is."""
    found = {}
    for pid in pids:
        try:
            name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        count, size = found.get(name, (0, 0))
        found[name] = (count + 1, size + pss([pid]))
    return found


def cpu_seconds(pids):
    """{pid: seconds} on a core so far, in user and in kernel: utime + stime."""
    used = {}
    for pid in pids:
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return used


def run_seconds(pids):
    """{pid: seconds}: the scheduler's own count in nanoseconds, which sees what ticks miss."""
    used = {}
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                used[pid] = used.get(pid, 0.0) + int(task.read_text().split()[0]) / 1e9
            except OSError:
                continue
    return used
