"""Rendered text that remembers its origin: safe text of Django's, so that it goes through tags and blocks as it is.

What a filter makes of a piece is a plain string again: its origin is then the expression or block around the filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.utils.safestring import SafeString

from spamlint.template.outcome import Origin, Span

_BETWEEN_TAGS = re.compile(r"(?<=>)\s+(?=<)")
_LINE_ENDS = re.compile(r"\s*\n\s*")
_AROUND = re.compile(r"\A\s+|\s+\Z")


class Placed(SafeString):  # type: ignore[misc]
    """Rendered text with its origins, one behind the other."""

    origins: tuple[Origin, ...] = ()


def placed(text: str, origins: Iterable[Origin]) -> Placed:
    """`text` as a piece with these origins."""
    made = Placed(text)
    made.origins = tuple(origins)
    return made


def static(text: str, file: int, start: int) -> Placed:
    """Text as it stands in the template."""
    return placed(text, ((len(text), file, start, len(text)),) if text else ())


def at(text: str, place: Span) -> Placed:
    """`text`, which has its own origins or else comes from the expression or block at `place`."""
    if isinstance(text, Placed) and (text.origins or not text):
        return text
    return placed(text, _unit(len(text), *place))


def joined(parts: Iterable[Placed]) -> Placed:
    """All parts as one piece."""
    found = list(parts)
    return placed("".join(found), (origin for part in found for origin in part.origins))


def without_blanks_between_tags(text: Placed) -> Placed:
    """What `{% spaceless %}` makes of a piece; what it takes away changes no place."""
    return _replaced(_replaced(text, _AROUND, ""), _BETWEEN_TAGS, "")


def trimmed(text: Placed) -> Placed:
    """What the option of that name makes of the text of `{% blocktranslate %}`."""
    return _replaced(_replaced(text, _AROUND, ""), _LINE_ENDS, " ")


def _replaced(text: Placed, pattern: re.Pattern[str], new: str) -> Placed:
    """`new` for each match; it comes from where the match came from."""
    parts: list[Placed] = []
    end = 0
    for found in pattern.finditer(text):
        parts.append(_cut(text, end, found.start()))
        if new:
            first = next(_inside(text.origins, *found.span()))
            parts.append(placed(new, _unit(len(new), *first[1:])))
        end = found.end()
    return joined((*parts, _cut(text, end, len(text)))) if parts else text


def _cut(text: Placed, start: int, end: int) -> Placed:
    return placed(text[start:end], _inside(text.origins, start, end))


def _inside(origins: Iterable[Origin], start: int, end: int) -> Iterator[Origin]:
    """The origins of a part of a piece."""
    offset = 0
    for length, file, first, size in origins:
        low, high = max(start - offset, 0), min(end - offset, length)
        if low < high:
            if length == size:
                yield high - low, file, first + low, high - low
            else:
                yield from _unit(high - low, file, first, size)
        offset += length
        if offset >= end:
            return


def _unit(length: int, file: int, start: int, size: int) -> tuple[Origin, ...]:
    """The origins of text that is only ever located as a whole. One as long as its origin is no plain copy of it."""
    if length == size:
        return ((1, file, start, size),) * length
    return ((length, file, start, size),) if length else ()
