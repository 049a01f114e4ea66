#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What `make install` puts where, and that it works from there: the shipped configuration, the
shipped PAM rules, the programs under another root directory."""

import contextlib
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile

import pexpect

from gateway import BUILD, IS_ROOT, ROLE_USERS, ROLES, TOP, Gateway, guests_host
from libvirt_env import wait_for
from tap import Skip, result, run, test

# Paths with their modes.
PROGRAMS = {"sbin/serialgate": 0o755} | {f"libexec/serialgate/{role}": 0o755 for role in ROLES}
PAGES = {f"share/man/man{page[-1]}/{page}": 0o644
         for page in ("serialgate.7", "serialgate.8", "serialgate.conf.5")}
SYSTEM = {"lib/sysusers.d/serialgate.conf": 0o644, "lib/tmpfiles.d/serialgate.conf": 0o644,
          "lib/systemd/system/serialgate.service": 0o644}
SETTINGS = {"etc/serialgate/serialgate.conf": 0o644, "etc/pam.d/serialgate": 0o644}


def install(root, prefix="/usr"):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", f"BUILD={os.environ.get('BUILD', 'build')}", "install",
                           f"DESTDIR={root}", f"PREFIX={prefix}"], cwd=TOP, env=environment,
                          umask=0o022, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def tree(root):
    return {os.path.relpath(path, root): path.stat().st_mode & 0o7777
            for path in pathlib.Path(root).rglob("*") if not path.is_dir()}


@contextlib.contextmanager
def directory():
    """Below no directory that strangers may write to, and open to the users of the roles."""
    path = tempfile.mkdtemp(prefix="sg-install.", dir="/var/lib" if IS_ROOT else BUILD)
    os.chmod(path, 0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


def tests_config(root, text):
    """`serialgate -t` of what is installed, with this configuration: (status, what it said)."""
    path = os.path.join(root, "test.conf")
    pathlib.Path(path).write_text(text)
    done = subprocess.run([os.path.join(root, "usr/sbin/serialgate"), "-t", "-f", path], timeout=15,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout + done.stderr


def shipped(root, **values):
    """The shipped configuration; options are set where it has them commented out."""
    text = pathlib.Path(root, "etc/serialgate/serialgate.conf").read_text()
    for name, value in values.items():
        text, count = re.subn(f"^#{name.replace('_', '-')} =.*$", f"{name.replace('_', '-')} = {value}",
                              text, flags=re.M)
        assert count == 1, f"{name} stands {count} times in the shipped configuration"
    return text


def under(root, **more):
    users = {"users": " ".join(ROLE_USERS)} if IS_ROOT else {}
    return shipped(root, host_key=f"{root}/etc/serialgate/ssh_host_ed25519_key",
                   pam_directory=f"{root}/etc/pam.d", **users, **more)


@test("every file is where it belongs, and nothing else is")
def places(_, root):
    below = {"usr/" + path: mode for path, mode in (PROGRAMS | PAGES | SYSTEM).items()}
    assert tree(root) == below | SETTINGS, tree(root)


@test("every path that man 8 names is there, but what is made by the first start")
def named_in_man(_, root):
    page = pathlib.Path(TOP, "man/serialgate.8").read_text()
    files = page[page.index(".Sh FILES"):page.index(".Sh EXIT STATUS")]
    paths = re.findall(r"^\.It Pa (\S+)$", files, re.M)
    assert len(paths) >= 4, paths
    missing = [path for path in paths if not os.path.exists(
        f"{root}{path}" if path[0] == "/" else f"{root}/usr/sbin/{path}")]
    assert missing == ["/etc/serialgate/ssh_host_ed25519_key", "/var/lib/serialgate/open",
                       "/var/log/serialgate/"], missing


@test("another PREFIX is the service's, too, and /etc stays /etc; what was edited stays")
def another_prefix(*_):
    with directory() as root:
        install(root, "/opt/sg")
        below = {"opt/sg/" + path: mode for path, mode in (PROGRAMS | PAGES | SYSTEM).items()}
        assert tree(root) == below | SETTINGS, tree(root)
        unit = pathlib.Path(root, "opt/sg/lib/systemd/system/serialgate.service").read_text()
        assert "\nExecStart=/opt/sg/sbin/serialgate -d\n" in unit, unit
        edited = [pathlib.Path(root, path) for path in SETTINGS]
        for path in edited:
            path.write_text("edited\n")
        install(root, "/opt/sg")
        assert all(path.read_text() == "edited\n" for path in edited)


@test("-t of the shipped configuration says what this machine lacks, or that it is good")
def shipped_configuration(_, root):
    status, said = tests_config(root, shipped(root))
    names = {user.pw_name for user in pwd.getpwall()}
    lacks = [f'there is no user "{user}"' for user in ("serialgate", "serialgate-console", "serialgate-virt")
             if IS_ROOT and user not in names]
    if not os.path.isdir("/etc/serialgate"):
        lacks.append("host key /etc/serialgate/ssh_host_ed25519_key does not exist and cannot be made")
    if not os.path.exists("/etc/pam.d/serialgate"):
        lacks.append("pam-service: /etc/pam.d/serialgate: No such file or directory")
    lines = [line for line in said.splitlines() if not line.endswith(": good")]
    assert all(any(words in line for line in lines) for words in lacks), (lacks, said)
    if status == 0 or IS_ROOT:
        assert len(lines) == len(lacks) and status == (2 if lacks else 0), (status, said)


@test("-t of the shipped configuration is good with the installed files and users")
def shipped_is_good(_, root):
    assert tests_config(root, under(root)) == (0, f"{root}/test.conf: good\n")


@test("every default in the shipped configuration is one: uncommented, it is good as well")
def shipped_defaults(_, root):
    text = re.sub(r"^#(\S.*)$", r"\1", under(root), flags=re.M)
    assert text.count("\n[") >= 5 and len(re.findall(r"^[a-z-]+ =", text, re.M)) > 20, text
    status, said = tests_config(root, text)
    assert status == 0, said


@test("a gateway runs from where it is installed")
def runs(gate, root):
    exe = pathlib.Path(f"/proc/{gate.process.pid}/exe")
    assert os.readlink(exe) == f"{root}/usr/sbin/serialgate"
    if IS_ROOT:
        assert {name: os.readlink(f"/proc/{pid}/exe") for name, pid in gate.roles().items()} == \
            {role: f"{root}/usr/libexec/serialgate/{role}" for role in ROLES if role != "ws"}
    wait_for(lambda: re.search("^web1 +running", gate.run("list").stdout, re.M), 30, "the guest")
    console = gate.terminal("web1")
    console.expect("Connected to domain")
    console.expect("tick|ready")
    console.send("\x1d.")
    console.expect(pexpect.EOF)


@test("the shipped PAM rules let in who has the right password", root=True)
def shipped_rules(gate, root):
    rules = pathlib.Path(root, "etc/pam.d/serialgate").read_text()
    included = re.findall(r"^@include (\S+)$", rules, re.M)
    assert included and "session" not in re.sub("(?m)^#.*$", "", rules), rules
    lacking = [name for name in included if not os.path.exists(f"/etc/pam.d/{name}")]
    if lacking:
        raise Skip(f"/etc/pam.d has no {' '.join(lacking)}")
    user, password = f"sgtest{os.getpid()}", "correct horse 1"
    hashed = subprocess.run(["mkpasswd", "-m", "sha512crypt", "-s"], input=password, check=True,
                            capture_output=True, text=True).stdout.strip()
    subprocess.run(["useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", "-p", hashed, user],
                   check=True)
    try:
        # A directory of one's own for PAM takes includes from there, too.
        for name in included:
            shutil.copy(f"/etc/pam.d/{name}", gate.path(f"pam/{name}"))
        gate.write_pam(rules)
        for typed, status in ((password, 0), ("wrong", 255)):
            argv = gate.ssh_argv("help", user=user, key=None, options=[
                "-o", "PreferredAuthentications=keyboard-interactive", "-o", "NumberOfPasswordPrompts=1"])
            child = pexpect.spawn(argv[0], argv[1:], timeout=20)
            child.expect("Password: ")
            child.sendline(typed)
            child.expect(pexpect.EOF)
            child.close()
            assert child.exitstatus == status, (typed, child.exitstatus, child.before)
    finally:
        subprocess.run(["userdel", user], check=False, capture_output=True)


def main():
    with directory() as root, guests_host() as libvirt:
        install(root)
        libvirt.define("web1")
        with Gateway(libvirt, program=f"{root}/usr/sbin/serialgate") as gate:
            run(gate, root)
    sys.exit(result())


main()
