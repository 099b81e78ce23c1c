"""The blocks of a template: which directives belong together, which have no partner, and what is an alternative."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from spamlint.template.roles import Part

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
"""Elements that need no end tag."""

_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]*)")


@dataclass(frozen=True, slots=True)
class Choice:
    """The alternatives of one condition, of which a reader gets one: the range of each."""

    branches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A block with what begins each branch, and its end."""

    marks: tuple[Part, ...]
    end: Part

    @property
    def branches(self) -> tuple[tuple[int, int], ...]:
        """The range of each branch that is written."""
        return _ranges((*self.marks, self.end))


@dataclass(frozen=True, slots=True)
class Blocks:
    """What belongs together. `unmatched` are directives without a partner."""

    choices: tuple[Choice, ...]
    unmatched: tuple[Part, ...]
    conditions: tuple[Condition, ...]
    """All blocks, in the order of their ends."""


@dataclass(slots=True)
class _Open:
    part: Part
    middles: list[Part]


def blocks_of(parts: Sequence[Part]) -> Blocks:
    """The blocks that `parts` make up. An end closes the nearest block of its name; what is open inside has no end."""
    waiting: list[_Open] = []
    names: dict[str, int] = {}
    choices: list[Choice] = []
    conditions: list[Condition] = []
    unmatched: list[Part] = []
    for part in parts:
        if part.role == "open":
            waiting.append(_Open(part, []))
            names[part.name] = names.get(part.name, 0) + 1
        elif part.role == "middle" and waiting:
            waiting[-1].middles.append(part)
        elif part.role == "close":
            if not waiting or (part.name and not names.get(part.name)):
                unmatched.append(part)
                continue
            while True:
                block = waiting.pop()
                names[block.part.name] -= 1
                if not part.name or block.part.name == part.name:
                    break
                unmatched.append(block.part)
            conditions.append(Condition((block.part, *block.middles), part))
            if block.middles:
                choices.append(_choice(block, part))
    unmatched.extend(block.part for block in waiting)
    unmatched.sort(key=lambda part: part.directive.start)
    return Blocks(tuple(choices), tuple(unmatched), tuple(conditions))


def _choice(block: _Open, close: Part) -> Choice:
    ranges = _ranges((block.part, *block.middles, close))
    return Choice(ranges[1:] if block.part.name == "case" and len(ranges) > 1 else ranges)


def _ranges(marks: tuple[Part, ...]) -> tuple[tuple[int, int], ...]:
    return tuple((a.directive.end, b.directive.start) for a, b in itertools.pairwise(marks))


class Balance:
    """How many elements a piece of a template leaves open or closes, by the tags in it."""

    def __init__(self, value: str) -> None:
        self._starts: list[int] = []
        self._sums: list[int] = [0]
        for tag in _TAG.finditer(value):
            if tag[2].lower() not in VOID:
                self._starts.append(tag.start())
                self._sums.append(self._sums[-1] + (-1 if tag[1] else 1))

    def of(self, start: int, end: int) -> int:
        """Start tags less end tags between two offsets."""
        return self._sums[bisect_left(self._starts, end)] - self._sums[bisect_left(self._starts, start)]
