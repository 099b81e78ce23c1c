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
from typing import AnyStr, TypeAlias

Range: TypeAlias = tuple[int, int]
"""A half-open range of offsets, `(start, end)`."""

Locate: TypeAlias = Callable[[int, int], Range]
"""A position map: a range inside a layer -> the range of the outer layer that it came from."""

EXCERPT_WIDTH = 160
"""Code points of the source line that a place quotes at most."""

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


@dataclass(frozen=True, slots=True)
class SourceSpan:
    """An exact range of bytes of a `Source`."""

    source: Source
    start: int
    end: int

    @property
    def raw(self) -> bytes:
        """The bytes themselves."""
        return self.source.data[self.start : self.end]


@dataclass(frozen=True, slots=True)
class RawPlace:
    """A place in the file: 1-based line and column of its first byte, and byte offsets, the end exclusive.

    The column counts code points of the line read as UTF-8; a byte that is no UTF-8 counts as one.
    """

    line: int
    column: int
    start: int
    end: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Place:
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


class Text:
    """A string that remembers where each of its pieces came from. Slicing gives a Text again.

    `trace` builds the position map to `outer` and is called at most once. `part` is set on the layer in whose lines and
    columns people think: the decoded text of a MIME part (its path, "1.2"), or a template.
    """

    __slots__ = ("_lines", "_locate", "_trace", "outer", "part", "value")

    def __init__(self, value: str, outer: Text | Source, trace: Callable[[], Locate], part: str | None = None) -> None:
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
    def frame(self) -> Text | None:
        """The decoded part (or template) that this text lies in; None for a header and for a line of the file."""
        layer: Text | Source = self
        while isinstance(layer, Text):
            if layer.part is not None:
                return layer
            layer = layer.outer
        return None

    def range_in(self, layer: Text) -> Range:
        """The range of `layer`, which must be this text or one of its outer layers, that this text came from."""
        _, start, end = self._climb(layer)
        return start, end

    def _climb(self, until: Text | None) -> tuple[Text | Source, int, int]:
        layer: Text | Source = self
        start, end = 0, len(self.value)
        while isinstance(layer, Text) and layer is not until:
            start, end = layer.outward(start, end)
            layer = layer.outer
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
        frame = self.frame
        if frame is None:
            excerpt, mark = _excerpt_of_source(source, span)
            return Place(None, raw.line, raw.column, raw.end_line, raw.end_column, raw, excerpt, mark)
        start, end = self.range_in(frame)
        line, line_start = frame.line_at(start)
        end_line, end_start = frame.line_at(end)
        excerpt, mark = _excerpt(frame.value, start, end)
        return Place(
            frame.part, line + 1, start - line_start + 1, end_line + 1, end - end_start + 1, raw, excerpt, mark
        )


def spaced(text: Text) -> Text:
    """The text with every Unicode space (U+00A0 too) as a blank, one for one; tabs and line ends stay."""
    if text.value.isascii() or not _WIDE_SPACE.search(text.value):
        return text
    return Text(_WIDE_SPACE.sub(" ", text.value), text, lambda: shifted(0))


def shifted(offset: int) -> Locate:
    """The map of a plain slice that starts at `offset` of the outer layer."""
    return lambda start, end: (start + offset, end + offset)


def chained(inner: Locate, outer: Locate) -> Locate:
    """The map through two layers: first `inner`, then `outer`."""
    return lambda start, end: outer(*inner(start, end))


def segmented(pieces: Iterable[tuple[int, int, int]]) -> Locate:
    """The map of a layer that was put together from `pieces` of the outer one.

    A piece is `(length, outer start, outer length)`, in the order of the inner text. Equal lengths mean a plain copy,
    unequal ones a unit (an escape, an entity, a run of white space) that is only ever located as a whole. What lies
    between two pieces in the outer layer was dropped there; a range across it covers it.
    """
    starts: list[int] = []
    rows: list[tuple[int, int, int]] = []
    total = 0
    for length, outer_start, outer_length in pieces:
        if length:
            starts.append(total)
            rows.append((length, outer_start, outer_length))
            total += length

    def outward(offset: int, after: int) -> int:
        """The outer offset before (`after` = 0) or behind (1) the code point at `offset`."""
        index = bisect_right(starts, offset) - 1
        length, outer_start, outer_length = rows[index]
        if length == outer_length:
            return outer_start + offset - starts[index] + after
        return outer_start + (outer_length if after else 0)

    def locate(start: int, end: int) -> Range:
        if not rows:
            return 0, 0
        if start < end:
            return outward(start, 0), outward(end - 1, 1)
        at = outward(start, 0) if start < total else outward(total - 1, 1)
        return at, at

    return locate


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


def _excerpt_of_source(source: Source, span: SourceSpan) -> tuple[str, Range]:
    _, line_start = source.line_at(span.start)
    window = max(line_start, span.start - 4 * EXCERPT_WIDTH)
    stop = min(len(source.data), span.start + 4 * EXCERPT_WIDTH)
    before, inside, after = (
        source.data[start:end].decode("utf-8", "replace")
        for start, end in ((window, span.start), (span.start, min(span.end, stop)), (min(span.end, stop), stop))
    )
    return _excerpt(before + inside + after, len(before), len(before) + len(inside))


def _excerpt(value: str, start: int, end: int) -> tuple[str, Range]:
    """The line of `value` in which `start` lies, cut to `EXCERPT_WIDTH` around it, and the marked range in it."""
    left = max(0, start - EXCERPT_WIDTH // 2)
    right = left + EXCERPT_WIDTH
    window = value[left:right]
    before = window[: start - left]
    head = max(before.rfind("\n"), before.rfind("\r")) + 1
    line_end = _LINE_END.search(window, start - left)
    tail = line_end.start() if line_end else len(window)
    return window[head:tail], (start - left - head, max(min(end - left, tail), start - left) - head)
