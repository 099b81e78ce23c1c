"""Where template code stands in a file that is not rendered: no fix writes into it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from spamlint.source import Range, Source

_CODE = re.compile(
    rb"\{\{.{0,4000}?\}\}|\{%.{0,4000}?%\}|\{#.{0,4000}?#\}|<%.{0,4000}?%>|<\?.{0,4000}?\?>|\*\|.{0,400}?\|\*"
    rb"|%%[^%\n]{1,200}%%|\[\[.{0,400}?\]\]|\$\{[^}\n]{0,400}\}",
    re.DOTALL,
)
_BUILDS = re.compile(rb"\{%|\{\{~?[#^/>&{]|<%(?!=)|<\?|\*\|\s*(?:IF|ELSE|END|INTERESTED)|\[\[", re.IGNORECASE)
"""Code that may add tags or attributes or leave them out; an expression that shows a value is none."""
_BREAKS = re.compile(rb"[\"'<>]")
"""Signs that end a value or a tag for a parser that does not know the template language."""


class TemplateCode:
    """The template code in a file."""

    def __init__(self, source: Source) -> None:
        self._data = source.data

    @cached_property
    def _ranges(self) -> list[Range]:
        return [found.span() for found in _CODE.finditer(self._data)]

    @cached_property
    def builds(self) -> bool:
        """Whether any of it may add tags or leave them out."""
        return any(_BUILDS.match(self._data, start) for start, _ in self._ranges)

    def touches(self, span: Range) -> bool:
        """Whether those bytes reach into template code."""
        start, end = span
        return any(first < end if start < end else first < start for first, _ in self._in(start, end))

    def rules(self, span: Range) -> bool:
        """Whether code in those bytes decides what tags and attributes there are, or looks so to a parser."""
        for first, last in self._in(*span):
            code = self._data[first:last]
            if _BUILDS.match(code) or _BREAKS.search(code[2:-2]):
                return True
        return False

    def _in(self, start: int, end: int) -> list[Range]:
        """The pieces of code that share a byte with, or hold, that range."""
        number = max(bisect_right(self._ranges, (start, start)) - 1, 0)
        found = []
        while number < len(self._ranges) and self._ranges[number][0] < max(end, start + 1):
            if self._ranges[number][1] > start:
                found.append(self._ranges[number])
            number += 1
        return found
