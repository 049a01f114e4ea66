#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a painted terminal shows at the end: the same as one that got every byte."""

import sys

from streams import COUNT, differences, streams
from tap import result, run, test

LEAST_PAINTED = COUNT * 6 // 10
# Generated streams that end up different, and of which it is not known yet why: the painter's or
# the model's fault, or the reference's. One that comes to be identical is to be taken out.
UNEXPLAINED = {f"seed {n}" for n in (3, 34, 35, 40, 44, 53, 60, 72, 95, 98, 103, 112, 116, 124)}


@test(f"{COUNT} streams over slow links: screen, cursor and modes as of a terminal that got every byte, "
      f"but for {len(UNEXPLAINED)} that are known to differ")
def identical():
    found, painted = differences(streams())
    new = {name: what for name, what in found.items() if name not in UNEXPLAINED}
    assert not new, f"{len(new)} differ:\n" + "\n".join(f"{n}: {d}" for n, d in new.items())
    better = UNEXPLAINED - found.keys()
    assert not better, f"identical now: {better}"
    assert painted >= LEAST_PAINTED, f"only {painted} were painted"


def main():
    run()
    sys.exit(result())


main()
