"""Offsets of a text <-> positions as editors count them: 0-based lines, and columns in units of an encoding."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["utf-8", "utf-16", "utf-32"]
Point: TypeAlias = tuple[int, int]
"""Line and column, both from 0; the column in the units that editor and server agreed on."""

# The protocol knows these three line ends and no others; `str.splitlines` knows more.
_LINE_END = re.compile(r"\r\n|\r|\n")
_BEYOND_16_BITS = re.compile("[\U00010000-\U0010ffff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, eq=False)
class Lines:
    """A text by its lines. Offsets count code points. A position that does not exist is the nearest one before it."""

    text: str
    encoding: Encoding = "utf-16"

    @cached_property
    def _starts(self) -> array[int]:
        starts = array("q", [0])
        starts.extend(found.end() for found in _LINE_END.finditer(self.text))
        return starts

    def offset(self, point: Point) -> int:
        """The offset of a position."""
        number, column = point
        if number >= len(self._starts):
            return len(self.text)
        start, end = self.line(number)
        content = self.text[start:end]
        more = 0
        for at, units in _wide(content, self.encoding):
            if at + more >= column:
                break
            if at + more + units > column:  # between the units of one character
                return start + at
            more += units - 1
        return start + min(column - more, len(content))

    def point(self, offset: int) -> Point:
        """The position of an offset."""
        number = self.line_of(offset)
        before = self.text[self._starts[number] : offset]
        return number, len(before) + sum(units - 1 for _, units in _wide(before, self.encoding))

    def line(self, number: int) -> tuple[int, int]:
        """Start and end of a line that exists, without its line end."""
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return start, start + len(self.text[start:end].rstrip("\r\n"))

    def line_of(self, offset: int) -> int:
        """The line that holds an offset."""
        return bisect_right(self._starts, offset) - 1


def _wide(text: str, encoding: Encoding) -> Iterator[tuple[int, int]]:
    """The characters that take more than one unit: where each stands, and how many it takes."""
    if encoding == "utf-32" or text.isascii():
        return
    for found in (_BEYOND_16_BITS if encoding == "utf-16" else _BEYOND_ASCII).finditer(text):
        yield found.start(), 2 if encoding == "utf-16" else _bytes(found[0])


def _bytes(char: str) -> int:
    return 2 if char < "\u0800" else 3 if char < "\U00010000" else 4
