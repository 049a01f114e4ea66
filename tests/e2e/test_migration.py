#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""A guest that migrates between two configured hosts, live, while people are on its console."""

import subprocess
import sys

from gateway import Gateway, free_port, guests_host
from libvirt_env import wait_for
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


def arrives(person):
    """What is typed while there is no line to the guest is lost, and said to be."""
    person.sees("opening it again", "tick ", timeout=30)


@test("there and back: viewers go along, what was printed before is kept")
def there_and_back(gate, one, two):
    with Person(gate, "attach one/mover") as alice:
        alice.is_on("mover")
        alice.echoes("before-it")
        migrate(one, two, "mover")
        arrives(alice)
        alice.echoes("after-it", timeout=30)
        kept = gate.run("log two/mover --raw")
        assert "before-it" in kept.stdout and "after-it" in kept.stdout, kept
        migrate(two, one, "mover")
        arrives(alice)
        alice.echoes("back-again", timeout=30)
        alice.escape(".")
        assert alice.status() == 0


@test("who may not see it on the other host is told and let go")
def rights_on_the_other(gate, one, two):
    with Person(gate, "attach one/mover", user="bob") as bob:
        bob.is_on("mover")
        migrate(one, two, "mover")
        bob.sees("you may no longer see this guest", timeout=30)
        assert bob.status() != 0
    migrate(two, one, "mover")


@test("one that is undefined where it came from is not lost on the way")
def undefined_behind(gate, one, two):
    with Person(gate, "attach one/passer") as alice:
        alice.is_on("passer")
        alice.echoes("before-it")
        migrate(one, two, "passer", "--undefinesource", "--persistent")
        arrives(alice)
        alice.echoes("after-it", timeout=30)
        wait_for(lambda: "one/passer" not in gate.run("list").stdout, 10, "the old one to be gone")
        alice.escape(".")
        assert alice.status() == 0
    kept = gate.run("log passer --raw").stdout
    assert "before-it" in kept and "after-it" in kept, kept


def main():
    with guests_host() as one, guests_host() as two:
        one.define("mover")
        one.define("passer")
        with Gateway({"one": one, "two": two}, access=ACCESS) as gate:
            run(gate, one, two)
    sys.exit(result())


main()
