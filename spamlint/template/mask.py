"""A template in a language that is not rendered, with its directives as neutral text of the same length.

Positions hold, and the HTML stays parseable. Of alternatives that open or close elements, or that stand inside a tag or
a style, only one can be there at a time: `branch` says which; the others become white space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.source import Bundle, Range, Source, Text
from spamlint.template.blocks import Balance, Blocks, blocks_of
from spamlint.template.directives import Scan, scan
from spamlint.template.files import template_text
from spamlint.template.mjml import as_html
from spamlint.template.neutral import ADDRESSES, blank, filled, nothing, said
from spamlint.template.rendering import Piece, Problem, Rendering
from spamlint.template.roles import Part, parts_of
from spamlint.template.spots import Spot, beyond
from spamlint.template.syntax import Syntax, syntax_of

UNCLOSED: Final = "template-unclosed"
UNMATCHED: Final = "template-unmatched"
LIMIT: Final = "limit-template-problems"
LOOK_BACK: Final = 120
"""Code points before a directive that say what fits."""
MOST_BRANCHES: Final = 4
"""Sets of alternatives that are looked at."""
PHRASES: Final = frozenset(
    [
        "a",
        "b",
        "button",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "i",
        "li",
        "p",
        "span",
        "strong",
        "td",
        "th",
        "title",
    ]
)
"""Elements that hold words."""


@dataclass(frozen=True, slots=True, eq=False)
class Masked:
    """A template without its directives. `text` is as long as the template, and its places are those of it."""

    text: Text
    problems: tuple[Problem, ...] = ()
    branches: int = 1
    """How many values of `branch` it takes to see every alternative."""
    values: tuple[Range, ...] = ()
    """The ranges of the text that are not the template's own."""


def masked_renderings(source: Source, language: str, content_type: str, limits: Limits) -> tuple[Rendering, ...]:
    """The messages that a template in a language without a renderer can become, one for each set of alternatives."""
    bundle = Bundle((template_text(source),))
    found: list[Rendering] = []
    shared: dict[str, object] = {}
    while True:
        one = masked(
            bundle.texts[0], language, html=content_type == "text/html", branch=len(found), limits=limits, bundle=bundle
        )
        text, pieces = _assembled_mjml(one, bundle) if language == "mjml" else (one.text, _with_static(one.values, one))
        found.append(
            Rendering(language, text, None, one.problems, (), bundle.texts, pieces, shared=shared, masked=True)
        )
        if len(found) >= min(one.branches, MOST_BRANCHES):
            return tuple(found)


def unclosed(source: Source, language: str, limits: Limits) -> tuple[Problem, ...]:
    """The directives of a template that have no end, which a renderer takes for text."""
    bundle = Bundle((template_text(source),))
    found = scan(bundle.texts[0].value, syntax_of(language), limits.template_problems)
    return _problems(bundle, found, Blocks((), (), ()), limits.template_problems)


def masked(
    text: Text,
    language: str,
    *,
    html: bool = True,
    branch: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    bundle: Bundle | None = None,
) -> Masked:
    """`text`, a template in `language`, with its directives as neutral text; of alternatives number `branch` stays.

    `bundle` holds `text` as its first.
    """
    value, syntax = text.value, syntax_of(language)
    found = scan(value, syntax, limits.template_problems)
    parts = parts_of(value, found.directives, syntax)
    blocks = blocks_of(parts)
    pieces = list(pieces_of(value, parts, found.unclosed, syntax, html=html))
    dropped, branches = _alternatives(value, blocks, {end: spot for _, end, _, spot in pieces}, branch)
    made = assembled(value, [(start, end, new) for start, end, new, _ in pieces], dropped)
    bundle = bundle or Bundle((text,))
    return Masked(
        bundle.assembled(made, ((len(value), 0, 0, len(value)),)),
        _problems(bundle, found, blocks, limits.template_problems),
        branches,
        tuple((start, end) for start, end, _, _ in pieces if end > start),
    )


def _assembled_mjml(one: Masked, bundle: Bundle) -> tuple[Text, tuple[Piece, ...]]:
    """A masked template in MJML as HTML, and its pieces."""
    value = one.text.value
    out: list[str] = []
    rows: list[tuple[int, int, int, int]] = []
    pieces: list[Piece] = []
    at = length = 0
    waiting = list(reversed(_with_static(one.values, one)))

    def copied(end: int) -> None:
        nonlocal at, length
        while waiting and at < end:
            start, last, is_static = waiting.pop()
            stop = min(last, end)
            if stop < last:
                waiting.append((stop, last, is_static))
            first = max(start, at)
            if first < stop:
                out.append(value[first:stop])
                rows.append((stop - first, 0, first, stop - first))
                pieces.append((length, length + stop - first, is_static))
                length += stop - first
            at = stop

    for new, start, size in as_html(value):
        copied(start)
        out.append(new)
        rows.append((len(new), 0, start, size))
        pieces.append((length, length + len(new), True))
        length += len(new)
        at = start + size
    copied(len(value))
    return bundle.assembled("".join(out), rows), tuple(pieces)


