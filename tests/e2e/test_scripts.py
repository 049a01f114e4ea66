#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The commands that scripts live on: log, wait, send, who, watch, power, kick and the rest,
with OpenSSH as it is, a pipe and an exit status."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from gateway import Gateway, IS_ROOT, TOP, comm, guests_host
from libvirt_env import wait_for
from person import Person
from tap import SANITIZED, Skip, result, run, test

DISK = "with files on disk"
FAILED, USAGE, DENIED, NO_GUEST, TIMEOUT, GONE = 1, 2, 3, 4, 5, 6
POSITION = re.compile(r"this ends at (\d+\.\d+)")
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
PEER_FIELDS = ["id", "user", "address", "endpoint", "guest", "host", "console", "keyboard",
               "read_only", "you", "since"]
WATCH_FIELDS = ["guest", "host", "console", "time", "line"]
ACCESS = ("[access \"alice\"]\nusers = alice\nguests = *\n"
          "may = view type power break share add-serial kick\n"
          "[access \"bob\"]\nusers = bob\nguests = web* nobody*\nmay = view type\n"
          "[access \"carol\"]\nusers = carol\nguests = web*\nmay = view\n")


def answers(gate, command, status=0, **how):
    """Runs a command that is to end with that status: stdout and stderr."""
    done = gate.run(command, **how)
    assert done.returncode == status, (command, done)
    return done.stdout, done.stderr


def refuses(gate, command, status, *texts, **how):
    out, err = answers(gate, command, status, **how)
    assert out == "", (command, out)
    for text in texts:
        assert text in err, (command, err)


def bob(gate, command, **how):
    return gate.run(command, user="bob", key="bob", **how)


def ticks(text):
    return [int(n) for n in re.findall(r"tick (\d+)", text)]


# -- the example --

@test("examples/smoke-test: a Linux guest started, asked, checked and shut down, by ssh alone")
def example(gate, libvirt):
    config = gate.path("ssh_config")
    pathlib.Path(config).write_text(
        f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n  User alice\n"
        f"  IdentityFile {gate.path('keys/alice')}\n  StrictHostKeyChecking no\n"
        "  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n  IdentitiesOnly yes\n"
        "  IdentityAgent none\n", encoding="utf-8")
    done = subprocess.run([TOP / "examples/smoke-test", "gate", "deb", "deb:~# $"],
                          env=dict(os.environ, SSH=f"ssh -F {config}"), capture_output=True,
                          text=True, timeout=150, check=False)
    assert done.returncode == 0, done
    assert re.search(r"^deb runs \d+\.\S+-amd64$", done.stdout, re.M), done
    libvirt.wait_for_state("deb", "shut off")
    boot = answers(gate, "log deb --boot")[0]
    assert boot.count("Linux version") == 1 and "reboot: Power down" in boot, boot[-300:]
    assert "kernel=" in boot and "\x1b" not in boot and "\r" not in boot


# -- log --

@test("log: nothing was captured of a console that nobody had open, and how to change that")
def log_nothing(gate, _libvirt):
    out, err = answers(gate, "log idle")
    assert out == "" and "nobody had it open" in err and "capture = always" in err, err
    assert "idle" not in answers(gate, "who")[0]


@test("log: --lines, --from a position as printed, --until, --boot, and what is no position")
def log_ranges(gate, _libvirt):
    answers(gate, "wait web1 --for 'tick 2' --from boot --timeout 40")
    out, err = answers(gate, "log web1")
    assert out.startswith("tiny: ready\ntick 1\n"), out
    first = POSITION.search(err).group(1)

    def ends_alike():
        """Unless the guest says more in between: --lines counts from the newest."""
        kept, position = answers(gate, "log web1")
        until = POSITION.search(position).group(1)
        return kept.splitlines()[-2:] == answers(gate, "log web1 --lines=2 --until " +
                                                 until)[0].splitlines()
    wait_for(ends_alike, 30, "--lines=2 to show the last two lines")
    answers(gate, f"wait web1 --for 'tick {ticks(out)[-1] + 2}' --from {first} --timeout 40")
    more = answers(gate, f"log web1 --from {first}")[0]
    assert ticks(out + more) == list(range(1, ticks(more)[-1] + 1)), (out, more)
    assert answers(gate, f"log web1 --until={first}")[0] == out
    assert answers(gate, "log web1 --boot")[0].startswith("tiny: ready\n")
    assert answers(gate, "log web1 --from=10m")[0].startswith("tiny: ready\n")
    refuses(gate, "log web1 --boot=-7", FAILED, "that boot is not kept any more")
    refuses(gate, "log web1 --from=yesterday", USAGE, "--from takes a position, not 'yesterday'")
    out, err = answers(gate, "log web1 --from=12345.6")
    assert out.startswith("tiny: ready\n") and "of another time" in err
    refuses(gate, "log nix", NO_GUEST, "no guest called 'nix'")


