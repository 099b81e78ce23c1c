"""Where text came from: sources, texts that remember their origin, and places.

The only module that knows lines, columns and position maps. A `Text` knows its *outer* layer (another `Text`, or the
`Source` itself) and how to map a range of its own code points outward. The map is built when somebody asks for a place,
never before: a message without findings pays nothing for it.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import AnyStr, NamedTuple

from spamlint.excerpt import EXCERPT_WIDTH, excerpt, excerpt_of_bytes
from spamlint.maps import Locate, Range, assembled, chained, segmented, shifted

__all__ = [
    "EXCERPT_WIDTH", "Bundle", "Locate", "Place", "Range", "RawPlace", "Source", "SourceSpan", "Text", "chained",
    "segmented", "shifted", "source_text", "spaced",
]  # fmt: skip

_LINE_END = re.compile(r"\r\n|\r|\n")
_WIDE_SPACE = re.compile(r"[^\S \t\r\n]")
_LINE_END_BYTES = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, eq=False)
class Source:
    """The bytes of one message or template, as they lie in a file.

    `offset` and `line` say where `data` starts in that file: 0 and 1, except for a message inside an mbox.
    """

    name: str
    data: bytes
    offset: int = 0
    line: int = 1

    @cached_property
    def _line_starts(self) -> array[int]:
        return _line_starts(_LINE_END_BYTES.finditer(self.data))

    def line_at(self, offset: int) -> Range:
        """The 0-based line that holds byte `offset`, and the byte at which that line starts."""
        line = bisect_right(self._line_starts, offset) - 1
        return line, self._line_starts[line]


class SourceSpan(NamedTuple):
    """An exact range of bytes of a `Source`."""

    source: Source
    start: int
    end: int

    @property
    def raw(self) -> bytes:
        """The bytes themselves."""
        return self.source.data[self.start : self.end]


class RawPlace(NamedTuple):
    """A place in the file: 1-based line and column of its first byte, and byte offsets, the end exclusive.

    The column counts code points of the line read as UTF-8; a byte that is no UTF-8 counts as one.
    """

    line: int
    column: int
    start: int
    end: int
    end_line: int
    end_column: int


class Place(NamedTuple):
    """Where a finding is, for people.

    Lines and columns are 1-based and count code points of the decoded part, ends exclusive; where `part` is None (a
    header, or a line of the file) they are those of the file. `excerpt` quotes the first line of the place without its
    line end, `mark` is the range of `excerpt` that the place covers.
    """

    part: str | None
    line: int
    column: int
    end_line: int
    end_column: int
    raw: RawPlace
    excerpt: str
    mark: Range
    file: str | None = None
    """The name of the file where it is another one than that of the message: one that a template includes."""


class Bundle:
    """Texts of several files, laid end to end: what a text is put together from that has more than one origin.

    The first is of the message's own file. A range belongs to the text that it begins in, and ends there at the latest.
    """

    __slots__ = ("_starts", "texts")

    def __init__(self, texts: tuple[Text, ...]) -> None:
        self.texts = texts
        self._starts = [0]
        for text in texts[:-1]:
            self._starts.append(self._starts[-1] + len(text))

    def assembled(self, value: str, pieces: Iterable[tuple[int, int, int, int]]) -> Text:
        """The text `value`, put together from `pieces` of these texts: length, number of the text, start and length."""
        return Text(value, self, lambda: assembled(pieces, self._starts))

    def cut(self, number: int, start: int, size: int) -> Text:
        """A piece of the text of that number, as a piece of the whole."""
        first = self._starts[number] + start
        return self.between(first, first + size)

    def between(self, start: int, end: int) -> Text:
        """The piece of the whole between two offsets, which lie in one of the texts."""
        text, first, last = self.follow(start, end)
        return Text(text.value[first:last], self, lambda: shifted(start))

    def follow(self, start: int, end: int) -> tuple[Text, int, int]:
        """The text that a range begins in, and the range of it."""
        number = bisect_right(self._starts, start) - 1
        text, base = self.texts[number], self._starts[number]
        first = min(start - base, len(text))
        return text, first, max(min(end - base, len(text)), first)


class Text:
    """A string that remembers where each of its pieces came from. Slicing gives a Text again.

    `trace` builds the position map to `outer` and is called at most once. `part` is set on the layer in whose lines and
    columns people think: the decoded text of a MIME part (its path, "1.2"), or a template.
    """

    __slots__ = ("_lines", "_locate", "_trace", "outer", "part", "value")

    def __init__(
        self, value: str, outer: Text | Bundle | Source, trace: Callable[[], Locate], part: str | None = None
    ) -> None:
        self.value = value
        self.outer = outer
        self.part = part
        self._trace = trace
        self._locate: Locate | None = None
        self._lines: array[int] | None = None

    def __str__(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"Text({self.value[:60]!r})"

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, cut: slice) -> Text:
        start, end, step = cut.indices(len(self.value))
        if step != 1:
            raise ValueError("a Text is sliced with step 1 only")
        return Text(self.value[start:end], self, lambda: shifted(start))

    def outward(self, start: int, end: int) -> Range:
        """The range of the outer layer that `self[start:end]` came from."""
        if self._locate is None:
            self._locate = self._trace()
        return self._locate(start, end)

    @property
    def span(self) -> SourceSpan:
        """The bytes of the source that this text came from."""
        source, start, end = self._climb(None)
        assert isinstance(source, Source)
        return SourceSpan(source, start, end)

    @property
    def home(self) -> Source:
        """The source of the message that this text belongs to, though it may have come from a file included there."""
        layer: Text | Bundle | Source = self
        while not isinstance(layer, Source):
            layer = layer.texts[0] if isinstance(layer, Bundle) else layer.outer
        return layer

    @property
    def frame(self) -> Text | None:
        """The decoded part (or template) that this text lies in; None for a header and for a line of the file."""
        return self._framed()[0]

    def _framed(self) -> tuple[Text | None, int, int]:
        """The frame, and the range of it that this text came from."""
        layer: Text | Source = self
        start, end = 0, len(self.value)
        while isinstance(layer, Text):
            if layer.part is not None:
                return layer, start, end
            layer, start, end = layer.climbed(start, end)
        return None, start, end

    def lies_in(self, layer: Text) -> bool:
        """Whether `layer` is this text or one of its outer layers."""
        return self._climb(layer)[0] is layer

    def range_in(self, layer: Text) -> Range:
        """The range of `layer`, which must be this text or one of its outer layers, that this text came from."""
        _, start, end = self._climb(layer)
        return start, end

    def climbed(self, start: int, end: int) -> tuple[Text | Source, int, int]:
        """The layer that `self[start:end]` came from, and the range of it."""
        first, last = self.outward(start, end)
        return self.outer.follow(first, last) if isinstance(self.outer, Bundle) else (self.outer, first, last)

    def _climb(self, until: Text | None) -> tuple[Text | Source, int, int]:
        layer: Text | Source = self
        start, end = 0, len(self.value)
        while isinstance(layer, Text) and layer is not until:
            layer, start, end = layer.climbed(start, end)
        return layer, start, end

    def line_at(self, offset: int) -> Range:
        """The 0-based line that holds code point `offset`, and the offset at which that line starts."""
        if self._lines is None:
            self._lines = _line_starts(_LINE_END.finditer(self.value))
        line = bisect_right(self._lines, offset) - 1
        return line, self._lines[line]

    @property
    def place(self) -> Place:
        """Where this text is, in the part and in the file."""
        span = self.span
        source = span.source
        raw = _raw_place(source, span)
        file = None if source is self.home else source.name
        frame, start, end = self._framed()
        if frame is None:
            quoted, mark = excerpt_of_bytes(source.data, source.line_at(span.start)[1], span.start, span.end)
            return Place(None, raw.line, raw.column, raw.end_line, raw.end_column, raw, quoted, mark, file)
        line, line_start = frame.line_at(start)
        end_line, end_start = frame.line_at(end)
        quoted, mark = excerpt(frame.value, start, end)
        return Place(
            frame.part, line + 1, start - line_start + 1, end_line + 1, end - end_start + 1, raw, quoted, mark, file
        )


def spaced(text: Text) -> Text:
    """The text with every Unicode space (U+00A0 too) as a blank, one for one; tabs and line ends stay."""
    if text.value.isascii() or not _WIDE_SPACE.search(text.value):
        return text
    return Text(_WIDE_SPACE.sub(" ", text.value), text, lambda: shifted(0))


def source_text(source: Source, start: int, end: int) -> Text:
    """Bytes `start` to `end` of `source` as a Text in which each code point stands for one byte."""
    return Text(source.data[start:end].decode("latin-1"), source, lambda: shifted(start))


def _line_starts(ends: Iterable[re.Match[AnyStr]]) -> array[int]:
    """Where each line starts. Millions of lines are no reason for millions of objects."""
    starts = array("q", [0])
    starts.extend(found.end() for found in ends)
    return starts


def _raw_place(source: Source, span: SourceSpan) -> RawPlace:
    line, column = _raw_position(source, span.start)
    end_line, end_column = _raw_position(source, span.end)
    start, end = source.offset + span.start, source.offset + span.end
    return RawPlace(source.line + line, column, start, end, source.line + end_line, end_column)


def _raw_position(source: Source, offset: int) -> tuple[int, int]:
    line, start = source.line_at(offset)
    return line, len(source.data[start:offset].decode("utf-8", "surrogateescape")) + 1
