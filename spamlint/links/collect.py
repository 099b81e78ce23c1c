"""The links of a message, read once for all checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spamlint.links.address import Address, read_address

if TYPE_CHECKING:
    from spamlint.html import Document, Element
    from spamlint.message import Message
    from spamlint.source import Text

_BEHIND_SCHEME = r":(?://|\\\\)[^\s<>\"\[\]{}|^`]{1,4000}"
_LONGEST_SCHEME = 5
_STOPS = ".,;:!?'*_"


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One link: an element of the HTML, or an address that stands in plain text, which mail programs make a link."""

    written: str
    """The address as it is written, references of HTML decoded."""
    address: Address
    element: Element | None
    text: Text | None = None
    """The plain text that the address stands in, if it does."""
    start: int = 0
    """Where in `text` it begins."""

    @property
    def target(self) -> Text:
        """The address, with its place."""
        if self.text is not None:
            return self.text[self.start : self.start + len(self.written)]
        found = self.element.attribute("href") if self.element is not None else None
        assert found is not None
        return found

    @property
    def shown(self) -> Text:
        """The words on the link. Those of an address in plain text are the address."""
        return self.target if self.element is None else self.element.content


def links(message: Message) -> tuple[Link, ...]:
    """Every link of the body in its order: <a> and <area>, and addresses in texts that are no links yet."""
    most = message.limits.links
    read: dict[str, Address] = {}
    found: list[Link] = []
    alternatives = {text.path for text, _ in message.alternatives}
    for part in message.body_parts:
        if part.content_type == "text/html":
            document = message.html(part)
            found += _in_html(document, read, most)
            if not found:
                found += _in_text(document.visible, read, most)
        elif part.path not in alternatives:
            found += _in_text(part.text, read, min(most, message.limits.field))
    return tuple(found)


def _in_html(document: Document, read: dict[str, Address], most: int) -> Iterator[Link]:
    areas = document.all("area")
    for element in (document.all("a", "area") if areas else document.all("a"))[:most]:
        written = element.get("href")
        if written is not None:
            yield Link(written, _address(written, read), element)


def _in_text(text: Text, read: dict[str, Address], most: int) -> Iterator[Link]:
    value = text.value
    for number, found in enumerate(re.finditer(_BEHIND_SCHEME, value)):
        if number == most:
            return
        scheme = value[max(0, found.start() - _LONGEST_SCHEME) : found.start()].lower()
        length = 5 if scheme == "https" else 4 if scheme.endswith("http") else 0
        if length:
            start = found.start() - length
            written = _without_stops(value[start : found.end()])
            yield Link(written, _address(written, read), None, text, start)


def _without_stops(written: str) -> str:
    """The address without the signs that end the sentence or the brackets around it."""
    shorter = written.rstrip(_STOPS)
    bare = shorter.rstrip(")")
    closing, unopened = len(shorter) - len(bare), shorter.count(")") - shorter.count("(")
    kept = max(0, closing - max(0, unopened))
    return shorter[: len(bare) + kept].rstrip("" if kept else _STOPS)


def _address(written: str, read: dict[str, Address]) -> Address:
    address = read.get(written)
    if address is None:
        address = read[written] = read_address(written)
    return address
