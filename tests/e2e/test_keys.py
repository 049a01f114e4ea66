#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What was printed before, and what keys do to the guest: real guests, as a person sees it."""

import hashlib
import re
import sys
import threading
import time

from gateway import Gateway, guests_host
from libvirt_env import wait_for
from person import Person, Screen, leave
from tap import result, run, test

ACCESS = """\
[access "alice"]
users = alice
guests = *
may = view type power break
[access "bob"]
users = bob
guests = *
may = view type
"""
PROMPT = "linux:~#"
SIZES = ((24, 80), (10, 40))


def joined(screen):
    """What is on the screen, as one line: we break lines between words, terminals anywhere."""
    return " ".join(" ".join(screen.lines).split())


def shows(screen, *texts):
    for text in texts:
        assert text in joined(screen), f"{text!r} is not on\n{screen.framed()}"


def waits_for(screen, text, timeout=30):
    screen.until(lambda: " ".join(text.split()) in joined(screen), timeout, repr(text))


# -- what was printed before --

def last_line(gate):
    """Of the Linux guest, by one who has not been on it."""
    return gate.run("log linux --lines=1", user="bob", key="bob").stdout.strip()


@test("since you left: what came in between, then live, and the prompt behind that line")
def since_left(gate, _libvirt):
    for rows, cols in SIZES:
        with Screen(gate, "linux", rows=rows, cols=cols) as alice:
            alice.types("\r")
            waits_for(alice, PROMPT)
            alice.types("(sleep 1; echo in-betw''een) &\r")
            waits_for(alice, "&")
            leave(alice)
        wait_for(lambda: "in-between" in last_line(gate), 30, "what comes in between")
        with Screen(gate, "linux", rows=rows, cols=cols) as alice:
            waits_for(alice, "[gate: live from here on]")
            shows(alice, "bytes since you left, from ", "in-between")
            alice.types("echo be''fore; sleep 1\r")
            waits_for(alice, "before")
            leave(alice)
        wait_for(lambda: last_line(gate) == PROMPT, 30, "the prompt")
        with Screen(gate, "linux", rows=rows, cols=cols) as alice:
            waits_for(alice, "live from here on]")
            alice.until(lambda s=alice: s.screen.cursor.x == len(PROMPT) + 1, what="the prompt")
            row = alice.row_of("live from here on]")
            assert alice.lines[row + 1] == PROMPT, alice.framed()
            leave(alice)


@test("--replay-lines, --replay-from, alice+linux+replay-lines=N; 0 is none; without a terminal")
def asked_for(gate, _libvirt):
    with Person(gate, "linux") as alice:
        alice.is_on("linux")
        alice.types("echo one; echo two; echo thr''ee\r")
        alice.sees("three\r\n")
        leave(alice)
    with Person(gate, "attach linux --replay-lines=2") as alice:
        alice.is_on("linux")
        alice.sees("from before, from ")
        place = re.match(r"\d+\.\d+", alice.sees(" on:]\r\n").decode())
        alice.sees("live from here on]")
        assert alice.before.count(b"\n") <= 3 and b"three" in alice.before, alice.before
        leave(alice)
    with Person(gate, user="alice+linux+replay-lines=0") as alice:
        alice.is_on("linux")
        came = alice.echoes("nothing-before")[1]
        assert b"gate:" not in came and b"three" not in came, came
        alice.types("\x03")
        alice.sees("# \x1b[6n")            # asked live: from here on it is a part of the past
        leave(alice)
    with Person(gate, f"attach linux --replay-from={place.group()}") as alice:
        alice.is_on("linux")
        alice.sees(f"since there, from {place.group()} on:]", "three", "live from here on]")
        leave(alice)
    done = gate.run("attach linux --replay-from=1h --timeout=5 --quiet")
    assert done.returncode == 5 and "three" in done.stdout and "\x1b[6n" not in done.stdout, done
    done = gate.run("attach linux --replay-from=soon")
    assert done.returncode == 2 and "--replay-from takes EPOCH.OFFSET" in done.stderr, done


@test("^] r shows the last lines, ^] R all of this boot with the moment of it")
def again(gate, libvirt):
    with Screen(gate, "web1") as alice:
        alice.until("tick")
        libvirt.virsh("reset", "web1")
        alice.until("tiny: ready")
        alice.escape("r")
        waits_for(alice, "from before, from ")
        waits_for(alice, "live from here on]")
        alice.escape("R")
        waits_for(alice, "since that boot, from ")
        alice.until(lambda: alice.text.count("live from here on]") == 2, what="live again")
        leave(alice)


