"""The guard's end of one worker: it is asked about one message at a time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from spamlint.guard.envelope import Envelope
from spamlint.guard.line import Line
from spamlint.guard.nursery import Nursery
from spamlint.guard.wire import HEAD, Answer, GarbageError, request, size_of, unpacked

NICE = 10
"""How far a slow worker stays behind the others: it gets about a tenth of the processor time of each of them."""


@dataclass(slots=True, eq=False)
class Hand:
    """A worker. It is free, or busy with one message, until it has ended."""

    nursery: Nursery
    answered: Callable[[Hand, Answer], None]
    ended: Callable[[Hand], None]
    """Is called once when the worker is gone, or is killed because it says what no worker says; not after `end`."""
    line: Line = field(init=False)
    number: int = field(init=False)
    process: int = 0
    """0 until it has said so."""
    is_busy: bool = False
    has_worked: bool = False
    """Whether it was ever given a message."""
    before: float = 0.0
    """Processor time that it had taken when it was given its message."""
    heard: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.number, channel = self.nursery.fork()
        self.line = Line(asyncio.get_running_loop(), channel, self._hear, self._lose)

    def ask(self, envelope: Envelope, data: bytes) -> None:
        """Gives it a message to judge."""
        self.is_busy = self.has_worked = True
        self.before = _processor_seconds(self.process)
        self.line.send(request(envelope, len(data)), data)

    def dismiss(self) -> None:
        """Ends it; one that is free ends by itself."""
        if self.is_busy:
            self.kill()
        self.line.close()

    @property
    def processor_seconds(self) -> float:
        """Processor time that it has taken for its message; 0 where the system does not tell."""
        return _processor_seconds(self.process) - self.before

    def yield_to_others(self) -> None:
        """Leaves the processor to others from now on, where they want it."""
        if self.process:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.process, os.getpriority(os.PRIO_PROCESS, 0) + NICE)

    def kill(self) -> None:
        """Ends it, whatever it does."""
        self.line.close()
        if self.nursery.line.is_open:
            self.nursery.kill(self.number)
        elif self.process:
            with suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)

    def _hear(self, data: bytes) -> None:
        self.heard += data
        if not self.process:
            if len(self.heard) < HEAD:
                return
            self.process = int.from_bytes(self.heard[:HEAD], "big")
            del self.heard[:HEAD]
        try:
            answer = self._answer()
        except GarbageError:
            self.kill()
            self.ended(self)
            return
        if answer is not None:
            self.is_busy = False
            self.answered(self, answer)

    def _answer(self) -> Answer | None:
        """The answer that was heard, when it is whole."""
        if not self.heard:
            return None
        if not self.is_busy or self.line.rest:
            raise GarbageError("an answer that nobody has asked for, or before the message was read")
        size = size_of(self.heard)
        if size is None or len(self.heard) < size:
            return None
        if len(self.heard) > size:
            raise GarbageError("more than an answer")
        answer = unpacked(self.heard[HEAD:])
        self.heard.clear()
        return answer

    def _lose(self) -> None:
        self.ended(self)


def _processor_seconds(process: int) -> float:
    """The processor time of a process of our own, by its clock (clock_getcpuclockid(3), as Linux numbers them)."""
    if not process or sys.platform != "linux":
        return 0.0
    with suppress(OSError):
        return time.clock_gettime((~process << 3) | 2)
    return 0.0
