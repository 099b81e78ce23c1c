"""The text/plain alternative of an HTML document: what a reader sees, in lines that say the same without mark-up."""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from typing import Final

from spamlint.html.document import Document
from spamlint.html.element import Element
from spamlint.html.outline import MARK
from spamlint.html.tags import BLOCKS, HEADINGS, VOID_TAGS

WIDTH: Final = 76
"""Columns of a line; only an address, or a line with template code, is longer."""

_APART: Final = HEADINGS | {"p", "blockquote", "pre", "dl", "address", "figure"}
"""Blocks with an empty line before and after."""
_LISTS: Final = frozenset({"ul", "ol", "menu", "dir"})
_UNDERLINES: Final = {"h1": "=", "h2": "-"}
_DIRECTIVE: Final = re.compile(r"\{%|<%|\{\{[#/^]")


def plain_text(document: Document) -> str:
    """The words of `document` with the addresses of its links; headings, lists and tables as plain text has them."""
    outline = document.outline
    starts, closed, pieces = outline.starts, outline.closed, outline.visible
    writer = _Writer(document)
    following, count, never = 0, len(starts), len(pieces) + 1
    for index in range(len(pieces) + 1):
        while following < count and starts[following][2] <= index:
            element = document.element(following)
            writer.close_until(starts[following][1])
            writer.void(element) if element.tag in VOID_TAGS else writer.open(element)
            following += 1
        writer.close_ended(closed, index, never)
        if index < len(pieces):
            piece = pieces[index]
            writer.line_end() if piece is MARK else writer.words((piece.data or "").replace("\0", ""))
    writer.close_until(-1)
    writer.flush()
    return "\n".join(writer.lines).strip("\n") + "\n"