@test("a replay asks the terminal nothing and leaves it as it is; a query that is live passes")
def no_queries(gate, _libvirt):
    query = r"printf '\033[6n\033[c\033[?1000h\033[?1049h\033]0;evil\007\033[?1049lend\n'" + "\r"
    with Person(gate, "linux") as alice:
        alice.is_on("linux")
        alice.types(query)
        alice.sees(b"\x1b[6n\x1b[c\x1b[?1000h\x1b[?1049h")
        leave(alice)
        assert b"\x1b[?1000l" in alice.before
    with Person(gate, "attach linux --replay-lines=5") as alice:
        alice.is_on("linux")
        alice.sees("live from here on]")
        assert b"end\r\n" in alice.before, alice.before
        for left_out in (b"\x1b[6n", b"\x1b[c", b"\x1b[?1000h", b"\x1b[?1049", b"\x1b]0;"):
            assert left_out not in alice.before, alice.before
        alice.types(b"\x1b[5;10R")          # an answer, now that nothing was asked
        alice.types("echo st''ill\r")
        alice.sees("still\r\n")
        assert b"10R" not in alice.before, alice.before
        leave(alice)


@test("an answer of one who has not the keyboard reaches nobody and is no reason to complain")
def answers_of_watchers(gate, _libvirt):
    with Person(gate, "web1") as alice:
        alice.is_on("web1")
        alice.echoes("mine")
        with Person(gate, "web1", user="bob") as bob:
            bob.sees("has the keyboard")
            bob.types(b"\x1b[5;10R\x1b[?62;4c\x1b]11;rgb:1/2/3\x1b\\")
            time.sleep(0.3)
            came = bob.reads(0.2)
            assert b"not sent" not in came, came
            bob.types("x")
            bob.sees("not sent: alice has the keyboard")
            leave(bob)
        came = alice.echoes("still-mine")[1]
        assert b"10R" not in came and b"rgb" not in came, came
        leave(alice)


@test("filter = strict: live output without clipboard writes and title reports, all else as it is")
def strict(gate, _libvirt):
    gate.extra = {"console": ["filter = strict"]}
    gate.write_config()
    gate.reload()
    with Person(gate, "linux") as alice:
        alice.is_on("linux")
        alice.types(r"printf 'a\033]52;c;aGk=\007b\033[21tc\033[6nd\033]0;x\007e\n'" + "\r")
        alice.sees(b"a\x18b\x18c\x1b[6nd\x1b]0;x\x07e\r\n")
        leave(alice)
    gate.extra = {}
    gate.write_config()
    gate.reload()


# -- power --

@test("^] p o starts a guest that is off, from its first byte on; f forces it off; Esc is no")
def power(gate, libvirt):
    for rows, cols in SIZES:
        with Screen(gate, "web2", rows=rows, cols=cols) as alice:
            waits_for(alice, "web2 is off; waiting until it starts (^] p o starts it, ^] . leaves)")
            alice.escape("po")
            waits_for(alice, "start (or resume) web2? y does it]")
            alice.types("\x1b")
            waits_for(alice, "[gate: not done]")
            alice.escape("poy")
            waits_for(alice, "[gate: the guest is started]")
            waits_for(alice, "tick 1")
            shows(alice, "tiny: ready")
            alice.escape("p")
            waits_for(alice, "f off, n NMI")
            alice.types("fn")
            alice.until(lambda s=alice: s.text.count("not done]") + s.text.count("tick") >= 2)
            assert libvirt.state("web2") == "running"
            alice.escape("pfy")
            waits_for(alice, "the guest is forced off]")
            waits_for(alice, "is off now; waiting")
            leave(alice)


@test("^] p x resets, s shuts down, n is an NMI; a guest that is paused goes on by o")
def more_power(gate, libvirt):
    with Person(gate, "web3") as alice:
        alice.is_on("web3")
        alice.sees("tick ")
        alice.escape("pxy")
        alice.sees("[gate: the guest is reset]", "tiny: ready")
        alice.escape("pny")
        alice.sees("[gate: NMI sent]")
        libvirt.virsh("suspend", "web3")
        alice.sees("web3 is paused; ^] p o resumes it]")
        alice.escape("poy")
        alice.sees("resumed]", "tick ")
        alice.escape("psy")
        alice.sees("web3 is off now")
        leave(alice)
    libvirt.wait_for_state("web3", "shut off")
    libvirt.virsh("start", "web3")


