"""The text as the parser wants it: line ends, stray surrogates, and <noscript>, whose content mail programs show."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Final

from spamlint.source import Locate, Range, Text, shifted

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NOSCRIPT: Final = re.compile(r"(</?noscrip)t(?=[\t\n\f />])", re.IGNORECASE)
_BEFORE_NAME: Final = frozenset("\t\n\f /\"'")
_BEHIND_NAME: Final = frozenset("\t\n\f />")
_AFTER_NAME: Final = frozenset("\t\n\f />=")
_MASK: Final = "\ufdd0"
"""Stands for the last letter of a noscript tag; it is no character, so texts do without it."""

MARKS: Final = ("url(", "<v:", "background=", "background =", "tabindex", "uppercase", "&#")
"""Beginnings of what few texts have: addresses in styles, Outlook's drawings, background pictures, and others."""


class LineIndex:
    """Where the lines of a text with plain line ends start; made when the first offset is asked for."""

    __slots__ = ("_starts", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        self._starts: list[int] | None = None

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and a 0-based column, the parser's way to count."""
        return self._line_starts()[line - 1] + line - 1 + column

    def line(self, offset: int) -> int:
        """The 1-based line that holds `offset`."""
        starts = self._line_starts()
        return bisect_right(range(len(starts) - 1), offset, key=lambda number: starts[number] + number)

    def _line_starts(self) -> list[int]:
        """Where each line starts, its line ends left out: they are added when an offset is asked for."""
        if self._starts is None:
            self._starts = [0, *accumulate(map(len, self._value.split("\n")))]
        return self._starts


def plain_lines(text: Text) -> Text:
    """`text` with line ends as "\\n", without surrogates and without a byte order mark, as the parser counts."""
    if text.value.startswith("\ufeff"):
        text = text[1:]
    value = _without_surrogates(text.value)
    if "\r" not in value:
        return text if value is text.value else Text(value, text, lambda: shifted(0))

    def trace() -> Locate:
        parts = value.split("\r\n")
        shorter_at, at = [], -1
        for part in parts[:-1]:
            at += len(part) + 1
            shorter_at.append(at)

        def locate(start: int, end: int) -> Range:
            """Each line end of two code points before the offset moves it by one."""
            first = start + bisect_left(shorter_at, start)
            return first, end + bisect_left(shorter_at, end) if end > start else first

        return locate

    return Text(value.replace("\r\n", "\n").replace("\r", "\n"), text, trace)


def _without_surrogates(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", value)
    return value


def has_hidden_attribute(lower: str) -> bool:
    """Whether the attribute `hidden` may occur in a text in lower case: the word where an attribute may stand."""
    at = lower.find("hidden")
    while at >= 0:
        if lower[at - 1 : at] in _BEFORE_NAME and lower[at + len("hidden") : at + len("hidden") + 1] in _AFTER_NAME:
            return True
        at = lower.find("hidden", at + 1)
    return False


def end_tag_at(value: str, tag: str, start: int) -> int:
    """Where the first end tag of that name at or behind `start` begins; the end of `value` where there is none."""
    behind = len(tag) + 2
    at = value.find("</", start)
    while at >= 0:
        if value[at + 2 : at + behind].lower() == tag and value[at + behind : at + behind + 1] in _BEHIND_NAME:
            return at
        at = value.find("</", at + 2)
    return len(value)


def marks_in(lower: str) -> frozenset[str]:
    """Which of `MARKS` a text in lower case holds: without one, what it belongs to need not be looked for."""
    return frozenset(mark for mark in MARKS if mark in lower)


def masked(source: str) -> str:
    """`source` with noscript tags renamed, so that the tokenizer reads their content as mail programs do."""
    return source if _MASK in source else _NOSCRIPT.sub(rf"\1{_MASK}", source)


def unmasked(value: str) -> str:
    """What `masked` text was."""
    return value.replace(_MASK, "t")
