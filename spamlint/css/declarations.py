"""The declarations of a style: those that decide whether text can be read, each under one name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

Declared: TypeAlias = tuple[Mapping[str, str], Mapping[str, str]]
"""Property -> value: the plain declarations of a style and the important ones."""


def names(words: str) -> frozenset[str]:
    """The words of a constant."""
    return frozenset(words.split())


BACKGROUND: Final = "background-color"
IMAGE: Final = "background-image"
SIZE: Final = "font-size"

READ: Final = names(
    "color background background-color background-image font font-size font-weight display visibility opacity overflow "
    "overflow-x overflow-y max-height height max-width width text-indent position left top margin-left margin-top "
    "clip -webkit-text-fill-color"
)
"""Properties that are read; all others are passed over."""

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.DOTALL)
_SHORT_SIZE: Final = re.compile(
    r"(?<![\w.#-])((?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(?:[a-z]+|%)|0|(?:xx?-)?(?:small|large)|medium)(?=[\s/]|\Z)"
)
_LAST: Final = 0x10FFFF
_REMEMBERED: Final = 250
"""Styles of which the result is kept: mail repeats its few styles."""
_LONGEST_REMEMBERED: Final = 250


def without_comments(style: str) -> str:
    """`style` in lower case, its comments and escapes gone."""
    style = style.lower()
    if "/*" in style:
        style = _COMMENT.sub(" ", style)
    return _ESCAPE.sub(_unescaped, style) if "\\" in style else style


def declarations(style: str) -> Declared:
    """What a style declares, as it is written; the result is kept for the next one that asks, in whatever message."""
    return _remembered(style) if len(style) <= _LONGEST_REMEMBERED else declared(without_comments(style))


@lru_cache(_REMEMBERED)
def _remembered(style: str) -> Declared:
    return declared(without_comments(style))


def declared(style: str) -> Declared:
    """Property -> value in a style without comments: the plain ones and the important ones, the last of each name."""
    plain: dict[str, str] = {}
    important: dict[str, str] = {}
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name = name.strip()
        if name not in READ:
            continue
        value, mark, _ = value.partition("!")
        value = value.strip()
        into = important if mark else plain
        if name == "background":
            into[BACKGROUND] = into[IMAGE] = value
        elif name == "font":
            _font(value, into)
        elif value:
            into[name] = value
    return plain, important


def _font(value: str, into: dict[str, str]) -> None:
    size = _SHORT_SIZE.search(value)
    if size:
        into[SIZE] = size[1]
        into["font-weight"] = "bold" if "bold" in value[: size.start()] else "normal"


def _unescaped(found: re.Match[str]) -> str:
    if not found[1]:
        return found[2]
    number = int(found[1], 16)
    return chr(number).lower() if 0 < number <= _LAST and not 0xD800 <= number <= 0xDFFF else " "
