# SPDX-License-Identifier: ISC
"""A person at a terminal: types, waits until something is there to read, never for a time.

    with Person(gate, "web1") as alice, Person(gate, "web1", user="bob") as bob:
        alice.sees("has the keyboard")
        alice.escape(".")
        assert alice.status() == 0
"""

import contextlib
import re
import time

import pexpect
import pyte

from libvirt_env import wait_for

ESCAPE = b"\x1d"
ESCAPE_LINE = "Escape character is ^] (Ctrl + ])\r\n"
# What the tiny guest says by itself comes between what is looked for.
TICK = re.compile(rb"tick \d+\r\n")
# And what we say, which has a line of its own, broken between words where it is a long one.
OURS = re.compile(rb"(\r\n)?\[gate: (?:[^\r\n]|\r\n  )*\]\r\n")
BREAK = rb"(?: |\r\n  )"


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def in_one_line(came):
    """As if no line of ours had been too long for the terminal."""
    return OURS.sub(lambda line: line.group().replace(b"\r\n  ", b" "), came)


def _pattern(text):
    """The text; where it has a blank, a line of ours may have been broken."""
    return re.compile(BREAK.join(re.escape(word) for word in _bytes(text).split(b" ")))


class Person:
    """Bytes as they come; `before` is what came before the last text that was waited for."""

    def __init__(self, gate, *words, user="alice", **how):
        self.tty = gate.terminal(*words, user=user, key=how.pop("key", user.split("+")[0]), **how)
        self.came = b""
        self.before = b""
        self.is_over = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tty.delayafterterminate = self.tty.ptyproc.delayafterclose = 0.01
        self.tty.close(force=True)

    def _read(self, timeout):
        try:
            self.came += self.tty.read_nonblocking(65536, max(timeout, 0))
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            self.is_over = True

    def sees(self, *texts, timeout=30):
        """Waits for the texts, one after the other.  What came before the last of them."""
        for text in texts:
            deadline = time.monotonic() + timeout
            pattern = _pattern(text)
            while not (found := pattern.search(self.came)):
                left = deadline - time.monotonic()
                assert left > 0, f"waited {timeout} s for {text!r}; came: {self.came[-600:]!r}"
                assert not self.is_over, f"ended before {text!r}; came: {self.came[-600:]!r}"
                self._read(left)
            self.before, self.came = self.came[:found.start()], self.came[found.end():]
        return self.before

    def types(self, keys):
        self.tty.send(_bytes(keys))

    def escape(self, keys):
        self.types(ESCAPE + _bytes(keys))

    def is_on(self, guest, timeout=30):
        """Waits for the first two lines.  What came before them."""
        before = self.sees(f"Connected to domain '{guest}'\r\n", timeout=timeout)
        assert self.sees(ESCAPE_LINE) == b""
        return before

    def echoes(self, word, timeout=30):
        """Types a word and waits until all of it came back.  Seconds it took, and what came."""
        start = time.monotonic()
        self.types(word)
        came = self.hears(word, timeout)
        return time.monotonic() - start, came

    def hears(self, word, timeout=30):
        """Waits until the guest echoed it: a tick may come in the middle.  What came."""
        start = time.monotonic()
        came = b""
        while _bytes(word) not in OURS.sub(b"", TICK.sub(b"", came)):
            left = start + timeout - time.monotonic()
            assert left > 0 and not self.is_over, f"{word!r} typed; only {came[-600:]!r} came"
            came += self.reads(left)
        return came

    def reads(self, timeout):
        """What is there, at the latest when so many seconds have passed; b"" at the end."""
        if not self.came:
            self._read(timeout)
        found, self.came = self.came, b""
        return found

    def status(self, timeout=30):
        """The exit status, when it ends; `before` is what came until then."""
        deadline = time.monotonic() + timeout
        while not self.is_over:
            assert time.monotonic() < deadline, f"it does not end; came: {self.came[-600:]!r}"
            self._read(deadline - time.monotonic())
        self.before, self.came = self.came, b""
        wait_for(lambda: not self.tty.isalive(), 30, "ssh to end")
        return self.tty.exitstatus


@contextlib.contextmanager
def on(gate, guest, *options, user="alice", **how):
    """Somebody on a guest's console."""
    with Person(gate, " ".join(["attach", guest, *options]), user=user, **how) as person:
        person.is_on(guest.split(":")[0].split("/")[-1])
        yield person


def leave(person):
    person.escape(".")
    assert person.status() == 0


class Screen(Person):
    """What the terminal shows, by a terminal emulator."""

    def __init__(self, gate, *words, rows=24, cols=80, lang=True, **how):
        if lang:
            how.setdefault("options", ("-o", "SendEnv=LANG"))
        super().__init__(gate, *words, rows=rows, cols=cols, **how)
        self.screen = pyte.Screen(cols, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""

    def resize(self, rows, cols):
        self.screen.resize(rows, cols)
        self.tty.setwinsize(rows, cols)

    @property
    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.lines)

    def look(self, timeout=0.05):
        """Takes in what came."""
        came = self.reads(timeout)
        self.raw += came
        self.stream.feed(came)
        return came

    def until(self, condition, timeout=30, what="the screen to show it"):
        """condition: a text that is to be shown, or a function."""
        if isinstance(condition, str):
            text = condition
            what = repr(text)
            condition = lambda: text in self.text
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"waited {timeout} s for {what}; the screen:\n" + self.framed())
            self.look(min(left, 0.1))

    def framed(self):
        cols = self.screen.columns
        edge = "+" + "-" * cols + "+\n"
        return edge + "".join(f"|{line.ljust(cols)}|\n" for line in self.screen.display) + edge

    def row_of(self, text):
        """The row that shows it; the last one, when it is not there yet."""
        for row, line in enumerate(self.lines):
            if text in line:
                return row
        return -1
