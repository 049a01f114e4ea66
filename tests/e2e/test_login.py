#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Logins by stock clients through real PAM stacks, keys and their options, and what is refused."""

import concurrent.futures
import contextlib
import logging
import os
import pathlib
import pwd
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time

import paramiko
import pexpect

from gateway import BUILD, IS_ROOT, ROLE_USERS, Gateway, guests_host
from libvirt_env import wait_for
from tap import result, run, test, wanted

logging.getLogger("paramiko").setLevel(logging.CRITICAL)
WRAPPERS = "/usr/lib/x86_64-linux-gnu/pam_wrapper"
KEY_ONLY = ["-o", "PreferredAuthentications=publickey"]
PAM_ONLY = ["-o", "PreferredAuthentications=keyboard-interactive", "-o", "LogLevel=INFO"]
PWDFILE = "auth required pam_pwdfile.so pwdfile={passwords}\n"
PERMIT = "account required pam_permit.so\n"


# -- what the tests are made of --

@contextlib.contextmanager
def stack(gate, text):
    """A PAM stack for one test; {passwords} and {fault} are paths."""
    before = pathlib.Path(gate.path("pam/serialgate")).read_text()
    gate.write_pam(text.format(passwords=gate.path("passwords"), fault=gate.path("pam_fault.so"),
                               changed=gate.path("changed")))
    try:
        yield
    finally:
        gate.write_pam(before)


@contextlib.contextmanager
def options(gateway, /, **sections):
    """Options for one test, by way of SIGHUP."""
    before = gateway.extra
    gateway.extra = before | sections
    try:
        gateway.write_config()
        gateway.reload()
        yield
    finally:
        gateway.extra = before
        gateway.write_config()
        gateway.reload()


@contextlib.contextmanager
def authorized(gate, user, text):
    """Another authorized_keys for one test; {alice} and {bob} are public keys."""
    before = pathlib.Path(gate.path(f"authorized/{user}")).read_text()
    keys = {name: public_key(gate, name) for name in ("alice", "bob")}
    gate._write(f"authorized/{user}", text.format(**keys))
    try:
        yield
    finally:
        gate._write(f"authorized/{user}", before)


def public_key(gate, name):
    return pathlib.Path(gate.path(f"keys/{name}.pub")).read_text().strip()


def answer(child, answers, timeout=40):
    """Answers prompts in order, to the end: (exit status, all that was shown)."""
    shown = b""
    for prompt, text in answers:
        child.expect(prompt, timeout=timeout)
        shown += child.before + child.after
        child.sendline(text)
    child.expect(pexpect.EOF, timeout=timeout)
    shown += child.before
    child.wait()     # a close hangs up on who is still about to end
    child.close()
    return child.exitstatus, shown.decode(errors="replace")


def login(gate, *answers, user="alice", words=("list",), tries=1, key=None, options_more=()):
    """A person at OpenSSH's prompts."""
    argv = gate.ssh_argv(*words, user=user, key=key, options=[
        *options_more, *([] if key else PAM_ONLY), "-o", f"NumberOfPasswordPrompts={tries}"])
    child = pexpect.spawn(argv[0], argv[1:], encoding=None, dimensions=(24, 120))
    child.delaybeforesend = None
    return answer(child, answers)


def key_login(gate, *words, user="alice", key="alice", more=()):
    return gate.run(*(words or ("list",)), user=user, key=key, options=[*KEY_ONLY, *more])


def assert_in(part, whole):
    assert part in whole, f"{part!r} is not in:\n{whole}"


def is_listed(text):
    return re.search(r"^web1\s+running", text, re.M)


def transport(gate):
    t = paramiko.Transport(("127.0.0.1", gate.port))
    t.start_client(timeout=20)
    return t


@contextlib.contextmanager
def logged_in(gate, user="alice"):
    """paramiko, by key."""
    t = transport(gate)
    try:
        t.auth_publickey(user, paramiko.Ed25519Key.from_private_key_file(gate.path(f"keys/{user}")))
        yield t
    finally:
        t.close()


def fingerprint(gate):
    text = subprocess.run(["ssh-keygen", "-l", "-f", gate.path("host_key")], check=True,
                          capture_output=True, text=True).stdout
    return text.split()[1]


# -- stock clients --

def by_dbclient(gate, how):
    argv = ["dbclient", "-y", "-p", str(gate.port), "-l", "alice"]
    if how == "key":
        subprocess.run(["dropbearconvert", "openssh", "dropbear", gate.path("keys/alice"),
                        gate.path("keys/alice.db")], check=True, capture_output=True)
        argv += ["-i", gate.path("keys/alice.db")]
    child = pexpect.spawn(argv[0], [*argv[1:], "127.0.0.1", "list"], encoding=None,
                          env=dict(os.environ, HOME=gate.path("keys")))
    return answer(child, [("Password: ", "wonder land")] if how == "password" else [])


