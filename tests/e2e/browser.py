# SPDX-License-Identifier: ISC
"""Debian's Chromium, driven by playwright-core in a node process (tests/browser/driver.mjs).

    with Browser() as browser:
        page = browser.open()
        page("goto", url)
        page.run("() => document.title")

Without node, npm's packages or Chromium: tap.Skip says what is missing.
"""

import base64
import contextlib
import json
import shutil
import socket
import subprocess
import threading

from gateway import BUILD, TOP
from tap import Skip

TESTS = TOP / "tests"
PICTURES = BUILD / "pictures"


def needs(tool):
    path = shutil.which(tool)
    if not path:
        raise Skip(f"no {tool} here")
    return path


def install(name="browser"):
    """The folder in which node_modules is: the packages that tests/NAME locks, fetched once."""
    needs("node")
    here = TESTS / name
    place = BUILD / name
    lock = (here / "package-lock.json").read_text()
    done = place / "node_modules" / ".done"
    if done.exists() and done.read_text() == lock:
        return place
    needs("npm")
    place.mkdir(parents=True, exist_ok=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copy(here / file, place / file)
    got = subprocess.run(["npm", "ci", "--prefix", place, "--ignore-scripts", "--no-audit",
                          "--no-fund", "--loglevel=error", "--fetch-retries=1"],
                         capture_output=True, text=True, timeout=120, check=False)
    if got.returncode != 0:
        raise Skip("npm's packages cannot be had: " + got.stderr.strip()[-200:])
    done.write_text(lock)
    return place


class Page:
    def __init__(self, browser, number):
        self.browser = browser
        self.number = number

    def __call__(self, name, *args):
        """One of playwright's own calls of a page: page("click", "text=Log in")."""
        return self.do("page", name, *args)

    def do(self, call, *args):
        return self.browser.call(self.number, call, *args)

    def run(self, source, argument=None):
        return self.do("run", source, argument)

    def until(self, source, argument=None, timeout=30):
        return self.do("until", source, argument, timeout * 1000)

    def sees(self, text, selector="body", timeout=30):
        """Waits for a text in what is shown."""
        try:
            self.until("([text, selector]) => [...document.querySelectorAll(selector)]"
                       ".some((e) => (e.innerText || e.textContent).includes(text))",
                       [text, selector], timeout)
        except RuntimeError as error:
            shown = self.run("(s) => [...document.querySelectorAll(s)]"
                             ".map((e) => e.innerText || e.textContent)", selector)
            raise AssertionError(f"{text!r} is not in {shown}: {str(error)[:300]}") from None

    def picture(self, name):
        PICTURES.mkdir(parents=True, exist_ok=True)
        self("screenshot", {"path": str(PICTURES / f"{name}.png")})

    def download(self, *clicks):
        """The file that comes of the last click."""
        for selector in clicks[:-1]:
            self("click", selector)
        return base64.b64decode(self.do("download", clicks[-1]))

    def duplicate(self):
        return Page(self.browser, self.do("duplicate"))

    def close(self):
        self.do("close")


class Browser:
    def __init__(self):
        self.process = None

    def __enter__(self):
        place = install()
        chromium = needs("chromium")
        self.process = subprocess.Popen(["node", TESTS / "browser" / "driver.mjs", place, chromium], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if "ready" not in self._read():
            raise RuntimeError("the browser does not start")
        return self

    def __exit__(self, *_):
        if self.process is None:
            return
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the browser is gone")
        return json.loads(line)

    def call(self, on, call, *args):
        self.process.stdin.write(json.dumps({"on": on, "call": call, "args": args}) + "\n")
        self.process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise RuntimeError(f"{call}{args}: {answer['error']}")
        return answer["result"]

    def open(self, **options):
        """A page in a context (cookies, storage) of its own; options are playwright's."""
        return Page(self, self.call(None, "open", options))


class Cutter:
    """A TCP relay to a port, whose connections can be cut."""

    def __init__(self, port):
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        self.is_closed = False
        self.passed = 0              # bytes from the server, in all
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                self.pairs.append((client, server))
                for a, b in ((client, server), (server, client)):
                    threading.Thread(target=self._relay, args=(a, b, a is server),
                                     daemon=True).start()

    def _relay(self, source, sink, is_output):
        with contextlib.suppress(OSError):
            while True:
                data = source.recv(16384)
                if not data:
                    break
                self.passed += len(data) if is_output else 0
                sink.sendall(data)
        for s in (source, sink):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """All connections, at once and without a word: a reset, as from a middle box."""
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            for s in pair:
                with contextlib.suppress(OSError):
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    s.shutdown(socket.SHUT_RDWR)
                    s.close()

    def close(self):
        self.listener.close()
        self.cut()
