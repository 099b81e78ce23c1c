"""Lines of source with what was found in them: pieces of text, each with the findings that cover it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from spamlint.report.data import FindingReport, Sheet
from spamlint.source import Range


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `findings` are the numbers of those that cover it, the dearest first."""

    text: str
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line, or a gap: `skipped` lines before it are left out. `starting` are the findings with a place here."""

    number: int
    pieces: tuple[Piece, ...]
    starting: tuple[int, ...]
    skipped: int


def annotated(sheet: Sheet, findings: Sequence[FindingReport]) -> Iterator[Row]:
    """The rows of `sheet`, with the findings by their numbers, counted from 1."""
    marks, starting = _marks(sheet, findings)
    before = 0
    for number, text in sheet.lines:
        skipped = number - before - 1 if before else 0
        yield Row(number, tuple(_pieces(text, marks.get(number, ()))), tuple(starting.get(number, ())), skipped)
        before = number


def _marks(
    sheet: Sheet, findings: Sequence[FindingReport]
) -> tuple[dict[int, list[tuple[Range, int]]], dict[int, list[int]]]:
    """What is marked in each line: a range and the number of its finding. And the findings that start there."""
    marks: dict[int, list[tuple[Range, int]]] = {}
    starting: dict[int, list[int]] = {}
    numbers = [number for number, _ in sheet.lines]
    for index, finding in enumerate(findings, 1):
        for place in finding.places:
            if place is None or place.part != sheet.part or place.file is not None:
                continue
            here = starting.setdefault(place.line, [])
            if index not in here:
                here.append(index)
            at = bisect_left(numbers, place.line)
            while at < len(numbers) and numbers[at] <= place.end_line:
                line, text = sheet.lines[at]
                first = place.column - 1 if line == place.line else 0
                last = place.end_column - 1 if line == place.end_line else len(text)
                marks.setdefault(line, []).append(((first, max(last, first)), index))
                at += 1
    return marks, starting


def _pieces(text: str, marks: Iterable[tuple[Range, int]]) -> Iterator[Piece]:
    """`text` cut wherever a mark begins or ends. A mark without width is a piece without text."""
    ranges = [((min(start, len(text)), min(end, len(text))), index) for (start, end), index in marks]
    cuts = sorted({0, len(text), *(offset for given, _ in ranges for offset in given)})
    empty = {start: index for (start, end), index in reversed(ranges) if start == end}
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        if start in empty:
            yield Piece("", (empty[start],))
        if start < end:
            covering = [index for (first, last), index in ranges if first <= start and end <= last and first < last]
            yield Piece(text[start:end], tuple(dict.fromkeys(covering)))
