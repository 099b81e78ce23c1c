"""Tags that are stray, unclosed or misnested, and content out of place: the tokens against the tree of the parser.

The tree is right by definition; the tokens tell what the author wrote. Where the two differ, something is wrong.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from spamlint.html.layers import LineIndex, unmasked
from spamlint.html.open_elements import End, Entry, OpenElements
from spamlint.html.problem import Problem
from spamlint.html.tags import OPTIONAL_END, SHAPES, TABLE_INSIDES, TABLE_PARTS, VOID_TAGS
from spamlint.html.tree import Node
from spamlint.html.visible import source_end
from spamlint.source import Text

if TYPE_CHECKING:
    from turbohtml import Token

STRAY: Final = "stray-end-tag"
MISNESTED: Final = "misnested-tag"
UNCLOSED: Final = "unclosed-tag"
OMITTED: Final = "omitted-end-tag"
OUTSIDE_CELL: Final = "content-outside-cell"
MISPLACED: Final = "misplaced-tag"
SEVERAL: Final = "several-bodies"
AFTER_BODY: Final = "content-after-body"

_PAGE: Final = ("html", "head", "body")
_TOLD_WHEN_OMITTED: Final = ("p", "td", "th", "tr", "li")
_EVIDENT: Final = 2
"""An end tag counts as forgotten where that many times as many elements of its name have one."""


def structure_problems(
    source: Text,
    lines: LineIndex,
    nodes: Mapping[int, Node],
    tokens: Iterable[Token],
    doubtful: Container[int] | None,
    most: int,
) -> Sequence[Problem] | None:
    """What is wrong with the nesting in `source`, in its order, `most` problems of it.

    `doubtful` holds the numbers of the elements in which something may be wrong; the content of the others is passed
    over, and `nodes` need not tell of it. None: look at all. The result is None where the tree does not agree that the
    others are in order, so that all must be looked at.
    """
    if any(node.parent == "frameset" for node in nodes.values()):
        return ()
    comparison = _Comparison(source, lines, nodes, most)
    if not comparison.read(tokens, doubtful):
        return None
    comparison.judge_open()
    return [comparison.problems[start] for start in sorted(comparison.problems)]


class _Comparison:
    """The state of the walk over the tokens: the elements that are open as the tree has it, and what was found."""

    def __init__(self, source: Text, lines: LineIndex, nodes: Mapping[int, Node], most: int) -> None:
        self.source = source
        self.most = most
        self.nodes = nodes
        self.lines = lines
        self.problems: dict[int, Problem] = {}
        self.entries: dict[int, Entry] = {}
        self.closing = {node.end: start for start, node in nodes.items() if node.end is not None}
        self.open = OpenElements()
        self.seen: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        """Start tags that made no element and whose end tags have not come yet."""
        self.explicit: Counter[str] = Counter()
        """Elements that have their end tag."""
        self.passed_over: defaultdict[str, int] = defaultdict(int)
        self.ended_pages: Counter[str] = Counter()
        self.told_page = 0
        """How many pages in one were told of; 1: that a tag of the page comes too late."""
        self.finished = False
        """</body> or </html> was seen, and nothing behind it yet."""

    def read(self, tokens: Iterable[Token], doubtful: Container[int] | None) -> bool:
        """Compare the tokens with the tree; False where an element passed over does not end as its tags say."""
        from turbohtml import TokenType

        text_type, start_type, offset = TokenType.TEXT, TokenType.START_TAG, self.lines.offset
        number, depth, passed = -1, 0, -1
        passed_over, void_tags = self.passed_over, VOID_TAGS
        for token in tokens:
            tag = token.tag
            if tag is None:
                if not depth and token.type is text_type and token.data and not token.data.isspace():
                    self.text(token.data, token)
            elif token.type is start_type:
                number += 1
                if depth:
                    passed_over[tag] += 1
                    depth += tag not in void_tags
                    continue
                start = offset(token.line, token.col)
                self.start_tag(tag if tag in SHAPES else unmasked(tag), start, token)
                if doubtful is not None and number not in doubtful and tag not in void_tags:
                    depth, passed = 1, start
            else:
                if depth > 1:
                    depth -= 1
                    continue
                depth = 0
                start = offset(token.line, token.col)
                if passed >= 0:
                    if self.closing.get(start) != passed:
                        return False
                    passed = -1
                self.end_tag(tag if tag in SHAPES else unmasked(tag), start, len(token.source or ""))
        return True

    def start_tag(self, tag: str, start: int, token: Token) -> None:
        """A start tag: dropped by the parser, moved out of a table, or an element that is open now."""
        length = len(token.source or "")
        self.seen[tag] += 1
        node = self.nodes.get(start)
        if node is None:
            self.dropped_start(tag, start, length)
            return
        if self.finished:
            self.after_body(tag, start, length)
        stack = self.open.stack
        if not stack or stack[-1].start != node.around:
            self.end_above(self.open.height_around(node, tag), End(tag, start, is_start_tag=True))
        innermost = stack[-1].tag if stack else ""
        if node.parent != innermost:
            if innermost in TABLE_INSIDES and tag not in TABLE_PARTS and node.parent not in TABLE_INSIDES:
                self.report(OUTSIDE_CELL, start, length, tag=tag, other=f"<{innermost}>")
            if stack and node.parent in TABLE_PARTS:
                stack[-1].implied |= {node.parent, "tbody"} if node.parent == "tr" else {node.parent}
        if tag in VOID_TAGS or (token.self_closing and (node.foreign or ":" in tag)):
            return
        entry = self.entries[start] = Entry(tag, start, length, self_closing=token.self_closing)
        self.open.push(entry, node)

    def end_above(self, height: int, end: End) -> None:
        """End the elements above `height`, which have no end tags of their own."""
        for entry in self.open.end_above(height, end):
            if entry.tag == "head" and ":" in end.tag:
                # Word puts elements of its own into <head>, which ends it; that is no mistake of the author.
                entry.settled = True
                self.told_page = 1
                self.dropped["head"] += 1

    def dropped_start(self, tag: str, start: int, length: int) -> None:
        """A start tag that the parser ignored."""
        self.dropped[tag] += 1
        if tag in _PAGE:
            self.dropped_page(tag, start, length)
        elif tag in TABLE_PARTS:
            self.report(OUTSIDE_CELL, start, length, tag=tag, other="")
        else:
            self.report(MISPLACED, start, length, tag=tag, other=f"<{tag}>")

    def dropped_page(self, tag: str, start: int, length: int) -> None:
        """<html>, <head> or <body> again or too late: told once for all that come together."""
        if self.seen[tag] > max(self.told_page, 1):
            self.told_page = self.seen[tag]
            self.report(SEVERAL, start, length, tag=tag, other="")
        elif not self.told_page:
            self.told_page = 1
            self.report(MISPLACED, start, length, tag=tag, other="")
        self.finished = False

    def end_tag(self, tag: str, start: int, length: int) -> None:
        """An end tag: it closes the innermost element or one further out, or none."""
        if tag in ("body", "html"):
            self.page_end(tag, start, length)
            return
        closed = self.entries.get(self.closing.get(start, -1))
        if closed is not None:
            closed.settled = True
            self.explicit[tag] += 1
            depth = self.open.depths.get(closed.start)
            if depth is not None and depth == len(self.open.stack) - 1:
                self.open.take()
            elif depth is not None:
                self.end_above(depth, End(tag, start, is_start_tag=False))
            return
        if self.is_expected(tag):
            return
        entry = self.open.meant_by(tag)
        if entry is None:
            self.report(STRAY, start, length, tag=tag, other="")
            return
        entry.settled = True
        self.report(MISNESTED, start, length, tag=tag, **self.cause(self.open.obstacle(entry, tag)))

    def page_end(self, tag: str, start: int, length: int) -> None:
        """</body> or </html>: the first counts, whatever the parser makes of it when more follows."""
        if self.ended_pages[tag]:
            if self.dropped[tag]:
                self.dropped[tag] -= 1
            else:
                self.report(STRAY, start, length, tag=tag, other="")
            return
        self.ended_pages[tag] += 1
        self.finished = True
        element = next((entry for entry in self.open.stack[: len(_PAGE)] if entry.tag == tag), None)
        if element is not None:
            element.settled = True
            self.end_above(self.open.depths[element.start], End(tag, start, is_start_tag=False))

    def is_expected(self, tag: str) -> bool:
        """Whether the end tag belongs to a start tag that was dropped or may be left out."""
        if self.dropped[tag]:
            self.dropped[tag] -= 1
            return True
        if tag == "head" and not self.seen[tag]:
            self.seen[tag] += 1
            return True
        return tag in TABLE_PARTS and self.open.ends_implied(tag)

    def text(self, data: str, token: Token) -> None:
        """A text that is not blank."""
        innermost = self.open.stack[-1].tag if self.open.stack else ""
        if innermost not in TABLE_INSIDES and not self.finished:
            return
        start = self.lines.offset(token.line, token.col)
        value = self.source.value
        end = start + len(data) if value.startswith(data, start) else source_end(value, data, start)
        blank = len(value[start:end]) - len(value[start:end].lstrip())
        length = len(value[start:end].strip())
        if self.finished:
            self.after_body("", start + blank, length)
        else:
            self.report(OUTSIDE_CELL, start + blank, length, tag="", other=f"<{innermost}>")

    def after_body(self, tag: str, start: int, length: int) -> None:
        """The first thing behind </body> or </html>; the others are not told."""
        self.finished = False
        self.dropped.update(("body", "html"))
        self.report(AFTER_BODY, start, length, tag=tag, other="</body>")

    def judge_open(self) -> None:
        """At the end of the text: elements that have no end tag and need one, or are evidently meant to have one."""
        omitted: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries.values():
            if entry.settled or entry.self_closing:
                continue
            if entry.tag in OPTIONAL_END:
                omitted[entry.tag].append(entry)
            else:
                self.report_open(UNCLOSED, entry)
        for tag in _TOLD_WHEN_OMITTED:
            if self.explicit[tag] + self.passed_over[tag] >= _EVIDENT * len(omitted[tag]):
                for entry in omitted[tag]:
                    self.report_open(OMITTED, entry)

    def report_open(self, code: str, entry: Entry) -> None:
        """An element without an end tag, and the tag that ended it."""
        self.report(code, entry.start, entry.length, tag=entry.tag, **self.cause(entry.ended))

    def cause(self, end: End | None) -> dict[str, str | int]:
        """The tag that caused a problem, and its line."""
        return {"other": str(end), "line": self.lines.line(end.start)} if end else {"other": ""}

    def report(self, code: str, start: int, length: int, **values: str | int) -> None:
        """One problem for one place; the first stays."""
        if start not in self.problems and len(self.problems) < self.most:
            self.problems[start] = Problem(code, self.source[start : start + length], values)
