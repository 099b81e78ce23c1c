"""Decisions in the process of the caller, for programs that send mail themselves: one message after another.

There is no budget of time or memory here: what hangs or grows does so in the caller. Servers use `guard.guard`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from spamlint.guard.answer import Heed, decided, unjudged, untouched
from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.judge import Judge, judge_of
from spamlint.guard.log import Log
from spamlint.guard.override import Clock, Used, heeding
from spamlint.guard.routes import is_submission
from spamlint.guard.settings import Settings
from spamlint.rule import Rule


@dataclass(frozen=True, slots=True)
class Inline:
    """What decides; made by `inline`, once for many messages."""

    settings: Settings
    judge: Judge
    log: Log | None
    heed: Heed | None
    clock: Clock

    def decide(self, envelope: Envelope, data: bytes) -> Decision:
        """What becomes of the message in `data`, the bytes of a whole message with any line ends."""
        begun = time.perf_counter()
        decision = self._decided(envelope, data, secrets.token_hex(6))
        self.tell(decision, envelope, time.perf_counter() - begun)
        return decision

    def tell(self, decision: Decision, envelope: Envelope, seconds: float) -> None:
        """Writes the line about a message that was decided on within so many seconds. Nobody tells a program that its
        log was moved away, so that it is opened anew each time."""
        if self.log is not None:
            with suppress(OSError):  # then it goes on in the file that was open before
                self.log.reopen()
            self.log.told(decision, envelope, at=self.clock() - seconds, seconds=seconds)

    def _decided(self, envelope: Envelope, data: bytes, report_id: str) -> Decision:
        if not is_submission(self.settings, envelope):
            return untouched(report_id)
        if len(data) > self.settings.budget.message:
            return unjudged(self.settings, envelope, data, report_id, "over-limit")
        return decided(self.settings, envelope, self.judge(envelope, data), report_id, self.heed)

    def close(self) -> None:
        """Closes the log."""
        if self.log is not None:
            self.log.close()


def inline(settings: Settings, rules: Sequence[Rule] | None = None, *, clock: Clock = time.time) -> Inline:
    """What decides by these settings. The log is written where the settings name a file; standard error is left to
    the program. OSError where that file cannot be opened."""
    log = Log(settings.log) if settings.log.file is not None else None
    if log is not None:
        log.reopen()
    used = Used(settings.override.used_file if settings.override is not None else None)
    return Inline(settings, judge_of(settings, rules), log, heeding(settings.override, used, clock), clock)


def decide(settings: Settings, envelope: Envelope, data: bytes) -> Decision:
    """What becomes of one message. For several make `inline(settings)` once: it loads the rules."""
    deciding = inline(settings)
    try:
        return deciding.decide(envelope, data)
    finally:
        deciding.close()
