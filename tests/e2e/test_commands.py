#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Commands without a terminal: what they print, where, and how they end."""

import contextlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

import pexpect

from gateway import Gateway, IS_ROOT, TOP, guests_host
from person import Person
from tap import Skip, result, run, skip_group, test, wanted

AS_USER = "as a user"
USAGE, NO_GUEST, TIMEOUT, GONE = 2, 4, 5, 6
FIELDS = ["name", "host", "label", "uuid", "state", "viewers", "keyboard", "consoles", "displays"]
PEER_FIELDS = ["user", "address", "endpoint", "console", "keyboard", "you", "since"]
COMMANDS = ["list", "info", "attach", "ssh-config", "help"]


def answers(gate, command, status=0, **how):
    """Runs a command that is to end with that status: stdout and stderr."""
    done = gate.run(command, **how)
    assert done.returncode == status, (command, done)
    return done.stdout, done.stderr


def refuses(gate, command, status, *texts, **how):
    """It says why on stderr, in one line of ours, and nothing on stdout."""
    out, err = answers(gate, command, status, **how)
    assert out == "", out
    assert err.startswith("[gate: ") and err.endswith("]\n") and err.count("\n") == 1, err
    for text in texts:
        assert text in err, err


# -- list --

@test("list: a row for each guest, sorted, with state, viewers and consoles")
def list_rows(gate, _libvirt):
    out, err = answers(gate, "list")
    assert err == ""
    lines = out.splitlines()
    assert lines[0].split() == ["NAME", "STATE", "VIEWERS", "CONSOLES"], lines[0]
    at = lines[0].index("STATE")
    rows = {line[:at].strip(): line[at:].split() for line in lines[1:]}
    assert rows["web1"] == ["running", "0", "serial0"], rows
    assert rows["web2"] == ["off", "0", "serial0"], rows
    assert rows["two"] == ["off", "0", "serial0", "serial1"], rows
    assert rows["none"] == ["off", "0", "-"], rows
    assert "my guest" in rows
    names = list(rows)
    assert names == sorted(names), names


@test("list PATTERN: a part of a name, or a pattern for all of it; nothing fits: 4")
def list_pattern(gate, _libvirt):
    def names(pattern):
        out = answers(gate, f"list {pattern}")[0]
        return [line.split("  ")[0] for line in out.splitlines()[1:]]
    assert names("eb") == ["info web1 please", "web1", "web2"]
    assert names("'web?'") == ["web1", "web2"]
    assert names("'*1'") == ["web1"]
    assert names("'my guest'") == ["my guest"]
    assert names("'[lt]*'") == ["list", "lonely", "two"]
    refuses(gate, "list xyz", NO_GUEST, "no guest fits 'xyz'")


@test("list --json: valid, every field of every guest")
def list_json(gate, libvirt):
    guests = json.loads(answers(gate, "list --json")[0])
    assert [g["name"] for g in guests] == sorted(g["name"] for g in guests)
    for guest in guests:
        assert list(guest) == FIELDS, guest
    two = next(g for g in guests if g["name"] == "two")
    assert two == {"name": "two", "host": "local", "label": "two", "uuid": libvirt.uuid("two"),
                   "state": "off", "viewers": 0, "keyboard": "", "consoles": ["serial0", "serial1"],
                   "displays": []}, two
    assert next(g for g in guests if g["uuid"] == libvirt.uuid(EVIL))["name"] == EVIL
    one = json.loads(answers(gate, "list 'web1*' --json")[0])
    assert [g["name"] for g in one] == ["web1"]
    out, err = answers(gate, "list xyz --json", NO_GUEST)
    assert json.loads(out) == [] and "no guest fits" in err


@test("what JSON carries stands in serialgate(7)")
def json_documented(gate, _libvirt):
    page = pathlib.Path(TOP / "man" / "serialgate.7")
    if not page.exists():
        raise Skip("man/serialgate.7 is not there")
    text = page.read_text()
    for field in FIELDS + PEER_FIELDS + ["peers"]:
        assert re.search(rf"^\.(It )?Li ([a-z]+ , )*{field}\b", text, re.M), field
    for command in COMMANDS:
        assert command in text, command


