"""How text looks at one place: colours, size, and whether it can be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from spamlint.css.colours import BLACK, LINK, WHITE, Colour, Paint, contrast, old_paint_of, over, paint_in, paint_of
from spamlint.css.declarations import BACKGROUND, IMAGE, SIZE, names

NONE: Final = "none"
"""Hidden with all that it holds: display, visibility, opacity, no room."""
AWAY: Final = "away"
"""Placed beyond the edge."""

USUAL_SIZE: Final = 16.0
FAINT: Final = 0.05
"""Opacity up to which nothing is seen."""
FAR: Final = -400.0
"""Pixels beyond the edge from which text is out of sight."""
_BOLD: Final = frozenset({"bold", "bolder", "600", "700", "800", "900"})
_BOLD_TAGS: Final = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_TAG_SIZES: Final = {
    "h1": 2.0,
    "h2": 1.5,
    "h3": 1.17,
    "h5": 0.83,
    "h6": 0.67,
    "small": 0.83,
    "big": 1.2,
    "sub": 0.83,
    "sup": 0.83,
}
_FONT_SIZES: Final = {1: 10.0, 2: 13.0, 3: 16.0, 4: 18.0, 5: 24.0, 6: 32.0, 7: 48.0}
_WORD_SIZES: Final = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0,
}  # fmt: skip
_RELATIVE: Final = {"em": 1.0, "%": 0.01, "ex": 0.5, "ch": 0.5}
_FIXED: Final = {"px": 1.0, "": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0}
_LENGTH: Final = re.compile(r"([+-]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*([a-z%]*)")
_UNKNOWN_GROUND: Final = frozenset({"button", "input", "select", "textarea", "marquee"})
_PLACED: Final = frozenset({"absolute", "fixed"})
_PAINTING: Final = names(
    "color background-color background-image font-size font-weight -webkit-text-fill-color position"
)
_HIDING: Final = names(
    "display visibility opacity overflow overflow-x overflow-y text-indent position margin-left margin-top clip"
)


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks that stands directly in an element. A colour is None where it is not known."""

    colour: Colour | None = BLACK
    ground: Colour | None = WHITE
    """The background."""
    size: float = USUAL_SIZE
    """Pixels."""
    bold: bool = False
    unseen: str = ""
    """`NONE`, `AWAY`, or "" where nothing around it hides it."""
    link: Colour | None = LINK
    """The colour that links get."""

    @property
    def contrast(self) -> float | None:
        """The contrast ratio of text and background; None where one of them is not known."""
        return contrast(self.colour, self.ground) if self.colour is not None and self.ground is not None else None