class _Writer:
    """The lines so far, and the elements that are open."""

    def __init__(self, document: Document) -> None:
        self.lines: list[str] = []
        self.stack: list[Element] = []
        self.current: list[str] = []
        self.bullet = ""
        self.heading_at = 0
        """Where the lines of the innermost block began."""
        self.numbers: list[int] = []
        self.links: list[int] = []
        """Where in `current` the text of each open link begins."""
        self.rows: list[list[str]] = []
        self.data_tables = _data_tables(document)
        self.tables: list[bool] = []
        """Whether each open table is one of data."""
        self.inside: defaultdict[str, int] = defaultdict(int)

    def open(self, element: Element) -> None:
        """A start tag."""
        tag = element.tag
        if tag in BLOCKS:
            self.line_end()
        self.stack.append(element)
        self.inside[tag] += 1
        if tag == "table":
            self.tables.append(element.number in self.data_tables)
        if tag in _APART:
            self.gap()
            self.heading_at = len(self.lines)
        elif tag in _LISTS:
            self.gap() if len(self.numbers) == 0 else self.flush()
            self.numbers.append(_first_number(element) if tag == "ol" else -1)
        elif tag == "li":
            self.flush()
            self.bullet = self._bullet()
        elif tag == "a":
            self.links.append(len(self.current))
        elif element.number in self.data_tables:
            self.gap()
            self.rows = []
        elif tag == "tr" and self.in_data():
            self.rows.append([])

    def void(self, element: Element) -> None:
        """A picture or a rule."""
        if element.tag == "hr" and not element.hidden:
            self.gap()
            self.lines.append("-" * 40)
            self.gap()
        alt = element.get("alt") if element.tag == "img" and not element.hidden else None
        if alt and alt.strip():
            self.words(alt if self.inside["a"] else f"[{' '.join(alt.split())}]")

    def close_until(self, number: int) -> None:
        """Ends the elements inside element `number` (-1: all)."""
        while self.stack and self.stack[-1].number != number:
            self.close()

    def close_ended(self, closed: dict[int, int], index: int, never: int) -> None:
        """Ends the elements that hold nothing from that piece on."""
        while self.stack and closed.get(self.stack[-1].number, never) <= index:
            self.close()

    def close(self) -> None:
        """The end of the innermost element."""
        element = self.stack.pop()
        tag = element.tag
        self.inside[tag] -= 1
        if tag == "table":
            self.tables.pop()
        if tag in BLOCKS and tag not in _APART and not self.in_data() and element.number not in self.data_tables:
            self.flush()
        if tag == "a":
            self._end_link(element)
        elif tag in _APART:
            self._end_block(tag)
        elif tag in _LISTS:
            self.flush()
            self.numbers.pop()
            if not self.numbers:
                self.gap()
        elif tag in ("td", "th") and self.in_data() and self.rows:
            self.rows[-1].append(self._taken())
        elif tag == "li":
            self.flush()
            self.bullet = ""
        elif element.number in self.data_tables:
            self._write_table()

    def in_data(self) -> bool:
        """Whether the innermost table is one of data."""
        return bool(self.tables) and self.tables[-1]

    def words(self, text: str) -> None:
        """A piece of text in the current line."""
        if self.inside["pre"] and "\n" in text:
            for line in text.split("\n"):
                self.flush()
                self.current.append(line)
            return
        self.current.append(text)

    def line_end(self) -> None:
        """The end of a line; the lines of a cell of data are one."""
        if self.inside["table"] and self.in_data():
            self.current.append(" ")
        else:
            self.flush()

    def gap(self) -> None:
        """The end of a line, and an empty one behind it."""
        self.flush()
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def flush(self) -> None:
        """Writes the current line."""
        text = self._taken()
        if not text:
            return
        quote = "> " * min(self.inside["blockquote"], 5)
        indent = "  " * max(len(self.numbers) - 1, 0)
        first = quote + indent + self.bullet
        rest = quote + indent + " " * len(self.bullet)
        if len(first + text) <= WIDTH or _DIRECTIVE.search(text):
            self.lines.append(first + text)
        else:
            self.lines += textwrap.wrap(
                text,
                WIDTH,
                initial_indent=first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
        self.bullet = " " * len(self.bullet)

    def _taken(self) -> str:
        text = " ".join("".join(self.current).split())
        self.current.clear()
        self.links = [0] * len(self.links)
        return text

    def _end_block(self, tag: str) -> None:
        self.flush()
        if tag in _UNDERLINES and self.lines[self.heading_at :]:
            self.lines.append(_UNDERLINES[tag] * max(map(len, self.lines[self.heading_at :])))
        self.gap()

    def _bullet(self) -> str:
        if not self.numbers or self.numbers[-1] < 0:
            return "- "
        self.numbers[-1] += 1
        return f"{self.numbers[-1] - 1}. "

    def _end_link(self, element: Element) -> None:
        start = self.links.pop() if self.links else 0
        address = " ".join((element.get("href") or "").split())
        said = " ".join("".join(self.current[start:]).split())
        shown = address.removeprefix("mailto:").removeprefix("tel:").partition("?")[0]
        shown = shown if address.startswith(("mailto:", "tel:")) else address
        if element.hidden or not shown or shown.startswith("#") or shown == said:
            return
        bare = re.sub(r"^https?://|/$", "", shown)
        if re.sub(r"^https?://|/$", "", said) == bare:
            del self.current[start:]
            self.current.append(shown)
        else:
            self.current.append(f" ({shown})" if said else shown)

    def _write_table(self) -> None:
        """The rows of a table of data, in columns."""
        columns = max(map(len, self.rows), default=0)
        widths = [max((len(row[at]) for row in self.rows if at < len(row)), default=0) for at in range(columns)]
        fits = sum(widths) + 3 * columns <= WIDTH
        for row in filter(any, self.rows):
            cells = (cell.ljust(widths[at]) for at, cell in enumerate(row)) if fits else row
            self.lines.append(" | ".join(cells).rstrip())
        self.rows = []
        self.gap()


def _first_number(element: Element) -> int:
    start = (element.get("start") or "1").strip()
    return int(start) if start.isdecimal() and len(start) < 10 else 1


def _data_tables(document: Document) -> set[int]:
    """The numbers of the tables with header cells and no table inside them; all others are there for the layout."""
    own: list[int] = []
    data: set[int] = set()
    outer: set[int] = set()
    for number, (token, around, _) in enumerate(document.starts):
        above = own[around] if around >= 0 else -1
        own.append(number if token.tag == "table" else above)
        if token.tag == "th":
            data.add(above)
        elif token.tag == "table":
            outer.add(above)
    return data - outer - {-1}
