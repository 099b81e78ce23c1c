"""The words of what a reader sees, split once for all checks that count them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spamlint.message import Message
from spamlint.source import Text

READ = 10_000
"""Code points of each text that are split: the tone of a message shows early."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The beginning of one text of the body, and its words: what stands between white space, signs and all."""

    text: Text
    every: list[str]
    distinct: frozenset[str]
    capitals: frozenset[str]
    """The distinct words without small letters, with at least one capital."""

    def count(self, weight: Mapping[str, int]) -> int:
        """The sum of the weights of all words that have one."""
        return sum(map(weight.__getitem__, filter(weight.__contains__, self.every))) if weight else 0


def words_read(message: Message) -> tuple[Words, ...]:
    """The words of each text of the body."""
    return tuple(_words(text[:READ] if len(text) > READ else text) for text in message.body)


def _words(text: Text) -> Words:
    every = text.value.split()
    distinct = frozenset(every)
    return Words(text, every, distinct, frozenset(filter(str.isupper, distinct)))