@test("names that are hostile to a terminal are escaped, in the table and in JSON")
def hostile_names(gate, _libvirt):
    for command in ("list", "list --json", "ssh-config", "info " + f"'{EVIL}'"):
        out = answers(gate, command)[0]
        assert not any(c in out for c in "\u009b\u202e\x1b"), out
    refuses(gate, "attach 'no\u009bne'", NO_GUEST, "no\\u{9b}ne")


# -- info --

@test("info: state, consoles, displays, and who is there; by name, UUID, host/name")
def info(gate, libvirt):
    for word in ("web1", libvirt.uuid("web1"), "local/web1", libvirt.uuid("web1").upper()):
        lines = answers(gate, f"info {word}")[0].splitlines()
        assert dict(re.split(r":\s+", line, maxsplit=1) for line in lines) == {
            "Name": "web1", "Host": "local", "UUID": libvirt.uuid("web1"), "State": "running",
            "Consoles": "serial0", "Displays": "-", "Keyboard": "-", "Viewers": "0"}, lines
    with Person(gate, "web1", user="bob") as bob, Person(gate, "web1 --read-only") as alice:
        bob.is_on("web1")
        alice.is_on("web1")
        out = answers(gate, "info web1")[0]
        assert "Keyboard:  bob\n" in out and "Viewers:   2\n" in out, out
        for who, more in (("bob", ", has the keyboard"), ("alice", "")):
            line = rf"^  {who} from 127\.0\.0\.1 by ssh since \S+Z on serial0{more}$"
            assert re.search(line, out, re.M), out
        told = json.loads(answers(gate, "info web1 --json")[0])
        assert list(told) == FIELDS + ["peers"], told
        assert (told["viewers"], told["keyboard"]) == (2, "bob")
        for peer in told["peers"]:
            assert list(peer) == PEER_FIELDS, peer
            assert (peer["endpoint"], peer["console"], peer["you"]) == ("ssh", "serial0", False)
        assert {p["user"]: p["keyboard"] for p in told["peers"]} == {"alice": False, "bob": True}


@test("info wants the whole name: a beginning is not enough")
def info_whole(gate, _libvirt):
    refuses(gate, "info web", NO_GUEST, "no guest called 'web'")


# -- attach --

@test("attach without a terminal wants the whole name, too")
def attach_whole(gate, _libvirt):
    refuses(gate, "attach web", NO_GUEST, "no guest called 'web'")
    refuses(gate, "lon", NO_GUEST, "no guest called 'lon'")


@test("a guest called like a command is reached by attach")
def named_list(gate, _libvirt):
    out, err = answers(gate, "attach list --timeout=1", GONE)
    assert out == "" and "Connected to domain 'list'\n" in err and "[gate: list is off" in err, err
    assert answers(gate, "list")[0].startswith("NAME ")


# -- ssh-config --

@test("ssh-config: what it prints works with ssh -F, also for odd names")
def ssh_config(gate, libvirt):
    out, err = answers(gate, "ssh-config")
    assert err == ""
    path = gate.path("ssh_config")
    with open(path, "w", encoding="utf-8") as f:
        f.write(out)
    blocks = dict(re.findall(r"^Host (\S+)\n(?:    .*\n)*?    RemoteCommand (.*)$", out, re.M))
    assert len(blocks) == len(gate.run("list").stdout.splitlines()) - 1, blocks
    assert blocks["web1"] == "web1" and blocks["list"] == "attach list", blocks
    assert blocks["my-guest"] == libvirt.uuid("my guest"), blocks
    for host, shown in (("web1", "web1"), ("list", "list"), ("my-guest", "my guest")):
        ssh = pexpect.spawn("ssh", ["-F", path, *SSH_QUIET, "-i", gate.path("keys/alice"), host])
        ssh.expect_exact(f"Connected to domain '{shown}'\r\n")
        ssh.send(b"\x1d.")
        ssh.expect(pexpect.EOF)
        ssh.close()
        assert ssh.exitstatus == 0, host


SSH_QUIET = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"]


# -- help and usage --

