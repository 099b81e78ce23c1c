"""Where in the HTML a directive stands: in text, in a tag, in the value of which attribute, in a style sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Where: TypeAlias = Literal["text", "tag", "value", "comment", "sheet", "script"]

_MARKUP = re.compile(r"<!--(?!\[if)(?!<!)|<(?=[A-Za-z/]|\Z)")
_TAG_NAME = re.compile(r"(/?)([A-Za-z][\w:-]*)?")
_IN_TAG = re.compile(r"(?<![^\s=<>\"'/])([^\s=<>\"'/]++)\s*+=\s*+([\"']?)|>|<(?=[A-Za-z/!])")
_BARE_END = re.compile(r"[\s>]")
_RAW = {"style": "sheet", "script": "script"}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in HTML. `quote` is that around an attribute's value, "" for a value without."""

    where: Where = "text"
    tag: str = ""
    """The element whose tag or content this is; in text the tag that stands before it."""
    attribute: str = ""
    quote: str = ""
    start: int = 0
    """Where the value of the attribute begins."""


def beyond(value: str, start: int, end: int, spot: Spot) -> Spot:
    """The spot at `end`, where `spot` is that at `start` and plain HTML stands between them."""
    at = start
    while at < end:
        spot, at = _STEPS[spot.where](value, at, end, spot)
    return spot


def _in_text(value: str, at: int, end: int, spot: Spot) -> tuple[Spot, int]:
    found = _MARKUP.search(value, at, end)
    if found is None:
        return spot, end
    if found[0] == "<!--":
        return Spot("comment"), found.end()
    return _opened(value, found.end(), end)


def _opened(value: str, at: int, end: int) -> tuple[Spot, int]:
    """Behind "<": an end tag keeps its slash before its name."""
    named = _TAG_NAME.match(value, at, end)
    name = named[1] + (named[2] or "").lower() if named else ""
    return Spot("tag", name or "?"), named.end() if named else at


def _in_tag(value: str, at: int, end: int, spot: Spot) -> tuple[Spot, int]:
    found = _IN_TAG.search(value, at, end)
    if found is None:
        return spot, end
    if found[0] == ">":
        return _content(spot.tag), found.end()
    if found[0] == "<":
        return _opened(value, found.end(), end)
    return Spot("value", spot.tag, found[1].lower(), found[2], found.end()), found.end()


def _content(tag: str) -> Spot:
    where = _RAW.get(tag)
    if where == "sheet":
        return Spot("sheet", tag)
    return Spot("script", tag) if where else Spot("text", tag)


def _in_value(value: str, at: int, end: int, spot: Spot) -> tuple[Spot, int]:
    if spot.quote:
        close = value.find(spot.quote, at, end)
        return (spot, end) if close < 0 else (Spot("tag", spot.tag), close + 1)
    found = _BARE_END.search(value, at, end)
    return (spot, end) if found is None else (Spot("tag", spot.tag), found.start())


def _in_comment(value: str, at: int, end: int, spot: Spot) -> tuple[Spot, int]:
    close = value.find("-->", at, end)
    return (spot, end) if close < 0 else (Spot(), close + 3)


def _in_raw(value: str, at: int, end: int, spot: Spot) -> tuple[Spot, int]:
    close = value.find("</", at, end)
    while close >= 0 and value[close + 2 : close + 2 + len(spot.tag)].lower() != spot.tag:
        close = value.find("</", close + 2, end)
    return (spot, end) if close < 0 else _opened(value, close + 1, end)


_STEPS = {
    "text": _in_text, "tag": _in_tag, "value": _in_value, "comment": _in_comment, "sheet": _in_raw, "script": _in_raw,
}  # fmt: skip