@test("without the right: said at once, nothing asked, and neither reminder nor help name it")
def not_allowed(gate, _libvirt):
    with Person(gate, "web1", user="bob") as bob:
        bob.is_on("web1")
        for keys, right in (("p", "power"), ("b", "break"), ("s", "break")):
            bob.escape(keys)
            bob.sees(f"you may not do that to web1: that needs the right '{right}'")
        bob.escape("?")
        bob.sees("After ^]:", "Esc    nothing")
        assert b"power" not in bob.before and b"SysRq" not in bob.before, bob.before
        bob.escape("X")
        bob.sees("? help, ^] sends ^]]")
        assert b"power" not in bob.before, bob.before
        leave(bob)


# -- into the guest --

@test("^] b is a BREAK and says how; ^] s h is heeded; ^] s b asks first")
def break_and_sysrq(gate, _libvirt):
    with Person(gate, "linux") as alice:
        alice.is_on("linux")
        alice.escape("b")
        alice.sees("[gate: BREAK sent on serial0 (QMP")
        alice.types("h")                    # the key behind a BREAK
        alice.sees("sysrq: HELP")
        alice.escape("sh")
        alice.sees("[gate: SysRq h sent", "sysrq: HELP")
        alice.escape("sb")
        alice.sees("SysRq b reboots at once: send it to linux? y does it]")
        alice.types("n")
        alice.sees("[gate: not done]")
        alice.types("\recho he''re\r")
        alice.sees("here\r\n")
        leave(alice)


@test("^] z types the window's size to the guest, when told so")
def size(gate, _libvirt):
    with Person(gate, "linux", rows=31, cols=97) as alice:
        alice.is_on("linux")
        alice.escape("z")
        alice.sees("[gate: type 'stty rows 31 cols 97' and Enter to linux? y does it]")
        alice.types("y")
        alice.sees("stty rows 31 cols 97\r\n")
        alice.types("stty size\r")
        alice.sees("31 97\r\n")
        leave(alice)


@test("^] v: 2,000 pasted lines arrive whole in a guest without flow control; it can be stopped")
def paste(gate, _libvirt):
    text = "".join(f"{i:04d} 0123456789abcdefghijklmnopqrstuvwxyz\r" for i in range(2000))
    wanted = hashlib.md5(text.replace("\r", "\n").encode()).hexdigest()
    with Person(gate, "linux") as alice:
        alice.is_on("linux")
        alice.types("stty cols 80; cat > /tmp/pasted\r")
        alice.sees("cat > /tmp/pasted\r\n")
        alice.escape("v")
        alice.sees("pasting slowly until ^] Esc; ^] v stops it at once]")
        sender = threading.Thread(target=alice.types, args=(text + "\x1d",))
        sender.start()
        alice.sees("pasting: ", timeout=30)
        alice.sees("pasted: 2000 lines, 82 KiB sent]", timeout=60)
        sender.join()
        alice.types("\x1b")
        time.sleep(1.5)            # an Esc with more behind it would be another key
        alice.types("\x04md5sum /tmp/pasted\r")
        alice.sees(wanted)
        alice.types("cat > /dev/null\r")
        alice.escape("v")
        sender = threading.Thread(target=alice.types, args=(text,))
        sender.start()
        alice.sees("0020 ")
        sender.join()
        alice.escape("v")
        alice.sees("[gate: stopped: ", "not sent]")
        alice.types("\x04")
        alice.sees(PROMPT)
        leave(alice)


# -- nothing to see --

@test("nothing to see because it is paused: said at once, with the next step")
def nothing_to_see(gate, libvirt):
    libvirt.virsh("suspend", "web3")
    with Person(gate, "web3") as alice:
        alice.is_on("web3")
        alice.sees("web3 is paused; ^] p o resumes it]")
        leave(alice)
    libvirt.virsh("resume", "web3")


@test("the help is a page, in parts on a low window")
def help_page(gate, _libvirt):
    for rows, cols in SIZES:
        with Screen(gate, "web1", rows=rows, cols=cols) as alice:
            waits_for(alice, "tick")
            alice.escape("?")
            while "Esc    nothing" not in alice.text:
                alice.until(lambda s=alice: "more, q: enough" in s.text or "Esc    nothing" in s.text)
                if "Esc    nothing" not in alice.text:
                    alice.types(" ")
                    alice.look(0.3)
            leave(alice)


def main():
    with guests_host() as libvirt:
        for name in ("web1", "web3"):
            libvirt.define(name)
        libvirt.define("web2", start=False)
        libvirt.define("linux", "linux")
        with Gateway(libvirt, access=ACCESS) as gate:
            with Person(gate, "linux") as alice:
                alice.sees(PROMPT, timeout=40)
                leave(alice)
            run(gate, libvirt)
    sys.exit(result())


main()
