"""The guard: the one place where a hook asks what becomes of a message."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from spamlint.errors import ConfigError
from spamlint.guard.answer import Heed, decided, unjudged, untouched
from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.judge import Judged
from spamlint.guard.log import Log
from spamlint.guard.metrics import Metrics, NoMetrics, metrics
from spamlint.guard.override import Used, heeding
from spamlint.guard.pool import Pool, State
from spamlint.guard.routes import is_submission
from spamlint.guard.settings import Settings
from spamlint.guard.task import Task, task_of

_LARGE = 256 * 1024
_SMALL = b"Subject: Are you there?\r\n\r\nHello\r\n"


@dataclass(frozen=True, slots=True)
class _Setup:
    """All that depends on the settings: exchanged as a whole."""

    settings: Settings
    pool: Pool
    log: Log
    used: Used
    heed: Heed | None


@dataclass(slots=True)
class Guard:
    """Judges the messages of all hooks in one program, by its settings.

    `start` before the first message, `close` after the last one: it finishes what it has begun. All methods belong to
    one event loop.
    """

    settings: Settings
    tell: Callable[[str], None] = field(default=lambda _: None)
    """Is told what an operator should know and what no message leads to."""
    task: Callable[[Settings], Task] = task_of
    metrics: Metrics | NoMetrics = field(default_factory=metrics)
    setup: _Setup | None = None
    replaced: Counter[str] = field(default_factory=Counter)
    """How many workers were replaced, by the reason; see `Pool.count`."""
    retiring: set[asyncio.Task[None]] = field(default_factory=set)
    """What finishes with older settings."""

    async def start(self) -> None:
        """Loads the rules and starts what judges; ConfigError where the rules cannot be used."""
        self.setup = await self._started(self.settings)

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        """What becomes of the message in `data`, the bytes of a whole message with any line ends. Never raises."""
        setup, at, begun = self.setup, time.time(), time.perf_counter()
        assert setup is not None
        report_id = secrets.token_hex(6)
        if is_submission(setup.settings, envelope):
            decision = await self._judged(setup, envelope, data, report_id)
        else:
            decision = untouched(report_id)
        seconds = time.perf_counter() - begun
        self.metrics.judged(decision, envelope, seconds)
        assert self.setup is not None
        self.setup.log.told(decision, envelope, at=at, seconds=seconds)  # that of older settings is closed already
        return decision

    @property
    def state(self) -> State:
        """How the workers are at this moment."""
        assert self.setup is not None
        return self.setup.pool.state

    async def works(self) -> bool:
        """Whether the workers judge: one is given a small message, which neither the log nor the figures count."""
        assert self.setup is not None
        judgement = await self.setup.pool.judge(Envelope("library", is_asked=True), _SMALL)
        return isinstance(judgement.said, Judged)

    async def reload(self, settings: Settings) -> None:
        """Judges by other settings and rules from now on; ConfigError where they cannot be used, and the old ones stay.

        No message is lost: those that have begun or wait are judged by the old rules, all others by the new ones.
        """
        fresh = await self._started(settings)
        old, self.setup, self.settings = self.setup, fresh, settings
        if old is not None:
            old.log.close()
            task = asyncio.create_task(old.pool.close())
            self.retiring.add(task)
            task.add_done_callback(self.retiring.discard)

    def reopen(self) -> None:
        """Opens the log again, which may have been moved away; ConfigError where it cannot be written."""
        if self.setup is not None:
            _open(self.setup.log)

    async def close(self) -> None:
        """Finishes what was begun, and ends what judges."""
        if self.setup is not None:
            await self.setup.pool.close()
            self.setup.log.close()
        await asyncio.gather(*self.retiring)

    async def _started(self, settings: Settings) -> _Setup:
        log = Log(settings.log)
        _open(log)
        size = settings.workers or _cores()
        pool = Pool(self.task(settings), settings.budget, size, settings.queue, self.tell, self._count)
        with ExitStack() as undo:
            undo.callback(log.close)
            await pool.start()
            undo.pop_all()
        used = self._used(settings)
        return _Setup(settings, pool, log, used, heeding(settings.override, used, time.time))

    def _count(self, reason: str) -> None:
        self.replaced[reason] += 1
        self.metrics.restarted(reason)

    def _used(self, settings: Settings) -> Used:
        """The tokens of overrides that have counted, which a reload does not forget."""
        file = settings.override.used_file if settings.override is not None else None
        known = self.setup.used if self.setup is not None else None
        return known if known is not None and known.file == file else Used(file)

    async def _judged(self, setup: _Setup, envelope: Envelope, data: bytes, report_id: str) -> Decision:
        self.metrics.waiting(setup.pool.state.waiting)
        judgement = await setup.pool.judge(envelope, data)
        self.metrics.waiting(setup.pool.state.waiting)
        if isinstance(judgement.said, Judged):
            return decided(setup.settings, envelope, judgement.said, report_id, setup.heed)
        answer = partial(unjudged, setup.settings, envelope, data, report_id, judgement.said)
        # It looks for fields of ours, which takes a second in a header of ten megabytes: others must not wait for that.
        return await asyncio.to_thread(answer) if len(data) > _LARGE else answer()


def _open(log: Log) -> None:
    try:
        log.reopen()
    except OSError as error:
        raise ConfigError(f"{log.settings.file}: the log cannot be written: {error.strerror}") from None


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
