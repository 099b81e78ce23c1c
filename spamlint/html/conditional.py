"""Outlook's conditional comments: practice in e-mail, and what goes wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spamlint.html.problem import Problem
from spamlint.source import Text


@dataclass(frozen=True, slots=True)
class Conditional:
    """A conditional comment: `expression` is what stands behind `if`; `hidden`: only Outlook sees `content`."""

    expression: Text
    content: Text
    hidden: bool


def read_conditionals(source: Text, comments: Sequence[Text]) -> tuple[Sequence[Conditional], Sequence[Problem]]:
    """The conditional comments among `comments`, slices of `source`, and those that are badly made."""
    return (), ()