def _with_static(values: Sequence[Range], one: Masked) -> tuple[Piece, ...]:
    """All pieces of a masked text in order, each with whether it is the template's own."""
    pieces: list[Piece] = []
    at = 0
    for start, end in (*values, (len(one.text), len(one.text))):
        if start > at:
            pieces.append((at, start, True))
        if end > start:
            pieces.append((start, end, False))
        at = end
    return tuple(pieces)


def _problems(bundle: Bundle, found: Scan, blocks: Blocks, most: int) -> tuple[Problem, ...]:
    """What is wrong with the directives, in the order of the template."""
    value = bundle.texts[0].value
    rows = [(start, end, UNCLOSED) for start, end in found.unclosed]
    unmatched = (part.directive for part in blocks.unmatched[:most])
    rows += ((one.start, one.end, UNMATCHED) for one in unmatched)
    if found.read < len(value) or len(blocks.unmatched) > most:
        rows.append((found.read, found.read, LIMIT))
    rows.sort()
    return tuple(Problem(code, bundle.cut(0, start, end - start), value[start:end]) for start, end, code in rows)


_Piece: TypeAlias = tuple[int, int, str, Spot]
"""Start and end of a piece that is replaced, the new text, and where in the HTML it stands."""


def pieces_of(
    value: str, parts: Sequence[Part], unclosed: Sequence[Range], syntax: Syntax, *, html: bool
) -> Iterator[_Piece]:
    """Each piece that is replaced, in order."""
    steps: list[tuple[int, int, Part | None]] = [(part.directive.start, part.directive.end, part) for part in parts]
    steps += ((start, end, None) for start, end in unclosed)
    steps.sort(key=lambda step: step[0])
    spot, before, at = Spot(), "", 0
    for start, end, part in steps:
        if html:
            spot = beyond(value, at, start, spot)
        before = (before + value[max(at, start - LOOK_BACK) : start])[-LOOK_BACK:]
        at = end
        if part is not None and part.directive.kind == "raw":
            one = part.directive
            yield start, one.inner_start, blank(value[start : one.inner_start]), spot
            yield one.inner_end, end, blank(value[one.inner_end : end]), spot
            if html:
                spot = beyond(value, one.inner_start, one.inner_end, spot)
            continue
        own = start - spot.start
        beside = before if spot.where != "value" else before[-own:] if own else ""
        new = _new(value[start:end], beside, value[end : end + 1], part, spot, syntax)
        before = (before + new)[-LOOK_BACK:]
        yield start, end, new, spot


def _new(written: str, before: str, after: str, part: Part | None, spot: Spot, syntax: Syntax) -> str:
    """What stands for one directive; for the mere beginning of one where there is no part."""
    if part is None or part.directive.kind == "comment" or spot.where == "comment":
        return blank(written)
    is_value = part.role == "value"
    if part.role == "nothing" and part.directive.kind == "tag" and part.name not in syntax.silent:
        # A tag that is not known may leave text behind: where else there would be none, it is taken to do so.
        if spot.where == "value" and spot.attribute in ADDRESSES:
            is_value = not before.strip() or not spot.quote
        elif spot.where == "text" and spot.tag in PHRASES:
            is_value = before.rstrip().endswith(">")
    known = said(written, spot) if part.role in ("value", "nothing") else None
    return known or (filled if is_value else nothing)(written, before, after, spot)


def _alternatives(value: str, blocks: Blocks, spots: Mapping[int, Spot], branch: int) -> tuple[list[Range], int]:
    """What is left out, in order, and how many branches it takes to see all."""
    if not blocks.choices:
        return [], 1
    balance = Balance(value)
    dropped: list[Range] = []
    most = 1
    for choice in blocks.choices:
        spot = spots[choice.branches[0][0]]
        if spot.where in ("text", "comment") and not any(balance.of(*one) for one in choice.branches):
            continue
        most = max(most, len(choice.branches))
        chosen = min(branch, len(choice.branches) - 1)
        dropped += (one for number, one in enumerate(choice.branches) if number != chosen and one[0] < one[1])
    dropped.sort()
    return dropped, most


def assembled(value: str, pieces: Sequence[tuple[int, int, str]], dropped: Sequence[Range] = ()) -> str:
    """`value` with the new pieces, and white space for what is dropped."""
    out: list[str] = []
    at = 0
    for start, end, new in pieces:
        out += (value[at:start], new)
        at = end
    made = "".join((*out, value[at:]))
    if not dropped:
        return made
    out, at = [], 0
    for start, end in dropped:
        first = max(start, at)
        if first < end:
            out += (made[at:first], blank(made[first:end]))
            at = end
    return "".join((*out, made[at:]))
