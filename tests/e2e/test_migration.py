#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Who may see a guest on one host only, when it migrates to another; test_life.py has the rest."""

import subprocess
import sys

from gateway import Gateway, free_port, guests_host
from person import Person
from tap import result, run, test

ACCESS = """[access "all"]
users = alice
guests = *
may = view type power
[access "first host"]
users = bob
guests = one/*
may = view
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


def main():
    with guests_host() as one, guests_host() as two:
        one.define("mover")
        with Gateway({"one": one, "two": two}, access=ACCESS) as gate:
            run(gate, one, two)
    sys.exit(result())


main()
