"""Ways over the elements of a document that make no more of them than are wanted."""

from __future__ import annotations

from collections.abc import Iterator

from spamlint.html.document import Document
from spamlint.html.element import Element
from spamlint.html.layers import unmasked


def having(document: Document, name: str) -> Iterator[Element]:
    """The elements with that attribute."""
    return (document.element(number) for number, _ in document.having(name))


def styled(document: Document, piece: str) -> Iterator[Element]:
    """The elements with a style that holds `piece`, which is in lower case. Equal styles are looked at once."""
    known: dict[str, bool] = {}
    for number, style in document.having("style"):
        holds = known.get(style)
        if holds is None:
            holds = known[style] = piece in style.lower()
        if holds:
            yield document.element(number)


def path_of(document: Document, number: int) -> Iterator[tuple[int, str]]:
    """Number and tag of element `number` (-1: of none) and of each one around it, from the inside out."""
    starts, is_masked = document.starts, document.is_masked
    while number >= 0:
        token, around, _ = starts[number]
        yield number, unmasked(token.tag or "") if is_masked else token.tag or ""
        number = around


def parent_number(document: Document, number: int) -> int:
    """The number of the element around element `number`; -1 where there is none."""
    return document.starts[number][1]


def text_before(document: Document, number: int) -> int:
    """A figure that grows from one element to the next where visible text stands between their start tags."""
    return document.starts[number][2]
