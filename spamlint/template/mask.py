"""A template in a language that is not rendered, with its directives as neutral text of the same length.

Positions hold, and the HTML stays parseable. Of alternatives that open or close elements, or that stand inside a tag or
a style, only one can be there at a time: `branch` says which; the others become white space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from spamlint.limits import DEFAULT_LIMITS, Limits
from spamlint.source import Range, Text, shifted
from spamlint.template.blocks import Balance, Blocks, blocks_of
from spamlint.template.directives import scan
from spamlint.template.neutral import ADDRESSES, blank, filled, nothing, said
from spamlint.template.roles import Part, parts_of
from spamlint.template.spots import Spot, beyond
from spamlint.template.syntax import syntax_of

UNCLOSED: Final = "unclosed-directive"
UNMATCHED: Final = "unmatched-block"
LIMIT: Final = "limit-template-problems"
LOOK_BACK: Final = 120
"""Code points before a directive that say what fits."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a template: a code, its place, and what a message about it may name."""

    code: str
    text: Text
    values: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Masked:
    """A template without its directives. `text` is as long as the template, and its places are those of the template."""

    text: Text
    problems: tuple[Problem, ...] = ()
    branches: int = 1
    """How many values of `branch` it takes to see every alternative."""


def masked(
    text: Text, language: str, *, html: bool = True, branch: int = 0, limits: Limits = DEFAULT_LIMITS
) -> Masked:
    """`text`, a template in `language`, with its directives as neutral text; of alternatives number `branch` stays."""
    value, syntax = text.value, syntax_of(language)
    found = scan(value, syntax, limits.template_problems)
    parts = parts_of(value, found.directives, syntax)
    blocks = blocks_of(parts)
    pieces = list(_pieces(value, parts, found.unclosed, html=html))
    spots = {end: spot for _, end, _, spot in pieces}
    dropped, branches = _alternatives(value, blocks, spots, branch)
    made = _assembled(value, [(start, end, new) for start, end, new, _ in pieces], dropped)
    problems = [
        *(Problem(UNCLOSED, text[start:end], {"directive": value[start:end]}) for start, end in found.unclosed),
        *(_unmatched(text, part) for part in blocks.unmatched[: limits.template_problems]),
    ]
    problems.sort(key=lambda problem: problem.text.range_in(text))
    if found.read < len(value) or len(blocks.unmatched) > limits.template_problems:
        problems.append(Problem(LIMIT, text[found.read : found.read]))
    return Masked(Text(made, text, lambda: shifted(0)), tuple(problems), branches)


_Piece: TypeAlias = tuple[int, int, str, Spot]
"""Start and end of a piece that is replaced, the new text, and where in the HTML it stands."""


def _pieces(value: str, parts: Sequence[Part], unclosed: Sequence[Range], *, html: bool) -> Iterator[_Piece]:
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
        new = _new(value[start:end], beside, value[end : end + 1], part, spot)
        before = (before + new)[-LOOK_BACK:]
        yield start, end, new, spot


def _new(written: str, before: str, after: str, part: Part | None, spot: Spot) -> str:
    """What stands for one directive; for the mere beginning of one where there is no part."""
    if part is None or part.directive.kind == "comment":
        return blank(written)
    is_value = part.role == "value"
    if part.role == "nothing" and part.directive.kind == "tag" and spot.attribute in ADDRESSES:
        is_value = not before.strip() or not spot.quote
    known = said(written, spot) if part.role in ("value", "nothing") else None
    return known or (filled if is_value else nothing)(written, before, after, spot)


def _alternatives(
    value: str, blocks: Blocks, spots: Mapping[int, Spot], branch: int
) -> tuple[list[Range], int]:
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


def _assembled(value: str, pieces: Sequence[tuple[int, int, str]], dropped: Sequence[Range]) -> str:
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
        start = max(start, at)
        if start < end:
            out += (made[at:start], blank(made[start:end]))
            at = end
    return "".join((*out, made[at:]))


def _unmatched(text: Text, part: Part) -> Problem:
    place = text[part.directive.start : part.directive.end]
    return Problem(UNMATCHED, place, {"directive": place.value, "ends": int(part.role == "close")})
