"""Position maps: functions from a range of a text to the range of the layer around it that it came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TypeAlias

Range: TypeAlias = tuple[int, int]
"""A half-open range of offsets, `(start, end)`."""

Locate: TypeAlias = Callable[[int, int], Range]
"""A position map: a range inside a layer -> the range of the outer layer that it came from."""


def shifted(offset: int) -> Locate:
    """The map of a plain slice that starts at `offset` of the outer layer."""
    return lambda start, end: (start + offset, end + offset)


def chained(inner: Locate, outer: Locate) -> Locate:
    """The map through two layers: first `inner`, then `outer`."""
    return lambda start, end: outer(*inner(start, end))


def segmented(pieces: Iterable[tuple[int, int, int]]) -> Locate:
    """The map of a layer that was put together from `pieces` of the outer one.

    A piece is `(length, outer start, outer length)`, in the order of the inner text. Equal lengths mean a plain copy,
    unequal ones a unit (an escape, an entity, a run of white space) that is only ever located as a whole. What lies
    between two pieces in the outer layer was dropped there; a range across it covers it.
    """
    starts: list[int] = []
    rows: list[tuple[int, int, int]] = []
    total = 0
    for length, outer_start, outer_length in pieces:
        if length:
            starts.append(total)
            rows.append((length, outer_start, outer_length))
            total += length

    def outward(offset: int, after: int) -> int:
        """The outer offset before (`after` = 0) or behind (1) the code point at `offset`."""
        index = bisect_right(starts, offset) - 1
        length, outer_start, outer_length = rows[index]
        if length == outer_length:
            return outer_start + offset - starts[index] + after
        return outer_start + (outer_length if after else 0)

    def locate(start: int, end: int) -> Range:
        if not rows:
            return 0, 0
        if start < end:
            return outward(start, 0), outward(end - 1, 1)
        at = outward(start, 0) if start < total else outward(total - 1, 1)
        return at, at

    return locate


def assembled(pieces: Iterable[tuple[int, int, int, int]], offsets: Sequence[int]) -> Locate:
    """The map of a layer whose pieces come from several files, in any order, and from one place many times over.

    A piece is as in `segmented`, with the number of its file before its start; `offsets` says where each file starts in
    the outer layer. A range ends in the file that it starts in: where its last piece does so, if that lies behind the
    first; else where those of its pieces end that follow one another there.
    """
    rows = [(length, offsets[file] + start, size, file) for length, file, start, size in pieces if length]
    starts = [0, *accumulate(row[0] for row in rows)]
    whole = segmented(row[:3] for row in rows)

    def locate(start: int, end: int) -> Range:
        first, last = whole(start, end)
        index = bisect_right(starts, start, hi=len(rows)) - 1
        if start >= end or (last >= first and rows[bisect_right(starts, end - 1) - 1][3] == rows[index][3]):
            return first, last
        file = rows[index][3]
        last = first
        while index < len(rows) and starts[index] < end and rows[index][3] == file:
            if rows[index][1] < last and last > first:
                break
            last = rows[index][1] + rows[index][2]
            index += 1
        return first, last

    return locate
