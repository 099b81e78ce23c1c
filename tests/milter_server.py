"""A milter in this process whose guard decides as a test says, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from service_thread import TIMEOUT, served

from spamlint.guard.decision import Decision, Reply
from spamlint.guard.envelope import Envelope
from spamlint.guard.guard import Guard
from spamlint.guard.settings import Settings
from spamlint.hooks.milter.server import Options, serve

LINES = ("This message looks like spam:", "100% sure of links/hidden", "Take the link out. Report 0a1b2c3d")
TAG = ("X-Spamlint-Verdict", "warn")
DECISIONS = {
    b"reject": Decision("reject", "0a1b2c3d", "reject", Reply(550, "5.7.1", LINES)),
    b"tempfail": Decision("tempfail", "1", "tempfail", Reply(451, "4.7.1", ("Try again in a minute",))),
    b"quarantine": Decision("quarantine", "1", "quarantine", add=(TAG,), quarantine="looks like spam"),
    b"tag": Decision("accept", "1", "reject", add=(TAG, ("X-Spamlint-Score", "7.5"))),
    b"strip": Decision("accept", "1", "accept", (None), (("X-Spamlint-Verdict", 1), ("X-Spamlint-Verdict", 2)), (TAG,)),
}
"""What becomes of a message with `Subject: KEY`; any other one is accepted as it is."""


@dataclass
class ScriptedGuard:
    """Decides by the subject of a message. One that says `slow` waits for `release`; `fail` fails."""

    settings: Settings = field(default_factory=Settings)
    asked: list[tuple[Envelope, bytes]] = field(default_factory=list)
    waiting: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        self.asked.append((envelope, data))
        subject = data.partition(b"Subject: ")[2].partition(b"\r\n")[0]
        if subject == b"slow":
            self.waiting.set()
            await asyncio.to_thread(self.release.wait, TIMEOUT)
        if subject == b"fail":
            raise RuntimeError("on purpose")
        if not envelope.user:
            return Decision("accept", "1", "accept", unjudged="not-a-submission")
        return DECISIONS.get(subject, Decision("accept", "1", "accept"))


@dataclass
class Milter:
    """A milter that runs."""

    port: int
    guard: ScriptedGuard
    stop: Callable[[], None]
    """Asks it to stop, and returns when it has."""


@contextmanager
def running(options: Options | None = None, guard: ScriptedGuard | None = None, port: int = 0) -> Iterator[Milter]:
    """A milter on a port of the loopback interface, in a thread of its own."""
    guard = guard or ScriptedGuard()
    trusted = cast(Guard, guard)

    async def start(listener: socket.socket, stopping: asyncio.Event) -> None:
        await serve(trusted, [listener], stopping, options)

    with served(start, guard.release, port) as (found, stop):
        yield Milter(found, guard, stop)
