# SPDX-License-Identifier: ISC
"""Whether a painted terminal ends up as one that got every byte."""

from figures import Figure
from streams import COUNT, differences, streams
from tap import Skip


def measure_streams(_world, _quick):
    try:
        found, painted = differences(streams())
    except Skip as why:
        raise RuntimeError(str(why)) from None
    return [Figure("identical screens", f"{COUNT - len(found)} of {COUNT}", "-", "-", f"{COUNT} of {COUNT}",
                   not found, f"recorded and generated streams over slow links, {painted} of them painted, against "
                   "xterm.js: cells, cursor, modes, saved cursor, tabs; different: " + (", ".join(found) or "none"))]


ROWS = {"streams": measure_streams}