@test("log: --raw is the bytes as they were, --timestamps begins lines, readable has no controls")
def log_forms(gate, _libvirt):
    answers(gate, r"send web1 --for '^seen' --timeout 40 \e[31mx\rseen\x07")
    raw = answers(gate, "log web1 --lines 30 --raw")[0]
    assert "\x1b[31m" in raw and "\x07" in raw, raw
    text = answers(gate, "log web1 --lines 30")[0]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text) and "seen" in text, text
    lines = answers(gate, "log web1 --timestamps")[0].splitlines()
    assert all(re.match(ISO + " ", line) for line in lines), lines
    assert [line[:24] for line in lines] == sorted(line[:24] for line in lines)
    refuses(gate, "log web1 --raw --timestamps", USAGE, "make no sense")


@test("log --boot=-1 is the boot before alone; a stop in between stays in the log")
def log_boots(gate, _libvirt):
    answers(gate, "start boots --for 'tick 1$' --timeout 40")
    answers(gate, "send boots --for one --timeout 40 in-one")
    answers(gate, "poweroff boots")
    wait_for(lambda: gate.run("info boots --json").stdout.find('"off"') > 0, 30, "boots to be off")
    answers(gate, "start boots --for 'tick 1$' --timeout 40")
    answers(gate, "send boots --for two --timeout 40 in-two")
    last, before = answers(gate, "log boots --boot")[0], answers(gate, "log boots --boot=-1")[0]
    assert "in-two" in last and "in-one" not in last, last
    assert "in-one" in before and "in-two" not in before, before
    for text in (last, before):
        assert text.count("tiny: ready") == 1, text


@test("log --follow: from what is kept into what comes, no line lost or twice")
def log_follow(gate, _libvirt):
    def follow(_):
        out = answers(gate, "log web1 --follow --timeout 9", TIMEOUT)[0]
        got = ticks(out)
        assert got == list(range(got[0], got[0] + len(got))), got
        return got
    now = ticks(answers(gate, "log web1 --lines 1")[0])[-1]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for got in pool.map(follow, range(4)):
            assert got[0] == 1 and got[-1] >= now + 2, (got, now)


@test("log: what the ring has no more, or what an earlier gateway saw, comes from disk",
      group=DISK)
def log_disk(gate, libvirt):
    answers(gate, "start web1 --for 'tick 2$' --timeout 40")
    gate.stop()
    libvirt.virsh("reset", "web1")
    gate.start()
    answers(gate, "wait web1 --for 'tick [0-9]' --timeout 40")
    answers(gate, "send web1 --for '1000000200' --timeout 40 !")
    answers(gate, "send web1 -- #")
    out, err = answers(gate, "log web1")
    assert out.startswith("tiny: ready\ntick 1\ntick 2\n"), out[:200]
    assert "was started anew" in err, err
    assert [int(n) for n in re.findall(r"^\D*(1\d{9}) ", out, re.M)] == \
        list(range(1000000001, 1000000001 + len(re.findall(r"^\D*1\d{9} ", out, re.M)))), err
    raw = answers(gate, "log web1 --raw")[0]
    assert raw.startswith("tiny: ready\ntick 1\n"), raw[:100]   # text mode makes CR LF an LF
    line = answers(gate, "log web1 --timestamps")[0].splitlines()
    assert re.match(r"\d{4}-\S+Z tiny: ready$", line[0]), line[:3]
    assert re.match(r"\d{4}-\S+Z tick 1$", line[1]) and line[1][:24] >= line[0][:24], line[:3]
    answers(gate, "poweroff web1")


# -- wait --

@contextlib.contextmanager
def said_until_over(gate, command):
    """Again and again: the first time may be before anybody waits for it."""
    is_over = threading.Event()

    def say():
        while not is_over.wait(0.4):
            answers(gate, command)
    thread = threading.Thread(target=say)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@test("wait: from now on, on a prompt without a line end; the line is printed; 5 and 6")
