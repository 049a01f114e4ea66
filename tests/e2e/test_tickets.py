#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Tickets: made over SSH, used in a browser's protocol and by curl, listed, revoked, used up, over;
and kick, which ends a login wherever it is."""

import json
import subprocess
import sys

from gateway import Gateway, guests_host
from libvirt_env import wait_for
from person import Person
from tap import result, run, test
from web import Session

ACCESS = ("[access \"alice\"]\nusers = alice\nguests = *\nmay = view type share kick\n"
          "[access \"bob\"]\nusers = bob\nguests = web*\nmay = view type\n")
NOT_ALLOWED, NO_GUEST, USAGE, FAILED = 3, 4, 2, 1


def make(gate, *words, **how):
    done = gate.run("ticket", "web1", "--json", *words, **how)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def enter(gate, ticket, ok=True):
    s = Session(gate)
    s.say("use_ticket", token=ticket["token"])
    assert (s.hears("result")["result"] == "ok") == ok
    return s


def listed(gate):
    return {row["id"]: row for line in gate.run("ticket --list --json").stdout.splitlines()
            for row in [json.loads(line)]}


@test("a ticket is a link for watching one guest; with --type its bearer may type")
def link(gate, _libvirt):
    done = gate.run("ticket web1")
    assert done.stdout.startswith("https://gate.example.org/#ticket="), done
    assert done.stdout.count("\n") == 1 and "whoever has it may watch, until" in done.stderr, done
    with enter(gate, {"token": done.stdout.strip().partition("=")[2]}) as s:
        console = s.attach("web1")
        assert not console.info["may_type"] and console.info["may"] == ["view"]
    with enter(gate, make(gate, "--type")) as s:
        console = s.attach("web1")
        assert console.info["may_type"]
        console.types(b"x")
        console.sees(b"x")


@test("its bearer sees no other guest, and may not kick, act or make tickets")
def one_guest(gate, _libvirt):
    with enter(gate, make(gate, "--type")) as s:
        heard = s.ask("ask_who")
        assert {m["guest"] for m in heard if m["type"] == "peer"} <= {"web1"}, heard
        assert s.ask("info", guest="db1")[-1]["code"] == NO_GUEST
        for kind, members in [("attach", {"guest": "db1"}), ("kick", {"who": "alice"}),
                              ("act", {"guest": "web1", "act": "reset"}),
                              ("ask_ticket", {"guest": "web1", "valid": 60})]:
            refused = s.ask(kind, **members)[-1]
            assert refused["code"] in (FAILED, NOT_ALLOWED, NO_GUEST), (kind, refused)


def heard_by(gate, ticket):
    """Everything that is said to a bearer while alice and bob come, type, take and go."""
    with enter(gate, ticket) as s:
        heard, take = [], s.next

        def next_message(timeout=30):
            message = take(timeout)
            if isinstance(message, str):
                heard.append(json.loads(message))
            return message

        s.next = next_message
        console = s.attach("web1")
        s.say("list", watch=True)
        s.hears("list_end")
        with Person(gate, "web1") as alice:
            alice.is_on("web1")
            alice.escape("t")
            alice.sees("you have the keyboard now")
            with Person(gate, "web1", user="bob") as bob:
                bob.is_on("web1")
                bob.escape("t")
                bob.sees("you have the keyboard now")
                s.ask("ask_who")
                s.ask("info", guest="web1")
                console.say("who")
                console.hears("who_end")
                bob.escape(".")
                bob.status()
            alice.escape(".")
            alice.status()
        wait_for(lambda: s.ask("info", guest="web1")[0]["viewers"] == 1, 30, "them to leave")
        return heard


@test("its bearer learns how many there are, and nobody's name or address, nor displays")
def strangers(gate, _libvirt):
    heard = heard_by(gate, make(gate, "--type"))
    peers = [m for m in heard if m["type"] == "peer"]
    assert len(peers) >= 6 and {m["user"] for m in peers} == {"somebody"}, peers
    assert any(m["type"] == "keyboard" and m["holder"] == "somebody" for m in heard), heard
    said = json.dumps(heard)
    for word in ("alice", "bob", "127.0.0.1", "::1", "vnc", "spice"):
        assert word not in said, (word, [m for m in heard if word in json.dumps(m)])


@test("--once is good for one visit, and comes back after a broken link")
def once(gate, _libvirt):
    ticket = make(gate, "--once")
    with enter(gate, ticket) as s:
        s.attach("web1")
        s.say("token")
        token = s.hears("token")["token"]
    enter(gate, ticket, ok=False).close()
    with Session(gate) as s:
        s.say("resume", token=token)
        assert s.hears("result")["result"] == "ok"
        s.attach("web1")
    assert listed(gate)[ticket["id"]]["uses"] == 1


@test("revoked: who came by it is told and goes, and nobody comes by it any more")
def revoked(gate, _libvirt):
    ticket = make(gate)
    with enter(gate, ticket) as s:
        s.attach("web1")
        assert gate.run("ticket", "--revoke", ticket["id"]).returncode == 0
        assert s.ends()[0] == 4204
    enter(gate, ticket, ok=False).close()
    assert ticket["id"] not in listed(gate)
    assert gate.run("ticket", "--revoke", ticket["id"]).returncode == FAILED


@test("over: the visit ends when the ticket's time does")
def over(gate, _libvirt):
    with enter(gate, make(gate, "--valid=8s")) as s:
        s.attach("web1")
        assert s.ends()[0] == 4204


@test("by curl: a bearer's ticket streams the console and types at it")
def curl(gate, _libvirt):
    url = f"http://localhost:{gate.web_port}/console/web1"
    bearer = ["-H", f"Authorization: Bearer {make(gate, '--type')['token']}"]
    with subprocess.Popen(["curl", "-sN", *bearer, url + "?replay-lines=5"],
                          stdout=subprocess.PIPE) as stream:
        done = subprocess.run(["curl", "-s", *bearer, "--data-binary", "by-ticket", url],
                              capture_output=True, text=True, check=True, timeout=30)
        assert json.loads(done.stdout) == {"sent": 9}, done
        seen = b""
        while b"by-ticket" not in seen:
            seen += stream.stdout.read1(4096)
        stream.kill()
    done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                           "Authorization: Bearer AAAA", url], capture_output=True, text=True,
                          check=True, timeout=30)
    assert done.stdout == "401", done


@test("without the right share, for a guest nobody sees, with words that make no sense")
def refused_ones(gate, _libvirt):
    as_bob = {"user": "bob", "key": "bob"}
    for command, status, text, how in [
            ("ticket web1", NOT_ALLOWED, "share", as_bob), ("ticket nosuch", NO_GUEST, "", {}),
            ("ticket db1", NO_GUEST, "", as_bob), ("ticket", USAGE, "which guest", {}),
            ("ticket web1 --list", USAGE, "no guest", {}),
            ("ticket web1 --valid=8d", USAGE, "--valid takes", {}),
            ("ticket web1 --valid=0", USAGE, "--valid takes", {}),
            ("ticket --list --revoke=x", USAGE, "make no sense", {})]:
        done = gate.run(command, **how)
        assert done.returncode == status and text in done.stderr and done.stdout == "", done


@test("kick ends a login's visits and its token")
def kick(gate, _libvirt):
    with Session(gate) as s:
        s.login("bob", "builder")
        s.say("token")
        token = s.hears("token")["token"]
        s.attach("web1")
        assert gate.run("kick bob").returncode == 0
        assert s.ends()[0] == 4204
    with Session(gate) as s:
        s.say("resume", token=token)
        assert s.hears("result")["result"] == "failed"
    wait_for(lambda: '"event":"kick"' in gate.log().replace(" ", ""), 30, "the audit of a kick")


def main():
    with guests_host() as libvirt:
        libvirt.define("web1")
        libvirt.define("db1", start=False)
        extra = {"web": ["public-url = https://gate.example.org"]}
        with Gateway(libvirt, access=ACCESS, web="plain", extra=extra) as gate:
            run(gate, libvirt)
    sys.exit(result())


main()
