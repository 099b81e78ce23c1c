"""Character references (`&amp;`, `&#38;`) read with their places, by the rules of the WHATWG tokenizer.

turbohtml decodes on the hot path; this reader only serves position maps, which need to know where each one stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Final, TypeAlias

from spamlint.source import Locate, Text, segmented, shifted

Run: TypeAlias = tuple[str, int, int]
"""A decoded piece, and the start and length of what it was written as."""

_NAMED: Final = re.compile(r"[A-Za-z0-9]{1,40};?")
_NUMBER: Final = re.compile(r"#(?:([0-9]+)|[xX]([0-9A-Fa-f]+));?")
_LONGEST_NUMBER: Final = 7
_REPLACEMENT: Final = "\ufffd"
_LAST: Final = 0x10FFFF
_WINDOWS_1252: Final = {
    0x80: "\u20ac", 0x82: "\u201a", 0x83: "\u0192", 0x84: "\u201e", 0x85: "\u2026", 0x86: "\u2020", 0x87: "\u2021",
    0x88: "\u02c6", 0x89: "\u2030", 0x8A: "\u0160", 0x8B: "\u2039", 0x8C: "\u0152", 0x8E: "\u017d", 0x91: "\u2018",
    0x92: "\u2019", 0x93: "\u201c", 0x94: "\u201d", 0x95: "\u2022", 0x96: "\u2013", 0x97: "\u2014", 0x98: "\u02dc",
    0x99: "\u2122", 0x9A: "\u0161", 0x9B: "\u203a", 0x9C: "\u0153", 0x9E: "\u017e", 0x9F: "\u0178",
}  # fmt: skip


def runs(value: str, start: int, end: int, *, attribute: bool = False) -> Iterator[Run]:
    """`value[start:end]` decoded piece by piece; `attribute`: by the rules of attribute values."""
    plain = at = start
    while (at := value.find("&", at, end)) >= 0:
        found = _reference(value, at + 1, end, attribute)
        if found is None:
            # A reader that wants no more must be able to stop here: the next reference may be megabytes away.
            at += 1
            yield value[plain:at], plain, at - plain
            plain = at
            continue
        if plain < at:
            yield value[plain:at], plain, at - plain
        decoded, stop = found
        yield decoded, at, stop - at
        plain = at = stop
    if plain < end:
        yield value[plain:end], plain, end - plain


def decoded(raw: Text, value: str | None = None, *, attribute: bool = False) -> Text:
    """`raw` with its references decoded. `value` is the result where the parser knows it already."""
    if value is None:
        value = "".join(piece for piece, _, _ in runs(raw.value, 0, len(raw.value), attribute=attribute))
        value = value.replace("\0", _REPLACEMENT)
    size = len(raw.value)

    def trace() -> Locate:
        pieces = list(runs(raw.value, 0, size, attribute=attribute))
        if "".join(piece for piece, _, _ in pieces).replace("\0", _REPLACEMENT) != value:
            return lambda _start, _end: (0, size)
        return segmented((len(piece), at, length) for piece, at, length in pieces) if pieces else shifted(0)

    return Text(value, raw, trace)


def _reference(value: str, at: int, end: int, attribute: bool) -> tuple[str, int] | None:
    """The reference behind the `&` before `at`: what it stands for and where it ends; None where there is none."""
    number = _NUMBER.match(value, at, end)
    if number:
        return _numbered(number[1] or number[2], 10 if number[1] else 16), number.end()
    name = _NAMED.match(value, at, end)
    if name is None:
        return None
    for stop in range(name.end(), at + 1, -1):
        meaning = html5.get(value[at:stop])
        if meaning is None:
            continue
        following = value[stop : min(stop + 1, end)]
        if attribute and value[stop - 1] != ";" and (following == "=" or (following.isascii() and following.isalnum())):
            return None
        return meaning, stop
    return None


def _numbered(digits: str, base: int) -> str:
    digits = digits.lstrip("0")
    code = int(digits, base) if 0 < len(digits) <= _LONGEST_NUMBER else 0 if not digits else _LAST + 1
    if code == 0 or code > _LAST or 0xD800 <= code <= 0xDFFF:
        return _REPLACEMENT
    return _WINDOWS_1252.get(code) or chr(code)
