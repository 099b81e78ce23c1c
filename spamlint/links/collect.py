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

_IN_TEXT = r"(?i)\bhttps?:(?:\\\\|//)[^\s<>\"\[\]{}|^`]{1,4000}"
_STOPS = ".,;:!?'*_"


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One link: an element of the HTML, or an address that stands in plain text, which mail programs make a link."""

    written: str
    """The address as it is written, references of HTML decoded."""
    address: Address
    element: Element | None
    text: Text | None = None
    """The address, where it stands in plain text."""

    @property
    def target(self) -> Text:
        """The address, with its place."""
        found = self.element.attribute("href") if self.element is not None else self.text
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
    for element in document.all("a", "area")[:most]:
        written = element.get("href")
        if written is not None:
            yield Link(written, _address(written, read), element)


def _in_text(text: Text, read: dict[str, Address], most: int) -> Iterator[Link]:
    value = text.value
    if "://" not in value and ":\\\\" not in value:
        return
    for number, found in enumerate(re.finditer(_IN_TEXT, value)):
        if number == most:
            return
        written = _without_stops(found[0])
        start = found.start()
        yield Link(written, _address(written, read), None, text[start : start + len(written)])


def _without_stops(written: str) -> str:
    """The address without the signs that end the sentence or the brackets around it."""
    shorter = written.rstrip(_STOPS)
    return shorter if "(" in shorter else shorter.rstrip(_STOPS + ")")


def _address(written: str, read: dict[str, Address]) -> Address:
    address = read.get(written)
    if address is None:
        address = read[written] = read_address(written)
    return address
