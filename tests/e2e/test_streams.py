#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What a painted terminal shows at the end: the same as one that got every byte."""

import sys

from streams import COUNT, differences, streams
from tap import result, run, test

LEAST_PAINTED = COUNT * 6 // 10


@test(f"{COUNT} streams over slow links: screen, cursor and modes as of a terminal that got every byte")
def identical():
    found, painted = differences(streams())
    assert not found, f"{len(found)} differ:\n" + "\n".join(f"{n}: {d}" for n, d in found.items())
    assert painted >= LEAST_PAINTED, f"only {painted} were painted"


def main():
    run()
    sys.exit(result())


main()
