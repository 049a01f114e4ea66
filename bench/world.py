# SPDX-License-Identifier: ISC
"""What the figures are taken in: guests on libvirt's LXC driver, gateways, and an OpenSSH sshd.

Both sides reach the same private libvirtd through users of its group, with the same client, the
same kind of keys and the same key exchange.  Nothing of it survives the `with` block.
"""

import concurrent.futures
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import gateway
from client import private_ssh
from gateway import Gateway, SSH_OPTIONS, free_port, guests_host
from libvirt_env import wait_for

ADMIN = f"sgbench-{os.getpid()}"

# The one key exchange that both servers have: OpenSSH's own choice costs it 90 ms more.
CLIENT_OPTIONS = ["-tt", "-e", "none", "-o", "KexAlgorithms=curve25519-sha256"]

SSHD_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {dir}/host_key
AuthorizedKeysFile {dir}/key.pub
PidFile none
LogLevel ERROR
UsePAM no
UseDNS no
StrictModes no
AllowUsers {user}
PasswordAuthentication no
X11Forwarding no
PrintMotd no
PrintLastLog no
MaxStartups 500
"""

GATE_LIMITS = ["max-visitors = 2000", "max-per-source = 2000", "max-unauthenticated = 2000",
               "penalty = 0"]
ACCESS = "[access \"bench\"]\nusers = alice\nguests = *\nmay = view type\n"


class OpenSSH:
    """The other side: `ssh -t localhost virsh console GUEST` through a sshd of its own."""

    def __init__(self, directory):
        self.dir = directory
        self.port = free_port()
        self.process = None
        self.made_run_dir = False

    def start(self):
        config = pathlib.Path(self.dir, "sshd_config")
        config.write_text(SSHD_CONFIG.format(port=self.port, dir=self.dir, user=ADMIN))
        if not os.path.isdir("/run/sshd"):
            os.mkdir("/run/sshd", 0o755)
            self.made_run_dir = True
        with open(f"{self.dir}/log", "wb") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)
        wait_for(self._listens, 10, "sshd to listen")

    def stop(self):
        if self.process is not None:
            for pid in reversed([self.process.pid, *gateway.children_of(self.process.pid)]):
                try:
                    os.kill(pid, 9)
                except ProcessLookupError:
                    pass
            self.process.wait()
        if self.made_run_dir:
            os.rmdir("/run/sshd")

    def _listens(self):
        if self.process.poll() is not None:
            raise RuntimeError("sshd: " + pathlib.Path(self.dir, "log").read_text())
        listening = f"0100007F:{self.port:04X} 00000000:0000 0A"
        return listening in pathlib.Path("/proc/net/tcp").read_text()


class World:
    """libvirt, keys, a user and the other side; `gateway()` and `guests()` make the rest."""

    def __init__(self):
        self.libvirt = guests_host(driver="lxc")
        self.theirs = None
        self.counts = {}
        self.made = []

    def __enter__(self):
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self.made:
            try:
                self.made.pop()()
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                print(f"bench: cleaning up: {error}")

    def _make(self):
        self.made.append(self.libvirt.stop)
        self.libvirt.start()
        # Not in /tmp, where keys are refused: everybody can write there.
        self.dir = self._make_dir("/run")
        for name in ("host_key", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                            f"{self.dir}/{name}"], check=True)
        self.private_ssh = private_ssh(self._make_dir("/tmp") + "/ssh")
        self._make_admin()
        self.theirs = OpenSSH(self.dir)
        self.made.append(self.theirs.stop)
        self.theirs.start()

    def _make_dir(self, where):
        directory = tempfile.mkdtemp(prefix="sg-bench.", dir=where)
        self.made.append(lambda: shutil.rmtree(directory))
        os.chmod(directory, 0o755)
        return directory

    def _make_admin(self):
        """A member of the group that may reach libvirt, as virsh's users are on Debian."""
        remove_admin()
        self.made.append(remove_admin)
        # "*" and not "!": sshd without PAM lets nobody in whose account is locked.
        subprocess.run(["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent",
                        "-p", "*", "-s", "/bin/bash", "-G", self.libvirt.group, ADMIN], check=True)

    def gateway(self, extra=None, web=None):
        """A gateway of one row's own, not yet started."""
        keys = ["shared-keys =", f"authorized-keys = {self.dir}/key.pub"]
        return Gateway(self.libvirt, access=ACCESS, web=web,
                       extra={"gate": GATE_LIMITS, "auth": keys, **(extra or {})})

    def guests(self, side, count):
        """Names of `count` running guests of that side; each is made once."""
        names = [f"{side}{i}" for i in range(1, count + 1)]
        missing = names[self.counts.get(side, 0):]
        if missing and not self.counts:
            self.libvirt.define(missing.pop(0), "lxc")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: self.libvirt.define(name, "lxc"), missing))
        self.counts[side] = max(count, self.counts.get(side, 0))
        return names

    def argv(self, side, guest):
        """A session with a guest; side is a Gateway or the OpenSSH."""
        user, command = "alice", guest
        if side is self.theirs:
            user, command = ADMIN, f"virsh -c '{self.libvirt.uri}' console {guest}"
        return ["ssh", *SSH_OPTIONS, *CLIENT_OPTIONS, "-i", f"{self.dir}/key", "-p",
                str(side.port), f"{user}@127.0.0.1", command]

    def private_argv(self, side, guest):
        return self.private_ssh + self.argv(side, guest)[1:]

    def detach_keys(self, side):
        return b"\x1d" if side is self.theirs else b"\x1d."


def remove_admin():
    try:
        pwd.getpwnam(ADMIN)
    except KeyError:
        return
    subprocess.run(["userdel", ADMIN], capture_output=True, check=True)
