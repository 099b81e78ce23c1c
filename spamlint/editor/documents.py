"""The open files as the editor has them, with every edit applied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from spamlint.editor.positions import Encoding, Lines, Point


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of text that replaces a range; without a range it is the whole text."""

    text: str
    start: Point | None = None
    end: Point | None = None


@dataclass(frozen=True)
class Document:
    """One version of an open file."""

    uri: str
    path: str
    """Of the file; "" for one that was never saved."""
    language: str
    """The language that the editor says it is in."""
    version: int
    text: str
    encoding: Encoding = "utf-16"

    @cached_property
    def lines(self) -> Lines:
        """Its text by lines."""
        return Lines(self.text, self.encoding)

    def edited(self, edits: Iterable[Edit], version: int) -> Document:
        """The next version: the edits are made one after the other, each in the text that the last one left."""
        text = self.text
        for edit in edits:
            text = _applied(text, edit, self.encoding)
        return replace(self, text=text, version=version)


def _applied(text: str, edit: Edit, encoding: Encoding) -> str:
    if edit.start is None or edit.end is None:
        return edit.text
    lines = Lines(text, encoding)
    start = lines.offset(edit.start)
    end = max(lines.offset(edit.end), start)
    return text[:start] + edit.text + text[end:]
