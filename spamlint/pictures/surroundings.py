"""What the elements around a picture say of it: whether it is linked, hidden, and how wide its place is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from spamlint.html import Document, Element
from spamlint.html.style import HIDES, effect_of
from spamlint.html.tags import SKIPPED_TAGS
from spamlint.html.walk import path_of
from spamlint.pictures.size import MAIL_WIDTH, Length, length, style_lengths

if TYPE_CHECKING:
    from spamlint.css.painter import Painter

_BOXES: Final = frozenset({"td", "th", "table", "div"})
_LINKS: Final = frozenset({"a", "area", "button"})
_NONE: Final[Mapping[str, Length]] = {}


class Surroundings:
    """Answers for the elements of one document, each asked once. Elements are named by their numbers."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._around: dict[int, tuple[bool, bool]] = {-1: (False, False)}
        self._room: dict[int, int] = {}
        self._lengths: dict[str, Mapping[str, Length]] = {}
        self._hiding: dict[str, bool] = {}

    def of(self, number: int) -> tuple[bool, bool]:
        """Whether what stands in element `number` (-1: in none) is linked, and whether it is hidden."""
        known = self._around.get(number)
        if known is not None:
            return known
        path: list[tuple[int, str]] = []
        linked = hidden = False
        for step in path_of(self._document, number):
            known = self._around.get(step[0])
            if known is not None:
                linked, hidden = known
                break
            path.append(step)
        element = self._document.element
        for one, tag in reversed(path):
            linked = linked or (tag in _LINKS and bool((element(one).get("href") or "").strip()))
            hidden = hidden or (self._document.is_hidden(one) and self.hides(element(one)))
            self._around[one] = linked, hidden
        return linked, hidden

    def room(self, number: int) -> int:
        """Pixels of width that something in element `number` has."""
        path: list[int] = []
        room = MAIL_WIDTH
        for one, tag in path_of(self._document, number):
            path.append(one)
            known = self._room.get(one) or (self._width(one) if tag in _BOXES else None)
            if known:
                room = known
                break
        for one in path:
            self._room[one] = room
        return room

    def lengths(self, style: str | None) -> Mapping[str, Length]:
        """`style_lengths` of a style attribute, each read once."""
        if not style:
            return _NONE
        found = self._lengths.get(style)
        if found is None:
            found = self._lengths[style] = style_lengths(style)
        return found

    def sheet_lengths(self, number: int) -> Mapping[str, Length]:
        """`style_lengths` of what style sheets declare for element `number`."""
        found = self._painter.of_sheets(number)
        return style_lengths(";".join(f"{name}:{value}" for name, value in found.items())) if found else _NONE

    @cached_property
    def _painter(self) -> Painter:
        from spamlint.css.painter import Painter

        return Painter(self._document, self._document.limits)

    def hides(self, element: Element) -> bool:
        """Whether nothing in `element`, pictures included, is shown. Text without a size hides no pictures."""
        if element.tag in SKIPPED_TAGS or element.get("hidden") is not None:
            return True
        style = element.get("style")
        if not style:
            return False
        found = self._hiding.get(style)
        if found is None:
            found = self._hiding[style] = effect_of(style) == HIDES
        return found

    def _width(self, number: int) -> int | None:
        """The width in pixels that a cell, a table or a block is given, up to that of the mail."""
        element = self._document.element(number)
        lengths = self.lengths(element.get("style"))
        wanted = lengths.get("width") or length(element.get("width"))
        if wanted is None or wanted[1]:
            wanted = lengths.get("max-width")
        if wanted is None or wanted[1]:
            return None
        return min(round(wanted[0]), MAIL_WIDTH) or None
