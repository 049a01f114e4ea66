# SPDX-License-Identifier: ISC
"""A gateway of the test's own: the real processes, a real PAM stack, stock clients.

    with guests_host() as libvirt, Gateway(libvirt) as gate:
        libvirt.define("web1")
        console = gate.terminal("web1")
        console.expect("Escape character")

As root the roles become users of their own, made for the test and removed with it;
`as_user=True` runs the whole gateway as an ordinary user, as a person without root does.
"""

import contextlib
import fcntl
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import pexpect

from libvirt_env import LibvirtEnv, wait_for
from tap import skip_group

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / os.environ.get("BUILD", "build")
IS_ROOT = os.geteuid() == 0
ROLE_USERS = ["sgtest-visitor", "sgtest-console", "sgtest-virt"]
ROLES = ["auth", "console", "virt", "sshd", "ws"]

# Nothing of the person who runs the tests gets into them.
SSH_OPTIONS = [
    "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
    "-o", "GlobalKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes",
    "-o", "IdentityAgent=none", "-o", "ConnectTimeout=20",
]


USERS_LOCK = "/run/lock/serialgate-test-users"


class RoleUsers:
    """The users that root's roles become, made when missing.  Tests that run at the same time
    share them: who is the last removes them."""

    def __init__(self):
        self.lock = None

    def make(self):
        """Waits for nobody but who makes or removes them just now."""
        if self.lock is not None or not IS_ROOT:
            return
        os.makedirs(os.path.dirname(USERS_LOCK), exist_ok=True)
        self.lock = open(USERS_LOCK, "a", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        # They stay from here on.  Whoever finds them missing may not be the only one, and an
        # exclusive lock on the same file would come when all other tests are through.
        with open(USERS_LOCK + ".making", "a", encoding="ascii") as one_at_a_time:
            fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
            for name in self._missing():
                subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--shell",
                                "/usr/sbin/nologin", name], check=True)

    @staticmethod
    def _missing():
        users = {user.pw_name for user in pwd.getpwall()}
        return [name for name in ROLE_USERS if name not in users]

    def remove(self):
        if self.lock is None:
            return
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for name in ROLE_USERS:
                subprocess.run(["userdel", name], capture_output=True, check=False)
        self.lock.close()
        self.lock = None


class guests_host(LibvirtEnv):  # pylint: disable=invalid-name
    """A LibvirtEnv that the role virt may reach."""

    def __init__(self, **how):
        self.users = RoleUsers()
        super().__init__(**({"group": ROLE_USERS[2] if IS_ROOT else None} | how))

    def start(self):
        self.users.make()
        super().start()

    def stop(self):
        super().stop()
        self.users.remove()


def containers(stack, group=""):
    """A host of containers that ends with the stack; None: there can be none, and the tests of
    the group are said to be skipped."""
    if not IS_ROOT:
        skip_group(group, "only root can start containers")
        return None
    host = guests_host(driver="lxc")
    stack.callback(host.stop)
    try:
        host.start()
    except RuntimeError as error:
        # In a chroot, say: there are no namespaces to make there.
        skip_group(group, "no containers here: " + str(error).replace("\n", " "))
        return None
    return host


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
        with contextlib.suppress(OSError):     # it may be gone by now
            for task in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
                below = [int(word) for word in task.read_text().split()]
                found += below
                waiting += below
    return found