PLAIN: Final = Look()


Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names with their values."""


def look_inside(around: Look, tag: str, styles: Mapping[str, str], old: Mapping[str, str]) -> Look:
    """How text looks inside an element with these declarations and old attributes in an element that looks `around`."""
    ground = _ground(around, tag, styles, old) if styles or old else around.ground
    link = old_paint_of(old["link"]) if "link" in old else None
    return Look(
        _colour(around, tag, ground, styles, old),
        ground,
        _size(around.size, tag, styles, old),
        _bold(around.bold, tag, styles),
        around.unseen or _unseen(styles, old),
        link[:3] if link is not None else around.link,
    )


def changes_nothing(styles: Mapping[str, str]) -> bool:
    """Whether these declarations alone leave the look of text as it is."""
    return _PAINTING.isdisjoint(styles) and not _unseen(styles, styles)


def is_zero(value: str | None, up_to: float = 0.0) -> bool:
    """Whether `value` is a length of at most so many pixels."""
    found = _LENGTH.fullmatch(value) if value else None
    return found is not None and 0 <= float(found[1]) * _FIXED.get(found[2], 16.0) <= up_to


def _ground(around: Look, tag: str, styles: Mapping[str, str], old: Mapping[str, str]) -> Colour | None:
    image = styles.get(IMAGE, "")
    if "url(" in image or "gradient" in image or old.get("background", "").strip():
        return None
    paint: Paint | None = None
    value = styles.get(BACKGROUND)
    if value is not None:
        paint = paint_in(value)
        if paint is None and _is_filled_in(value):
            return None
    elif "bgcolor" in old:
        if _is_filled_in(old["bgcolor"]):
            return None
        paint = old_paint_of(old["bgcolor"])
    if paint is not None and paint[3] > 0:
        return over(paint, around.ground) if around.ground is not None else paint[:3] if paint[3] >= 1 else None
    if tag in _UNKNOWN_GROUND or styles.get("position") in _PLACED:
        return None
    return around.ground


def _is_filled_in(value: str) -> bool:
    """Whether a template or a variable puts a value there that is not known."""
    return any(sign in value for sign in "({<%$|")


def _colour(
    around: Look, tag: str, ground: Colour | None, styles: Mapping[str, str], old: Mapping[str, str]
) -> Colour | None:
    value = styles.get("-webkit-text-fill-color") or styles.get("color")
    paint: Paint | None = None
    if value is not None and value not in ("inherit", "currentcolor", "unset"):
        paint = paint_of(value)
        if paint is None and _is_filled_in(value):
            return None
    name = {"font": "color", "body": "text"}.get(tag, "")
    if paint is None and name in old:
        if _is_filled_in(old[name]):
            return None
        paint = old_paint_of(old[name])
    if paint is not None:
        return over(paint, ground) if ground is not None else paint[:3] if paint[3] >= 1 else None
    if tag == "a" and "href" in old and value is None:
        return around.link
    return None if tag in _UNKNOWN_GROUND else around.colour


def _size(around: float, tag: str, styles: Mapping[str, str], old: Mapping[str, str]) -> float:
    value = styles.get(SIZE)
    if value is None:
        if tag == "font" and "size" in old:
            return _font_size(old["size"], around)
        return around * _TAG_SIZES[tag] if tag in _TAG_SIZES else around
    found = _LENGTH.match(value)
    if found is None:
        relative = {"smaller": 0.83, "larger": 1.2}.get(value)
        return around * relative if relative else _WORD_SIZES.get(value, around)
    number, unit = abs(float(found[1])), found[2]
    if unit in _RELATIVE:
        return number * _RELATIVE[unit] * around
    return number * _FIXED[unit] if unit in _FIXED else around


def _font_size(value: str, around: float) -> float:
    value = value.strip()
    found = _LENGTH.match(value)
    if found is None:
        return around
    step = max(-9, min(9, int(float(found[1]))))
    return _FONT_SIZES[max(1, min(7, 3 + step if value[0] in "+-" else step))]


def _bold(around: bool, tag: str, styles: Mapping[str, str]) -> bool:
    weight = styles.get("font-weight")
    return weight in _BOLD if weight is not None else around or tag in _BOLD_TAGS


def _unseen(styles: Mapping[str, str], old: Mapping[str, str]) -> str:
    if "hidden" in old:
        return NONE
    if not styles or _HIDING.isdisjoint(styles):
        return ""
    if styles.get("display") == "none" or styles.get("visibility") in ("hidden", "collapse"):
        return NONE
    if is_zero(styles.get("opacity"), FAINT) or _has_no_room(styles):
        return NONE
    if any(_is_far(styles.get(name)) for name in ("text-indent", "margin-left", "margin-top")):
        return AWAY
    placed = styles.get("position") in ("absolute", "fixed", "relative")
    return AWAY if placed and (_is_far(styles.get("left")) or _is_far(styles.get("top"))) else ""


def _has_no_room(styles: Mapping[str, str]) -> bool:
    clipped = any(styles.get(name) in ("hidden", "clip") for name in ("overflow", "overflow-x", "overflow-y"))
    sides = ("max-height", "height", "max-width", "width")
    if clipped and any(is_zero(styles.get(name), 1.0) for name in sides):
        return True
    return styles.get("position") in _PLACED and styles.get("clip", "").startswith("rect(0")


def _is_far(value: str | None) -> bool:
    found = _LENGTH.fullmatch(value) if value and value[0] == "-" else None
    return found is not None and float(found[1]) * _FIXED.get(found[2], 16.0) <= FAR
