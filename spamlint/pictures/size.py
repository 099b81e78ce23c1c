"""How large a picture is shown: what attributes and styles say, what its file says, and what is usual."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

MAIL_WIDTH: Final = 600
"""Pixels that a message is wide: what percentages are taken of, and what a picture without a size is fitted into."""
USUAL_SIDE: Final = 200
"""Pixels of a side where nothing is known of a picture; SpamAssassin takes the same."""
LARGEST_SIDE: Final = 2_000
"""Pixels of a side that count at most: more is a mistake or a trick."""
SQUARE_UP_TO: Final = 100
"""A picture of which one side is known is taken for a square up to here, and for twice as wide as high above."""

Length: TypeAlias = tuple[float, bool]
"""A number and whether it is a percentage."""

AUTO: Final[Length] = (100.0, True)
"""A height that follows from the width."""

_LENGTH: Final = re.compile(r"\s*\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*(px|pt|em|rem|%|vw)?", re.IGNORECASE)
_IN_STYLE: Final = re.compile(
    r"(?:^|[;\s{])((?:max-|min-)?(?:width|height))\s*:\s*(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}|auto)\s*(px|pt|em|rem|%|vw)?"
)
_UNITS: Final = {"pt": 4 / 3, "em": 16.0, "rem": 16.0}
_LONGEST_STYLE: Final = 10_000


def length(value: str | None) -> Length | None:
    """The length that an attribute such as `width="50%"` gives."""
    found = _LENGTH.match(value) if value else None
    return _length(found[1], found[2]) if found else None


def style_lengths(style: str) -> Mapping[str, Length]:
    """Property -> length of the widths and heights in a style; a height may be `AUTO`."""
    found = {}
    for name, number, unit in _IN_STYLE.findall(style[:_LONGEST_STYLE].lower()):
        if number != "auto":
            found[name] = _length(number, unit)
        elif name == "height":
            found[name] = AUTO
    return found


def _length(number: str, unit: str | None) -> Length:
    unit = (unit or "px").lower()
    return float(number) * _UNITS.get(unit, 1.0), unit in ("%", "vw")


def pixels(wanted: Length | None, whole: int) -> float | None:
    """`wanted` in pixels, percentages of `whole`."""
    if wanted is None:
        return None
    number, percent = wanted
    return number * whole / 100 if percent else number


def displayed(width: float | None, height: float | None, natural: tuple[int, int] | None, room: int) -> tuple[int, int]:
    """The size on the screen of a picture with this declared and this natural size, in `room` pixels of width."""
    if width is None and height is None:
        if natural is None:
            return USUAL_SIDE, USUAL_SIDE
        width = min(natural[0], room)
    if natural is not None:
        width = width if width is not None else (height or 0) * natural[0] / natural[1]
        height = height if height is not None else width * natural[1] / natural[0]
    elif width is None:
        width = height or 0
    elif height is None:
        height = width if width <= SQUARE_UP_TO else width / 2
    return min(round(width), LARGEST_SIDE), min(round(height or 0), LARGEST_SIDE)
