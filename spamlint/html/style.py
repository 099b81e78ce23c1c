"""What an inline style does to the text inside: shown, hidden, or of no size."""

from __future__ import annotations

import re
from typing import Final

NOTHING: Final = 0
FONT: Final = 1
"""Gives the text a size of its own, also inside an element whose text has none."""
ZERO_FONT: Final = 2
"""Gives the text no size; an element inside may give it one again."""
HIDES: Final = 3

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NUMBER: Final = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([a-z%]*)")
_FONT_SIZE: Final = re.compile(r"(?<![\w.-])(\d+(?:\.\d*)?|\.\d+)([a-z%]*)\s*(?:/|\s|$)")
_RELATIVE: Final = frozenset({"em", "%", "ex", "ch", "smaller", "larger", "inherit"})
_FAR: Final = -500.0
"""Pixels beyond the edge from which text is taken for hidden."""
_WORDS: Final = ("none", "hidden", "font", "opacity", "indent", "left", "top", "collapse")


def effect_of(style: str) -> int:
    """`NOTHING`, `FONT`, `ZERO_FONT` or `HIDES`: what the value of a style attribute does to the text inside."""
    lower = style.lower()
    if not any(word in lower for word in _WORDS):
        return NOTHING
    rules = _declarations(lower)
    if _hides(rules):
        return HIDES
    return _font(rules)


def _declarations(style: str) -> dict[str, str]:
    """Property -> value as the last declaration has it, one with `!important` before all others."""
    rules: dict[str, str] = {}
    important: dict[str, str] = {}
    if "/*" in style:
        style = _COMMENT.sub("", style)
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            value, mark, _ = value.partition("!")
            (important if mark else rules)[name.strip()] = value.strip()
    return rules | important


def _hides(rules: dict[str, str]) -> bool:
    if rules.get("display") == "none" or rules.get("visibility") in {"hidden", "collapse"}:
        return True
    if _is_zero(rules.get("opacity")):
        return True
    clipped = "hidden" in (rules.get("overflow", ""), rules.get("overflow-y", ""))
    if clipped and any(_is_zero(rules.get(name)) for name in ("max-height", "height", "max-width", "width")):
        return True
    if _is_far(rules.get("text-indent")):
        return True
    placed = rules.get("position") in {"absolute", "fixed", "relative"}
    return placed and (_is_far(rules.get("left")) or _is_far(rules.get("top")))


def _font(rules: dict[str, str]) -> int:
    size = rules.get("font-size")
    if size is None:
        shorthand = _FONT_SIZE.search(rules.get("font", ""))
        if shorthand is None:
            return NOTHING
        size = shorthand[1] + shorthand[2]
    if _is_zero(size):
        return ZERO_FONT
    found = _NUMBER.match(size)
    unit = found[2] if found else size
    return NOTHING if unit in _RELATIVE else FONT


def _is_zero(value: str | None) -> bool:
    found = _NUMBER.fullmatch(value) if value else None
    return found is not None and float(found[1]) == 0


def _is_far(value: str | None) -> bool:
    found = _NUMBER.fullmatch(value) if value else None
    return found is not None and found[2] in {"px", "pt", "", "em", "%"} and _pixels(found) <= _FAR


def _pixels(found: re.Match[str]) -> float:
    size = float(found[1])
    return size * 16 if found[2] in {"em", "%"} else size
