"""Judges that do what a message tells them: what hostile mail and broken checks do to a worker."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from spamlint.errors import ConfigError
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import Incoming
from spamlint.guard.judge import Judge, Judged
from spamlint.guard.settings import DEFAULT_ROUTE
from spamlint.report.data import FileReport

KEPT: list[bytes] = []
"""What a judge keeps from one message to the next, as a leak does."""


@dataclass(frozen=True)
class BadTask:
    """Gives such a judge; `name` stands in its reports."""

    name: str = "one"
    problem: str = ""
    """Why there is none."""

    def __call__(self) -> Judge:
        if self.problem == "exit":
            os._exit(7)
        if self.problem:
            raise ConfigError(self.problem)
        return self.judge

    def judge(self, envelope: Envelope, data: bytes) -> Judged:
        """Does what the first word of the message says."""
        word, _, rest = data.partition(b" ")
        if word in ACTS:
            ACTS[word](rest)
        return Judged(Incoming(), ((DEFAULT_ROUTE, report(f"{self.name} for {envelope.user}", data)),))


def hang(_: bytes) -> None:
    """Takes all the time there is."""
    while True:
        pass


def flood(_: bytes) -> None:
    """Talks without end."""
    while True:
        channel().sendall(bytes(1_000_000))


def fail(_: bytes) -> None:
    """Fails as a broken check would, if it were not in the rule loop."""
    raise RuntimeError("with a secret of the mail")


def say(rest: bytes) -> None:
    """Says this in place of an answer."""
    channel().sendall(rest)
    time.sleep(3600)


ACTS: dict[bytes, Callable[[bytes], object]] = {
    b"hang": hang,
    b"sleep": lambda _: time.sleep(3600),
    b"grow": lambda rest: len(bytes(int(rest))),
    b"keep": lambda rest: KEPT.append(bytes(int(rest))),
    b"die": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    b"raise": fail,
    b"gate": lambda rest: Path(os.fsdecode(rest)).read_bytes(),  # which the test writes to when it wants
    b"say": say,
    b"flood": flood,
}


def channel() -> socket.socket:
    """The socket to the guard: a worker has no other."""
    numbers = [int(each.name) for each in Path("/proc/self/fd").iterdir() if each.is_socket()]
    return socket.socket(fileno=os.dup(max(numbers)))


def report(name: str, data: bytes) -> FileReport:
    """A report without findings; the path says who has judged what."""
    return FileReport(f"{name}: {len(data)}", None, "pass", False, 0, 20, 50, "message", ())
