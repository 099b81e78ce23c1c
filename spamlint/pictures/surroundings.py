"""What the elements around a picture say of it: whether it is linked, hidden, and how wide its place is."""

from __future__ import annotations

from typing import Final

from spamlint.html import Element
from spamlint.html.style import HIDES, effect_of
from spamlint.html.tags import SKIPPED_TAGS
from spamlint.pictures.size import MAIL_WIDTH, length, pixels, style_lengths

_BOXES: Final = frozenset({"td", "th", "table", "div"})
_LINKS: Final = frozenset({"a", "area", "button"})

_Around = tuple[bool, bool]


class Surroundings:
    """Answers for the elements of one document, each asked once."""

    def __init__(self) -> None:
        self._around: dict[int, _Around] = {}
        self._room: dict[int, int] = {}

    def of(self, element: Element) -> _Around:
        """Whether an element in `element` is linked, and whether it is hidden."""
        path: list[Element] = []
        at: Element | None = element
        while at is not None and at.number not in self._around:
            path.append(at)
            at = at.parent
        linked, hidden = self._around[at.number] if at is not None else (False, False)
        for one in reversed(path):
            linked = linked or (one.tag in _LINKS and bool((one.get("href") or "").strip()))
            hidden = hidden or (one.hidden and hides(one))
            self._around[one.number] = linked, hidden
        return linked, hidden

    def room(self, element: Element | None) -> int:
        """Pixels of width that an element in `element` has."""
        path: list[int] = []
        room = MAIL_WIDTH
        while element is not None:
            known = self._room.get(element.number)
            width = known if known is not None else _width(element) if element.tag in _BOXES else None
            if width:
                room = width
                break
            path.append(element.number)
            element = element.parent
        if element is not None:
            self._room[element.number] = room
        for number in path:
            self._room[number] = room
        return room


def hides(element: Element) -> bool:
    """Whether nothing in `element`, pictures included, is shown. Text without a size hides no pictures."""
    if element.tag in SKIPPED_TAGS or element.get("hidden") is not None:
        return True
    style = element.get("style")
    return bool(style) and effect_of(style or "") == HIDES


def _width(element: Element) -> int | None:
    """The width in pixels that a cell, a table or a block is given, up to that of the mail."""
    lengths = style_lengths(element.get("style") or "")
    wanted = lengths.get("width") or length(element.get("width"))
    if wanted is None or wanted[1]:
        wanted = lengths.get("max-width")
    found = pixels(wanted, MAIL_WIDTH) if wanted is not None and not wanted[1] else None
    return min(round(found), MAIL_WIDTH) or None if found is not None else None