def wait(gate, _libvirt):
    assert re.fullmatch(r"tick \d+\n", answers(gate, "wait web1 --for 'tick [0-9]+' --timeout 40")[0])
    with said_until_over(gate, "send web1 user.login:\\x20"):
        out = answers(gate, "wait web1 --for 'login: $' --timeout 30")[0]
    assert out.endswith("user.login: \n"), out
    start = time.monotonic()
    refuses(gate, "wait web1 --for 'never this' --timeout 1", TIMEOUT, "timed out after 1 s")
    assert time.monotonic() - start > 0.9
    refuses(gate, "wait idle --for x", GONE, "idle is off")
    refuses(gate, "wait web1", USAGE, "wait wants --for REGEX")
    refuses(gate, "wait web1 --for 'a(b'", USAGE, "bad expression", "character 2: a<here>(b")
    refuses(gate, "wait web1 --for '(a)\\1'", USAGE, "back-references")
    refuses(gate, "wait web1 --for '(a{900}){900}'", USAGE, "too many repetitions")
    refuses(gate, "wait none --for x", NO_GUEST)


@test("wait: the guest goes away meanwhile: 6; with --wait it stays until it is there again")
def wait_gone(gate, libvirt):
    libvirt.virsh("start", "gone")
    with gate.popen("wait gone --for 'never this'") as waits, \
         gate.popen("wait gone --for 'back' --wait --timeout 40") as stays:
        wait_for(lambda: '"viewers":2' in gate.run("info gone --json").stdout, 30, "both to wait")
        libvirt.virsh("destroy", "gone")
        assert waits.wait(40) == GONE, waits.stderr.read()
        libvirt.virsh("start", "gone")
        answers(gate, "wait gone --for 'tick 1' --from boot --timeout 40")
        answers(gate, "send gone back")
        assert stays.wait(40) == 0, stays.stderr.read()
    libvirt.virsh("destroy", "gone")


@test("wait --raw: bytes, with escapes, as they are")
def wait_raw(gate, _libvirt):
    with said_until_over(gate, "send web1 a\\e[1mb\\r"):
        out = answers(gate, "wait web1 --raw --for '\x1b\\[1m' --timeout 30")[0]
    assert "a\x1b[1mb" in out, repr(out)


# -- send --

@test("send: the text as it is, escapes, options before it, standard input, slowly")
def send(gate, _libvirt):
    for text, shown in ((r"plain\r", "plain"), (r"\x41\x42\tC", "AB"), ("it's \"so\"  ", "it's \"so\"  "),
                        ("-- --for x", "--for x"), (r"a\.b \\r", r"a.b \r".replace("a.", r"a\.")),
                        ("--paced " + "slow " * 40, "slow slow")):
        out = answers(gate, f"send web1 --for 'end' --timeout 40 {text}end" if not
                      text.startswith("--") else f"send --for 'end' --timeout 40 web1 {text}end")[0]
        assert shown.strip() in out or shown.strip() in answers(gate, "log web1 --lines 3")[0], (text, out)
    done = subprocess.run(gate.ssh_argv("send web1 - --cr --for 'last' --timeout 40"),
                          input=b"first\nlast\n", capture_output=True, timeout=60, check=False)
    assert done.returncode == 0 and b"last" in done.stdout, done
    refuses(gate, "send web1 a\\x4", USAGE, "\\x wants two hexadecimal digits, at character 2")
    refuses(gate, "send web1", USAGE, "send wants GUEST TEXT")
    refuses(gate, "send idle x", GONE, "idle is off")
    refuses(gate, "send none x", NO_GUEST)


@test("send: who has the keyboard keeps it, but for --take; one who may only watch: 3")
def send_keyboard(gate, _libvirt):
    with Person(gate, "web1", user="bob") as other:
        other.is_on("web1")
        other.types("k")
        refuses(gate, "send web1 x", FAILED, "bob has the keyboard: --take takes it")
        answers(gate, "send --take web1 taken")
        other.sees("alice took the keyboard")
    if not os.path.exists(gate.path("keys/carol")):
        gate.make_key("carol")
        gate.authorize("carol", "carol")
    refuses(gate, "send web1 x", DENIED, "you may only watch this guest", user="carol", key="carol")


