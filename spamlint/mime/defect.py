"""What is wrong with a message, as data."""

from __future__ import annotations

from dataclasses import dataclass

from spamlint.source import Text


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong. `text` says where: zero-width where something is missing, None for the whole message."""

    code: str
    text: Text | None
