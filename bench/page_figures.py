# SPDX-License-Identifier: ISC
"""What a person waits for the page: its requests, its bytes, and the time until it can be used."""

import statistics
import time

from browser import Browser
from figures import Figure, spread
from tap import Skip

SIZE_MAX = 200 * 1000
SECONDS_MAX = 1.0
BYTES = "() => performance.getEntriesByType('navigation')[0].transferSize"


def load(browser, url):
    """Seconds until a name can be typed, bytes on the wire, requests: nothing is in a cache."""
    page = browser.open(ignoreHTTPSErrors=True)
    start = time.perf_counter()
    page("goto", url)
    page("fill", "input[name=username]", "alice")
    took = time.perf_counter() - start
    size, requests = page.run(BYTES), len(page.do("told")["requests"])
    page.close()
    return took, size, requests


def measure_page(world, quick):
    try:
        with Browser() as browser, world.gateway(web="tls") as gate:
            url = f"https://localhost:{gate.web_port}/"
            load(browser, url)             # the browser's own start is not ours
            loads = [load(browser, url) for _ in range(3 if quick else 15)]
    except Skip as why:
        raise RuntimeError(str(why)) from None
    seconds, size, requests = zip(*loads)
    met = max(requests) == 1 and max(size) <= SIZE_MAX and statistics.median(seconds) <= SECONDS_MAX
    return [Figure("web-page", f"{spread(seconds, 1e3, 'ms')}, {max(size) / 1000:.0f} kB", "-", "-",
                   "<= 1 s, 200 kB", met,
                   f"{len(loads)} first loads in Chromium with TLS and an empty cache, until a name can be "
                   f"typed; {max(requests)} request each")]


ROWS = {"web-page": measure_page}
