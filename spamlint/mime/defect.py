"""What is wrong with a message, as data."""

from __future__ import annotations

from typing import NamedTuple

from spamlint.source import Text


class Defect(NamedTuple):
    """One thing that is wrong. `text` says where: zero-width where something is missing, None for the whole message."""

    code: str
    text: Text | None