def by_plink(gate, how):
    argv = ["plink", "-ssh", "-batch", "-hostkey", fingerprint(gate), "-P", str(gate.port),
            "-l", "alice"]
    if how == "key":
        subprocess.run(["puttygen", gate.path("keys/alice"), "-q", "-o", gate.path("keys/alice.ppk")],
                       check=True, capture_output=True)
        argv += ["-i", gate.path("keys/alice.ppk")]
    else:
        argv += ["-pw", "wonder land"]
    done = subprocess.run([*argv, "127.0.0.1", "list"], stdin=subprocess.DEVNULL, timeout=30,
                          capture_output=True, text=True, check=False,
                          env=dict(os.environ, HOME=gate.path("keys")))
    return done.returncode, done.stdout + done.stderr


def by_paramiko(gate, how):
    t = transport(gate)
    try:
        if how == "key":
            t.auth_publickey("alice",
                             paramiko.Ed25519Key.from_private_key_file(gate.path("keys/alice")))
        else:
            t.auth_interactive("alice", lambda title, text, prompts: ["wonder land"] * len(prompts))
        channel = t.open_session(timeout=20)
        channel.settimeout(20)
        channel.exec_command("list")
        text = channel.makefile().read().decode()
        return channel.recv_exit_status(), text
    finally:
        t.close()


def by_openssh(gate, how):
    if how == "key":
        done = key_login(gate)
        return done.returncode, done.stdout + done.stderr
    return login(gate, ("Password: ", "wonder land"))


CLIENTS = {"OpenSSH": by_openssh, "dbclient": by_dbclient, "plink": by_plink, "paramiko": by_paramiko}


def add_client_test(name, client, how):
    @test(f"{name} logs in by {how}", limit=40)
    def client_test(gate, _):
        status, text = client(gate, how)
        assert is_listed(text) and status == 0, (status, text)


for client_name, client_function in CLIENTS.items():
    add_client_test(client_name, client_function, "password")
    add_client_test(client_name, client_function, "key")


# -- PAM --

@test("a wrong password, then the right one")
def wrong_then_right(gate, _):
    status, text = login(gate, ("Password: ", "wrong"), ("Password: ", "wonder land"), tries=3)
    assert status == 0 and is_listed(text), (status, text)
    gate.wait_log("refused keyboard-interactive for alice: authentication: ")
    gate.wait_log("accepted keyboard-interactive for alice")


@test("an unknown user gets the same answer after the same time as a wrong password")
def unknown_user(gate, _):
    def attempt(user):
        t = transport(gate)
        shown = []

        def handler(title, text, prompts):
            shown.append((title, text, prompts))
            return ["wrong"] * len(prompts)
        start = time.monotonic()
        try:
            t.auth_interactive(user, handler)
        except paramiko.AuthenticationException as error:
            return time.monotonic() - start, (str(error), shown)
        finally:
            t.close()
        raise AssertionError("let in")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        done = list(pool.map(attempt, ("alice", "nobody-knows") * 5))
    assert len({repr(shown) for _, shown in done}) == 1, done
    times = [[took for took, _ in done[i::2]] for i in (0, 1)]
    known, unknown = (statistics.median(t) for t in times)
    spread = max(max(t) - min(t) for t in times)
    assert abs(known - unknown) < max(0.05, spread), times


@test("two prompts in one round, with texts around them")
def two_prompts(gate, _):
    with stack(gate, PWDFILE + "auth required {fault} code\n" + PERMIT):
        status, text = login(gate, ("Password: ", "wonder land"), ("Code: ", "9"), ("Sure\\? ", "yes"))
        assert status == 0 and is_listed(text), (status, text)
        assert_in("Your token:", text)
        assert_in("and say so", text)
        assert "\033" not in text, "a module's control characters reach the terminal"
        status, _ = login(gate, ("Password: ", "wonder land"), ("Code: ", "8"), ("Sure\\? ", "yes"))
        assert status == 255


@test("two modules that ask one after the other (pam_matrix)")
def two_modules(gate, _):
    gate._write("matrix", "alice:second:serialgate\n", 0o644)
    with stack(gate, PWDFILE + f"auth required {WRAPPERS}/pam_matrix.so passdb={gate.path('matrix')}\n"
               + PERMIT):
        status, text = login(gate, ("Password: ", "wonder land"), ("(?i)password: ", "second"))
        assert status == 0 and is_listed(text), (status, text)


