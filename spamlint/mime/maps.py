"""Position maps that are built piece by piece, when somebody asks.

A map of a whole part as a list of segments can need a hundred times the memory of the part. A windowed map keeps only
where each window starts; the segments of a window are built when a place inside it is asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from spamlint.source import Locate, Range

WINDOW = 1024
"""Bytes of the outer layer in one window."""

_WINDOWS_KEPT = 64


def windowed(starts: Sequence[int], open_window: Callable[[int], Locate]) -> Locate:
    """The map of a layer that consists of windows.

    Window `i` starts at `starts[i]` of the layer; the first at 0, none is empty. `open_window(i)` gives its map: from
    offsets inside the window to offsets of the outer layer.
    """
    opened: dict[int, Locate] = {}

    def window(offset: int) -> tuple[Locate, int]:
        index = bisect_right(starts, offset) - 1
        if index not in opened:
            if len(opened) >= _WINDOWS_KEPT:
                opened.clear()
            opened[index] = open_window(index)
        return opened[index], offset - starts[index]

    def locate(start: int, end: int) -> Range:
        if not starts:
            return 0, 0
        first, offset = window(start)
        if start == end:
            return first(offset, offset)
        outer_start, _ = first(offset, offset + 1)
        last, offset = window(end - 1)
        return outer_start, last(offset, offset + 1)[1]

    return locate


def whole(length: int) -> Locate:
    """The map that gives the whole outer layer, `length` long, for any range."""
    return lambda _start, _end: (0, length)
