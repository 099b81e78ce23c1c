"""The log: one line of JSON for each message, without its content and, unless asked for, without addresses.

{"time": "2026-11-23T21:40:01.123Z", "id": "4f1c...", "hook": "milter", "action": "reject", "wanted": "reject", ...}
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.settings import LogSettings

MOST_RULES = 50
"""Rules that one line names."""
MOST_RECIPIENTS = 50
LONGEST_TEXT = 300
"""Code points of one text from outside."""


def line(decision: Decision, envelope: Envelope, *, at: float, seconds: float, addresses: bool = False) -> str:
    """The line about one message, with its line end. `at` is the time (POSIX) at which it came."""
    report = decision.report
    row: dict[str, Any] = {
        "time": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "id": decision.report_id,
        "hook": envelope.hook,
        "queue_id": envelope.queue_id[:LONGEST_TEXT],
        "action": decision.action,
        "wanted": decision.wanted,
        "spared": decision.spared,
        "route": decision.route,
        "unjudged": decision.unjudged,
        "override": decision.override[:LONGEST_TEXT],
        "override_refused": decision.override_refused,
        "ms": round(seconds * 1000, 1),
    }
    if report is not None:
        row["verdict"] = report.outcome
        row["score"] = report.score / 10
        row["incomplete"] = report.incomplete
        row["rules"] = [finding.rule for finding in report.findings[:MOST_RULES]]
    if addresses:
        row["sender"] = envelope.sender[:LONGEST_TEXT]
        row["recipients"] = [recipient[:LONGEST_TEXT] for recipient in envelope.recipients[:MOST_RECIPIENTS]]
        row["client"] = envelope.client[:LONGEST_TEXT]
        row["user"] = envelope.user[:LONGEST_TEXT]
    kept = {key: value for key, value in row.items() if value not in ("", None)}
    # JSON escapes all that is not ASCII, and every control but this one.
    return json.dumps(kept).replace("\x7f", "\\u007f") + "\n"


def parsed(line: str) -> Mapping[str, Any] | None:
    """The row in a line of a log; None where it is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and "id" in row and "action" in row else None


@dataclass(slots=True)
class Log:
    """Where the lines go: a file, which `reopen` opens again after it was moved away, or standard error.

    A line that cannot be written is counted in `lost` and told on standard error once: mail does not wait for it.
    """

    settings: LogSettings
    lost: int = 0
    _file: int | None = field(default=None, repr=False)

    def reopen(self) -> None:
        """Opens the file, at the start and whenever it was moved away. OSError where it cannot be written."""
        if self.settings.file is not None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            new = os.open(self.settings.file, flags, 0o640)
            self.close()
            self._file = new

    def close(self) -> None:
        """Closes the file; what is written later goes nowhere."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def told(self, decision: Decision, envelope: Envelope, *, at: float, seconds: float) -> None:
        """Writes the line about one message."""
        said = line(decision, envelope, at=at, seconds=seconds, addresses=self.settings.addresses)
        if self.settings.file is None:
            with suppress(OSError, ValueError):  # there is nowhere left to say it
                sys.stderr.write(said)
                sys.stderr.flush()
            return
        try:
            if self._file is None:
                raise OSError("it is not open")  # noqa: TRY301 - one way for all that goes wrong
            os.write(self._file, said.encode("ascii"))  # in one piece, so that several writers can share the file
        except OSError as error:
            self.lost += 1
            if self.lost == 1:
                with suppress(OSError, ValueError):
                    sys.stderr.write(f"spamlint: {self.settings.file}: the log cannot be written: {error}\n")