@test("a module that only says something (pam_chatty)")
def message_only(gate, _):
    with stack(gate, f"auth required {WRAPPERS}/pam_chatty.so info num_lines=1\n"
               "auth required pam_permit.so\n" + PERMIT):
        console = gate.terminal("web1", key=None, options=PAM_ONLY)
        console.expect("Connected to domain")
        console.expect("Escape character")
        console.expect("Authentication succeeded")
        console.send("\x1d.")
        console.expect(pexpect.EOF)


@test("an expired password is changed in the conversation")
def expired_password(gate, _):
    expired = "account required {fault} expired={changed}\npassword required {fault} expired={changed}\n"
    with stack(gate, PWDFILE + expired):
        answers = [("Password: ", "wonder land"), ("(?i)new password: ", "fresh"),
                   ("(?i)retype.*: ", "fresh")]
        status, text = login(gate, *answers)
        assert status == 0 and is_listed(text), (status, text)
        assert_in("has expired", text)
        assert pathlib.Path(gate.path("changed")).read_text() == "fresh"
        os.unlink(gate.path("changed"))
        # By key, it is still changed before one is in.
        status, text = login(gate, *answers[1:], key="alice")
        assert status == 0 and is_listed(text), (status, text)
        os.unlink(gate.path("changed"))
        assert key_login(gate).returncode == 255, "let in with an expired password"


@test("a denied account is told why, by password and by key")
def account_denied(gate, _):
    with stack(gate, PWDFILE + "account required {fault} deny\n"):
        status, text = login(gate, ("Password: ", "wonder land"))
        assert status == 255
        assert_in("You may not log in on Sundays.", text)
        done = key_login(gate, more=["-o", "LogLevel=INFO"])
        assert done.returncode == 255
        assert_in("You may not log in on Sundays.", done.stderr)


def only_bob(what):
    return "auth [success=ignore default=1] pam_succeed_if.so quiet user = bob\n" \
        f"auth required {{fault}} {what}\n" + PWDFILE + PERMIT


@test("a module that hangs is ended at login-grace; others log in meanwhile")
def module_hangs(gate, _):
    mark = len(gate.log())
    seconds = f"{os.getpid()}.5"

    def its_child():
        return subprocess.run(["pgrep", "-fx", f"sleep {seconds}"], capture_output=True, check=False).stdout
    with options(gate, gate=["handshake-grace = 8s", "login-grace = 8s"]), \
            stack(gate, only_bob(f"hang-with-child={seconds}")):
        start = time.monotonic()
        hanging = gate.popen("list", user="bob", key=None, options=PAM_ONLY)
        wait_for(its_child, 30, "the module to hang")
        status, text = login(gate, ("Password: ", "wonder land"))
        assert status == 0 and is_listed(text), (status, text)
        assert hanging.poll() is None, "ended too early"
        _, err = hanging.communicate(timeout=40)
        assert hanging.returncode == 255 and time.monotonic() - start > 7, err
        gate.wait_log("took longer than 8s: ended", since=mark)
        wait_for(lambda: not its_child(), 30, "what the module started to end")


@test("a module that crashes ends its own login only")
def module_crashes(gate, _):
    mark = len(gate.log())
    with stack(gate, only_bob("crash")):
        with logged_in(gate) as t:
            status, text = login(gate, user="bob")
            assert status == 255, text
            gate.wait_log("was ended by signal 11", since=mark)
            status, text = login(gate, ("Password: ", "wonder land"))
            assert status == 0 and is_listed(text), (status, text)
            channel = t.open_session(timeout=30)
            channel.exec_command("list")
            assert is_listed(channel.makefile().read().decode())


SEEN = "auth optional pam_exec.so seteuid {seen}\n"


@test("PAM is told where one comes from, on what, who it is, and with which service")
def pam_items(gate, _):
    found = gate.path("seen.txt")
    items = " ".join(f"$PAM_{item}" for item in ("RHOST", "TTY", "USER", "SERVICE", "TYPE"))
    script = gate._write("seen", f"#!/bin/sh\necho \"{items}\" >>{found}\n", 0o755)
    account = "account optional pam_exec.so {seen}\n"
    with stack(gate, (SEEN + PWDFILE + account + PERMIT).replace("{seen}", script)):
        for host, address in (("127.0.0.1", "127.0.0.1"), ("::1", "::1")):
            child = pexpect.spawn("ssh", [*gate.ssh_argv(key=None, options=PAM_ONLY)[1:-1],
                                          f"alice@{host}", "list"])
            assert answer(child, [("Password: ", "wonder land")])[0] == 0
            said = pathlib.Path(found).read_text()
            assert said == "".join(f"{address} ssh alice serialgate {part}\n"
                                   for part in ("auth", "account")), said
            os.unlink(found)


