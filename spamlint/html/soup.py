"""HTML as Beautiful Soup has it, for checks of your own: the interface that most people know, and slow.

The checks that come with spamlint ask `Document`, which costs a hundredth of it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

    from spamlint.html.document import Document
    from spamlint.html.element import Element

_LINE_END: Final = re.compile("\n")


def soup(document: Document) -> BeautifulSoup:
    """The tree of `document` that a browser builds, made by html5lib. Made anew on each call: keep it."""
    from bs4 import BeautifulSoup

    return BeautifulSoup(document.source.value, "html5lib")


def element_of(document: Document, tag: Tag) -> Element | None:
    """The element whose start tag made `tag`, which gives the place; None for a tag that nobody wrote, as <tbody>."""
    if tag.sourceline is None or tag.sourcepos is None:
        return None
    value = document.source.value
    lines = [0, *(found.end() for found in _LINE_END.finditer(value))]
    at = lines[min(tag.sourceline, len(lines)) - 1] + tag.sourcepos
    elements = document.elements
    number = bisect_right(elements, at, key=lambda element: element.start) - 1
    return elements[number] if number >= 0 and elements[number].tag == tag.name else None
