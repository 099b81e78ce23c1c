"""What is wrong at one place of an HTML text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spamlint.source import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the mark-up: a code, its place, and what a message about it may name."""

    code: str
    text: Text
    values: Mapping[str, str | int] = field(default_factory=dict)
