"""Text from mail -> text that a terminal shows as it is: nothing in it moves, hides or turns what is printed."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeAlias

Cell: TypeAlias = tuple[str, int]
"""What is printed for one code point, and how many columns it takes."""

TAB_WIDTH = 4

# Code points that take no place on the screen, or look like a blank, though their category says they are printable.
_UNSEEN = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
# What build servers obey wherever it stands in a line of a log.
_BUILD_COMMAND = re.compile(r"##(?:vso)?\[")
_OTHER = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def visible(text: str) -> str:
    r"""`text` with controls, bidirectional marks, line separators and code points without width as escapes: \x1b."""
    if _is_plain(text):
        return text
    return "".join(shown for shown, _ in _cells(text))


def visible_line(text: str) -> str:
    """`text` made visible, to stand at the start of a line: build servers obey a line that starts with "::"."""
    shown = visible(text)
    at = len(shown) - len(shown.lstrip())
    return f"{shown[:at]}\\x3a{shown[at + 1 :]}" if shown.startswith("::", at) else shown


def cells(text: str) -> list[Cell]:
    """What is printed for each code point of one line, and its width. A tab goes up to the next stop."""
    shown: list[Cell] = []
    column = 0
    for char, cell in zip(text, _cells(text), strict=True):
        if char == "\t":
            size = TAB_WIDTH - column % TAB_WIDTH
            cell = " " * size, size  # noqa: PLW2901 - the one character whose width depends on where it stands
        shown.append(cell)
        column += cell[1]
    return shown


def width(text: str) -> int:
    """How many columns `text` takes once it is made `visible`."""
    return len(text) if _is_plain(text) else sum(size for _, size in _cells(text))


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "##" not in text


def _cells(text: str) -> list[Cell]:
    unsafe = _UNSEEN | {"#"} if _BUILD_COMMAND.search(text) else _UNSEEN
    return [_cell(char, unsafe) for char in text]


def _cell(char: str, unsafe: frozenset[str]) -> Cell:
    category = unicodedata.category(char)
    if char in unsafe or category in _OTHER:
        escaped = _escaped(char)
        return escaped, len(escaped)
    if category in ("Mn", "Me"):
        return char, 0
    return char, 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
