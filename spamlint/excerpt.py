"""What a place quotes: its line, cut to a width that people can read."""

from __future__ import annotations

import re

EXCERPT_WIDTH = 160
"""Code points of the source line that a place quotes at most."""

_LINE_END = re.compile(r"\r\n|\r|\n")


def excerpt_of_bytes(data: bytes, line_start: int, start: int, end: int) -> tuple[str, tuple[int, int]]:
    """The line of `data` in which `start` lies, read as UTF-8, and the marked range in it."""
    window = max(line_start, start - 4 * EXCERPT_WIDTH)
    stop = min(len(data), start + 4 * EXCERPT_WIDTH)
    before, inside, after = (
        data[first:last].decode("utf-8", "replace")
        for first, last in ((window, start), (start, min(end, stop)), (min(end, stop), stop))
    )
    return excerpt(before + inside + after, len(before), len(before) + len(inside))


def excerpt(value: str, start: int, end: int) -> tuple[str, tuple[int, int]]:
    """The line of `value` in which `start` lies, cut to `EXCERPT_WIDTH` around it, and the marked range in it."""
    left = max(0, start - EXCERPT_WIDTH // 2)
    right = left + EXCERPT_WIDTH
    window = value[left:right]
    before = window[: start - left]
    head = max(before.rfind("\n"), before.rfind("\r")) + 1
    line_end = _LINE_END.search(window, start - left)
    tail = line_end.start() if line_end else len(window)
    return window[head:tail], (start - left - head, max(min(end - left, tail), start - left) - head)
