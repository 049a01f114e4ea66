# SPDX-License-Identifier: ISC
"""A gateway of the test's own: the real processes, a real PAM stack, stock clients.

    with LibvirtEnv(...) as libvirt, Gateway(libvirt) as gate:
        libvirt.define("web1")
        console = gate.terminal("web1")
        console.expect("Escape character")

As root the roles become users of their own, made for the test and removed with it;
`as_user=True` runs the whole gateway as an ordinary user, as a person without root does.
"""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

import pexpect

from libvirt_env import wait_for

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / os.environ.get("BUILD", "build")
IS_ROOT = os.geteuid() == 0
ROLE_USERS = ["sgtest-visitor", "sgtest-console", "sgtest-virt"]
ROLES = ["auth", "console", "virt", "sshd"]

# Nothing of the person who runs the tests gets into them.
SSH_OPTIONS = [
    "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
    "-o", "GlobalKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes",
    "-o", "IdentityAgent=none", "-o", "ConnectTimeout=20",
]


def make_role_users():
    """The three users that root's roles become; those that exist stay."""
    for name in ROLE_USERS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin",
                            name], check=True)


def remove_role_users():
    for name in ROLE_USERS:
        subprocess.run(["userdel", name], capture_output=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def children_of(pid):
    """pids of all processes below pid, breadth first."""
    found = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop(0)
        for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                below = [int(word) for word in task.read_text().split()]
            except OSError:
                continue
            found += below
            waiting += below
    return found


def comm(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


class Gateway:
    """hosts: one LibvirtEnv, or a dict of name to LibvirtEnv.  extra: lines for sections,
    {"auth": ["max-tries = 2"]}; access: text of the access sections; pam: the service."""

    ACCESS = "[access \"alice\"]\nusers = alice bob\nguests = *\nmay = view type power break\n"

    def __init__(self, hosts, extra=None, access=None, pam=None, as_user=False):
        self.hosts = hosts if isinstance(hosts, dict) else {"local": hosts}
        self.extra = extra or {}
        self.access = self.ACCESS if access is None else access
        self.pam = pam
        self.as_user = as_user and IS_ROOT
        self.passwords = {"alice": "wonder land", "bob": "builder", "carol": "carols"}
        self.port = free_port()
        self.process = None
        self.dir = None

    # Life

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    @property
    def runner(self):
        """The user whom an ordinary gateway runs as when root tests: who runs libvirtd, too."""
        return next(iter(self.hosts.values())).user

    def start(self):
        if self.dir is None:
            self._make_files()
        self.log_file = open(self.path("log"), "ab")
        argv = [self.path("sbin/serialgate"), "-d", "-f", self.path("serialgate.conf")]
        if self.as_user:
            argv = ["setpriv", "--reuid", self.runner, "--regid",
                    str(pwd.getpwnam(self.runner).pw_gid), "--clear-groups", *argv]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=self.log_file,
                                        stderr=self.log_file, start_new_session=True)
        wait_for(self._answers, 30, "the gateway to listen")

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def _answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the gateway ended with {self.process.returncode}:\n{self.log()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                s.settimeout(5)
                return s.recv(4) == b"SSH-"
        except OSError:
            return False

    # Files

    def path(self, name):
        return os.path.join(self.dir, name)

    def _write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        if self.as_user:
            shutil.chown(path, self.runner)
        return path

    def _make_files(self):
        self.dir = tempfile.mkdtemp(prefix="sg-gate.", dir="/tmp")
        os.chmod(self.dir, 0o755)
        shutil.copytree(BUILD / "sbin", self.path("sbin"))
        shutil.copytree(BUILD / "libexec", self.path("libexec"))
        for name in ("keys", "authorized", "pam"):
            os.mkdir(self.path(name), 0o755)
            if self.as_user:
                shutil.chown(self.path(name), self.runner)
        if self.as_user:
            shutil.chown(self.dir, self.runner)
        for user in ("alice", "bob"):
            self.make_key(user)
            self.authorize(user, user)
        self.write_passwords()
        self.write_pam(self.pam or f"auth required pam_pwdfile.so pwdfile={self.path('passwords')}\n"
                       "account required pam_permit.so\n")
        self.write_config()

    def make_key(self, name):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f",
                        self.path(f"keys/{name}")], check=True)

    def authorize(self, user, key, options=""):
        public = pathlib.Path(self.path(f"keys/{key}.pub")).read_text()
        self._write(f"authorized/{user}", f"{options} {public}".lstrip())

    def write_passwords(self):
        lines = []
        for user, password in self.passwords.items():
            done = subprocess.run(["mkpasswd", "-m", "sha512crypt", "-s"], input=password,
                                  capture_output=True, text=True, check=True)
            lines.append(f"{user}:{done.stdout.strip()}\n")
        self._write("passwords", "".join(lines), 0o600)

    def write_pam(self, text):
        self._write("pam/serialgate", text)

    def write_config(self):
        gate = [] if self.as_user or not IS_ROOT else ["users = " + " ".join(ROLE_USERS)]
        sections = {
            "gate": gate + ["penalty = 0"],
            "ssh": [f"listen = 127.0.0.1:{self.port} [::1]:{self.port}",
                    f"host-key = {self.path('host_key')}"],
            "auth": [f"pam-directory = {self.path('pam')}",
                     f"authorized-keys = {self.path('authorized')}/%u",
                     f"shared-keys = {self.path('authorized')}/shared"],
            "console": [],
        }
        for name, lines in self.extra.items():
            names = {line.split("=")[0].strip() for line in lines}
            kept = [l for l in sections[name] if l.split("=")[0].strip() not in names]
            sections[name] = kept + lines
        text = "".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines)
                       for name, lines in sections.items())
        for name, libvirt in self.hosts.items():
            text += f"[host \"{name}\"]\nuri = {libvirt.uri}\n"
        self._write("serialgate.conf", text + self.access)

    # What it says and is

    def log(self):
        return pathlib.Path(self.path("log")).read_text(errors="replace")

    def wait_log(self, text, timeout=15):
        wait_for(lambda: text in self.log(), timeout, f"'{text}' in the log")

    def roles(self):
        """{name: pid} of the roles' parents: gate's own children by their names."""
        found = {}
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for word in task.read_text().split():
                name = comm(int(word))
                # A session outlives its parent and becomes gate's child; the parent is older.
                if name in ROLES:
                    found[name] = min(int(word), found.get(name, int(word)))
        return found

    def children(self, role):
        return children_of(self.roles()[role])

    # Clients

    def ssh_argv(self, *words, user="alice", key="alice", options=()):
        return ["ssh", *SSH_OPTIONS, "-i", self.path(f"keys/{key}"), "-p", str(self.port), *options,
                f"{user}@127.0.0.1", *words]

    def run(self, *words, timeout=60, stdin=subprocess.DEVNULL, **how):
        """A command without a terminal: CompletedProcess with text."""
        return subprocess.run(self.ssh_argv(*words, **how), stdin=stdin, capture_output=True,
                              text=True, errors="replace", timeout=timeout)

    def popen(self, *words, **how):
        return subprocess.Popen(self.ssh_argv(*words, **how), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def terminal(self, *words, rows=24, cols=80, term="xterm-256color", timeout=20, **how):
        """A person's terminal: a pexpect spawn of ssh -t."""
        argv = self.ssh_argv(*words, **how)
        argv.insert(1, "-tt" if words else "-t")
        child = pexpect.spawn(argv[0], argv[1:], dimensions=(rows, cols), timeout=timeout,
                              env=dict(os.environ, TERM=term, LANG="C.UTF-8"), encoding=None)
        child.delaybeforesend = None
        return child
