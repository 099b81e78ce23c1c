"""What a reader sees, as a Text: white space collapsed, lines at block boundaries, every code point with its origin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Final

from spamlint.html.layers import unmasked
from spamlint.html.outline import Mark, Piece
from spamlint.html.references import Run, runs
from spamlint.source import Locate, Text, chained, segmented

if TYPE_CHECKING:
    from turbohtml import Token

_WORD: Final = re.compile(r"[^\s\0]+")


def shown(
    source: Text, pieces: Sequence[Piece], start_of: Callable[[Token], int], *, with_nul: bool, masked: bool = False
) -> Text:
    """The text of `pieces`, a layer of `source`. `start_of` tells where in `source` a token starts.

    `with_nul`: there is a NUL in `source`, which would stand for a line end here.
    """
    joined = "".join(map(_without_nul, pieces) if with_nul else [piece.data or "" for piece in pieces])
    if masked:
        joined = unmasked(joined)
    lines = [" ".join(words) for block in joined.split("\0") if (words := block.split())]

    def trace() -> Locate:
        return chained(segmented(_words(joined)), segmented(_parts(source.value, pieces, start_of)))

    return Text("\n".join(lines), source, trace)


def _without_nul(piece: Piece) -> str:
    """A text as browsers show it: NULs are dropped."""
    return piece.data if isinstance(piece, Mark) else (piece.data or "").replace("\0", "")


def _words(joined: str) -> Iterator[tuple[int, int, int]]:
    """How the collapsed text was put together from `joined`: words, and one blank or line end between two."""
    last = -1
    for word in _WORD.finditer(joined):
        start, end = word.span()
        if last >= 0:
            yield 1, last, start - last
        yield end - start, start, end - start
        last = end


def _parts(source: str, pieces: Sequence[Piece], start_of: Callable[[Token], int]) -> Iterator[tuple[int, int, int]]:
    """How the joined text was put together from `source`."""
    at = 0
    for piece in pieces:
        if isinstance(piece, Mark):
            yield 1, at, 0
            continue
        at = start_of(piece)
        for length, start, size in _token_parts(source, piece, at):
            yield length, start, size
            at = start + size


def _token_parts(source: str, token: Token, at: int) -> Iterator[tuple[int, int, int]]:
    data = token.data or ""
    if "&" not in data and source.startswith(data, at):
        yield from _copies(data, at)
        return
    found = list(_read(source, data, at))
    if "".join(text for text, _, _ in found) == data:
        for text, start, size in found:
            if len(text) == size:
                yield from _copies(text, start)
            else:
                yield len(text), start, size
    elif source.startswith(data, at):
        yield from _copies(data, at)
    else:
        # Each code point is located as the whole: one unit for all would be a plain copy if the lengths agreed.
        size = (source.find("<", at + 1) + 1 or len(source) + 1) - 1 - at
        yield from repeat((1, at, size), len(data.replace("\0", "")))


def _copies(data: str, at: int) -> Iterator[tuple[int, int, int]]:
    """`data`, which stands at `at`, without the NULs in it."""
    for part in data.split("\0"):
        yield len(part), at, len(part)
        at += len(part) + 1


def _read(source: str, data: str, at: int) -> Iterator[Run]:
    """The pieces from `at` on that are decoded to as much text as `data` has."""
    left = len(data)
    for text, start, size in runs(source, at, len(source)):
        if left <= len(text):
            yield text[:left], start, left if len(text) == size else size
            return
        yield text, start, size
        left -= len(text)


def source_end(source: str, data: str, at: int) -> int:
    """Where the text that is decoded to `data` and starts at `at` ends in `source`."""
    end = at
    for _, start, size in _read(source, data, at):
        end = start + size
    return end