@test("help names every command and every exit status; help COMMAND each option")
def help_texts(gate, _libvirt):
    out, err = answers(gate, "help")
    assert err == ""
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", out, re.M), command
        one = answers(gate, f"help {command}")[0]
        assert one.startswith(command), one
    for status in "0123456":
        assert re.search(rf"\b{status} [a-z]", out[out.index("Exit status"):]), status
    attach = answers(gate, "help attach")[0]
    for option in ("read-only", "take", "wait", "quiet", "escape", "device", "timeout"):
        assert f"--{option}" in attach, option
    assert max(map(len, (out + attach).splitlines())) <= 90
    refuses(gate, "help nothing", USAGE, "there is no command 'nothing'")
    refuses(gate, "help list info", USAGE, "one word too many")


@test("no terminal and no command: usage, 2; an empty command, too")
def usage(gate, _libvirt):
    for words in ([], [""], ["  "]):
        done = gate.run(*words)
        assert done.returncode == USAGE and done.stdout == "", done
        assert done.stderr.startswith("Usage: "), done.stderr


# -- what is typed wrong --

@test("an unknown command: the nearest one is suggested; so is an option")
def nearest(gate, _libvirt):
    refuses(gate, "lsit", NO_GUEST, "did you mean the command 'list'?")
    refuses(gate, "ssh-confg", NO_GUEST, "did you mean the command 'ssh-config'?")
    out, err = answers(gate, "zzzzzz", NO_GUEST)
    assert out == "" and "did you mean" not in err
    refuses(gate, "list --jsn", USAGE, "unknown option --jsn", "did you mean --json?")
    refuses(gate, "web1 --timout=3", USAGE, "did you mean --timeout?")
    refuses(gate, "web1 --nothing", USAGE, "unknown option --nothing")


@test("bad options: a missing value, one too many, a wrong one, not for this command: 2")
def bad_options(gate, _libvirt):
    refuses(gate, "web1 --timeout", USAGE, "--timeout needs a value")
    refuses(gate, "web1 --timeout=soon", USAGE, "--timeout takes a number of seconds, not soon")
    refuses(gate, "web1 --timeout=0", USAGE, "--timeout takes")
    refuses(gate, "web1 --take=yes", USAGE, "--take takes no value")
    refuses(gate, "web1 --escape=xx", USAGE, "--escape takes")
    refuses(gate, "web1 --json", USAGE, "attach takes no --json")
    refuses(gate, "list --take", USAGE, "list takes no --take")
    refuses(gate, "web1 --take --read-only", USAGE, "make no sense")


@test("a word too many is 2 and shows how to quote; a missing one says what is wanted")
def words(gate, _libvirt):
    refuses(gate, "info web1 web2", USAGE, "one word too many: web2", "\"info 'my guest'\"")
    refuses(gate, "web1 web2", USAGE, "one word too many: web2")
    refuses(gate, "list a b", USAGE, "one word too many: b")
    refuses(gate, "ssh-config x", USAGE, "one word too many: x")
    refuses(gate, "info", USAGE, "info wants GUEST")
    refuses(gate, "attach", USAGE, "attach wants GUEST")
    refuses(gate, "info 'web1", USAGE, "a quotation mark is never closed")
    assert answers(gate, "--", USAGE)[1].startswith("Usage: ")


@test("quoting: blanks in names, either quotation mark, -- and dashes, the whole string")
def quoting(gate, libvirt):
    for command in ("info 'my guest'", 'info "my guest"', "info my' 'guest", "info my\" \"guest"):
        assert "Name:      my guest\n" in answers(gate, command)[0], command
    assert "Name:      -dash\n" in answers(gate, "info -dash")[0]
    assert "Name:      --wait\n" in answers(gate, "info -- --wait")[0]
    for command in ("my guest", "  my guest ", "attach 'my guest'"):
        _, err = answers(gate, command, GONE)
        assert err.startswith("Connected to domain 'my guest'\n"), err
    assert "Name:      back\\slash\n" in answers(gate, "info back\\slash")[0]
    # The string as a whole is a guest's name before it is a command and a word.
    _, err = answers(gate, "info web1 please", GONE)
    assert err.startswith("Connected to domain 'info web1 please'\n"), err


