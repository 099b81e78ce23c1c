"""A service from outside: it starts, reloads, stops and is killed, and says so to the operator and to systemd."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CAP = 60.0
SAMPLE = Path(__file__).parent / "sample_service.py"
MAIL = b"From: a@mill.example\r\nSubject: FREE MONEY NOW!!!\r\n\r\nClick here\r\n"


@dataclass
class Service:
    """The sample service, running."""

    process: subprocess.Popen[str]
    path: Path
    lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def read(self) -> None:
        """Takes what it says until the last process that can say something has ended."""
        for line in self.process.stderr or ():
            self.lines.put(line)

    def until(self, said: str) -> None:
        """Waits for a line on standard error with that text."""
        while said not in self.lines.get(timeout=CAP):
            pass

    def sent(self, data: bytes) -> socket.socket:
        """A connection over which `data` was sent, its end not."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(CAP)
        client.connect(str(self.path))
        client.sendall(data)
        return client

    def asked(self, data: bytes = MAIL) -> str:
        """The answer to one message."""
        return finished(self.sent(data))

    def stopped(self, number: int = signal.SIGTERM) -> int:
        """The exit code after that signal."""
        self.process.send_signal(number)
        return self.process.wait(CAP)


def finished(client: socket.socket) -> str:
    """The answer to what was sent over `client`."""
    with client:
        client.shutdown(socket.SHUT_WR)
        return client.makefile().read()


@contextmanager
def service(folder: Path, **environ: str) -> Iterator[Service]:
    """The sample service, which judges by folder/warn-at; nothing of it is left at the end."""
    (folder / "warn-at").write_text("20")
    path = folder / "s"
    process = subprocess.Popen(
        [sys.executable, SAMPLE, folder / "warn-at", f"unix:{path}"],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
        start_new_session=True,
    )
    found = Service(process, path)
    reader = threading.Thread(target=found.read)
    reader.start()
    try:
        found.until(f"spamlint: listening on unix:{path}")
        yield found
        process.wait(CAP)
        reader.join(CAP)
        assert not reader.is_alive()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops(number: int, tmp_path: Path) -> None:
    with service(tmp_path) as running:
        assert running.asked() == "accept warn\n"
        assert running.path.stat().st_mode & 0o777 == 0o640
        assert running.stopped(number) == 0
    assert not running.path.exists()


def test_what_was_accepted_is_finished(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        begun = running.sent(MAIL)
        assert running.asked() == "accept warn\n"  # the service has accepted the connection before it, too
        running.process.send_signal(signal.SIGTERM)
        running.until("stopping: what was accepted is finished")
        assert finished(begun) == "accept warn\n"
        assert running.process.wait(CAP) == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with service(tmp_path) as running, running.sent(MAIL):
        assert running.asked()
        running.process.send_signal(signal.SIGTERM)
        running.until("stopping: what was accepted is finished")
        assert running.stopped() == 0


def test_new_settings_are_taken_and_broken_ones_are_not(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        (tmp_path / "warn-at").write_text("0")
        running.process.send_signal(signal.SIGHUP)
        running.until("new settings and rules are in use")
        assert running.asked(b"Subject: Honey\n\nDoors open at seven.\n") == "accept warn\n"
        (tmp_path / "warn-at").write_text("many")
        running.process.send_signal(signal.SIGHUP)
        running.until("warn-at: must be a number, not 'many'")
        running.until("the new settings cannot be used; the old ones stay")
        assert running.asked(b"Subject: Honey\n\nDoors open at seven.\n") == "accept warn\n"
        assert running.stopped() == 0


def test_a_killed_service_leaves_no_process_and_can_start_again(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        assert running.asked()
        assert running.stopped(signal.SIGKILL) == -signal.SIGKILL
    assert running.path.is_socket()  # nobody was left to remove it
    with service(tmp_path) as again:
        assert again.asked() == "accept warn\n"
        assert again.stopped() == 0


def test_two_programs_do_not_share_an_address(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        second = subprocess.run(
            [sys.executable, SAMPLE, tmp_path / "warn-at", f"unix:{running.path}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=CAP,
        )
        assert second.returncode == 2
        assert second.stderr.startswith(f"spamlint: --listen unix:{running.path}: another program listens there")
        assert running.asked()
        assert running.stopped() == 0


def test_systemd_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(CAP)

        def until(said: str) -> str:
            end = time.monotonic() + CAP
            while said not in (told := manager.recv(4096).decode()):
                assert time.monotonic() < end, f"{said} was never told"
            return told

        watch = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"}
        with service(tmp_path, **watch) as running:
            until("READY=1")
            until("WATCHDOG=1")
            running.process.send_signal(signal.SIGHUP)
            assert "MONOTONIC_USEC=" in until("RELOADING=1")
            assert until("STATUS=") == "STATUS=new settings and rules are in use"
            until("READY=1")
            running.process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
