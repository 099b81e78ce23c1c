"""Where template code stands in a file: no fix writes into it."""

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
_TRANSLATED = re.compile(rb"\{%[-+]?\s*(end)?(trans|translate|blocktrans|blocktranslate)\b")
"""The tags around text that is looked up in a catalogue, as it stands there: a changed one is not found any more."""
_OTHER_LANGUAGES = re.compile(
    rb"\{%[-+]?\s*(?:trans|translate|blocktrans|blocktranslate|language)\b|\{\{#(?:t|trans|i18n)\b"
    rb"|\{\{[~-]?\s*(?:_|n?gettext|t|tr|trans|i18n)\s*[\"'(]|\|\s*(?:trans|translate|t)\b|<%=?\s*(?:t|I18n\.t)[\s(.]"
)
"""Code that shows text in the language of the reader."""
_BREAKS = re.compile(rb"[\"'<>]")
"""Signs that end a value or a tag for a parser that does not know the template language."""


class TemplateCode:
    """The template code in a file, and the text that belongs to it."""

    def __init__(self, source: Source, *, is_read_as_template: bool = False) -> None:
        self._data = source.data
        self._is_read_as_template = is_read_as_template

    @cached_property
    def _ranges(self) -> list[Range]:
        found: list[Range] = []
        opened: dict[bytes, int] = {}
        """The tag of a block -> how many pieces stand before it."""
        for start, end in (code.span() for code in _CODE.finditer(self._data)):
            tag = _TRANSLATED.match(self._data, start, end)
            if tag is not None and not tag[1]:
                opened[tag[2]] = len(found)
            elif tag is not None and tag[2] in opened:
                number = opened.pop(tag[2])
                block = found[number][0], end
                del found[number:]
                found.append(block)
                opened = {name: before for name, before in opened.items() if before < number}
                continue
            found.append((start, end))
        return found

    @cached_property
    def builds(self) -> bool:
        """Whether any of it may add tags or leave them out."""
        return any(_BUILDS.match(self._data, start) for start, _ in self._ranges)

    @cached_property
    def translates(self) -> bool:
        """Whether any of it shows text in a language that the file does not tell."""
        return _OTHER_LANGUAGES.search(self._data) is not None

    def touches(self, span: Range) -> bool:
        """Whether those bytes reach into template code."""
        start, end = span
        return any(first < end if start < end else first < start for first, _ in self._in(start, end))

    def rules(self, span: Range) -> bool:
        """Whether code in those bytes decides what tags and attributes there are, or looks so to a parser."""
        for first, last in self._in(*span):
            if _BUILDS.match(self._data, first):
                return True
            if not self._is_read_as_template and _BREAKS.search(self._data, first + 2, last - 2):
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