@test("a guest in the user name and a command together: 2; a bad option there, too")
def user_and_command(gate, _libvirt):
    refuses(gate, "list", USAGE, "a guest in the user name and a command together",
            user="alice+web1")
    done = gate.run(user="alice+web1+frobnicate")
    assert done.returncode == USAGE and "unknown option --frobnicate" in done.stderr, done


# -- how they end --

@test("exit statuses: 0 done, 2 usage, 4 no guest or console, 5 timed out, 6 the guest is gone")
def statuses(gate, _libvirt):
    for command, status in (("list", 0), ("help", 0), ("info web1 x", 2), ("nix", 4), ("none", 4),
                            ("web1:serial9", 4), ("web1 --timeout=1", 5), ("web2", 6)):
        answers(gate, command, status)


@test("exit status 1: it failed")
def status_failed(gate, libvirt):
    libvirt.virsh("start", "busy")
    virsh = pexpect.spawn("virsh", ["-c", libvirt.uri, "console", "busy"])
    with contextlib.closing(virsh):
        virsh.expect_exact("Escape character")
        _, err = answers(gate, "busy", 1)
        assert "somebody outside (virsh console?) has this console" in err, err
    libvirt.virsh("destroy", "busy")


@test("a forbidden guest gets the answer of one that does not exist, from every command")
def forbidden(gate, _libvirt):
    for command in ("{}", "attach {}", "info {}", "info {} --json", "list {}", "{}:serial0",
                    "local/{}"):
        secret, nothing = (gate.run(command.format(name), user="bob", key="bob")
                           for name in ("secret", "nought"))
        assert secret.returncode == nothing.returncode == NO_GUEST, (command, secret)
        assert secret.stdout == nothing.stdout
        assert secret.stderr == nothing.stderr.replace("nought", "secret"), (secret, nothing)
    assert "secret" not in gate.run("list", user="bob", key="bob").stdout
    assert "secret" not in gate.run("ssh-config", user="bob", key="bob").stdout
    assert "secret" in gate.run("list").stdout


@test("what a command prints is data alone on stdout: it can be piped, and a long list is whole")
def piped(gate, _libvirt):
    out = subprocess.run(shlex.join(gate.ssh_argv("list --json")) + " | cat", shell=True,
                         capture_output=True, check=True).stdout
    assert json.loads(out)


@test("with a terminal the commands work, too, with line ends for it")
def with_terminal(gate, _libvirt):
    with Person(gate, "info web1") as alice:
        assert alice.status() == 0
        assert b"Name:      web1\r\n" in alice.before and b"\r\r" not in alice.before
    with Person(gate, "info nix") as alice:
        assert alice.status() == NO_GUEST
        assert alice.before.startswith(b"[gate: no guest called 'nix' (or you may not see it)")
        assert alice.before.endswith(b"]\r\n") and alice.before.count(b"\n") == 1, alice.before


@test("as a user: list, info and exit statuses", group=AS_USER)
def as_user(gate, libvirt):
    list_rows(gate, libvirt)
    list_json(gate, libvirt)
    statuses(gate, libvirt)


EVIL = "evil\u009b31m\u202e"
OFF = ["web2", "my guest", "list", "lonely", "-dash", "--wait", "back\\slash", "info web1 please",
       "busy", "secret", EVIL]
ACCESS = ("[access \"alice\"]\nusers = alice\nguests = *\nmay = view type\n"
          "[access \"bob\"]\nusers = bob\nguests = web*\nmay = view type\n")


def prepare(libvirt):
    libvirt.define("web1")
    libvirt.define("two", serials=2, start=False)
    libvirt.define("none", serials=0, start=False)
    for name in OFF:
        libvirt.define(name, start=False)


def main():
    with guests_host() as libvirt:
        prepare(libvirt)
        if wanted():
            with Gateway(libvirt, access=ACCESS) as gate:
                run(gate, libvirt)
        if not IS_ROOT:
            skip_group(AS_USER, "all of this file ran as a user")
        elif wanted(AS_USER):
            with Gateway(libvirt, access=ACCESS, as_user=True) as gate:
                run(gate, libvirt, group=AS_USER)
    sys.exit(result())


main()
