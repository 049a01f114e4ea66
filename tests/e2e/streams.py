# SPDX-License-Identifier: ISC
"""200 streams of full-screen programs, recorded (tests/streams) and generated, each shown by two
terminals: one that gets every byte, one behind a slow link that is painted. For the test
and the bench row `streams`.

The reference is xterm.js without a screen, at the version in tests/streams/package-lock.json;
without node, npm or a registry tap.Skip says what is missing.
"""

import json
import lzma
import re
import subprocess
import sys

from browser import install
from gateway import BUILD, TOP

HERE = TOP / "tests" / "streams"
COUNT = 200
RECORDED = 73           # the others' links have the seeds behind theirs
sys.path.append(str(HERE))

from generate import generate  # noqa: E402  pylint: disable=wrong-import-position


def recorded():
    """(name, (rows, cols), parts, seed of the link)"""
    for i, path in enumerate(sorted(HERE.glob("*.xz"))):
        rows, cols = re.search(r"-(\d+)x(\d+)\.xz$", path.name).groups()
        yield path.stem, (int(rows), int(cols)), [lzma.decompress(path.read_bytes())], i


def generated(seed):
    return f"seed {seed}", *generate(seed), RECORDED + seed


def streams(count=COUNT, first=0):
    """Those recorded; then as many generated ones, from a seed on, as are missing."""
    all_of_them = list(recorded()) if not first else []
    return all_of_them + [generated(seed) for seed in range(first, first + count - len(all_of_them))]


def framed(some):
    out = bytearray()
    for _, (rows, cols), parts, seed in some:
        out += b"stream %d %d %d\n" % (rows, cols, seed)
        for part in parts:
            if isinstance(part, tuple):
                out += b"size %d %d\n" % part
            elif part:
                out += b"data %d\n" % len(part) + part
        out += b"data 1\n\x18end\n"         # a sequence that was cut off is none
    return bytes(out)


def painted(guest):
    """What arrives, and for how many milliseconds of each stream the screen was painted."""
    got = subprocess.run([BUILD / "tests" / "play"], input=guest, capture_output=True, check=True,
                         timeout=60).stdout
    return got, [int(n) for n in re.findall(rb"end (\d+)\n(?=stream |\Z)", got)]


def differences(some):
    """{name: what differs}, and how many of the streams were painted at all."""
    place = install("streams")
    work = BUILD / "streams"
    guest = framed(some)
    (work / "guest").write_bytes(guest)
    visitor, times = painted(guest)
    (work / "visitor").write_bytes(visitor)
    done = subprocess.run(["node", HERE / "compare.mjs", place, work / "guest", work / "visitor"],
                          capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    found = json.loads(done.stdout)
    assert len(found) == len(some) == len(times)
    return {s[0]: d for s, d in zip(some, found) if d}, sum(1 for t in times if t)
