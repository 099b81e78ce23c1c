"""The guard: the one place where a hook asks what becomes of a message."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from spamlint.guard.decision import Decision, Reply
from spamlint.guard.envelope import Envelope
from spamlint.guard.judges import linter_task
from spamlint.guard.pool import Pool
from spamlint.guard.settings import Settings


@dataclass(slots=True)
class Guard:
    """Judges the messages of all hooks in one program, by its settings.

    `start` before the first message, `close` after the last one: it finishes what it has begun. All methods belong to
    one event loop.
    """

    settings: Settings
    tell: Callable[[str], None] = field(default=lambda _: None)
    """Is told what an operator should know and what no message leads to."""
    pool: Pool | None = None
    retiring: set[asyncio.Task[None]] = field(default_factory=set)
    """Pools with older rules that finish what they have."""

    async def start(self) -> None:
        """Loads the rules and starts what judges; ConfigError where the rules cannot be used."""
        self.pool = await self._started(self.settings)

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        """What becomes of the message in `data`, the bytes of a whole message with any line ends. Never raises."""
        report_id = secrets.token_hex(6)
        if not (envelope.is_asked or envelope.user):
            return Decision("accept", report_id, "accept", unjudged="not-a-submission")
        assert self.pool is not None
        judged = await self.pool.judge("default", data)
        report = judged.report
        if report is None:
            return Decision("tempfail", report_id, "tempfail", unjudged=judged.reason or "")
        add = (("X-Spamlint-Verdict", report.outcome), ("X-Spamlint-Report", report_id))
        if report.outcome != "block":
            return Decision("accept", report_id, "accept", add=add, report=report)
        if self.settings.enforcement != "reject":
            return Decision("accept", report_id, "reject", add=add, report=report)
        lines = ("This message looks like spam:", *(finding.rule for finding in report.findings[:3]))
        return Decision("reject", report_id, "reject", Reply(550, "5.7.1", lines), report=report)

    async def reload(self, settings: Settings) -> None:
        """Judges by other settings and rules from now on; ConfigError where they cannot be used, and the old ones stay.

        No message is lost: those that have begun or wait are judged by the old rules, all others by the new ones.
        """
        fresh = await self._started(settings)
        old, self.pool, self.settings = self.pool, fresh, settings
        if old is not None:
            task = asyncio.create_task(old.close())
            self.retiring.add(task)
            task.add_done_callback(self.retiring.discard)

    async def close(self) -> None:
        """Finishes what was begun, and ends what judges."""
        if self.pool is not None:
            await self.pool.close()
        await asyncio.gather(*self.retiring)

    async def _started(self, settings: Settings) -> Pool:
        policies = {"default": settings.policy}
        task = linter_task(policies, settings.rule_packs, "en", settings.budget.message)
        size = settings.workers or _cores()
        pool = Pool(task, tuple(policies), settings.budget, size, settings.queue, self.tell)
        await pool.start()
        return pool


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
