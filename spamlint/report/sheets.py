"""A message -> the lines of it that a report shows, and the HTML as it may be shown: nothing in it is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from spamlint.html import Document
from spamlint.message import Message
from spamlint.mime import Part
from spamlint.report.data import FileReport, Preview, Sheet
from spamlint.source import Place

MOST_LINES = 1_500
"""Lines of one part that are shown whole; of a longer one those around its findings are."""
MOST_TEXT = 200_000
"""The same for code points."""
MOST_HTML = 500_000
"""Code points of HTML that are shown as mail programs do."""
AROUND = 3
"""Lines shown before and behind a finding where a part is not shown whole."""
LONGEST_LINE = 5_000
"""Code points of one line that are shown."""

# Attributes that name what is fetched or followed, and those that hold a script.
_ADDRESSES = re.compile(
    "on.*|href|src|srcset|imagesrcset|background|action|formaction|poster|data|ping|longdesc|cite|manifest|xlink:href|lowsrc"
    "|dynsrc|codebase|archive|classid|content|srcdoc"
)
_IMAGE = re.compile(r"data:image/(?:png|gif|jpeg|webp)[;,]", re.IGNORECASE)
_STYLE_ADDRESS = re.compile(
    r"url\s*\((?!\s*[\"']?data:image/)[^)]*\)?|@import[^;]*;?|image-set\s*\([^)]*\)?", re.IGNORECASE
)
_LINE_END = re.compile(r"\r\n|\r|\n")


def with_sheets(report: FileReport, message: Message) -> FileReport:
    """The report with the lines that it is about, and the HTML as a reader sees it."""
    places = [place for finding in report.findings for place in finding.places if place is not None]
    # A template shows places of other files too: their lines stand in the findings.
    own = [place for place in places if place.file is None]
    shown = {part.path for part in message.body_parts} | {place.part for place in own}
    parts = [part for part in message.root.walk() if not part.children and part.path in shown]
    sheets = [_of_part(part, own) for part in parts]
    if message.kind == "message" or any(place.part is None for place in own):
        sheets.insert(0, _of_file(message, own))
    previews = tuple(Preview(part.path, _preview(message.html(part), part)) for part in message.html_parts)
    return replace(report, sheets=tuple(sheets), previews=previews)


def _of_part(part: Part, places: Iterable[Place]) -> Sheet:
    value = part.text.value
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


def _preview(document: Document, part: Part) -> str | None:
    """The HTML without any address that a browser could fetch or follow; None where it is too long to be shown."""
    if len(part.text) > MOST_HTML or document.limits_reached:
        return None
    value = document.source.value
    pieces, at = [], 0
    for start, end, text in sorted(_replacements(document)):
        if start >= at:
            pieces += [value[at:start], text]
            at = end
    return "".join([*pieces, value[at:]])


def _replacements(document: Document) -> Iterator[tuple[int, int, str]]:
    """Ranges of the HTML and what stands there in its place."""
    yield from ((*comment.range_in(document.source), "") for comment in document.comments)
    for element in document.elements:
        if element.tag == "style":
            yield *element.inner.range_in(document.source), _STYLE_ADDRESS.sub("none", element.inner.value)
        elif element.tag == "script":
            yield (*element.inner.range_in(document.source), "")
        if not element.attrs:
            continue
        for attribute in element.written_attributes():
            value = attribute.value.value if attribute.value is not None else ""
            if _ADDRESSES.fullmatch(attribute.name) and not (attribute.name == "src" and _IMAGE.match(value)):
                # A link without an address is no link to look at.
                instead = 'href="#"' if (element.tag, attribute.name) == ("a", "href") else ""
                yield *attribute.text.range_in(document.source), instead
            elif attribute.name == "style" and _STYLE_ADDRESS.search(value):
                clean = _STYLE_ADDRESS.sub("none", value).replace("&", "&amp;").replace('"', "&quot;")
                yield *attribute.text.range_in(document.source), f'style="{clean}"'
