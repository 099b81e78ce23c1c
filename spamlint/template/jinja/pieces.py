"""Rendered text that remembers its origin: pieces are joined as strings are, and their origins with them.

What a filter makes of a piece is a plain string again: its origin is then the expression or block around the filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from markupsafe import escape as escaped

from spamlint.template.outcome import Origin


class Piece(Markup):
    """Rendered text with its origins, one behind the other. Safe text: what had to be escaped is escaped already."""

    origins: tuple[Origin, ...] = ()

    def __str__(self) -> str:
        return self

    def __html__(self) -> Piece:
        return self


def piece(text: str, origins: tuple[Origin, ...]) -> Piece:
    """`text` as a piece with these origins."""
    made = Piece(text)
    made.origins = origins
    return made


def joined(parts: Iterable[object]) -> Piece:
    """All parts as one piece. A part without an origin gets the place behind the part before it."""
    texts: list[str] = []
    origins: list[Origin] = []
    for given in parts:
        part = given if isinstance(given, str) else str(given)  # what an unknown macro gives
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
    grow: Callable[[int], None]
    """Is told the length of what is put out."""

    def __str__(self) -> str:
        return self._placed(self.value if isinstance(self.value, Piece) else str(self.value))

    def __html__(self) -> str:
        return self._placed(self.value if isinstance(self.value, Piece) else escaped(self.value))

    def _placed(self, text: str) -> str:
        size = len(text)
        self.grow(size)
        if isinstance(text, Piece) and text.origins:
            return text
        if size == self.length:
            return piece(text, ((1, self.file, self.start, self.length),) * size)
        return piece(text, ((size, self.file, self.start, self.length),) if text else ())


def kept_markup(text: Any = "") -> Markup:
    """`text` as safe text; a piece stays one. Stands for `Markup` where Jinja2 calls it on rendered text."""
    return text if isinstance(text, Piece) else Markup(text)  # noqa: S704 - as Jinja2 does with what it rendered


def kept_escape(value: Any) -> Markup:
    """`value` escaped, with its origin. Stands for `escape` in templates."""
    if isinstance(value, Value):
        found = value.__html__()
        return found if isinstance(found, Markup) else Markup(found)  # noqa: S704 - the empty string
    return value if isinstance(value, Piece) else escaped(value)
