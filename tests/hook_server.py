"""A hook in this process, whose guard judges here or does as a test says; and a hook as a process of its own."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

from service_thread import TIMEOUT, served

from spamlint import ruleset
from spamlint.guard.decision import Decision, Reply
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.inline import Inline, inline
from spamlint.guard.metrics import Metrics, NoMetrics, metrics
from spamlint.guard.settings import Budget, Settings
from spamlint.rule import Rule
from spamlint.verdict import Policy

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
MOST = 1_000_000
STRICT = Settings(Policy(block_at=30), enforcement="reject", budget=Budget(message=MOST))
BAD = (EXAMPLES / "deceptive-links.eml").read_bytes()
GOOD = (EXAMPLES / "good-plain.eml").read_bytes()
LINES = ("This message could not be checked.", "Report 1")
SCRIPT = {
    b"tempfail": Decision("tempfail", "1", "tempfail", Reply(451, "4.7.1", LINES), unjudged="busy"),
    b"refused": Decision("reject", "1", "reject", Reply(550, "5.7.1", LINES), unjudged="timeout"),
    b"passed": Decision("accept", "1", "accept", unjudged="timeout"),
    b"held": Decision("quarantine", "1", "quarantine", add=(("X-Spamlint-Verdict", "block"),)),
}
"""What becomes of a message that starts with `Subject: KEY`; any other one is judged."""

Serve = Callable[[Guard, Sequence[socket.socket], asyncio.Event], Awaitable[None]]


@cache
def rules() -> tuple[Rule, ...]:
    return ruleset.load(whole=False)


@dataclass
class ScriptedGuard:
    """Decides by the subject of a message. One that says `slow` waits for `release`; `fail` fails."""

    settings: Settings = STRICT
    asked: list[tuple[Envelope, bytes]] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    is_well: bool = True
    metrics: Metrics | NoMetrics = field(default_factory=metrics)
    deciding: Inline | None = None

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        self.asked.append((envelope, data))
        subject = re.split(rb"\r?\n", data.partition(b"Subject: ")[2], maxsplit=1)[0]
        if subject == b"slow":
            self.waiting.set()
            await asyncio.to_thread(self.release.wait, TIMEOUT)
        if subject == b"fail":
            raise RuntimeError("on purpose")
        if self.deciding is None:
            self.deciding = inline(self.settings, rules())
        decision = SCRIPT.get(subject) or self.deciding.decide(envelope, data)
        self.metrics.judged(decision, envelope, 0.1)
        return decision

    async def works(self) -> bool:
        return self.is_well

    @property
    def guard(self) -> Guard:
        return cast(Guard, self)


@dataclass
class Hook:
    """A hook that runs."""

    port: int
    guard: ScriptedGuard
    stop: Callable[[], None]
    """Asks it to stop, and returns when it has."""

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), TIMEOUT)

    def asked(self, data: bytes, *, ends: bool = True) -> bytes:
        """All that it answers to those bytes, after which the client `ends` writing."""
        with self.connect() as client:
            try:
                client.sendall(data)
                if ends:
                    client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has heard enough: what it answers counts
            return received(client)


def received(client: socket.socket) -> bytes:
    """All that comes until the other end closes."""
    found = bytearray()
    try:
        while piece := client.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return bytes(found)


@contextmanager
def running(serve: Serve, guard: ScriptedGuard | None = None) -> Iterator[Hook]:
    """A hook on a port of the loopback interface, in a thread of its own."""
    guard = guard or ScriptedGuard()

    async def start(listener: socket.socket, stopping: asyncio.Event) -> None:
        await serve(guard.guard, [listener], stopping)

    with served(start, guard.release) as (port, stop):
        yield Hook(port, guard, stop)


@dataclass
class Program:
    """A command that serves, as an operator runs it."""

    process: subprocess.Popen[str]
    address: str
    """Behind "listening on"."""

    @property
    def port(self) -> int:
        return int(self.address.partition(":")[2].partition("@")[0])

    def stopped(self) -> int:
        """The exit code after it was asked to stop."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)


@contextmanager
def program(*arguments: str) -> Iterator[Program]:
    """`spamlint` with those arguments, when it listens; it is gone at the end."""
    command = [sys.executable, "-m", "spamlint", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert "listening on " in said, said + process.stderr.read()
        draining = threading.Thread(target=process.stderr.read, daemon=True)
        draining.start()
        try:
            yield Program(process, said.strip().partition("listening on ")[2])
        finally:
            process.terminate()
            process.wait(TIMEOUT)
            draining.join(TIMEOUT)


def complaint(*arguments: str) -> str:
    """What `spamlint` with those arguments complains of, with exit code 2."""
    command = [sys.executable, "-m", "spamlint", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr
