"""Outlook's conditional comments: practice in e-mail, and what goes wrong with them.

Three forms are right. Hidden from all but Outlook: `<!--[if mso]> ... <![endif]-->`. Shown by all others:
`<!--[if !mso]><!--> ... <!--<![endif]-->` and `<![if !mso]> ... <![endif]>`, whose two ends are comments each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from spamlint.html.problem import Problem
from spamlint.source import Range, Text

if TYPE_CHECKING:
    from turbohtml import Token

UNCLOSED: Final = "conditional-unclosed"
UNOPENED: Final = "conditional-unopened"
BAD_OPENER: Final = "conditional-bad-opener"
BAD_CLOSER: Final = "conditional-bad-closer"
NESTED: Final = "conditional-nested"

_RIGHT_OPENER: Final = "<!--[if ...]>"
_HIDING_END: Final = "<![endif]-->"
_SHOWING_END: Final = "<!--<![endif]-->"
_PLAIN_END: Final = "<![endif]>"
_WORD_END: Final = "<!--[endif]-->"

_OPENER: Final = re.compile(r"<!--\[if\b([^\]<>]*)\]>", re.IGNORECASE)
_PLAIN_OPENER: Final = re.compile(r"<!\[\s*if\b([^\]<>]*)\]\s*>", re.IGNORECASE)
_WORD_OPENER: Final = re.compile(r"<!--\[if\b([^\]<>]*)\]-->", re.IGNORECASE)
"""Word's `<![if ...]>` as browsers and webmail write it out again; it ends with `<!--[endif]-->`."""
_BAD_OPENERS: Final = (
    ("space", re.compile(r"<!--\s+\[\s*if\b([^\]<>]*)\]>?", re.IGNORECASE)),
    ("bracket", re.compile(r"<!--\s*(?:\[\s*if\b([^\]<>]*)>|if\b([^\]<>]*)\]>)", re.IGNORECASE)),
    ("end", re.compile(r"<!--\[if\b([^\]<>]*)\](?!>)", re.IGNORECASE)),
    ("bracket", re.compile(r"<!\[\s*if\b([^\]<>]*)>", re.IGNORECASE)),
)
_REVEALS: Final = re.compile(r"\s*(?:<!(?:--)?\s*)?-->\Z")
"""What follows an opener whose content is for all others."""
_ENDS: Final = re.compile(r"<!\[endif\]\s*--\s*>\Z", re.IGNORECASE)
_CLOSER: Final = re.compile(r"(?:<!--\s*)?<!\[endif\]\s*(?:--)?>\Z", re.IGNORECASE)
_WORD_CLOSER: Final = re.compile(r"<!--\[endif\]-->\Z", re.IGNORECASE)
_RUNAWAY_CLOSER: Final = re.compile(r"(?:<!--\s*)?<!\[endif\]\s*>", re.IGNORECASE)
"""A closer without `--` inside a comment, which therefore runs on."""
_BAD_CLOSER: Final = re.compile(r"[<!\-\s]*(?:\[\s*/?\s*end\s?if\b|/?\s*end\s?if\s*\])[^<]*\Z", re.IGNORECASE)
_INNER_OPENER: Final = re.compile(r"<!--\s*\[if\b[^\]<>]*\]>?", re.IGNORECASE)
_TAIL: Final = 60
"""Code points at the end of a comment in which its closer is looked for."""


@dataclass(frozen=True, slots=True)
class Conditional:
    """A conditional comment; `hidden`: only Outlook sees its content. The places are ranges of `source`."""

    source: Text
    named: Range
    held: Range
    hidden: bool

    @property
    def expression(self) -> Text:
        """What stands behind `if`."""
        return self.source[slice(*self.named)]

    @property
    def content(self) -> Text:
        """What it holds."""
        return self.source[slice(*self.held)]


@dataclass(frozen=True, slots=True)
class _Open:
    """An opener whose closer is a comment of its own; `told`: it is a problem already."""

    start: int
    end: int
    expression: Range
    closer: str
    told: bool = False


def read_conditionals(
    source: Text, comments: Iterable[Token], start_of: Callable[[Token], int]
) -> tuple[Sequence[Conditional], Sequence[Problem]]:
    """The conditional comments among `comments` of `source`, and those that are badly made."""
    reader = _Reader(source)
    for comment in comments:
        written = comment.source or ""
        if "if" in written[:_TAIL].lower():
            start = start_of(comment)
            end = start + len(written)
            reader.read(source.value[start:end], start, end)
    for opened in reader.open:
        if not opened.told:
            reader.problem(UNCLOSED, opened.start, opened.end, "unclosed", opened.closer)
    reader.problems.sort(key=lambda problem: problem.text.range_in(source))
    return tuple(reader.conditionals), tuple(reader.problems)


