"""How text is laid out for a terminal or a pipe: language, width, colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spamlint.report.escape import cells, visible, visible_line, width
from spamlint.source import Range
from spamlint.verdict import Language

RED, GREEN, YELLOW, CYAN, BOLD, DIM = "31", "32", "33", "36", "1", "2"
_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Style:
    """The layout of a text report. `columns` is the width of the terminal; None: nothing is wrapped or cut."""

    language: Language = "en"
    columns: int | None = None
    colour: bool = False

    def paint(self, text: str, *codes: str) -> str:
        """`text` in a colour, where colour is wanted."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour else text

    def room(self, indent: int) -> int | None:
        """The columns that are left behind `indent` blanks."""
        return None if self.columns is None else max(self.columns - indent, _NARROWEST)


def labelled(rows: Sequence[tuple[str, Sequence[str]]], indent: int, style: Style) -> list[str]:
    """Rows of a label and its lines, the lines aligned. The lines are printed as they are."""
    column = label_column(rows, indent)
    lines = []
    for label, texts in rows:
        head = " " * indent + style.paint(label, DIM) + " " * (column - indent - width(label))
        for text in texts:
            lines.append((head + text).rstrip())
            head = " " * column
    return lines


def label_column(rows: Sequence[tuple[str, Sequence[str]]], indent: int) -> int:
    """The column at which the lines of `labelled` rows start."""
    return indent + max((width(label) for label, _ in rows), default=0) + 2


def wrapped(text: str, room: int | None) -> list[str]:
    """`text`, made visible, in lines of at most `room` columns; a longer word has a line of its own."""
    shown = visible(text)
    if room is None or width(shown) <= room:
        return [visible_line(shown)]
    lines: list[str] = []
    line, *words = shown.split(" ")
    used = width(line)
    for word in words:
        size = width(word)
        if line.strip(" ") and used + 1 + size > room:
            lines.append(line)
            line, used = word, size
        else:
            line, used = f"{line} {word}", used + 1 + size
    return [visible_line(line) for line in (*lines, line)]


def marked(excerpt: str, mark: Range, room: int | None) -> tuple[str, str]:
    """One line of source, cut to `room` columns around the marked range, and the line of carets under it."""
    shown = cells(excerpt)
    start = min(mark[0], len(shown))
    end = min(max(mark[1], start), len(shown))
    sizes = [size for _, size in shown]
    left, right = (0, len(shown)) if room is None else _window(sizes, start, room)
    line = "".join(text for text, _ in shown[left:right])
    before = sum(sizes[left:start])
    carets = max(sum(sizes[start : min(end, right)]), 1)
    ahead, behind = "…" if left else "", "…" if right < len(shown) else ""
    return ahead + line + behind, " " * (len(ahead) + before) + "^" * carets


def _window(sizes: Sequence[int], start: int, room: int) -> Range:
    """The range of cells around `start` that takes at most `room` columns, two of them for the signs of a cut."""
    if sum(sizes) <= room:
        return 0, len(sizes)
    room -= 2
    left, used = start, 0
    while left and used + sizes[left - 1] <= room // 3:
        left -= 1
        used += sizes[left]
    right = start
    while right < len(sizes) and used + sizes[right] <= room:
        used += sizes[right]
        right += 1
    while left and used + sizes[left - 1] <= room:
        left -= 1
        used += sizes[left]
    return left, right
