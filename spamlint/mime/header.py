"""Header fields (RFC 5322): the block of them, and the layers of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from spamlint.limits import Limits
from spamlint.mime import charset
from spamlint.mime.defect import Defect
from spamlint.mime.words import decode_words
from spamlint.source import Locate, Source, Text, chained, segmented, shifted, source_text

_NAME = re.compile(rb"(?!--)([!-9;-~]+)[ \t]*:")
_DASHED_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
# The line end that no folded line follows.
_FIELD_END = re.compile(rb"\r\n(?![ \t])|\r(?![ \t\n])|\n(?![ \t])|\Z")
_MBOX_LINE = re.compile(rb">?From (?![ \t]*:)")
_UNFOLDED = re.compile(rb"[^\r\n]+")
_8BIT = re.compile(r"[^\x00-\x7f]+")


class Header:
    """One header field: its name, its layers, and what is wrong with it. All but the name is computed when asked for."""

    def __init__(self, source: Source, name: str, start: int, colon: int, end: int, limits: Limits) -> None:
        self.name = name
        self.key = name.lower()
        self.source = source
        self.start = start
        self.end = end
        self._colon = colon
        self._limits = limits

    def __repr__(self) -> str:
        return f"Header({self.name!r}, {self.start})"

    @cached_property
    def field(self) -> Text:
        """The whole field as written, without its last line end; one code point stands for one byte."""
        return source_text(self.source, self.start, self.end)

    @property
    def raw(self) -> bytes:
        """The bytes behind the colon, as written."""
        return self.source.data[self._colon : self.end]

    @cached_property
    def body(self) -> Text:
        """The value, unfolded and stripped of white space; encoded words are left as they are."""
        raw = self.raw
        start = self._colon - self.start + len(raw) - len(raw.lstrip(b" \t\r\n"))
        stripped = raw.strip(b" \t\r\n")
        data = stripped.translate(None, b"\r\n")
        try:
            value, codec = data.decode("utf-8"), "utf_8"
        except UnicodeDecodeError:
            value, codec = data.decode("latin-1"), "latin_1"
        if len(value) == len(stripped):
            return Text(value, self.field, lambda: shifted(start))
        return Text(value, self.field, lambda: chained(charset.trace(data, codec, value), _unfold(stripped, start)))

    @cached_property
    def value(self) -> Text:
        """The body with its encoded words decoded."""
        return self._decoded[0]

    @cached_property
    def defects(self) -> tuple[Defect, ...]:
        """What is wrong with the field: raw-8bit, undecodable-word, limit-encoded-words, limit-header."""
        found = []
        if len(self.field.value) >= self._limits.header:
            found.append(Defect("limit-header", self.field[len(self.field) :]))
        raw = self.raw
        if not raw.isascii():
            at = _8BIT.search(self.body.value)
            found.append(Defect("raw-8bit", self.body[at.start() : at.end()] if at else self.body))
        return (*found, *self._decoded[1]) if b"=?" in raw else tuple(found)

    @cached_property
    def _decoded(self) -> tuple[Text, tuple[Defect, ...]]:
        return decode_words(self.body, self._limits.encoded_words)


def _unfold(stripped: bytes, start: int) -> Locate:
    return segmented(
        (run.end() - run.start(), start + run.start(), run.end() - run.start()) for run in _UNFOLDED.finditer(stripped)
    )


@dataclass(slots=True)
class Block:
    """The header block of a part: its fields, where it ends, where the body starts, and its defects."""

    headers: list[Header] = field(default_factory=list)
    end: int = 0
    body: int = 0
    defects: list[Defect] = field(default_factory=list)


def read_block(source: Source, start: int, stop: int, limits: Limits, is_delimiter: Callable[[int], bool]) -> Block:
    """The header block at `start`. A line that is no field ends it, and is the first line of the body."""
    data, block, position = source.data, Block(), start
    if _MBOX_LINE.match(data, position, stop):
        position = _line_after(data, position, stop)
    match_name, find_end = _NAME.match, _FIELD_END.search
    headers, room = block.headers, limits.headers
    while True:
        name = match_name(data, position, stop)
        if not name:
            if position < stop and data[position] not in b"\r\n":
                name = _dashed(data, position, stop, is_delimiter)
                if not name:
                    after = _skip(block, source, position, stop, is_delimiter)
                    if after != position:
                        position = after
                        continue
            if not name:
                break
        ending = find_end(data, name.end(), stop)
        assert ending
        end, position = ending.span()
        if room > 0:
            cut = min(end, name.start() + limits.header)
            headers.append(Header(source, name[1].decode("latin-1"), name.start(), min(name.end(), cut), cut, limits))
        elif room == 0:
            block.defects.append(Defect("limit-headers", source_text(source, name.start(), name.start())))
        room -= 1
        if position == end:
            break
    block.end = block.body = position
    if data.startswith(b"\r\n", position) and position + 2 <= stop:
        block.body += 2
    elif position < stop and data[position] in b"\r\n":
        block.body += 1
    return block


def _dashed(data: bytes, position: int, stop: int, is_delimiter: Callable[[int], bool]) -> re.Match[bytes] | None:
    """A field whose name starts with "--", unless the line is a boundary delimiter."""
    if data.startswith(b"--", position) and not is_delimiter(position):
        return _DASHED_NAME.match(data, position, stop)
    return None


def _skip(block: Block, source: Source, position: int, stop: int, is_delimiter: Callable[[int], bool]) -> int:
    """Where to read on behind a line that is no field; `position` itself where the block ends here."""
    data = source.data
    if data.startswith(b"--", position) and is_delimiter(position):
        return position
    ending = _FIELD_END.search(data, position, stop)
    assert ending
    block.defects.append(Defect("malformed-header-line", source_text(source, position, ending.start())))
    first = data[position]
    stray = (first in b" \t" and not block.headers) or first in b":" or data.startswith(b"From ", position)
    return ending.end() if stray else position


def _line_after(data: bytes, position: int, stop: int) -> int:
    ending = re.compile(rb"\r\n|\r|\n|\Z").search(data, position, stop)
    return ending.end() if ending else stop
