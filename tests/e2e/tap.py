# SPDX-License-Identifier: ISC
"""Tests as functions: one line of output for each, `ok NAME`, `not ok NAME` or `skip NAME: why`.

    @test("a wrong password is refused")
    def wrong_password(gate, libvirt):
        assert ...

    with guests_host() as libvirt, Gateway(libvirt) as gate:
        run(gate, libvirt)
    sys.exit(result())

A file may have several groups of tests, each with things of its own:
`@test("...", group="as a user")` and `run(gate, group="as a user")`.

What run() is given is handed to each test. When one fails, a short trace follows its line,
and what was added to the log of each thing that has a `log()`. `python3 FILE WORD...` runs
only the tests whose name contains one of the words.
"""

import faulthandler
import os
import signal
import sys
import time
import traceback

LOG_LINES = 25
HUNG_SECONDS = 30            # after its limit: then it is shown where every thread of it stands
BETWEEN_SECONDS = 90         # the same before the first test, between two and after the last
SLOW_SECONDS = 3.0

_tests = []
_failed = []
_words = [w for w in sys.argv[1:] if not w.startswith("-")]
faulthandler.dump_traceback_later(BETWEEN_SECONDS)


class Skip(Exception):
    """Raised by a test that needs something absent; says what."""


# Sanitizers make processes slow and large: what is said of either holds without them.
SANITIZED = "SANITIZED" in os.environ


class Late(Exception):
    """A test took longer than its limit."""


def test(name, group="", limit=120, root=False):
    """limit: seconds.  root: skipped for an ordinary user."""
    def register(function):
        _tests.append((name, group, limit, root, function))
        return function
    return register


def wanted(group=""):
    """Whether a group has tests to run: without, its things need not be set up."""
    return any(g == group and _is_named(name) and not (root and os.geteuid() != 0)
               for name, g, _, root, _ in _tests)


def skip_group(group, why):
    for name, g, _, _, _ in _tests:
        if g == group and _is_named(name):
            print(f"skip {name}: {why}", flush=True)


def result():
    """The exit status of the file."""
    return 1 if _failed else 0


def run(*things, group=""):
    """Runs the group's tests in the order in which they stand in the file."""
    for name, g, limit, root, function in _tests:
        if g != group or not _is_named(name):
            continue
        if root and os.geteuid() != 0:
            print(f"skip {name}: needs root", flush=True)
            continue
        _run_one(name, limit, function, things)


def _is_named(name):
    return not _words or any(word in name for word in _words)


def _late(*_):
    raise Late("took too long")


def _run_one(name, limit, function, things):
    logs = [(thing, len(thing.log())) for thing in things if hasattr(thing, "log")]
    start = time.monotonic()
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(limit)
    faulthandler.dump_traceback_later(limit + HUNG_SECONDS)
    try:
        function(*things)
    except Skip as why:
        signal.alarm(0)
        print(f"skip {name}: {why}", flush=True)
        return
    except Exception as error:  # pylint: disable=broad-except
        signal.alarm(0)
        _failed.append(name)
        print(f"not ok {name}")
        _explain(error)
        for thing, before in logs:
            _show("the log", thing.log()[before:].splitlines()[-LOG_LINES:])
        sys.stdout.flush()
        return
    finally:
        signal.alarm(0)
        faulthandler.dump_traceback_later(BETWEEN_SECONDS)
    took = time.monotonic() - start
    print(f"ok {name}" + (f" ({took:.1f} s)" if took > SLOW_SECONDS else ""), flush=True)


def _explain(error):
    """The frames of the tests themselves, then the error."""
    here = os.path.dirname(os.path.abspath(__file__))
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.dirname(os.path.abspath(frame.filename)) == here and frame.filename != __file__:
            print(f"    {os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}")
    for line in f"{type(error).__name__}: {error}".splitlines()[:40]:
        print("    " + line)


def _show(title, lines):
    if lines:
        print(f"    -- {title}:")
    for line in lines:
        print("    | " + line[:300])