def comm(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


def is_alive(pid):
    """Not when it is only waiting for a parent that does not reap it."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


def started_at(pid):
    """In clock ticks since boot; see proc(5)."""
    with contextlib.suppress(OSError):
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
        return int(text.rpartition(")")[2].split()[19])
    return 1 << 62


class Gateway:
    """hosts: one LibvirtEnv, or a dict of name to LibvirtEnv.  extra: lines for sections,
    {"auth": ["max-tries = 2"]}, in place of the harness's own (a key alone: not set); access:
    text of the access sections; pam: the service; program: one that is installed, in place of a copy; web: "plain"
    or "tls" turns the web endpoint on, at web_port (certificate and key: web.crt, web.key)."""

    ACCESS = "[access \"alice\"]\nusers = alice bob\nguests = *\nmay = view type power break\n"

    def __init__(self, hosts, extra=None, access=None, pam=None, as_user=False, program=None,
                 web=None):
        self.hosts = hosts if isinstance(hosts, dict) else {"local": hosts}
        self.extra = extra or {}
        self.access = self.ACCESS if access is None else access
        self.pam = pam
        self.program = program
        self.as_user = as_user and IS_ROOT
        self.passwords = {"alice": "wonder land", "bob": "builder", "carol": "carols"}
        self.port = free_port()
        self.web = web
        self.web_port = free_port() if web else None
        self.process = None
        self.dir = None
        self.users = RoleUsers()

    # Life

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends it and removes its files."""
        self.stop()
        self.users.remove()
        shutil.rmtree(self.dir, ignore_errors=True)

    @property
    def runner(self):
        """The user whom an ordinary gateway runs as when root tests: who runs libvirtd, too."""
        return next((host.user for host in self.hosts.values()), "nobody")

    def start(self):
        """Returns when it listens and takes visitors."""
        if not self.as_user:
            self.users.make()
        if self.dir is None:
            self._make_files()
        argv = [self.program or self.path("sbin/serialgate"), "-d", "-f", self.path("serialgate.conf")]
        if self.as_user:
            argv = ["setpriv", "--reuid", self.runner, "--regid",
                    str(pwd.getpwnam(self.runner).pw_gid), "--clear-groups", *argv]
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        wait_for(self._answers, 30, "the gateway to listen")

    def stop(self):
        """Ends it. pids of those of its processes that did not end by themselves (they are
        killed): none, if all is well."""
        if self.process is None:
            return []
        below = children_of(self.process.pid)
        self.process.send_signal(signal.SIGTERM)
        left = []
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            left.append(self.process.pid)
            self.process.kill()
            self.process.wait()
        self.process = None
        for pid in below:
            if is_alive(pid):
                left.append(pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        return left

    def reload(self):
        """SIGHUP; returns when all roles have the new configuration."""
        before = len(self.log())
        self.process.send_signal(signal.SIGHUP)
        said = wait_for(lambda: re.search(r"read \S+ again|.*\n.*the old one stays", self.log(before)),
                        30, "the reload")
        if "stays" in said.group():
            raise RuntimeError(said.group())

    @contextlib.contextmanager
    def configured(self, extra=None, access=None):
        """Another configuration for a while."""
        before = self.extra, self.access
        self.extra = self.extra if extra is None else extra
        self.access = self.access if access is None else access
        try:
            self.write_config()
            self.reload()
            yield
        finally:
            self.extra, self.access = before
            self.write_config()
            self.reload()

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
        # Not in /tmp: authorized keys below what others may write are refused.
        self.dir = tempfile.mkdtemp(prefix="sg-gate.", dir="/var/lib" if IS_ROOT else BUILD)
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
        self._write("authorized/shared", "")
        self.write_passwords()
        self.write_pam(self.pam or f"auth required pam_pwdfile.so pwdfile={self.path('passwords')}\n"
                       "account required pam_permit.so\n")
        if self.web == "tls":
            self.make_certificate()
        self.write_config()

    def make_key(self, name):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f",
                        self.path(f"keys/{name}")], check=True)

    def authorize(self, user, key, options=""):
        public = pathlib.Path(self.path(f"keys/{key}.pub")).read_text()
        self._write(f"authorized/{user}", f"{options} {public}".lstrip())

    def make_certificate(self, key=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")):
        """A new pair, for localhost and its addresses."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1", "-keyout",
                        self.path("web.key"), "-out", self.path("web.crt")],
                       check=True, capture_output=True)
        os.chmod(self.path("web.key"), 0o600)
        for name in ("web.key", "web.crt"):
            if self.as_user:
                shutil.chown(self.path(name), self.runner)

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
            "gate": gate + ["penalty = 0", f"state-file = {self.path('state')}"],
            "ssh": [f"listen = 127.0.0.1:{self.port} [::1]:{self.port}",
                    f"host-key = {self.path('host_key')}"],
            "web": [f"listen = 127.0.0.1:{self.web_port} [::1]:{self.web_port}" if self.web
                    else "listen =", f"tls-certificate = {self.path('web.crt')}",
                    f"tls-key = {self.path('web.key')}"],
            "auth": [f"pam-directory = {self.path('pam')}",
                     f"authorized-keys = {self.path('authorized')}/%u",
                     f"shared-keys = {self.path('authorized')}/shared"],
            "console": [],
        }
        for name, lines in self.extra.items():
            names = {line.split("=")[0].strip() for line in lines}
            kept = [l for l in sections[name] if l.split("=")[0].strip() not in names]
            sections[name] = kept + [l for l in lines if "=" in l]
        text = "".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines)
                       for name, lines in sections.items())
        for name, libvirt in self.hosts.items():
            text += f"[host \"{name}\"]\nuri = {libvirt.uri}\n"
        self._write("serialgate.conf", text + self.access)

    # What it says and is

    def log(self, since=0):
        """What it wrote, from a position on: len(gate.log()) is one."""
        return pathlib.Path(self.path("log")).read_text(errors="replace")[since:]

    def wait_log(self, text, timeout=30, since=0):
        wait_for(lambda: text in self.log(since), timeout, f"'{text}' in the log")

    def roles(self):
        """{name: pid} of the roles' parents, without those that are not ready again."""
        log = self.log()
        found = {}
        for pid in self._own_children():
            name = comm(pid)
            # A session outlives its parent and becomes gate's child: the first one is older,
            # of a later one the log tells the pid.
            if name in ROLES and f"{name} is ready again" not in log \
                    and f"gate: {name} (pid " not in log:
                found[name] = min(pid, found.get(name, pid), key=started_at)
        for line in re.findall(r"gate: (\w+) is ready again \(pid (\d+)\)", log):
            found[line[0]] = int(line[1])
        return {name: pid for name, pid in found.items() if comm(pid) == name
                and f"gate: {name} (pid {pid}) " not in log}

    def _own_children(self):
        found = []
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            found += [int(word) for word in task.read_text().split()]
        return found

    def children(self, role):
        return children_of(self.roles()[role])

    def family(self):
        """pids of all its processes, gate's own first."""
        return [self.process.pid, *children_of(self.process.pid)]

    # Clients

    def ssh_argv(self, *words, user="alice", key="alice", options=()):
        """options come before the harness's own, so they win.  key: None for no key at all."""
        with_key = ["-i", self.path(f"keys/{key}")] if key else ["-o", "PubkeyAuthentication=no"]
        return ["ssh", *options, *SSH_OPTIONS, *with_key, "-p", str(self.port),
                f"{user}@127.0.0.1", *words]

    def run(self, *words, timeout=60, stdin=subprocess.DEVNULL, **how):
        """A command without a terminal: CompletedProcess with text."""
        return subprocess.run(self.ssh_argv(*words, **how), stdin=stdin, capture_output=True,
                              text=True, errors="replace", timeout=timeout)

    def popen(self, *words, **how):
        return subprocess.Popen(self.ssh_argv(*words, **how), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def terminal(self, *words, rows=24, cols=80, term="xterm-256color", timeout=30, **how):
        """A person's terminal: a pexpect spawn of ssh -t."""
        argv = self.ssh_argv(*words, **how)
        argv.insert(1, "-tt" if words else "-t")
        child = pexpect.spawn(argv[0], argv[1:], dimensions=(rows, cols), timeout=timeout,
                              env=dict(os.environ, TERM=term, LANG="C.UTF-8"), encoding=None)
        child.delaybeforesend = None
        return child
