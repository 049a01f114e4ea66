# SPDX-License-Identifier: ISC
"""A jump host: an OpenSSH sshd that carries connections to a gateway, and a configuration for
ssh that goes through it.

    with JumpHost(key="…/keys/alice") as jump:
        ssh -F {jump.client_config(port)} -J jump …
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

from gateway import children_of, free_port
from libvirt_env import wait_for

SSHD = "/usr/sbin/sshd"

SERVER = """\
ListenAddress 127.0.0.1:{port}
HostKey {dir}/host_key
AuthorizedKeysFile {dir}/authorized
PidFile none
LogLevel ERROR
UsePAM no
UseDNS no
StrictModes no
AllowUsers root
PermitRootLogin prohibit-password
PasswordAuthentication no
"""

CLIENT = """\
Host jump
    HostName 127.0.0.1
    Port {port}
    User root
Host *
    IdentityFile {key}
    IdentitiesOnly yes
    IdentityAgent none
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    GlobalKnownHostsFile /dev/null
    LogLevel ERROR
"""


class JumpHost:
    """Needs root, as whom it lets the key's owner in: for forwarding nobody runs anything there."""

    def __init__(self, key):
        self.key = key
        self.port = free_port()

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="sg-jump.", dir="/run")
        self.made_run_dir = not os.path.isdir("/run/sshd")
        if self.made_run_dir:
            os.mkdir("/run/sshd", 0o755)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{self.dir}/host_key"],
                       check=True)
        shutil.copy(self.key + ".pub", f"{self.dir}/authorized")
        config = pathlib.Path(self.dir, "sshd_config")
        config.write_text(SERVER.format(port=self.port, dir=self.dir))
        with open(f"{self.dir}/log", "wb") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        wait_for(self._listens, 30, "the jump host to listen")
        return self

    def __exit__(self, *_):
        for pid in reversed([self.process.pid, *children_of(self.process.pid)]):
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.process.wait()
        shutil.rmtree(self.dir)
        if self.made_run_dir:
            shutil.rmtree("/run/sshd", ignore_errors=True)

    def _listens(self):
        if self.process.poll() is not None:
            raise RuntimeError("sshd: " + pathlib.Path(self.dir, "log").read_text())
        return f"0100007F:{self.port:04X} 00000000:0000 0A" in pathlib.Path("/proc/net/tcp").read_text()

    def client_config(self, port):
        """A file for `ssh -F` where `jump` is reached through this port."""
        path = pathlib.Path(self.dir, "ssh_config")
        path.write_text(CLIENT.format(port=port, key=self.key))
        return str(path)


class Tunnel:
    """A port here that leads through a link to the jump host, and from there to `port`: what every
    client can use."""

    def __init__(self, jump, link, port):
        self.port = free_port()
        self.argv = ["ssh", "-F", jump.client_config(link.port), "-N", "-o", "ExitOnForwardFailure=yes",
                     "-L", f"127.0.0.1:{self.port}:127.0.0.1:{port}", "jump"]

    def __enter__(self):
        self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        listening = f"0100007F:{self.port:04X} 00000000:0000 0A"
        wait_for(lambda: listening in pathlib.Path("/proc/net/tcp").read_text(), 30, "the tunnel")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
