"""The elements that are open while tags are compared with the parser's tree, and those that wait for their end tags."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from spamlint.html.tags import CLOSES, HEADINGS, OPTIONAL_END
from spamlint.html.tree import Node

_NEAR: Final = 4
"""How many of the innermost elements may have an implied element that an end tag closes."""


@dataclass(frozen=True, slots=True)
class End:
    """A tag that ended elements; written out as `<td>` or `</td>`."""

    tag: str
    start: int
    is_start_tag: bool

    def __str__(self) -> str:
        return f"<{self.tag}>" if self.is_start_tag else f"</{self.tag}>"


class Entry:
    """A start tag that made an element."""

    __slots__ = ("ended", "implied", "length", "omitted", "self_closing", "settled", "start", "tag")

    def __init__(self, tag: str, start: int, length: int, *, self_closing: bool) -> None:
        self.tag = tag
        self.start = start
        self.length = length
        self.self_closing = self_closing
        self.ended: End | None = None
        """The tag that ended the element and is not its own end tag."""
        self.omitted = False
        """Its end tag is left out as the standard allows."""
        self.settled = False
        """Closed as it should, or told of already."""
        self.implied: frozenset[str] = frozenset()
        """Elements that the parser added inside, whose end tags are therefore no surprise."""


class OpenElements:
    """The open elements as the tree has them, innermost last."""

    def __init__(self) -> None:
        self.stack: list[Entry] = []
        self.depths: dict[int, int] = {}
        """Start of an open element -> its place in `stack`."""
        self.tables: list[int] = []
        """The places of open tables in `stack`."""
        self.unpaired: defaultdict[str, list[Entry]] = defaultdict(list)
        """Elements without an end tag of their own that a misplaced end tag may belong to."""

    def push(self, entry: Entry, node: Node) -> None:
        """`entry` is the innermost element now."""
        if entry.tag == "table":
            self.tables.append(len(self.stack))
        if node.end is None:
            self.unpaired[entry.tag].append(entry)
        self.depths[entry.start] = len(self.stack)
        self.stack.append(entry)

    def take(self) -> Entry:
        """The innermost element, which is open no longer."""
        entry = self.stack.pop()
        del self.depths[entry.start]
        if self.tables and self.tables[-1] == len(self.stack):
            self.tables.pop()
        return entry

    def end_above(self, height: int, end: End) -> list[Entry]:
        """End the elements above `height`, which have no end tags of their own; gives those not settled before."""
        ended = []
        while len(self.stack) > height:
            entry = self.take()
            if not entry.settled:
                entry.ended = end
                entry.omitted = end.is_start_tag and _follows(end.tag, entry.tag)
                ended.append(entry)
        return ended

    def height_around(self, node: Node, tag: str) -> int:
        """How many elements the tree still has around the new element `tag`."""
        depth = self.depths.get(node.around, -1 if node.around < 0 else len(self.stack))
        if tag != "table" and self.tables and self.tables[-1] > depth:
            return len(self.stack)  # moved out of the table, which stays open
        return depth + 1

    def ends_implied(self, tag: str) -> bool:
        """Whether an end tag belongs to an element that the parser added itself; once for each."""
        for entry in self.stack[-_NEAR:]:
            if tag in entry.implied:
                entry.implied -= {tag}
                return True
        return False

    def meant_by(self, tag: str) -> Entry | None:
        """The element that a misplaced end tag was meant for: still open, or ended by another tag before."""
        for name in (tag, *(HEADINGS if tag in HEADINGS else ())):
            waiting = self.unpaired[name]
            while waiting and (waiting[-1].settled or waiting[-1].omitted):
                waiting.pop()
            if waiting:
                return waiting.pop()
        return None

    def obstacle(self, entry: Entry, tag: str) -> End | None:
        """What keeps the end tag `tag` from ending `entry`: the tag that ended it, or the innermost open element."""
        if entry.ended or not self.stack or (self.stack[-1] is entry and entry.tag == tag):
            return entry.ended
        return End(self.stack[-1].tag, self.stack[-1].start, is_start_tag=True)


def _follows(tag: str, before: str) -> bool:
    """Whether a start tag ends an element before it as the standard has it: <li> an <li>, <tr> a <td>, <p> a <p>."""
    return before in OPTIONAL_END and before in CLOSES.get(tag, ()) and (before != "p" or tag == "p")
