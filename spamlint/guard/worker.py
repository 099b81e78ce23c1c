"""The process that judges: one message after the other, within its budget, until nobody asks any more."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

from spamlint.guard.judge import Judge
from spamlint.guard.settings import Budget
from spamlint.guard.wire import HEAD, REQUEST, Answer, envelope_in, packed, requested

LARGE = 16 * 1024 * 1024
"""Bytes of growth from which on memory is given back after a message, which takes some milliseconds."""

_DESCRIPTORS = 64
_SPARE_CPU = 2
"""Seconds of processor time beyond the wall time of a message, after which the system ends a worker whose guard is
gone."""


def work(channel: socket.socket, judge: Judge, budget: Budget) -> None:
    """Answers what comes through `channel` until it is closed. The first that it says is the id of the process."""
    size, trim = _Size(), _trimmer()
    _limit(size, budget)
    channel.sendall(os.getpid().to_bytes(HEAD, "big"))
    while head := _received(channel, REQUEST):
        sizes = requested(head)
        query, data = (_received(channel, size) for size in sizes)
        if query is None or data is None:
            return
        _allow(budget)
        try:
            answer = Answer(judge(envelope_in(query), data), 0)
        except MemoryError:
            answer = Answer(None, 0)
        del data
        if size.grown > LARGE:
            gc.collect()
            trim()
        channel.sendall(packed(answer._replace(grown=size.grown)))


def failed() -> None:
    """Says on standard error where the exception at hand comes from; not its text, which may be that of a mail."""
    kind, _, trace = sys.exc_info()
    if kind is not None:
        frame = traceback.extract_tb(trace)[-1]
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"spamlint: a worker failed: {kind.__name__} in {frame.filename}:{frame.lineno}\n")
            sys.stderr.flush()


@dataclass(slots=True)
class _Size:
    """The memory of this process, where the system tells it."""

    channel: int = -1
    space: int = 0
    """Bytes of address space at the start."""
    resident: int = 0
    """Bytes of memory in use at the start."""

    def __post_init__(self) -> None:
        with contextlib.suppress(OSError):
            self.channel = os.open("/proc/self/statm", os.O_RDONLY)
        self.space, self.resident = self._now()

    @property
    def grown(self) -> int:
        """Bytes more than at the start. Address space that is not in use, which the next message can have, is half."""
        space, resident = self._now()
        return max(0, resident - self.resident, (space - self.space) // 2)

    def _now(self) -> tuple[int, int]:
        if self.channel < 0:
            return 0, 0
        space, resident, *_ = os.pread(self.channel, 64, 0).split()
        return int(space) * resource.getpagesize(), int(resident) * resource.getpagesize()


def _trimmer() -> Callable[[], object]:
    """What gives free memory back to the system, where the C library can do that."""
    try:
        import ctypes

        return partial(ctypes.CDLL(None).malloc_trim, 0)
    except (ImportError, OSError, AttributeError, MemoryError):  # no such function, or a system that forbids ctypes
        return lambda: None


def _limit(size: _Size, budget: Budget) -> None:
    """Takes from this process what it does not need, so that a message can do no harm through it."""
    if size.space:
        _cap(resource.RLIMIT_AS, size.space + budget.memory)
    _cap(resource.RLIMIT_CORE, 0)
    _cap(resource.RLIMIT_FSIZE, 0)
    _cap(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    with contextlib.suppress(OSError):  # where memory runs out, a worker goes before the program that serves
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")


def _cap(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _allow(budget: Budget) -> None:
    """Allows processor time for one more message."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = ceil(used.ru_utime + used.ru_stime + budget.seconds) + _SPARE_CPU
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY or seconds < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


def _received(channel: socket.socket, length: int) -> bytes | None:
    """That many bytes, or None where the other end has closed."""
    data = bytearray(length)
    rest = memoryview(data)
    while rest:
        count = channel.recv_into(rest)
        if not count:
            return None
        rest = rest[count:]
    rest.release()
    return bytes(data)