@contextlib.contextmanager
def spinning_session(gate):
    """A channel with packets of 10 bytes: libssh 0.10 takes 10 off for its header, and has no
    room left to send what it still wants to send."""
    with logged_in(gate) as t:
        t._sanitize_packet_size = lambda size: 10
        channel = t.open_session(timeout=30)
        channel.exec_command("list")
        yield t


@test("who spins is ended by the watchdog after 10 s of processor time: a module, a session", limit=300)
def watchdog(gate, _):
    mark = len(gate.log())
    start = time.monotonic()
    with stack(gate, only_bob("spin")), spinning_session(gate) as t:
        module = gate.popen("list", user="bob", key=None, options=PAM_ONLY)
        wait_for(lambda: gate.log(mark).count("connection from") == 2, 30, "the connections")
        status, text = login(gate, ("Password: ", "wonder land"))
        assert status == 0 and is_listed(text), (status, text)
        assert module.poll() is None and t.is_active(), gate.log(mark)
        module.communicate(timeout=150)
        assert module.returncode == 255
        wait_for(lambda: not t.is_active(), 150, "the session to end")
        took = time.monotonic() - start
        gate.wait_log("was ended by signal 27 (", since=mark)
        gate.wait_log("its process died of signal 27", since=mark)
        assert took > 9, f"ended after {took:.1f} s"


@contextlib.contextmanager
def system_user(password):
    """A user of this machine, for pam_unix."""
    name = f"sgtest{os.getpid()}"
    hashed = subprocess.run(["mkpasswd", "-m", "sha512crypt", "-s"], input=password, check=True,
                            capture_output=True, text=True).stdout.strip()
    subprocess.run(["useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", "-p", hashed, name],
                   check=True)
    try:
        yield name
    finally:
        subprocess.run(["userdel", name], check=False, capture_output=True)


@test("pam_unix: right, wrong and expired password, expired account", root=True)
def with_pam_unix(gate, _):
    access = gate.access
    with system_user("first one") as user, stack(gate, "auth required pam_unix.so\n"
                                                  "account required pam_unix.so\n"
                                                  "password required pam_unix.so sha512\n"):
        gate.access = access + f"[access \"unix\"]\nusers = {user}\nguests = *\nmay = view\n"
        try:
            with options(gate):
                status, text = login(gate, ("Password: ", "first one"), user=user)
                assert status == 0 and is_listed(text), (status, text)
                assert login(gate, ("Password: ", "wrong"), user=user)[0] == 255
                subprocess.run(["chage", "-d", "0", user], check=True)
                status, text = login(gate, ("Password: ", "first one"), ("(?i)current password: ", "first one"),
                                     ("(?i)new password: ", "another 1 of mine"),
                                     ("(?i)retype.*: ", "another 1 of mine"), user=user)
                assert status == 0 and is_listed(text), (status, text)
                assert login(gate, ("Password: ", "another 1 of mine"), user=user)[0] == 0
                subprocess.run(["chage", "-E", "1", user], check=True)
                status, text = login(gate, ("Password: ", "another 1 of mine"), user=user)
                assert status == 255
                assert_in("expired", text)
        finally:
            gate.access = access
    gate.write_config()
    gate.reload()


# -- methods --

@test("publickey+keyboard-interactive asks for both, in this order")
def both_methods(gate, _):
    with options(gate, auth=["methods = publickey+keyboard-interactive"]):
        done = key_login(gate)
        assert done.returncode == 255, "the key alone is enough"
        assert_in("Permission denied (keyboard-interactive)", done.stderr)
        status, text = login(gate)
        assert status == 255 and "Password" not in text, "asked for a password first"
        status, text = login(gate, ("Password: ", "wonder land"), key="alice")
        assert status == 0 and is_listed(text), (status, text)
        # The password of another user does not complete it.
        t = transport(gate)
        key = paramiko.Ed25519Key.from_private_key_file(gate.path("keys/alice"))
        assert t.auth_publickey("alice", key) == ["keyboard-interactive"]
        try:
            t.auth_interactive("bob", lambda title, text, prompts: ["builder"] * len(prompts))
            raise AssertionError("let in with one user's key and the other's password")
        except paramiko.SSHException:
            t.close()


@test("the password method is offered only where configured")
def password_method(gate, _):
    def by_password():
        t = transport(gate)
        try:
            t.auth_password("alice", "wonder land", fallback=False)
            return t.is_authenticated()
        except paramiko.SSHException:
            return False
        finally:
            t.close()
    assert not by_password()
    with options(gate, auth=["methods = publickey password"]):
        assert by_password()
        status, text = login(gate)
        assert status == 255 and "Password" not in text


