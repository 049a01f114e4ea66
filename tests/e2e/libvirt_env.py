# SPDX-License-Identifier: ISC
"""A libvirtd of the test's own with guests in it, by way of guests/private-libvirt.

    with LibvirtEnv() as libvirt:
        libvirt.define("web1", "tiny")
        libvirt.virsh("suspend", "web1")

What a test does to this daemon (stop it, kill it) touches nothing else on the
machine.  Nothing here waits for a time: wait_for() waits for a condition.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pexpect

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "guests" / "private-libvirt"


def wait_for(condition, timeout=30.0, what="a condition"):
    """Calls condition() until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout} s in vain for {what}")
        time.sleep(0.02)


class LibvirtEnv:
    """driver: "qemu" or "lxc" (root only).  user: who runs QEMU when root tests
    (default: nobody).  group: whose members may connect too."""

    def __init__(self, driver="qemu", user="nobody", group=None):
        self.driver = driver
        self.user = user
        self.group = group
        self.base = None
        self.uri = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        # A test that is ended from outside cleans up like any other.
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        self.base = tempfile.mkdtemp(prefix="sg-libvirt.", dir="/tmp")
        os.chmod(self.base, 0o711)
        self._start_daemon()

    def stop(self):
        """Ends daemon and guests, whatever state they are in; may be called twice."""
        if self.base is None:
            return
        self._script("stop", self._dir)
        shutil.rmtree(self.base)
        self.base = None

    # Guests

    def define(self, name, kind="tiny", serials=1, virtio=False, title=None, start=True):
        """kind: "tiny", "linux" or "lxc", as private-libvirt explains them."""
        options = [] if kind == "lxc" else ["--serials", str(serials)]
        if virtio:
            options.append("--virtio")
        if title is not None:
            options += ["--title", title]
        if not start:
            options.append("--off")
        self._script("define", self._dir, name, kind, *options)

    def virsh(self, *arguments, timeout=30, check=True):
        """One virsh command; its output without blanks around it."""
        done = subprocess.run(
            ["virsh", "-q", "-c", self.uri, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise RuntimeError(f"virsh {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def console(self, name, *options):
        """virsh console in a terminal of its own."""
        return pexpect.spawn("virsh", ["-c", self.uri, "console", name, *options], timeout=30)

    def state(self, name):
        """In virsh's words: "running", "paused", "shut off" ..."""
        return self.virsh("domstate", "--domain", name)

    def uuid(self, name):
        return self.virsh("domuuid", "--domain", name)

    def wait_for_state(self, name, state, timeout=30.0):
        wait_for(lambda: self.state(name) == state, timeout, f"{name} to be {state}")

    # The daemon

    @property
    def daemon_pid(self):
        """None when it is dead."""
        done = subprocess.run([SCRIPT, "pid", self._dir], capture_output=True, text=True)
        return int(done.stdout) if done.returncode == 0 else None

    def hang_daemon(self):
        """It keeps its socket and answers nobody, until resume_daemon()."""
        os.kill(self.daemon_pid, signal.SIGSTOP)

    def resume_daemon(self):
        os.kill(self.daemon_pid, signal.SIGCONT)

    def kill_daemon(self):
        """kill -9; the guests live on."""
        os.kill(self.daemon_pid, signal.SIGKILL)
        wait_for(lambda: self.daemon_pid is None, what="libvirtd to be dead")

    def restart_daemon(self):
        """After kill_daemon(), or instead of it: the new daemon finds the guests again."""
        if self.daemon_pid is not None:
            self.kill_daemon()
        self._start_daemon()

    # Within

    @property
    def _dir(self):
        return os.path.join(self.base, "l")

    def _start_daemon(self):
        if self.driver == "lxc":
            arguments = ["start-lxc", self._dir]
        else:
            arguments = ["start", self._dir, self.user if os.geteuid() == 0 else ""]
        if self.group is not None:
            arguments.append(self.group)
        self.uri = self._script(*arguments)

    @staticmethod
    def _script(*arguments):
        done = subprocess.run([SCRIPT, *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"private-libvirt {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()
