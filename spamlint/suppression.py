"""Comments in a draft that keep findings out of its verdict, and what became of each of them.

    <!-- spamlint-ignore images/missing-alt, links/* reason -->    the next line, or its own where more stands in it
    <!-- spamlint-ignore-start html --> ... <!-- spamlint-ignore-end html -->
    <!-- spamlint-ignore-file accessibility/no-language reason -->

The same in the comments of template languages: {# #}, {% comment %}, <%# %>, <%-- --%>, {{!-- --}}, {{! }}, {{/* */}}.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spamlint.rule import Hit, Rule
from spamlint.source import Range, Source, Text, source_text

Scope: TypeAlias = Literal["line", "start", "end", "file"]

WORD = b"spamlint-ignore"
_COMMENTS = (
    ("<!--", r"-->"),
    ("{{!--", r"--~?\}\}"),
    ("{{!", r"\}\}"),
    ("{{/*", r"\*/\s*-?\}\}"),
    ("{#-", r"#\}"),
    ("{#", r"#\}"),
    ("<%--", r"--%>"),
    ("<%#", r"%>"),
)
"""How comments begin and end; a beginning that is longer than another stands before it."""
_BLOCK = re.compile(r"\{%-?\s*comment\b[^%]{0,100}%\}\s*\Z")
_BLOCK_END = r"\{%-?\s*endcomment\s*-?%\}"
_LONGEST = 2_000
_BODY = re.compile(r"spamlint-ignore(?:-(start|end|file))?(?![\w-])\s*")
_NAME = re.compile(r"[A-Za-z0-9*?\[\]!_-]+(?:/[A-Za-z0-9*?\[\]!_-]+)?")
_COMMA = re.compile(r"\s*,\s*")


@dataclass(frozen=True, eq=False)
class Comment:
    """One comment: what it names, with places, and the bytes in which findings of that are left out."""

    scope: Scope
    start: int
    end: int
    names: tuple[tuple[str, Range], ...]
    first: int
    last: int

    def covers(self, start: int | None) -> bool:
        """Whether a finding that starts there is meant; None stands for the message as a whole."""
        return self.scope == "file" if start is None else self.first <= start <= self.last


class Suppressions:
    """The comments of one draft; it remembers which of them were of use."""

    def __init__(self, source: Source, *, html: bool = True) -> None:
        self.source = source
        self.comments = read_comments(source.data, html=html)
        self.dropped: Counter[str] = Counter()
        """Rule id -> how many findings were left out."""
        self._used: set[tuple[Comment, str]] = set()
        self._starts = [comment.start for comment in self.comments]
        self._names = {name for comment in self.comments for name, _ in comment.names}

    def remaining(self, rule: Rule, hits: Iterable[Hit]) -> Iterator[Hit]:
        """Those of `hits` that no comment keeps out."""
        names = {name for name in self._names if rule.is_named(name)}
        named = [(comment, name) for comment in self.comments for name, _ in comment.names if name in names]
        for hit in hits:
            start = self._start(hit.text)
            if start is not None and self._is_inside(start):
                continue  # what stands in the comment itself is no content
            meant = {(comment, name) for comment, name in named if comment.covers(start)}
            if meant:
                self._used |= meant
                self.dropped[rule.id] += hit.count
            else:
                yield hit

    def counted(self, hidden: Collection[str]) -> tuple[tuple[str, int], ...]:
        """How many findings of each rule were left out, but for rules that would not have been told anyway."""
        return tuple(sorted((rule, number) for rule, number in self.dropped.items() if rule not in hidden))

    def _is_inside(self, start: int) -> bool:
        """Whether one of the comments holds that byte."""
        number = bisect_right(self._starts, start) - 1
        return number >= 0 and start < self.comments[number].end

    def _start(self, text: Text | None) -> int | None:
        """Where `text` starts in the file; None for what does not stand in it."""
        span = text.span if text is not None else None
        return span.start if span is not None and span.source is self.source else None

    def unused(self, enabled: Sequence[Rule]) -> Iterator[tuple[str, Text]]:
        """Each name that kept nothing out, though a rule of it was run."""
        told = {name for name in self._names if any(rule.is_named(name) for rule in enabled)}
        for comment in self.comments:
            for name, place in comment.names:
                if name in told and (comment, name) not in self._used:
                    yield name, source_text(self.source, *place)

    def unknown(self, every: Sequence[Rule]) -> Iterator[tuple[str, Text]]:
        """Each name of no rule; a comment that names nothing at all is told whole."""
        known = {name for name in self._names if any(rule.is_named(name) for rule in every)}
        for comment in self.comments:
            for name, place in comment.names:
                if name not in known:
                    yield name, source_text(self.source, *place)
            if not comment.names and comment.scope != "end":
                yield "", source_text(self.source, comment.start, comment.end)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a check on the comments themselves is given: the comments after all rules were run, and which these are."""

    comments: Suppressions
    enabled: Sequence[Rule]
    every: Sequence[Rule]