KERBEROS = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"


def gssapi_messages():
    """What a client with tickets would send first, and what only follows an answer to it."""
    asks = paramiko.Message()
    asks.add_byte(b"\x32")
    for text in ("alice", "ssh-connection", "gssapi-with-mic"):
        asks.add_string(text)
    asks.add_int(1)
    asks.add_string(KERBEROS)
    later = [asks]
    for kind in (b"\x3d", b"\x42"):
        message = paramiko.Message()
        message.add_byte(kind)
        message.add_string(b"\x60\x10" + KERBEROS)
        later.append(message)
    return later


@test("GSSAPI is not offered, and refused to who asks; a password is good after that")
def gssapi(gate, _):
    mark = len(gate.log())
    done = gate.run("list", key=None, options=["-v", "-o", "LogLevel=DEBUG1", "-o", "GSSAPIAuthentication=yes",
                                               "-o", "PreferredAuthentications=gssapi-with-mic"])
    assert done.returncode == 255
    assert "gssapi" not in re.findall("Authentications that can continue: (.*)", done.stderr)[0], done.stderr
    for messages in (gssapi_messages()[:1], gssapi_messages()):
        t = transport(gate)
        try:
            t.auth_none("alice")
        except paramiko.BadAuthenticationType as error:
            assert "gssapi-with-mic" not in error.allowed_types
        t.auth_handler.auth_event = threading.Event()
        with contextlib.suppress(EOFError):
            for message in messages:
                t._send_message(message)
        assert t.auth_handler.auth_event.wait(40), "no answer"
        assert not t.is_authenticated()
        with contextlib.suppress(paramiko.SSHException, EOFError):
            t.auth_interactive("alice", lambda title, text, prompts: ["wonder land"] * len(prompts))
        # Who goes on without having been asked to may be cut off.
        assert t.is_authenticated() or len(messages) > 1, gate.log(mark)
        t.close()
    assert "signal" not in gate.log(mark)
    assert key_login(gate).returncode == 0


@test("too many tries end the connection")
def too_many_tries(gate, _):
    mark = len(gate.log())
    with options(gate, auth=["max-tries = 2"]):
        status, text = login(gate, ("Password: ", "a"), ("Password: ", "b"), tries=6)
        assert status == 255
        assert_in("Too many authentication failures", text)
        gate.wait_log("closed: too many tries", since=mark)


@test("the shared name: whose key it is decides")
def shared_by_key(gate, _):
    mark = len(gate.log())
    with authorized(gate, "shared", "user=\"alice\" {alice}\nuser=\"console\" {bob}\n"):
        done = key_login(gate, user="console")
        assert done.returncode == 0 and is_listed(done.stdout), done
        gate.wait_log("accepted publickey for alice", since=mark)
        assert key_login(gate, user="console", key="bob").returncode == 255
    assert key_login(gate, user="console").returncode == 255


@test("the shared name: PAM asks who it is")
def shared_by_prompt(gate, _):
    mark = len(gate.log())
    status, text = login(gate, ("login: ", "alice"), ("Password: ", "wonder land"), user="console")
    assert status == 0 and is_listed(text), (status, text)
    gate.wait_log("accepted keyboard-interactive for alice", since=mark)
    status, text = login(gate, ("login: ", "console"), ("Password: ", "x"), user="console")
    assert status == 255, text


# -- keys --

KEY_LINES = [
    ("no option", "{alice}", True),
    ("from= that fits", "from=\"127.0.0.1\" {alice}", True),
    ("from= with a pattern", "from=\"10.*,127.0.*\" {alice}", True),
    ("from= with a network", "from=\"127.0.0.0/8\" {alice}", True),
    ("from= elsewhere", "from=\"10.0.0.0/8\" {alice}", False),
    ("from= that excludes", "from=\"!127.0.0.1,*\" {alice}", False),
    ("expiry-time= past", "expiry-time=\"20200101\" {alice}", False),
    ("expiry-time= to come", "expiry-time=\"20991231\" {alice}", True),
    ("restrict", "restrict {alice}", True),
    ("no-pty and the like", "no-pty,no-agent-forwarding,no-X11-forwarding {alice}", True),
    ("command= never fits", "command=\"list\" {alice}", False),
    ("environment= never fits", "environment=\"A=b\" {alice}", False),
    ("an option nobody knows", "fancy {alice}", False),
    ("user= outside of shared keys", "user=\"alice\" {alice}", False),
    ("a line that is broken, before", "ssh-ed25519 AAAA=broken\n\n# comment\n{alice}", True),
    ("another's key", "{bob}", False),
    ("refused first, good later", "from=\"10.1.1.1\" {alice}\n{alice}", True),
    ("an empty file", "", False),
]


