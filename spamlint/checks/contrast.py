"""Checks on how hard text is to read: too little contrast, letters that are too small."""

from __future__ import annotations

from collections.abc import Iterator

from spamlint.hidden.spots import Spot, seen
from spamlint.message import Message
from spamlint.rule import Hit

FEWEST_LETTERS = 3
"""Letters below which a piece of text is a sign: an arrow, a dot, a bar between links."""


def low_contrast(message: Message, *, below: float = 4.5) -> Iterator[Hit]:
    """Each piece of text whose contrast with its background is below what WCAG asks for, and below `below`.

    `faintness` is 100 divided by the contrast: 40 at a contrast of 2.5, 100 where nothing is to be seen.
    """
    for spot in message.fact(seen).spots("faint"):
        ratio = spot.look.contrast
        if ratio is not None and ratio < below and _is_text(spot):
            values = {"ratio": f"{ratio:.1f}", "colour": _hex(spot.look.colour), "ground": _hex(spot.look.ground)}
            yield Hit(spot.text, {**values, "faintness": int(100 / ratio)})


def small_text(message: Message) -> Iterator[Hit]:
    """Each piece of text in letters that are too small to be read."""
    for spot in message.fact(seen).spots("small"):
        if _is_text(spot):
            yield Hit(spot.text, {"size": f"{spot.look.size:.0f}"})


def _is_text(spot: Spot) -> bool:
    return sum(map(len, spot.words)) >= FEWEST_LETTERS


def _hex(colour: tuple[int, int, int] | None) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour or ())
