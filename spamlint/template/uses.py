"""What a template does with its values, read from its own text: the same for every language, rendered or masked."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar, cast

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.source import Text
from spamlint.template.blocks import Condition, blocks_of
from spamlint.template.directives import scan
from spamlint.template.mask import assembled, pieces_of
from spamlint.template.names import OTHERWISE, bound_in, is_known_word, names_in
from spamlint.template.rendering import Rendering
from spamlint.template.roles import LONGEST, Part, parts_of
from spamlint.template.spots import Spot
from spamlint.template.syntax import SYNTAXES, syntax_of

T = TypeVar("T")

_INCLUDING: Final = frozenset(
    [
        "block", "call", "component", "embed", "extends", "include", "includeWithVars", "insert", "layout",
        "mj-include", "parse", "partial", "render", "section", "slot", "snippet", "template", "yield",
    ]
)  # fmt: skip
_CALLED = re.compile(r"\w\s*\(|\bget_")
_ASKS = re.compile(r"\W*(?:if\w*|el\w*if|else if|else|unless|case|when)\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_BLANKS = re.compile(r"\s*")
_MOST_AROUND: Final = 40
"""Blocks around a place that are looked at, the innermost first."""
_MARKS: Final = "*|%[]!${}="
_TRIMMED: Final = "-+~_ \t\r\n#/^>*&{}="


@dataclass(frozen=True)
class Use:
    """A directive of a template: where it begins and ends, what it does, what it says, and where in the HTML it is."""

    start: int
    end: int
    part: Part
    code: str
    """What stands between its signs."""
    written: str
    spot: Spot

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of values in it: `user.name`."""
        return names_in(self.code)

    @property
    def is_value(self) -> bool:
        """Whether it leaves text behind."""
        return self.part.role == "value" and self.part.directive.kind != "comment"

    @cached_property
    def brings_a_file(self) -> bool:
        """Whether it puts in what stands elsewhere."""
        if self.written.startswith(("{{>", "{{~>", "{{ >", "{{#>")):
            return True
        word = re.search(r"[\w-]+", self.code)
        return word is not None and word[0] in _INCLUDING and (self.part.role != "open" or word[0] != "block")

    @property
    def extends(self) -> bool:
        """Whether it says which layout the file goes into."""
        return self.code.startswith(("extends", "layout"))


@dataclass(frozen=True)
class Sheet:
    """One file of a mail as its author wrote it."""

    role: str
    """One of "html", "text", "subject"."""
    language: str
    file: Text
    masked: str
    """The file with neutral text of the same length for its directives; nothing of it is left out."""
    uses: tuple[Use, ...]
    conditions: tuple[Condition, ...]
    beside: tuple[str, ...] = ()
    """The texts of the files that it includes, as far as they are known."""
    answers: dict[tuple[Callable[..., object], str], object] = field(default_factory=dict)
    """What was asked of it before; see `once`."""

    def once(self, find: Callable[[Sheet, str], T], about: str = "") -> T:
        """What `find` gives for this file and `about`, found once for all mails that the file becomes."""
        if (find, about) not in self.answers:
            self.answers[find, about] = find(self, about)
        return cast(T, self.answers[find, about])

    @cached_property
    def names(self) -> frozenset[str]:
        """Every word that may be the name of a value that is shown, or a part of one, in small letters.

        What a condition only asks for is not shown.
        """
        shown = [use.written for use in self.uses if use.is_value or not _ASKS.match(use.code)]
        words = {word for written in (*shown, *self.beside) for word in _WORD.findall(written)}
        return frozenset(word.lower() for word in words)

    @cached_property
    def local(self) -> frozenset[str]:
        """The names that the template itself gives to something."""
        return frozenset(name for use in self.uses for name in bound_in(use.written))

    @cached_property
    def given_otherwise(self) -> frozenset[str]:
        """Those of them that come with something for where their value is missing, or from a function."""
        given = (use for use in self.uses if OTHERWISE.search(use.code) or _CALLED.search(use.code))
        return frozenset(name for use in given for name in bound_in(use.written))

    @cached_property
    def parents(self) -> tuple[int, ...]:
        """For each condition the number of that in which it stands, -1 for none."""
        found: list[int] = []
        waiting: list[int] = []
        for number, one in enumerate(self.conditions):
            while waiting and self.conditions[waiting[-1]].end.directive.start < one.marks[0].directive.start:
                waiting.pop()
            found.append(waiting[-1] if waiting else -1)
            waiting.append(number)
        return tuple(found)

    @cached_property
    def _starts(self) -> list[int]:
        return [one.marks[0].directive.start for one in self.conditions]

    def around(self, offset: int) -> Iterator[Condition]:
        """The blocks in which `offset` stands, the innermost first."""
        number = bisect_left(self._starts, offset) - 1
        while number >= 0 and self.conditions[number].end.directive.start < offset:
            number = self.parents[number]
        for _ in range(_MOST_AROUND):
            if number < 0:
                return
            yield self.conditions[number]
            number = self.parents[number]

    def text(self, use: Use) -> Text:
        """The place of a directive."""
        return self.file[use.start : use.end]