@test("each option of authorized_keys")
def key_options(gate, _):
    wrong = []
    for name, text, expected in KEY_LINES:
        with authorized(gate, "alice", text + "\n"):
            if (key_login(gate).returncode == 0) != expected:
                wrong.append(name)
    assert not wrong, f"{'; '.join(wrong)}: not as expected"


@test("authorized_keys that others may change are not used")
def key_file_modes(gate, _):
    path = gate.path("authorized/alice")
    for target, mode in ((path, 0o664), (path, 0o646), (os.path.dirname(path), 0o775)):
        before = os.stat(target).st_mode & 0o7777
        os.chmod(target, mode)
        status = key_login(gate).returncode
        os.chmod(target, before)
        assert status == 255, f"used with mode {mode:o} of {target}"
    assert key_login(gate).returncode == 0
    if IS_ROOT and not gate.as_user:
        shutil.chown(path, "daemon")
        status = key_login(gate).returncode
        shutil.chown(path, 0)
        assert status == 255, "used though it is somebody else's"


@test("certificates are refused")
def certificates(gate, _):
    subprocess.run(["ssh-keygen", "-q", "-s", gate.path("keys/bob"), "-I", "x", "-n", "alice",
                    gate.path("keys/alice.pub")], check=True, capture_output=True)
    certificate = gate.path("keys/alice-cert.pub")
    try:
        with authorized(gate, "alice", "cert-authority {bob}\n{bob}\n" + pathlib.Path(certificate).read_text()):
            assert key_login(gate, more=["-o", f"CertificateFile={certificate}"]).returncode == 255
    finally:
        os.unlink(certificate)


@test("a signature that does not fit its key is refused")
def wrong_signature(gate, _):
    class Liar(paramiko.Ed25519Key):
        """Claims one key and signs with another."""

        def asbytes(self):
            return paramiko.Ed25519Key.from_private_key_file(gate.path("keys/alice")).asbytes()
    t = transport(gate)
    t.auth_timeout = 5
    try:
        t.auth_publickey("alice", Liar.from_private_key_file(gate.path("keys/bob")))
        raise AssertionError("let in")
    except (paramiko.SSHException, EOFError):
        pass
    finally:
        t.close()
    assert "accepted" not in gate.log()[-300:]


# -- what is not served --

def with_reply(channel, name, *fields):
    """A channel request that wants an answer: whether it was granted."""
    m = paramiko.Message()
    m.add_byte(bytes([98]))
    m.add_int(channel.remote_chanid)
    m.add_string(name)
    m.add_boolean(True)
    for field in fields:
        (m.add_string if isinstance(field, (str, bytes)) else
         m.add_boolean if isinstance(field, bool) else m.add_int)(field)
    channel._event_pending()
    channel.transport._send_user_message(m)
    try:
        channel._wait_for_event()
        return True
    except paramiko.SSHException:
        return False


REFUSED_REQUESTS = [
    ("subsystem", "sftp"), ("subsystem", "netconf"), ("auth-agent-req@openssh.com",),
    ("x11-req", False, "MIT-MAGIC-COOKIE-1", "00", 0), ("no-such-request",),
]


@test("sftp, agent and X11 are refused")
def refused_requests(gate, _):
    for request in REFUSED_REQUESTS:
        with logged_in(gate) as t:
            channel = t.open_session(timeout=30)
            channel.settimeout(30)
            assert not with_reply(channel, *request), f"granted: {request}"
    done = subprocess.run(["sftp", *gate.ssh_argv()[1:-1], "-b", "/dev/null", "-P", str(gate.port),
                           "alice@127.0.0.1"], capture_output=True, timeout=30, check=False)
    assert done.returncode != 0


@test("port forwarding is refused, both ways")
def forwarding(gate, _):
    with logged_in(gate) as t:
        for kind in ("direct-tcpip", "direct-streamlocal@openssh.com", "x11", "tun@openssh.com"):
            try:
                t.open_channel(kind, ("127.0.0.1", gate.port), ("127.0.0.1", 1), timeout=10)
                raise AssertionError(f"granted: {kind}")
            except paramiko.ChannelException:
                pass
        try:
            t.request_port_forward("127.0.0.1", 0)
            raise AssertionError("granted: tcpip-forward")
        except paramiko.SSHException:
            pass
        # And the connection is as good as before.
        channel = t.open_session(timeout=30)
        channel.exec_command("list")
        assert is_listed(channel.makefile().read().decode())


