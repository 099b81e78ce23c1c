"""Checks on how much HTML there is, and on how deep and how empty it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from spamlint.clients import means, style_sheets
from spamlint.message import Message
from spamlint.mime import Part
from spamlint.rule import Hit
from spamlint.source import Text

if TYPE_CHECKING:
    from spamlint.html import Document

GMAIL_CLIPS_AT = 104_448
"""Bytes of HTML behind which Gmail hides the rest: 102 kB."""
_WASTED_FROM = 40_000
"""Code points of HTML below which nobody waits for blanks."""


def gmail_clip(
    message: Message, *, limit: int = GMAIL_CLIPS_AT, added: int = 10_240, clients: tuple[str, ...] = ()
) -> Iterator[Hit]:
    """Where Gmail cuts off the HTML, or its end where that comes within the `added` bytes of a mailing service.

    `clipped` is 1 where it is too long already, `cut` how many bytes are to go.
    """
    if not means(clients, "gmail"):
        return
    for part in message.html_parts:
        size = len(part.content)
        cut = size + added - limit
        if cut > 0:
            values: dict[str, str | int] = {"kilobytes": size // 1024, "cut": cut, "added": added}
            yield Hit(_from_byte(part, limit), {**values, "clipped": int(size > limit)})


def _from_byte(part: Part, limit: int) -> Text:
    """The rest of the line behind the first `limit` bytes of the HTML; the end of the text where it is shorter."""
    value = part.text.value
    before = len(value.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore"))
    line = value[before : before + 80].splitlines()
    return part.text[before : before + len(line[0] if line else "")]


def long_style_sheets(message: Message, *, limit: int = 16_384, clients: tuple[str, ...] = ()) -> Iterator[Hit]:
    """The <style> element with which the style sheets of the HTML are longer than Gmail takes."""
    if not means(clients, "gmail"):
        return
    for _, sheets in message.fact(style_sheets):
        total = 0
        crossing = None
        for element, inner in sheets:
            total += len(inner.value)
            if total > limit and crossing is None:
                crossing = element
        if crossing is not None:
            yield Hit(crossing.text, {"characters": total, "cut": total - limit, "limit": limit})


def wasted_bytes(message: Message, *, at_least_percent: int = 50, least: int = _WASTED_FROM) -> Iterator[Hit]:
    """The first comment or long run of blanks of HTML that is mostly such."""
    for document in message.documents:
        value = document.source.value
        if len(value) < least:
            continue
        blanks = 2 * value.count("  ") + value.count("\t") + value.count("\n\n") + value.count("\n \n")
        wasted = min(blanks + _comments(document), len(value))
        percent = 100 * wasted // len(value)
        if percent >= at_least_percent:
            yield Hit(_first_waste(document), {"percent": percent, "kilobytes": len(value) // 1024})


def _comments(document: Document) -> int:
    """The length of all comments that are not for Outlook."""
    if "<!--" not in document.source.value:
        return 0
    written = (token.source or "" for token in document.outline.comments)
    return sum(len(comment) for comment in written if "[" not in comment[:10])


def _first_waste(document: Document) -> Text | None:
    found = re.search(r"[ \t\n]{20}|<!--(?!\[)", document.source.value)
    return document.source[found.start() : found.end()] if found else None


def deep_tables(message: Message, *, most: int = 15) -> Iterator[Hit]:
    """The first table that lies in more than `most` others, counting itself."""
    for document in message.documents:
        tables = document.all("table")
        if len(tables) <= most:
            continue
        depths = _depths(document, [table.number for table in tables])
        deepest = max(depths)
        if deepest > most:
            first = next(table for table, depth in zip(tables, depths, strict=True) if depth > most)
            yield Hit(first.text, {"depth": deepest, "most": most})


def _depths(document: Document, tables: list[int]) -> list[int]:
    """How many tables each of those lies in, counting itself. No element is looked at twice."""
    starts = document.starts
    inside = {-1: 0}
    own = set(tables)
    for table in tables:
        path = []
        number = table
        while number not in inside:
            path.append(number)
            number = starts[number][1]
        depth = inside[number]
        for one in reversed(path):
            depth += one in own
            inside[one] = depth
    return [inside[table] for table in tables]


def many_elements(message: Message, *, most: int = 5_000) -> Iterator[Hit]:
    """The element with which the HTML has more elements than phones draw with ease."""
    for document in message.documents:
        number = len(document.starts)
        if number > most:
            yield Hit(document.element(most).text, {"elements": number, "most": most})
