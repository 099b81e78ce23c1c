"""What a template becomes, as Texts: each place in a rendering leads to the template, or to a file it includes."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from typing import TypeAlias

from spamlint.coverage import NotCovered
from spamlint.source import Bundle, Range, Source, Text
from spamlint.template.files import template_text
from spamlint.template.outcome import Origin, Outcome, Span, Trouble

Piece: TypeAlias = tuple[int, int, bool]
"""Start and end of a piece of a rendering, and whether it stands in the template as it is: it is no value."""

_LITERAL = re.compile(r"""["']([^"'\n]{2,})["']""")
_NOT_TRIED = {"template-failed": "template-expression"}
"""What fails with invented values says nothing about the template: it is not covered."""
_NOT_RUN = {"unknown-tag": "template-tag", "template-project": "template-project"}
"""What is not covered in any case."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Something wrong with a template: its code, the place, and what is named in words about it."""

    code: str
    text: Text
    detail: str


@dataclass(frozen=True, eq=False)
class Rendering:
    """One message that a template can become."""

    language: str
    text: Text
    """The content, which leads to the template files."""
    context: str | None
    """The name of the context that was given; None for an invented one."""
    problems: tuple[Problem, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    files: tuple[Text, ...] = ()
    """The template, and the files it includes."""
    pieces: tuple[Piece, ...] = ()
    companions: tuple[Rendering, ...] = ()
    """What the other files of the same mail become."""
    role: str = ""
    """What the file is for in a mail of several files: "html", "text" or "subject"."""
    shared: dict[str, object] = field(default_factory=dict)
    """What was read of the template itself, for all that it becomes; see `uses`."""
    masked: bool = False
    """Whether this is the template itself, with its directives as neutral text."""
    made: tuple[Range, ...] = ()
    """The ranges between which the author's own pieces stand, in order: a compiler made what is in them."""

    def values_in(self, text: Text) -> tuple[list[Text], bool]:
        """The values in a text of the message, and whether anything else is in it."""
        start, end = text.range_in(self.text)
        at = max(bisect_left(self.pieces, (start + 1,)) - 1, 0)
        inside = list(takewhile(lambda piece: piece[0] < end, islice(self.pieces, at, None)))
        values = [self.text[first:last] for first, last, is_static in inside if not is_static]
        return values, any(is_static for _, _, is_static in inside)

    def written(self, text: Text) -> Text:
        """What stands in the template for a text of the message: for a value, its whole expression."""
        assert isinstance(self.text.outer, Bundle)
        return self.text.outer.between(*self.text.outward(*text.range_in(self.text)))

    def is_invented(self, text: Text) -> bool:
        """Whether a text of the message lies wholly in values that nobody gave."""
        if any(one.is_invented(text) for one in self.companions):
            return True
        if self.context is not None or not text.value or not text.lies_in(self.text):
            return False
        if self.made and self._is_made(*text.range_in(self.text)):
            return True
        values, has_static = self.values_in(text)
        if has_static or not values:
            return False
        return not any(_is_said(text.value, self.written(value).value) for value in values)

    def _is_made(self, start: int, end: int) -> bool:
        number = bisect_right(self.made, (start, len(self.text))) - 1
        return number >= 0 and end <= self.made[number][1]


def _is_said(found: str, written: str) -> bool:
    """Whether what was found is the author's: in a block, or as words of an expression: {{ 'javascript:' ~ name }}."""
    if written.startswith("{%"):
        return True
    return any(said[1] in found or found in said[1] for said in _LITERAL.finditer(written))


def renderings(source: Source, outcome: Outcome, language: str, *, invented: bool) -> tuple[Rendering, ...]:
    """What `outcome` says of the template in `source`, as Texts. What cannot be rendered has its tags masked."""
    texts = [template_text(source), *(template_text(Source(name, raw)) for name, raw in outcome.files[1:])]
    bundle = Bundle(tuple(texts))
    reasons = {**_NOT_RUN, **(_NOT_TRIED if invented else {})}
    troubles = [trouble for trouble in outcome.troubles if trouble.code not in reasons]
    unseen = [(reasons[trouble.code], trouble.place) for trouble in outcome.troubles if trouble.code in reasons]
    unseen += [("template-branch", place) for place, _ in outcome.unreached]
    not_covered = tuple(dict.fromkeys(_not_covered(bundle, *row) for row in unseen))
    found = []
    shared: dict[str, object] = {}
    for one in outcome.renderings:
        problems = (*troubles, *(trouble for trouble in one.troubles if not invented))
        pieces = _pieces(one.origins)
        text = bundle.assembled(one.text, one.origins)
        context = None if invented else one.context
        whole = _problems(bundle, problems)
        found.append(Rendering(language, text, context, whole, not_covered, bundle.texts, pieces, shared=shared))
    return tuple(found) or (_unrendered(bundle, language, troubles, not_covered),)


def _unrendered(
    bundle: Bundle, language: str, troubles: Sequence[Trouble], not_covered: tuple[NotCovered, ...]
) -> Rendering:
    """The template itself, with its tags as neutral text of the same length."""
    from spamlint.template.mask import masked

    text = masked(bundle.texts[0], language, bundle=bundle).text
    return Rendering(language, text, None, _problems(bundle, troubles), not_covered, bundle.texts, masked=True)


def with_notes(
    found: Sequence[Rendering], not_covered: Sequence[NotCovered] = (), problems: Sequence[Problem] = ()
) -> tuple[Rendering, ...]:
    """The renderings, with more that is wrong with the template, and more of it that was not looked at."""
    if not not_covered and not problems:
        return tuple(found)
    return tuple(
        replace(one, problems=(*problems, *one.problems), not_covered=(*one.not_covered, *not_covered)) for one in found
    )


def _problems(bundle: Bundle, troubles: Sequence[Trouble]) -> tuple[Problem, ...]:
    return tuple(Problem(one.code, bundle.cut(*one.place), one.detail) for one in dict.fromkeys(troubles))


def _not_covered(bundle: Bundle, reason: str, place: Span) -> NotCovered:
    found = bundle.cut(*place).place
    return NotCovered("", reason, (found.file or "", found.line, found.column))


def _pieces(origins: Sequence[Origin]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for length, _, _, size in origins:
        pieces.append((at, at + length, length == size))
        at += length
    return tuple(pieces)
