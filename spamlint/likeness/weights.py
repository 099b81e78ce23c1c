"""The weights that come with spamlint: one feature in a line, as `0.85 click here`, in the order of the features.

`benchmarks/train_likeness.py` writes the file; every weight is positive, so nothing in a message counts in its favour
but its length, and what the list does not know counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("weights.txt")

HALF = "<half>"
"""The name of the line that gives `Weights.half`."""


class Weights(NamedTuple):
    """Features by kind, each with its weight."""

    every: Mapping[str, float]
    """The weight of each feature by its name."""
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    half: float
    """A sum of weights at which mail of the training is as often unwanted as wanted: 50 of 100."""


@cache
def weights() -> Weights:
    """The weights, read once."""
    return parse(FILE.read_text("utf-8"))


def parse(text: str) -> Weights:
    """The weights in `text`. Lines that start with "#" say what the file is."""
    every: dict[str, float] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            weight, _, feature = line.partition(" ")
            every[feature] = float(weight)
    half = every.pop(HALF)
    plain = [feature.split() for feature in every if not feature.endswith(">") and ":" not in feature]
    return Weights(
        every,
        frozenset(parts[0] for parts in plain if len(parts) == 1),
        frozenset((parts[0], parts[1]) for parts in plain if len(parts) == 2),
        half,
    )
