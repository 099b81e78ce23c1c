"""A message -> the lines of it that a report shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from spamlint.message import Message
from spamlint.mime import Part
from spamlint.report.data import FileReport, Sheet
from spamlint.report.previews import previews_of
from spamlint.source import Place, Text

MOST_LINES = 1_500
"""Lines of one part that are shown whole; of a longer one those around its findings are."""
MOST_TEXT = 200_000
"""The same for code points."""
AROUND = 3
"""Lines shown before and behind a finding where a part is not shown whole."""
LONGEST_LINE = 5_000
"""Code points of one line that are shown."""

_LINE_END = re.compile(r"\r\n|\r|\n")


def with_sheets(report: FileReport, message: Message) -> FileReport:
    """The report with the lines that it is about, and the HTML as a reader sees it."""
    places = [place for finding in report.findings for place in finding.places if place is not None]
    # A template shows places of other files too: their lines stand in the findings.
    own = [place for place in places if place.file is None]
    shown = {part.path for part in message.body_parts} | {place.part for place in own}
    parts = [part for part in message.root.walk() if not part.children and part.path in shown]
    written = message.template.files[0] if message.template is not None else None
    sheets = [_of_part(part, own, written or part.text) for part in parts]
    if message.kind == "message" or any(place.part is None for place in own):
        sheets.insert(0, _of_file(message, own))
    return replace(report, sheets=tuple(sheets), previews=previews_of(message))


def _of_part(part: Part, places: Iterable[Place], text: Text) -> Sheet:
    value = text.value
    numbers = (number for place in places if place.part == part.path for number in (place.line, place.end_line))
    lines = _LINE_END.split(value)
    is_short = len(lines) <= MOST_LINES and len(value) <= MOST_TEXT
    wanted = range(len(lines)) if is_short else _around(numbers, 1, len(lines))
    return Sheet(part.path, part.content_type, _cut(lines, wanted, 1), is_short)


def _of_file(message: Message, places: Iterable[Place]) -> Sheet:
    """The headers of all parts and the lines with findings: what lies between them is shown decoded, or not at all."""
    source = message.source
    lines = re.split(rb"\r\n|\r|\n", source.data)
    wanted = set(_around((place.line for place in places if place.part is None), source.line, len(lines)))
    for part in message.root.walk():
        first, last = source.line_at(part.start)[0], source.line_at(max(part.start, part.headers_end))[0]
        wanted.update(range(first, min(last + 1, first + MOST_LINES)))
    kept = sorted(wanted)[:MOST_LINES]
    shown = {number: lines[number].decode("utf-8", "surrogateescape") for number in kept if number < len(lines)}
    return Sheet(None, "", _cut(shown, shown, source.line), is_whole=len(shown) == len(lines))


def _around(numbers: Iterable[int], first: int, total: int) -> Sequence[int]:
    """The indexes of the lines next to those with these numbers, the first of which is `first`."""
    wanted: set[int] = set(range(min(AROUND, total)))
    for number in numbers:
        wanted.update(range(max(number - first - AROUND, 0), min(number - first + AROUND + 1, total)))
    return sorted(wanted)


def _cut(lines: Sequence[str] | dict[int, str], wanted: Iterable[int], first: int) -> tuple[tuple[int, str], ...]:
    return tuple((index + first, lines[index][:LONGEST_LINE]) for index in wanted)
