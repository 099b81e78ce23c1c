"""A style sheet cut into the pieces that matter here: conditions, selectors and declarations. Linear, for any text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from spamlint.source import Range

PieceKind: TypeAlias = Literal["at", "selector", "declarations"]

_SIGN: Final = re.compile(
    r"""/\*.*?(?:\*/|\Z)|"[^"\n]*"|'[^'\n]*'|<!--|-->|[{};]""",
    re.DOTALL,
)
_CONTAINERS: Final = frozenset({"@media", "@supports", "@layer", "@container", "@document", "@-moz-document"})
"""At-rules that hold ordinary rules; what the others hold is no style of an element."""
_INK: Final = re.compile(r"\S")
_NAME: Final = re.compile(r"@[\w-]*")
_LONGEST_AT_RULE: Final = 1_000
"""Code points of the condition of an at-rule that are looked at."""
_DEEPEST: Final = 100
"""Blocks inside one another that are told apart."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a style sheet: `@media ...` up to its block, a selector, or the declarations of a block."""

    kind: PieceKind
    start: int
    end: int
    in_at_rule: bool
    """It stands inside an at-rule such as @media: a program that does not know that one never sees it."""
    in_block: bool = False
    """A selector or at-rule inside the block of another selector (CSS nesting)."""


def pieces(css: str) -> Iterator[Piece]:
    """The pieces of a style sheet in order, white space around them cut off."""
    cutter = _Cutter(css)
    for sign in _SIGN.finditer(css):
        mark = sign[0]
        if mark in _CUTS:
            yield from _CUTS[mark](cutter, sign.start())
            cutter.at = sign.end()
        elif mark[0] not in "\"'" and cutter.first(sign.start()) == sign.start():
            cutter.at = sign.end()  # a comment in front of a piece; a string and a comment inside are part of it


class _Cutter:
    """Where the piece that comes next starts, and the blocks around it: "" holds declarations, "@media" rules."""

    def __init__(self, css: str) -> None:
        self.css = css
        self.at = 0
        self.stack: list[str] = []

    def open(self, end: int) -> Iterator[Piece]:
        """What stands before a block, which is then open."""
        kind: PieceKind = "at" if self.css.startswith("@", self.first(end)) else "selector"
        yield from self.piece(kind, end)
        # Beyond the deepest level a block is taken for one that is already open.
        if len(self.stack) < _DEEPEST:
            self.stack.append(self.name(end) if kind == "at" else "")

    def close(self, end: int) -> Iterator[Piece]:
        """The last declaration of a block, which is then closed."""
        if self.stack:
            if not self.stack[-1]:
                yield from self.piece("declarations", end)
            self.stack.pop()

    def end(self, end: int) -> Iterator[Piece]:
        """A declaration, or an at-rule without a block."""
        in_block = bool(self.stack) and not self.stack[-1]
        if in_block:
            yield from self.piece("declarations", end)
        elif self.css.startswith("@", self.first(end)):
            yield from self.piece("at", end)

    def piece(self, kind: PieceKind, end: int) -> Iterator[Piece]:
        """The text up to `end` as a piece, unless there is none or it styles no element."""
        start = self.first(end)
        if start < end and "@" not in self.stack:
            text = self.css[start:end]
            end -= len(text) - len(text.rstrip())
            yield Piece(kind, start, end, any(self.stack), kind != "declarations" and "" in self.stack)

    def name(self, end: int) -> str:
        """The name of the at-rule before a block where it holds rules, else "@"."""
        found = _NAME.match(self.css, self.first(end))
        name = found[0].lower() if found else ""
        return name if name in _CONTAINERS else "@"

    def first(self, end: int) -> int:
        """Where the first sign that is no white space stands, or `end`."""
        found = _INK.search(self.css, self.at, end)
        return found.start() if found else end


_CUTS: Final[Mapping[str, Callable[[_Cutter, int], Iterator[Piece]]]] = {
    "{": _Cutter.open,
    "}": _Cutter.close,
    ";": _Cutter.end,
}


@dataclass(slots=True)
class Joined:
    """Pieces of one kind of a style sheet as one text: the texts, and where they start in it and in the sheet."""

    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    outer: list[int] = field(default_factory=list)
    size: int = 0

    def add(self, text: str, start: int) -> None:
        """One more piece, which starts at `start` of the sheet."""
        self.texts.append(text)
        self.starts.append(self.size)
        self.outer.append(start)
        self.size += len(text) + len(_BETWEEN)

    @property
    def text(self) -> str:
        """All pieces, one behind the other."""
        return _BETWEEN.join(self.texts)

    def outward(self, place: Range) -> Range:
        """A place in the joined text, as one in the sheet."""
        index = bisect_right(self.starts, place[0]) - 1
        shift = self.outer[index] - self.starts[index]
        return place[0] + shift, min(place[1], self.starts[index] + len(self.texts[index])) + shift


_BETWEEN: Final = "}\n"
"""Ends a condition, a selector and a value, and may stand before each of them."""


def joined_pieces(css: str) -> dict[tuple[str, bool], Joined]:
    """The pieces of a style sheet by what they are and whether they lie in an at-rule."""
    found: dict[tuple[str, bool], Joined] = {}
    for piece in pieces(css):
        kinds: tuple[str, ...] = (piece.kind, "nested") if piece.in_block else (piece.kind,)
        end = min(piece.end, piece.start + _LONGEST_AT_RULE) if piece.kind == "at" else piece.end
        for kind in kinds:
            found.setdefault((kind, piece.in_at_rule), Joined()).add(css[piece.start : end], piece.start)
    return found
