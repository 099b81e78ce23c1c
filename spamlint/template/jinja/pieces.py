"""Rendered text that remembers its origin: pieces are joined as strings are, and their origins with them.

What a filter makes of a piece is a plain string again: its origin is then the expression or block around the filter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from markupsafe import Markup
from markupsafe import escape as escaped

Origin: TypeAlias = tuple[int, int, int, int]
"""Length of the rendered piece; number of the file it is from; start and length of what was written there.

Equal lengths mean static text, unequal ones a value, which is only ever located as a whole expression.
A value as long as its expression has an origin for each code point.
"""


class Piece(Markup):
    """Rendered text with its origins, one behind the other. Safe text: what had to be escaped is escaped already."""

    origins: tuple[Origin, ...] = ()

    def __str__(self) -> str:
        return self

    def __html__(self) -> Markup:
        return self


def piece(text: str, origins: tuple[Origin, ...]) -> Piece:
    """`text` as a piece with these origins."""
    made = Piece(text)
    made.origins = origins
    return made


def joined(parts: Iterable[str]) -> Piece:
    """All parts as one piece. A part without an origin gets the place behind the part before it."""
    texts: list[str] = []
    origins: list[Origin] = []
    for part in parts:
        texts.append(part)
        if isinstance(part, Piece):
            origins.extend(part.origins)
        elif part:
            _, file, start, length = origins[-1] if origins else (0, 0, 0, 0)
            origins.append((len(part), file, start + length, 0))
    return piece("".join(texts), tuple(origins))


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an expression on its way into the output, where it is escaped or not, as the template says."""

    value: Any
    file: int
    start: int
    length: int

    def __str__(self) -> str:
        return self._placed(self.value if isinstance(self.value, Piece) else str(self.value))

    def __html__(self) -> str:
        return self._placed(self.value if isinstance(self.value, Piece) else escaped(self.value))

    def _placed(self, text: str) -> str:
        if isinstance(text, Piece) and text.origins:
            return text
        size = len(text)
        if size == self.length:
            return piece(text, ((1, self.file, self.start, self.length),) * size)
        return piece(text, ((size, self.file, self.start, self.length),) if text else ())


def kept_markup(text: Any = "") -> Markup:
    """`text` as safe text; a piece stays one. Stands for `Markup` where Jinja2 calls it on rendered text."""
    return text if isinstance(text, Piece) else Markup(text)


def kept_escape(value: Any) -> Markup:
    """`value` escaped, with its origin. Stands for `escape` in templates."""
    if isinstance(value, Value):
        found = value.__html__()
        return found if isinstance(found, Markup) else Markup(found)
    return value if isinstance(value, Piece) else escaped(value)
