"""What comes of rendering a template, as plain data that can be sent from one process to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Origin: TypeAlias = tuple[int, int, int, int]
"""Length of the rendered piece; number of the file it is from; start and length of what was written there.

Equal lengths mean static text, unequal ones a value, which is only ever located as a whole expression.
A value as long as its expression has an origin for each code point.
"""

Span: TypeAlias = tuple[int, int, int]
"""Number of a file, start and length of a place in it."""

OUT_OF_MEMORY = "limit-template-memory"
"""The trouble of a template that needs more memory than there is for it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a template: what kind, its words, and the place."""

    code: str
    detail: str
    place: Span


@dataclass(frozen=True, slots=True)
class Rendered:
    """One rendering: the label of its context, its text, the origin of each piece of it, and what came up."""

    context: str
    text: str
    origins: tuple[Origin, ...]
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All renderings of one template, the files that went into it, and the conditions with an outcome nobody saw."""

    renderings: tuple[Rendered, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    """Name and bytes; the template itself comes first."""
    troubles: tuple[Trouble, ...] = ()
    unreached: tuple[tuple[Span, bool], ...] = ()
    """The condition, and the outcome it never had."""


def to_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as JSON has it. Bytes become text in which each code point stands for one byte."""
    return {
        "renderings": [
            (one.context, str(one.text), one.origins, [_flat(trouble) for trouble in one.troubles])
            for one in outcome.renderings
        ],
        "files": [(name, raw.decode("latin-1")) for name, raw in outcome.files],
        "troubles": [_flat(trouble) for trouble in outcome.troubles],
        "unreached": outcome.unreached,
    }


def from_json(data: dict[str, Any]) -> Outcome:
    """The outcome that `to_json` made `data` of."""
    return Outcome(
        tuple(
            Rendered(context, text, tuple(map(tuple, origins)), tuple(map(_trouble, troubles)))
            for context, text, origins, troubles in data["renderings"]
        ),
        tuple((name, raw.encode("latin-1")) for name, raw in data["files"]),
        tuple(map(_trouble, data["troubles"])),
        tuple((tuple(place), outcome) for place, outcome in data["unreached"]),
    )


def _flat(trouble: Trouble) -> tuple[str, str, Span]:
    return trouble.code, trouble.detail, trouble.place


def _trouble(row: list[Any]) -> Trouble:
    code, detail, place = row
    return Trouble(code, detail, tuple(place))