OLD = [
    ("KexAlgorithms", "diffie-hellman-group1-sha1"), ("KexAlgorithms", "diffie-hellman-group14-sha1"),
    ("KexAlgorithms", "diffie-hellman-group-exchange-sha1"),
    ("KexAlgorithms", "diffie-hellman-group-exchange-sha256"), ("Ciphers", "aes128-cbc"),
    ("Ciphers", "aes256-cbc"), ("Ciphers", "3des-cbc"), ("MACs", "hmac-sha1"), ("MACs", "hmac-md5"),
    ("MACs", "hmac-sha1-etm@openssh.com"), ("MACs", "umac-64@openssh.com"),
    ("HostKeyAlgorithms", "ssh-rsa"), ("HostKeyAlgorithms", "ssh-dss"),
]


MODERN = [
    ("KexAlgorithms", "curve25519-sha256"), ("KexAlgorithms", "diffie-hellman-group16-sha512"),
    ("Ciphers", "aes256-gcm@openssh.com"), ("Ciphers", "aes128-ctr"),
    ("Ciphers", "chacha20-poly1305@openssh.com"),
]


@test("old algorithms are refused, modern ones taken")
def old_algorithms(gate, _):
    granted = []
    for option, value in OLD:
        more = ["-o", f"{option}={value}", "-o", "LogLevel=INFO"]
        if option == "MACs":
            more += ["-o", "Ciphers=aes128-ctr"]
        done = key_login(gate, more=more)
        # Both sides notice at the same time; the client may see our end first.
        if done.returncode != 255 or not re.search("no matching|Connection (closed|reset)", done.stderr):
            granted.append((option, value, done.stderr))
    assert not granted, granted
    for option, value in MODERN:
        done = key_login(gate, more=["-o", f"{option}={value}", "-o", "LogLevel=INFO"])
        assert done.returncode == 0, (option, value, done.stderr)


@test("SHA-1 signatures and short RSA keys are refused, SHA-2 ones are taken")
def rsa_keys(gate, _):
    before = pathlib.Path(gate.path("authorized/alice")).read_text()
    try:
        for bits, algorithm, expected in ((2048, "rsa-sha2-256", 0), (2048, "rsa-sha2-512", 0),
                                          (2048, "ssh-rsa", 255), (1024, "rsa-sha2-256", 255)):
            path = gate.path(f"keys/rsa{bits}")
            if not os.path.exists(path):
                subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", str(bits), "-N", "", "-f", path],
                               check=True)
            gate._write("authorized/alice", pathlib.Path(path + ".pub").read_text())
            done = key_login(gate, key=f"rsa{bits}", more=[
                "-o", f"PubkeyAcceptedAlgorithms={algorithm}", "-o", "RequiredRSASize=1024"])
            assert done.returncode == expected, (bits, algorithm, done.stderr)
    finally:
        gate._write("authorized/alice", before)


@test("strict key exchange, compression where asked for and never before the login, our own version")
def strict_kex(gate, _):
    for more, compression in ([], "none"), (["-C"], "zlib@openssh.com"):
        done = key_login(gate, more=["-vvv", *more])
        assert done.returncode == 0, done.stderr
        assert "will use strict KEX ordering" in done.stderr, done.stderr
        assert f"compression: {compression}\n" in done.stderr, done.stderr
    offered = done.stderr.partition("peer server KEXINIT")[2]
    assert "compression stoc: none,zlib@openssh.com\n" in offered, done.stderr
    with socket.create_connection(("127.0.0.1", gate.port)) as s:
        line = s.makefile("rb").readline()
    assert re.fullmatch(rb"SSH-2\.0-serialgate_[0-9.]+\r\n", line), line


@test("rekeying in the middle does no harm")
def rekeying(gate, libvirt):
    console = gate.popen("web1", options=["-o", "RekeyLimit=16K"])
    try:
        console.stdin.write(b"!")
        console.stdin.flush()
        text = b""
        while text.count(b"\n") < 4000:
            chunk = os.read(console.stdout.fileno(), 65536)
            assert chunk, (text[-200:], console.stderr.read())
            text += chunk
        lines = [l for l in text.splitlines()[50:-1] if l.strip()]
        numbers = [int(m.group()) for m in (re.search(rb"\d+", l) for l in lines) if m]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "lines are missing"
        console.stdin.write(b"x")
        console.stdin.flush()
        while not re.search(rb"x(\r\n)?(tick \d+\r\n)*$", text[-200:]):
            chunk = os.read(console.stdout.fileno(), 65536)
            assert chunk
            text += chunk
    finally:
        console.kill()
        console.communicate()


# -- the host key --