def read_comments(data: bytes, *, html: bool = True) -> tuple[Comment, ...]:
    """The comments in the bytes of a draft. Without `html`, as in a text file, HTML comments are text to read."""
    if WORD not in data:
        return ()
    value = data.decode("latin-1")
    found = [comment for at in re.finditer(WORD.decode(), value) if (comment := _comment(value, at.start(), html))]
    return tuple(_spread(value, found))


def _comment(value: str, at: int, html: bool) -> Comment | None:
    """The comment around the word at `at`; what it covers is not worked out yet."""
    before = value[max(0, at - 150) : at]
    head = before.rstrip()
    opening, closing = "", ""
    for begins, ends in _COMMENTS:
        if head.endswith(begins):
            opening, closing = begins, ends
            break
    start = at - (len(before) - len(head)) - len(opening)
    if not opening:
        block = _BLOCK.search(before)
        if block is None:
            return None
        start, closing = at - len(before) + block.start(), _BLOCK_END
    end = re.compile(closing).search(value, at, at + _LONGEST)
    if end is None or (opening == "<!--" and not html):
        return None
    body = _BODY.match(value, at)
    if body is None:
        return None
    scope: Scope = body[1] or "line"  # type: ignore[assignment]
    return Comment(scope, start, end.end(), tuple(_names(value, body.end(), end.start())), 0, -1)


def _names(value: str, at: int, end: int) -> Iterator[tuple[str, Range]]:
    """What stands before the reason: names, separated by commas."""
    while found := _NAME.match(value, at, end):
        if not found[0].strip("-"):
            return
        yield found[0], found.span()
        comma = _COMMA.match(value, found.end(), end)
        if comma is None:
            return
        at = comma.end()


def _spread(value: str, comments: Sequence[Comment]) -> Iterator[Comment]:
    """The comments with what they cover; the end of a block is part of its start where it closes one."""
    targets = _targets(value, comments)
    ends = _block_ends(comments, len(value))
    opened: set[frozenset[str]] = set()
    for comment in comments:
        first, last, names = 0, -1, comment.names
        if comment.scope == "file":
            last = len(value)
        elif comment.scope == "line":
            first, last = targets[comment.start]
        elif comment.scope == "start":
            first, last = comment.end, ends[comment.start]
            opened.add(_set(comment))
        elif _set(comment) in opened:
            names = ()
        yield Comment(comment.scope, comment.start, comment.end, names, first, last)


def _block_ends(comments: Sequence[Comment], behind: int) -> Mapping[int, int]:
    """Start of a comment -> the next end of a block that names the same, or nothing, which ends every block."""
    found: dict[int, int] = {}
    following: dict[frozenset[str], int] = {}
    for comment in reversed(comments):
        if comment.scope == "end":
            following[_set(comment)] = comment.start
        names = _set(comment)
        found[comment.start] = min(following.get(names, behind), following.get(frozenset(), behind))
    return found


def _set(comment: Comment) -> frozenset[str]:
    return frozenset(name for name, _ in comment.names)


def _targets(value: str, comments: Sequence[Comment]) -> Mapping[int, Range]:
    """Start of a comment on lines -> what it covers; several in lines of their own cover the same."""
    found: dict[int, Range] = {}
    alone: dict[int, Range] = {}
    for comment in reversed(comments):
        if comment.scope == "line":
            found[comment.start] = _lines(value, comment, alone)
            if found[comment.start][0] >= comment.end:
                alone[comment.start] = found[comment.start]
    return found


def _lines(value: str, comment: Comment, alone: Mapping[int, Range]) -> Range:
    """The lines of the comment, or the next one with something in it where the comment stands alone."""
    first = max(value.rfind("\n", 0, comment.start), value.rfind("\r", 0, comment.start)) + 1
    last = _line_end(value, comment.end)
    if value[first : comment.start].strip() or value[comment.end : last].strip():
        return first, last
    something = re.compile(r"\S|\Z").search(value, last)
    at = something.start() if something else len(value)
    if at in alone:
        return alone[at]
    last = _line_end(value, at)
    opened = value.rfind("<", at, last)
    if opened > value.rfind(">", at, last):  # a tag that goes on: no comment can stand inside it
        closed = value.find(">", last, last + _LONGEST)
        last = _line_end(value, closed) if closed >= 0 else last
    return at, last


def _line_end(value: str, at: int) -> int:
    found = re.compile(r"[\r\n]|\Z").search(value, at)
    return found.start() if found else len(value)