def sheets(template: Rendering, *, html: bool, limits: Limits = DEFAULT_LIMITS) -> tuple[Sheet, ...]:
    """The files of the mail that `template` is of, in the order html, text, subject; `html`: whether it has HTML."""
    main = template.role or ("html" if html else "text")
    found = [sheet(template, main, limits), *(sheet(one, one.role, limits) for one in template.companions)]
    return tuple(one for role in ("html", "text", "subject") for one in found if one.role == role)


def sheet(template: Rendering, role: str, limits: Limits = DEFAULT_LIMITS) -> Sheet:
    """The file of `template` as its author wrote it, read once for all that it becomes."""
    known = template.shared.get(role)
    if not isinstance(known, Sheet):
        known = template.shared[role] = _read(template, role, limits)
    return known


def _read(template: Rendering, role: str, limits: Limits) -> Sheet:
    file = template.files[0]
    beside = tuple(text.value for text in template.files[1:])
    if template.language not in SYNTAXES:
        return Sheet(role, template.language, file, file.value, (), (), beside)
    value, syntax = file.value, syntax_of(template.language)
    found = scan(value, syntax, limits.template_problems)
    parts = parts_of(value, found.directives, syntax)
    pieces = list(pieces_of(value, parts, found.unclosed, syntax, html=role == "html"))
    spots = {end: spot for _, end, _, spot in pieces}
    uses = tuple(_uses(value, parts, spots))
    masked = assembled(value, [(start, end, new) for start, end, new, _ in pieces])
    return Sheet(role, template.language, file, masked, uses, _paired(value, blocks_of(parts).conditions), beside)


def _uses(value: str, parts: tuple[Part, ...], spots: dict[int, Spot]) -> Iterator[Use]:
    for part in parts:
        one = part.directive
        if one.kind in ("comment", "raw"):
            continue
        code = value[one.inner_start : min(one.inner_end, one.inner_start + LONGEST)].strip(_TRIMMED)
        written = value[one.start : min(one.end, one.start + LONGEST)]
        if one.inner_start == one.start:  # the marks of mail services
            code = code.strip(_MARKS)
        yield Use(one.start, one.end, part, code, written, spots.get(one.end, Spot()))


def _paired(value: str, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The conditions as they begin, where `{{#name}}` and the `{{^name}}` that follows it count as one."""
    found: list[Condition] = []
    ends: dict[int, int] = {}
    for one in sorted(conditions, key=lambda condition: condition.marks[0].directive.start):
        mark = one.marks[0]
        before = ends.get(mark.directive.start)
        if before is not None and _is_inverse(value, found[before].marks[0], mark):
            found[before] = joined = Condition((*found[before].marks, *one.marks), one.end)
        else:
            before, joined = len(found), one
            found.append(one)
        blanks = _BLANKS.match(value, joined.end.directive.end)
        ends[blanks.end() if blanks else 0] = before
    return tuple(found)


def _is_inverse(value: str, first: Part, second: Part) -> bool:
    signs = (
        value[first.directive.start : first.directive.start + 3],
        value[second.directive.start : second.directive.start + 3],
    )
    return signs == ("{{#", "{{^") and first.name == second.name


def is_own_tag(use: Use) -> bool:
    """Whether a value is one that the mail service fills in by itself, under its own name."""
    return any(is_known_word(name) for name in use.names)
