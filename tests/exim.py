"""An Exim of its own for tests. SPAMLINT_EXIM names its program, which may lie where a package was unpacked."""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import postfix
import pytest

TIMEOUT = 60.0
USER = "Debian-exim"


@dataclass(frozen=True)
class Exim:
    """An Exim that runs."""

    port: int
    folder: Path

    @property
    def log(self) -> str:
        """Everything that it has logged."""
        return "".join(each.read_text("utf-8", "replace") for each in sorted((self.folder / "log").iterdir()))

    def sent(self, mail: bytes) -> tuple[int, str]:
        """The code and the text that a client is told in the end."""
        with smtplib.SMTP("127.0.0.1", self.port, "client.example", TIMEOUT) as client:
            client.ehlo()
            client.mail("a@client.example")
            client.rcpt("b@there.example")
            code, text = client.data(mail)
        return code, text.decode("utf-8", "replace")


@contextmanager
def running(acl: str, main: str) -> Iterator[Exim]:
    """An Exim with those lines of its configuration: of the ACL for DATA, and of the main section.

    It skips the test where there is none, and delivers nothing.
    """
    binary, environment = _found()
    (port,) = postfix.free_ports(1)
    with tempfile.TemporaryDirectory(prefix="spamlint-exim-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("spool", "log"):
            (folder / part).mkdir()
            shutil.chown(folder / part, USER)
        (folder / "exim.conf").write_text(_CONFIG.format(folder=folder, port=port, main=main, acl=acl))
        command = [str(binary), "-C", str(folder / "exim.conf"), "-bdf"]
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=folder)
        try:
            _wait(port, process, folder / "output")
            yield Exim(port, folder)
        finally:
            process.terminate()
            process.wait(TIMEOUT)


_CONFIG = """
primary_hostname = mail.example
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
keep_environment = LD_LIBRARY_PATH
queue_only
acl_smtp_rcpt = accept
acl_smtp_data = check_data
{main}
begin acl
check_data:
{acl}
"""


def _found() -> tuple[Path, dict[str, str]]:
    named = os.environ.get("SPAMLINT_EXIM") or shutil.which("exim4")
    if not named or not Path(named).is_file():
        pytest.skip("no Exim: SPAMLINT_EXIM does not name its program")
    if os.geteuid() != 0:
        pytest.skip("Exim starts as root only")
    try:
        pwd.getpwnam(USER)
    except KeyError:
        pytest.skip(f"Exim needs the user {USER}")
    binary = Path(named)
    libraries = [binary.parents[2] / "usr" / "lib", *(binary.parents[2] / "usr" / "lib").glob("*-linux-gnu")]
    environment = {"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": ":".join(map(str, libraries))}
    tried = subprocess.run([named, "-bV"], env=environment, capture_output=True, text=True, check=False)
    if "Content_Scanning" not in tried.stdout:
        pytest.skip(f"{named} does not start, or cannot ask spamd: {tried.stderr.strip()[:200]}")
    return binary, environment


def _wait(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    """Returns when it greets clients."""
    end = time.monotonic() + TIMEOUT
    while True:
        assert process.poll() is None, output.read_text("utf-8", "replace")
        try:
            smtplib.SMTP("127.0.0.1", port, "client.example", TIMEOUT).quit()
        except (OSError, smtplib.SMTPException):
            assert time.monotonic() < end, output.read_text("utf-8", "replace")
            time.sleep(0.05)
        else:
            return
