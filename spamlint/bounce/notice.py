"""What was read of one input: who was refused, and the words of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "dsn", "returned", "reply", "log", "complaint", "dmarc-report", "tls-report", "auto-reply", "other"
]
"""A DSN by the standard, a returned message of another form, a pasted reply, log lines, and so on."""
Action: TypeAlias = Literal["failed", "delayed", "delivered"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was said about one recipient."""

    text: str
    """The diagnostic in one line, "" where there is none."""
    recipient: str = ""
    status: str = ""
    """The enhanced status code, as 5.1.1."""
    server: str = ""
    """Who said it, as far as that is known."""
    action: Action = "failed"
    more: tuple[str, ...] = ()
    """Further texts that may say why, the best first."""


@dataclass(frozen=True, slots=True)
class Original:
    """The message that was refused, as far as the notice holds it."""

    data: bytes
    offset: int = 0
    line: int = 1
    """Where it starts in the file, if it stands there as it is."""
    is_whole: bool = True
    """Whether more than its headers is there."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One input."""

    kind: Kind
    refusals: tuple[Refusal, ...] = ()
    original: Original | None = None
    facts: tuple[tuple[str, str], ...] = field(default=())
    """What a report counts, by the keys of `bounce.words`."""
    limits: tuple[str, ...] = ()
    """The names of limits that were reached."""
