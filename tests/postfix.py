"""A Postfix of its own for tests: in a temporary folder, on free loopback ports, far from the system's."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

TIMEOUT = 60.0

_MASTER = """
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n -  0 cleanup
qmgr      unix  n - n 1  1 qmgr
rewrite   unix  - - n -  - trivial-rewrite
bounce    unix  - - n -  0 bounce
defer     unix  - - n -  0 bounce
trace     unix  - - n -  0 bounce
verify    unix  - - n -  1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n -  - proxymap
smtp      unix  - - n -  - smtp
relay     unix  - - n -  - smtp
showq     unix  n - n -  - showq
error     unix  - - n -  - error
retry     unix  - - n -  - error
discard   unix  - - n -  - discard
anvil     unix  - - n -  1 anvil
scache    unix  - - n -  1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A Postfix that runs: where its files are, and the port of each of its SMTP servers."""

    folder: Path
    ports: tuple[int, ...]

    @property
    def log(self) -> str:
        """Everything that it has logged."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def has_logged(self, text: str) -> bool:
        """Whether the log has `text`, now or soon: Postfix writes it after it has answered."""
        end = time.monotonic() + TIMEOUT
        while text not in self.log:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def connect(self, listener: int = 0) -> smtplib.SMTP:
        """A client that has been greeted. It says what the caller tells it to."""
        return smtplib.SMTP("127.0.0.1", self.ports[listener], "client.example", TIMEOUT)

    def login(self, user: str, listener: int = 0, **about: str) -> smtplib.SMTP:
        """A client that Postfix takes for one that authenticated as `user` (XCLIENT); `about` may say ADDR or HELO."""
        client = self.connect(listener)
        client.ehlo()
        told = " ".join(f"{name}={value}" for name, value in {"LOGIN": user, **about}.items() if value)
        code, answer = client.docmd("XCLIENT", told)
        assert code == 220, answer
        client.ehlo()
        return client

    def command(self, program: str, *arguments: str, content: bytes = b"") -> str:
        """What a Postfix program, such as `postqueue -p`, prints about this instance."""
        option = "-C" if program == "sendmail" else "-c"
        command = [_program(program), option, str(self.folder / "etc"), *arguments]
        return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode("utf-8", "replace")

    def queued(self) -> list[str]:
        """The queue files that wait, among them those on hold."""
        kinds = ("incoming", "active", "deferred", "hold", "maildrop")
        return [str(path) for kind in kinds for path in (self.folder / "queue" / kind).rglob("*") if path.is_file()]


def missing() -> str:
    """Why tests cannot have a Postfix here; empty where they can."""
    if not shutil.which("postfix", path=_search_path()):
        return "Postfix is not installed"
    if os.geteuid() != 0:
        return "only root can start a Postfix"
    try:
        pwd.getpwnam("postfix")
    except KeyError:
        return "there is no user postfix"
    return ""


@contextmanager
def running(
    settings: Mapping[str, str] | None = None,
    listeners: Sequence[Mapping[str, str]] = ({},),
    *,
    sink: int,
    services: str = "",
) -> Iterator[Postfix]:
    """A Postfix that relays all mail to the port `sink` of the loopback interface; skips the test where it cannot be.

    `settings` go to main.cf. Each of `listeners` is an SMTP server with settings of its own, on a port that is free.
    `services` are further lines of master.cf.
    """
    if reason := missing():
        pytest.skip(reason)
    ports = free_ports(len(listeners))
    # Its programs give up root, and pytest keeps its folders to root.
    folder = Path(tempfile.mkdtemp(prefix="spamlint-postfix-"))
    folder.chmod(0o755)
    instance = Postfix(folder, ports)
    try:
        _write(folder, _main(folder, sink) | dict(settings or {}), list(zip(ports, listeners, strict=True)), services)
        with _master(instance):
            yield instance
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_ports(count: int) -> tuple[int, ...]:
    """Ports of the loopback interface that nobody listens on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return tuple(one.getsockname()[1] for one in held)
    finally:
        for one in held:
            one.close()


def _main(folder: Path, sink: int) -> dict[str, str]:
    return {
        "compatibility_level": "3.6",
        "queue_directory": f"{folder}/queue",
        "data_directory": f"{folder}/data",
        "maillog_file": f"{folder}/log",
        "maillog_file_prefixes": f"{folder}",
        "myhostname": "mail.example",
        "mydestination": "",
        "mynetworks": "0.0.0.0/0",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "default_transport": f"smtp:[127.0.0.1]:{sink}",
        "relay_transport": f"smtp:[127.0.0.1]:{sink}",
        "smtp_host_lookup": "native",
        "smtp_dns_support_level": "disabled",
        "smtp_line_length_limit": "0",
        "disable_mime_output_conversion": "yes",
        "disable_dns_lookups": "yes",
        "smtpd_client_connection_count_limit": "0",
        "smtpd_client_connection_rate_limit": "0",
        "smtpd_authorized_xclient_hosts": "127.0.0.1",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "smtpd_peername_lookup": "no",
        "smtpd_soft_error_limit": "1000",
        "smtpd_hard_error_limit": "1000",
        "smtpd_error_sleep_time": "0",
        "message_size_limit": "200000000",
        "mailbox_size_limit": "0",
        "header_size_limit": "1024000",
        "alias_maps": "",
        "alias_database": "",
        "local_recipient_maps": "",
        "minimal_backoff_time": "1s",
        "maximal_backoff_time": "2s",
        "queue_run_delay": "1s",
        "in_flow_delay": "0",
    }


def _write(
    folder: Path, settings: Mapping[str, str], listeners: list[tuple[int, Mapping[str, str]]], services: str
) -> None:
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    (folder / "log").touch()
    shutil.chown(folder / "data", "postfix")
    (folder / "etc" / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    lines = []
    for port, own in listeners:
        lines.append(f"127.0.0.1:{port} inet n - n - - smtpd\n")
        lines += [f"    -o {{ {name} = {value} }}\n" for name, value in own.items()]
    (folder / "etc" / "master.cf").write_text("".join(lines) + _MASTER + services)


@contextmanager
def _master(instance: Postfix) -> Iterator[None]:
    """The process that starts all others, in a group of its own, so that nothing of it is left behind."""
    with (instance.folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [_program("postfix"), "-c", instance.folder / "etc", "start-fg"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_for(instance, process)
        yield
    finally:
        with suppress(OSError, ValueError):
            os.kill(int((instance.folder / "queue" / "pid" / "master.pid").read_text()), signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(instance: Postfix, process: subprocess.Popen[bytes]) -> None:
    """Returns when every SMTP server takes connections."""
    end = time.monotonic() + TIMEOUT
    for port in instance.ports:
        while True:
            with suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=TIMEOUT):
                break
            said = "".join((instance.folder / one).read_text("utf-8", "replace") for one in ("output", "log"))
            assert process.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.02)


def _program(name: str) -> str:
    found = shutil.which(name, path=_search_path())
    assert found, name
    return found


def _search_path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
