"""What all integrations share: a message goes through, changed as the settings ask for, or an error says why not.

The error is that of the standard library for a refusal by a mail server, which programs that send mail already know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from smtplib import SMTPDataError
from threading import Lock

from spamlint.errors import ConfigError
from spamlint.guard.config import load
from spamlint.guard.decision import Decision
from spamlint.guard.envelope import Envelope
from spamlint.guard.fields import applied
from spamlint.guard.inline import Inline, inline
from spamlint.guard.settings import ENFORCEMENTS


@dataclass(frozen=True, slots=True)
class Gate:
    """Judges messages by one set of settings, one at a time. Made by `gate`."""

    deciding: Inline
    lock: Lock = field(default_factory=Lock, compare=False)

    def decide(self, sender: str, recipients: Sequence[str], data: bytes) -> Decision:
        """What becomes of a message that this program sends. SMTPDataError where it may not go out."""
        with self.lock:
            decision = self.deciding.decide(Envelope("library", sender, tuple(recipients), is_asked=True), data)
        if decision.action == "accept":
            return decision
        reply = decision.reply
        assert reply is not None
        said = "\n".join(f"{reply.status} {line}" for line in reply.lines)
        raise SMTPDataError(reply.code, said.encode("ascii"))

    def passed(self, sender: str, recipients: Sequence[str], data: bytes) -> bytes:
        """The message as it goes out. SMTPDataError where it may not."""
        return applied(data, self.decide(sender, recipients, data))


def gate(config: str | Path | None = None, action: str | None = None) -> Gate:
    """The gate with the settings in `config` (None: the defaults), loaded once until the file changes.

    ConfigError where they cannot be used. `action` goes before that of the settings for mail that no route is for.
    """
    if config is None:
        return _gate(None, 0, action)
    file = Path(config).absolute()
    try:
        return _gate(file, file.stat().st_mtime_ns, action)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


def reasons(refused: SMTPDataError) -> list[str]:
    """What a refusal says, line by line, for the person who wrote the message."""
    said = refused.smtp_error
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    return [line.partition(" ")[2] for line in text.split("\n")]


@lru_cache(maxsize=8)
def _gate(file: Path | None, modified: int, action: str | None) -> Gate:  # noqa: ARG001 - a changed file is another one
    chosen = next((one for one in ENFORCEMENTS if one == action), None)
    if action is not None and chosen is None:
        raise ConfigError(f"action: must be one of {', '.join(ENFORCEMENTS)}, not {action!r:.40}")
    return Gate(inline(load(file, enforcement=chosen)))