@test("send: a guest that does not read is told of, and nothing waits for ever")
def send_deaf(gate, libvirt):
    libvirt.virsh("start", "deaf")
    answers(gate, "send deaf --for % --timeout 40 %")
    done = subprocess.run(gate.ssh_argv("send deaf - --timeout 20"), input=b"x" * 100000,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode in (FAILED, TIMEOUT), done
    assert done.returncode == TIMEOUT or b"lost" in done.stderr or b"not" in done.stderr, done
    libvirt.virsh("destroy", "deaf")


# -- who, kick, watch --

@test("who: a table, JSON with all fields, one guest; kick by number ends the visit")
def who_kick(gate, _libvirt):
    assert answers(gate, "who web1") == ("", "") and json.loads(answers(gate, "who --json")[0]) == []
    with Person(gate, "web1", user="bob") as other:
        other.is_on("web1")
        lines = answers(gate, "who")[0].splitlines()
        assert lines[0].split() == ["ID", "USER", "FROM", "BY", "SINCE", "CONSOLE", "KEYBOARD"]
        assert re.search(r"^\d+ +bob +127.0.0.1 +ssh +\S+Z +web1:serial0 +yes$", lines[1]), lines
        peer = json.loads(answers(gate, "who web1 --json")[0])[0]
        assert list(peer) == PEER_FIELDS and peer["user"] == "bob" and not peer["you"], peer
        assert answers(gate, "who idle") == ("", "")
        refuses(gate, "who nix", NO_GUEST)
        assert bob(gate, "kick alice").returncode in (FAILED, DENIED)
        _, err = answers(gate, f"kick {peer['id']}")
        assert "1 attachment" in err, err
        assert other.status() != 0
    refuses(gate, "kick nobody", FAILED, "nobody of that name")


@test("watch: a JSON line for each line that fits, of guests that come later, too")
def watch(gate, libvirt):
    # Which line is the first that is not printed before the console is open depends.
    with gate.popen("watch 'tick [0-9]+$|never' 'later*'") as process, ended(process):
        wait_for(lambda: select_line(process.stderr, b"waiting for one") or
                 '"viewers":1' in gate.run("list --json 'later*'").stdout, 15, "watch to begin")
        for name in ("later1", "later2"):
            libvirt.define(name)
        seen = []
        while {one["guest"] for one in seen} != {"later1", "later2"}:
            seen.append(json.loads(process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        process.wait(40)
    for one in seen:
        assert list(one) == WATCH_FIELDS and re.fullmatch(r"tick \d+", one["line"]), one
        assert (one["host"], one["console"]) == ("local", "serial0") and re.fullmatch(ISO, one["time"])
    wait_for(lambda: json.loads(gate.run("who --json").stdout) == [], 30, "it to have left")
    for name in ("later1", "later2"):
        libvirt.virsh("destroy", name)
    refuses(gate, "watch '['", USAGE, "bad expression")
    assert bob(gate, "watch tick 'idle*' --timeout 1").returncode == TIMEOUT


@contextlib.contextmanager
def ended(process):
    """Whatever happens: who waits for its end waits no longer than that."""
    try:
        yield
    finally:
        process.kill()


def select_line(stream, text):
    """Whether that text came; reads nothing that is not there."""
    os.set_blocking(stream.fileno(), False)
    got = getattr(select_line, "got", b"") + (stream.read() or b"")
    select_line.got = got
    return text in got


# -- what is done to guests --

@test("start, reset, poweroff, shutdown: done, said, and --for from the byte before it")
def power(gate, libvirt):
    out, err = answers(gate, "start power --for '^tiny: ready' --timeout 40")
    assert out == "tiny: ready\n" and "the guest is started" in err, (out, err)
    assert answers(gate, "log power")[0].startswith("tiny: ready\n")
    refuses(gate, "start power", FAILED, "running already")
    out = answers(gate, "reset power --for '^tiny: ready' --timeout 40")[0]
    assert out == "tiny: ready\n"
    for command in ("start power", "reset power", "poweroff power", "break power", "nmi power",
                    "sysrq power h", "shutdown power", "reboot power", "add-serial power"):
        assert bob(gate, command.replace("power", "nobody1", 1) if " power" not in command
                   else command).returncode == NO_GUEST, command
    assert bob(gate, "poweroff web1").returncode == DENIED
    assert "needs the right 'power'" in bob(gate, "poweroff web1").stderr
    assert "needs the right 'break'" in bob(gate, "break web1").stderr
    refuses(gate, "sysrq power", USAGE, "sysrq wants GUEST KEY")
    refuses(gate, "sysrq power hh", USAGE, "one key")
    refuses(gate, "sysrq power '#'", USAGE, "a letter or a digit")
    assert "asked to shut down" in answers(gate, "shutdown power")[1]
    libvirt.wait_for_state("power", "shut off")
    refuses(gate, "poweroff power", FAILED)
    answers(gate, "start power --for 'tick 1$' --timeout 40")
    assert "BREAK sent" in answers(gate, "break power")[1]
    assert "NMI sent" in answers(gate, "nmi power")[1]
    assert "SysRq h sent" in answers(gate, "sysrq power h")[1]
    assert "forced off" in answers(gate, "poweroff power")[1]
    refuses(gate, "start nix", NO_GUEST)


@test("add-serial: shows the change, does it with --yes, asks on a terminal")
def add_serial(gate, libvirt):
    out, err = answers(gate, "add-serial none")
    assert "+    <serial type='pty'>" in out and "console=ttyS0" in out, out
    assert "nothing was changed: --yes does it" in err
    with Person(gate, "add-serial none") as person:
        person.sees("do it? y or n")
        person.types("n")
        assert person.status() == 0
    assert "serial" not in libvirt.virsh("dumpxml", "none")
    with Person(gate, "add-serial none") as person:
        person.sees("do it? y or n")
        person.types("y")
        assert person.status() == 0
    assert "<serial type='pty'>" in libvirt.virsh("dumpxml", "none")
    refuses(gate, "add-serial none --yes", FAILED, "has a console already")


# -- pipes --

def largest_session(gate):
    """KiB that any session's process ever had resident."""
    peak = 0
    for pid in gate.family():
        with contextlib.suppress(OSError):
            if comm(pid) == "sshd":
                text = pathlib.Path(f"/proc/{pid}/status").read_text()
                # One that is about to end has none.
                peak = max([peak, *map(int, re.findall(r"VmHWM:\s+(\d+)", text))])
    return peak


@test("a stdin without end, and 1 GB of it: commands end, memory stays")
def endless_stdin(gate, _libvirt):
    for command, status in (("list", 0), ("log web1", 0), ("wait web1 --for tick --timeout 40", 0),
                            ("attach web1 --read-only --timeout 1", TIMEOUT)):
        with open("/dev/zero", "rb") as zero:
            answers(gate, command, status, stdin=zero)
    with subprocess.Popen(["head", "-c", "1000000000", "/dev/zero"],
                          stdout=subprocess.PIPE) as source:
        with subprocess.Popen(gate.ssh_argv("send web1 - --timeout 3"), stdin=source.stdout,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as sends:
            source.stdout.close()
            peaks = []
            while sends.poll() is None:
                peaks.append(largest_session(gate))
                time.sleep(0.1)
            assert sends.returncode == TIMEOUT, sends.returncode
        source.kill()
    if not SANITIZED:
        assert max(peaks) < 24 * 1024, peaks


@test("attach in a pipe: every byte, both ways, also to a reader that takes its time")
def binary_pipe(gate, _libvirt):
    # Bytes that mean nothing to the tiny guest; it answers CR with CR LF.
    block = bytes(b for b in range(256) if b not in b"\r!#%*@") * 16
    with gate.popen("attach web1 --timeout 60") as pipe:
        wait_for(lambda: b"Connected" in (pipe.stderr.readline()), 30, "the console")
        pipe.stdin.write(b"#" + block + b"\r")
        pipe.stdin.flush()
        time.sleep(0.5)
        got = b""
        while not got.endswith(b"\r\n") or block[-8:] not in got:
            got += os.read(pipe.stdout.fileno(), 1024)
        assert block in got, (len(block), len(got))
        pipe.stdin.write(b"#")
        pipe.stdin.close()
        got = b""
        rest = b""
        while b"tick " not in rest:              # it has come, and the guest speaks again
            rest += os.read(pipe.stdout.fileno(), 1024)
        pipe.kill()


@contextlib.contextmanager
def one_connection(gate):
    """Options for ssh with which all commands go over one connection."""
    options = ["-o", "ControlMaster=auto", "-o", f"ControlPath={gate.path('cm')}",
               "-o", "ControlPersist=30"]
    logins = gate.log().count("accepted publickey")
    answers(gate, "list", options=options)
    yield options
    subprocess.run(["ssh", "-o", f"ControlPath={gate.path('cm')}", "-O", "exit", "x"],
                   capture_output=True, check=False)
    assert gate.log().count("accepted publickey") == logins + 1


@test("ten channels at once on one connection, each with a visit of its own")
def ten_channels(gate, _libvirt):
    with one_connection(gate) as options, concurrent.futures.ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda i: gate.run(f"send web1 --take --for ch{i} --timeout 40 ch{i}"
                                                if i % 2 else
                                                "wait web1 --for 'tick [0-9]+' --timeout 40",
                                                options=options), range(10)))
    assert [d.returncode for d in done if "wait" in " ".join(d.args)] == [0] * 5, done
    # Senders take the keyboard from each other: of one user the newest has it.
    assert all(d.returncode in (0, FAILED) for d in done), done


@test("300 commands over one connection as fast as five come: more than the gate gives at once, "
      "and each is served in its turn")
def many_commands(gate, _libvirt):
    with one_connection(gate) as options, concurrent.futures.ThreadPoolExecutor(5) as pool:
        done = list(pool.map(lambda _: gate.run("info web1", options=options), range(300)))
    assert all(d.returncode == 0 for d in done), [d for d in done if d.returncode][:3]


@test("on a terminal ^C and the escape key end what goes on; lines end as it wants them")
def on_a_terminal(gate, _libvirt):
    for command, key, status in (("log web1 --follow", "\x03", 0), ("watch never", "\x1d", 0),
                                 ("wait web1 --for never", "\x03", FAILED)):
        with Person(gate, command) as person:
            wait_for(lambda: '"viewers":1' in gate.run("list --json web1").stdout, 30, "it to begin")
            person.types("x" + key)
            assert person.status() == status, command
        if command.startswith("log"):
            assert b"tiny: ready\r\ntick 1\r\n" in person.before + person.came


# -- what is typed wrong, and help --

@test("help: each command, the same by --help; one dash, near names, names like commands")
def typed_wrong(gate, _libvirt):
    names = re.findall(r"^  ([a-z-]+) ", answers(gate, "help")[0], re.M)
    assert len(names) >= 20, names
    for name in names:
        one = answers(gate, f"help {name}")[0]
        assert one.startswith(name) and max(map(len, one.splitlines())) <= 100, one
    for name in ("send", "log", "attach"):
        assert answers(gate, f"{name} --help")[0] == answers(gate, f"help {name}")[0]
    refuses(gate, "list -json", USAGE, "options have two dashes, --json")
    refuses(gate, "log web1 --fllow", USAGE, "did you mean --follow?")
    refuses(gate, "wiat", NO_GUEST, "did you mean the command 'wait'?")
    refuses(gate, "log my guest", USAGE, "one word too many: guest", "'my guest'")
    for command in ("log 'my guest'", "log list", "log -- --wait", "log -dash"):
        assert "nobody had it open" in answers(gate, command)[1], command
    refuses(gate, "send 'my guest' x", GONE, "my guest is off")


@test("what JSON carries stands in serialgate(7)")
def json_documented(_gate, _libvirt):
    page = pathlib.Path(TOP / "man" / "serialgate.7")
    if not page.exists():
        raise Skip("man/serialgate.7 is not there")
    text = page.read_text(encoding="utf-8")
    for field in PEER_FIELDS + WATCH_FIELDS:
        assert re.search(rf"^\.(It )?Li ([a-z_]+ , )*{field}\b", text, re.M), field


GUESTS = ["idle", "boots", "gone", "deaf", "power", "my guest", "list", "--wait", "-dash"]


def main():
    with guests_host() as libvirt:
        libvirt.define("web1")
        libvirt.define("deb", "linux", start=False)
        libvirt.define("none", serials=0, start=False)
        for name in GUESTS:
            libvirt.define(name, start=False)
        with Gateway(libvirt, access=ACCESS) as gate:
            # The line is there from the first byte on.
            libvirt.virsh("destroy", "web1")
            answers(gate, "start web1 --for 'tick 1$' --timeout 40")
            run(gate, libvirt)
        libvirt.virsh("destroy", "web1")
        with tempfile.TemporaryDirectory(prefix="sg-logs.", dir="/var/lib" if IS_ROOT else None) \
                as logs:
            os.chmod(logs, 0o777)
            with Gateway(libvirt, access=ACCESS,
                         extra={"console": [f"log-directory = {logs}"]}) as gate:
                run(gate, libvirt, group=DISK)
    sys.exit(result())


main()
