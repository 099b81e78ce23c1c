"""The guard: the one place where a hook asks what becomes of a message."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from spamlint.guard.decision import Decision, Reply
from spamlint.guard.envelope import Envelope
from spamlint.guard.settings import Settings
from spamlint.linter import Linter
from spamlint.message import Message
from spamlint.report.data import FileReport, file_report


@dataclass(slots=True)
class Guard:
    """Judges the messages of all hooks in one program, by its settings.

    `start` before the first message, `close` after the last one: it finishes what it has begun. All methods belong to
    one event loop.
    """

    settings: Settings
    linter: Linter | None = None

    async def start(self) -> None:
        """Loads the rules and starts what judges."""
        self.linter = await asyncio.to_thread(Linter, self.settings.policy)

    async def decide(self, envelope: Envelope, data: bytes) -> Decision:
        """What becomes of the message in `data`, the bytes of a whole message with any line ends. Never raises."""
        report_id = secrets.token_hex(6)
        if not (envelope.is_asked or envelope.user):
            return Decision("accept", report_id, "accept", unjudged="not-a-submission")
        report = await asyncio.to_thread(self._judged, data)
        add = (("X-Spamlint-Verdict", report.outcome), ("X-Spamlint-Report", report_id))
        if report.outcome != "block":
            return Decision("accept", report_id, "accept", add=add, report=report)
        if self.settings.enforcement != "reject":
            return Decision("accept", report_id, "reject", add=add, report=report)
        lines = ("This message looks like spam:", *(finding.rule for finding in report.findings[:3]))
        return Decision("reject", report_id, "reject", Reply(550, "5.7.1", lines), report=report)

    async def reload(self, settings: Settings) -> None:
        """Judges by other settings from now on; SpamlintError where they cannot be used, and the old ones stay."""
        self.linter = await asyncio.to_thread(Linter, settings.policy)
        self.settings = settings

    async def close(self) -> None:
        """Finishes what was begun, and ends what judges."""

    def _judged(self, data: bytes) -> FileReport:
        assert self.linter is not None
        message = Message.from_bytes(data)
        return file_report(self.linter.check(message), message.source, None, "en")
