#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Who may see a guest on one host only, when it migrates to another; test_life.py has the rest."""

import json
import subprocess
import sys

from gateway import Gateway, free_port, guests_host
from person import Person
from tap import result, run, test
from web import Session

NO_GUEST = 4
ACCESS = """[access "all"]
users = alice
guests = *
may = view type power share
[access "first host"]
users = bob
guests = one/*
may = view share
"""


def migrate(source, target, guest, *options):
    done = subprocess.run(
        ["virsh", "-c", source.uri, "migrate", "--live", "--unsafe", *options, guest, target.uri,
         "--migrateuri", f"tcp://127.0.0.1:{free_port()}"], capture_output=True, text=True, timeout=60,
        check=False)
    assert done.returncode == 0, done


@test("who may not see it on the other host is told and let go")
def rights_on_the_other(gate, one, two):
    with Person(gate, "attach one/mover", user="bob") as bob:
        bob.is_on("mover")
        migrate(one, two, "mover")
        bob.sees("you may no longer see this guest", timeout=30)
        assert bob.status() != 0
    migrate(two, one, "mover")


def enter(gate, token):
    s = Session(gate)
    s.say("use_ticket", token=token)
    assert s.hears("result")["result"] == "ok"
    return s


@test("a ticket follows its guest to another host if whoever made it may see it there")
def tickets(gate, one, two):
    alices, bobs = [json.loads(gate.run("ticket", "one/mover", "--json", user=user, key=user).stdout)
                    ["token"] for user in ("alice", "bob")]
    with enter(gate, alices) as first, enter(gate, bobs) as second:
        here, gone = first.attach("mover"), second.attach("mover")
        first.say("list", watch=True)
        first.hears("list_end")
        migrate(one, two, "mover")
        first.hears("guest", host="two")
        here.sees(b"tick ")
        here.hears("state", host="two", line="open")
        assert "may not see" in gone.hears("state", gone=True)["text"]
        # Further visits of the same login, and others by the same ticket.
        assert first.attach("mover").info["host"] == "two"
        with enter(gate, alices) as later:
            assert later.attach("mover").info["host"] == "two"
        with enter(gate, bobs) as later:
            refused = later.attach("mover", is_waited=False).hears("refused")
            assert refused["code"] == NO_GUEST and "for this ticket" in refused["text"], refused
    migrate(two, one, "mover")
    with enter(gate, bobs) as back:
        assert back.attach("mover").info["host"] == "one"


def main():
    with guests_host() as one, guests_host() as two:
        one.define("mover")
        with Gateway({"one": one, "two": two}, access=ACCESS, web="plain") as gate:
            run(gate, one, two)
    sys.exit(result())


main()
