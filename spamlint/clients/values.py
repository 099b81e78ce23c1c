"""Which declarations have an effect: what a declaration resets, or repeats for newer programs, is missed by nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from spamlint.source import Range

_RESETS: Final = frozenset({"auto", "inherit", "initial", "none", "normal", "unset", "visible"})
_EMPTY_AT_ZERO: Final = ("border", "gap", "indent", "margin", "padding", "radius", "shadow", "spacing")
"""Words in the names of properties that nobody sees at 0."""
_LONGEST_RESET: Final = 40
_LONGEST_FALLBACK: Final = 1_000
"""Code points before a declaration in which one of the same property is looked for."""


def effects(pattern: re.Pattern[str], css: str) -> Iterator[Range]:
    """The places of the matches that are no declarations of what holds anyway, such as border-radius:0."""
    for found in pattern.finditer(css):
        if css[found.end() - 1] != ":" or not is_reset(found[1], css[found.end() : found.end() + _LONGEST_RESET]):
            yield found.span(1)


def is_reset(name: str, behind: str) -> bool:
    """Whether what stands behind the colon is a value that the property of that name has anyway."""
    value = behind.partition(";")[0].partition("}")[0].partition("!")[0].strip().lower()
    return value in _RESETS or (value in ("0", "0px") and any(word in name.lower() for word in _EMPTY_AT_ZERO))


def has_fallback(style: str, at: int) -> bool:
    """Whether the declaration at `at` follows one of the same property, for those who do not know its value."""
    start = style.rfind(";", 0, at) + 1
    name = style[start : max(at, style.find(":", start))].partition(":")[0].strip().lower()
    before = style[max(start - _LONGEST_FALLBACK, 0) : start].lower()
    return any(declaration.partition(":")[0].strip() == name for declaration in before.split(";")[:-1])
