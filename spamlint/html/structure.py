"""Tags that are stray, unclosed or misnested, and content out of place: the tokens against the tree of the parser."""

from __future__ import annotations

from collections.abc import Sequence

from spamlint.html.problem import Problem
from spamlint.source import Text


def structure_problems(source: Text, end: int) -> Sequence[Problem]:
    """What is wrong with the nesting in `source` up to `end`, in its order."""
    return ()