class _Reader:
    """The comments read one by one: what is open, and what was found."""

    def __init__(self, source: Text) -> None:
        self.source = source
        self.open: list[_Open] = []
        self.conditionals: list[Conditional] = []
        self.problems: list[Problem] = []
        self.surplus = 0
        """Closers to come that belong to nested openers, which are told of already."""

    def read(self, value: str, start: int, end: int) -> None:
        """One comment, `source[start:end]`."""
        if (found := _OPENER.match(value)) is not None:
            self.opener(value, start, found)
        elif (found := _PLAIN_OPENER.match(value) or _WORD_OPENER.match(value)) is not None:
            closer = _PLAIN_END if value.startswith("<![") else _WORD_END
            self.push(start, end, found, closer)
        elif not self.closer(value, start, end):
            self.bad_opener(value, start)

    def opener(self, value: str, start: int, found: re.Match[str]) -> None:
        """A comment that starts with `<!--[if ...]>`: all of it, or the first end of a revealing one."""
        at = found.end()
        if _REVEALS.match(value, at):
            self.push(start, start + len(value), found, _SHOWING_END)
            return
        ends = _ENDS.search(value, max(at, len(value) - _TAIL))
        stop = ends.start() if ends else len(value)
        for inner in _INNER_OPENER.finditer(value, at, stop):
            self.problem(NESTED, start + inner.start(), start + inner.end(), "nested", "")
            self.surplus += 1
        held = start + at, start + stop
        self.conditionals.append(Conditional(self.source, self.expression(start, found), held, hidden=True))
        if ends is None:
            self.missing_end(value, start, found)

    def missing_end(self, value: str, start: int, found: re.Match[str]) -> None:
        """A hiding comment that does not end as it must: what stands in place of its end."""
        bad = _RUNAWAY_CLOSER.search(value, found.end())
        if bad is not None:
            self.problem(BAD_CLOSER, start + bad.start(), start + bad.end(), "dashes", _HIDING_END)
            return
        bad = _BAD_CLOSER.search(value, max(found.end(), len(value) - _TAIL))
        if bad is not None:
            self.problem(BAD_CLOSER, start + bad.start(), start + bad.end(), "closer", _HIDING_END)
        else:
            self.problem(UNCLOSED, start, start + found.end(), "unclosed", _HIDING_END)

    def closer(self, value: str, start: int, end: int) -> bool:
        """A comment that ends a revealing one, well or badly; whether it is one."""
        if _CLOSER.match(value):
            self.close(start, end)
        elif _WORD_CLOSER.match(value):
            if self.open and self.open[-1].closer == _WORD_END:
                self.close(start, end, word=True)
            else:
                self.bad_closer(start, end, "opening")
        elif (runaway := _RUNAWAY_CLOSER.match(value)) is not None:
            self.bad_closer(start, start + runaway.end(), "dashes")
        elif len(value) <= _TAIL and (_BAD_CLOSER.match(value)):
            self.bad_closer(start, end, "closer")
        else:
            return False
        return True

    def close(self, start: int, end: int, *, word: bool = False) -> None:
        """A right closer; `word`: of the form that only fits Word's opener."""
        if self.open:
            opened = self.open.pop()
            if opened.closer == _WORD_END and not word and not opened.told:
                self.problem(BAD_OPENER, opened.start, opened.end, "end", _RIGHT_OPENER)
            self.conditionals.append(Conditional(self.source, opened.expression, (opened.end, start), hidden=False))
        elif self.surplus:
            self.surplus -= 1
        else:
            self.problem(UNOPENED, start, end, "unopened", "")

    def bad_closer(self, start: int, end: int, wrong: str) -> None:
        """A closer that is not written as it must be; it counts as one all the same."""
        self.problem(BAD_CLOSER, start, end, wrong, self.open[-1].closer if self.open else _HIDING_END)
        if self.open:
            self.open.pop()

    def bad_opener(self, value: str, start: int) -> None:
        """An opener that Outlook does not take for one."""
        for wrong, pattern in _BAD_OPENERS:
            found = pattern.match(value)
            if found is None:
                continue
            self.problem(BAD_OPENER, start, start + found.end(), wrong, _RIGHT_OPENER)
            if "endif]" not in value[-_TAIL:].lower():
                self.push(start, start + len(value), found, _SHOWING_END, told=True)
            return

    def push(self, start: int, end: int, found: re.Match[str], closer: str, *, told: bool = False) -> None:
        """An opener whose closer is another comment."""
        self.open.append(_Open(start, end, self.expression(start, found), closer, told))

    def expression(self, start: int, found: re.Match[str]) -> Range:
        """What stands behind `if`."""
        group = found.lastindex or 1
        blanks = len(found[group]) - len(found[group].lstrip())
        return start + found.start(group) + blanks, start + found.end(group)

    def problem(self, code: str, start: int, end: int, wrong: str, expected: str) -> None:
        """One problem: `wrong` says in a word what it is, `expected` how it is written right."""
        self.problems.append(Problem(code, self.source[start:end], {"wrong": wrong, "expected": expected}))