@test("the host key stays, is nobody else's, and the log has its fingerprint")
def host_key(gate, _):
    path = pathlib.Path(gate.path("host_key"))
    before = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_uid == os.geteuid()
    assert_in(f"host key ssh-ed25519 {fingerprint(gate)}\n", gate.log())
    left = gate.stop()
    assert not left, f"did not end by themselves: {left}"
    mark = len(gate.log())
    gate.start()
    assert path.read_bytes() == before
    assert_in(fingerprint(gate), gate.log(mark))
    t = transport(gate)
    assert t.get_remote_server_key().asbytes() in paramiko.Ed25519Key.from_private_key_file(str(path)).asbytes()
    t.close()


# -- who the processes are --

def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {key: value.split() for key, value in re.findall(r"^(\w+):\s*(.*)$", text, re.M)}


def check_process(pid, uid, gid, groups, confined):
    s = status_of(pid)
    what = f"{s['Name'][0]} ({pid}): "
    assert s["Uid"] == [str(uid)] * 4, what + f"uids {s['Uid']}"
    assert s["Gid"] == [str(gid)] * 4, what + f"gids {s['Gid']}"
    assert groups is None or set(s["Groups"]) <= {str(g) for g in groups}, what + f"groups {s['Groups']}"
    if uid != 0:
        for which in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            assert int(s[which][0], 16) == 0, what + f"{which} {s[which]}"
    if confined:
        assert s["NoNewPrivs"] == ["1"], what + "no_new_privs is not set"
        assert s["Seccomp"] == ["2"], what + "no filter"
        assert int(s["Seccomp_filters"][0]) >= 1, what + "no filter"
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits), what + "may dump core"


@contextlib.contextmanager
def attached(gate):
    """One session on web1; a function that finds {role: [pids]}, parents first."""
    console = gate.terminal("web1")
    console.expect("Connected to domain")
    console.expect("tick|ready")
    try:
        yield lambda: {"gate": [gate.process.pid]} | {
            name: [pid, *gate.children(name)] for name, pid in gate.roles().items()}
    finally:
        console.send("\x1d.")
        console.expect(pexpect.EOF)


@test("every process is who it should be", root=True)
def processes(gate, _):
    users = {"gate": "root", "auth": "root", "sshd": ROLE_USERS[0], "console": ROLE_USERS[1],
             "virt": ROLE_USERS[2]}
    # Below console: who keeps the child for logs running, that child, and who writes to disk.
    counts = {"gate": 1, "auth": 2, "sshd": 2, "console": 4, "virt": 3}
    with attached(gate) as find:
        # Sessions of tests before may be on their way out.
        wait_for(lambda: {name: len(pids) for name, pids in find().items()} == counts, 30,
                 f"no process but those of one session, not {find()}")
        found = find()
        for name, pids in found.items():
            user = pwd.getpwnam(users[name])
            groups = None if user.pw_uid == 0 else os.getgrouplist(users[name], user.pw_gid)
            for pid in pids:
                check_process(pid, user.pw_uid, user.pw_gid, groups, name != "gate")
                if user.pw_uid != 0:
                    assert int(status_of(pid)["CapBnd"][0], 16) == 0, f"{name}: CapBnd"
                    assert os.stat(f"/proc/{pid}/environ").st_uid == 0, f"{name} is dumpable"


@test("as a user: the same processes with the same filters", group="as a user")
def processes_as_user(gate, _):
    user = pwd.getpwnam(gate.runner)
    with attached(gate) as find:
        for name, pids in find().items():
            for pid in pids:
                check_process(pid, user.pw_uid, user.pw_gid, None, name != "gate")
                if IS_ROOT:
                    assert os.stat(f"/proc/{pid}/environ").st_uid == 0, f"{name} is dumpable"


@test("as a user: login by password and by key", group="as a user")
def login_as_user(gate, _):
    status, text = login(gate, ("Password: ", "wonder land"))
    assert status == 0 and is_listed(text), (status, text)
    done = key_login(gate)
    assert done.returncode == 0 and is_listed(done.stdout), done


def main():
    with guests_host() as libvirt:
        libvirt.define("web1")
        if wanted():
            with Gateway(libvirt) as gate:
                shutil.copy(BUILD / "tests/pam_fault.so", gate.path("pam_fault.so"))
                wait_for(lambda: is_listed(gate.run("list").stdout), 30, "the guest in the list")
                run(gate, libvirt)
        if IS_ROOT and wanted("as a user"):
            with Gateway(libvirt, as_user=True) as gate:
                wait_for(lambda: is_listed(gate.run("list").stdout), 30, "the guest in the list")
                run(gate, libvirt, group="as a user")
    sys.exit(result())


main()
